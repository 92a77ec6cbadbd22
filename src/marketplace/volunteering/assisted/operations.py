"""Signing somebody up, booking for them, and ticking off what they were told."""
# Statements are put together from constants of the code alone.
# ruff: noqa: S608

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.accounts.rules import normalised_email
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.ids import new_id
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.assisted import queries
from marketplace.volunteering.assisted.queries import UNREACHABLE
from marketplace.volunteering.assisted.rules import WHAT, WORDS, Event, How
from marketplace.volunteering.assisted.tables import AssistedPerson
from marketplace.volunteering.bookings import steps
from marketplace.volunteering.rules import CancelledBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Who somebody is, how they are reached, and how they agreed to WORDS."""

    name: str
    phone: str = ""
    address: str = ""
    agreed_how: How
    agreed_on: date


async def sign_up(actor: Actor, details: Details, *, once: Once | None = None) -> UUID:
    """Make an account for somebody without e-mail who agreed to it; gives their id.

    Raises:
        SignInRequired, NotFound: the actor is no broker.
        Conflict: there is no way to reach them (field `phone`), or they agree on a day to come
            (field `agreed_on`).
    """
    actor.require_to_know(Permission.ASSIST_PEOPLE)
    if not (details.phone or details.address):
        raise Conflict("Enter a phone number or a postal address, to tell them", field="phone")
    if details.agreed_on > clock.today():
        raise Conflict("Enter the day on which they agreed, not one ahead", field="agreed_on")
    id = new_id()
    async with db.transaction(once):
        await db.execute(
            "INSERT INTO person (id, name, assisted_by, assisted_at) VALUES ({}, {}, {}, {})",
            id,
            details.name,
            actor.require_person(),
            clock.now(),
        )
        await AssistedPerson(
            person_id=id,
            phone=details.phone,
            address=details.address,
            agreed_to=WORDS,
            agreed_how=details.agreed_how,
            agreed_on=details.agreed_on,
        ).save()
        await audit.record(
            Event.SIGNED_UP,
            "person",
            id,
            by=_for(actor, id),
            data={"how": details.agreed_how.value},
        )
        if once:
            once.answer(f"/broker/people/{id}")
    return id


async def book(
    actor: Actor,
    person_id: UUID,
    shift_id: UUID,
    *,
    old_enough: bool = False,
    once: Once | None = None,
) -> UUID:
    """Win a place on a shift for somebody, by the rules that hold for everybody.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is no such person or shift.
        Conflict: names the rule that forbids it and the next best thing.
    """
    await _unclaimed(actor, person_id)
    async with db.transaction(once):
        return await steps.book(_for(actor, person_id), shift_id, person_id, old_enough=old_enough)


async def cancel(
    actor: Actor, person_id: UUID, booking_id: UUID, *, once: Once | None = None
) -> None:
    """Give somebody's place back because they asked for it.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is no such booking of theirs.
        Conflict: the shift has started.
        IllegalMove: the place was given back already.
    """
    await _unclaimed(actor, person_id)
    async with db.transaction(once):
        if not await db.fetch_value(
            "SELECT EXISTS (SELECT FROM booking WHERE id = {} AND person_id = {})",
            booking_id,
            person_id,
        ):
            raise NotFound(steps.NO_SUCH)
        await steps.release(_for(actor, person_id), booking_id, CancelledBy.VOLUNTEER)


async def told(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Tick off that somebody was told something; ticking twice is ticking once.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is no such thing to tell.
    """
    actor.require_to_know(Permission.ASSIST_PEOPLE)
    async with db.transaction(once):
        row = await db.fetch_one("SELECT person_id, told_at FROM to_tell WHERE id = {}", id)
        if row is None:
            raise NotFound("That is not on the list any more.")
        if row["told_at"] is None:
            await db.execute(
                "UPDATE to_tell SET told_at = {}, told_by = {} WHERE id = {}",
                clock.now(),
                actor.require_person(),
                id,
            )
            await audit.record(
                Event.TOLD,
                "person",
                row["person_id"],
                by=_for(actor, row["person_id"]),
                data={"to_tell": str(id)},
            )


async def give_address(
    actor: Actor, person_id: UUID, email: str, *, once: Once | None = None
) -> None:
    """Note an e-mail address somebody has now; they get a link to claim the account.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is no such person.
        Conflict: they have claimed it, or somebody else has that address (field `email`).
    """
    await _unclaimed(actor, person_id)
    taken = Conflict("Somebody has an account with this address already", field="email")
    with db.clashes({"person_email_unique": taken}):
        async with db.transaction(once):
            await db.execute(
                "UPDATE person SET email = {}, email_typed = {}, unclaimed_since = {},"
                " credential_version = credential_version + 1"
                " WHERE id = {} AND (email IS NULL OR unclaimed_since IS NOT NULL)",
                normalised_email(email),
                email.strip(),
                clock.now(),
                person_id,
            )
            await audit.record(Event.ADDRESS_GIVEN, "person", person_id, by=_for(actor, person_id))


async def note(person_id: UUID, key: str, template: str, booking_id: UUID | None) -> None:
    """Put on the brokers' list what cannot be mailed to somebody without an address."""
    if template not in WHAT:
        return
    await db.execute(
        "INSERT INTO to_tell (id, person_id, key, what, booking_id, at)"
        " SELECT {}, p.id, {}, {}, {}, {} FROM person p WHERE p.id = {}"
        " AND p.assisted_at IS NOT NULL AND " + UNREACHABLE + " ON CONFLICT (key) DO NOTHING",
        new_id(),
        key,
        template,
        booking_id,
        clock.now(),
        person_id,
    )


async def _unclaimed(actor: Actor, person_id: UUID) -> None:
    """Refuse to act for somebody who looks after their own account by now."""
    found = await queries.person(actor, person_id, look=False)
    if found.claimed:
        raise Conflict(f"{found.name} has an e-mail address now and looks after the account.")


def _for(actor: Actor, person_id: UUID) -> Actor:
    """Give the actor as one who acts for somebody: both are written down."""
    return replace(actor, on_behalf_of=person_id)
