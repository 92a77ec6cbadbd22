"""Mail that reminds of a shift: where, when, whom to ask, and how to give the place back."""

from marketplace import clock, settings
from marketplace.accounts.queries import names
from marketplace.audit import Entry, Reaction
from marketplace.messages import operations as messages
from marketplace.notifications.telling import tell
from marketplace.signing import sign
from marketplace.volunteering.bookings.operations import LINK_PURPOSE
from marketplace.volunteering.queries import booking_mail
from marketplace.volunteering.reminders.rules import Event, ahead_words
from marketplace.volunteering.rules import BookingState


async def remind(entry: Entry) -> None:
    """Remind a volunteer of a shift they still have a place on; copies go as with messages."""
    booking = await booking_mail(entry.subject_id)
    if booking is None or booking.state is not BookingState.CONFIRMED:
        return
    if booking.starts_at <= clock.now():
        return
    others = await messages.COPIES(booking.person_id, booking.organisation_id)
    copies = [person for person in others if person != booking.person_id]
    await tell(
        entry,
        [booking.person_id, *copies],
        "reminders/shift",
        booking=booking,
        name=(await names([booking.person_id]))[booking.person_id],
        ahead=ahead_words(booking.starts_at, clock.now(), settings.current().zone),
        cancel=f"/bookings/cancel/{sign(LINK_PURPOSE, booking.booking_id)}",
        write=f"/bookings/{booking.booking_id}/messages",
    )


REACTIONS = [Reaction(Event.DUE, "mail: your shift is near", remind)]
