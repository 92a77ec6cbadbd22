"""Reading opportunities: one for its page, many for a list."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.organisations.rules import answers_words
from marketplace.permissions import Actor, Permission
from marketplace.volunteering import private_places
from marketplace.volunteering.opportunities.rules import Expenses
from marketplace.volunteering.queries import place_words
from marketplace.volunteering.rules import (
    UNPUBLISHED,
    OpportunityState,
    Readiness,
    Timing,
    missing,
)

NO_SUCH = "We cannot find that opportunity. It may have been taken down."

# A view is made of these by `of_row`, also in statements that read more beside it.
COLUMNS = (
    "o.id, o.organisation_id, o.title, o.summary, o.description, o.state, o.causes,"
    " o.skills, o.remote, o.place_name, o.town, o.postcode, o.point, o.getting_there,"
    " o.place_private,"
    " o.expenses, o.contact_name, o.contact_how, o.timing, o.availability, o.deadline,"
    " o.published_at,"
    " o.image_id, o.expenses_paid, o.access, o.support, o.submitted_at, o.accepted_at,"
    " o.moderator_note, o.recheck_since, o.touched_at, o.asked_at, o.faded_at,"
    " role.role_id, role.minimum_age, role.role_count, g.trusted_at IS NOT NULL AS trusted,"
    " g.name AS organisation_name, g.away_until, g.replies, g.reply_minutes,"
    " g.state AS organisation_state, g.summary AS organisation_summary"
)
TABLES = (
    " FROM opportunity o JOIN organisation g ON g.id = o.organisation_id"
    " CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE r.retired_at IS NULL) AS role_count,"
    "  min(r.minimum_age) FILTER (WHERE r.retired_at IS NULL) AS minimum_age,"
    "  (array_agg(r.id ORDER BY r.retired_at NULLS FIRST, r.position, r.id))[1] AS role_id"
    "  FROM role r WHERE r.opportunity_id = o.id) AS role"
)


@dataclass(frozen=True, slots=True)
class OpportunityView:
    """An opportunity and who asks; `point` is OSGB36 metres or None.

    Of its roles that are not retired, and there is always one, `role_id` is the first and
    `minimum_age` the lowest, in years: read `roles` for what each of them asks.
    """

    id: UUID
    organisation_id: UUID
    title: str
    summary: str
    description: str
    state: OpportunityState
    causes: Sequence[str]
    skills: Sequence[str]
    remote: bool
    place_name: str
    town: str
    postcode: str
    point: tuple[float, float] | None
    getting_there: str
    place_private: bool
    expenses: str
    contact_name: str
    contact_how: str
    timing: Timing
    availability: str
    deadline: date | None
    published_at: datetime | None
    image_id: UUID | None
    expenses_paid: Expenses
    access: Sequence[str]
    support: Sequence[str]
    submitted_at: datetime | None
    accepted_at: datetime | None
    moderator_note: str
    recheck_since: datetime | None
    touched_at: datetime
    asked_at: datetime | None
    faded_at: datetime | None
    role_id: UUID
    minimum_age: int
    role_count: int
    trusted: bool
    organisation_name: str
    organisation_state: str
    organisation_summary: str
    away_until: date | None
    replies: int
    reply_minutes: int | None

    @property
    def answers(self) -> str:
        """Say how fast its organisation replies, or until when nobody does; "" if not known."""
        return answers_words(self.replies, self.reply_minutes, self.away_until, clock.today())

    @property
    def approved(self) -> bool:
        """Tell whether its organisation may appear in public."""
        return self.organisation_state == "approved"

    @property
    def needs_moderator(self) -> bool:
        """Tell whether a moderator has to look before it can be public."""
        return self.state in UNPUBLISHED and not self.trusted

    @property
    def public(self) -> bool:
        """Tell whether anybody may find and book it."""
        return self.state is OpportunityState.OPEN and self.approved

    @property
    def flexible(self) -> bool:
        """Tell whether it has no shifts that people choose from."""
        return self.timing is not Timing.SHIFTS

    @property
    def place(self) -> str:
        """Write the place in one line, "" without one."""
        return place_words(self.place_name, self.town, self.postcode)

    def lacks(self, upcoming_shifts: int) -> list[tuple[str, str]]:
        """Name what is missing before it can be published, as (field, sentence)."""
        return missing(
            Readiness(
                title=self.title,
                summary=self.summary,
                remote=self.remote,
                located=self.point is not None,
                contact_name=self.contact_name,
                contact_how=self.contact_how,
                timing=self.timing,
                upcoming_shifts=upcoming_shifts,
                deadline_passed=self.deadline is not None and self.deadline < clock.today(),
            )
        )


def _view(row: dict[str, Any]) -> OpportunityView:
    point = row["point"]
    return OpportunityView(
        **{
            **row,
            "state": OpportunityState(row["state"]),
            "timing": Timing(row["timing"]),
            "expenses_paid": Expenses(row["expenses_paid"]),
            "point": (point.x, point.y) if point else None,
        }
    )


def may_see(actor: Actor, opportunity: OpportunityView) -> bool:
    """Tell whether an actor may see it: what is not published is the organisation's own."""
    if actor.system:
        return True
    if opportunity.state not in UNPUBLISHED and opportunity.published_at and opportunity.approved:
        return True
    return actor.can(Permission.VIEW_DRAFTS, opportunity.organisation_id)


async def opportunity(actor: Actor, id: UUID, *, lock: bool = False) -> OpportunityView:
    """Read one opportunity; `lock` keeps it still until the open transaction ends.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
    """
    row = await db.fetch_one(
        f"SELECT {COLUMNS}{TABLES} WHERE o.id = {{}}" + (" FOR NO KEY UPDATE OF o" if lock else ""),
        id,
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return await of_row(actor, row)


async def of_row(actor: Actor, row: dict[str, Any]) -> OpportunityView:
    """Give what an actor may see of a row of `COLUMNS`.

    Raises:
        NotFound: the actor may not know that there is such an opportunity.
    """
    view = _view(row)
    booked = (
        await _has_place(actor, view) if view.place_private or not may_see(actor, view) else False
    )
    if not may_see(actor, view) and not booked:
        raise NotFound(NO_SUCH)
    works_on_it = actor.system or actor.can(Permission.VIEW_DRAFTS, view.organisation_id)
    return view if works_on_it or booked else in_public(view)


def in_public(view: OpportunityView) -> OpportunityView:
    """Give an opportunity as everybody sees it, its place too where that is private."""
    row = asdict(view) | {"point": Point(*view.point) if view.point else None}
    private_places.hide(row)
    return _view(row | {"place_private": view.place_private})


async def _has_place(actor: Actor, opportunity: OpportunityView) -> bool:
    """Tell whether an actor was promised a place before it was taken down."""
    if actor.person_id is None or opportunity.published_at is None or not opportunity.approved:
        return False
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM booking b JOIN shift s ON s.id = b.shift_id"
        " WHERE s.opportunity_id = {} AND b.person_id = {} AND b.state <> 'cancelled')",
        opportunity.id,
        actor.person_id,
    )


async def to_manage(actor: Actor, id: UUID, *, lock: bool = False) -> OpportunityView:
    """Read one opportunity for those who work on it.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
        NotAllowed: the actor does not work on this organisation's opportunities.
    """
    view = await opportunity(actor, id, lock=lock)
    actor.require(Permission.WRITE_OPPORTUNITIES, view.organisation_id)
    return view


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role; `wanted` and `least_needed` are people a shift, for new shifts."""

    id: UUID
    opportunity_id: UUID
    title: str
    description: str
    position: int
    minimum_age: int
    wanted: int
    least_needed: int
    skills: Sequence[str]
    retired_at: datetime | None

    @property
    def retired(self) -> bool:
        """Tell whether no more shifts are planned for it."""
        return self.retired_at is not None


_ROLES = (
    "SELECT id, opportunity_id, title, description, position, minimum_age, wanted, least_needed,"
    " skills, retired_at FROM role"
)


async def roles(opportunity_id: UUID, *, retired: bool = False) -> list[RoleView]:
    """List the roles of an opportunity in their order; the retired too, last, where asked."""
    rows = await db.fetch(
        f"{_ROLES} WHERE opportunity_id = {{}} AND (retired_at IS NULL OR {{}})"
        " ORDER BY retired_at NULLS FIRST, position, id",
        opportunity_id,
        retired,
    )
    return [RoleView(**row) for row in rows]


def public_text(opportunity: OpportunityView, roles: Sequence[RoleView]) -> dict[str, str]:
    """Give all that is said to the public in free words, a part at a time, as it stands."""
    words = {
        "Title": opportunity.title,
        "Summary": opportunity.summary,
        "More about it": opportunity.description,
        "Place": opportunity.place,
        "Getting there": opportunity.getting_there,
        "Times": opportunity.availability,
        "Expenses": opportunity.expenses,
        "Who to ask for": opportunity.contact_name,
        "How to reach them": opportunity.contact_how,
        "Picture": str(opportunity.image_id or ""),
    }
    for number, role in enumerate(roles, 1):
        own = "" if role.title == opportunity.title else role.title
        words[f"Role {number}"] = "\n".join(filter(None, (own, role.description)))
    return {part: text for part, text in words.items() if text}


async def role_to_manage(
    actor: Actor, id: UUID, *, lock: bool = False
) -> tuple[RoleView, OpportunityView]:
    """Read a role for those who work on it; `lock` locks its opportunity.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
        NotAllowed: the actor does not work on this organisation's opportunities.
    """
    opportunity_id = await db.fetch_value("SELECT opportunity_id FROM role WHERE id = {}", id)
    if opportunity_id is None:
        raise NotFound("We cannot find that role. It may have been taken down.")
    opportunity = await to_manage(actor, opportunity_id, lock=lock)
    row = await db.fetch_one(f"{_ROLES} WHERE id = {{}}", id)
    assert row is not None
    return RoleView(**row), opportunity


async def upcoming_shifts(opportunity_id: UUID) -> int:
    """Count the planned shifts that have not started."""
    return await db.fetch_value(
        "SELECT count(*) FROM shift WHERE opportunity_id = {} AND state = 'planned'"
        " AND starts_at > now()",
        opportunity_id,
    )


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The shift of an opportunity that a list shows, its places left, and how many are to come."""

    opportunity_id: UUID
    starts_at: datetime
    ends_at: datetime
    left: int
    shifts: int


async def upcoming(ids: Sequence[UUID]) -> dict[UUID, Upcoming]:
    """Give the next shift with a place left, or else the next, of those that have one."""
    if not ids:
        return {}
    rows = await db.fetch(
        "SELECT DISTINCT ON (opportunity_id) opportunity_id, starts_at, ends_at,"
        " places - taken - held AS left, count(*) OVER (PARTITION BY opportunity_id) AS shifts"
        " FROM shift WHERE opportunity_id = ANY({}::uuid[]) AND state = 'planned'"
        # Arranged visits are between two people, and in no list.
        " AND EXISTS (SELECT FROM opportunity o WHERE o.id = opportunity_id"
        "  AND o.timing = 'shifts')"
        " AND starts_at > now() ORDER BY opportunity_id, taken + held >= places, starts_at",
        list(ids),
    )
    return {row["opportunity_id"]: Upcoming(**row) for row in rows}
