"""Adding and changing sites, their week and their dated days."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import audit, clock, db, places, settings
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor, Permission
from marketplace.things import listing
from marketplace.things.hours import Intervals
from marketplace.things.rules import Event
from marketplace.things.sites import queries
from marketplace.things.tables import OpeningHours, Site, SiteDay

MOST_DAYS = 62
FURTHEST = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a librarian says of a site; `week` holds seven days from Monday."""

    name: str
    address: str = ""
    postcode: str = ""
    getting_there: str = ""
    week: Sequence[Intervals] = field(default=((),) * 7)


def _columns(details: Details) -> dict[Any, Any]:
    found = places.resolve(details.postcode) if details.postcode else None
    if found is None or found.outward is None:
        raise Conflict(
            "We do not know that postcode. Check it, or give one near by, such as CM1 1AA",
            field="postcode",
        )
    code = places.outward_code(found.outward)
    return {
        Site.name: details.name,
        Site.address: details.address,
        Site.town: code.town.split(",")[0] if code else found.district or "",
        Site.postcode: found.label,
        Site.point: Point(*found.point),
        Site.getting_there: details.getting_there,
    }


async def _write_week(site_id: UUID, week: Sequence[Intervals]) -> None:
    await db.execute("DELETE FROM opening_hours WHERE site_id = {}", site_id)
    rows = [
        OpeningHours(site_id=site_id, weekday=number, opens=opens, closes=closes)
        for number, hours in enumerate(week, start=1)
        for opens, closes in hours
    ]
    if rows:
        await OpeningHours.insert(*rows)


async def add(
    actor: Actor, organisation_id: UUID, details: Details, *, once: Once | None = None
) -> UUID:
    """Add a site, and give its id.

    Raises:
        NotAllowed: the actor may not write things for the organisation.
        Conflict: the postcode is not known.
    """
    actor.require(Permission.WRITE_THINGS, organisation_id)
    async with db.transaction(once):
        site = Site(
            _columns(details),
            organisation_id=organisation_id,
            zone=settings.current().zone.key,
        )
        await site.save()
        await _write_week(site.id, details.week)
        await _record(actor, site.id, organisation_id)
        if once:
            once.answer(f"/manage/sites/{site.id}")
    return site.id


async def change(actor: Actor, id: UUID, details: Details, *, once: Once | None = None) -> None:
    """Replace what a site says; reservations that were made keep their days and instants.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: the postcode is not known.
    """
    async with db.transaction(once):
        site = await queries.to_manage(actor, id, lock=True)
        await Site.update(_columns(details)).where(Site.id == id)
        await _write_week(id, details.week)
        await listing.refresh_site(id)
        await _record(actor, id, site.organisation_id)


async def set_days(
    actor: Actor,
    id: UUID,
    *,
    first: date,
    last: date,
    hours: Intervals,
    note: str = "",
    once: Once | None = None,
) -> int:
    """Close a site on some days or give them other hours; says how many reservations that meets.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: beside the field it is about.
    """
    async with db.transaction(once):
        site = await queries.to_manage(actor, id, lock=True)
        today = clock.today(site.tz)
        if first < today:
            raise Conflict(f"Enter a day from {clock.date_words(today)} on", field="first")
        if last < first:
            raise Conflict(f"Enter {clock.date_words(first)} or a day after it", field="last")
        if first > today + FURTHEST:
            raise Conflict("Enter a day within the next two years", field="first")
        if (last - first).days >= MOST_DAYS:
            raise Conflict(f"Enter {MOST_DAYS} days at most at once", field="last")
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        await _forget_days(id, days)
        await SiteDay.insert(
            *(
                SiteDay(site_id=id, day=day, opens=opens, closes=closes, note=note)
                for day in days
                for opens, closes in hours or ((None, None),)
            )
        )
        await _record(actor, id, site.organisation_id)
        if hours:
            return 0
        return await db.fetch_value(
            "SELECT count(*) FROM reservation r JOIN thing t ON t.id = r.thing_id"
            " WHERE t.site_id = {} AND (r.state = 'reserved' AND r.first_day = ANY({}::date[])"
            " OR r.state IN ('reserved', 'out') AND r.last_day = ANY({}::date[]))",
            id,
            days,
            days,
        )


async def clear_day(actor: Actor, id: UUID, day: date, *, once: Once | None = None) -> None:
    """Let a day follow the week again.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
    """
    async with db.transaction(once):
        site = await queries.to_manage(actor, id, lock=True)
        await _forget_days(id, [day])
        await _record(actor, id, site.organisation_id)


async def _forget_days(site_id: UUID, days: list[date]) -> None:
    await db.execute(
        "DELETE FROM site_day WHERE site_id = {} AND day = ANY({}::date[])", site_id, days
    )


async def _record(actor: Actor, site_id: UUID, organisation_id: UUID) -> None:
    await audit.record(Event.SITE_CHANGED, "site", site_id, by=actor, organisation=organisation_id)
