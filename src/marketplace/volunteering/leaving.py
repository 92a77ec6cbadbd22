"""What leaving means to volunteering: places go back, applications and claims are withdrawn.

Hours, attendance, decisions, checks that were seen and approved claims stay, without a name.
"""

from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.leaving.steps import Part
from marketplace.errors import Conflict
from marketplace.offers import queries as offers
from marketplace.permissions import Actor
from marketplace.volunteering.applications import sent
from marketplace.volunteering.applications import steps as applications
from marketplace.volunteering.bookings import steps as bookings
from marketplace.volunteering.expenses import operations as expenses
from marketplace.volunteering.expenses import queries as claims
from marketplace.volunteering.groups import queries as groups
from marketplace.volunteering.groups import steps as group_steps
from marketplace.volunteering.guardians import queries as guardians
from marketplace.volunteering.guardians import steps as guardian_steps
from marketplace.volunteering.guardians.rules import ConsentState, Event
from marketplace.volunteering.rules import CancelledBy
from marketplace.volunteering.visits import queries as visits
from marketplace.volunteering.visits import steps as visit_steps
from marketplace.volunteering.visits.rules import VisitState
from marketplace.volunteering.waitlist import steps as waitlist

# Shifts on which the person holds, waits for or keeps something, and those of the young people
# for whom they agreed.
_SHIFTS = (
    "SELECT b.shift_id FROM booking b WHERE b.state = 'confirmed' AND (b.person_id = {}"
    "  OR b.person_id IN (SELECT person_id FROM guardian_consent"
    "   WHERE guardian_id = {} AND state = 'given'))"
    " UNION SELECT q.subject_id FROM offer_entry e JOIN offer_queue q ON q.id = e.queue_id"
    "  WHERE e.person_id = {} AND e.state IN ('waiting', 'offered') AND q.subject_type = 'shift'"
    " UNION SELECT shift_id FROM volunteer_group WHERE captain_id = {} AND held > 0"
    " UNION SELECT s.id FROM visit v JOIN shift s ON s.series_id = v.series_id"
    "  WHERE v.volunteer_id = {} AND v.state = 'agreed'"
)


async def lock(person_id: UUID) -> None:
    """Hold the people, then the opportunities of visits, then the shifts."""
    young = await _ids(
        "SELECT DISTINCT person_id AS id FROM guardian_consent"
        " WHERE guardian_id = {} AND state IN ('given', 'asked')",
        person_id,
    )
    for each in sorted({person_id, *young}):
        await bookings.lock_person(each)
    await applications.one_at_a_time(person_id)
    for each in await _ids(
        "SELECT DISTINCT opportunity_id AS id FROM visit WHERE volunteer_id = {}"
        " AND state IN ('proposed', 'agreed') ORDER BY 1",
        person_id,
    ):
        await visit_steps.lock(each)
    await db.execute(
        f"SELECT FROM shift WHERE id IN ({_SHIFTS}) AND starts_at > now()"
        " ORDER BY id FOR NO KEY UPDATE",
        *[person_id] * 5,
    )


async def _ids(sql: str, person_id: UUID) -> list[UUID]:
    return [row["id"] for row in await db.fetch(sql, person_id)]


async def let_go(actor: Actor, person_id: UUID) -> None:
    """Give everything back that lies ahead, and end what the person answers for."""
    await _groups(actor, person_id)
    await _visits(actor, person_id)
    await _waiting(actor, person_id)
    await _bookings(actor, person_id)
    await _applications(actor, person_id)
    await _consents(actor, person_id)
    await _claims(actor, person_id)
    now = clock.now()
    for statement in (
        "UPDATE shift_leader SET ended_at = {} WHERE person_id = {} AND ended_at IS NULL",
        "UPDATE named_adult SET ended_at = {} WHERE person_id = {} AND ended_at IS NULL",
        "UPDATE check_request SET closed_at = {} WHERE person_id = {} AND closed_at IS NULL",
    ):
        await db.execute(statement, now, person_id)


async def _groups(actor: Actor, person_id: UUID) -> None:
    for id in await _ids(
        "SELECT v.id FROM volunteer_group v JOIN shift s ON s.id = v.shift_id"
        " WHERE v.captain_id = {} AND v.held > 0 AND s.state = 'planned' AND s.starts_at > now()"
        " ORDER BY v.shift_id, v.id",
        person_id,
    ):
        await group_steps.lock((await groups.group(id)).shift_id)
        await group_steps.give_up(actor, await groups.group(id, lock=True))


async def _visits(actor: Actor, person_id: UUID) -> None:
    for id in await _ids(
        "SELECT id FROM visit WHERE volunteer_id = {} AND state IN ('proposed', 'agreed')"
        " ORDER BY opportunity_id, id",
        person_id,
    ):
        visit = await visits.visit(id, lock=True)
        if visit.state is VisitState.PROPOSED:
            await visit_steps.decline(actor, visit)
        elif visit.state is VisitState.AGREED:
            await visit_steps.end(actor, visit, CancelledBy.VOLUNTEER)


async def _waiting(actor: Actor, person_id: UUID) -> None:
    shifts = await _ids(
        "SELECT DISTINCT q.subject_id AS id FROM offer_entry e JOIN offer_queue q"
        " ON q.id = e.queue_id WHERE e.person_id = {} AND e.state IN ('waiting', 'offered')"
        " AND q.subject_type = 'shift' ORDER BY 1",
        person_id,
    )
    for shift in shifts:
        await group_steps.lock(shift)
        for entry in await offers.of_person(person_id, waitlist.SHIFT, [shift]):
            await waitlist.leave(actor, entry)


async def _bookings(actor: Actor, person_id: UUID) -> None:
    for id in await _ids(
        "SELECT b.id FROM booking b JOIN shift s ON s.id = b.shift_id WHERE b.person_id = {}"
        " AND b.state = 'confirmed' AND s.starts_at > now() ORDER BY b.shift_id",
        person_id,
    ):
        try:
            await bookings.release(actor, id, CancelledBy.VOLUNTEER)
        except Conflict:
            continue  # It started, or was given back, at this very moment.


async def _applications(actor: Actor, person_id: UUID) -> None:
    for row in await db.fetch(
        "SELECT id, state FROM role_application WHERE person_id = {}"
        " AND state IN ('draft', 'submitted') ORDER BY id FOR NO KEY UPDATE",
        person_id,
    ):
        if row["state"] == "draft":
            await applications.delete_draft(row["id"])
        else:
            await applications.withdraw(actor, await sent.own(actor, row["id"], lock=True))


async def _consents(actor: Actor, person_id: UUID) -> None:
    for id in await _ids(
        "SELECT id FROM guardian_consent WHERE guardian_id = {} AND state IN ('given', 'asked')"
        " ORDER BY person_id, id",
        person_id,
    ):
        await guardian_steps.withdraw(actor, await guardians.own(actor, id, lock=True))
    for id in await _ids(
        "SELECT id FROM guardian_consent WHERE person_id = {} AND state IN ('given', 'asked')"
        " ORDER BY id",
        person_id,
    ):
        found = await guardians.consent(id, lock=True)
        await guardian_steps.close(found, ConsentState.ENDED)
        if found.stands:
            await guardian_steps.record(actor, Event.CONSENT_ENDED, id, found.organisation_id)


async def _claims(actor: Actor, person_id: UUID) -> None:
    for id in await _ids(
        "SELECT id FROM expense WHERE person_id = {} AND state IN ('submitted', 'returned')"
        " ORDER BY id",
        person_id,
    ):
        await expenses.take_back(actor, await claims.own(actor, id, lock=True))


LEAVING = Part(let_go=let_go, lock=lock)
