"""What an organisation may be, when it may change, and what is missing from it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from marketplace import clock
from marketplace.moves import Moves
from marketplace.permissions import OrgRole


class Kind(StrEnum):
    """What an organisation is in law, as far as it matters here."""

    CHARITY = "charity"
    COMMUNITY_GROUP = "community_group"
    COMMUNITY_INTEREST_COMPANY = "community_interest_company"
    FAITH_GROUP = "faith_group"
    PUBLIC_BODY = "public_body"
    OTHER = "other"


class State(StrEnum):
    """Where an organisation's registration stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_WORK = "needs_work"
    APPROVED = "approved"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class InvitationState(StrEnum):
    """Where an invitation stands; one that is open may also have expired."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What happens to organisations and their people."""

    REGISTERED = "organisation.registered"
    SUBMITTED = "organisation.submitted"
    CHANGED = "organisation.changed"
    APPROVED = "organisation.approved"
    RETURNED = "organisation.returned"
    REFUSED = "organisation.refused"
    SUSPENDED = "organisation.suspended"
    REINSTATED = "organisation.reinstated"
    CLOSED = "organisation.closed"
    TRUSTED = "organisation.trusted"
    TRUST_ENDED = "organisation.trust_ended"
    INVITATION_MADE = "invitation.made"
    INVITATION_WITHDRAWN = "invitation.withdrawn"
    INVITATION_ACCEPTED = "invitation.accepted"
    INVITATION_DECLINED = "invitation.declined"
    MEMBERSHIP_CHANGED = "membership.changed"
    ACTING_ALLOWED = "organisation.acting_allowed"
    ACTING_ENDED = "organisation.acting_ended"


ORGANISATION_MOVES = Moves(
    "registration",
    {
        State.DRAFT: frozenset({State.SUBMITTED, State.CLOSED}),
        State.SUBMITTED: frozenset({State.NEEDS_WORK, State.APPROVED, State.REFUSED, State.CLOSED}),
        State.NEEDS_WORK: frozenset({State.SUBMITTED, State.REFUSED, State.CLOSED}),
        State.APPROVED: frozenset({State.SUSPENDED, State.CLOSED}),
        State.SUSPENDED: frozenset({State.APPROVED, State.CLOSED}),
    },
)
INVITATION_MOVES = Moves(
    "invitation",
    {
        InvitationState.OPEN: frozenset(
            {InvitationState.ACCEPTED, InvitationState.DECLINED, InvitationState.WITHDRAWN}
        ),
    },
)

# Ended for good: nothing of it may be changed, and its charity number is free again.
ENDED = frozenset({State.REFUSED, State.CLOSED})
# Things may be prepared before approval, so that nobody waits for a moderator to start.
AT_WORK = frozenset({State.DRAFT, State.SUBMITTED, State.NEEDS_WORK, State.APPROVED})
# From sending on, what a moderator reads and the public sees must stay complete.
COMPLETE = frozenset({State.SUBMITTED, State.APPROVED, State.SUSPENDED})

INVITATION_LASTS = timedelta(days=14)
# Mail in our name to strangers is what an unknown registration would be misused for.
INVITATIONS_BEFORE_APPROVAL = 5
MOST_CAUSES = 5

KIND_LABELS = MappingProxyType(
    {
        Kind.CHARITY: "Registered charity",
        Kind.COMMUNITY_GROUP: "Community group",
        Kind.COMMUNITY_INTEREST_COMPANY: "Community interest company",
        Kind.FAITH_GROUP: "Faith group",
        Kind.PUBLIC_BODY: "Public body",
        Kind.OTHER: "Something else",
    }
)
ROLE_LABELS = MappingProxyType(
    {
        OrgRole.OWNER: ("Owner", "Answers for the organisation: details, people and all below"),
        OrgRole.COORDINATOR: ("Coordinator", "Posts opportunities, runs shifts, confirms hours"),
        OrgRole.LIBRARIAN: ("Librarian", "Looks after the things that are lent"),
        OrgRole.GRANTS_OFFICER: ("Grants officer", "Runs funds, or applies for them"),
        OrgRole.ASSESSOR: ("Assessor", "Reads and scores applications"),
        OrgRole.FINANCE: ("Finance", "Looks after payments"),
        OrgRole.TRUSTEE: ("Trustee", "Reads everything except volunteers’ details"),
        OrgRole.MEMBER: ("Member", "Belongs to the organisation"),
    }
)
STATE_LABELS = MappingProxyType(
    {
        State.DRAFT: "Not sent yet",
        State.SUBMITTED: "Waiting for approval",
        State.NEEDS_WORK: "Sent back to you",
        State.APPROVED: "Approved",
        State.REFUSED: "Refused",
        State.SUSPENDED: "Suspended",
        State.CLOSED: "Closed",
    }
)

_CHARITY_NUMBER = re.compile(r"(?:SC|NIC)?[0-9]{5,7}(?:-[0-9]{1,4})?")
_COMPANY_NUMBER = re.compile(r"(?:[0-9]{8}|[A-Z]{2}[0-9]{6})")


@dataclass(frozen=True, slots=True)
class Details:
    """What an organisation says of itself; empty text is what was left out."""

    name: str
    summary: str = ""
    description: str = ""
    causes: tuple[str, ...] = ()
    address: str = ""
    town: str = ""
    postcode: str = ""
    website: str = ""
    contact_email: str = ""
    contact_phone: str = ""


NEEDED = MappingProxyType(
    {
        "name": ("a name", "Enter the name of the organisation"),
        "summary": ("a summary", "Say in a sentence or two what the organisation does"),
        "causes": ("a cause", "Choose at least one cause"),
        "postcode": ("a postcode", "Enter a postcode, so that people nearby can find you"),
        "contact_email": (
            "an e-mail address",
            "Enter an e-mail address that people may write to",
        ),
    }
)


def missing(details: Details) -> list[str]:
    """Name the fields that a moderator needs and that are empty; NEEDED has the words."""
    return [name for name in NEEDED if not getattr(details, name)]


def charity_number(text: str) -> str | None:
    """Write a charity number as registers do; None when it has not the shape of one.

    England and Wales use figures alone, Scotland begins with SC, Northern Ireland with NIC.
    """
    compact = re.sub(r"[\s.,]+", "", text).upper()
    return compact if _CHARITY_NUMBER.fullmatch(compact) else None


def company_number(text: str) -> str | None:
    """Write a company number as Companies House does, eight characters; None when it is none."""
    compact = re.sub(r"[\s.-]+", "", text).upper()
    if compact.isdecimal() and compact.isascii() and 6 <= len(compact) < 8:
        compact = compact.zfill(8)
    return compact if _COMPANY_NUMBER.fullmatch(compact) else None


_FORM_OF_LAW = frozenset({"the", "ltd", "limited", "cio", "cic", "trust", "charity", "and", "of"})


def same_name(one: str, other: str) -> bool:
    """Tell whether two names mean the same but for case, marks and words such as "Limited"."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> Sequence[str]:
    words = re.findall(r"[^\W_]+", name.casefold().replace("’", "").replace("'", ""))
    return [word for word in words if word not in _FORM_OF_LAW] or words


_SMALL = frozenset({"a", "an", "and", "at", "by", "for", "in", "of", "on", "the", "to", "with"})
_INITIALS = frozenset({"cic", "cio", "nhs", "uk", "u3a", "ymca", "ywca", "pta", "rspca", "ii"})


def readable(name: str) -> str:
    """Write a name that the register keeps in capitals as people would."""
    if not name.isupper():
        return name
    words = name.lower().split()
    return " ".join(
        word.upper()
        if word.strip("()") in _INITIALS
        else word
        if word.rstrip("),") in _SMALL and place
        else re.sub(r"(^|[(/-])(\w)", lambda found: found[1] + found[2].upper(), word)
        for place, word in enumerate(words)
    )


def same_postcode(one: str, other: str) -> bool:
    """Tell whether two postcodes are one, however spaced."""
    return re.sub(r"\s+", "", one).upper() == re.sub(r"\s+", "", other).upper()


def may_invite(state: State, open_invitations: int) -> bool:
    """Tell whether one more invitation may be sent."""
    if state is State.APPROVED:
        return True
    return state in AT_WORK and open_invitations < INVITATIONS_BEFORE_APPROVAL


def expired(expires_at: datetime, now: datetime) -> bool:
    """Tell whether an invitation is too old to be answered."""
    return now >= expires_at


def masked(email: str) -> str:
    """Show just enough of an address for its owner to know it: "s…@example.org"."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain}"


# Fewer than this say nothing about how fast an organisation is.
REPLIES_SHOWN_FROM = 10
_SPEEDS = (
    (4 * 60, "Usually replies within a few hours"),
    (24 * 60, "Usually replies within a day"),
    (3 * 24 * 60, "Usually replies within three days"),
    (7 * 24 * 60, "Usually replies within a week"),
)


def answers_words(replies: int, minutes: int | None, away_until: date | None, today: date) -> str:
    """Say how fast an organisation replies, or until when nobody does; "" where it is not known.

    `minutes` is the median of its first replies in the last 90 days.
    """
    if away_until is not None and away_until >= today:
        return f"Away until {clock.date_words(away_until)}: answers come after that"
    if replies < REPLIES_SHOWN_FROM or minutes is None:
        return ""
    words = (words for most, words in _SPEEDS if minutes <= most)
    return next(words, "Usually takes more than a week to reply")
