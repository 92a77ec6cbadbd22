"""Running a campaign: freezing where it began, counting, and taking part."""

from datetime import date
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM, Actor, Permission
from marketplace.places import queries as places
from marketplace.volunteering.campaigns import queries
from marketplace.volunteering.campaigns.rules import Event, key
from marketplace.volunteering.listing import KIND

LONGEST_DAYS = 3 * 366


async def start(
    actor: Actor,
    *,
    name: str,
    summary: str,
    place_id: UUID,
    first_day: date,
    last_day: date,
    once: Once | None = None,
) -> UUID:
    """Set a campaign up, and give its id; one that begins today is frozen at once.

    Raises:
        NotFound: the actor runs no campaigns, or there is no such place.
        Conflict: it ends before it begins, or begins in the past.
    """
    actor.require_to_know(Permission.RUN_CAMPAIGNS)
    if first_day < clock.today():
        raise Conflict(
            "Enter today or a later day: what was open before cannot be counted any more",
            field="first_day",
        )
    if last_day < first_day:
        raise Conflict("Enter a last day after the first one", field="last_day")
    if (last_day - first_day).days > LONGEST_DAYS:
        raise Conflict("A campaign lasts three years at most", field="last_day")
    id = new_id()
    async with db.transaction(once):
        with db.clashes(
            {"campaign_place_id_fkey": Conflict("Choose from the list", field="place")}
        ):
            await db.execute(
                "INSERT INTO campaign (id, name, summary, place_id, first_day, last_day,"
                " created_by, created_at) VALUES ({}, {}, {}, {}, {}, {}, {}, {})",
                id,
                name,
                summary,
                place_id,
                first_day,
                last_day,
                actor.person_id,
                clock.now(),
            )
        await audit.record(Event.STARTED, "campaign", id, by=actor)
        if once is not None:
            once.answer(f"/campaigns/{id}")
        if first_day == clock.today():
            await count(id)
    return id


async def count_all() -> int:
    """Count every campaign that is on and freeze those that begin; gives how many."""
    rows = await db.fetch(
        "SELECT id FROM campaign WHERE first_day <= {} AND last_day >= {} ORDER BY id",
        clock.today(),
        clock.today(),
    )
    for row in rows:
        async with db.transaction():
            await count(row["id"])
    return len(rows)


async def count(id: UUID) -> None:
    """Count what is open now; the first count of a campaign is its baseline. A step."""
    row = await db.fetch_one(
        "SELECT place_id, baseline FROM campaign WHERE id = {} FOR NO KEY UPDATE", id
    )
    if row is None:
        raise NotFound(queries.NO_SUCH)
    first = row["baseline"] is None
    found = await _open(row["place_id"])
    columns = ("title", "organisation_id", "organisation_name", "opportunity_id", "outward")
    await db.execute(
        "UPDATE campaign_item SET counted = false WHERE campaign_id = {} AND counted"
        " AND NOT key = ANY({}::text[])",
        id,
        list(found),
    )
    await db.execute(
        "INSERT INTO campaign_item (id, campaign_id, key, title, organisation_id,"
        " organisation_name, opportunity_id, outward, place_id, at_start, counted)"
        " SELECT n.id, {}, n.key, n.title, n.organisation_id, n.organisation_name,"
        " n.opportunity_id, n.outward, n.place_id, {}, true FROM unnest({}::uuid[], {}::text[],"
        "  {}::text[], {}::uuid[], {}::text[], {}::uuid[], {}::text[], {}::uuid[])"
        " AS n (id, key, title, organisation_id, organisation_name, opportunity_id, outward,"
        "  place_id)"
        # What was frozen keeps the words it had.
        " ON CONFLICT (campaign_id, key) DO UPDATE SET counted = true,"
        " opportunity_id = excluded.opportunity_id WHERE NOT campaign_item.counted"
        " OR campaign_item.opportunity_id <> excluded.opportunity_id",
        id,
        first,
        [new_id() for _ in found],
        list(found),
        *([each[column] for each in found.values()] for column in columns),
        [each["place_id"] for each in found.values()],
    )
    now = clock.now()
    await db.execute(
        "UPDATE campaign SET counted = {}, counted_at = {}, baseline = coalesce(baseline, {}),"
        " frozen_at = coalesce(frozen_at, {}) WHERE id = {}",
        len(found),
        now,
        len(found),
        now,
        id,
    )
    await db.execute(
        "INSERT INTO campaign_day (id, campaign_id, day, counted) VALUES ({}, {}, {}, {})"
        " ON CONFLICT (campaign_id, day) DO UPDATE SET counted = excluded.counted",
        new_id(),
        id,
        clock.today(),
        len(found),
    )
    if first:
        await audit.record(Event.FROZEN, "campaign", id, by=SYSTEM, data={"baseline": len(found)})


async def _open(place_id: UUID) -> dict[str, dict[str, Any]]:
    """Give what is open to the public in a place, each once, by its key."""
    rows = await db.fetch(
        "SELECT r.title, o.organisation_id, l.organisation_name,"  # noqa: S608
        " o.id AS opportunity_id,"
        " w.outward_code AS outward, p.id AS place_id"
        f" FROM listing l JOIN opportunity o ON l.kind = '{KIND}' AND o.id = l.id"
        " JOIN role r ON r.opportunity_id = o.id AND r.retired_at IS NULL"
        " JOIN place_outward w ON w.main"
        "  AND w.outward_code = split_part(upper(btrim(o.postcode)), ' ', 1)"
        " JOIN place p ON p.id = w.place_id AND p.kind = 'place' AND p.scheme = 'council'"
        "  AND p.valid_to IS NULL"
        " WHERE (p.id = {} OR p.parent_id = {}) AND (l.until IS NULL OR l.until > now())"
        # The oldest speaks for those that are the same.
        " ORDER BY o.created_at, r.position, r.id",
        place_id,
        place_id,
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = key(row["title"], str(row["organisation_id"]), row["outward"])
        found.setdefault(name, row)
    return found


async def choices() -> list[tuple[str, str]]:
    """Give the places a campaign can be of: the county first, then its districts."""
    today = clock.today()
    found = [
        *await places.areas(today, kind="system"),
        *await places.areas(today, kind="place"),
    ]
    return [(str(area.id), area.name) for area in found]


async def join(
    actor: Actor,
    organisation_id: UUID,
    campaign_id: UUID,
    goal_hours: int,
    *,
    once: Once | None = None,
) -> None:
    """Enter an organisation with its verified hours, or change its goal.

    Raises:
        NotFound, NotAllowed: see `queries.of_organisation`.
        Conflict: the campaign is over.
    """
    _require(actor, organisation_id)
    async with db.transaction(once):
        campaign = await queries.campaign(campaign_id)
        if campaign.over:
            raise Conflict("This campaign is over, so nobody can join it any more.")
        await db.execute(
            "INSERT INTO campaign_team (id, campaign_id, organisation_id, goal_hours, joined_by,"
            " joined_at) VALUES ({}, {}, {}, {}, {}, {})"
            " ON CONFLICT (campaign_id, organisation_id)"
            " DO UPDATE SET goal_hours = excluded.goal_hours",
            new_id(),
            campaign_id,
            organisation_id,
            goal_hours,
            actor.person_id,
            clock.now(),
        )
        await audit.record(
            Event.JOINED, "campaign", campaign_id, by=actor, organisation=organisation_id
        )


async def leave(
    actor: Actor, organisation_id: UUID, campaign_id: UUID, *, once: Once | None = None
) -> None:
    """Take an organisation out again; its figures are gone from the page at once.

    Raises:
        NotFound, NotAllowed: see `queries.of_organisation`.
    """
    _require(actor, organisation_id)
    async with db.transaction(once):
        await queries.campaign(campaign_id)
        gone = await db.fetch_value(
            "DELETE FROM campaign_team WHERE campaign_id = {} AND organisation_id = {}"
            " RETURNING id",
            campaign_id,
            organisation_id,
        )
        if gone is not None:
            await audit.record(
                Event.LEFT, "campaign", campaign_id, by=actor, organisation=organisation_id
            )


def _require(actor: Actor, organisation_id: UUID) -> None:
    actor.require_to_know(Permission.VIEW_WORKSPACE, organisation_id)
    actor.require(Permission.EDIT_ORGANISATION, organisation_id)
