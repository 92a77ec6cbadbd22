"""Thanking, and making and revoking statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from marketplace import audit, clock, db, rate_limits
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor, Permission
from marketplace.rate_limits import Limit
from marketplace.volunteering.recognition import rules
from marketplace.volunteering.recognition.rules import Event, Kind
from marketplace.volunteering.recognition.tables import Statement, StatementLine, Thanks

THANKS = Limit("thanks person", 200, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Thanked:
    """Whom a coordinator would thank, and for what."""

    person_id: UUID
    name: str
    organisation_id: UUID
    shift_id: UUID
    title: str


async def thanked(actor: Actor, booking_id: UUID) -> Thanked:
    """Read whom one would thank.

    Raises:
        NotFound: there is no such booking, or the actor may not know that there is.
    """
    row = await db.fetch_one(
        "SELECT b.person_id, p.name, b.organisation_id, b.shift_id, o.title FROM booking b"
        " JOIN person p ON p.id = b.person_id AND p.anonymised_at IS NULL"
        " JOIN shift s ON s.id = b.shift_id JOIN opportunity o ON o.id = s.opportunity_id"
        " WHERE b.id = {} AND b.state <> 'cancelled'",
        booking_id,
    )
    if row is None:
        raise NotFound("We cannot find that booking.")
    actor.require_to_know(Permission.CONFIRM_HOURS, row["organisation_id"])
    return Thanked(**row)


async def thank(actor: Actor, booking_id: UUID, words: str, *, once: Once | None = None) -> None:
    """Thank one volunteer in a sentence; they alone read it.

    Raises:
        NotFound: see `thanked`.
        Conflict: it is the actor's own booking.
        TooMany: the actor thanked very many.
    """
    whom = await thanked(actor, booking_id)
    if actor.is_self(whom.person_id):
        raise Conflict("Ask somebody else to thank you", field="words")
    await rate_limits.count(THANKS, str(actor.require_person()))
    async with db.transaction(once):
        thanks = Thanks(
            person_id=whom.person_id,
            organisation_id=whom.organisation_id,
            booking_id=booking_id,
            words=words,
            said_by=actor.person_id,
        )
        await thanks.save()
        await audit.record(
            Event.THANKED,
            "thanks",
            thanks.id,
            by=actor,
            organisation=whom.organisation_id,
            data={"person": str(whom.person_id)},
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """What a volunteer chooses to show."""

    organisations: Sequence[UUID]
    first_day: date
    last_day: date
    shows_name: bool
    shows_roles: bool
    shows_hours: bool


async def make_statement(actor: Actor, choice: Choice, *, once: Once | None = None) -> UUID:
    """Make a statement of the actor's confirmed hours; gives its id.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: beside the field it is about.
    """
    person = actor.require_person()
    if choice.last_day < choice.first_day:
        raise Conflict("Enter a last day that is not before the first", field="last_day")
    if not choice.organisations:
        raise Conflict("Choose at least one organisation", field="organisations")
    async with db.transaction(once):
        rows = await db.fetch(
            "SELECT organisation_id, role_id, sum(minutes)::int AS minutes FROM hours"
            " WHERE person_id = {} AND state = 'confirmed' AND organisation_id = ANY({}::uuid[])"
            " AND on_date BETWEEN {} AND {} GROUP BY organisation_id, role_id"
            " ORDER BY organisation_id, role_id",
            person,
            list(choice.organisations),
            choice.first_day,
            choice.last_day,
        )
        if not rows:
            raise Conflict(
                "There are no confirmed hours with these organisations in these days. Choose more"
                " days, or wait until your hours are confirmed",
                field="first_day",
            )
        single = len({row["organisation_id"] for row in rows}) == 1
        statement = Statement(
            person_id=person,
            code=rules.new_code(),
            kind=Kind.CERTIFICATE if single else Kind.STATEMENT,
            first_day=choice.first_day,
            last_day=choice.last_day,
            shows_name=choice.shows_name,
            shows_roles=choice.shows_roles,
            shows_hours=choice.shows_hours,
            minutes=sum(row["minutes"] for row in rows),
        )
        await statement.save()
        await StatementLine.insert(
            *(
                StatementLine(
                    statement_id=statement.id,
                    organisation_id=row["organisation_id"],
                    role_id=row["role_id"],
                    minutes=row["minutes"],
                )
                for row in rows
            )
        )
        await audit.record(Event.STATEMENT_MADE, "statement", statement.id, by=actor)
        if once is not None:
            once.answer(f"/my/statements/{statement.id}")
    return statement.id


async def revoke(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take back a statement: its public page is gone at once. Twice is as good as once.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    person = actor.require_person()
    async with db.transaction(once):
        row = await db.fetch_one(
            "SELECT revoked_at FROM statement WHERE id = {} AND person_id = {} FOR NO KEY UPDATE",
            id,
            person,
        )
        if row is None:
            raise NotFound("We cannot find that statement.")
        if row["revoked_at"] is None:
            await db.execute("UPDATE statement SET revoked_at = {} WHERE id = {}", clock.now(), id)
            await audit.record(Event.STATEMENT_REVOKED, "statement", id, by=actor)
