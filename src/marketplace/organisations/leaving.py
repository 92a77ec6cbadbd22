"""What leaving means to organisations: somebody else answers for each first."""

from uuid import UUID

from marketplace import db
from marketplace.accounts.leaving.rules import Obstacle
from marketplace.accounts.leaving.steps import Part
from marketplace.organisations.people import steps as people
from marketplace.organisations.safeguarding_leads import queries as leads
from marketplace.organisations.safeguarding_leads import steps as lead_steps
from marketplace.permissions import Actor

# What ended needs nobody any more.
_RUNS = "g.state NOT IN ('refused', 'closed')"


async def obstacles(person_id: UUID) -> list[Obstacle]:
    """Name the organisations without another owner, and those whose concerns nobody would hear."""
    return [
        *await _sole_owner(person_id),
        *await _sole_lead(person_id),
        *await _sole_lead_of_place(person_id),
    ]


async def _sole_owner(person_id: UUID) -> list[Obstacle]:
    rows = await db.fetch(
        "SELECT g.id, g.name FROM membership m JOIN organisation g ON g.id = m.organisation_id"  # noqa: S608
        f" WHERE m.person_id = {{}} AND m.role = 'owner' AND {_RUNS}"
        " AND NOT EXISTS (SELECT FROM membership o JOIN person p ON p.id = o.person_id"
        "  WHERE o.organisation_id = g.id AND o.role = 'owner' AND o.person_id <> m.person_id"
        "  AND p.anonymised_at IS NULL) ORDER BY lower(unaccent(g.name)), g.id",
        person_id,
    )
    return [
        Obstacle(
            f"{row['name']} has no other owner. Make somebody else an owner first, or close the"
            " organisation.",
            f"/manage/{row['id']}/people",
            f"People of {row['name']}",
        )
        for row in rows
    ]


async def _sole_lead(person_id: UUID) -> list[Obstacle]:
    rows = await db.fetch(
        "SELECT g.id, g.name FROM safeguarding_lead l JOIN organisation g"  # noqa: S608
        f" ON g.id = l.organisation_id WHERE l.person_id = {{}} AND {_RUNS}"
        " ORDER BY lower(unaccent(g.name)), g.id",
        person_id,
    )
    return [
        Obstacle(
            f"Nobody else hears of worries at {row['name']}. An owner names another safeguarding"
            " lead first.",
            f"/manage/{row['id']}/safeguarding-leads",
            f"Safeguarding at {row['name']}",
        )
        for row in rows
        if {lead.person_id for lead in await leads.of_organisation(row["id"])} <= {person_id}
    ]


async def _sole_lead_of_place(person_id: UUID) -> list[Obstacle]:
    named = {lead.person_id for lead in await leads.of_place()}
    if named != {person_id}:
        return []
    return [
        Obstacle(
            "Nobody else is safeguarding lead of the place. An administrator names somebody else"
            " first.",
            "/admin/safeguarding",
            "Safeguarding leads of the place",
        )
    ]


async def lock(person_id: UUID) -> None:
    """Hold the organisations of the person, in the order of their ids, and the place's leads."""
    await db.execute(
        "SELECT FROM organisation WHERE id IN (SELECT organisation_id FROM membership"
        " WHERE person_id = {}) ORDER BY id FOR NO KEY UPDATE",
        person_id,
    )
    if await lead_steps.leads_place(person_id):
        await lead_steps.lock_place()


async def let_go(actor: Actor, person_id: UUID) -> None:
    """End every membership, and what was named with it."""
    for row in await db.fetch(
        "SELECT organisation_id FROM membership WHERE person_id = {} ORDER BY organisation_id",
        person_id,
    ):
        await people.end(actor, row["organisation_id"], person_id)
    await lead_steps.remove_from_place(actor, person_id)


LEAVING = Part(let_go=let_go, obstacles=obstacles, lock=lock)
