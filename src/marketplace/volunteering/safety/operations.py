"""Writing one's own details, sharing them, and looking at those that were shared."""

import json
from dataclasses import asdict, dataclass
from uuid import UUID

from marketplace import audit, clock, db, sealing
from marketplace.db import Once
from marketplace.errors import NotFound
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.safety import queries, rules
from marketplace.volunteering.safety.queries import Details
from marketplace.volunteering.safety.rules import Event
from marketplace.volunteering.shifts.queries import ShiftView
from marketplace.volunteering.tables import PersonalView


async def write(actor: Actor, details: Details, *, once: Once | None = None) -> None:
    """Keep the actor's details, sealed; empty ones delete what was kept, and what was shared.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    empty = details == Details()
    async with db.transaction(once):
        if empty:
            await db.execute("DELETE FROM safety_share WHERE person_id = {}", person)
            await db.execute("DELETE FROM safety_details WHERE person_id = {}", person)
        else:
            sealed = sealing.seal(queries.SEALED, json.dumps(asdict(details)))
            await db.execute(
                "INSERT INTO safety_details (id, person_id, sealed, updated_at)"
                " VALUES ({}, {}, {}, {}) ON CONFLICT (person_id) DO UPDATE"
                " SET sealed = excluded.sealed, updated_at = excluded.updated_at",
                new_id(),
                person,
                sealed,
                clock.now(),
            )
        await audit.record(Event.DELETED if empty else Event.WRITTEN, "person", person, by=actor)


async def share(
    actor: Actor,
    booking_id: UUID,
    shared: bool,
    *,
    everywhere: bool = False,
    once: Once | None = None,
) -> None:
    """Let leaders see the actor's details, or stop it: of one booking, or all of its organisation.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such booking of theirs.
    """
    person = actor.require_person()
    async with db.transaction(once):
        organisation = await db.fetch_value(
            "SELECT organisation_id FROM booking WHERE id = {} AND person_id = {}",
            booking_id,
            person,
        )
        if organisation is None:
            raise NotFound("We cannot find that booking.")
        which = None if everywhere else booking_id
        if shared:
            await db.execute(
                "INSERT INTO safety_share (id, person_id, organisation_id, booking_id, given_at)"
                " VALUES ({}, {}, {}, {}, {}) ON CONFLICT DO NOTHING",
                new_id(),
                person,
                organisation,
                which,
                clock.now(),
            )
        else:
            await db.execute(
                "DELETE FROM safety_share WHERE person_id = {} AND organisation_id = {}"
                " AND booking_id IS NOT DISTINCT FROM {}",
                person,
                organisation,
                which,
            )
        await audit.record(
            Event.SHARED if shared else Event.KEPT_PRIVATE,
            "person",
            person,
            by=actor,
            organisation=organisation,
            data={"booking": str(booking_id), "everywhere": everywhere},
        )


@dataclass(frozen=True, slots=True)
class Shared:
    """What one person shared; None where it cannot be opened any more."""

    name: str
    details: Details | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A shift with what was shared for it; `open` says that it may be seen now."""

    shift: ShiftView
    opportunity: OpportunityView
    open: bool
    people: list[Shared]


async def look(actor: Actor, shift_id: UUID) -> Sheet:
    """Show what was shared for a shift, and write down for each person who looked.

    Raises:
        NotFound: there is no such shift, or the actor neither leads it nor sees its roster.
    """
    shift, opportunity = await queries.shift_to_lead(actor, shift_id)
    if not rules.shown(shift.starts_at, shift.ends_at, clock.now()):
        return Sheet(shift, opportunity, False, [])
    async with db.transaction():
        rows = await queries.shared(shift_id)
        for row in rows:
            await PersonalView(
                viewer_id=actor.require_person(), subject_type=queries.VIEW, subject_id=row["id"]
            ).save()
    people = [Shared(row["name"], queries.opened(row["sealed"])) for row in rows]
    return Sheet(shift, opportunity, True, people)
