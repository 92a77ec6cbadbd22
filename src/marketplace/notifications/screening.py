"""Mail about applications for roles: to applicants, to those who decide, and to referees."""

from uuid import UUID

from marketplace import mail
from marketplace.accounts.queries import names
from marketplace.audit import Entry, Reaction
from marketplace.errors import NotFound
from marketplace.mail import Mail, Recipient
from marketplace.notifications.telling import coordinators, key, tell
from marketplace.signing import sign
from marketplace.volunteering.applications.rules import (
    REFERENCE_LINK,
    ApplicationState,
    Event,
    RefereeState,
)
from marketplace.volunteering.applications.sent import (
    ApplicationView,
    RefereeView,
    application,
    referee,
)


async def submitted(entry: Entry) -> None:
    """Confirm to an applicant that their application arrived."""
    found = await _waiting(entry.subject_id)
    if found is not None:
        await tell(entry, [found.person_id], "screening/submitted", application=found)


async def to_decide(entry: Entry) -> None:
    """Tell those who decide that somebody applied, or asks for a person to look."""
    found = await _waiting(entry.subject_id)
    if found is not None:
        await _tell_coordinators(entry, found, "screening/to_decide")


async def approved(entry: Entry) -> None:
    """Tell an applicant that they can book."""
    found = await _standing(entry.subject_id, ApplicationState.APPROVED)
    if found is not None:
        await tell(entry, [found.person_id], "screening/approved", application=found)


async def declined(entry: Entry) -> None:
    """Tell an applicant that, and why, the organisation said no."""
    await _refused(entry, revoked=False)


async def revoked(entry: Entry) -> None:
    """Tell somebody that, and why, their approval is taken back."""
    await _refused(entry, revoked=True)


async def _refused(entry: Entry, *, revoked: bool) -> None:
    found = await _standing(entry.subject_id, ApplicationState.DECLINED)
    if found is not None:
        await tell(
            entry, [found.person_id], "screening/declined", application=found, revoked=revoked
        )


async def reference_asked(entry: Entry) -> None:
    """Ask a referee."""
    await _ask(entry, reminding=False)


async def reference_reminded(entry: Entry) -> None:
    """Ask a referee once more."""
    await _ask(entry, reminding=True)


async def _ask(entry: Entry, *, reminding: bool) -> None:
    found = await referee(entry.subject_id)
    if found is None or found.erased or found.state is not RefereeState.ASKED:
        return
    applied = await _waiting(found.application_id)
    if applied is None:
        return
    await mail.send(
        Mail(
            key(entry, "screening/reference"),
            Recipient(found.email, found.name),
            "screening/reference",
            {
                "application": applied,
                "applicant": (await names([applied.person_id]))[applied.person_id],
                "path": f"/references/{sign(REFERENCE_LINK, found.id)}",
                "reminding": reminding,
            },
        )
    )


async def reference_declined(entry: Entry) -> None:
    """Tell an applicant that somebody they named would rather not."""
    found = await referee(entry.subject_id)
    if found is None or found.state is not RefereeState.DECLINED:
        return
    applied = await _waiting(found.application_id)
    if applied is not None:
        await tell(
            entry,
            [applied.person_id],
            "screening/another_referee",
            application=applied,
            referee=found,
            path=f"/my/applications/{applied.id}/referees/{found.id}",
        )


async def references_in(entry: Entry) -> None:
    """Tell those who decide that the last reference came."""
    found: RefereeView | None = await referee(entry.subject_id)
    applied = await _waiting(found.application_id) if found else None
    if applied is not None and applied.references_in == applied.references:
        await _tell_coordinators(entry, applied, "screening/references_in")


async def _waiting(id: UUID) -> ApplicationView | None:
    return await _standing(id, ApplicationState.SUBMITTED)


async def _standing(id: UUID, state: ApplicationState) -> ApplicationView | None:
    try:
        found = await application(id)
    except NotFound:
        return None
    return found if found.state is state else None


async def _tell_coordinators(entry: Entry, found: ApplicationView, template: str) -> None:
    people = [
        person for person in await coordinators(found.organisation_id) if person != found.person_id
    ]
    await tell(
        entry,
        people,
        template,
        application=found,
        name=(await names([found.person_id]))[found.person_id],
        path=f"/manage/applications/{found.id}",
    )


REACTIONS = [
    Reaction(Event.SUBMITTED, "mail: your application for a role arrived", submitted),
    Reaction(Event.SUBMITTED, "mail: somebody applied for a role", to_decide),
    Reaction(Event.REVIEW_ASKED, "mail: somebody asks for a person to look", to_decide),
    Reaction(Event.APPROVED, "mail: you are approved for a role", approved),
    Reaction(Event.DECLINED, "mail: you are declined for a role", declined),
    Reaction(Event.REVOKED, "mail: your approval is taken back", revoked),
    Reaction(Event.REFERENCE_ASKED, "mail: a reference is asked of you", reference_asked),
    Reaction(Event.REFERENCE_REMINDED, "mail: a reference is waited for", reference_reminded),
    Reaction(Event.REFERENCE_DECLINED, "mail: name another referee", reference_declined),
    Reaction(Event.REFERENCE_GIVEN, "mail: all references are in", references_in),
]
