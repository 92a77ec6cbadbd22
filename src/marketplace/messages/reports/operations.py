"""Reporting a message, and dealing with a report."""

from datetime import timedelta
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotAllowed
from marketplace.ids import new_id
from marketplace.messages.reports import queries
from marketplace.messages.rules import REPORT_MOVES, Event, Reason, ReportState
from marketplace.messages.tables import Message, MessageReport
from marketplace.permissions import Actor
from marketplace.rate_limits import Limit, count

REPORTS = Limit("reports person", 20, timedelta(hours=1))


async def report(
    actor: Actor, message_id: UUID, reason: Reason, note: str, *, once: Once | None = None
) -> None:
    """Show a message to the moderators.

    Raises:
        NotFound: the actor was not given it.
        Conflict: they have reported it already.
        TooMany: more than 20 in an hour.
    """
    found = await queries.reportable(actor, message_id)
    await count(REPORTS, str(actor.person_id))
    id = new_id()
    async with db.transaction(once):
        with db.clashes(
            {"message_report_once": Conflict("You have reported this message already.")}
        ):
            await MessageReport(
                id=id,
                message_id=message_id,
                reporter_id=actor.require_person(),
                reason=reason,
                note=note,
            ).save()
        await audit.record(
            Event.REPORTED, "message_report", id, by=actor, organisation=found.organisation_id
        )


async def deal_with(
    actor: Actor, id: UUID, outcome: str, *, take_down: bool = False, once: Once | None = None
) -> None:
    """Note what was done about a report, and take the message down where it must not stand.

    Raises:
        NotFound: the actor is no moderator, or there is no such report.
        NotAllowed: they wrote the message or belong to the organisation.
        IllegalMove: it is dealt with already.
    """
    async with db.transaction(once):
        before = await queries.report(actor, id, lock=True)
        if queries.has_a_stake(actor, before):
            raise NotAllowed(
                f"You wrote this message or belong to {before.organisation_name}, so another"
                " moderator has to deal with it."
            )
        REPORT_MOVES.check(before.state, ReportState.DEALT_WITH)
        now = clock.now()
        await MessageReport.update(
            {
                MessageReport.state: ReportState.DEALT_WITH,
                MessageReport.dealt_by: actor.require_person(),
                MessageReport.dealt_at: now,
                MessageReport.outcome: outcome,
            }
        ).where(MessageReport.id == id)
        if take_down and not before.removed:
            await Message.update({Message.removed_at: now}).where(Message.id == before.message_id)
            await _record(actor, Event.TAKEN_DOWN, "message", before.message_id, before)
        await _record(actor, Event.REPORT_DEALT_WITH, "message_report", id, before)


async def _record(
    actor: Actor, event: Event, kind: str, id: UUID, report: queries.ReportView
) -> None:
    await audit.record(event, kind, id, by=actor, organisation=report.organisation_id)
