"""Reading bookings for calendars."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from marketplace import clock, db, settings, signing
from marketplace.errors import NotFound
from marketplace.mail import Attachment
from marketplace.mail.messages import link, sender
from marketplace.permissions import Actor
from marketplace.volunteering.calendars.events import calendar
from marketplace.volunteering.calendars.rules import (
    CANCELLED_KEPT,
    PAST_KEPT,
    Entry,
    Method,
    Sender,
    method_of,
)
from marketplace.volunteering.private_places import hide
from marketplace.volunteering.queries import place_words

LINK = "calendar"
GONE = "This calendar was turned off, or its address was replaced. Get the new one on your account."


@dataclass(frozen=True, slots=True)
class Feed:
    """A person's feed, and the path of its address."""

    path: str
    made_at: datetime


_SELECT = (
    "SELECT b.id, b.state, b.booked_at, b.cancelled_at, o.id AS opportunity_id, o.title,"
    " g.name AS organisation_name, s.starts_at, s.ends_at, s.zone, s.note, s.sequence,"
    " s.sequenced_at, o.place_name, o.town, o.postcode, o.place_private, o.getting_there,"
    " o.contact_name, o.contact_how, v.id IS NOT NULL AS arranged"
    " FROM booking b JOIN shift s ON s.id = b.shift_id"
    " JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN organisation g ON g.id = o.organisation_id"
    " LEFT JOIN series v ON v.id = s.series_id AND v.for_visits"
)


def _entry(row: dict[str, Any]) -> Entry:
    cancelled = row["state"] == "cancelled"
    changes = (row["booked_at"], row["sequenced_at"], row["cancelled_at"])
    contact = ", ".join(filter(None, (row["contact_name"], row["contact_how"])))
    hide(row, shown=not cancelled)
    place = place_words(row["place_name"], row["town"], row["postcode"])
    if row["arranged"]:
        # A private address stays out of other people's programs.
        place = "At the address under “Your visits”"
    lines = [
        f"Ask for {contact}" if contact else "",
        f"Getting there: {row['getting_there']}" if row["getting_there"] else "",
        row["note"],
        f"Can’t make it? {link('/my/volunteering')}" if not cancelled else "",
    ]
    return Entry(
        booking_id=row["id"],
        title=row["title"],
        organisation_name=row["organisation_name"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        zone=row["zone"],
        place=place,
        description="\n".join(filter(None, lines)),
        url=link(f"/opportunities/{row['opportunity_id']}"),
        # A cancellation is a change too, whatever became of the shift.
        sequence=row["sequence"] + cancelled,
        changed_at=max(change for change in changes if change),
        cancelled=cancelled,
    )


async def entries(person_id: UUID) -> list[Entry]:
    """List what a person's calendar shows: what lies ahead, and for a while what is over or off."""
    now = clock.now()
    rows = await db.fetch(
        f"{_SELECT} WHERE b.person_id = {{}} AND s.ends_at > {{}}"
        " AND (b.state <> 'cancelled' OR b.cancelled_at > {}) ORDER BY s.starts_at, b.id"
        " LIMIT 1000",
        person_id,
        now - PAST_KEPT,
        now - CANCELLED_KEPT,
    )
    return [_entry(row) for row in rows]


async def entry(booking_id: UUID) -> Entry | None:
    """Give one booking as a calendar shows it; None where there is none."""
    row = await db.fetch_one(f"{_SELECT} WHERE b.id = {{}}", booking_id)
    return _entry(row) if row else None


async def own_event(actor: Actor, booking_id: UUID) -> str:
    """Write the event of one of the actor's own bookings.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such booking of theirs.
    """
    row = await db.fetch_one(
        f"{_SELECT} WHERE b.id = {{}} AND b.person_id = {{}}", booking_id, actor.require_person()
    )
    if row is None:
        raise NotFound("We cannot find that booking.")
    found = _entry(row)
    return calendar([found], _sender(), method_of(found))


async def attachments(booking_id: UUID) -> list[Attachment]:
    """Give the event that goes with a message about a booking; none where the booking is gone."""
    found = await entry(booking_id)
    if found is None:
        return []
    method = method_of(found)
    return [
        Attachment(
            "shift.ics",
            "calendar",
            calendar([found], _sender(), method),
            {"method": method.value},
        )
    ]


async def feed(actor: Actor) -> Feed | None:
    """Give the actor's own feed; None where they have none.

    Raises:
        SignInRequired: nobody is signed in.
    """
    row = await db.fetch_one(
        "SELECT id, version, made_at FROM calendar_feed WHERE person_id = {} AND live",
        actor.require_person(),
    )
    if row is None:
        return None
    token = signing.sign_lasting(LINK, row["id"], row["version"])
    return Feed(f"/calendars/{token}.ics", row["made_at"])


async def read_feed(token: str) -> str:
    """Write the calendar that the address of a feed stands for.

    Raises:
        LinkBroken: the address is none of ours.
        NotFound: it was turned off or replaced, or its person left.
    """
    signed = signing.unsign_lasting(LINK, token)
    person = await db.fetch_value(
        "SELECT f.person_id FROM calendar_feed f JOIN person p ON p.id = f.person_id"
        " WHERE f.id = {} AND f.version::text = {} AND f.live"
        " AND p.anonymised_at IS NULL AND p.suspended_at IS NULL",
        signed.id,
        signed.version,
    )
    if person is None:
        raise NotFound(GONE)
    name = f"Volunteering, {settings.current().brand_name}"
    return calendar(await entries(person), _sender(), Method.PUBLISH, name=name)


def _sender() -> Sender:
    config = settings.current()
    host = urlsplit(config.base_url).hostname or "localhost"
    return Sender(host, config.brand_name, sender().addr_spec)
