"""Giving and correcting a birth date, and what follows from it for consents and places."""

from datetime import date
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.accounts import ages, birth_dates
from marketplace.accounts.queries import credentials_at
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.bookings.steps import lock_person
from marketplace.volunteering.guardians import queries, rules, steps
from marketplace.volunteering.guardians.queries import ConsentView
from marketplace.volunteering.guardians.rules import CONSENT_MOVES, ConsentState, Event

FIELD = "born_on"
_CHANGED = (
    "Your date of birth was changed. Under 18, your parent or guardian has to agree to it again:"
    " book once they have."
)


async def say(actor: Actor, born_on: date, *, once: Once | None = None) -> int:
    """Give one's own birth date, or correct it once; gives how many places were given back.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: beside its field: under 13, no birth date at all, or not theirs to correct.
    """
    person = actor.require_person()
    async with db.transaction(once):
        await lock_person(person)
        before = await queries.birth_date(person)
        today = clock.today()
        problem = ages.problem(born_on, today) or rules.may_correct(
            before.born_on, born_on, corrected=before.corrected, today=today
        )
        if problem:
            raise Conflict(problem, field=FIELD)
        return await _change(actor, person, before.born_on, born_on, own=True)


async def correct(actor: Actor, email: str, born_on: date, *, once: Once | None = None) -> int:
    """Correct somebody else's birth date, for those who look after the place.

    Raises:
        NotFound: the actor may not.
        Conflict: beside its field: nobody has that address, or under 13.
    """
    actor.require_to_know(Permission.CORRECT_BIRTH_DATES)
    found = await credentials_at(email)
    if found is None:
        raise Conflict("Nobody has joined with that address", field="email")
    if actor.is_self(found.id):
        raise Conflict("Ask somebody else to correct your own", field="email")
    if problem := ages.problem(born_on, clock.today()):
        raise Conflict(problem, field=FIELD)
    async with db.transaction(once):
        await lock_person(found.id)
        before = await birth_dates.born(found.id)
        return await _change(actor, found.id, before, born_on, own=False)


async def _change(
    actor: Actor, person: UUID, before: date | None, born_on: date, *, own: bool
) -> int:
    if before == born_on:
        return 0
    await birth_dates.note(actor, person, born_on, correction=own and before is not None)
    grown_up = ages.age(born_on, clock.today()) >= ages.ADULT
    for each in await queries.of_person(person):
        if grown_up and (each.stands or each.open):
            await db.execute(
                "UPDATE guardian_consent SET state = {}, closed_at = {} WHERE id = {}",
                CONSENT_MOVES.check(each.state, ConsentState.ENDED).value,
                clock.now(),
                each.id,
            )
        elif each.stands:
            await _ask_again(actor, each)
    # What was decided was decided about somebody of another age.
    await db.execute(
        "DELETE FROM place_doubt WHERE booking_id IN (SELECT id FROM booking WHERE person_id = {})",
        person,
    )
    return len(await steps.release_unfit(person, _CHANGED, too_young=True))


async def _ask_again(actor: Actor, given: ConsentView) -> None:
    # What a guardian agreed to, they agreed to for somebody of another age.
    await db.execute(
        "UPDATE guardian_consent SET state = {}, until = NULL, answered_at = NULL, asked_at = {},"
        " version = version + 1 WHERE id = {}",
        CONSENT_MOVES.check(given.state, ConsentState.ASKED).value,
        clock.now(),
        given.id,
    )
    await audit.record(
        Event.CONSENT_ASKED,
        "guardian_consent",
        given.id,
        by=actor,
        organisation=given.organisation_id,
        data={"again": True},
    )
