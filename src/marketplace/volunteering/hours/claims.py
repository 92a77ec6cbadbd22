"""Both sides of a record of hours: claiming, agreeing, disputing, correcting, withdrawing."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db, rate_limits
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import Actor, Permission
from marketplace.rate_limits import Limit
from marketplace.volunteering.hours import choices, queries, rules
from marketplace.volunteering.hours.queries import Filter, Given, HoursView
from marketplace.volunteering.hours.rules import Event, Side, Verb
from marketplace.volunteering.roles import queries as roles
from marketplace.volunteering.roles.queries import PublicRole
from marketplace.volunteering.rules import HOURS_MOVES, HoursState, ProposedBy, duration_words
from marketplace.volunteering.tables import PersonalView

# Each claim is a message to the coordinators.
CLAIMS = Limit("hours claims person", 60, timedelta(hours=1))


async def look(actor: Actor, organisation_id: UUID, wanted: Filter, page: int = 1) -> Given:
    """Show an organisation's hours, and write down who looked at them.

    Raises:
        NotFound: the actor may not know who volunteers there.
    """
    actor.require_to_know(Permission.CONFIRM_HOURS, organisation_id)
    given = await queries.of_organisation(organisation_id, wanted, page)
    await note_look(actor, organisation_id)
    return given


async def note_look(actor: Actor, organisation_id: UUID) -> None:
    """Write down that somebody looks at an organisation's hours.

    Raises:
        NotFound: the actor may not know who volunteers there.
    """
    actor.require_to_know(Permission.CONFIRM_HOURS, organisation_id)
    await PersonalView(
        viewer_id=actor.require_person(), subject_type="hours", subject_id=organisation_id
    ).save()


async def claim(
    actor: Actor,
    role_id: UUID,
    on: date,
    minutes: int,
    note: str = "",
    *,
    once: Once | None = None,
) -> UUID:
    """Claim hours for a day in a role, those of a booking where there was one; gives their id.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such role.
        Conflict: beside the field it is about; or the hours of that day are there already.
        TooMany: the actor claimed very often.
    """
    person = actor.require_person()
    role = await roles.public(role_id)
    if refused := rules.day_refused(on, clock.today()):
        raise Conflict(refused, field="day")
    _refuse_minutes(minutes)
    await rate_limits.count(CLAIMS, str(person))
    async with db.transaction(once):
        id = await _claim(actor, Side.VOLUNTEER, person, role, on, minutes, note)
        if once is not None:
            once.answer("/my/hours")
    return id


async def propose(
    actor: Actor,
    organisation_id: UUID,
    person_id: UUID,
    role_id: UUID,
    on: date,
    minutes: int,
    note: str = "",
    *,
    once: Once | None = None,
) -> UUID:
    """Say for an organisation how long a volunteer of its gave; they agree, or do not.

    Raises:
        NotFound: the actor may not know who volunteers there.
        Conflict: beside the field it is about; or the hours of that day are there already.
        TooMany: the actor did so very often.
    """
    actor.require_to_know(Permission.CONFIRM_HOURS, organisation_id)
    if refused := rules.day_refused(on, clock.today()):
        raise Conflict(refused, field="day")
    _refuse_minutes(minutes)
    if actor.is_self(person_id):
        raise Conflict("Add your own hours under “My hours”", field="person")
    if not await choices.is_here(organisation_id, person_id):
        raise Conflict("Choose somebody who volunteers with you", field="person")
    here = {role.id: role for role in await choices.roles_here(organisation_id)}
    if role_id not in here:
        raise Conflict("Choose one of your roles", field="role_id")
    await rate_limits.count(CLAIMS, str(actor.require_person()))
    async with db.transaction(once):
        return await _claim(actor, Side.ORGANISATION, person_id, here[role_id], on, minutes, note)


async def _claim(
    actor: Actor,
    side: Side,
    person: UUID,
    role: PublicRole,
    on: date,
    minutes: int,
    note: str,
) -> UUID:
    """Write down what one side says, for the other to agree to; a step."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"booking:{person}")
    booking_id = await _booking(side, person, role.id, on)
    await _refuse_long_day(person, on, minutes, None)
    id = await _insert(side, person, role, booking_id, on, minutes, note)
    await audit.record(
        Event.CLAIMED,
        "hours",
        id,
        by=actor,
        organisation=role.organisation_id,
        data={"person": str(person), "minutes": minutes, "side": side.value},
    )
    return id


_THERE = {
    Side.VOLUNTEER: "Your hours in this role on that day are there already: change them under"
    " “My hours”",
    Side.ORGANISATION: "Their hours in this role on that day are there already: find them in the"
    " list",
}


async def _booking(side: Side, person: UUID, role_id: UUID, on: date) -> UUID | None:
    """Give the booking a claim is of, None where there was none that day."""
    rows = await db.fetch(
        "SELECT b.id, s.ends_at > now() AS ahead, coalesce(h.state, 'withdrawn') AS hours"
        " FROM booking b JOIN shift s ON s.id = b.shift_id LEFT JOIN hours h ON h.booking_id = b.id"
        " WHERE b.person_id = {} AND s.role_id = {} AND s.local_start::date = {}"
        " AND b.state <> 'cancelled' AND s.state = 'planned' ORDER BY s.starts_at, b.id",
        person,
        role_id,
        on,
    )
    if not rows:
        return None
    free = [row for row in rows if row["hours"] == HoursState.WITHDRAWN]
    if not free:
        raise Conflict(_THERE[side], field="day")
    if free[0]["ahead"]:
        raise Conflict("That shift is not over yet. Add the hours when it is", field="day")
    return free[0]["id"]


async def _insert(
    side: Side,
    person: UUID,
    role: PublicRole,
    booking_id: UUID | None,
    on: date,
    minutes: int,
    note: str,
) -> UUID:
    target = "(booking_id)"
    if booking_id is None:
        target = "(person_id, role_id, on_date) WHERE booking_id IS NULL"
    row = await db.fetch_one(
        "INSERT INTO hours AS h (id, booking_id, person_id, organisation_id, role_id, on_date,"  # noqa: S608
        " minutes, state, proposed_by, note)"
        " VALUES ({}, {}, {}, {}, {}, {}, {}, 'proposed', {}, {})"
        f" ON CONFLICT {target} DO UPDATE SET minutes = excluded.minutes, state = 'proposed',"
        " proposed_by = excluded.proposed_by, note = excluded.note, dispute = '',"
        " disputed_by = NULL, disputed_minutes = NULL WHERE h.state = 'withdrawn' RETURNING h.id",
        new_id(),
        booking_id,
        person,
        role.organisation_id,
        role.id,
        on,
        minutes,
        ProposedBy(side.value).value,
        note,
    )
    if row is None:
        raise Conflict(_THERE[side], field="day")
    return row["id"]


def _refuse_minutes(minutes: int, least: int = 1) -> None:
    if not least <= minutes <= rules.MOST_A_DAY:
        raise Conflict("Enter a time between 1 minute and 24 hours", field="minutes")


async def _refuse_long_day(person: UUID, on: date, minutes: int, but: UUID | None) -> None:
    """Refuse more hours than a day has, over all roles of a person."""
    others = await db.fetch_value(
        "SELECT coalesce(sum(minutes), 0)::int FROM hours WHERE person_id = {} AND on_date = {}"
        " AND state <> 'withdrawn' AND id IS DISTINCT FROM {}::uuid",
        person,
        on,
        but,
    )
    if others + minutes > rules.MOST_A_DAY:
        raise Conflict(
            f"There are {duration_words(others)} on that day already, and a day has 24",
            field="minutes",
        )


async def _turn(actor: Actor, id: UUID, verb: Verb) -> tuple[HoursView, Side]:
    """Lock a record of hours for one of its sides, who may do this now."""
    db.require_transaction()
    view, side = await queries.one(actor, id, lock=True)
    if verb not in view.may(side):
        if side is Side.VOLUNTEER and view.waits_for is Side.ORGANISATION:
            raise Conflict(
                "These are your own hours, so somebody else of the organisation says whether"
                " they are right."
            )
        raise Conflict(
            "That cannot be done with these hours any more. Somebody may have changed them while"
            " this page was open."
        )
    return view, side


async def agree(actor: Actor, id: UUID, *, once: Once | None = None) -> HoursView:
    """Stand by hours that wait for the actor's side; gives them as they were.

    To agree that no time was given withdraws them.

    Raises:
        NotFound: there are none, or the actor may not know of them.
        Conflict: it is not the actor's turn.
    """
    async with db.transaction(once):
        view, side = await _turn(actor, id, Verb.AGREE)
        minutes = view.minutes
        if view.state is HoursState.DISPUTED:
            minutes = view.disputed_minutes or 0
        if not minutes:
            await _withdraw(actor, view)
            return view
        await _set(view, HoursState.CONFIRMED, minutes=minutes, by=actor)
        if view.booking_id is not None:
            # Who contested being marked as missing was there after all.
            with db.clashes(
                {
                    "booking_one_place_at_a_time": Conflict(
                        "This person is marked as attending another shift at the same time."
                    )
                }
            ):
                await db.execute(
                    "UPDATE booking SET state = 'attended' WHERE id = {}"
                    " AND state IN ('confirmed', 'no_show')",
                    view.booking_id,
                )
        await _record(actor, Event.AGREED, view, side, minutes=minutes)
    return view


async def dispute(
    actor: Actor, id: UUID, minutes: int, words: str, *, once: Once | None = None
) -> None:
    """Say that it was another time, and why; `minutes` 0 says that none was given.

    Raises:
        NotFound: there are no such hours, or the actor may not know of them.
        Conflict: it is not the actor's turn, or beside the field it is about.
    """
    if not words:
        raise Conflict("Say in a sentence what is not right", field="words")
    _refuse_minutes(minutes, least=0)
    async with db.transaction(once):
        view, side = await _turn(actor, id, Verb.DISPUTE)
        if minutes == view.minutes:
            raise Conflict(
                f"That is what stands there: {view.words}. Enter how long it really was",
                field="hours",
            )
        HOURS_MOVES.check(view.state, HoursState.DISPUTED)
        await db.execute(
            "UPDATE hours SET state = 'disputed', disputed_by = {}, disputed_minutes = {},"
            " dispute = {}, confirmed_by = NULL, confirmed_at = NULL WHERE id = {}",
            side.value,
            minutes,
            words,
            id,
        )
        await _record(actor, Event.DISPUTED, view, side, minutes=minutes)


async def correct(
    actor: Actor, id: UUID, minutes: int, note: str, *, once: Once | None = None
) -> None:
    """Propose another time: one's own claim while it waits, or in answer to a dispute.

    Raises:
        NotFound: there are no such hours, or the actor may not know of them.
        Conflict: it is not the actor's to correct, or beside the field it is about.
    """
    _refuse_minutes(minutes)
    async with db.transaction(once):
        view, side = await _turn(actor, id, Verb.CORRECT)
        await _refuse_long_day(view.person_id, view.on_date, minutes, id)
        if view.state is HoursState.DISPUTED:
            HOURS_MOVES.check(view.state, HoursState.PROPOSED)
        await db.execute(
            "UPDATE hours SET state = 'proposed', minutes = {}, note = {}, proposed_by = {},"
            " disputed_by = NULL, disputed_minutes = NULL, dispute = '' WHERE id = {}",
            minutes,
            note,
            ProposedBy(side.value).value,
            id,
        )
        await _record(actor, Event.CORRECTED, view, side, minutes=minutes)


async def withdraw(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take back what one's own side claimed.

    Raises:
        NotFound: there are no such hours, or the actor may not know of them.
        Conflict: they are confirmed, or were not claimed by this side.
    """
    async with db.transaction(once):
        view, side = await _turn(actor, id, Verb.WITHDRAW)
        await _withdraw(actor, view, side)


async def _withdraw(actor: Actor, view: HoursView, side: Side | None = None) -> None:
    await _set(view, HoursState.WITHDRAWN, minutes=view.minutes, by=actor)
    await _record(actor, Event.WITHDRAWN, view, side)


async def _set(view: HoursView, state: HoursState, *, minutes: int, by: Actor) -> None:
    HOURS_MOVES.check(view.state, state)
    stands = state is HoursState.CONFIRMED
    await db.execute(
        "UPDATE hours SET state = {}, minutes = {}, confirmed_by = {}, confirmed_at = {}"
        " WHERE id = {}",
        state.value,
        minutes,
        by.person_id if stands else None,
        clock.now() if stands else None,
        view.id,
    )


async def _record(
    actor: Actor, event: Event, view: HoursView, side: Side | None, **data: Any
) -> None:
    await audit.record(
        event,
        "hours",
        view.id,
        by=actor,
        organisation=view.organisation_id,
        data={"person": str(view.person_id), "side": side.value if side else None, **data},
    )
