"""Reading credentials; whoever shows others' to a person goes through `operations.look`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.credentials.rules import EXPIRING, Check, Held, Kind, Outcome, Workforce
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission

GONE = "We cannot find that. It may have been taken back."


# A `Held` is made of these by `held_of`, also in statements that read more beside it; they order
# by IN_ORDER, the order in which things were seen.
HELD = "c.person_id, c.id, c.kind, c.level, c.workforce, c.outcome, c.holds_until"
IN_ORDER = "c.seen_at, c.id"


async def held(organisation_id: UUID, people: Sequence[UUID]) -> dict[UUID, list[Held]]:
    """Give what an organisation saw of some people, in the order in which it saw it."""
    rows = await db.fetch(
        f"SELECT {HELD} FROM credential c WHERE c.organisation_id = {{}}"  # noqa: S608
        f" AND c.person_id = ANY({{}}) AND c.revoked_at IS NULL ORDER BY {IN_ORDER}",
        organisation_id,
        list(people),
    )
    found: dict[UUID, list[Held]] = {person: [] for person in people}
    for row in rows:
        found[row["person_id"]].append(held_of(row))
    return found


def held_of(row: dict[str, Any]) -> Held:
    """Make what was seen of a row of HELD."""
    return Held(
        id=row["id"],
        kind=Kind(row["kind"]),
        outcome=Outcome(row["outcome"]),
        until=row["holds_until"],
        check=Check(row["level"]) if row["level"] else None,
        workforce=Workforce(row["workforce"]),
    )


@dataclass(frozen=True, slots=True)
class CredentialView:
    """One credential with who saw it; `holds_until` is the last day, None for no end."""

    id: UUID
    person_id: UUID
    person_name: str
    organisation_id: UUID
    organisation_name: str
    kind: Kind
    check: Check | None
    workforce: Workforce
    reference: str
    issued_on: date
    holds_until: date | None
    outcome: Outcome
    seen_by_name: str
    seen_at: datetime
    shared: bool
    revoked_at: datetime | None
    details_deleted_at: datetime | None

    @property
    def label(self) -> str:
        """Name it in words."""
        return self.check.label if self.check else self.kind.label

    @property
    def is_check(self) -> bool:
        """Tell whether it is a criminal record check, which nobody else may rely on."""
        return self.kind is Kind.CHECK

    @property
    def satisfactory(self) -> bool:
        """Tell whether the organisation was content with it."""
        return self.outcome is Outcome.SATISFACTORY

    @property
    def until(self) -> str:
        """Write the last day on which it holds, "" for no end."""
        return clock.date_words(self.holds_until) if self.holds_until else ""

    def state(self, today: date) -> str:
        """Write how it stands: revoked, not satisfactory, expired, expiring or holds."""
        if self.revoked_at is not None:
            return "taken back"
        if not self.satisfactory:
            return "not satisfactory"
        if self.holds_until is not None and self.holds_until < today:
            return "expired"
        if self.holds_until is not None and self.holds_until <= today + EXPIRING:
            return "runs out soon"
        return "holds"


_SELECT = (
    "SELECT c.id, c.person_id, c.organisation_id, g.name AS organisation_name, c.kind, c.level,"
    " c.workforce, c.reference, c.issued_on, c.holds_until, c.outcome, c.seen_at, c.shared,"
    " c.revoked_at, c.details_deleted_at,"
    " CASE WHEN p.anonymised_at IS NULL THEN p.name ELSE 'Somebody who left' END AS person_name,"
    " CASE WHEN s.anonymised_at IS NULL THEN s.name ELSE 'Somebody who left' END AS seen_by_name"
    " FROM credential c JOIN organisation g ON g.id = c.organisation_id"
    " JOIN person p ON p.id = c.person_id JOIN person s ON s.id = c.seen_by"
)


def _view(row: dict[str, Any]) -> CredentialView:
    level = row.pop("level")
    return CredentialView(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "check": Check(level) if level else None,
            "workforce": Workforce(row["workforce"]),
            "outcome": Outcome(row["outcome"]),
        }
    )


async def of_person(actor: Actor, organisation_id: UUID, person_id: UUID) -> list[CredentialView]:
    """Read what an organisation saw of a person, latest first, also what it took back.

    Raises:
        NotFound: the actor does not record checks there.
    """
    actor.require_to_know(Permission.RECORD_CHECKS, organisation_id)
    rows = await db.fetch(
        f"{_SELECT} WHERE c.organisation_id = {{}} AND c.person_id = {{}}"
        " ORDER BY c.revoked_at NULLS FIRST, c.seen_at DESC, c.id",
        organisation_id,
        person_id,
    )
    return [_view(row) for row in rows]


async def shown_to(actor: Actor, organisation_id: UUID, person_id: UUID) -> list[CredentialView]:
    """Read the training that a person chose to show, as other organisations saw it.

    Raises:
        NotFound: the actor does not record checks there.
    """
    actor.require_to_know(Permission.RECORD_CHECKS, organisation_id)
    rows = await db.fetch(
        f"{_SELECT} WHERE c.person_id = {{}} AND c.shared AND c.revoked_at IS NULL"
        " AND c.kind <> 'criminal_record_check' AND c.outcome = 'satisfactory'"
        " AND c.organisation_id <> {} ORDER BY c.seen_at DESC, c.id",
        person_id,
        organisation_id,
    )
    return [_view(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with what an organisation saw of them last, a line each kind and level."""

    person_id: UUID
    name: str
    credentials: list[CredentialView]


@dataclass(frozen=True, slots=True)
class Holders:
    """One page of people, whose soonest credential runs out first."""

    people: list[Holder]
    total: int


async def of_organisation(
    actor: Actor, organisation_id: UUID, *, page: int = 1, size: int = 50
) -> Holders:
    """List whom an organisation saw something of, the soonest to run out first.

    Raises:
        NotFound: the actor does not record checks there.
    """
    actor.require_to_know(Permission.RECORD_CHECKS, organisation_id)
    rows = await db.fetch(
        "WITH latest AS (SELECT DISTINCT ON (c.person_id, c.kind, c.level) c.id, c.person_id,"  # noqa: S608
        "  c.holds_until FROM credential c WHERE c.organisation_id = {} AND c.revoked_at IS NULL"
        "  ORDER BY c.person_id, c.kind, c.level, c.seen_at DESC, c.id),"
        " people AS (SELECT person_id, min(holds_until) AS soonest, count(*) OVER () AS total"
        "  FROM latest GROUP BY person_id ORDER BY soonest NULLS LAST, person_id"
        "  LIMIT {} OFFSET {})"
        f" SELECT q.*, people.total FROM people JOIN latest ON latest.person_id = people.person_id"
        f" JOIN ({_SELECT}) q ON q.id = latest.id"
        " ORDER BY people.soonest NULLS LAST, q.person_id, q.holds_until NULLS LAST, q.kind",
        organisation_id,
        size,
        (page - 1) * size,
    )
    people: dict[UUID, Holder] = {}
    total = 0
    for row in rows:
        total = row.pop("total")
        seen = _view(row)
        holder = people.setdefault(seen.person_id, Holder(seen.person_id, seen.person_name, []))
        holder.credentials.append(seen)
    return Holders(list(people.values()), total)


async def mine(actor: Actor) -> list[CredentialView]:
    """Read everything that anybody holds about the actor, also what was taken back.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    rows = await db.fetch(
        f"{_SELECT} WHERE c.person_id = {{}} ORDER BY c.revoked_at NULLS FIRST, g.name,"
        " c.seen_at DESC, c.id",
        person,
    )
    return [_view(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Look:
    """That somebody looked at what is held about the actor, `times` on one day."""

    name: str
    on: date
    times: int


async def looks(actor: Actor, limit: int = 50) -> list[Look]:
    """Tell who looked at what is held about the actor, a line a day, latest first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        "SELECT CASE WHEN p.anonymised_at IS NULL THEN p.name ELSE 'Somebody who left' END AS name,"
        ' (v.at AT TIME ZONE {})::date AS "on", count(*) AS times'
        " FROM personal_view v JOIN person p ON p.id = v.viewer_id"
        " WHERE v.subject_type = 'credentials' AND v.subject_id = {}"
        ' GROUP BY p.id, "on" ORDER BY "on" DESC, max(v.at) DESC LIMIT {}',
        clock.LONDON.key,
        actor.require_person(),
        limit,
    )
    return [Look(**row) for row in rows]


async def by_id(id: UUID) -> CredentialView | None:
    """Read one for a message about it."""
    row = await db.fetch_one(f"{_SELECT} WHERE c.id = {{}}", id)
    return _view(row) if row else None


async def to_change(id: UUID) -> CredentialView:
    """Read one and hold its row.

    Raises:
        NotFound: there is none.
    """
    row = await db.fetch_one(f"{_SELECT} WHERE c.id = {{}} FOR NO KEY UPDATE OF c", id)
    if row is None:
        raise NotFound(GONE)
    return _view(row)


async def expiring() -> list[CredentialView]:
    """Give what runs out within 30 days, nobody was warned of, and nothing newer replaces."""
    today = clock.today()
    rows = await db.fetch(
        f"{_SELECT} WHERE c.revoked_at IS NULL AND c.outcome = 'satisfactory'"  # noqa: S608
        " AND c.holds_until BETWEEN {} AND {}"
        " AND NOT EXISTS (SELECT FROM credential newer WHERE newer.person_id = c.person_id"
        "  AND newer.organisation_id = c.organisation_id AND newer.kind = c.kind"
        "  AND newer.revoked_at IS NULL AND newer.seen_at > c.seen_at)"
        " AND NOT EXISTS (SELECT FROM credential_notice n WHERE n.about = 'expiring'"
        "  AND n.subject_id = c.id AND n.holds_until = c.holds_until)"
        " ORDER BY c.holds_until, c.id",
        today,
        today + EXPIRING,
    )
    return [_view(row) for row in rows]
