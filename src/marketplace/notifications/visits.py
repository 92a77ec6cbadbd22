"""Mail about arranged visits: never who is visited, nor where."""

from typing import Any

from marketplace.audit import Entry, Reaction
from marketplace.notifications.telling import coordinators, tell
from marketplace.volunteering.visits.queries import VisitView, visit
from marketplace.volunteering.visits.rules import Event, VisitState


async def proposed(entry: Entry) -> None:
    """Ask a volunteer whether they can make visits."""
    found = await visit(entry.subject_id)
    if found.state is VisitState.PROPOSED:
        await _tell_volunteer(entry, found, "volunteering/visits_proposed")


async def answered(entry: Entry) -> None:
    """Tell the coordinators what the volunteer answered."""
    found = await visit(entry.subject_id)
    agreed = entry.event == Event.VISIT_AGREED.value
    await _tell_coordinators(entry, found, "volunteering/visits_answered", agreed=agreed)


async def withdrawn(entry: Entry) -> None:
    """Tell the volunteer that nobody asks any more."""
    found = await visit(entry.subject_id)
    await _tell_volunteer(
        entry,
        found,
        "volunteering/visits_over",
        path="/my/volunteering",
        by_volunteer=False,
        taken_back=True,
    )


async def over(entry: Entry) -> None:
    """Tell the other side that the visits ended."""
    found = await visit(entry.subject_id)
    by_volunteer = entry.data.get("by") == "volunteer"
    tell_other = _tell_coordinators if by_volunteer else _tell_volunteer
    await tell_other(
        entry, found, "volunteering/visits_over", by_volunteer=by_volunteer, taken_back=False
    )


async def _tell_volunteer(entry: Entry, found: VisitView, template: str, **context: Any) -> None:
    context = {"path": f"/my/visits/{found.id}", **context}
    await tell(entry, [found.volunteer_id], template, visit=found, **context)


async def _tell_coordinators(entry: Entry, found: VisitView, template: str, **context: Any) -> None:
    people = await coordinators(found.organisation_id)
    path = f"/manage/visits/{found.id}"
    await tell(entry, people, template, visit=found, path=path, **context)


REACTIONS = [
    Reaction(Event.VISIT_PROPOSED, "mail: can you make these visits", proposed),
    Reaction(Event.VISIT_AGREED, "mail: a volunteer agreed to visits", answered),
    Reaction(Event.VISIT_DECLINED, "mail: a volunteer said no to visits", answered),
    Reaction(Event.VISIT_WITHDRAWN, "mail: visits are not asked for any more", withdrawn),
    Reaction(Event.VISIT_ENDED, "mail: the visits ended", over),
]
