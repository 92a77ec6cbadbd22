"""Taking an application back and deleting a draft, for applicants and for whoever leaves."""

from uuid import UUID

from marketplace import audit, clock, db
from marketplace.permissions import Actor
from marketplace.questions import operations as questions
from marketplace.questions.rules import Subject
from marketplace.volunteering.applications import sent
from marketplace.volunteering.applications.rules import MOVES, ApplicationState, Event
from marketplace.volunteering.applications.tables import RoleApplication


async def one_at_a_time(person: UUID) -> None:
    """Let one application of a person be begun, adopted or sent at a time."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"applying:{person}")


async def withdraw(actor: Actor, application: sent.ApplicationView) -> None:
    """Take back a locked application.

    Raises:
        IllegalMove: it is decided, or withdrawn already.
    """
    db.require_transaction()
    state = MOVES.check(application.state, ApplicationState.WITHDRAWN)
    await RoleApplication.update(
        {RoleApplication.state: state, RoleApplication.decided_at: clock.now()}
    ).where(RoleApplication.id == application.id)
    await record(Event.WITHDRAWN, actor, application)


async def delete_draft(draft: UUID) -> None:
    """Delete a draft with all that was typed; its referees go with it."""
    db.require_transaction()
    await questions.forget(Subject.ROLE_APPLICATION, draft)
    await RoleApplication.delete().where(RoleApplication.id == draft)


async def record(event: Event, actor: Actor, application: sent.ApplicationView) -> None:
    """Write what happened to an application."""
    await audit.record(
        event,
        "role_application",
        application.id,
        by=actor,
        organisation=application.organisation_id,
    )
