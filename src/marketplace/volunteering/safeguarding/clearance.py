"""Who is clear for a role: what it asks for, held against what its organisation has seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.credentials import queries as credentials
from marketplace.credentials.rules import Check, Held, Kind, Need, Standing, Workforce, standing
from marketplace.permissions import Actor
from marketplace.volunteering.eligibility.rules import Asking, Reason
from marketplace.volunteering.safeguarding import reasons as words
from marketplace.volunteering.safeguarding.queries import NAME, RoleSeen

_NEEDS = (
    "SELECT r.id, c.level, c.workforce, ARRAY(SELECT t.kind FROM role_training t"
    "  WHERE t.role_id = r.id) AS kinds FROM role r"
    " LEFT JOIN LATERAL (SELECT level, workforce FROM role_check c WHERE c.role_id = r.id"
    "  ORDER BY c.decided_at DESC, c.id DESC LIMIT 1) AS c ON true"
    " WHERE r.id = ANY({}) AND (c.level IS NOT NULL"
    "  OR EXISTS (SELECT FROM role_training t WHERE t.role_id = r.id))"
)


async def needs(role_ids: Sequence[UUID]) -> dict[UUID, list[Need]]:
    """Give what each of some roles asks for, the check first; roles that ask for nothing lack."""
    rows = await db.fetch(_NEEDS, list(role_ids))
    return {row["id"]: _needs(row) for row in rows}


def _needs(row: dict[str, Any]) -> list[Need]:
    found: list[Need] = []
    if row["level"]:
        found.append(Need(Kind.CHECK, Check(row["level"]), Workforce(row["workforce"])))
    return found + [Need(kind) for kind in Kind if kind.value in row["kinds"]]


async def reasons(asking: Asking) -> list[Reason]:
    """Give what stands in the way of this booking; empty when nothing does.

    What the named person decided is judged at the last day of the shift.
    """
    person = asking.person_id
    asked_for, held = await _asked_and_held(asking.role_id, asking.organisation_id, [person])
    against = _against(asked_for, held.get(person, []), last_day(asking.ends_at))
    if not against:
        return []
    row = await db.fetch_one(
        "SELECT g.name, EXISTS (SELECT FROM check_request q WHERE q.role_id = {}"
        " AND q.person_id = {} AND q.closed_at IS NULL) AS asked FROM organisation g"
        " WHERE g.id = {}",
        asking.role_id,
        asking.person_id,
        asking.organisation_id,
    )
    assert row is not None
    return [
        words.reason(need, how, seen, row["name"], asking.role_id, asked=row["asked"])
        for need, how, seen in against
    ]


def last_day(ends_at: datetime) -> date:
    """Give the last day of a shift where it takes place: what clears somebody holds till then."""
    return clock.local(ends_at).date()


def _against(
    asked_for: Sequence[Need], held: Sequence[Held], on: date
) -> list[tuple[Need, Standing, Held | None]]:
    judged = [(need, *standing(held, need, on)) for need in asked_for]
    return [each for each in judged if each[1] is not Standing.CLEAR]


async def lacking(organisation_id: UUID, person_id: UUID, role_id: UUID) -> set[Standing]:
    """Give how somebody falls short of a role today; empty where they do not."""
    asked_for = (await needs([role_id])).get(role_id, [])
    held = (await credentials.held(organisation_id, [person_id]))[person_id]
    return {how for _, how, _ in _against(asked_for, held, clock.today())}


async def on_the_day(
    role_id: UUID, organisation_id: UUID, ends_at: datetime, people: Sequence[UUID]
) -> set[UUID]:
    """Give who of the people on a shift is not clear for it, for whoever checks in."""
    asked_for, held = await _asked_and_held(role_id, organisation_id, people)
    on = last_day(ends_at)
    return {person for person in people if _against(asked_for, held.get(person, []), on)}


async def _asked_and_held(
    role_id: UUID, organisation_id: UUID, people: Sequence[UUID]
) -> tuple[list[Need], dict[UUID, list[Held]]]:
    """Read in one statement what a role asks for and, where it does, what was seen of people."""
    rows = await db.fetch(
        f"SELECT n.level AS asked_level, n.workforce AS asked_workforce, n.kinds,"  # noqa: S608
        f" {credentials.HELD} FROM ({_NEEDS}) AS n LEFT JOIN credential c"
        "  ON c.organisation_id = {} AND c.person_id = ANY({}) AND c.revoked_at IS NULL"
        f" ORDER BY {credentials.IN_ORDER}",
        [role_id],
        organisation_id,
        list(people),
    )
    if not rows:
        return [], {}
    first = rows[0]
    asked_for = _needs(
        {
            "level": first["asked_level"],
            "workforce": first["asked_workforce"],
            "kinds": first["kinds"],
        }
    )
    held: dict[UUID, list[Held]] = {}
    for row in rows:
        if row["id"] is not None:
            held.setdefault(row["person_id"], []).append(credentials.held_of(row))
    return asked_for, held


@dataclass(frozen=True, slots=True)
class NotClear:
    """Somebody with a place who lacks what the role asks for, on the last day of the shift."""

    booking_id: UUID
    shift_id: UUID
    organisation_id: UUID
    person_id: UUID
    name: str
    opportunity_title: str
    starts_at: datetime
    ends_at: datetime
    on: date
    lacks: str

    @property
    def period(self) -> str:
        """Write when the shift is."""
        return clock.period_words(self.starts_at, self.ends_at)


async def not_clear(organisation_id: UUID | None = None) -> list[NotClear]:
    """Give the places on shifts to come whose people are not clear, soonest first.

    None asks for every organisation.
    """
    to_come = "s.ends_at > now() AND s.state = 'planned'"
    if organisation_id is None:
        return await _not_clear(to_come)
    return await _not_clear(f"{to_come} AND o.organisation_id = {{}}", organisation_id)


async def _not_clear(where: str, *values: Any) -> list[NotClear]:
    """Judge live bookings; `where` is ours and holds no value."""
    rows = await db.fetch(
        "SELECT b.id, b.shift_id, b.person_id, b.organisation_id, s.role_id, s.starts_at,"  # noqa: S608
        f" s.ends_at, o.title, {NAME} AS name FROM booking b JOIN shift s ON s.id = b.shift_id"
        " JOIN opportunity o ON o.id = s.opportunity_id JOIN person p ON p.id = b.person_id"
        # From the few roles that ask for something: never through all bookings.
        " WHERE s.role_id IN (SELECT role_id FROM role_check UNION"
        "  SELECT role_id FROM role_training) AND b.state IN ('confirmed', 'attended')"
        f" AND {where} ORDER BY s.starts_at, b.id",
        *values,
    )
    if not rows:
        return []
    asked_for = await needs(list({row["role_id"] for row in rows}))
    rows = [row for row in rows if row["role_id"] in asked_for]
    held: dict[tuple[UUID, UUID], list[Held]] = {}
    for organisation in {row["organisation_id"] for row in rows}:
        people = {row["person_id"] for row in rows if row["organisation_id"] == organisation}
        for person, seen in (await credentials.held(organisation, list(people))).items():
            held[organisation, person] = seen
    found: list[NotClear] = []
    for row in rows:
        on = last_day(row["ends_at"])
        seen = held[row["organisation_id"], row["person_id"]]
        against = _against(asked_for[row["role_id"]], seen, on)
        if against:
            found.append(
                NotClear(
                    booking_id=row["id"],
                    shift_id=row["shift_id"],
                    organisation_id=row["organisation_id"],
                    person_id=row["person_id"],
                    name=row["name"],
                    opportunity_title=row["title"],
                    starts_at=row["starts_at"],
                    ends_at=row["ends_at"],
                    on=on,
                    lacks=", ".join(words.lacks(need, how) for need, how, _ in against),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class Own:
    """How the actor stands to what a role asks for today."""

    lines: list[tuple[str, Standing, date | None]]
    asked: bool

    @property
    def clear(self) -> bool:
        """Tell whether nothing is missing."""
        return all(how is Standing.CLEAR for _, how, _ in self.lines)


async def own(actor: Actor, of: RoleSeen) -> Own:
    """Tell the actor what a role asks for and what its organisation has seen of them.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    asked_for = (await needs([of.id])).get(of.id, [])
    held = (await credentials.held(of.organisation_id, [person]))[person]
    judged = [(need, *standing(held, need, clock.today())) for need in asked_for]
    asked = await db.fetch_value(
        "SELECT EXISTS (SELECT FROM check_request WHERE role_id = {} AND person_id = {}"
        " AND closed_at IS NULL)",
        of.id,
        person,
    )
    return Own(
        [(need.label, how, seen.until if seen else None) for need, how, seen in judged], asked
    )
