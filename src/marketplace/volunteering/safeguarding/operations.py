"""Deciding what a role asks for, recording what was seen, asking to be looked at, and warning."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.credentials import queries as credentials_queries
from marketplace.credentials import steps as credentials
from marketplace.credentials.queries import Holders
from marketplace.credentials.rules import YOUNGEST_CHECKED, Check, Kind, Standing
from marketplace.credentials.steps import Seen
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM, Actor
from marketplace.volunteering.safeguarding import clearance, queries
from marketplace.volunteering.safeguarding.rulebook import rules
from marketplace.volunteering.safeguarding.rules import Event, Question, advise, allow
from marketplace.volunteering.safeguarding.tables import CheckRequest, RoleCheck, RoleTraining


async def decide(
    actor: Actor,
    role_id: UUID,
    question: Question,
    chosen: Check | None,
    why: str,
    *,
    once: Once | None = None,
) -> None:
    """Record what a named person decides that a role asks for, from now on.

    Raises:
        NotFound: there is no such role, or the actor does not record checks there.
        Conflict: beside `level`: it is more than the law allows, or the role takes people whom
            nobody can check.
    """
    async with db.transaction(once):
        role, _ = await queries.role_to_decide(actor, role_id, lock=True)
        today = clock.today()
        advice = advise(rules(), question, today)
        allow(advice, chosen)
        if chosen is not None and role.minimum_age < YOUNGEST_CHECKED:
            raise Conflict(
                "Nobody under 16 can be checked, and this role takes"
                f" {f'people from {role.minimum_age}' if role.minimum_age else 'any age'}."
                " Set the role’s minimum age to 16 or more first.",
                field="level",
            )
        await RoleCheck(
            role_id=role_id,
            organisation_id=role.organisation_id,
            level=chosen,
            advised=advice.check,
            nation=question.nation,
            workforce=question.workforce,
            duties=sorted(question.duties),
            frequency=question.frequency,
            supervised=question.supervised,
            rules=[ground.key for ground in advice.grounds],
            judged_on=today,
            why=why,
            decided_by=actor.require_person(),
        ).save()
        await audit.record(
            Event.DECIDED,
            "role",
            role_id,
            by=actor,
            organisation=role.organisation_id,
            data={"level": chosen.value if chosen else "none"},
        )


async def ask_for_training(
    actor: Actor, role_id: UUID, kinds: Sequence[Kind], *, once: Once | None = None
) -> None:
    """Replace the training that a role asks for.

    Raises:
        NotFound: there is no such role, or the actor does not record checks there.
    """
    async with db.transaction(once):
        role, _ = await queries.role_to_decide(actor, role_id, lock=True)
        chosen = {kind for kind in kinds if kind is not Kind.CHECK}
        await RoleTraining.delete().where(RoleTraining.role_id == role_id)
        for kind in sorted(chosen):
            await RoleTraining(role_id=role_id, kind=kind).save()
        await audit.record(
            Event.TRAINING_CHANGED,
            "role",
            role_id,
            by=actor,
            organisation=role.organisation_id,
            data={"kinds": sorted(chosen)},
        )


async def record(
    actor: Actor,
    organisation_id: UUID,
    person_id: UUID,
    seen: Seen,
    *,
    of_age: bool = False,
    once: Once | None = None,
) -> UUID:
    """Write down what the actor saw of a volunteer; whoever asked to be looked at is answered.

    `of_age` is the actor's word that a checked person is 16 or over.

    Raises:
        NotFound: the actor does not record checks there, or the person has nothing to do with it.
        Conflict: the person is under 16, the dates cannot be, or it is the actor's own.
    """
    async with db.transaction(once):
        person = await queries.person(actor, organisation_id, person_id)
        if seen.kind is Kind.CHECK and not of_age:
            raise Conflict(
                "Tick that this person is 16 or over: nobody younger can be checked",
                field="of_age",
            )
        credential = await credentials.record(actor, organisation_id, person.id, seen)
        await _answer(organisation_id, person_id)
    return credential


async def _answer(organisation_id: UUID, person_id: UUID) -> None:
    """Close the requests of somebody who now has everything looked at that they asked for."""
    open = await db.fetch(
        "SELECT id, role_id FROM check_request WHERE organisation_id = {} AND person_id = {}"
        " AND closed_at IS NULL ORDER BY id FOR UPDATE",
        organisation_id,
        person_id,
    )
    for row in open:
        lacking = await clearance.lacking(organisation_id, person_id, row["role_id"])
        if Standing.MISSING not in lacking and Standing.EXPIRED not in lacking:
            await CheckRequest.update({CheckRequest.closed_at: clock.now()}).where(
                CheckRequest.id == row["id"]
            )


async def ask_to_be_seen(
    actor: Actor, role_id: UUID, *, of_age: bool, once: Once | None = None
) -> None:
    """Ask an organisation to look at what a role of it asks for.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such role.
        Conflict: nothing is missing, it was asked already, or the person is under 16.
    """
    person = actor.require_person()
    async with db.transaction(once):
        role = await queries.role(actor, role_id)
        own = await clearance.own(actor, role)
        if own.clear:
            raise Conflict("There is nothing to ask for: you are clear for this role.")
        if not actor.email_confirmed:
            raise Conflict(
                "Confirm your e-mail address first: open the link in the message we sent you."
            )
        if not of_age:
            raise Conflict(
                "Tick that you are 16 or over: nobody younger can be checked", field="of_age"
            )
        request = CheckRequest(
            role_id=role_id, person_id=person, organisation_id=role.organisation_id
        )
        again = Conflict(f"You asked already. {role.organisation_name} will answer you.")
        with db.clashes({"check_request_once": again}):
            await request.save()
        await audit.record(
            Event.ASKED,
            "check_request",
            request.id,
            by=actor,
            organisation=role.organisation_id,
            data={"role": str(role_id), "person": str(person)},
        )


@dataclass(frozen=True, slots=True)
class Overview:
    """Who waits, whose places are not clear, and a page of whom something was seen."""

    requests: list[queries.Request]
    not_clear: list[clearance.NotClear]
    holders: Holders


async def look_at_everybody(actor: Actor, organisation_id: UUID, *, page: int = 1) -> Overview:
    """Show whom an organisation has to do with, and write down who looked at whom.

    Raises:
        NotFound: the actor does not record checks there.
    """
    async with db.transaction():
        holders = await credentials_queries.of_organisation(actor, organisation_id, page=page)
        requests = await queries.requests(actor, organisation_id)
        not_clear = await clearance.not_clear(organisation_id)
        shown = {each.person_id for each in (*holders.people, *requests, *not_clear)}
        await credentials.note_look(actor, sorted(shown))
    return Overview(requests, not_clear, holders)


async def close_request(
    actor: Actor, organisation_id: UUID, request_id: UUID, *, once: Once | None = None
) -> None:
    """Put a request aside without recording anything.

    Raises:
        NotFound: there is none there, or the actor does not record checks there.
        Conflict: somebody answered it already.
    """
    async with db.transaction(once):
        if not await queries.request_to_close(actor, organisation_id, request_id):
            raise Conflict("Somebody answered this request already.")
        await CheckRequest.update({CheckRequest.closed_at: clock.now()}).where(
            CheckRequest.id == request_id
        )


async def warn_of_lapses() -> int:
    """Tell each organisation once of places whose people will not be clear; gives how many."""
    told = 0
    found = sorted(await clearance.not_clear(), key=lambda each: str(each.organisation_id))
    for organisation, places in groupby(found, key=lambda each: each.organisation_id):
        async with db.transaction():
            new = [each for each in list(places) if await _first_notice(each)]
            if new:
                await audit.record(
                    Event.LAPSING,
                    "organisation",
                    organisation,
                    by=SYSTEM,
                    organisation=organisation,
                    data={"bookings": [str(each.booking_id) for each in new]},
                )
        told += len(new)
    return told


async def _first_notice(place: clearance.NotClear) -> bool:
    """Note that a place was told of; False where it was before."""
    first = await db.fetch_value(
        "INSERT INTO credential_notice (id, about, subject_id, holds_until)"
        " VALUES ({}, 'lapsing', {}, {}) ON CONFLICT DO NOTHING RETURNING id",
        new_id(),
        place.booking_id,
        place.on,
    )
    return first is not None
