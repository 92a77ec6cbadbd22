"""Things, their sites and loans, as tests start from them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Point
from tests.factories import a_person

from marketplace import clock, db
from marketplace.organisations.tables import Organisation
from marketplace.things import listing, rules
from marketplace.things.availability import loans
from marketplace.things.occupancy import find_unit, hold, lock
from marketplace.things.tables import OpeningHours, Reservation, Site, SiteDay, Thing, Unit

TEN_TO_FOUR = ((time(10), time(16)),)
EVERY_DAY: Mapping[int, Any] = dict.fromkeys(range(1, 8), TEN_TO_FOUR)
# Closed on Sundays.
LIBRARY: Mapping[int, Any] = dict.fromkeys(range(1, 7), TEN_TO_FOUR)


def a_day(weekday: int = 0, *, weeks: int = 2) -> date:
    """Give a day ahead by its weekday (0 is Monday), at least one week and a day away."""
    today = clock.today()
    return today + timedelta(days=7 * weeks - today.weekday() + weekday)


async def a_site(
    organisation_id: UUID | None = None,
    *,
    week: Mapping[int, Sequence[tuple[time, time]]] = EVERY_DAY,
    closed: Sequence[date] = (),
    **columns: Any,
) -> UUID:
    """Make a site, open every day from ten to four unless said otherwise."""
    if organisation_id is None:
        organisation = Organisation(
            name="Chelmer Library of Things", kind="community_group", state="approved"
        )
        await organisation.save()
        organisation_id = organisation.id
    given = {
        "name": "Chelmsford Library",
        "address": "Market Road",
        "town": "Chelmsford",
        "postcode": "CM1 1QH",
        "point": Point(570600, 206900),
    } | columns
    site = Site(organisation_id=organisation_id, **given)
    await site.save()
    rows = [
        OpeningHours(site_id=site.id, weekday=weekday, opens=opens, closes=closes)
        for weekday, hours in week.items()
        for opens, closes in hours
    ]
    if rows:
        await OpeningHours.insert(*rows)
    if closed:
        await SiteDay.insert(*(SiteDay(site_id=site.id, day=day) for day in closed))
    return site.id


async def a_thing(site_id: UUID | None = None, *, units: int = 2, **columns: Any) -> UUID:
    """Make a published thing with so many units, "Unit A" on with codes "A" on; it is listed."""
    site_id = site_id or await a_site()
    organisation_id = await db.fetch_value(
        "SELECT organisation_id FROM site WHERE id = {}", site_id
    )
    given = {
        "title": "Four-person tent",
        "summary": "Stands in ten minutes, and stays dry.",
        "category": "camping",
        "state": "published",
    } | columns
    if given["state"] != "draft":
        given.setdefault("published_at", clock.now())
    thing = Thing(organisation_id=organisation_id, site_id=site_id, **given)
    await thing.save()
    for number in range(units):
        await a_unit(thing.id, number=number)
    async with db.transaction():
        await listing.refresh(thing.id)
    return thing.id


async def a_unit(thing_id: UUID, *, number: int = 0, **columns: Any) -> UUID:
    """Make a unit; its code is the thing's own."""
    organisation_id = await db.fetch_value(
        "SELECT organisation_id FROM thing WHERE id = {}", thing_id
    )
    letter = chr(ord("A") + number) if number < 26 else f"A{number}"
    given = {"label": f"Unit {letter}", "asset_code": f"{thing_id.hex[-6:]}-{letter}"} | columns
    unit = Unit(thing_id=thing_id, organisation_id=organisation_id, **given)
    await unit.save()
    return unit.id


async def a_reservation(
    thing_id: UUID | None = None,
    person_id: UUID | None = None,
    *,
    first: date | None = None,
    last: date | None = None,
    **columns: Any,
) -> UUID:
    """Make a reservation of any days, also past ones; a unit is held for it."""
    thing_id = thing_id or await a_thing()
    person_id = person_id or (await a_person()).id
    first = first or a_day()
    last = last or first
    (loan,) = await loans(thing_id, [(first, last)])
    organisation_id = await db.fetch_value(
        "SELECT organisation_id FROM thing WHERE id = {}", thing_id
    )
    period = rules.period(first, loan.first_hours, last, loan.last_hours, zone=clock.LONDON)
    async with db.transaction():
        await lock(thing_id)
        unit = await find_unit(thing_id, period)
        assert unit is not None
        reservation = Reservation(
            thing_id=thing_id,
            organisation_id=organisation_id,
            person_id=person_id,
            first_day=first,
            last_day=last,
            zone="Europe/London",
            starts_at=period.starts_at,
            ends_at=period.ends_at,
            **columns,
        )
        await reservation.save()
        await hold(thing_id, unit, reservation.id, period)
    return reservation.id


async def a_loan(
    thing_id: UUID | None = None,
    person_id: UUID | None = None,
    *,
    first: date | None = None,
    last: date | None = None,
) -> UUID:
    """Make a loan that is out, from yesterday to tomorrow unless said otherwise."""
    first = first or clock.today() - timedelta(days=1)
    id = await a_reservation(
        thing_id, person_id, first=first, last=last or clock.today() + timedelta(days=1)
    )
    await db.execute(
        "UPDATE reservation r SET state = 'out', out_at = r.starts_at, unit_id = o.unit_id"
        " FROM occupancy o WHERE o.reservation_id = r.id AND r.id = {}",
        id,
    )
    await db.execute("UPDATE occupancy SET state = 'out' WHERE reservation_id = {}", id)
    return id


async def overlaps() -> int:
    """Count pairs of active occupancies that share a unit at an instant: always 0."""
    return await db.fetch_value(
        "SELECT count(*) FROM occupancy a JOIN occupancy b ON a.unit_id = b.unit_id AND a.id < b.id"
        " WHERE a.state IN ('held', 'out', 'turnaround', 'blocked')"
        " AND b.state IN ('held', 'out', 'turnaround', 'blocked')"
        " AND tstzrange(a.blocked_from, a.blocked_until)"
        "  && tstzrange(b.blocked_from, b.blocked_until)"
    )


def at(day: date, hour: int) -> datetime:
    """Give an instant on the wall clock of London."""
    return clock.instant(day, time(hour))
