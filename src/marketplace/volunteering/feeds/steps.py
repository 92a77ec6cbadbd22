"""Making and changing drafts of what a feed says: steps, in the transaction of who calls."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import audit, clock, db, places, settings, taxonomies
from marketplace.ids import new_id
from marketplace.organisations.rules import Kind, State
from marketplace.organisations.tables import Organisation
from marketplace.permissions import SYSTEM
from marketplace.volunteering.feeds.rules import (
    ACTIVITY,
    Activity,
    FeedOrganisation,
    FeedRole,
    Session,
)
from marketplace.volunteering.open_data import grid
from marketplace.volunteering.rules import Event, Timing
from marketplace.volunteering.shifts import steps as shift_steps
from marketplace.volunteering.tables import Opportunity, Role, Shift


def slugs() -> dict[str, str]:
    """Give our word for each term's address."""
    return {
        concept.uri: name
        for taxonomy in (taxonomies.SKILLS, taxonomies.CAUSES)
        for name, concept in taxonomy.items()
    }


async def known(source: str, kind: str) -> UUID | None:
    """Give what a source became here; None where it was never read."""
    return await db.fetch_value(
        "SELECT subject_id FROM feed_source WHERE source = {} AND subject_type = {}", source, kind
    )


async def remember(
    source: str, kind: str, id: UUID, digest: str = "", *, import_id: UUID | None = None
) -> None:
    """Keep what a source became; `import_id` is the import that a broker can undo."""
    await db.execute(
        "INSERT INTO feed_source AS f (id, source, subject_type, subject_id, digest, seen_at,"
        " import_id) VALUES ({}, {}, {}, {}, {}, {}, {}) ON CONFLICT (source, subject_type)"
        " DO UPDATE SET subject_id = excluded.subject_id, digest = excluded.digest,"
        " seen_at = excluded.seen_at, import_id = CASE WHEN f.subject_id = excluded.subject_id"
        " THEN f.import_id ELSE excluded.import_id END",
        new_id(),
        source,
        kind,
        id,
        digest,
        clock.now(),
        import_id,
    )


async def make_organisation(found: FeedOrganisation) -> UUID:
    """Make a draft of an organisation that is not here."""
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
    return id


@dataclass(frozen=True, slots=True)
class Known:
    """What an activity became here, and the digest of what its feed said then.

    It is `theirs` once its organisation sent it in, or somebody here has edited it.
    """

    id: UUID
    organisation_id: UUID
    digest: str
    theirs: bool

    def follows(self, facts: bytes) -> bool:
        """Tell whether it is to say what its feed says by now."""
        return not self.theirs and self.digest != _digest(facts)


async def activities(sources: Sequence[str]) -> dict[str, Known]:
    """Give what is here of some activities, by their source."""
    rows = await db.fetch(
        "SELECT f.source, f.digest, o.id, o.organisation_id, o.state <> 'draft' OR EXISTS ("
        # What a feed changes, it changes as nobody.
        " SELECT FROM history h WHERE h.actor_id IS NOT NULL AND (h.subject_type, h.subject_id) IN"
        " (SELECT 'opportunity', o.id"
        "  UNION ALL SELECT 'role', r.id FROM role r WHERE r.opportunity_id = o.id"
        "  UNION ALL SELECT 'shift', s.id FROM shift s WHERE s.opportunity_id = o.id)) AS theirs"
        " FROM feed_source f JOIN opportunity o ON o.id = f.subject_id"
        " WHERE f.subject_type = 'opportunity' AND f.source = ANY({}::text[])",
        list(sources),
    )
    return {row.pop("source"): Known(**row) for row in rows}


async def follow(found: Activity, *, import_id: UUID | None = None) -> bool:
    """Make a draft say what its feed says by now; tells whether anything changed.

    What is its organisation's own by now is left as it is.
    """
    db.require_transaction()
    here = (await activities([found.source])).get(found.source)
    if here is None:
        return False
    await db.execute("SELECT FROM opportunity WHERE id = {} FOR NO KEY UPDATE", here.id)
    here = (await activities([found.source]))[found.source]
    if not here.follows(ACTIVITY.dump_json(found)):
        return False
    await write_activity(here.organisation_id, found, here.id, import_id=import_id)
    await audit.record(
        Event.OPPORTUNITY_CHANGED,
        "opportunity",
        here.id,
        by=SYSTEM,
        organisation=here.organisation_id,
    )
    return True


def _digest(facts: bytes) -> str:
    return hashlib.sha256(facts).hexdigest()[:32]


async def write_activity(
    organisation: UUID,
    found: Activity,
    id: UUID | None = None,
    *,
    import_id: UUID | None = None,
) -> UUID:
    """Make the draft `id` say what a feed says, or a new one, with its roles and shifts."""
    db.require_transaction()
    columns = await _columns(found)
    if id is not None:
        await Opportunity.update(columns).where(Opportunity.id == id)
    else:
        opportunity = Opportunity(columns, organisation_id=organisation)
        await opportunity.save()
        id = opportunity.id
    roles = {
        each.source: await _role(id, each, place, import_id)
        for place, each in enumerate(found.roles)
    }
    await _sessions(organisation, id, roles, found, import_id)
    digest = _digest(ACTIVITY.dump_json(found))
    await remember(found.source, "opportunity", id, digest, import_id=import_id)
    return id


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


async def _role(opportunity: UUID, found: FeedRole, position: int, import_id: UUID | None) -> UUID:
    age = 18 if found.minimum_age is None else found.minimum_age
    columns = {
        Role.title: found.title,
        Role.description: found.description,
        Role.minimum_age: age,
        Role.skills: list(found.skills),
    }
    before = await known(found.source, "role")
    if before and await db.fetch_value(
        "SELECT true FROM role WHERE id = {} AND opportunity_id = {}", before, opportunity
    ):
        await Role.update(columns).where(Role.id == before)
        return before
    role = Role(columns, opportunity_id=opportunity, position=position)
    await role.save()
    await remember(found.source, "role", role.id, import_id=import_id)
    return role.id


async def _sessions(
    organisation: UUID,
    opportunity: UUID,
    roles: dict[str, UUID],
    found: Activity,
    import_id: UUID | None,
) -> None:
    """Plan what lies ahead and is not planned; cancel what the feed names no more."""
    first = next(iter(roles.values()))
    rows = await db.fetch(
        "SELECT s.id, s.role_id, s.starts_at, s.ends_at FROM shift s JOIN feed_source f"
        " ON f.subject_id = s.id AND f.subject_type = 'shift' WHERE s.opportunity_id = {}"
        " AND s.state = 'planned' AND s.starts_at > now() ORDER BY s.id FOR NO KEY UPDATE OF s",
        opportunity,
    )
    planned = {(row["role_id"], row["starts_at"], row["ends_at"]): row["id"] for row in rows}
    wanted = {
        (roles.get(each.role, first), each.starts_at, each.ends_at): each
        for each in found.sessions
        if each.starts_at > clock.now()
    }
    for key, id in planned.items():
        if key not in wanted:
            await shift_steps.cancel(SYSTEM, organisation, id)
    zone = settings.current().zone
    for key, each in wanted.items():
        if key in planned:
            continue
        role, start, end = key
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
        await remember(_source(found, each), "shift", shift.id, import_id=import_id)


def _source(activity: Activity, session: Session) -> str:
    # Sessions seldom have ids: what they are told apart by is whose and when they are.
    said = f"{session.role} {session.starts_at.isoformat()} {session.ends_at.isoformat()}"
    return f"{activity.source}#{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def _wall(at: datetime) -> datetime:
    return clock.local(at, settings.current().zone).replace(tzinfo=None)
