"""What others ask of volunteering: the facts a message about a booking needs.

Everything else is read where it belongs: `opportunities`, `shifts`, `bookings`, `hours`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import clock, db
from marketplace.volunteering.private_places import hide
from marketplace.volunteering.rules import BookingState, CancelledBy


@dataclass(frozen=True, slots=True)
class BookingMail:
    """What a message about one booking says; instants are aware UTC.

    `place` is one line, "From home" without one; `contact` is "" where nobody is named.
    `minutes` are the confirmed hours, None until they are; `reason` is why somebody else gave the
    place back, in their words. `arranged` is a visit that both sides agreed on, and
    `arrangement_over` that all of them are off: that is told once, not for each visit.
    """

    booking_id: UUID
    person_id: UUID
    state: BookingState
    cancelled_by: CancelledBy | None
    opportunity_id: UUID
    opportunity_title: str
    organisation_id: UUID
    organisation_name: str
    starts_at: datetime
    ends_at: datetime
    place: str
    getting_there: str
    expenses: str
    contact: str
    note: str
    minutes: int | None
    reason: str
    shift_cancelled: bool
    arranged: bool
    arrangement_over: bool

    @property
    def period(self) -> str:
        """Write when it is: "Tuesday 4 March, 6:30pm to 8pm"."""
        return clock.period_words(self.starts_at, self.ends_at)

    @property
    def url(self) -> str:
        """Give the path of the opportunity's page."""
        return f"/opportunities/{self.opportunity_id}"


async def booking_mail(booking_id: UUID) -> BookingMail | None:
    """Read what a message about a booking says; None when there is no such booking."""
    row = await db.fetch_one(
        "SELECT b.id AS booking_id, b.person_id, b.state, b.cancelled_by,"
        " o.id AS opportunity_id, o.title AS opportunity_title,"
        " g.id AS organisation_id, g.name AS organisation_name, s.starts_at, s.ends_at,"
        " o.place_name, o.town, o.postcode, o.place_private, o.getting_there, o.expenses,"
        " o.contact_name, o.contact_how, s.note, h.minutes, b.reason,"
        " s.state = 'cancelled' AS shift_cancelled,"
        " v.id IS NOT NULL AS arranged, coalesce(v.state = 'ended', false) AS arrangement_over"
        " FROM booking b JOIN shift s ON s.id = b.shift_id"
        " JOIN opportunity o ON o.id = s.opportunity_id"
        " JOIN organisation g ON g.id = o.organisation_id"
        " LEFT JOIN hours h ON h.booking_id = b.id AND h.state = 'confirmed'"
        " LEFT JOIN series v ON v.id = s.series_id AND v.for_visits"
        " WHERE b.id = {}",
        booking_id,
    )
    if row is None:
        return None
    hide(row, shown=row["state"] != BookingState.CANCELLED)
    place = place_words(row.pop("place_name"), row.pop("town"), row.pop("postcode"))
    if row["arranged"]:
        # A private address stays out of mail.
        place = "At the address under “Your visits”"
    contact = ", ".join(filter(None, (row.pop("contact_name"), row.pop("contact_how"))))
    row["state"] = BookingState(row["state"])
    row["cancelled_by"] = CancelledBy(row["cancelled_by"]) if row["cancelled_by"] else None
    return BookingMail(**row, place=place or "From home", contact=contact)


async def bookings_of_shift(shift_id: UUID) -> list[UUID]:
    """Give the live bookings of a shift, in the order they were made; for messages to them."""
    rows = await db.fetch(
        "SELECT id FROM booking WHERE shift_id = {} AND state = 'confirmed' ORDER BY booked_at, id",
        shift_id,
    )
    return [row["id"] for row in rows]


def place_words(place_name: str, town: str, postcode: str) -> str:
    """Write a place in one line, the town only where the name does not say it already."""
    said = town and town.casefold() in place_name.casefold()
    return ", ".join(filter(None, (place_name, "" if said else town, postcode)))
