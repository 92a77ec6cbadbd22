"""Writing, publishing and withdrawing things."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor, Permission
from marketplace.things import listing
from marketplace.things.catalogue import queries
from marketplace.things.catalogue.queries import ThingView
from marketplace.things.categories import CATEGORIES
from marketplace.things.rules import THING_MOVES, Event, Kind, ThingState
from marketplace.things.tables import Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a librarian says of a thing; `*_days` are calendar days, `hours_*` turnaround."""

    title: str
    summary: str = ""
    description: str = ""
    category: str = "tools"
    kind: Kind = Kind.THING
    site_id: UUID | None = None
    condition_notes: str = ""
    terms: str = ""
    max_days: int = 7
    notice_days: int = 0
    ahead_days: int = 90
    hours_before: int = 0
    hours_after: int = 0


async def _columns(organisation_id: UUID, details: Details) -> dict[Any, Any]:
    if details.category not in CATEGORIES:
        raise Conflict("Choose a category from the list", field="category")
    if details.site_id is not None and not await db.fetch_value(
        "SELECT EXISTS (SELECT FROM site WHERE id = {} AND organisation_id = {})",
        details.site_id,
        organisation_id,
    ):
        raise Conflict("Choose a site from the list", field="site_id")
    return {
        Thing.title: details.title,
        Thing.summary: details.summary,
        Thing.description: details.description,
        Thing.category: details.category,
        Thing.kind: details.kind,
        Thing.site_id: details.site_id,
        Thing.condition_notes: details.condition_notes,
        Thing.terms: details.terms,
        Thing.max_days: details.max_days,
        Thing.notice_days: details.notice_days,
        Thing.ahead_days: details.ahead_days,
        Thing.hours_before: details.hours_before,
        Thing.hours_after: details.hours_after,
    }


async def draft(
    actor: Actor, organisation_id: UUID, details: Details, *, once: Once | None = None
) -> UUID:
    """Keep a new thing as a draft, and give its id.

    Raises:
        NotAllowed: the actor may not write things for the organisation.
        Conflict: the category or the site is not known.
    """
    actor.require(Permission.WRITE_THINGS, organisation_id)
    async with db.transaction(once):
        thing = Thing(
            await _columns(organisation_id, details),
            organisation_id=organisation_id,
            created_by=actor.person_id,
        )
        await thing.save()
        await audit.record(
            Event.THING_DRAFTED, "thing", thing.id, by=actor, organisation=organisation_id
        )
        if once:
            once.answer(f"/manage/things/{thing.id}")
    return thing.id


async def change(actor: Actor, id: UUID, details: Details, *, once: Once | None = None) -> None:
    """Replace what a thing says; reservations that were made keep their days and instants.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: a published one would lack something, or what is reserved would move elsewhere.
    """
    async with db.transaction(once):
        before = await queries.to_manage(actor, id, lock=True)
        columns = await _columns(before.organisation_id, details)
        if before.state is not ThingState.DRAFT:
            if details.site_id is None:
                raise Conflict("Choose a site: people can see this already", field="site_id")
            if not details.summary:
                raise Conflict("Keep a summary: people can see this already", field="summary")
        if details.site_id != before.site_id and await _claimed(id):
            raise Conflict(
                "Somebody has it or has reserved it at its present site. Move it once these loans"
                " are over, or add it again as another thing",
                field="site_id",
            )
        await Thing.update(columns).where(Thing.id == id)
        await listing.refresh(id)
        await audit.record(
            Event.THING_CHANGED, "thing", id, by=actor, organisation=before.organisation_id
        )


async def _claimed(id: UUID) -> bool:
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM reservation WHERE thing_id = {}"
        " AND state IN ('reserved', 'out'))",
        id,
    )


async def publish(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Let everybody find and reserve a thing.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        Conflict: the organisation is not approved, or something is missing.
        IllegalMove: it is published already.
    """
    async with db.transaction(once):
        thing = await queries.to_manage(actor, id, lock=True)
        THING_MOVES.check(thing.state, ThingState.PUBLISHED)
        if not thing.approved:
            raise Conflict(not_approved(thing.organisation_name))
        if lacks := thing.lacks:
            raise Conflict(f"{lacks[0][1]} before you publish this.")
        await _move(actor, thing, ThingState.PUBLISHED, Event.THING_PUBLISHED)


def not_approved(organisation: str) -> str:
    """Say why something stays a draft."""
    return (
        f"{organisation} is not approved yet, so this stays a draft."
        " You can publish it as soon as a moderator has approved the organisation."
    )


async def withdraw(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take no more reservations; those that were made stay.

    Raises:
        NotFound, NotAllowed: see `queries.to_manage`.
        IllegalMove: it is not published.
    """
    async with db.transaction(once):
        thing = await queries.to_manage(actor, id, lock=True)
        THING_MOVES.check(thing.state, ThingState.WITHDRAWN)
        await _move(actor, thing, ThingState.WITHDRAWN, Event.THING_WITHDRAWN)


async def _move(actor: Actor, thing: ThingView, state: ThingState, event: Event) -> None:
    await Thing.update(
        {Thing.state: state, Thing.published_at: thing.published_at or clock.now()}
    ).where(Thing.id == thing.id)
    await listing.refresh(thing.id)
    await audit.record(event, "thing", thing.id, by=actor, organisation=thing.organisation_id)
