"""Giving a thing a picture, and taking it away; cards and pages follow at once."""

from uuid import UUID

from marketplace import audit, db, files
from marketplace.db import Once
from marketplace.permissions import Actor
from marketplace.things import listing
from marketplace.things.catalogue import queries
from marketplace.things.catalogue.queries import ThingView
from marketplace.things.rules import Event
from marketplace.things.tables import Thing


async def set_picture(
    actor: Actor, id: UUID, content: bytes | None, alt: str, *, once: Once | None = None
) -> None:
    """Show a picture of a thing; without `content` only its words change.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: this is no picture we take.
    """
    await queries.to_manage(actor, id)
    async with files.replacing(actor, content, alt) as new, db.transaction(once):
        before = await queries.to_manage(actor, id, lock=True)
        await _show(actor, before, await new.take(before.organisation_id, before.image_id))


async def remove_picture(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Show no picture of a thing any more.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
    """
    async with files.replacing(actor, None) as nothing, db.transaction(once):
        before = await queries.to_manage(actor, id, lock=True)
        await _show(actor, before, None)
        await nothing.let_go(before.image_id)


async def _show(actor: Actor, thing: ThingView, image: UUID | None) -> None:
    await Thing.update({Thing.image_id: image}).where(Thing.id == thing.id)
    await listing.refresh(thing.id)
    await audit.record(
        Event.THING_CHANGED,
        "thing",
        thing.id,
        by=actor,
        organisation=thing.organisation_id,
        data={"fields": ["picture"]},
    )
