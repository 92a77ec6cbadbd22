"""Saying who came: by the code on the leader's screen, by the list, at the door."""

from datetime import datetime
from uuid import UUID

from marketplace import audit, clock, db, signing
from marketplace.db import Once
from marketplace.errors import Conflict, IllegalMove, NotFound
from marketplace.permissions import Actor, Permission
from marketplace.signing import LinkExpired
from marketplace.volunteering.attendance import queries, rules
from marketplace.volunteering.attendance.queries import Roster
from marketplace.volunteering.attendance.rules import Event, How
from marketplace.volunteering.attendance.steps import (
    Marked,
    forget,
    mark_one,
    note,
    propose,
)
from marketplace.volunteering.rules import BookingState, HoursState
from marketplace.volunteering.rules import Event as Volunteering
from marketplace.volunteering.safeguarding import clearance as safeguarding
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.volunteering.tables import PersonalView

CODE = "check-in"
_NO_SUCH = "We cannot find that booking."
TOO_OLD = "This code is more than two minutes old. Scan the one that the leader’s screen shows now."


async def look_at_roster(actor: Actor, shift_id: UUID) -> Roster:
    """Show a roster, and write down who looked at it.

    Raises:
        NotFound, NotAllowed: see `queries.to_mark`.
    """
    roster = await queries.roster(actor, shift_id)
    await PersonalView(
        viewer_id=actor.require_person(), subject_type="shift", subject_id=shift_id
    ).save()
    return roster


# --- the code


def code(shift_id: UUID) -> str:
    """Make the part of the address that checks in, for those who are there now."""
    return signing.sign(CODE, shift_id)


def shift_of_code(token: str, *, reading: bool = False) -> UUID:
    """Give the shift of a code; `reading` allows for somebody who opened it in time.

    Raises:
        LinkBroken: it is not one of ours.
        LinkExpired: it is too old.
    """
    within = rules.READING_TIME if reading else rules.CODE_LIFE
    try:
        return signing.unsign(CODE, token, within=within).id
    except LinkExpired as error:
        raise LinkExpired(TOO_OLD) from error


async def check_in(actor: Actor, token: str, *, once: Once | None = None) -> UUID:
    """Check the actor in on the shift of a code; gives the booking. Twice is as good as once.

    Raises:
        LinkBroken, LinkExpired: the code is not one of ours, or too old.
        SignInRequired: nobody is signed in.
        Conflict: too early, too late, not booked, or something asked of the role is missing.
    """
    shift_id = shift_of_code(token, reading=True)
    person = actor.require_person()
    async with db.transaction(once):
        shift = await _open_shift(actor, shift_id)
        row = await db.fetch_one(
            "SELECT id, organisation_id, state FROM booking WHERE shift_id = {}"
            " AND person_id = {} AND state <> 'cancelled' FOR NO KEY UPDATE",
            shift_id,
            person,
        )
        if row is None:
            raise Conflict("You have no place on this shift.")
        if once is not None:
            once.answer(f"/bookings/{row['id']}/attendance")
        if BookingState(row["state"]) is not BookingState.ATTENDED:
            await _refuse_unsafe(person, shift, row["organisation_id"])
        await _arrived(actor, shift, row["id"], row["organisation_id"], row["state"])
    return row["id"]


async def _open_shift(actor: Actor, shift_id: UUID) -> ShiftView:
    """Lock a shift that people can check in on now."""
    await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", shift_id)
    shift, _ = await shifts.shift(actor, shift_id)
    if shift.cancelled:
        raise Conflict("This shift was cancelled, so nobody can check in.")
    if closed := rules.closed(shift.starts_at, shift.ends_at, clock.now()):
        raise Conflict(closed)
    return shift


async def _refuse_unsafe(person: UUID, shift: ShiftView, organisation_id: UUID) -> None:
    """Ask once more on the day for what the role needs: a check may have run out since."""
    if reasons := await safeguarding.reasons(queries.asking(person, shift, organisation_id)):
        raise Conflict(f"{reasons[0].sentence} Speak to the leader of the shift.")


async def _arrived(
    actor: Actor, shift: ShiftView, booking_id: UUID, organisation_id: UUID, state: str
) -> None:
    if BookingState(state) is BookingState.ATTENDED:
        # Marked on the list already: now we also know when.
        await note(booking_id, How.CODE, by=actor, in_at=clock.now())
        return
    now = clock.now()
    await mark_one(
        Marked(booking_id, actor.require_person(), organisation_id, shift),
        BookingState(state),
        BookingState.ATTENDED,
        in_at=now,
    )
    await note(booking_id, How.CODE, by=actor, in_at=now)
    await audit.record(
        Event.CHECKED_IN,
        "booking",
        booking_id,
        by=actor,
        organisation=organisation_id,
        data={"shift": str(shift.id)},
    )


async def leave(actor: Actor, booking_id: UUID, *, once: Once | None = None) -> None:
    """Note that the actor leaves now, and propose the hours they really gave.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such booking of theirs.
        Conflict: they are not here, have left already, or their hours stand.
    """
    person = actor.require_person()
    async with db.transaction(once):
        row = await db.fetch_one(
            "SELECT shift_id, person_id FROM booking WHERE id = {}", booking_id
        )
        if row is None or row["person_id"] != person:
            raise NotFound(_NO_SUCH)
        await _check_out(actor, row["shift_id"], booking_id, "You")


async def check_out(actor: Actor, booking_id: UUID, *, once: Once | None = None) -> UUID:
    """Note on the list that somebody leaves now, as `leave`; gives the shift.

    Raises:
        NotFound: there is no such booking, or the actor may not know that there is.
        Conflict: see `leave`.
    """
    async with db.transaction(once):
        shift_id = await shift_of(actor, booking_id)
        await _check_out(actor, shift_id, booking_id, "This person")
    return shift_id


async def shift_of(actor: Actor, booking_id: UUID) -> UUID:
    """Give the shift of a booking to those who may mark it.

    Raises:
        NotFound: there is no such booking, or the actor may not know that there is.
    """
    shift_id = await db.fetch_value("SELECT shift_id FROM booking WHERE id = {}", booking_id)
    if shift_id is None:
        raise NotFound(_NO_SUCH)
    shift, opportunity = await shifts.shift(actor, shift_id)
    if not await queries.leads(actor, shift):
        # Who has booked is known to the organisation alone, open though the shift may be.
        actor.require_to_know(Permission.CONFIRM_HOURS, opportunity.organisation_id)
    return shift_id


async def _check_out(actor: Actor, shift_id: UUID, booking_id: UUID, who: str) -> None:
    await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", shift_id)
    shift, opportunity = await shifts.shift(actor, shift_id)
    row = await db.fetch_one(
        "SELECT b.state, b.person_id, a.in_at, a.out_at, h.state AS hours"
        " FROM booking b LEFT JOIN attendance a ON a.booking_id = b.id"
        " LEFT JOIN hours h ON h.booking_id = b.id WHERE b.id = {} FOR NO KEY UPDATE OF b",
        booking_id,
    )
    assert row is not None
    if row["state"] != BookingState.ATTENDED:
        raise Conflict(f"{who} must be checked in first.")
    if row["out_at"] is not None:
        raise IllegalMove(f"{who} left at {clock.time_words(row['out_at'])} already.")
    if row["hours"] not in {None, HoursState.PROPOSED}:
        raise Conflict("These hours are settled already, so nothing is changed any more.")
    now = clock.now()
    if not shift.started(now):
        raise Conflict(
            f"The shift starts at {clock.time_words(shift.starts_at)}. Nobody can be checked out"
            " before it does."
        )
    await note(booking_id, How.LIST, by=actor, out_at=now)
    minutes = rules.given_minutes(shift.starts_at, shift.ends_at, row["in_at"], now)
    await propose(Marked(booking_id, row["person_id"], opportunity.organisation_id, shift), minutes)
    await audit.record(
        Event.CHECKED_OUT,
        "booking",
        booking_id,
        by=actor,
        organisation=opportunity.organisation_id,
        data={"shift": str(shift_id)},
    )


# --- the list


async def mark(
    actor: Actor,
    shift_id: UUID,
    state: BookingState,
    *,
    booking_id: UUID | None = None,
    excused: bool = False,
    once: Once | None = None,
) -> int:
    """Mark who came: one booking, or with None all that are not marked; gives how many.

    ATTENDED proposes the shift's length as hours; NO_SHOW, and CONFIRMED which takes a mark back,
    drop the proposal. `excused` is of those who did not come and said so.

    Raises:
        NotFound, NotAllowed: see `queries.to_mark`.
        Conflict: it is too early, the hours are confirmed, or the person was marked as attending
            another shift at the same time.
    """
    async with db.transaction(once):
        shift, opportunity = await queries.to_mark(actor, shift_id, lock=True)
        if shift.cancelled:
            raise Conflict("This shift was cancelled, so nobody can be marked.")
        _refuse_early(shift, state, clock.now())
        rows = await db.fetch(
            "SELECT b.id, b.person_id, b.state, h.state AS hours FROM booking b"
            " LEFT JOIN hours h ON h.booking_id = b.id"
            " WHERE b.shift_id = {} AND b.state <> 'cancelled' AND ({}::uuid IS NULL"
            "  AND b.state = 'confirmed' OR b.id = {}) ORDER BY b.id FOR NO KEY UPDATE OF b",
            shift_id,
            booking_id,
            booking_id,
        )
        if booking_id and not rows:
            raise NotFound("We cannot find that booking. The place may have been given back.")
        for row in rows:
            if row["hours"] in {HoursState.CONFIRMED, HoursState.DISPUTED}:
                raise Conflict("These hours are confirmed, so the attendance stays as it is.")
            one = Marked(row["id"], row["person_id"], opportunity.organisation_id, shift)
            await mark_one(one, BookingState(row["state"]), state)
            await forget(row["id"])
            if state is not BookingState.CONFIRMED:
                await note(row["id"], How.LIST, by=actor, excused=excused)
            await audit.record(
                Volunteering.ATTENDANCE_MARKED,
                "booking",
                row["id"],
                by=actor,
                organisation=opportunity.organisation_id,
                data={"shift": str(shift_id), "state": state.value},
            )
    return len(rows)


def _refuse_early(shift: ShiftView, state: BookingState, now: datetime) -> None:
    if state is BookingState.ATTENDED and now < rules.opens_at(shift.starts_at):
        raise Conflict(
            "You can mark who came from an hour before the start:"
            f" {clock.moment_words(rules.opens_at(shift.starts_at))}."
        )
    if state is BookingState.NO_SHOW and not shift.started(now):
        raise Conflict("You can mark who did not come once the shift has started.")
