"""Ending consents, and taking back the places that age or consent do not allow any more."""

from uuid import UUID

from marketplace import audit, clock, db
from marketplace.errors import Conflict
from marketplace.permissions import SYSTEM, Actor
from marketplace.volunteering.bookings import steps as bookings
from marketplace.volunteering.eligibility.rules import Asking
from marketplace.volunteering.guardians import queries, rules
from marketplace.volunteering.guardians.queries import ConsentView
from marketplace.volunteering.guardians.rules import CONSENT_MOVES, Code, ConsentState, Event
from marketplace.volunteering.guardians.tables import GuardianConsent
from marketplace.volunteering.rules import CancelledBy

_WITHDRAWN = "Your parent or guardian took back their consent for this role."


async def release_unfit(person_id: UUID, why: str, *, too_young: bool = False) -> list[UUID]:
    """Give back every place to come that somebody may not have any more; gives the bookings.

    `why` is told to them, unless they are too young for the role: `too_young` is for whoever
    changed their age; that a role asks for more years now is its organisation's to decide (see
    `doubts`). The caller has locked the person; shifts are locked in the order of their ids.
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
        found = await queries.doubts(Asking(person_id=person_id, **row))
        unfit = rules.unfit([e for e in found if too_young or e.code != Code.TOO_YOUNG])
        if unfit is None:
            continue
        try:
            reason = unfit.sentence if unfit.code == Code.TOO_YOUNG else why
            await bookings.release(SYSTEM, booking, CancelledBy.SYSTEM, reason=reason)
        except Conflict:
            continue  # It started, or was given back, at this very moment.
        released.append(booking)
    return released


async def withdraw(actor: Actor, found: ConsentView) -> int:
    """Take a locked consent back for its guardian; gives how many places went with it.

    The caller has locked the young person.

    Raises:
        IllegalMove: it does not stand any more.
    """
    await close(found, ConsentState.WITHDRAWN)
    released = await release_unfit(found.person_id, _WITHDRAWN)
    await record(
        actor,
        Event.CONSENT_WITHDRAWN,
        found.id,
        found.organisation_id,
        bookings=[str(each) for each in released],
    )
    return len(released)


async def close(found: ConsentView, state: ConsentState) -> None:
    """Bring a locked consent into a state in which it does not count."""
    db.require_transaction()
    CONSENT_MOVES.check(found.state, state)
    now = clock.now()
    await GuardianConsent.update(
        {
            GuardianConsent.state: state,
            GuardianConsent.closed_at: now,
            GuardianConsent.answered_at: found.answered_at or now,
        }
    ).where(GuardianConsent.id == found.id)


async def record(actor: Actor, event: Event, id: UUID, organisation: UUID, **data: object) -> None:
    """Write what happened to a consent."""
    await audit.record(
        event, "guardian_consent", id, by=actor, organisation=organisation, data=data
    )
