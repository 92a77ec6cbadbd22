"""People without a booking who take a free place at the door."""

from datetime import timedelta
from uuid import UUID

from asyncpg import Range

from marketplace import audit, clock, db, rate_limits
from marketplace.accounts.queries import contact, credentials_at
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor, Permission
from marketplace.rate_limits import Limit
from marketplace.volunteering.applications import queries as applications
from marketplace.volunteering.attendance import queries, rules
from marketplace.volunteering.attendance.operations import shift_of_code
from marketplace.volunteering.attendance.rules import Event, How
from marketplace.volunteering.attendance.steps import Marked, mark_one, note
from marketplace.volunteering.attendance.tables import WalkIn
from marketplace.volunteering.guardians import queries as guardians
from marketplace.volunteering.rules import BookingState
from marketplace.volunteering.safeguarding import clearance as safeguarding
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.volunteering.tables import Booking

# Nobody finds out who has an account here by trying addresses.
TRIES = Limit("walk-ins person", 60, timedelta(hours=1))
_FULL = (
    "All places of this shift are taken. If somebody stays all the same, they can add their hours"
    " themselves under “My hours”."
)


async def join(
    actor: Actor, token: str, *, old_enough: bool = False, once: Once | None = None
) -> UUID:
    """Take a free place on the shift of a code for the actor, and check in; gives the booking.

    Raises:
        LinkBroken, LinkExpired: the code is not one of ours, or too old.
        SignInRequired: nobody is signed in.
        Conflict: too early, too late, full, or something asked of the role is missing.
    """
    shift_id = shift_of_code(token, reading=True)
    person = actor.require_person()
    if not actor.email_confirmed:
        raise Conflict(
            "Confirm your e-mail address first: open the link in the message we sent you. Then"
            " scan the code again."
        )
    async with db.transaction(once):
        return await _take(actor, person, shift_id, old_enough=old_enough, once=once)


async def add_known(
    actor: Actor, shift_id: UUID, email: str, *, old_enough: bool, once: Once | None = None
) -> UUID:
    """Take a free place for somebody with an account, found by their exact e-mail address.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`.
        Conflict: nobody has that address (names the field `email`), or see `join`.
        TooMany: the actor tried very many addresses.
    """
    await shifts.to_manage(actor, shift_id, permission=Permission.CONFIRM_HOURS)
    await rate_limits.count(TRIES, str(actor.require_person()))
    found = await credentials_at(email)
    known = await contact(found.id) if found else None
    if known is None or not known.confirmed:
        raise Conflict(
            "Nobody has joined with that address. Add them by name instead", field="email"
        )
    async with db.transaction(once):
        return await _take(actor, known.id, shift_id, old_enough=old_enough)


async def _take(
    actor: Actor,
    person: UUID,
    shift_id: UUID,
    *,
    old_enough: bool,
    once: Once | None = None,
) -> UUID:
    # As in booking: one of a person at a time, before any row is locked.
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"booking:{person}")
    await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", shift_id)
    shift, opportunity = await shifts.shift(actor, shift_id)
    organisation_id = opportunity.organisation_id
    if shift.cancelled:
        raise Conflict("This shift was cancelled.")
    if closed := rules.closed(shift.starts_at, shift.ends_at, clock.now()):
        raise Conflict(closed)
    age = await queries.ticked_age(shift.role_id, person)
    if age and not old_enough:
        who = "you are" if actor.is_self(person) else "they are"
        raise Conflict(
            f"Tick that {who} {age} or over. Whoever is under 18 gives their date of birth on their"
            " account instead",
            field="old_enough",
        )
    await _refuse(person, shift, organisation_id)
    await _win(shift_id)
    booking = Booking(
        shift_id=shift_id,
        person_id=person,
        organisation_id=organisation_id,
        period=Range(shift.starts_at, shift.ends_at),
    )
    with db.clashes(
        {
            "booking_once": Conflict("There is a place on this shift already: just check in."),
            "booking_one_place_at_a_time": Conflict(
                "There is a booking on another shift at the same time. Nobody can be in two"
                " places at once."
            ),
        }
    ):
        await booking.save()
    if once is not None:
        once.answer(f"/bookings/{booking.id}/attendance")
    now = clock.now()
    one = Marked(booking.id, person, organisation_id, shift)
    await mark_one(one, BookingState.CONFIRMED, BookingState.ATTENDED, in_at=now)
    await note(booking.id, How.WALK_IN, by=actor, in_at=now)
    await audit.record(
        Event.WALKED_IN,
        "booking",
        booking.id,
        by=actor,
        organisation=organisation_id,
        data={"shift": str(shift_id), "person": str(person)},
    )
    return booking.id


async def _refuse(person: UUID, shift: ShiftView, organisation_id: UUID) -> None:
    asking = queries.asking(person, shift, organisation_id)
    for room in (applications, safeguarding, guardians):
        if reasons := await room.reasons(asking):
            raise Conflict(f"{reasons[0].sentence} Until then this role cannot be joined.")


async def _win(shift_id: UUID) -> None:
    """Take one place: the shift's row decides between those who stand at the door together."""
    won = await db.execute(
        "UPDATE shift SET taken = taken + 1 WHERE id = {} AND taken + held < places", shift_id
    )
    if not won:
        raise Conflict(_FULL)


async def add_named(actor: Actor, shift_id: UUID, name: str, *, once: Once | None = None) -> None:
    """Take a free place for somebody without an account; their name is deleted after a month.

    Raises:
        NotFound, NotAllowed: see `queries.to_mark`.
        Conflict: too early, too late, or full.
    """
    async with db.transaction(once):
        shift, opportunity = await queries.to_mark(actor, shift_id, lock=True)
        if shift.cancelled:
            raise Conflict("This shift was cancelled.")
        if clock.now() < rules.opens_at(shift.starts_at):
            raise Conflict(rules.closed(shift.starts_at, shift.ends_at, clock.now()))
        await _win(shift_id)
        walk_in = WalkIn(shift_id=shift_id, name=name, added_by=actor.require_person())
        await walk_in.save()
        await audit.record(
            Event.WALKED_IN,
            "walk_in",
            walk_in.id,
            by=actor,
            organisation=opportunity.organisation_id,
            data={"shift": str(shift_id)},
        )


async def shift_of(actor: Actor, walk_in_id: UUID) -> UUID:
    """Give the shift of a walk-in to those who may mark it.

    Raises:
        NotFound: there is no such walk-in, or the actor may not know that there is.
    """
    shift_id = await db.fetch_value("SELECT shift_id FROM walk_in WHERE id = {}", walk_in_id)
    if shift_id is None:
        raise NotFound("We cannot find that walk-in.")
    shift, opportunity = await shifts.shift(actor, shift_id)
    if not await queries.leads(actor, shift):
        actor.require_to_know(Permission.CONFIRM_HOURS, opportunity.organisation_id)
    return shift_id


async def remove_named(actor: Actor, walk_in_id: UUID, *, once: Once | None = None) -> None:
    """Undo a walk-in that was added by mistake, and give the place back.

    Raises:
        NotFound: see `shift_of`.
    """
    async with db.transaction(once):
        shift_id = await shift_of(actor, walk_in_id)
        await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", shift_id)
        _, opportunity = await shifts.shift(actor, shift_id)
        if await db.execute(
            "UPDATE walk_in SET removed_at = now(), name = NULL WHERE id = {}"
            " AND removed_at IS NULL",
            walk_in_id,
        ):
            await db.execute("UPDATE shift SET taken = taken - 1 WHERE id = {}", shift_id)
            await audit.record(
                Event.WALK_IN_REMOVED,
                "walk_in",
                walk_in_id,
                by=actor,
                organisation=opportunity.organisation_id,
                data={"shift": str(shift_id)},
            )


async def forget_names() -> int:
    """Delete the names of walk-ins a month after, for a schedule; they still count."""
    return await db.execute(
        "UPDATE walk_in SET name = NULL WHERE name IS NOT NULL AND added_at < {}",
        clock.now() - rules.NAMES_KEPT,
    )
