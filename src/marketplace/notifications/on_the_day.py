"""Mail about the day itself, hours, expenses and thanks: one short note each."""

from collections.abc import Iterable
from uuid import UUID

from marketplace import clock
from marketplace.audit import Entry, Reaction
from marketplace.notifications.telling import approvers, coordinators, tell
from marketplace.volunteering.attendance.rules import Event as Attendance
from marketplace.volunteering.expenses import queries as expenses
from marketplace.volunteering.expenses.rules import Event as Expenses
from marketplace.volunteering.expenses.rules import State
from marketplace.volunteering.hours import queries as hours
from marketplace.volunteering.hours.queries import HoursView
from marketplace.volunteering.hours.rules import Event as Hours
from marketplace.volunteering.hours.rules import Side
from marketplace.volunteering.queries import booking_mail
from marketplace.volunteering.recognition import queries as recognition
from marketplace.volunteering.recognition.rules import Event as Recognition
from marketplace.volunteering.rules import HoursState

_VOLUNTEER = "You get this message because you volunteer."


async def _note(
    entry: Entry,
    people: Iterable[UUID],
    about: str,
    words: str,
    path: str,
    button: str,
    why: str = _VOLUNTEER,
) -> None:
    await tell(
        entry,
        people,
        "on_the_day/note",
        about=about,
        words=words,
        path=path,
        button=button,
        why=why,
    )


async def walked_in(entry: Entry) -> None:
    """Tell somebody that a coordinator gave them a place at the door."""
    booking = await booking_mail(entry.subject_id)
    if booking is None or entry.actor_id == booking.person_id:
        return
    await _note(
        entry,
        [booking.person_id],
        f"You were added: {booking.opportunity_title}",
        f"{booking.organisation_name} added you to {booking.opportunity_title}, {booking.period},"
        " and marked you as here. If that was not you, tell them.",
        "/my/volunteering",
        "My volunteering",
    )


async def trusted(entry: Entry) -> None:
    """Tell a volunteer that they may mark who came."""
    if person := entry.data.get("person"):
        await _note(
            entry,
            [UUID(person)],
            "You can mark who came",
            "a coordinator trusts you with the list of a shift: you can show the check-in code and"
            " say who came. The names are there from the day before until two days after.",
            "/my/leading",
            "Shifts you lead",
        )


async def claimed(entry: Entry) -> None:
    """Ask the coordinators whether claimed or corrected hours are right."""
    view = await hours.for_mail(entry.subject_id)
    if view is None or view.state is not HoursState.PROPOSED:
        return
    if view.waits_for is Side.VOLUNTEER:
        await _ask_volunteer(entry, view, f"it says that you gave {view.words}")
        return
    await _ask_coordinators(entry, view, f"says to have given {view.words}")


async def disputed(entry: Entry) -> None:
    """Tell the other side that hours are in question, and why."""
    view = await hours.for_mail(entry.subject_id)
    if view is None or view.state is not HoursState.DISPUTED:
        return
    said = f"that it was {view.disputed_words}, not {view.words}: “{view.dispute}”"
    if view.waits_for is Side.VOLUNTEER:
        await _ask_volunteer(entry, view, f"it says {said}")
    else:
        await _ask_coordinators(entry, view, f"says {said}")


async def _ask_volunteer(entry: Entry, view: HoursView, said: str) -> None:
    await _note(
        entry,
        [view.person_id],
        f"Your hours at {view.organisation_name}",
        f"about {view.what} on {clock.date_words(view.on_date)}, {view.organisation_name} wants to"
        f" know whether you agree: {said}.",
        f"/my/hours/{view.id}",
        "Agree, or say more",
    )


async def _ask_coordinators(entry: Entry, view: HoursView, said: str) -> None:
    people = [
        person for person in await coordinators(view.organisation_id) if person != view.person_id
    ]
    await _note(
        entry,
        people,
        f"Hours of {view.person_name}",
        f"about {view.what} on {clock.date_words(view.on_date)}, {view.person_name} {said}.",
        f"/manage/{view.organisation_id}/hours/{view.id}",
        "Agree, or say more",
        f"You get this message because you coordinate volunteers for {view.organisation_name}.",
    )


async def agreed(entry: Entry) -> None:
    """Thank a volunteer for hours that the organisation agreed to."""
    view = await hours.for_mail(entry.subject_id)
    if view is None or view.state is not HoursState.CONFIRMED:
        return
    if entry.data.get("side") != Side.ORGANISATION:
        return
    await _note(
        entry,
        [view.person_id],
        f"Thank you for {view.words} at {view.organisation_name}",
        f"{view.organisation_name} confirmed your hours: {view.what},"
        f" {clock.date_words(view.on_date)}.",
        "/my/hours",
        "See all your hours",
    )


async def took_back(entry: Entry) -> None:
    """Tell a volunteer that the organisation does not ask about hours any more."""
    view = await hours.for_mail(entry.subject_id)
    if view is None or view.state is not HoursState.WITHDRAWN:
        return
    if entry.data.get("side") != Side.ORGANISATION:
        return
    await _note(
        entry,
        [view.person_id],
        f"Taken back: hours at {view.organisation_name}",
        f"{view.organisation_name} took back what it said about {view.what} on"
        f" {clock.date_words(view.on_date)}. If you were there, add your hours yourself.",
        f"/my/hours/new/{view.role_id}",
        "Add your hours",
    )


async def spent(entry: Entry) -> None:
    """Tell those who approve expenses that one was claimed."""
    expense = await expenses.for_mail(entry.subject_id)
    if expense is None or expense.state is not State.SUBMITTED:
        return
    people = [p for p in await approvers(expense.organisation_id) if p != expense.person_id]
    await _note(
        entry,
        people,
        f"{expense.person_name} claims {expense.amount}",
        f"{expense.person_name} claims {expense.amount} for {expense.what},"
        f" {clock.date_words(expense.on_date)}.",
        f"/manage/{expense.organisation_id}/expenses/{expense.id}",
        "Approve or return it",
        f"You get this message because you look after the money of {expense.organisation_name}.",
    )


async def answered(entry: Entry) -> None:
    """Tell a claimant what became of their claim."""
    expense = await expenses.for_mail(entry.subject_id)
    if expense is None or f"expense.{expense.state.value}" != entry.event:
        return
    words = {
        State.RETURNED: f"sent your claim back: “{expense.note}”",
        State.APPROVED: "approved your claim. It is paid next",
        State.PAID: "marked your claim as paid",
    }[expense.state]
    await _note(
        entry,
        [expense.person_id],
        f"Your claim of {expense.amount}: {expense.state.value}",
        f"{expense.organisation_name} {words}.",
        f"/my/expenses/{expense.id}",
        "See the claim",
    )


async def thanked(entry: Entry) -> None:
    """Tell a volunteer that somebody thanked them."""
    thanks = await recognition.for_mail(entry.subject_id)
    if thanks is None:
        return
    person, one = thanks
    await _note(
        entry,
        [person],
        f"{one.organisation_name} thanks you",
        f"{one.said_by or one.organisation_name} wrote to you: “{one.words}”",
        "/my/recognition",
        "Thanks and certificates",
    )


REACTIONS = [
    Reaction(Attendance.WALKED_IN, "mail: you were added at the door", walked_in),
    Reaction(Attendance.LEADER_NAMED, "mail: you can mark who came", trusted),
    Reaction(Hours.CLAIMED, "mail: are these hours right?", claimed),
    Reaction(Hours.CORRECTED, "mail: are these hours right now?", claimed),
    Reaction(Hours.DISPUTED, "mail: hours are in question", disputed),
    Reaction(Hours.AGREED, "mail: your hours are agreed", agreed),
    Reaction(Hours.WITHDRAWN, "mail: hours are not asked about any more", took_back),
    Reaction(Expenses.SUBMITTED, "mail: an expense is claimed", spent),
    Reaction(Expenses.RETURNED, "mail: your claim came back", answered),
    Reaction(Expenses.APPROVED, "mail: your claim is approved", answered),
    Reaction(Expenses.PAID, "mail: your claim is paid", answered),
    Reaction(Recognition.THANKED, "mail: somebody thanks you", thanked),
]
