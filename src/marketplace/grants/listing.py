"""Keeping the public index in step with funds: a step of every verb that changes one."""

from uuid import UUID

from marketplace import db, listing_index, taxonomies
from marketplace.grants.rules import area_slug
from marketplace.listing_index import Listing

KIND = "fund"
ANYWHERE = "in:anywhere"


async def refresh(fund_id: UUID) -> None:
    """Publish or withdraw a fund as its state, its organisation and its rounds say.

    It is found until the last deadline; `starts_at` is the next one, which orders the list.
    """
    db.require_transaction()
    row = await db.fetch_one(
        "SELECT f.id, f.organisation_id, f.title, f.summary, f.description, f.causes, f.area,"
        " g.name AS organisation_name, g.point,"
        " f.state = 'open' AND g.state = 'approved' AS public,"
        " ahead.next, ahead.last, ahead.words, ahead.anywhere, ahead.districts"
        " FROM fund f JOIN organisation g ON g.id = f.organisation_id"
        " CROSS JOIN LATERAL (SELECT min(r.deadline) AS next, max(r.deadline) AS last,"
        "  string_agg(concat_ws(E'\\n', r.title, r.who_may_apply), E'\\n') AS words,"
        "  bool_or(cardinality(r.districts) = 0) AS anywhere,"
        "  (SELECT array_agg(DISTINCT p.name) FROM place p JOIN round near"
        "   ON p.gss = ANY(near.districts) WHERE near.fund_id = f.id"
        "   AND near.state = 'published' AND near.deadline > now()) AS districts"
        "  FROM round r WHERE r.fund_id = f.id AND r.state = 'published'"
        "  AND r.deadline > now()) AS ahead"
        " WHERE f.id = {}",
        fund_id,
    )
    if row is None or not row["public"] or row["last"] is None:
        await listing_index.withdraw(KIND, fund_id)
        return
    causes, point = row["causes"], row["point"]
    await listing_index.publish(
        Listing(
            kind=KIND,
            id=row["id"],
            url=f"/funds/{row['id']}",
            title=row["title"],
            summary=row["summary"],
            body="\n".join(filter(None, (row["description"], row["area"], row["words"]))),
            organisation_id=row["organisation_id"],
            organisation_name=row["organisation_name"],
            town=row["area"],
            point=(point.x, point.y) if point else None,
            icon=taxonomies.icon(causes[0]) if causes else "hand-coins",
            tags=[
                *(f"cause:{slug}" for slug in taxonomies.tags(causes, taxonomies.CAUSES)),
                *([ANYWHERE] if row["anywhere"] else []),
                *(f"in:{area_slug(name)}" for name in row["districts"] or ()),
            ],
            synonyms=taxonomies.synonyms(causes),
            starts_at=row["next"],
            until=row["last"],
        )
    )


async def refresh_organisation(organisation_id: UUID) -> None:
    """Bring all open funds of an organisation in step, after it was (dis)approved."""
    for row in await db.fetch(
        "SELECT id FROM fund WHERE organisation_id = {} AND state = 'open' ORDER BY id",
        organisation_id,
    ):
        async with db.transaction():
            await db.execute("SELECT FROM fund WHERE id = {} FOR NO KEY UPDATE", row["id"])
            await refresh(row["id"])


async def refresh_listings(limit: int = 1000) -> int:
    """Show the next deadline where one has passed; gives how many. For the worker's schedule."""
    rows = await db.fetch(
        "SELECT id FROM listing WHERE kind = {} AND (starts_at <= now() OR until <= now())"
        " ORDER BY starts_at LIMIT {}",
        KIND,
        limit,
    )
    for row in rows:
        async with db.transaction():
            await db.execute("SELECT FROM fund WHERE id = {} FOR NO KEY UPDATE", row["id"])
            await refresh(row["id"])
    return len(rows)
