"""Mail about applications for grants: to those who wrote them, and those who assess them."""

from uuid import UUID

from marketplace.audit import Entry, Reaction
from marketplace.grants.applications.queries import (
    extension_mail,
    round_mail,
    submission_mail,
    written_for,
)
from marketplace.grants.assessment.panel import assessment_mail, named_people
from marketplace.grants.assessment.ties import lifted_mail
from marketplace.grants.awards.queries import applicant_people, told
from marketplace.grants.rules import ApplicationState, Event, RoundState
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


async def round_extended(entry: Entry) -> None:
    """Tell everybody who is applying that there is more time."""
    moved = await extension_mail(UUID(entry.data["amendment"]))
    if moved is None:
        return
    await each(
        tell(entry, [person], "grants/round_extended", moved=moved, path=f"/applications/{id}")
        for person, id in await written_for(entry.subject_id)
    )


async def reading_paused(entry: Entry) -> None:
    """Tell the assessors, who were told that applications wait, that they wait for longer."""
    moved = await extension_mail(UUID(entry.data["amendment"]))
    if moved is not None and entry.data["reopened"]:
        people = await named_people(entry.subject_id)
        await tell(entry, people, "grants/reading_paused", moved=moved)


async def to_assess(entry: Entry) -> None:
    """Tell the assessors of a round that applications wait for them; no applicant is named."""
    await _tell_assessors(entry, await named_people(entry.subject_id))


async def named(entry: Entry) -> None:
    """Tell somebody who is named while a round is being assessed."""
    people = await named_people(entry.subject_id)
    await _tell_assessors(entry, [each for each in people if str(each) == entry.data["person"]])


async def _tell_assessors(entry: Entry, people: list[UUID]) -> None:
    round = await assessment_mail(entry.subject_id)
    if round is not None and round.state is RoundState.ASSESSING:
        await tell(entry, people, "grants/to_assess", round=round)


async def tie_lifted(entry: Entry) -> None:
    """Tell somebody that they can read an application again."""
    lifted = await lifted_mail(UUID(entry.data["lifted"]))
    if lifted is not None:
        path = f"/assess/{lifted.application_id}"
        await tell(entry, [lifted.person_id], "grants/tie_lifted", lifted=lifted, path=path)


async def decided(entry: Entry) -> None:
    """Tell an applicant what became of their application, once it is released."""
    outcome = await told(entry.subject_id)
    if outcome is not None:
        await tell(
            entry,
            await applicant_people(entry.subject_id),
            "grants/awarded" if outcome.awarded else "grants/declined",
            told=outcome,
            path=f"/applications/{entry.subject_id}",
        )


REACTIONS = [
    Reaction(Event.APPLICATION_SUBMITTED, "mail: your application arrived", submitted),
    Reaction(Event.ROUND_CANCELLED, "mail: the round is called off", round_cancelled),
    Reaction(Event.ROUND_EXTENDED, "mail: the deadline has moved", round_extended),
    Reaction(Event.ROUND_EXTENDED, "mail: you read later", reading_paused),
    Reaction(Event.ROUND_ASSESSING, "mail: applications wait for you", to_assess),
    Reaction(Event.ASSESSOR_NAMED, "mail: you are named as an assessor", named),
    Reaction(Event.CONFLICT_LIFTED, "mail: a tie of yours is lifted", tie_lifted),
    Reaction(Event.AWARD_PUBLISHED, "mail: you are awarded a grant", decided),
    Reaction(Event.APPLICATION_DECLINED, "mail: you are not awarded a grant", decided),
]
