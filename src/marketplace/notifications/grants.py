"""Mail about applications for grants: to those who wrote them."""

from marketplace.audit import Entry, Reaction
from marketplace.grants.applications.queries import (
    round_mail,
    submission_mail,
    written_for,
)
from marketplace.grants.rules import ApplicationState, Event
from marketplace.notifications.telling import each, tell
from marketplace.organisations.queries import owners


async def submitted(entry: Entry) -> None:
    """Confirm to whoever submitted an application, and to the owners, that it arrived in time."""
    application = await submission_mail(entry.subject_id)
    if application is None or application.state is ApplicationState.WITHDRAWN:
        return
    people = [application.submitted_by] if application.submitted_by else []
    await tell(
        entry,
        [*people, *await owners(application.organisation_id)],
        "grants/submitted",
        application=application,
    )


async def round_cancelled(entry: Entry) -> None:
    """Tell everybody who wrote an application for a round that it was called off."""
    round = await round_mail(entry.subject_id)
    if round is None:
        return
    await each(
        tell(entry, [person], "grants/round_cancelled", round=round, path=f"/applications/{id}")
        for person, id in await written_for(entry.subject_id)
    )


REACTIONS = [
    Reaction(Event.APPLICATION_SUBMITTED, "mail: your application arrived", submitted),
    Reaction(Event.ROUND_CANCELLED, "mail: the round is called off", round_cancelled),
]
