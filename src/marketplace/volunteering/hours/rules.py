"""Who may do what with a record of hours, and whose turn it is: pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from marketplace.volunteering.rules import HoursState, ProposedBy

# How far back hours can be claimed, and how long confirmed ones can be put in question.
FURTHEST_BACK = timedelta(days=366)
QUESTIONED_WITHIN = timedelta(days=60)
MOST_A_DAY = 24 * 60


class Event(StrEnum):
    """What happens to hours, beside an organisation's confirming those of its roster."""

    CLAIMED = "hours.claimed"
    CORRECTED = "hours.corrected"
    AGREED = "hours.agreed"
    DISPUTED = "hours.disputed"
    WITHDRAWN = "hours.withdrawn"


class Side(StrEnum):
    """One of the two whose word it takes."""

    VOLUNTEER = "volunteer"
    ORGANISATION = "organisation"

    @property
    def other(self) -> "Side":
        """Give the one across the table."""
        return Side.ORGANISATION if self is Side.VOLUNTEER else Side.VOLUNTEER


class Verb(StrEnum):
    """What one side can do."""

    AGREE = "agree"
    DISPUTE = "dispute"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


def waits_for(state: HoursState, proposed_by: ProposedBy, disputed_by: Side | None) -> Side | None:
    """Tell whose turn it is; None when nothing is left to say."""
    if state is HoursState.PROPOSED:
        # The roster is the volunteer's presence: the organisation stands by it or does not.
        return Side.VOLUNTEER if proposed_by is ProposedBy.ORGANISATION else Side.ORGANISATION
    if state is HoursState.DISPUTED and disputed_by is not None:
        return disputed_by.other
    return None


def may(
    side: Side,
    state: HoursState,
    proposed_by: ProposedBy,
    disputed_by: Side | None,
    confirmed_at: datetime | None,
    now: datetime,
) -> frozenset[Verb]:
    """Give what one side can do with a record of hours."""
    turn = waits_for(state, proposed_by, disputed_by)
    if state is HoursState.CONFIRMED:
        fresh = confirmed_at is not None and now < confirmed_at + QUESTIONED_WITHIN
        return frozenset({Verb.DISPUTE}) if side is Side.VOLUNTEER and fresh else frozenset()
    if state is HoursState.PROPOSED:
        if side is turn:
            return frozenset({Verb.AGREE, Verb.DISPUTE})
        if proposed_by is ProposedBy.ATTENDANCE:
            return frozenset({Verb.DISPUTE})
        return frozenset({Verb.CORRECT, Verb.WITHDRAW})
    if state is HoursState.DISPUTED and side is turn:
        verbs = {Verb.AGREE, Verb.CORRECT}
        return frozenset(verbs | {Verb.WITHDRAW} if side is Side.VOLUNTEER else verbs)
    return frozenset()


def day_refused(on: date, today: date) -> str:
    """Say why hours of a day cannot be claimed; "" when they can."""
    if on > today:
        return "Enter a day that is past, or today"
    if on < today - FURTHEST_BACK:
        return "Enter a day within the last year. For older hours, ask the organisation"
    return ""
