"""Publishing and withdrawing: steps of whatever changes what is listed."""

# pyright: reportMissingTypeStubs=false

from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import db
from marketplace.listing_index.rows import Listing
from marketplace.listing_index.spelling import words

_PUT = (
    "INSERT INTO listing (kind, id, url, title, summary, body, organisation_id,"
    " organisation_name, town, point, remote, icon, tags, synonyms, starts_at, until,"
    " image, image_alt)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
    " ON CONFLICT (kind, id) DO UPDATE SET url = excluded.url, title = excluded.title,"
    " summary = excluded.summary, body = excluded.body,"
    " organisation_id = excluded.organisation_id,"
    " organisation_name = excluded.organisation_name, town = excluded.town,"
    " point = excluded.point, remote = excluded.remote, icon = excluded.icon,"
    " tags = excluded.tags, synonyms = excluded.synonyms,"
    " starts_at = excluded.starts_at, until = excluded.until, image = excluded.image,"
    " image_alt = excluded.image_alt, updated_at = now()"
)


async def publish(*listings: Listing) -> None:
    """Put or replace listings; a step of the operation that changed what they describe."""
    db.require_transaction()
    await db.connection().executemany(_PUT, [_values(each) for each in listings])
    # Sorted, so that two writers of the same new words never wait for each other in a ring.
    new = sorted({word for each in listings for word in _words(each)})
    await db.execute(
        "INSERT INTO listing_word (word) SELECT unnest({}::text[]) ON CONFLICT DO NOTHING", new
    )


async def withdraw(kind: str, id: UUID) -> None:
    """Take a listing out; nothing happens if it is not there."""
    db.require_transaction()
    await db.execute("DELETE FROM listing WHERE kind = {} AND id = {}", kind, id)


async def withdraw_organisation(organisation_id: UUID) -> None:
    """Take out everything of an organisation, itself included; a step of suspending or closing."""
    db.require_transaction()
    await db.execute("DELETE FROM listing WHERE organisation_id = {}", organisation_id)


async def rename_organisation(organisation_id: UUID, name: str) -> None:
    """Write an organisation's new name on everything it has listed."""
    db.require_transaction()
    await db.execute(
        "UPDATE listing SET organisation_name = {} WHERE organisation_id = {}"
        " AND organisation_name <> '' AND organisation_name <> {}",
        name,
        organisation_id,
        name,
    )


def _words(listing: Listing) -> set[str]:
    return words(listing.title, listing.summary, listing.body, listing.town, *listing.synonyms)


def _values(listing: Listing) -> list[Any]:
    return [
        listing.kind,
        listing.id,
        listing.url,
        listing.title,
        listing.summary,
        listing.body,
        listing.organisation_id,
        listing.organisation_name,
        listing.town,
        Point(*listing.point) if listing.point else None,
        listing.remote,
        listing.icon,
        list(listing.tags),
        " ".join(listing.synonyms),
        listing.starts_at,
        listing.until,
        listing.image,
        listing.image_alt,
    ]
