"""Reading a feed into drafts: an organisation a transaction, and the same feed again changes them.

Killed at any moment, what was read stands whole and the rest is not there; running it again goes
on, because everything is recognised by its source.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from asyncpg import Point

from marketplace import audit, clock, db, places, settings, taxonomies
from marketplace.errors import CommandError
from marketplace.ids import new_id
from marketplace.imports import BadRow, BadRows, Report, opened
from marketplace.organisations.rules import Kind, State
from marketplace.organisations.tables import Organisation
from marketplace.permissions import SYSTEM, Actor
from marketplace.volunteering.feeds import rules
from marketplace.volunteering.feeds.rules import Activity, Bad, FeedOrganisation, FeedRole, Session
from marketplace.volunteering.open_data import grid
from marketplace.volunteering.rules import Event, OpportunityState, Timing
from marketplace.volunteering.shifts import steps as shift_steps
from marketplace.volunteering.tables import Opportunity, Role, Shift

MOST_BYTES = 200_000_000
ENDINGS = (".jsonld", ".json")
_LOCK = 726_022
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class _Tally:
    added: int = 0
    changed: int = 0
    unchanged: int = 0


async def import_feed(
    path: Path,
    progress: Progress = lambda stage, done, total: None,
    *,
    errors: Path | None = None,
    actor: Actor = SYSTEM,
) -> Report:
    """Make drafts of what a feed publishes, and bring those of an earlier reading up to date.

    What its organisation has published here by then is left as it is. Entries that cannot be used
    are listed and left out; of each organisation all is loaded or nothing.

    Raises:
        CommandError: the file is no feed; nothing was changed.
    """
    began = time.monotonic()
    with opened(path, ENDINGS) as source:
        if source.size > MOST_BYTES:
            raise CommandError(f"A feed has {MOST_BYTES // 1_000_000} MB at most.")
        progress("Reading", 0, source.size)
        try:
            found = rules.entries(json.loads(source.file.read()))
        except (ValueError, RecursionError) as error:
            raise CommandError(f"{source.name} is no JSON that we can read: {error}.") from error
        except Bad as error:
            raise CommandError(str(error)) from error
    bad = BadRows(errors or path.with_name(f"{path.name}.errors.csv"), "id")
    slug = {
        concept.uri: name
        for taxonomy in (taxonomies.SKILLS, taxonomies.CAUSES)
        for name, concept in taxonomy.items()
    }
    tally = _Tally()
    try:
        for number, entry in enumerate(found, start=1):
            progress("Loading", number - 1, len(found))
            try:
                organisation = rules.organisation(entry, slug)
                await _load(actor, organisation, tally)
            except (Bad, asyncpg.IntegrityConstraintViolationError) as error:
                said = str(error) if isinstance(error, Bad) else "It clashes with what is here."
                bad.add(BadRow(number, _name(entry), said))
            await asyncio.sleep(0)
        progress("Loading", len(found), len(found))
    finally:
        bad.close()
    return Report(
        read=len(found),
        added=tally.added,
        changed=tally.changed,
        unchanged=tally.unchanged,
        removed=0,
        rejected=bad.count,
        bad=tuple(bad.first),
        errors=bad.path if bad.count else None,
        seconds=time.monotonic() - began,
        unit="entry",
    )


def _name(entry: object) -> str:
    return str(entry.get("id", ""))[:200] if isinstance(entry, dict) else ""


async def _load(actor: Actor, found: FeedOrganisation, tally: _Tally) -> None:
    ours = settings.current().base_url
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock({}::bigint)", _LOCK)
        if found.source.startswith(f"{ours}/"):
            raise Bad("This is our own: it is here already.")
        organisation = await _organisation(actor, found)
        counts = _Tally()
        for activity in found.activities:
            await _activity(actor, organisation, activity, counts)
    tally.added += counts.added
    tally.changed += counts.changed
    tally.unchanged += counts.unchanged


async def _known(source: str, kind: str) -> tuple[UUID, str] | None:
    row = await db.fetch_one(
        "SELECT subject_id, digest FROM feed_source WHERE source = {} AND subject_type = {}",
        source,
        kind,
    )
    return (row["subject_id"], row["digest"]) if row else None


async def _remember(source: str, kind: str, id: UUID, digest: str = "") -> None:
    await db.execute(
        "INSERT INTO feed_source (id, source, subject_type, subject_id, digest, seen_at)"
        " VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (source, subject_type)"
        " DO UPDATE SET subject_id = excluded.subject_id, digest = excluded.digest,"
        " seen_at = excluded.seen_at",
        new_id(),
        source,
        kind,
        id,
        digest,
        clock.now(),
    )


async def _organisation(actor: Actor, found: FeedOrganisation) -> UUID:
    """Give the organisation of an entry: known by its source, its number, or its name; or new."""
    known = await _known(found.source, "organisation")
    if known and await db.fetch_value("SELECT true FROM organisation WHERE id = {}", known[0]):
        return known[0]
    id = None
    if found.charity_number:
        id = await db.fetch_value(
            "SELECT id FROM organisation WHERE charity_number = {}"
            " AND state NOT IN ('refused', 'closed')",
            found.charity_number,
        )
    if id is None:
        id = new_id()
        await Organisation(
            id=id,
            name=found.name,
            kind=(Kind.CHARITY if found.charity_number else Kind.COMMUNITY_GROUP).value,
            charity_number=found.charity_number or None,
            state=State.DRAFT.value,
            summary=found.summary,
            causes=list(found.causes)[:5],
            website=found.website,
            created_at=clock.now(),
        ).save()
    await _remember(found.source, "organisation", id)
    return id


def _digest(activity: Activity) -> str:
    return hashlib.sha256(repr(activity).encode()).hexdigest()[:32]


async def _activity(actor: Actor, organisation: UUID, found: Activity, tally: _Tally) -> None:
    digest = _digest(found)
    known = await _known(found.source, "opportunity")
    state = None
    if known:
        row = await db.fetch_one(
            "SELECT state, organisation_id FROM opportunity WHERE id = {}", known[0]
        )
        if row and row["organisation_id"] != organisation:
            raise Bad(f"The activity {found.source} belongs to another organisation here.")
        state = row["state"] if row else None
    if known and state is not None and (known[1] == digest or state != OpportunityState.DRAFT):
        # Past a draft its words are the organisation's own, and people may have booked.
        tally.unchanged += 1
        return
    columns = await _columns(found)
    if known and state is not None:
        id = known[0]
        await Opportunity.update(columns).where(Opportunity.id == id)
        tally.changed += 1
    else:
        opportunity = Opportunity(columns, organisation_id=organisation)
        await opportunity.save()
        id = opportunity.id
        tally.added += 1
    roles = [await _role(id, each, place) for place, each in enumerate(found.roles)]
    await _sessions(actor, organisation, id, roles[0], found.sessions)
    await audit.record(
        Event.OPPORTUNITY_CHANGED if known else Event.OPPORTUNITY_DRAFTED,
        "opportunity",
        id,
        by=actor,
        organisation=organisation,
    )
    await _remember(found.source, "opportunity", id, digest)


async def _columns(found: Activity) -> dict[Any, Any]:
    text = f"{found.address} {found.place_name}"
    where = await places.locate(found.address.split(",")[-1].strip()) if found.address else None
    point = grid.metres(found.point) if found.point else where.point if where else None
    outward = where.outward if where else None
    code = places.outward_code(outward) if outward else None
    town = code.town.split(",")[0].strip() if code else ""
    return {
        Opportunity.title: found.title,
        Opportunity.summary: found.summary,
        Opportunity.description: found.description,
        Opportunity.causes: list(found.causes),
        Opportunity.skills: list(found.roles[0].skills),
        Opportunity.remote: found.remote,
        Opportunity.place_name: found.place_name,
        Opportunity.town: town,
        Opportunity.postcode: where.label if where and outward else "",
        Opportunity.point: Point(*point) if point and text.strip() else None,
        Opportunity.timing: Timing.SHIFTS if found.sessions else Timing.FLEXIBLE,
    }


async def _role(opportunity: UUID, found: FeedRole, position: int) -> UUID:
    age = 18 if found.minimum_age is None else found.minimum_age
    columns = {
        Role.title: found.title,
        Role.description: found.description,
        Role.minimum_age: age,
        Role.skills: list(found.skills),
    }
    known = await _known(found.source, "role")
    if known and await db.fetch_value(
        "SELECT true FROM role WHERE id = {} AND opportunity_id = {}", known[0], opportunity
    ):
        await Role.update(columns).where(Role.id == known[0])
        return known[0]
    role = Role(columns, opportunity_id=opportunity, position=position)
    await role.save()
    await _remember(found.source, "role", role.id)
    return role.id


async def _sessions(
    actor: Actor, organisation: UUID, opportunity: UUID, role: UUID, sessions: Sequence[Session]
) -> None:
    """Plan what lies ahead and is not planned; cancel what the feed names no more."""
    ahead = [each for each in sessions if each.starts_at > clock.now()]
    rows = await db.fetch(
        "SELECT s.id, s.starts_at, s.ends_at FROM shift s JOIN feed_source f"
        " ON f.subject_id = s.id AND f.subject_type = 'shift' WHERE s.opportunity_id = {}"
        " AND s.state = 'planned' AND s.starts_at > now() ORDER BY s.id FOR NO KEY UPDATE OF s",
        opportunity,
    )
    planned = {(row["starts_at"], row["ends_at"]): row["id"] for row in rows}
    wanted = {(each.starts_at, each.ends_at): each for each in ahead}
    for times, id in planned.items():
        if times not in wanted:
            await shift_steps.cancel(actor, organisation, id)
    zone = settings.current().zone
    for times, each in wanted.items():
        if times in planned:
            continue
        start, end = times
        shift = Shift(
            role_id=role,
            opportunity_id=opportunity,
            starts_at=start,
            ends_at=end,
            local_start=_wall(start),
            local_end=_wall(end),
            zone=zone.key,
            places=1,
        )
        await shift.save()
        await _remember(each.source, "shift", shift.id)


def _wall(at: datetime) -> datetime:
    return clock.local(at, settings.current().zone).replace(tzinfo=None)
