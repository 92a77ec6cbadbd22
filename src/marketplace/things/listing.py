"""Keeping the public index in step with things: a step of every verb that changes one."""

from uuid import UUID

from marketplace import db, listing_index
from marketplace.listing_index import Listing
from marketplace.things.categories import CATEGORIES, icon

KIND = "thing"


async def refresh(thing_id: UUID) -> None:
    """Publish or withdraw a thing as its state and its organisation say."""
    db.require_transaction()
    row = await db.fetch_one(
        "SELECT t.id, t.organisation_id, t.title, t.summary, t.description, t.category, t.kind,"
        " t.condition_notes, g.name AS organisation_name, s.name AS site_name, s.town, s.postcode,"
        " s.point, s.getting_there, t.image_id, i.alt AS image_alt,"
        " t.state = 'published' AND g.state = 'approved' AS public"
        " FROM thing t JOIN organisation g ON g.id = t.organisation_id"
        " LEFT JOIN site s ON s.id = t.site_id LEFT JOIN image i ON i.id = t.image_id"
        " WHERE t.id = {}",
        thing_id,
    )
    if row is None or not row["public"]:
        await listing_index.withdraw(KIND, thing_id)
        return
    category = CATEGORIES.get(row["category"])
    point = row["point"]
    body = (row["description"], row["condition_notes"], row["site_name"], row["postcode"])
    await listing_index.publish(
        Listing(
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
    for row in await db.fetch(
        "SELECT id FROM thing WHERE site_id = {} AND state = 'published' ORDER BY id"
        " FOR NO KEY UPDATE",
        site_id,
    ):
        await refresh(row["id"])
