"""Grown-ups who answer for a young volunteer: named for a role, given copies, told of places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts import birth_dates
from marketplace.accounts.ages import ADULT, age

# Whoever answers for somebody reads what is written to them until so long after the shift.
COPIED_AFTER = timedelta(days=90)


# A named adult who left the organisation answers for nobody there any more.
NAMED = (
    " FROM named_adult a JOIN membership m ON m.person_id = a.person_id"
    "  AND m.organisation_id = a.organisation_id"
    " JOIN person n ON n.id = a.person_id AND n.anonymised_at IS NULL"
)


async def copies(person_id: UUID, organisation_id: UUID) -> Sequence[UUID]:
    """Give who reads what an organisation writes to somebody under 18: guardian and named adults.

    The guardians are those whose consent stands; the adults are of the roles in which the young
    person has a place there, or had one lately.
    """
    if not await birth_dates.minor(person_id):
        return ()
    rows = await db.fetch(
        "SELECT guardian_id AS id FROM guardian_consent WHERE person_id = {}"  # noqa: S608
        " AND state IN ('given', 'asked') AND guardian_id IS NOT NULL"
        f" UNION SELECT a.person_id {NAMED} WHERE a.organisation_id = {{}}"
        " AND a.ended_at IS NULL AND a.role_id IN (SELECT s.role_id FROM booking b"
        "  JOIN shift s ON s.id = b.shift_id WHERE b.person_id = {}"
        "  AND b.state <> 'cancelled' AND s.ends_at > {})",
        person_id,
        organisation_id,
        person_id,
        clock.now() - COPIED_AFTER,
    )
    return [row["id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Adult:
    """Who answers for young people in a role, since when."""

    person_id: UUID
    name: str
    since: datetime


async def named_adult(role_id: UUID) -> Adult | None:
    """Give who is named for a role and still belongs to its organisation; None while nobody is."""
    row = await db.fetch_one(
        f"SELECT a.person_id, n.name, a.named_at AS since {NAMED}"
        " WHERE a.role_id = {} AND a.ended_at IS NULL",
        role_id,
    )
    return Adult(**row) if row else None


async def nameable(organisation_id: UUID) -> list[tuple[UUID, str]]:
    """List who of an organisation can be named: its members, but nobody known to be under 18."""
    rows = await db.fetch(
        "SELECT p.id, p.name, p.born_on FROM membership m JOIN person p ON p.id = m.person_id"
        " WHERE m.organisation_id = {} AND p.anonymised_at IS NULL AND p.suspended_at IS NULL"
        " ORDER BY lower(unaccent(p.name)), p.id",
        organisation_id,
    )
    today = clock.today()
    return [
        (row["id"], row["name"])
        for row in rows
        if row["born_on"] is None or age(row["born_on"], today) >= ADULT
    ]


async def guardians_of(booking_id: UUID) -> list[UUID]:
    """Give the guardians to be told of a booking: consents that cover its role, also lately ended.

    Empty for adults.
    """
    rows = await db.fetch(
        "SELECT DISTINCT c.guardian_id AS id, p.born_on, s.starts_at FROM booking b"
        " JOIN shift s ON s.id = b.shift_id JOIN person p ON p.id = b.person_id"
        " JOIN guardian_consent c ON c.person_id = b.person_id AND c.guardian_id IS NOT NULL"
        "  AND c.organisation_id = b.organisation_id AND (c.all_roles OR c.role_id = s.role_id)"
        "  AND c.state IN ('given', 'asked', 'withdrawn', 'ended')"
        " WHERE b.id = {} AND p.born_on IS NOT NULL",
        booking_id,
    )
    return [
        row["id"]
        for row in rows
        if age(row["born_on"], clock.local(row["starts_at"]).date()) < ADULT
    ]


@dataclass(frozen=True, slots=True)
class AdultMail:
    """What somebody is told who answers for young people."""

    person_id: UUID
    title: str
    organisation_name: str


async def adult_mail(id: UUID) -> AdultMail | None:
    """Read for the worker whom a naming is about; None once somebody else is named."""
    row = await db.fetch_one(
        "SELECT a.person_id, r.title, g.name AS organisation_name FROM named_adult a"
        " JOIN role r ON r.id = a.role_id JOIN organisation g ON g.id = a.organisation_id"
        " WHERE a.id = {} AND a.ended_at IS NULL",
        id,
    )
    return AdultMail(**row) if row else None
