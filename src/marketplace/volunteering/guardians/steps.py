"""Taking back the places that age or consent do not allow any more."""

from uuid import UUID

from marketplace import db
from marketplace.errors import Conflict
from marketplace.permissions import SYSTEM
from marketplace.volunteering.bookings import steps as bookings
from marketplace.volunteering.eligibility.rules import Asking
from marketplace.volunteering.guardians import queries, rules
from marketplace.volunteering.guardians.rules import Code
from marketplace.volunteering.rules import CancelledBy


async def release_unfit(person_id: UUID, why: str) -> list[UUID]:
    """Give back every place to come that somebody may not have any more; gives the bookings.

    `why` is told to them, unless they are too young for the role. The caller has locked the
    person; shifts are locked in the order of their ids.
    """
    db.require_transaction()
    rows = await db.fetch(
        "SELECT b.id, b.shift_id, s.role_id, s.opportunity_id, b.organisation_id, s.starts_at,"
        " s.ends_at FROM booking b JOIN shift s ON s.id = b.shift_id"
        " WHERE b.person_id = {} AND b.state = 'confirmed' AND s.starts_at > now()"
        " ORDER BY b.shift_id",
        person_id,
    )
    released: list[UUID] = []
    for row in rows:
        booking = row.pop("id")
        unfit = rules.unfit(await queries.reasons(Asking(person_id=person_id, **row)))
        if unfit is None:
            continue
        try:
            reason = unfit.sentence if unfit.code == Code.TOO_YOUNG else why
            await bookings.release(SYSTEM, booking, CancelledBy.SYSTEM, reason=reason)
        except Conflict:
            continue  # It started, or was given back, at this very moment.
        released.append(booking)
    return released
