"""Giving an organisation a picture, and taking it away; cards and pages follow at once."""

from dataclasses import replace
from uuid import UUID

from marketplace import audit, db, files
from marketplace.db import Once
from marketplace.organisations import listing, tables
from marketplace.organisations.operations import editable
from marketplace.organisations.queries import Organisation
from marketplace.organisations.rules import Event
from marketplace.permissions import Actor


async def set_picture(
    actor: Actor, id: UUID, content: bytes | None, alt: str, *, once: Once | None = None
) -> None:
    """Show a picture of an organisation; without `content` only its words change.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor may not edit it.
        Conflict: it has ended, or this is no picture we take.
    """
    await editable(actor, id)
    async with files.replacing(actor, content, alt) as new, db.transaction(once):
        before = await editable(actor, id, lock=True)
        await _show(actor, before, await new.take(id, before.image_id))


async def remove_picture(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Show no picture of an organisation any more.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor may not edit it.
        Conflict: it has ended.
    """
    async with files.replacing(actor, None) as nothing, db.transaction(once):
        before = await editable(actor, id, lock=True)
        await _show(actor, before, None)
        await nothing.let_go(before.image_id)


async def _show(actor: Actor, organisation: Organisation, image: UUID | None) -> None:
    table = tables.Organisation
    await table.update({table.image_id: image}).where(table.id == organisation.id)
    if organisation.approved:
        await listing.publish(replace(organisation, image_id=image))
    await audit.record(
        Event.CHANGED,
        "organisation",
        organisation.id,
        by=actor,
        organisation=organisation.id,
        data={"fields": ["picture"]},
    )
