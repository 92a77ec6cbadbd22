"""Naming who looks after safeguarding."""

from uuid import UUID

from marketplace import audit, db
from marketplace.accounts.rules import normalised_email
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.organisations import queries as organisations
from marketplace.organisations.safeguarding_leads import queries, steps
from marketplace.organisations.safeguarding_leads.rules import Event, Part
from marketplace.organisations.safeguarding_leads.tables import PlaceLead, SafeguardingLead
from marketplace.permissions import Actor, Permission


async def name(
    actor: Actor,
    organisation_id: UUID,
    lead: UUID,
    deputy: UUID | None,
    *,
    once: Once | None = None,
) -> None:
    """Name an organisation's lead and deputy, who are two different members of it.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor may not edit it.
        Conflict: they are one person, or do not belong to it; names the field.
    """
    async with db.transaction(once):
        await organisations.workspace(actor, organisation_id, lock=True)
        actor.require(Permission.EDIT_ORGANISATION, organisation_id)
        if lead == deputy:
            raise Conflict("Choose somebody else, for when the lead cannot answer", field="deputy")
        belong = {person for person, _ in await queries.members(organisation_id)}
        wanted = {Part.LEAD: lead} | ({Part.DEPUTY: deputy} if deputy else {})
        for part, person in wanted.items():
            if person not in belong:
                raise Conflict("Choose somebody who belongs to the organisation", field=part.value)
        before = {
            each.part: each.person_id for each in await queries.of_organisation(organisation_id)
        }
        if before == wanted:
            return
        table = SafeguardingLead
        await table.delete().where(table.organisation_id == organisation_id)
        for part, person in wanted.items():
            await table(
                organisation_id=organisation_id,
                person_id=person,
                part=part,
                named_by=actor.person_id,
            ).save()
            if before.get(part) != person:
                await audit.record(
                    Event.NAMED,
                    "organisation",
                    organisation_id,
                    by=actor,
                    organisation=organisation_id,
                    data={"person": str(person), "part": part.value},
                )
        if Part.DEPUTY in before and not deputy:
            await audit.record(
                Event.REMOVED,
                "organisation",
                organisation_id,
                by=actor,
                organisation=organisation_id,
                data={"person": str(before[Part.DEPUTY]), "part": Part.DEPUTY.value},
            )


async def name_for_place(actor: Actor, email: str, *, once: Once | None = None) -> UUID:
    """Name one more lead of the place by their address; gives who it is.

    Raises:
        NotFound: the actor is no administrator.
        Conflict: nobody here has that address, or they are a lead already; names the field.
    """
    async with db.transaction(once):
        actor.require_to_know(Permission.GRANT_PLATFORM_ROLES)
        person = await db.fetch_value(
            "SELECT id FROM person WHERE email = {} AND email_confirmed_at IS NOT NULL"
            " AND suspended_at IS NULL AND anonymised_at IS NULL",
            normalised_email(email),
        )
        if person is None:
            raise Conflict(
                "Nobody with a confirmed account has that address. Ask them to sign up first",
                field="email",
            )
        with db.clashes(
            {"place_lead_once": Conflict("They are a lead of the place already", field="email")}
        ):
            await PlaceLead(person_id=person, named_by=actor.require_person()).save()
        await audit.record(Event.PLACE_NAMED, "person", person, by=actor)
    return person


async def remove_from_place(actor: Actor, person_id: UUID, *, once: Once | None = None) -> None:
    """Let somebody be no lead of the place any more.

    Raises:
        NotFound: the actor is no administrator.
        Conflict: nobody else is one, so that a concern would wait for nobody.
    """
    async with db.transaction(once):
        actor.require_to_know(Permission.GRANT_PLATFORM_ROLES)
        await steps.lock_place()
        leads = {lead.person_id for lead in await queries.of_place()}
        if leads <= {person_id}:
            raise Conflict("Somebody has to hear of concerns. Name somebody else first.")
        await steps.remove_from_place(actor, person_id)
