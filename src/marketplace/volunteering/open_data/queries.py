"""Reading what is open to everybody, an organisation at a time, in an order that never changes."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.files.rules import address
from marketplace.volunteering.open_data.rules import (
    ActivityFacts,
    OrganisationFacts,
    RoleFacts,
    SessionFacts,
)
from marketplace.volunteering.private_places import hide
from marketplace.volunteering.queries import place_words

PAGE = 100
# Who republishes the feed asks again long before: what lies further ahead only makes it long.
WEEKS_AHEAD = 12

_ORGANISATIONS = """
    SELECT g.id, g.name, g.summary, g.website, g.causes, g.charity_number FROM organisation g
    WHERE g.state = 'approved' AND g.id > {} AND EXISTS (SELECT FROM listing l
        WHERE l.kind = 'opportunity' AND l.organisation_id = g.id)
    ORDER BY g.id LIMIT {}
"""
# What the index lists is what the public may see: the feed never knows more.
_ACTIVITIES = """
    SELECT o.id, o.organisation_id, o.title, o.summary, o.description, o.causes, o.skills,
        o.access, o.support, o.expenses_paid, o.remote, o.place_name, o.town, o.postcode,
        o.place_private, o.point, o.availability, o.image_id, o.published_at
    FROM listing l JOIN opportunity o ON o.id = l.id
    WHERE l.kind = 'opportunity' AND l.organisation_id = ANY({}) ORDER BY o.id
"""
_ROLES = """
    SELECT r.id, r.opportunity_id, r.title, r.description, r.minimum_age, r.skills FROM role r
    WHERE r.opportunity_id = ANY({}) AND r.retired_at IS NULL
    ORDER BY r.opportunity_id, r.position, r.id
"""
# Visits are arranged with one person, often at somebody's home: they are nobody else's business.
_SESSIONS = """
    SELECT s.opportunity_id, s.role_id, s.starts_at, s.ends_at, s.local_start FROM shift s
    LEFT JOIN series e ON e.id = s.series_id
    WHERE s.opportunity_id = ANY({}) AND s.state = 'planned' AND s.starts_at > now()
        AND s.starts_at < now() + make_interval(weeks => {}) AND e.for_visits IS NOT TRUE
    ORDER BY s.opportunity_id, s.starts_at, s.id
"""


async def published() -> AsyncIterator[list[OrganisationFacts]]:
    """Give all organisations that look for volunteers, with what they ask, some at a time."""
    after = UUID(int=0)
    while rows := await db.fetch(_ORGANISATIONS, after, PAGE):
        found = {row["id"]: _organisation(row) for row in rows}
        for row in await _activities(list(found)):
            found[row.pop("organisation_id")].activities.append(_activity(row))
        yield list(found.values())
        after = rows[-1]["id"]


async def _activities(organisations: list[UUID]) -> list[dict[str, Any]]:
    rows = await db.fetch(_ACTIVITIES, organisations)
    ids = [row["id"] for row in rows]
    roles: dict[UUID, list[RoleFacts]] = {id: [] for id in ids}
    sessions: dict[UUID, list[SessionFacts]] = {id: [] for id in ids}
    for role in await db.fetch(_ROLES, ids):
        roles[role.pop("opportunity_id")].append(RoleFacts(**role))
    for session in await db.fetch(_SESSIONS, ids, WEEKS_AHEAD):
        sessions[session.pop("opportunity_id")].append(SessionFacts(**session))
    return [row | {"roles": roles[row["id"]], "sessions": sessions[row["id"]]} for row in rows]


def _organisation(row: dict[str, Any]) -> OrganisationFacts:
    number = (row.pop("charity_number") or "").partition("-")[0]
    return OrganisationFacts(**row, registration=f"GB-CHC-{number}" if number.isdigit() else "")


def _activity(row: dict[str, Any]) -> ActivityFacts:
    hide(row)
    point, image = row.pop("point"), row.pop("image_id")
    where = place_words("", row.pop("town"), row.pop("postcode"))
    return ActivityFacts(
        **row,
        address=where,
        point=(point.x, point.y) if point else None,
        image=address(image, "large") if image else "",
    )
