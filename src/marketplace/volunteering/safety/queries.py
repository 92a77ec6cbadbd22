"""Reading one's own details and choices; others' are read through `operations.look`."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db, sealing
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.attendance import queries as attendance
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.shifts.queries import ShiftView

SEALED = "safety-details"
VIEW = "safety_details"


@dataclass(frozen=True, slots=True)
class Details:
    """Whom to ring in an emergency, and what somebody needs on a shift."""

    contact_name: str = ""
    contact_phone: str = ""
    relation: str = ""
    adjustments: str = ""


def opened(sealed: bytes) -> Details | None:
    """Open what is stored; None where the installation's secret was changed since."""
    text = sealing.unseal(SEALED, sealed)
    return Details(**json.loads(text)) if text is not None else None


async def mine(actor: Actor) -> Details | None:
    """Read what the actor wrote.

    Raises:
        SignInRequired: nobody is signed in.
    """
    sealed = await db.fetch_value(
        "SELECT sealed FROM safety_details WHERE person_id = {}", actor.require_person()
    )
    return opened(sealed) if sealed is not None else None


@dataclass(frozen=True, slots=True)
class Choice:
    """One booking to come, and whether its leader sees the details; `everywhere` in all of it."""

    organisation_id: UUID
    organisation_name: str
    booking_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    everywhere: bool
    here: bool

    @property
    def period(self) -> str:
        """Write when it is."""
        return clock.period_words(self.starts_at, self.ends_at)


async def choices(actor: Actor) -> list[Choice]:
    """List what the actor can decide: the bookings that are not over, by organisation."""
    rows = await db.fetch(
        "SELECT b.organisation_id, g.name AS organisation_name, b.id AS booking_id, o.title,"
        " s.starts_at, s.ends_at,"
        " EXISTS (SELECT FROM safety_share h WHERE h.person_id = b.person_id"
        "  AND h.organisation_id = b.organisation_id AND h.booking_id IS NULL) AS everywhere,"
        " EXISTS (SELECT FROM safety_share h WHERE h.booking_id = b.id) AS here"
        " FROM booking b JOIN shift s ON s.id = b.shift_id"
        " JOIN opportunity o ON o.id = s.opportunity_id"
        " JOIN organisation g ON g.id = b.organisation_id"
        " WHERE b.person_id = {} AND b.state IN ('confirmed', 'attended') AND s.ends_at > now()"
        " ORDER BY g.name, g.id, s.starts_at LIMIT 100",
        actor.require_person(),
    )
    return [Choice(**row) for row in rows]


async def looks(actor: Actor) -> list[tuple[str, datetime]]:
    """List who looked at the actor's details, the latest first."""
    rows = await db.fetch(
        "SELECT p.name, v.at FROM personal_view v JOIN person p ON p.id = v.viewer_id"
        " WHERE v.subject_type = {} AND v.subject_id = {} ORDER BY v.at DESC LIMIT 50",
        VIEW,
        actor.require_person(),
    )
    return [(row["name"], row["at"]) for row in rows]


async def shift_to_lead(actor: Actor, shift_id: UUID) -> tuple[ShiftView, OpportunityView]:
    """Read a shift for its leaders and for those who see its roster.

    Raises:
        NotFound: there is none, or the actor is neither.
    """
    shift, opportunity = await shifts.shift(actor, shift_id)
    if not await attendance.leads(actor, shift):
        actor.require_to_know(Permission.VIEW_ROSTER, opportunity.organisation_id)
    return shift, opportunity


async def shared(shift_id: UUID) -> list[dict[str, Any]]:
    """Give who shared theirs for a shift, still sealed."""
    return await db.fetch(
        "SELECT DISTINCT p.id, p.name, d.sealed FROM booking b JOIN person p ON p.id = b.person_id"
        " JOIN safety_details d ON d.person_id = b.person_id"
        " JOIN safety_share h ON h.person_id = b.person_id"
        "  AND h.organisation_id = b.organisation_id"
        "  AND (h.booking_id IS NULL OR h.booking_id = b.id)"
        " WHERE b.shift_id = {} AND b.state IN ('confirmed', 'attended') ORDER BY p.name, p.id",
        shift_id,
    )
