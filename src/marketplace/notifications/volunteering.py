"""Mail about places on shifts: to those who come, and to those who expect them."""

from uuid import UUID

from marketplace.accounts.queries import names
from marketplace.audit import Entry, Reaction
from marketplace.notifications.telling import coordinators, each, tell
from marketplace.signing import sign
from marketplace.volunteering.bookings.operations import LINK_PURPOSE
from marketplace.volunteering.calendars.queries import attachments
from marketplace.volunteering.queries import BookingMail, booking_mail, bookings_of_shift
from marketplace.volunteering.rules import BookingState, CancelledBy, Event, duration_words


async def booked(entry: Entry) -> None:
    """Tell a volunteer when and where, whom to ask, and how to give the place back."""
    booking = await booking_mail(entry.subject_id)
    # Of visits that were agreed on, the agreement is told.
    if booking is None or booking.state is not BookingState.CONFIRMED or booking.arranged:
        return
    await tell(
        entry,
        [booking.person_id],
        "volunteering/booked",
        attached=await attachments(booking.booking_id),
        booking=booking,
        cancel=_cancel_path(booking),
    )


async def expected(entry: Entry) -> None:
    """Tell the coordinators that somebody will come."""
    booking = await booking_mail(entry.subject_id)
    if booking is None or booking.state is not BookingState.CONFIRMED or booking.arranged:
        return
    await _tell_coordinators(entry, booking, "volunteering/expected")


async def given_back(entry: Entry) -> None:
    """Confirm to a volunteer that their place is free again."""
    booking = await _cancelled(entry, CancelledBy.VOLUNTEER)
    if booking is not None:
        await tell(
            entry,
            [booking.person_id],
            "volunteering/given_back",
            attached=await attachments(booking.booking_id),
            booking=booking,
        )


async def place_free(entry: Entry) -> None:
    """Tell the coordinators that somebody cannot come."""
    booking = await _cancelled(entry, CancelledBy.VOLUNTEER, CancelledBy.SYSTEM)
    if booking is not None:
        await _tell_coordinators(entry, booking, "volunteering/place_free")


async def called_off(entry: Entry) -> None:
    """Tell a volunteer, with apologies, that the organisation called the shift off."""
    booking = await _cancelled(entry, CancelledBy.ORGANISATION)
    if booking is not None and booking.shift_cancelled:
        await tell(
            entry,
            [booking.person_id],
            "volunteering/called_off",
            attached=await attachments(booking.booking_id),
            booking=booking,
        )


async def taken_off(entry: Entry) -> None:
    """Tell a volunteer that, and why, their place on a shift that takes place is gone."""
    booking = await _cancelled(entry, CancelledBy.ORGANISATION, CancelledBy.SYSTEM)
    if booking is not None and not booking.shift_cancelled:
        await tell(
            entry,
            [booking.person_id],
            "volunteering/taken_off",
            attached=await attachments(booking.booking_id),
            booking=booking,
            by_system=booking.cancelled_by is CancelledBy.SYSTEM,
        )


async def moved(entry: Entry) -> None:
    """Tell everybody who booked a shift that its time changed."""
    if not entry.data.get("moved", True):
        return
    await each(_moved(entry, id) for id in await bookings_of_shift(entry.subject_id))


async def _moved(entry: Entry, booking_id: UUID) -> None:
    booking = await booking_mail(booking_id)
    if booking is None or booking.state is not BookingState.CONFIRMED:
        return
    await tell(
        entry,
        [booking.person_id],
        "volunteering/moved",
        attached=await attachments(booking.booking_id),
        booking=booking,
        cancel=_cancel_path(booking),
    )


async def hours_confirmed(entry: Entry) -> None:
    """Tell a volunteer which hours the organisation stands behind."""
    booking = await booking_mail(entry.subject_id)
    if booking is None or booking.minutes is None:
        return
    await tell(
        entry,
        [booking.person_id],
        "volunteering/hours",
        booking=booking,
        hours=duration_words(booking.minutes),
    )


def _cancel_path(booking: BookingMail) -> str:
    return f"/bookings/cancel/{sign(LINK_PURPOSE, booking.booking_id)}"


async def _cancelled(entry: Entry, *by: CancelledBy) -> BookingMail | None:
    booking = await booking_mail(entry.subject_id)
    if booking is None or booking.cancelled_by not in by or booking.arrangement_over:
        return None
    return booking


async def _tell_coordinators(entry: Entry, booking: BookingMail, template: str) -> None:
    people: list[UUID] = [
        person
        for person in await coordinators(booking.organisation_id)
        if person != booking.person_id
    ]
    name = (await names([booking.person_id]))[booking.person_id]
    shift = entry.data.get("shift", "")
    await tell(
        entry,
        people,
        template,
        booking=booking,
        name=name,
        path=f"/manage/shifts/{shift}" if shift else f"/manage/{booking.organisation_id}",
    )


REACTIONS = [
    Reaction(Event.BOOKING_MADE, "mail: you are booked", booked),
    Reaction(Event.BOOKING_MADE, "mail: somebody will come", expected),
    Reaction(Event.BOOKING_CANCELLED, "mail: your place is given back", given_back),
    Reaction(Event.BOOKING_CANCELLED, "mail: somebody cannot come", place_free),
    Reaction(Event.BOOKING_CANCELLED, "mail: the shift is called off", called_off),
    Reaction(Event.BOOKING_CANCELLED, "mail: your place is gone", taken_off),
    Reaction(Event.SHIFT_CHANGED, "mail: the shift is at another time", moved),
    Reaction(Event.HOURS_CONFIRMED, "mail: your hours are confirmed", hours_confirmed),
]
