"""Proposing visits to a volunteer, agreeing, declining, ending; planning them ahead."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from marketplace import clock, db, settings
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import SYSTEM, Actor
from marketplace.volunteering.bookings.steps import lock_person, take
from marketplace.volunteering.eligibility import queries as eligibility
from marketplace.volunteering.eligibility.rules import Code
from marketplace.volunteering.rules import CancelledBy, OpportunityState, Timing
from marketplace.volunteering.series import operations as series_operations
from marketplace.volunteering.series import queries as series_queries
from marketplace.volunteering.series import rules
from marketplace.volunteering.series import steps as series_steps
from marketplace.volunteering.series.rules import Terms
from marketplace.volunteering.shifts.operations import role_of
from marketplace.volunteering.tables import PersonalView
from marketplace.volunteering.visits import queries, steps
from marketplace.volunteering.visits.queries import VisitView
from marketplace.volunteering.visits.rules import VISIT_MOVES, Event, VisitState
from marketplace.volunteering.visits.tables import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a coordinator asks of a volunteer; who and where is told once they agreed."""

    volunteer: UUID
    first_day: date
    terms: Terms
    whom: str
    address: str
    instructions: str = ""
    message: str = ""
    role: UUID | None = None


async def propose(
    actor: Actor, opportunity_id: UUID, proposal: Proposal, *, once: Once | None = None
) -> UUID:
    """Ask one volunteer for regular visits, and give the arrangement's id.

    Raises:
        NotFound: see `queries.to_manage`.
        Conflict: beside the field it is about; or the opportunity arranges no visits.
    """
    terms = proposal.terms
    async with db.transaction(once):
        opportunity = await queries.to_manage(actor, opportunity_id, lock=True)
        if opportunity.timing is not Timing.ARRANGED:
            raise Conflict(
                "This opportunity has other times. Choose “You arrange it with one volunteer at a"
                " time” under “Edit the details” first."
            )
        if opportunity.state is not OpportunityState.OPEN:
            raise Conflict("Open this opportunity first. Then volunteers can agree to visits.")
        known = await queries.volunteers(opportunity.organisation_id, opportunity_id)
        if proposal.volunteer not in {id for id, _ in known}:
            raise Conflict("Choose a volunteer from the list", field="volunteer")
        if proposal.first_day < clock.today():
            raise Conflict("Enter a first day that lies ahead", field="day")
        rules.check(terms, proposal.first_day)
        role_id = await role_of(opportunity, proposal.role)
        visit = Visit(
            opportunity_id=opportunity_id,
            role_id=role_id,
            organisation_id=opportunity.organisation_id,
            volunteer_id=proposal.volunteer,
            rule=terms.pattern.rule,
            zone=settings.current().zone.key,
            first_day=proposal.first_day,
            until=terms.until,
            start_time=terms.start,
            end_time=terms.end,
            skip_holidays=terms.skip_holidays,
            whom=proposal.whom,
            address=proposal.address,
            instructions=proposal.instructions,
            message=proposal.message,
            proposed_by=actor.person_id,
        )
        await visit.save()
        await steps.record(actor, Event.VISIT_PROPOSED, visit.id, opportunity.organisation_id)
    return visit.id


async def look(actor: Actor, id: UUID) -> VisitView:
    """Show the coordinator an arrangement with its address, and write down who looked.

    Raises:
        NotFound: see `queries.visit_to_manage`.
    """
    async with db.transaction():
        visit, _ = await queries.visit_to_manage(actor, id)
        await PersonalView(
            viewer_id=actor.require_person(), subject_type="visit", subject_id=id
        ).save()
    return visit


async def withdraw(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take a proposal back before it is answered.

    Raises:
        NotFound: see `queries.visit_to_manage`.
        IllegalMove: it is answered already.
    """
    async with db.transaction(once):
        visit, _ = await queries.visit_to_manage(actor, id, lock=True)
        await steps.move(visit, VisitState.WITHDRAWN)
        await steps.record(actor, Event.VISIT_WITHDRAWN, id, visit.organisation_id)


async def decline(actor: Actor, id: UUID, answer: str = "", *, once: Once | None = None) -> None:
    """Say no to visits, with a word to the coordinator or without.

    Raises:
        NotFound: see `queries.own`.
        IllegalMove: it is answered already.
    """
    async with db.transaction(once):
        visit = await queries.own(actor, id, lock=True)
        await steps.decline(actor, visit, answer)


async def agree(
    actor: Actor, id: UUID, *, old_enough: bool = False, once: Once | None = None
) -> list[str]:
    """Agree to visits: each becomes a shift of one place, booked; gives when they cannot come.

    Raises:
        NotFound: see `queries.own`.
        Conflict: names the rule that forbids it.
        IllegalMove: it is answered already, or taken back.
    """
    async with db.transaction(once):
        visit = await queries.own(actor, id)
        await lock_person(visit.volunteer_id)
        await steps.lock(visit.opportunity_id)
        visit = await queries.own(actor, id, lock=True)
        VISIT_MOVES.check(visit.state, VisitState.AGREED)
        series = await series_operations.create(
            visit.opportunity_id, visit.role_id, visit.first_day, visit.terms, for_visits=True
        )
        await Visit.update({Visit.series_id: series.id}).where(Visit.id == id)
        await steps.move(visit, VisitState.AGREED)
        made = await series_steps.materialise(actor, series, visit.organisation_id)
        left: list[str] = []
        for shift in made:
            if clash := await _book(actor, visit, shift, old_enough=old_enough):
                left.append(clash)
        await steps.record(
            actor, Event.VISIT_AGREED, id, visit.organisation_id, booked=len(made) - len(left)
        )
    return left


async def _book(actor: Actor, visit: VisitView, shift: UUID, *, old_enough: bool) -> str:
    """Book one visit; gives when it is where the volunteer is somewhere else then, "" otherwise."""
    answer = await eligibility.ask(visit.volunteer_id, shift, old_enough=old_enough)
    others = [reason for reason in answer.reasons if reason.code != Code.OVERLAP]
    if others:
        field = "old_enough" if others[0].code == Code.AGE else None
        raise Conflict(others[0].sentence, field=field)
    if answer.reasons or await take(actor, shift, visit.volunteer_id) is None:
        return clock.period_words(answer.asking.starts_at, answer.asking.ends_at)
    return ""


async def end(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """End agreed visits, for either side; those that lie ahead are off, and the other is told.

    Raises:
        NotFound: the actor may not know of the arrangement.
        IllegalMove: it is not agreed, or over.
    """
    async with db.transaction(once):
        found = await queries.visit(id)
        by_volunteer = actor.person_id is not None and actor.person_id == found.volunteer_id
        if by_volunteer:
            await steps.lock(found.opportunity_id)
            visit = await queries.own(actor, id, lock=True)
        else:
            visit, _ = await queries.visit_to_manage(actor, id, lock=True)
        by = CancelledBy.VOLUNTEER if by_volunteer else CancelledBy.ORGANISATION
        await steps.end(actor, visit, by)


async def plan_ahead() -> int:
    """Plan and book the visits that came within reach; gives how many. For the schedule.

    Where the volunteer may not or cannot come, the visit stays without them: the coordinator sees
    that it is short of one.
    """
    made = 0
    for id in await queries.due(rules.horizon(clock.today(settings.current().zone))):
        visit = await queries.visit(id)
        async with db.transaction():
            await lock_person(visit.volunteer_id)
            await steps.lock(visit.opportunity_id)
            visit = await queries.visit(id, lock=True)
            if visit.state is not VisitState.AGREED or visit.series_id is None:
                continue
            series = await series_queries.series(visit.series_id, lock=True)
            for shift in await series_steps.materialise(SYSTEM, series, visit.organisation_id):
                made += 1
                answer = await eligibility.ask(visit.volunteer_id, shift)
                if not answer.reasons:
                    await take(SYSTEM, shift, visit.volunteer_id)
    return made
