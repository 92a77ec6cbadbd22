"""Events as calendars understand them (RFC 5545).

Times are wall times with their zone, and the zone's rules go with them, so that a calendar that
knows no London is right in summer too. The second pass of the hour that happens twice in autumn
cannot be said in wall time, so such an instant is written in UTC.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress
from icalendar import vRecur as Recur

from marketplace.volunteering.calendars.rules import Entry, Method, Sender, uid

LONDON = "Europe/London"


def calendar(entries: Sequence[Entry], sender: Sender, method: Method, *, name: str = "") -> str:
    """Write a calendar of some bookings; the same bookings give the same text.

    `name` is what the program shows as the calendar's name, for feeds.
    """
    made = Calendar()
    made.add("PRODID", f"-//{sender.name}//Bookings//EN")
    made.add("VERSION", "2.0")
    made.add("CALSCALE", "GREGORIAN")
    made.add("METHOD", method.value)
    if name:
        made.add("X-WR-CALNAME", name)
        made.add("X-WR-TIMEZONE", LONDON)
        # RFC 7986: how often it is worth asking again.
        made.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for zone in sorted({entry.zone for entry in entries}):
        made.add_component(_zone(zone))
    for entry in entries:
        made.add_component(_event(entry, sender))
    return made.to_ical().decode()


def _event(entry: Entry, sender: Sender) -> Event:
    event = Event()
    event.add("UID", uid(entry.booking_id, sender.host))
    event.add("SEQUENCE", entry.sequence)
    # Not the present time: an event that did not change is written the same.
    event.add("DTSTAMP", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", _wall(entry.starts_at, entry.zone))
    event.add("DTEND", _wall(entry.ends_at, entry.zone))
    event.add("SUMMARY", f"{entry.title} ({entry.organisation_name})")
    if entry.place:
        event.add("LOCATION", entry.place)
    event.add("DESCRIPTION", entry.description)
    event.add("URL", entry.url)
    event.add("STATUS", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    organiser = vCalAddress(f"mailto:{sender.email}")
    organiser.params["CN"] = sender.name
    event.add("ORGANIZER", organiser)
    return event


def _wall(at: datetime, zone: str) -> datetime:
    wall = at.astimezone(ZoneInfo(zone))
    return at.astimezone(UTC) if wall.fold else wall


def _zone(zone: str) -> Timezone:
    """Give a zone's rules; London's in the two lines that every program reads."""
    if zone != LONDON:
        return Timezone.from_tzid(zone)
    made = Timezone()
    made.add("TZID", LONDON)
    for kind, name, month, hour, before, after in (
        (TimezoneDaylight, "BST", 3, 1, 0, 1),
        (TimezoneStandard, "GMT", 10, 2, 1, 0),
    ):
        change = kind()
        change.add("TZNAME", name)
        # The last Sundays of March and October, as since 1996.
        change.add("DTSTART", datetime(1996, month, 31 if month == 3 else 27, hour))
        change.add("RRULE", Recur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"}))
        change.add("TZOFFSETFROM", timedelta(hours=before))
        change.add("TZOFFSETTO", timedelta(hours=after))
        made.add_component(change)
    return made
