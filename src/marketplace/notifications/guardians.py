"""Mail about consents: to guardians, to young people, and to adults who are named."""

from collections.abc import Sequence
from uuid import UUID

from marketplace import mail
from marketplace.accounts.queries import names
from marketplace.audit import Entry, Reaction
from marketplace.errors import NotFound
from marketplace.mail import Mail, Recipient
from marketplace.notifications.telling import coordinators, each, key, tell
from marketplace.signing import sign
from marketplace.volunteering.guardians import adults, doubts, queries
from marketplace.volunteering.guardians.queries import ConsentView
from marketplace.volunteering.guardians.rules import LINK, ConsentState, Event
from marketplace.volunteering.queries import booking_mail, bookings_of_shift
from marketplace.volunteering.rules import BookingState
from marketplace.volunteering.rules import Event as Volunteering


async def asked(entry: Entry) -> None:
    """Ask a guardian, also again after a birth date changed."""
    found = await _consent(entry, ConsentState.ASKED)
    if found is None or found.guardian_email is None:
        return
    await mail.send(
        Mail(
            key(entry, "guardians/asked"),
            Recipient(found.guardian_email, found.guardian_name),
            "guardians/asked",
            {
                "consent": found,
                "path": f"/guardians/{sign(LINK, found.id, found.version)}",
                "again": bool(entry.data.get("again")),
            },
        )
    )


async def given(entry: Entry) -> None:
    """Tell a young person that they can book, and their guardian what they agreed to."""
    found = await _consent(entry, ConsentState.GIVEN)
    if found is not None and found.guardian_id is not None:
        await _tell_young(entry, found)
        await tell(entry, [found.guardian_id], "guardians/yours", consent=found, places=0)


async def refused(entry: Entry) -> None:
    """Tell a young person that their guardian said no."""
    found = await _consent(entry, ConsentState.REFUSED)
    if found is not None:
        await _tell_young(entry, found)


async def over(entry: Entry) -> None:
    """Tell all three sides that a consent is withdrawn or has run out."""
    found = await _consent(entry, ConsentState.WITHDRAWN, ConsentState.ENDED)
    if found is None:
        return
    places = len(entry.data.get("bookings", ()))
    await _tell_young(entry, found, places=places)
    if found.guardian_id is not None:
        await tell(entry, [found.guardian_id], "guardians/yours", consent=found, places=places)
    await tell(
        entry,
        await coordinators(found.organisation_id),
        "guardians/over",
        consent=found,
        places=places,
    )


async def running_out(entry: Entry) -> None:
    """Tell a young person and their guardian that a consent ends soon."""
    found = await _consent(entry, ConsentState.GIVEN)
    if found is None or found.guardian_id is None:
        return
    people = [found.person_id, found.guardian_id]
    await tell(entry, people, "guardians/running_out", consent=found)


async def place(entry: Entry) -> None:
    """Tell guardians that a young person has a place, or has it no more."""
    booking = await booking_mail(entry.subject_id)
    made = entry.event == Volunteering.BOOKING_MADE.value
    if booking is None or made != (booking.state is BookingState.CONFIRMED):
        return
    people = await adults.guardians_of(booking.booking_id)
    if people:
        name = (await names([booking.person_id]))[booking.person_id]
        await tell(entry, people, "guardians/place", booking=booking, made=made, name=name)


async def doubted(entry: Entry) -> None:
    """Tell a young person, and whoever answers for them, that a place may not fit any more."""
    found = await doubts.of_booking(entry.subject_id)
    if found is not None and found.kept_at is None and found.reasons:
        await _about_place(
            entry, "guardians/doubted", [each.sentence for each in found.reasons], found.words
        )


async def kept(entry: Entry) -> None:
    """Tell a young person, and whoever answers for them, that the place stays theirs."""
    found = await doubts.of_booking(entry.subject_id)
    if found is not None and found.kept_at is not None:
        await _about_place(entry, "guardians/kept")


async def _about_place(
    entry: Entry, template: str, own: Sequence[str] = (), others: Sequence[str] = ()
) -> None:
    booking = await booking_mail(entry.subject_id)
    if booking is None or booking.state is not BookingState.CONFIRMED:
        return
    person = booking.person_id
    name = (await names([person]))[person]
    people = [*await adults.guardians_of(booking.booking_id)]
    people += await adults.copies(person, booking.organisation_id)
    await each(
        [
            tell(entry, [person], template, booking=booking, name=name, own=True, reasons=own),
            tell(entry, people, template, booking=booking, name=name, own=False, reasons=others),
        ]
    )


async def moved(entry: Entry) -> None:
    """Tell guardians that a shift of a young person takes place at another time."""
    if entry.data.get("moved", True):
        await each(_moved(entry, id) for id in await bookings_of_shift(entry.subject_id))


async def _moved(entry: Entry, booking_id: UUID) -> None:
    people = await adults.guardians_of(booking_id)
    booking = await booking_mail(booking_id) if people else None
    if booking is not None and booking.state is BookingState.CONFIRMED:
        name = (await names([booking.person_id]))[booking.person_id]
        await tell(entry, people, "guardians/moved", booking=booking, name=name)


async def adult_named(entry: Entry) -> None:
    """Tell an adult that they answer for the young people of a role."""
    found = await adults.adult_mail(entry.subject_id)
    if found is not None:
        await tell(entry, [found.person_id], "guardians/adult", role=found)


async def _tell_young(entry: Entry, found: ConsentView, places: int = 0) -> None:
    await tell(entry, [found.person_id], "guardians/answered", consent=found, places=places)


async def _consent(entry: Entry, *states: ConsentState) -> ConsentView | None:
    try:
        found = await queries.consent(entry.subject_id)
    except NotFound:
        return None
    return found if found.state in states else None


REACTIONS = [
    Reaction(Event.CONSENT_ASKED, "mail: do you agree as guardian", asked),
    Reaction(Event.CONSENT_GIVEN, "mail: your guardian agreed", given),
    Reaction(Event.CONSENT_REFUSED, "mail: your guardian said no", refused),
    Reaction(Event.CONSENT_WITHDRAWN, "mail: a consent is withdrawn", over),
    Reaction(Event.CONSENT_ENDED, "mail: a consent has run out", over),
    Reaction(Event.CONSENT_RUNNING_OUT, "mail: a consent ends soon", running_out),
    Reaction(Event.ADULT_NAMED, "mail: you answer for young people", adult_named),
    Reaction(Event.PLACE_DOUBTED, "mail: a young person’s place is in question", doubted),
    Reaction(Event.PLACE_KEPT, "mail: a young person keeps a place", kept),
    Reaction(Volunteering.SHIFT_CHANGED, "mail: a young person’s shift moved", moved),
    Reaction(Volunteering.BOOKING_MADE, "mail: a young person has a place", place),
    Reaction(Volunteering.BOOKING_CANCELLED, "mail: a young person has no place any more", place),
]
