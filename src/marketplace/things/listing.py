"""Keeping the public index in step with things: a step of every verb that changes one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marketplace import db, listing_index
from marketplace.listing_index import Listing
from marketplace.things.categories import CATEGORIES, icon

KIND = "thing"


async def refresh(*things: UUID) -> None:
    """Publish or withdraw things as their state and their organisation say."""
    db.require_transaction()
    rows = await db.fetch(
        "SELECT t.id, t.organisation_id, t.title, t.summary, t.description, t.category, t.kind,"
        " t.condition_notes, g.name AS organisation_name, s.name AS site_name, s.town, s.postcode,"
        " s.point, s.getting_there, t.image_id, i.alt AS image_alt,"
        " t.state = 'published' AND g.state = 'approved' AS public"
        " FROM thing t JOIN organisation g ON g.id = t.organisation_id"
        " LEFT JOIN site s ON s.id = t.site_id LEFT JOIN image i ON i.id = t.image_id"
        " WHERE t.id = ANY({}::uuid[]) ORDER BY t.id",
        list(things),
    )
    found = {row["id"]: row for row in rows if row["public"]}
    for gone in things:
        if gone not in found:
            await listing_index.withdraw(KIND, gone)
    if found:
        await listing_index.publish(*map(_listing, found.values()))


def _listing(row: Mapping[str, Any]) -> Listing:
    category = CATEGORIES.get(row["category"])
    point = row["point"]
    body = (row["description"], row["condition_notes"], row["site_name"], row["postcode"])
    return Listing(
        kind=KIND,
        id=row["id"],
        url=f"/things/{row['id']}",
        title=row["title"],
        summary=row["summary"],
        body="\n".join(filter(None, (*body, row["getting_there"]))),
        organisation_id=row["organisation_id"],
        organisation_name=row["organisation_name"],
        town=row["town"] or "",
        point=(point.x, point.y) if point else None,
        icon=icon(row["category"]),
        tags=[f"category:{row['category']}", f"kind:{row['kind']}"],
        synonyms=[category.label, *category.also] if category else [],
        image=row["image_id"],
        image_alt=row["image_alt"] or "",
    )


async def refresh_organisation(organisation_id: UUID) -> None:
    """Bring all published things of an organisation in step, after it was (dis)approved."""
    for row in await db.fetch(
        "SELECT id FROM thing WHERE organisation_id = {} AND state = 'published' ORDER BY id",
        organisation_id,
    ):
        async with db.transaction():
            # The same lock as every verb takes, so that a change made meanwhile is not undone.
            await db.execute("SELECT FROM thing WHERE id = {} FOR NO KEY UPDATE", row["id"])
            await refresh(row["id"])


async def refresh_site(site_id: UUID) -> None:
    """Write a site's new place on its things; a step of changing it."""
    rows = await db.fetch(
        "SELECT id FROM thing WHERE site_id = {} AND state = 'published' ORDER BY id"
        " FOR NO KEY UPDATE",
        site_id,
    )
    await refresh(*[row["id"] for row in rows])
