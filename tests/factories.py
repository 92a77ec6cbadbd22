"""What tests start from: plain functions that make one thing and fill in what is not said."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Point, Range

from marketplace import clock, db, places
from marketplace.accounts.rules import normalised_email
from marketplace.accounts.tables import Person, PlatformRoleRow
from marketplace.ids import new_id
from marketplace.organisations import listing as organisation_listing
from marketplace.organisations import queries as organisation_queries
from marketplace.organisations.rules import Kind, State
from marketplace.organisations.tables import Membership, Organisation
from marketplace.permissions import SYSTEM, Actor, OrgRole, PlatformRole
from marketplace.volunteering import listing
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.campaigns.tables import Campaign, CampaignTeam
from marketplace.volunteering.recognition import operations as recognition
from marketplace.volunteering.series.rules import Every, Pattern
from marketplace.volunteering.series.tables import Series
from marketplace.volunteering.tables import Booking, Hours, Opportunity, Role, Shift
from marketplace.volunteering.visits.tables import Visit
from marketplace.volunteering.waitlist import operations as waitlist

PASSWORD = "teapot bicycle orchard"
# Of PASSWORD, with the parameters in use: hashing it anew would take longer than most tests.
PASSWORD_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$X28ijq847rQ0K3T1PXepLg$"
    "VFrAfhGliGsCrVp0XXZqMKNGuKXy2FDWpEPE1zbokeo"
)


@dataclass(frozen=True)
class APerson:
    """A person in the database; the password is PASSWORD."""

    id: UUID
    name: str
    email: str
    actor: Actor


async def a_person(
    *,
    name: str = "Kim Osei",
    email: str | None = None,
    confirmed: bool = True,
    platform: tuple[PlatformRole, ...] = (),
    postcode: str = "",
    skills: tuple[str, ...] = (),
    causes: tuple[str, ...] = (),
    suspended: bool = False,
    onward: str = "",
    created_at: datetime | None = None,
) -> APerson:
    """Make a person; `actor` has their roles for the whole place and no memberships."""
    id = new_id()
    email = email or f"{id.hex[-12:]}@example.org"
    located = places.resolve(postcode) if postcode else None
    await Person(
        id=id,
        name=name,
        email=normalised_email(email),
        email_typed=email,
        password_hash=PASSWORD_HASH,
        email_confirmed_at=clock.now() if confirmed else None,
        postcode=postcode,
        point=Point(*located.point) if located else None,
        skills=list(skills),
        causes=list(causes),
        onward=onward,
        created_at=created_at or clock.now(),
        suspended_at=clock.now() if suspended else None,
    ).save()
    for role in platform:
        await PlatformRoleRow(person_id=id, role=role).save()
    actor = Actor(person_id=id, name=name, email_confirmed=confirmed, platform=frozenset(platform))
    return APerson(id, name, email, actor)


def acting(person: APerson, **memberships: UUID) -> Actor:
    """Give a person's actor with roles: `acting(person, owner=organisation)`."""
    return replace(
        person.actor,
        memberships={organisation: OrgRole(role) for role, organisation in memberships.items()},
    )


async def an_opportunity(
    organisation_id: UUID | None = None, *, minimum_age: int = 0, **columns: Any
) -> UUID:
    """Make an open opportunity; it is listed once it has a shift, at once if it is flexible."""
    if organisation_id is None:
        organisation = Organisation(
            name="Chelmer Gardeners",
            kind="community_group",
            state="approved",
            town="Chelmsford",
            trusted_at=clock.now(),
        )
        await organisation.save()
        organisation_id = organisation.id
    given = {
        "title": "Garden helper",
        "summary": "Weed, plant and talk with people who love gardens.",
        "contact_name": "Priya Shah",
        "state": "open",
        "place_name": "Oaklands Park",
        "town": "Chelmsford",
        "postcode": "CM2 9AQ",
        "point": Point(570800, 205900),
    } | columns
    if given["state"] not in {"draft", "submitted", "needs_work"}:
        given.setdefault("published_at", clock.now())
    opportunity = Opportunity(organisation_id=organisation_id, **given)
    await opportunity.save()
    await Role(
        opportunity_id=opportunity.id, title=opportunity.title, minimum_age=minimum_age
    ).save()
    async with db.transaction():
        await listing.refresh(opportunity.id)
    return opportunity.id


async def a_role(opportunity_id: UUID, *, title: str = "Tea maker", **columns: Any) -> UUID:
    """Make one more role of an opportunity, behind its first."""
    role = Role(opportunity_id=opportunity_id, title=title, **{"position": 1, **columns})
    await role.save()
    async with db.transaction():
        await listing.refresh(opportunity_id)
    return role.id


async def a_shift(
    opportunity_id: UUID | None = None,
    *,
    starts_at: datetime | None = None,
    hours: float = 2,
    places: int = 4,
    **columns: Any,
) -> UUID:
    """Make a planned shift, in a week's time unless said otherwise; it may lie in the past."""
    if opportunity_id is None:
        opportunity_id = await an_opportunity()
    starts_at = starts_at or clock.now().replace(microsecond=0) + timedelta(days=7)
    ends_at = starts_at + timedelta(hours=hours)
    columns.setdefault(
        "role_id",
        await db.fetch_value(
            "SELECT id FROM role WHERE opportunity_id = {} ORDER BY position, id", opportunity_id
        ),
    )
    shift = Shift(
        opportunity_id=opportunity_id,
        starts_at=starts_at,
        ends_at=ends_at,
        local_start=clock.local(starts_at).replace(tzinfo=None),
        local_end=clock.local(ends_at).replace(tzinfo=None),
        places=places,
        **columns,
    )
    await shift.save()
    async with db.transaction():
        await listing.refresh(opportunity_id)
    return shift.id


async def a_series(shift_id: UUID, **columns: Any) -> UUID:
    """Make a weekly series without end that a shift is the first of; no others are planned."""
    row = await db.fetch_one("SELECT * FROM shift WHERE id = {}", shift_id)
    assert row is not None
    start, end = row["local_start"], row["local_end"]
    given = {
        "rule": Pattern(Every.WEEK, (start.weekday(),)).rule,
        "first_day": start.date(),
        "start_time": start.time(),
        "end_time": end.time(),
        "ends_next_day": end.date() > start.date(),
        "places": row["places"],
        "planned_until": start.date(),
    } | columns
    series = Series(opportunity_id=row["opportunity_id"], role_id=row["role_id"], **given)
    await series.save()
    await db.execute(
        "UPDATE shift SET series_id = {}, series_start = local_start WHERE id = {}",
        series.id,
        shift_id,
    )
    return series.id


async def a_visit(opportunity_id: UUID, volunteer_id: UUID, **columns: Any) -> UUID:
    """Propose weekly visits from next week on, an hour at two, to one volunteer."""
    row = await db.fetch_one(
        "SELECT o.organisation_id, r.id AS role_id FROM opportunity o"
        " JOIN role r ON r.opportunity_id = o.id WHERE o.id = {}",
        opportunity_id,
    )
    assert row is not None
    day = clock.today() + timedelta(days=7)
    given = {
        "rule": Pattern(Every.WEEK, (day.weekday(),)).rule,
        "first_day": day,
        "start_time": time(14),
        "end_time": time(15),
        "whom": "Mrs Bell",
        "address": "3 Mill Lane, Maldon",
    } | columns
    visit = Visit(opportunity_id=opportunity_id, volunteer_id=volunteer_id, **row, **given)
    await visit.save()
    return visit.id


async def a_booking(
    shift_id: UUID | None = None, person_id: UUID | None = None, **columns: Any
) -> UUID:
    """Make a place on a shift, also on one that has started; the shift counts it."""
    shift_id = shift_id or await a_shift()
    person_id = person_id or (await a_person()).id
    shift = await db.fetch_one(
        "UPDATE shift SET taken = taken + 1 FROM opportunity o"
        " WHERE shift.id = {} AND o.id = shift.opportunity_id"
        " RETURNING shift.starts_at, shift.ends_at, o.organisation_id",
        shift_id,
    )
    assert shift is not None
    booking = Booking(
        shift_id=shift_id,
        person_id=person_id,
        organisation_id=shift["organisation_id"],
        period=Range(shift["starts_at"], shift["ends_at"]),
        **columns,
    )
    await booking.save()
    return booking.id


async def an_offer(shift_id: UUID, person: APerson) -> UUID:
    """Make an offer of a place: the shift was full, the person waited, and somebody cancelled."""
    others = []
    free = await db.fetch_value("SELECT places - taken FROM shift WHERE id = {}", shift_id)
    for _ in range(free):
        other = await a_person()
        others.append((other.actor, await a_booking(shift_id, other.id)))
    entry = await waitlist.join(person.actor, shift_id)
    await bookings.cancel(*others[0])
    return entry


@dataclass(frozen=True)
class AnOrganisation:
    """An organisation in the database; `owner` is its first owner, who can act as such."""

    id: UUID
    name: str
    owner: APerson


async def an_organisation(
    *,
    owner: APerson | None = None,
    members: Mapping[OrgRole, APerson] | None = None,
    name: str = "Witham Wheelers",
    kind: Kind = Kind.COMMUNITY_GROUP,
    state: State = State.APPROVED,
    charity_number: str | None = None,
    summary: str = "Bicycles mended and ridden together",
    description: str = "",
    causes: tuple[str, ...] = ("environment",),
    town: str = "Witham",
    postcode: str = "CM8 1AA",
    website: str = "",
    contact_email: str = "hello@example.org",
    moderator_note: str = "",
    trusted: bool = True,
) -> AnOrganisation:
    """Make an organisation, listed when it is approved; `owner` is made where none is given.

    Unless said otherwise it is `trusted`: it publishes without a moderator.

    Make the actor of further `members` with `acting`.
    """
    person = owner or await a_person(name="Olu Owner")
    id = new_id()
    located = places.resolve(postcode) if postcode else None
    now = clock.now()
    await Organisation(
        id=id,
        name=name,
        kind=kind.value,
        charity_number=charity_number,
        state=state.value,
        moderator_note=moderator_note,
        summary=summary,
        description=description,
        causes=list(causes),
        town=town,
        postcode=postcode,
        point=Point(*located.point) if located else None,
        website=website,
        contact_email=contact_email,
        created_by=person.id,
        submitted_at=None if state is State.DRAFT else now,
        approved_at=now if state in {State.APPROVED, State.SUSPENDED} else None,
        trusted_at=now if trusted and state is State.APPROVED else None,
    ).save()
    people = [(OrgRole.OWNER, person), *(members or {}).items()]
    for role, each in people:
        await Membership(organisation_id=id, person_id=each.id, role=role.value).save()
    if state is State.APPROVED:
        async with db.transaction():
            await organisation_listing.publish(await organisation_queries.organisation(SYSTEM, id))
    return AnOrganisation(id, name, replace(person, actor=acting(person, owner=id)))


async def some_hours(
    person_id: UUID,
    organisation_id: UUID,
    role_id: UUID,
    minutes: int = 120,
    *,
    on: date | None = None,
    state: str = "confirmed",
) -> UUID:
    """Make hours that were claimed without a booking; one a person, role and day."""
    hours = Hours(
        person_id=person_id,
        organisation_id=organisation_id,
        role_id=role_id,
        on_date=on or clock.today() - timedelta(days=3),
        minutes=minutes,
        state=state,
        proposed_by="volunteer",
        confirmed_at=clock.now() if state == "confirmed" else None,
    )
    await hours.save()
    return hours.id


async def a_statement(person_id: UUID, organisation_id: UUID, role_id: UUID) -> UUID:
    """Make a certificate of two confirmed hours that shows everything."""
    await some_hours(person_id, organisation_id, role_id)
    actor = Actor(person_id=person_id)
    day = clock.today() - timedelta(days=3)
    choice = recognition.Choice([organisation_id], day, day, True, True, True)
    return await recognition.make_statement(actor, choice)


async def a_campaign(**columns: Any) -> UUID:
    """Make a campaign of the whole county that began today, without having counted anything."""
    given = {
        "name": "The Volunteering Olympics",
        "place_id": await db.fetch_value(
            "SELECT id FROM place WHERE kind = 'system' AND scheme = 'council'"
        ),
        "first_day": clock.today(),
        "last_day": clock.today() + timedelta(days=60),
    } | columns
    campaign = Campaign(**given)
    await campaign.save()
    return campaign.id


async def a_team(campaign_id: UUID, organisation_id: UUID, *, goal_hours: int = 100) -> UUID:
    """Have an organisation take part in a campaign."""
    team = CampaignTeam(
        campaign_id=campaign_id, organisation_id=organisation_id, goal_hours=goal_hours
    )
    await team.save()
    return team.id
