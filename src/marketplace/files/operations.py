"""Keeping, replacing and throwing away pictures.

The store is no part of a transaction: objects are written before it and deleted after it, and
what a crash between the two leaves behind is found by the daily cleaning.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from marketplace import clock, db, logs, rate_limits
from marketplace.errors import Conflict
from marketplace.files import leftovers, rendering, rules, store
from marketplace.files.rules import Rendered
from marketplace.files.tables import Image
from marketplace.permissions import Actor

_log = logs.get(__name__)


@dataclass(slots=True)
class Replacement:
    """A picture that waits to be taken into use by the transaction of a verb."""

    by: Actor
    alt: str
    id: UUID
    rendered: Rendered | None
    gone: list[UUID] = field(default_factory=list)

    async def take(self, organisation_id: UUID, before: UUID | None) -> UUID | None:
        """Give the id to store where `before` stood; a step, under the lock of what shows it.

        Without new content `before` keeps its place and gets the new words.

        Raises:
            Conflict: there is neither a new picture nor one to describe.
        """
        db.require_transaction()
        if self.rendered is None:
            if before is None:
                raise Conflict(rules.CHOOSE, field="picture")
            await Image.update({Image.alt: self.alt}).where(Image.id == before)
            return before
        await Image(
            id=self.id,
            organisation_id=organisation_id,
            uploaded_by=self.by.person_id,
            alt=self.alt,
            width=self.rendered.width,
            height=self.rendered.height,
            bytes=sum(map(len, self.rendered.renditions.values())),
            digest=hashlib.sha256(self.rendered.renditions["large"]).digest(),
        ).save()
        if before is not None:
            self.gone.append(before)
        return self.id

    async def let_go(self, before: UUID | None) -> None:
        """Throw a picture away with this transaction; a step, once nothing refers to it."""
        db.require_transaction()
        if before is not None:
            self.gone.append(before)


@asynccontextmanager
async def replacing(
    actor: Actor, content: bytes | None, alt: str = ""
) -> AsyncIterator[Replacement]:
    """Check and store a picture, then let the block's transaction take it into use.

    Without `content` only the words change, or a picture is let go. Ask for the permission
    before: this is work.

    Raises:
        Conflict: it is no picture we take; names the field `picture`.
        TooMany: this person sent very many.
        Unreachable: the store failed.
    """
    if db.in_transaction():
        raise RuntimeError("Open the transaction inside replacing(): the store is a network.")
    new = Replacement(actor, alt, uuid4(), None)
    if content is not None:
        await rate_limits.count(rate_limits.UPLOADS, str(actor.require_person()))
        new.rendered = await rendering.render(content)
    try:
        if new.rendered is not None:
            for size, rendition in new.rendered.renditions.items():
                await store.put(rules.object_name(new.id, size), rendition)
        yield new
    except BaseException:
        # A commit may have succeeded although its answer was lost: the row decides, not the error.
        if new.rendered is not None:
            await _forget(new.id)
        raise
    for id in new.gone:
        await _forget(id)


async def _forget(id: UUID) -> None:
    """Delete a picture nothing refers to; if that fails, what was done stays done all the same."""
    try:
        unused = await _unused()
        await db.execute(f"DELETE FROM image WHERE id = {{}} AND {unused}", id)  # noqa: S608
        if not await db.fetch_value("SELECT EXISTS (SELECT FROM image WHERE id = {})", id):
            await store.delete([rules.object_name(id, size) for size in rules.SIZES])
    except Exception as error:  # What was done is done, whatever database or store say.
        _log.warning("a picture was left to the daily cleaning", error=type(error).__name__)


async def _unused() -> str:
    """Say in SQL that no row refers to an image, by the foreign keys that the database has."""
    rows = await db.fetch(
        "SELECT format('NOT EXISTS (SELECT FROM %s t WHERE t.%I = image.id)',"
        "  c.conrelid::regclass, a.attname) AS clause"
        " FROM pg_constraint c JOIN pg_attribute a"
        "  ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND c.confrelid = 'image'::regclass ORDER BY 1"
    )
    return " AND ".join(row["clause"] for row in rows) or "true"


async def clean_up() -> tuple[int, int]:
    """Delete pictures that nothing shows, and objects without a picture; gives how many.

    Whatever is younger than a day is left alone, and so is every object not named by us.
    """
    until = clock.now() - leftovers.AFTER
    rows = await db.execute(
        f"DELETE FROM image WHERE created_at < {{}} AND {await _unused()}",  # noqa: S608
        until,
    )
    objects = await leftovers.forget(
        "images", "/[a-z]+", "SELECT id FROM image WHERE id = ANY({}::uuid[])"
    )
    return rows, objects
