"""The tables of volunteering; their constraints are in migration 0006.

Wall times stand beside instants: `local_start` and `local_end` are what the coordinator said, in
`zone`; `starts_at` and `ends_at` are what everything is judged by.
"""

from typing import Any

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Text,
    Timestamp,
    Timestamptz,
)
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import impersonal, not_personal, personal
from marketplace.ids import new_id
from marketplace.places.columns import GridPoint
from marketplace.volunteering.opportunities.rules import Expenses
from marketplace.volunteering.rules import (
    BookingState,
    CancelledBy,
    HoursState,
    OpportunityState,
    ProposedBy,
    ShiftState,
    Timing,
)


class Instants(Column):
    """A half-open range of instants (tstzrange), as asyncpg's Range."""

    value_type = object

    def __init__(self, **kwargs: Any) -> None:
        self.default = None
        super().__init__(default=None, **kwargs)

    @property
    def column_type(self) -> str:
        """Name the type as PostgreSQL does."""
        return "TSTZRANGE"


_published = not_personal("the organisation writes it to be read by everybody")
_contact = personal("third-party", keep="until the opportunity is deleted or another is named")


class Opportunity(Table):
    """What an organisation asks volunteers to do.

    `accepted_text` is what it said when a moderator accepted it, and `recheck_since` when that
    changed; `touched_at` is when the organisation last did something about it, `asked_at` since
    when it is asked whether this is still open, `faded_at` since when it is left out of lists.
    """

    id = UUID(primary_key=True, default=new_id)
    organisation_id = UUID(default=None)
    title = _published(Text())
    summary = _published(Text())
    description = _published(Text())
    state = Text(choices=OpportunityState, default=OpportunityState.DRAFT)
    causes = _published(Array(base_column=Text()))
    skills = _published(Array(base_column=Text()))
    remote = Boolean(default=False)
    place_name = _published(Text())
    town = _published(Text())
    postcode = _published(Text())
    point = not_personal("where the opportunity takes place")(GridPoint())
    place_private = Boolean(default=False)
    getting_there = _published(Text())
    expenses = _published(Text())
    expenses_paid = Text(choices=Expenses, default=Expenses.UNSAID)
    access = _published(Array(base_column=Text()))
    support = _published(Array(base_column=Text()))
    contact_name = _contact(Text())
    contact_how = _contact(Text())
    timing = Text(choices=Timing, default=Timing.SHIFTS)
    availability = _published(Text())
    deadline = _published(Date(null=True, default=None))
    image_id = UUID(null=True, default=None)
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz(default=clock.now)
    published_at = Timestamptz(null=True, default=None)
    submitted_at = Timestamptz(null=True, default=None)
    accepted_at = Timestamptz(null=True, default=None)
    accepted_text = _contact(JSONB(null=True, default=None))
    moderator_note = not_personal("about the opportunity, written to the organisation")(Text())
    recheck_since = Timestamptz(null=True, default=None)
    touched_at = Timestamptz(default=clock.now)
    asked_at = Timestamptz(null=True, default=None)
    faded_at = Timestamptz(null=True, default=None)


class Role(Table):
    """What one volunteer does; `minimum_age` is in years, 0 for any age.

    `wanted` and `least_needed` are people a shift, for shifts that are planned from now on.
    """

    id = UUID(primary_key=True, default=new_id)
    opportunity_id = ForeignKey(Opportunity, null=False)
    title = _published(Text())
    description = _published(Text())
    position = Integer(default=0)
    minimum_age = Integer(default=18)
    wanted = Integer(default=1)
    least_needed = Integer(default=0)
    skills = _published(Array(base_column=Text()))
    retired_at = Timestamptz(null=True, default=None)


@impersonal("a shift says when and how many, never who")
class Shift(Table):
    """One dated period of a role; its places are counted here, under the row's lock.

    `taken` are booked; `held` are kept for somebody: offered, or reserved by a group. `sequence`
    counts the changes that a calendar shows; the database does.
    """

    id = UUID(primary_key=True, default=new_id)
    role_id = ForeignKey(Role, null=False)
    opportunity_id = ForeignKey(Opportunity, null=False)
    state = Text(choices=ShiftState, default=ShiftState.PLANNED)
    starts_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)
    local_start = Timestamp(default=None)
    local_end = Timestamp(default=None)
    zone = Text(default="Europe/London")
    places = Integer(default=1)
    least_needed = Integer(default=0)
    taken = Integer(default=0)
    held = Integer(default=0)
    note = Text()
    series_id = UUID(null=True, default=None)
    series_start = Timestamp(null=True, default=None)
    own_terms = Boolean(default=False)
    sequence = Integer(default=0)
    sequenced_at = Timestamptz(default=clock.now)


class Booking(Table):
    """One person's place on one shift; `period` repeats the shift's for the exclusion.

    `reason` is what the volunteer was told when somebody else gave the place back.
    """

    id = UUID(primary_key=True, default=new_id)
    shift_id = ForeignKey(Shift, null=False)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    state = Text(choices=BookingState, default=BookingState.CONFIRMED)
    period = personal("subject", keep="without a name, as long as the shift")(Instants())
    cancelled_by = Text(choices=CancelledBy, null=True, default=None)
    booked_at = Timestamptz(default=clock.now)
    cancelled_at = Timestamptz(null=True, default=None)
    reason = personal("subject", keep="account")(Text())


class Hours(Table):
    """The time one person gave in a role on a day, in minutes; mostly that of one booking.

    The role and the day of a booking's hours are filled in by the database. `confirmed_by` None
    means the system did it. `disputed_minutes` is how long the other side says it was.
    """

    id = UUID(primary_key=True, default=new_id)
    booking_id = ForeignKey(Booking, null=True, default=None)
    role_id = UUID(null=True, default=None)
    on_date = personal("subject", keep="without a name, as long as the organisation")(
        Date(null=True, default=None)
    )
    person_id = UUID(default=None)
    organisation_id = UUID(default=None)
    minutes = Integer(default=0)
    state = Text(choices=HoursState, default=HoursState.PROPOSED)
    proposed_by = Text(choices=ProposedBy, default=ProposedBy.ATTENDANCE)
    note = personal("subject", keep="account")(Text())
    disputed_by = Text(choices=ProposedBy, null=True, default=None)
    disputed_minutes = Integer(null=True, default=None)
    dispute = personal("subject", keep="account")(Text())
    created_at = Timestamptz(default=clock.now)
    confirmed_by = UUID(null=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)


class PersonalView(Table):
    """That somebody looked at others' data: append-only."""

    id = UUID(primary_key=True, default=new_id)
    viewer_id = UUID(default=None)
    subject_type = not_personal("a kind of row, such as shift")(Text())
    subject_id = UUID(default=None)
    at = Timestamptz(default=clock.now)
