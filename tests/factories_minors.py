"""Young people, their guardians and named adults, and groups, as tests start from them."""

from datetime import date, timedelta
from uuid import UUID

from tests.factories import APerson, a_booking, a_person, a_role, a_shift

from marketplace import clock, db
from marketplace.accounts.ages import ADULT, birthday
from marketplace.volunteering.groups import operations as groups
from marketplace.volunteering.groups.rules import Kind
from marketplace.volunteering.guardians.rules import ConsentState
from marketplace.volunteering.guardians.tables import GuardianConsent, NamedAdult, PlaceDoubt

DAY = timedelta(days=1)


def born(years: int, days: int = 100) -> date:
    """Give the birth date of somebody who became so many years old so many days ago."""
    today = clock.today() - timedelta(days=days)
    return date(today.year - years, today.month, min(today.day, 28))


async def a_young_person(years: int = 16, *, name: str = "Yara Young") -> APerson:
    """Make somebody with an account who said when they were born."""
    person = await a_person(name=name)
    await db.execute("UPDATE person SET born_on = {} WHERE id = {}", born(years), person.id)
    return person


async def a_named_adult(role_id: UUID, organisation_id: UUID, person_id: UUID) -> UUID:
    """Name a member for the young people of a role."""
    adult = NamedAdult(role_id=role_id, organisation_id=organisation_id, person_id=person_id)
    await adult.save()
    return adult.id


async def a_doubt(opportunity_id: UUID, adult_id: UUID) -> UUID:
    """Make a role for older people than somebody who has a place in it and is well looked after."""
    role = await a_role(opportunity_id, title="Cook", minimum_age=18)
    young = await a_young_person(name="Yan Younger")
    shift = await a_shift(opportunity_id, role_id=role, starts_at=clock.now() + timedelta(days=61))
    organisation = await db.fetch_value(
        "SELECT organisation_id FROM opportunity WHERE id = {}", opportunity_id
    )
    await a_named_adult(role, organisation, adult_id)
    await a_consent(young, role, await a_person(name="Gil Guardian"))
    doubt = PlaceDoubt(
        booking_id=await a_booking(shift, young.id), minimum_age=18, day=clock.today() + 61 * DAY
    )
    await doubt.save()
    return doubt.id


async def a_consent(
    person: APerson,
    role_id: UUID,
    guardian: APerson | None = None,
    *,
    until: date | None = None,
    all_roles: bool = False,
    state: ConsentState | None = None,
    email: str = "",
) -> UUID:
    """Make a consent, given where there is a guardian; for a year or until they are grown up."""
    row = await db.fetch_one(
        "SELECT o.organisation_id, p.born_on FROM role r JOIN person p ON p.id = {}"
        " JOIN opportunity o ON o.id = r.opportunity_id WHERE r.id = {}",
        person.id,
        role_id,
    )
    assert row is not None
    given = state or (ConsentState.GIVEN if guardian else ConsentState.ASKED)
    grown_up = birthday(row["born_on"], ADULT) if row["born_on"] else clock.today() + 365 * DAY
    consent = GuardianConsent(
        person_id=person.id,
        role_id=role_id,
        organisation_id=row["organisation_id"],
        all_roles=all_roles,
        guardian_name=guardian.name if guardian else "Gita Guardian",
        guardian_email=guardian.email if guardian else email or "gita@example.org",
        guardian_id=guardian.id if guardian else None,
        state=given,
        answered_at=clock.now() if guardian else None,
        until=(until or min(clock.today() + 365 * DAY, grown_up)) if guardian else None,
    )
    await consent.save()
    return consent.id


async def a_group(
    captain: APerson, opportunity_id: UUID, *, seats: int = 3, places: int = 6
) -> tuple[UUID, UUID]:
    """Keep places on a new shift of an opportunity, and name somebody: gives group and seat."""
    shift = await a_shift(opportunity_id, places=places, starts_at=clock.now() + timedelta(days=33))
    wanted = groups.Wanted("Acme Ltd", Kind.EMPLOYER, seats)
    group = await groups.reserve(captain.actor, shift, wanted)
    return group, await groups.name(captain.actor, group, "Sam", "sam@example.org")
