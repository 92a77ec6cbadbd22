"""Sides, reasons and who may write: pure."""

from dataclasses import dataclass
from enum import StrEnum

from marketplace.moves import Moves

LONGEST = 4000
LONGEST_NOTE = 1000


class Side(StrEnum):
    """As whom somebody writes or reads."""

    PERSON = "person"
    ORGANISATION = "organisation"


OTHER = {Side.PERSON: Side.ORGANISATION, Side.ORGANISATION: Side.PERSON}


class Reason(StrEnum):
    """Why a message is shown to the moderators."""

    UNKIND = "unkind"
    UNSAFE = "unsafe"
    PRIVATE = "private"
    SPAM = "spam"
    OTHER = "other"


REASONS = (
    (Reason.UNKIND, "It is unkind, or frightens me"),
    (Reason.UNSAFE, "It asks for something that is not safe"),
    (Reason.PRIVATE, "It asks for my address, phone number or money"),
    (Reason.SPAM, "It has nothing to do with volunteering"),
    (Reason.OTHER, "Something else"),
)


class ReportState(StrEnum):
    """Whether a moderator has dealt with a report."""

    OPEN = "open"
    DEALT_WITH = "dealt_with"


REPORT_MOVES = Moves("report", {ReportState.OPEN: frozenset({ReportState.DEALT_WITH})})


class Event(StrEnum):
    """What happens to messages, for history and for whoever reacts."""

    SENT = "message.sent"
    REPORTED = "message.reported"
    TAKEN_DOWN = "message.taken_down"
    REPORT_DEALT_WITH = "report.dealt_with"
    BLOCKED = "message_block.made"
    UNBLOCKED = "message_block.lifted"


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether somebody may write in a thread, beside their permission.

    `open`: the subject is recent enough for the organisation to begin. `live`: it lies ahead or
    is going on. `awaited`: the other side spoke last. `blocked`: the other side wants no more.
    """

    side: Side
    open: bool
    live: bool
    awaited: bool = False
    blocked: bool = False
    left: bool = False
    at_work: bool = True


def obstacle(standing: Standing, *, safety: bool = False) -> str | None:
    """Say why this message cannot be sent; None when it can."""
    organisation = standing.side is Side.ORGANISATION
    if standing.left:
        return "This person has left, so nobody would read your message."
    if organisation and not standing.at_work:
        return "Your organisation is not approved at the moment, so it cannot write to volunteers."
    if safety and not (organisation and standing.live):
        return (
            "A message about safety is for a shift that lies ahead. Untick it, and send it as any"
            " other message"
        )
    if standing.blocked and not safety:
        return (
            "They do not want more messages from you. A colleague can write instead. If it is"
            " about safety on a shift that lies ahead, tick that it is."
            if organisation
            else "This organisation does not take more messages from you here. If you are worried"
            " about somebody’s safety, report the message you are answering."
        )
    if organisation and not (standing.open or standing.awaited):
        return (
            "This is too long ago to write about: a message needs a booking of the last three"
            " months, or one of theirs to answer."
        )
    return None
