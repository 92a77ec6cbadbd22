"""Marking what is lone, checking in and out of it, and looking after who does not come out."""

from datetime import timedelta
from uuid import UUID

from marketplace import audit, clock, db, signing
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import ANONYMOUS, SYSTEM, Actor
from marketplace.volunteering.attendance import operations as attendance
from marketplace.volunteering.attendance import queries as attending
from marketplace.volunteering.attendance.rules import Event as Attendance
from marketplace.volunteering.attendance.rules import How
from marketplace.volunteering.attendance.rules import closed as closed_words
from marketplace.volunteering.attendance.steps import Marked, mark_one, note
from marketplace.volunteering.lone import queries
from marketplace.volunteering.lone.queries import Out
from marketplace.volunteering.lone.rules import WATCHED_FOR, Event, due
from marketplace.volunteering.rules import BookingState
from marketplace.volunteering.safeguarding import clearance as safeguarding
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.visits import queries as visits

SAFE_LINK = "lone-safe"
SAFE_LINK_LIFE = timedelta(days=2)


async def mark_shift(actor: Actor, shift_id: UUID, lone: bool, *, once: Once | None = None) -> None:
    """Say whether the volunteers of a shift are on their own.

    Raises:
        NotFound, NotAllowed: see `shifts.queries.to_manage`.
    """
    async with db.transaction(once):
        _, opportunity = await shifts.to_manage(actor, shift_id, lock=True)
        if lone:
            await db.execute(
                "INSERT INTO lone_mark (id, shift_id, marked_by) VALUES ({}, {}, {})"
                " ON CONFLICT (shift_id) DO NOTHING",
                new_id(),
                shift_id,
                actor.person_id,
            )
        else:
            await db.execute("DELETE FROM lone_mark WHERE shift_id = {}", shift_id)
        await _marked(actor, lone, "shift", shift_id, opportunity.organisation_id)


async def mark_visit(actor: Actor, visit_id: UUID, lone: bool, *, once: Once | None = None) -> None:
    """Say whether the volunteer of an arrangement is on their own.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    async with db.transaction(once):
        _, opportunity = await visits.visit_to_manage(actor, visit_id, lock=True)
        if lone:
            await db.execute(
                "INSERT INTO lone_mark (id, visit_id, marked_by) VALUES ({}, {}, {})"
                " ON CONFLICT (visit_id) DO NOTHING",
                new_id(),
                visit_id,
                actor.person_id,
            )
        else:
            await db.execute("DELETE FROM lone_mark WHERE visit_id = {}", visit_id)
        await _marked(actor, lone, "visit", visit_id, opportunity.organisation_id)


async def _marked(actor: Actor, lone: bool, kind: str, id: UUID, organisation_id: UUID) -> None:
    event = Event.MARKED if lone else Event.UNMARKED
    await audit.record(event, kind, id, by=actor, organisation=organisation_id)


async def check_in(actor: Actor, booking_id: UUID, *, once: Once | None = None) -> None:
    """Say that one has come, without anybody there to show a code.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such lone booking of theirs.
        Conflict: too early, too late, here already, or something asked of the role is missing.
    """
    async with db.transaction(once):
        found = await queries.own(actor, booking_id)
        await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", found.shift_id)
        found = await queries.own(actor, booking_id)
        if found.state == BookingState.ATTENDED:
            raise Conflict("You are checked in already.")
        now = clock.now()
        if closed := closed_words(found.starts_at, found.ends_at, now):
            raise Conflict(closed)
        shift, opportunity = await shifts.shift(actor, found.shift_id)
        asking = attending.asking(found.person_id, shift, opportunity.organisation_id)
        if reasons := await safeguarding.reasons(asking):
            raise Conflict(f"{reasons[0].sentence} Speak to the coordinator before you go in.")
        await mark_one(
            Marked(booking_id, found.person_id, found.organisation_id, shift),
            BookingState(found.state),
            BookingState.ATTENDED,
            in_at=now,
        )
        await note(booking_id, How.OWN, by=actor, in_at=now)
        await audit.record(
            Attendance.CHECKED_IN,
            "booking",
            booking_id,
            by=actor,
            organisation=found.organisation_id,
            data={"shift": str(found.shift_id)},
        )


async def check_out(actor: Actor, booking_id: UUID, *, once: Once | None = None) -> None:
    """Say that one is out again.

    Raises:
        NotFound: there is no such lone booking of theirs.
        Conflict: see `attendance.operations.leave`.
    """
    await queries.own(actor, booking_id)
    await attendance.leave(actor, booking_id, once=once)


async def say_safe(
    actor: Actor, booking_id: UUID, words: str = "", *, once: Once | None = None
) -> None:
    """Say that a volunteer is safe: themselves, or whoever was told, with how they know.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such lone booking, or the actor may not know of it.
        Conflict: somebody said so before, or somebody else than the volunteer gives no words.
    """
    async with db.transaction(once):
        person = actor.require_person()
        found = await queries.out(booking_id)
        if found is None or found.person_id != person:
            found = await queries.watched(actor, booking_id)
            if not words:
                raise Conflict("Write how you know", field="note")
        await _safe(found, actor, words)


async def say_safe_by_link(token: str, *, once: Once | None = None) -> None:
    """Say that oneself is safe, by the link in the message that asked.

    Raises:
        LinkBroken, LinkExpired: the link is not one of ours, or too old.
        Conflict: it is settled already.
    """
    found = await of_link(token)
    async with db.transaction(once):
        if found is not None:
            await _safe(found, ANONYMOUS, "")


async def of_link(token: str) -> Out | None:
    """Give what a link stands for; None where it is over or was cancelled.

    Raises:
        LinkBroken, LinkExpired: the link is not one of ours, or too old.
    """
    return await queries.out(signing.unsign(SAFE_LINK, token, within=SAFE_LINK_LIFE).id)


async def _safe(found: Out, by: Actor, words: str) -> None:
    now = clock.now()
    first = await db.fetch_value(
        "INSERT INTO lone_watch AS w (id, booking_id, safe_at, safe_by, note)"
        " VALUES ({}, {}, {}, {}, {}) ON CONFLICT (booking_id) DO UPDATE SET"
        " safe_at = excluded.safe_at, safe_by = excluded.safe_by, note = excluded.note"
        " WHERE w.safe_at IS NULL RETURNING id",
        new_id(),
        found.id,
        now,
        by.person_id or found.person_id,
        words,
    )
    if first is None:
        raise Conflict("Somebody has said already that they are safe.")
    await audit.record(Event.SAFE, "booking", found.id, by=by, organisation=found.organisation_id)


# Each step is noted once, whoever runs this beside us, and not where they are safe meanwhile.
_NOTE = {
    Event.ASKED: "UPDATE lone_watch SET reminded_at = {} WHERE booking_id = {}"
    " AND reminded_at IS NULL AND safe_at IS NULL",
    Event.MISSED: "UPDATE lone_watch SET alerted_at = {} WHERE booking_id = {}"
    " AND alerted_at IS NULL AND safe_at IS NULL",
    Event.STILL_MISSED: "UPDATE lone_watch SET place_alerted_at = {} WHERE booking_id = {}"
    " AND place_alerted_at IS NULL AND safe_at IS NULL",
}


async def watch() -> int:
    """Ask or tell of everybody who has not checked out; gives how many messages are due."""
    sent, now = 0, clock.now()
    for found in await queries.missing(now, WATCHED_FOR):
        async with db.transaction():
            await db.execute(
                "INSERT INTO lone_watch (id, booking_id) VALUES ({}, {}) ON CONFLICT DO NOTHING",
                new_id(),
                found.id,
            )
            for event in due(found.ends_at, now):
                if await db.execute(_NOTE[event], now, found.id):
                    sent += 1
                    await audit.record(
                        event, "booking", found.id, by=SYSTEM, organisation=found.organisation_id
                    )
    return sent
