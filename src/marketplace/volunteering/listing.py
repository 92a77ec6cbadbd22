"""Keeping the public index in step with opportunities: a step of every verb that changes one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db, listing_index, taxonomies
from marketplace.listing_index import Listing
from marketplace.volunteering.opportunities import rules as facts
from marketplace.volunteering.private_places import hide
from marketplace.volunteering.queries import place_words

KIND = "opportunity"


async def refresh(*opportunities: UUID) -> None:
    """Publish or withdraw opportunities as their state, organisation and shifts say.

    It is found until its last shift starts: after that there is nothing to book. A flexible one
    is found until it is closed. One that nobody answers for has faded: its page stays, but it is
    in no list, so that nobody sets out for what may be over.
    """
    db.require_transaction()
    rows = await db.fetch(
        "SELECT o.id, o.organisation_id, o.title, o.summary, o.description, o.causes,"
        " o.skills || role.skills AS skills, role.words AS roles,"
        " o.remote, o.place_name, o.town, o.postcode, o.place_private, o.point,"
        " o.getting_there, o.expenses,"
        " o.timing, o.deadline, o.availability, o.image_id, i.alt AS image_alt,"
        " g.name AS organisation_name,"
        " o.access, o.support, o.expenses_paid,"
        " o.state = 'open' AND o.faded_at IS NULL AND g.state = 'approved' AS public,"
        " ahead.first, ahead.last, ahead.days"
        " FROM opportunity o JOIN organisation g ON g.id = o.organisation_id"
        " LEFT JOIN image i ON i.id = o.image_id"
        " CROSS JOIN LATERAL (SELECT min(s.starts_at) AS first, max(s.starts_at) AS last,"
        "  array_agg(DISTINCT s.local_start::date::text) AS days FROM shift s"
        "  WHERE s.opportunity_id = o.id AND o.timing = 'shifts' AND s.state = 'planned'"
        "  AND s.starts_at > now()) AS ahead"
        " CROSS JOIN LATERAL (SELECT string_agg(concat_ws(' ', nullif(r.title, o.title),"
        "   r.description), ' ' ORDER BY r.position, r.id) AS words,"
        "  ARRAY(SELECT DISTINCT skill FROM role k CROSS JOIN unnest(k.skills) AS skill"
        "   WHERE k.opportunity_id = o.id AND k.retired_at IS NULL) AS skills"
        "  FROM role r WHERE r.opportunity_id = o.id AND r.retired_at IS NULL) AS role"
        " WHERE o.id = ANY({}::uuid[]) ORDER BY o.id",
        list(opportunities),
    )
    found = {row["id"]: row for row in rows if row["public"] and _ahead(row)}
    for gone in opportunities:
        if gone not in found:
            await listing_index.withdraw(KIND, gone)
    if found:
        await listing_index.publish(*map(_listing, found.values()))


def _listing(row: dict[str, Any]) -> Listing:
    hide(row)
    causes, skills, point = row["causes"], row["skills"], row["point"]
    return Listing(
        kind=KIND,
        id=row["id"],
        url=f"/opportunities/{row['id']}",
        title=row["title"],
        summary=row["summary"],
        body="\n".join(
            filter(
                None,
                (
                    row["description"],
                    row["roles"],
                    place_words(row["place_name"], row["town"], row["postcode"]),
                    row["getting_there"],
                    row["expenses"],
                    *facts.labels(row["access"], facts.ACCESS),
                    *facts.labels(row["support"], facts.SUPPORT),
                    row["availability"],
                ),
            )
        ),
        organisation_id=row["organisation_id"],
        organisation_name=row["organisation_name"],
        town=row["town"],
        point=(point.x, point.y) if point else None,
        remote=row["remote"],
        icon=taxonomies.icon(causes[0]) if causes else "hand-heart",
        tags=[
            *(f"cause:{slug}" for slug in taxonomies.tags(causes, taxonomies.CAUSES)),
            *(f"skill:{slug}" for slug in taxonomies.tags(skills, taxonomies.SKILLS)),
            *facts.tags(row["access"], row["support"], row["expenses_paid"]),
            *(f"on:{day}" for day in row["days"] or ()),
        ],
        synonyms=taxonomies.synonyms([*causes, *skills]),
        starts_at=row["first"],
        until=_until(row),
        image=row["image_id"],
        image_alt=row["image_alt"] or "",
    )


def _ahead(row: Mapping[str, Any]) -> bool:
    until = _until(row)
    return until is None or until > clock.now()


def _until(row: Mapping[str, Any]) -> datetime | None:
    """Say until when it is found: its last shift, the end of its last day; None for always."""
    if row["timing"] == "shifts":
        return row["last"] or clock.now()
    return clock.day_bounds(row["deadline"])[1] if row["deadline"] else None


async def refresh_organisation(organisation_id: UUID) -> None:
    """Bring all published opportunities of an organisation in step, after it was (dis)approved."""
    for row in await db.fetch(
        "SELECT id FROM opportunity WHERE organisation_id = {} AND state = 'open' ORDER BY id",
        organisation_id,
    ):
        async with db.transaction():
            # The same lock as every verb takes, so that a change made meanwhile is not undone.
            await db.execute("SELECT FROM opportunity WHERE id = {} FOR NO KEY UPDATE", row["id"])
            await refresh(row["id"])


async def refresh_listings(limit: int = 1000) -> int:
    """Show the next shift where one has started, and withdraw what is over; gives how many.

    For the worker's schedule, hourly; at most `limit` a run.
    """
    rows = await db.fetch(
        "SELECT id FROM listing WHERE kind = {} AND (starts_at <= now() OR until <= now())"
        " ORDER BY starts_at LIMIT {}",
        KIND,
        limit,
    )
    for row in rows:
        async with db.transaction():
            await db.execute("SELECT FROM opportunity WHERE id = {} FOR NO KEY UPDATE", row["id"])
            await refresh(row["id"])
    return len(rows)
