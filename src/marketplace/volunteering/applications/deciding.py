"""Deciding on applications: by a person with a reason, or by the rules of the role."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import SYSTEM, Actor
from marketplace.volunteering.applications import queries, sent
from marketplace.volunteering.applications.rules import (
    MOVES,
    ApplicationState,
    Event,
    Outcome,
    Recommends,
    RefereeState,
    References,
    Step,
    judge,
    months_later,
)
from marketplace.volunteering.applications.sent import ApplicationView
from marketplace.volunteering.applications.tables import RoleApplication, ScreeningDecision
from marketplace.volunteering.bookings import steps as bookings
from marketplace.volunteering.rules import CancelledBy
from marketplace.volunteering.tables import PersonalView

_EVENTS = {
    Outcome.APPROVED: Event.APPROVED,
    Outcome.DECLINED: Event.DECLINED,
    Outcome.REVOKED: Event.REVOKED,
}


async def look_at(actor: Actor, id: UUID) -> ApplicationView:
    """Show an application, and write down who looked at it.

    Raises:
        SignInRequired, NotFound: see `sent.to_decide`.
    """
    async with db.transaction():
        application = await sent.to_decide(actor, id)
        await PersonalView(
            viewer_id=actor.require_person(), subject_type="role_application", subject_id=id
        ).save()
    return application


async def approve(
    actor: Actor, id: UUID, *, reason: str = "", once: Once | None = None
) -> ApplicationView:
    """Let somebody book all shifts of the role, also after having said no.

    Raises:
        SignInRequired, NotFound: see `sent.to_decide`.
        Conflict: it is the actor's own application.
        IllegalMove: it is approved already, or withdrawn.
    """
    async with db.transaction(once):
        application = await _to_decide(actor, id)
        await _decide(application, Outcome.APPROVED, reason, by=actor)
    return application


async def decline(
    actor: Actor, id: UUID, *, reason: str, once: Once | None = None
) -> ApplicationView:
    """Say no, and why.

    Raises:
        SignInRequired, NotFound: see `sent.to_decide`.
        Conflict: it is the actor's own application.
        IllegalMove: it does not wait for a decision.
    """
    async with db.transaction(once):
        application = await _to_decide(actor, id)
        if application.state is ApplicationState.APPROVED:
            MOVES.check(application.state, ApplicationState.SUBMITTED)
        await _decide(application, Outcome.DECLINED, reason, by=actor)
    return application


async def revoke(actor: Actor, id: UUID, *, reason: str, once: Once | None = None) -> int:
    """Take an approval back, with the places on shifts to come; gives how many places.

    Raises:
        SignInRequired, NotFound: see `sent.to_decide`.
        Conflict: it is the actor's own application.
        IllegalMove: it is not approved.
    """
    async with db.transaction(once):
        seen = await sent.to_decide(actor, id)
        await _no_booking_under_way(seen.person_id)
        application = await _to_decide(actor, id)
        if application.state is not ApplicationState.APPROVED:
            MOVES.check(application.state, ApplicationState.APPROVED)
            raise Conflict("This application is not approved, so there is nothing to take back.")
        await _decide(application, Outcome.REVOKED, reason, by=actor)
        rows = await _booked(application)
        for row in rows:
            await bookings.release(actor, row["id"], CancelledBy.ORGANISATION, reason=reason)
    return len(rows)


async def _no_booking_under_way(person_id: UUID) -> None:
    """Wait for a booking of this person that may have read the approval already; a step."""
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"booking:{person_id}"
    )


async def _booked(application: ApplicationView) -> Sequence[dict[str, UUID]]:
    return await db.fetch(
        "SELECT b.id FROM booking b JOIN shift s ON s.id = b.shift_id"
        " WHERE b.person_id = {} AND s.role_id = {} AND b.state = 'confirmed'"
        " AND s.starts_at > now() ORDER BY s.id",
        application.person_id,
        application.role_id,
    )


async def _to_decide(actor: Actor, id: UUID) -> ApplicationView:
    application = await sent.to_decide(actor, id, lock=True)
    if actor.is_self(application.person_id):
        raise Conflict("This is your own application, so somebody else has to decide on it.")
    return application


async def by_rules(id: UUID) -> Outcome | None:
    """Let the role's rules decide on an application that waits; a step that holds its row.

    Gives None where they leave it to a person: so do all where the role says so, and one that a
    person is asked to look at.
    """
    db.require_transaction()
    application = await sent.application(id, lock=True)
    role = await queries.role(application.role_id)
    if (
        not role.by_rules
        or application.by_hand_only
        or application.state is not ApplicationState.SUBMITTED
    ):
        return None
    referees = await sent.referees(id)
    verdict = judge(
        await queries.rules_of(role.id),
        {each.id: each for each in await queries.asked(role.id)},
        {each.asked.id: each.value for each in await sent.answered(id)},
        References(
            role.references_wanted,
            sum(each.state is RefereeState.GIVEN for each in referees),
            sum(each.recommends is Recommends.YES for each in referees),
        ),
    )
    if verdict.outcome is not None:
        await _decide(application, verdict.outcome, verdict.reason, trace=verdict.trace)
    return verdict.outcome


async def _decide(
    application: ApplicationView,
    outcome: Outcome,
    reason: str,
    *,
    by: Actor = SYSTEM,
    trace: Sequence[Step] = (),
) -> None:
    now = clock.now()
    approved = outcome is Outcome.APPROVED
    state = ApplicationState.APPROVED if approved else ApplicationState.DECLINED
    MOVES.check(application.state, state)
    await RoleApplication.update(
        {
            RoleApplication.state: state,
            RoleApplication.decided_at: now,
            RoleApplication.approved_until: await _until(application, now) if approved else None,
            RoleApplication.reason: reason,
            RoleApplication.by_rule: by.person_id is None,
        }
    ).where(RoleApplication.id == application.id)
    await ScreeningDecision(
        application_id=application.id,
        outcome=outcome,
        decided_by=by.person_id,
        reason=reason,
        trace=[asdict(step) for step in trace],
        at=now,
    ).save()
    await audit.record(
        _EVENTS[outcome],
        "role_application",
        application.id,
        by=by,
        organisation=application.organisation_id,
    )


async def _until(application: ApplicationView, now: datetime) -> datetime | None:
    months = (await queries.role(application.role_id)).good_for_months
    return months_later(now, months) if months else None
