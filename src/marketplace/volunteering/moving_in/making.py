"""Making one line true: a step in the transaction of its chunk, under its own savepoint."""

from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import clock, db, places, taxonomies
from marketplace.accounts.consents import operations as consents
from marketplace.accounts.consents.operations import Evidence
from marketplace.accounts.consents.rules import How, Purpose
from marketplace.accounts.rules import normalised_email
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.organisations.rules import Kind as OrganisationKind
from marketplace.organisations.rules import State as OrganisationState
from marketplace.organisations.rules import charity_number
from marketplace.organisations.tables import Organisation
from marketplace.permissions import Actor
from marketplace.volunteering.feeds import steps as feeds
from marketplace.volunteering.feeds.rules import ACTIVITY, ORGANISATION
from marketplace.volunteering.moving_in import rules
from marketplace.volunteering.moving_in.judging import Judged
from marketplace.volunteering.moving_in.judging.people import person_name
from marketplace.volunteering.moving_in.judging.roles import role_keys
from marketplace.volunteering.moving_in.rules import Kind, Made, Verdict
from marketplace.volunteering.rules import HoursState, ProposedBy, Timing
from marketplace.volunteering.tables import Hours, Opportunity, Role

Thing = tuple[Made, UUID] | None


async def make(actor: Actor, kind: Kind, judged: Judged, import_id: UUID) -> Thing:
    """Make what a line says, and give it; None where nothing new was needed."""
    db.require_transaction()
    made: Thing = None
    if judged.verdict is Verdict.NEW:
        match kind:
            case Kind.ORGANISATIONS:
                made = await _organisation(judged)
            case Kind.PEOPLE:
                made = await _person(judged)
            case Kind.ROLES:
                made = await _role(actor, judged)
            case Kind.HOURS:
                made = await _hours(actor, judged)
            case Kind.FEED:
                made = await _of_feed(judged, import_id)
    if kind is Kind.PEOPLE and judged.organisation:
        person = made[1] if made else judged.match
        if person:
            await _consent(actor, judged, judged.organisation, person, import_id)
    elif kind is Kind.FEED and "within" not in judged.line.cells:
        organisation = made[1] if made else judged.match
        if organisation:
            source = judged.line.cells["source"]
            await feeds.remember(source, "organisation", organisation, import_id=import_id)
    elif kind is Kind.FEED and made is None:
        activity = ACTIVITY.validate_json(judged.line.cells["facts"])
        await feeds.follow(activity, import_id=import_id)
    return made


async def _of_feed(judged: Judged, import_id: UUID) -> Thing:
    """Make an organisation, or an activity of one that an earlier line made or matched."""
    cells = judged.line.cells
    if "within" not in cells:
        return Made.ORGANISATION, await feeds.make_organisation(
            ORGANISATION.validate_json(cells["facts"])
        )
    organisation = await db.fetch_value(
        "SELECT coalesce(made_id, match_id) FROM csv_import_row WHERE import_id = {}"
        " AND line = {} AND state = 'applied'",
        import_id,
        int(cells["within"]),
    )
    if organisation is None:
        raise Conflict("Its organisation was refused.")
    activity = ACTIVITY.validate_json(cells["facts"])
    id = await feeds.write_activity(organisation, activity, import_id=import_id)
    return Made.OPPORTUNITY, id


async def _located(postcode: str) -> tuple[str, str, Point | None]:
    found = await places.locate(postcode) if postcode else None
    if found is None or found.outward is None:
        return "", "", None
    code = places.outward_code(found.outward)
    town = code.town.split(",")[0].strip() if code else found.district or ""
    return found.label, town, Point(*found.point)


def _slugs(text: str, taxonomy: Any) -> list[str]:
    """Keep the words that the sector's lists know, by slug, label or other name."""
    known = {
        word.casefold(): slug
        for slug, concept in taxonomy.items()
        for word in (slug, concept.label, *concept.alt)
    }
    found = (known.get(word.casefold()) for word in rules.words(text))
    return list(dict.fromkeys(slug for slug in found if slug))


async def _organisation(judged: Judged) -> Thing:
    cells = judged.line.cells
    number = charity_number(cells.get("charity_number", ""))
    postcode, town, point = await _located(cells.get("postcode", ""))
    website = cells.get("website", "")[:200]
    organisation = Organisation(
        id=new_id(),
        name=cells["organisation"][:200],
        kind=(OrganisationKind.CHARITY if number else OrganisationKind.COMMUNITY_GROUP).value,
        charity_number=number,
        state=OrganisationState.DRAFT.value,
        summary=cells.get("summary", "")[:300],
        description=cells.get("description", ""),
        causes=_slugs(cells.get("causes", ""), taxonomies.CAUSES)[:5],
        town=town,
        postcode=postcode,
        point=point,
        website=website if website.startswith(("http://", "https://")) else "",
        contact_email=rules.email(cells.get("contact_email", "")) or "",
        contact_phone=cells.get("contact_phone", "")[:40],
        created_at=clock.now(),
    )
    await organisation.save()
    return Made.ORGANISATION, organisation.id


async def _person(judged: Judged) -> Thing:
    cells = judged.line.cells
    address = rules.email(cells["email"])
    assert address is not None
    postcode, _, point = await _located(cells.get("postcode", ""))
    id = await db.fetch_value(
        "INSERT INTO person (id, name, email, email_typed, postcode, point, skills, causes,"
        " unclaimed_since) VALUES ({}, {}, {}, {}, {}, {}, {}::text[], {}::text[], {})"
        " ON CONFLICT (email) DO NOTHING RETURNING id",
        new_id(),
        person_name(cells),
        normalised_email(address),
        address,
        postcode,
        point,
        sorted(_slugs(cells.get("skills", ""), taxonomies.SKILLS)),
        sorted(_slugs(cells.get("causes", ""), taxonomies.CAUSES)),
        clock.now(),
    )
    return (Made.PERSON, id) if id else None


async def _consent(
    actor: Actor, judged: Judged, organisation: UUID, person: UUID, import_id: UUID
) -> None:
    """Write into the ledger what a table proves; a step."""
    cells = judged.line.cells
    day, how = rules.day(cells["consent_date"]), rules.consent_how(cells["consent_how"])
    assert day is not None and how is not None
    evidence = Evidence(
        How.IMPORT,
        f"import:{how}",
        rules.evidence(import_id, judged.line.number),
        clock.day_bounds(day)[0],
    )
    await consents.give(actor, person, organisation, Purpose.NEWS, evidence)


async def _role(actor: Actor, judged: Judged) -> Thing:
    cells = judged.line.cells
    title, role = role_keys(cells)
    assert judged.organisation is not None
    age = int(cells["minimum_age"]) if cells.get("minimum_age") else 18
    there = [
        row["id"]
        for row in await db.fetch(
            "SELECT id, title FROM opportunity WHERE organisation_id = {}"
            " AND state IN ('draft', 'needs_work') ORDER BY id",
            judged.organisation,
        )
        if rules.bare_name(row["title"]) == rules.bare_name(title)
    ]
    skills = _slugs(cells.get("skills", ""), taxonomies.SKILLS)
    if there:
        position = await db.fetch_value(
            "SELECT max(position) + 1 FROM role WHERE opportunity_id = {}", there[0]
        )
        added = Role(
            opportunity_id=there[0],
            title=role,
            description=cells.get("description", ""),
            position=position or 0,
            minimum_age=age,
            skills=skills,
        )
        await added.save()
        return Made.ROLE, added.id
    postcode, town, point = await _located(cells.get("postcode", ""))
    opportunity = Opportunity(
        organisation_id=judged.organisation,
        title=title,
        summary=cells.get("summary", "")[:300],
        description=cells.get("description", ""),
        causes=_slugs(cells.get("causes", ""), taxonomies.CAUSES),
        skills=skills,
        place_name=cells.get("place", "")[:200],
        postcode=postcode,
        town=town,
        point=point,
        contact_name=cells.get("contact_name", "")[:200],
        contact_how=cells.get("contact_how", "")[:200],
        timing=Timing.FLEXIBLE,
        created_by=actor.person_id,
    )
    await opportunity.save()
    await Role(opportunity_id=opportunity.id, title=role, minimum_age=age).save()
    return Made.OPPORTUNITY, opportunity.id


async def _hours(actor: Actor, judged: Judged) -> Thing:
    cells = judged.line.cells
    hours = Hours(
        person_id=judged.person,
        organisation_id=judged.organisation,
        role_id=judged.role,
        on_date=rules.day(cells["date"]),
        minutes=rules.minutes(cells.get("hours", ""), cells.get("minutes", "")),
        note=cells.get("note", "")[:500],
        state=HoursState.CONFIRMED,
        proposed_by=ProposedBy.ORGANISATION,
        confirmed_by=actor.person_id,
        confirmed_at=clock.now(),
    )
    await hours.save()
    return Made.HOURS, hours.id
