"""What is asked about a booking, and every reason against it in words: pure.

A reason names the rule and leads to where it is mended. Those about the opportunity, the shift
and the person's own bookings are here; what screening, safeguarding and guardians have to say
is asked in `queries`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketplace import clock
from marketplace.offers.rules import EntryState, too_soon
from marketplace.volunteering.rules import OpportunityState, ShiftState


@dataclass(frozen=True, slots=True)
class Asking:
    """One person who would book one shift; instants are aware UTC."""

    person_id: UUID
    shift_id: UUID
    role_id: UUID
    opportunity_id: UUID
    organisation_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: a stable `code`, a sentence for the person, and where to mend it.

    `link` and `link_label` are "" where the person can do nothing; `waits` says that somebody
    else has to act first.
    """

    code: str
    sentence: str
    link: str = ""
    link_label: str = ""
    waits: bool = False


class Code(StrEnum):
    """The reasons of this feature; others have codes of their own."""

    OPPORTUNITY_CANCELLED = "opportunity_cancelled"
    NOT_OPEN = "not_open"
    SHIFT_CANCELLED = "shift_cancelled"
    STARTED = "started"
    BOOKED_ALREADY = "booked_already"
    OFFERED = "offered"
    FULL = "full"
    QUEUED = "queued"
    WAITING = "waiting"
    OVERLAP = "overlap"
    EMAIL_UNCONFIRMED = "email_unconfirmed"
    AGE = "age"


# Nothing the person does changes these, so nothing else is asked of them.
_HOPELESS = frozenset(
    {
        Code.OPPORTUNITY_CANCELLED,
        Code.NOT_OPEN,
        Code.SHIFT_CANCELLED,
        Code.STARTED,
        Code.BOOKED_ALREADY,
        Code.OFFERED,
    }
)
# Somebody who has only these against them may wait for a place.
MAY_WAIT = frozenset({Code.FULL, Code.QUEUED, Code.OVERLAP})
# Of one shift alone: the next one of the same role may do.
OF_THE_SHIFT = _HOPELESS | {Code.FULL, Code.QUEUED, Code.WAITING, Code.OVERLAP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides whether one person may book one shift.

    `free` are the places that are neither taken nor held; `others_wait` that somebody else is on
    the list; `entry` is the person's own state on it. `other_title` and `other_period` name their
    booking that overlaps, "" without one. `alternative_at` is the next shift of the opportunity
    with a place left. `offered`: a place is held for the person, who would take it. `age_known`:
    they gave their birth date, and nothing has to be ticked.
    """

    shift_id: UUID
    opportunity: OpportunityState
    organisation_approved: bool
    shift: ShiftState
    starts_at: datetime
    free: int
    minimum_age: int
    others_wait: bool = False
    entry: EntryState | None = None
    entry_id: UUID | None = None
    booked_already: bool = False
    other_title: str = ""
    other_period: str = ""
    email_confirmed: bool = True
    age_known: bool = False
    old_enough: bool = True
    alternative_id: UUID | None = None
    alternative_at: datetime | None = None
    offered: bool = False

    @property
    def age_to_tick(self) -> int:
        """Give the age to be ticked, 0 for none: under 18 a birth date is given instead."""
        return ticked_age(self.minimum_age) if not self.age_known else 0


def ticked_age(minimum_age: int) -> int:
    """Give the age that somebody without a birth date ticks for a role, 0 where it asks none."""
    return max(minimum_age, 18) if minimum_age else 0


def hopeless(reasons: list[Reason]) -> bool:
    """Tell whether nothing the person does will change it."""
    return any(reason.code in _HOPELESS for reason in reasons)


def may_wait(reasons: list[Reason]) -> bool:
    """Tell whether somebody with these reasons against them may join the list."""
    codes = {reason.code for reason in reasons}
    return bool(codes & {Code.FULL, Code.QUEUED}) and codes <= MAY_WAIT


def against(facts: Facts, now: datetime) -> list[Reason]:
    """Give every reason of the shift, the opportunity and the person; the worst first."""
    found = [_reason(code, facts) for code in Code if _applies(code, facts, now)]
    never = [reason for reason in found if reason.code in _HOPELESS]
    return never or found


def _applies(code: Code, facts: Facts, now: datetime) -> bool:
    full = facts.free < 1 and not facts.offered
    waits = facts.entry is EntryState.WAITING
    # In the last half hour nobody is asked any more: a place is whoever's comes first.
    queued = (
        not full
        and not facts.offered
        and (facts.others_wait or waits)
        and not too_soon(now, facts.starts_at)
    )
    match code:
        case Code.OPPORTUNITY_CANCELLED:
            return facts.opportunity is OpportunityState.CANCELLED
        case Code.NOT_OPEN:
            return facts.opportunity is not OpportunityState.CANCELLED and (
                facts.opportunity is not OpportunityState.OPEN or not facts.organisation_approved
            )
        case Code.SHIFT_CANCELLED:
            return facts.shift is ShiftState.CANCELLED
        case Code.STARTED:
            return facts.starts_at <= now
        case Code.BOOKED_ALREADY:
            return facts.booked_already
        case Code.OFFERED:
            return facts.entry is EntryState.OFFERED and not facts.offered
        case Code.FULL:
            return full and not waits
        case Code.QUEUED:
            return queued and not waits
        case Code.WAITING:
            return waits and (full or queued)
        case Code.OVERLAP:
            return bool(facts.other_period)
        case Code.EMAIL_UNCONFIRMED:
            return not facts.email_confirmed
        case Code.AGE:
            return facts.minimum_age > 0 and not facts.old_enough


def _reason(code: Code, facts: Facts) -> Reason:
    instead = _instead(facts)
    waitlist = f"/shifts/{facts.shift_id}/waiting"
    match code:
        case Code.OPPORTUNITY_CANCELLED:
            return Reason(
                code, "This opportunity was cancelled.", "/opportunities", "Find something else"
            )
        case Code.NOT_OPEN:
            return Reason(
                code,
                "This opportunity takes no bookings at the moment.",
                "/opportunities",
                "Find something else",
            )
        case Code.SHIFT_CANCELLED:
            return Reason(code, f"That shift was cancelled.{instead}", *_elsewhere(facts))
        case Code.STARTED:
            return Reason(
                code,
                f"That shift has started, so it cannot be booked any more.{instead}",
                *_elsewhere(facts),
            )
        case Code.BOOKED_ALREADY:
            return Reason(
                code,
                "You have a place on this shift already.",
                "/my/volunteering",
                "See your bookings",
            )
        case Code.OFFERED:
            return Reason(
                code,
                "A place on this shift is kept for you.",
                f"/my/offers/{facts.entry_id}",
                "Take the place or let it go",
            )
        case Code.FULL:
            return Reason(code, f"That shift is full.{instead}", waitlist, "Join the waitlist")
        case Code.QUEUED:
            return Reason(
                code,
                "People are waiting for a place on this shift, and the free places go to them"
                f" first.{instead}",
                waitlist,
                "Join the waitlist",
            )
        case Code.WAITING:
            return Reason(
                code,
                f"You are on the waitlist: we write to you when a place is yours.{instead}",
                waitlist,
                "See the waitlist",
                waits=True,
            )
        case Code.OVERLAP:
            what = f" for “{facts.other_title}”" if facts.other_title else ""
            # A full shift has said already where there is room.
            return Reason(
                code,
                f"You are booked{what} then ({facts.other_period}). Nobody can be in two places"
                f" at once.{instead if facts.free > 0 and not facts.offered else ''}",
                "/my/volunteering",
                "See your bookings",
            )
        case Code.EMAIL_UNCONFIRMED:
            return Reason(
                code,
                "Confirm your e-mail address: open the link in the message we sent you.",
                "/account",
                "Send the message again",
            )
        case Code.AGE:
            return Reason(
                code,
                f"Tick that you are {ticked_age(facts.minimum_age)} or over: this role is for"
                f" people of {facts.minimum_age} and over. If you are under 18, give your date of"
                " birth instead",
                f"/account/birth-date?next=/shifts/{facts.shift_id}/booking",
                "Give your date of birth",
            )


def _instead(facts: Facts) -> str:
    if facts.alternative_at is None:
        return " There are no other places at the moment."
    return f" The same opportunity has places on {_day(facts.alternative_at)}."


def _elsewhere(facts: Facts) -> tuple[str, str]:
    if facts.alternative_at is None:
        return "/opportunities", "Find something else"
    return f"/shifts/{facts.alternative_id}/booking", f"Book {_day(facts.alternative_at)}"


def _day(at: datetime) -> str:
    return clock.date_words(clock.local(at).date())
