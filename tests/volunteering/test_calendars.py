"""Bookings in calendars, read by a client library of other hands (vobject)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import vobject
from tests.factories import APerson, a_booking, a_person, a_shift, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.calendars import queries
from marketplace.volunteering.calendars.events import calendar
from marketplace.volunteering.calendars.rules import Entry, Method, Sender, etag, method_of, uid
from marketplace.volunteering.shifts import operations as shifts

US = Sender("together.example.org", "Together", "hello@together.example.org")


def an_entry(starts_at: datetime, ends_at: datetime, **more: Any) -> Entry:
    given = {
        "booking_id": uuid4(),
        "title": "Soup, stew; and “more”",
        "organisation_name": "Chelmer Kitchen",
        "zone": "Europe/London",
        "place": "St John's Hall, Moulsham Street, Chelmsford, CM2 0JG",
        "description": "Ask for Priya Shah\nBring an apron; and a hat",
        "url": "https://together.example.org/opportunities/1",
        "sequence": 0,
        "changed_at": datetime(2027, 1, 1, 12, 30, 15, 123456, tzinfo=UTC),
        "cancelled": False,
    } | more
    return Entry(starts_at=starts_at, ends_at=ends_at, **given)


def read(text: str) -> Any:
    return vobject.readOne(text)


def instant(value: datetime) -> datetime:
    return value.astimezone(UTC)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "wall"),
    [
        pytest.param(
            datetime(2027, 1, 12, 18, 30, tzinfo=UTC),
            datetime(2027, 1, 12, 20, tzinfo=UTC),
            "20270112T183000",
            id="winter",
        ),
        pytest.param(
            datetime(2027, 7, 13, 17, 30, tzinfo=UTC),
            datetime(2027, 7, 13, 19, tzinfo=UTC),
            "20270713T183000",
            id="summer time",
        ),
        pytest.param(
            datetime(2027, 3, 27, 22, tzinfo=UTC),
            datetime(2027, 3, 28, 6, tzinfo=UTC),
            "20270327T220000",
            id="the night the clocks go forward",
        ),
        pytest.param(
            datetime(2027, 10, 30, 21, tzinfo=UTC),
            datetime(2027, 10, 31, 7, tzinfo=UTC),
            "20271030T220000",
            id="the night they go back",
        ),
        pytest.param(
            datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
            datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
            "20271031T013000",
            id="both passes of half past one",
        ),
        pytest.param(
            datetime(2027, 7, 13, 22, 30, tzinfo=UTC),
            datetime(2027, 7, 14, 5, tzinfo=UTC),
            "20270713T233000",
            id="overnight in summer",
        ),
    ],
)
def test_another_client_reads_the_same_instants(starts_at: datetime, ends_at: datetime, wall: str):
    text = calendar([an_entry(starts_at, ends_at)], US, Method.PUBLISH)
    assert f"DTSTART;TZID=Europe/London:{wall}" in text
    event = read(text).vevent
    assert instant(event.dtstart.value) == starts_at
    assert instant(event.dtend.value) == ends_at


def test_a_client_that_knows_no_london_reads_the_rules_we_send():
    entry = an_entry(datetime(2027, 7, 13, 9, tzinfo=UTC), datetime(2027, 7, 13, 11, tzinfo=UTC))
    # Under a name nobody has ever heard of, only the rules that came with it can be right.
    text = calendar([entry], US, Method.PUBLISH).replace("Europe/London", "Essex/Chelmsford")
    assert instant(read(text).vevent.dtstart.value) == entry.starts_at


def test_words_survive_and_the_same_is_written_the_same():
    now = datetime(2027, 7, 13, 9, tzinfo=UTC)
    entry = an_entry(now, now + timedelta(hours=1))
    text = calendar([entry], US, Method.PUBLISH, name="Volunteering")
    event = read(text).vevent
    assert event.summary.value == "Soup, stew; and “more” (Chelmer Kitchen)"
    assert event.description.value == entry.description
    assert event.location.value == entry.place
    assert event.uid.value == uid(entry.booking_id, US.host)
    assert event.organizer.value == "mailto:hello@together.example.org"
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert etag(text) == etag(calendar([entry], US, Method.PUBLISH, name="Volunteering"))


def test_what_is_off_is_said_to_be_off():
    now = datetime(2027, 7, 13, 9, tzinfo=UTC)
    entry = an_entry(now, now + timedelta(hours=1), cancelled=True, sequence=3)
    made = read(calendar([entry], US, method_of(entry)))
    assert made.method.value == "CANCEL"
    assert (made.vevent.status.value, made.vevent.sequence.value) == ("CANCELLED", "3")


@pytest.fixture
async def vera(db: Any) -> APerson:
    return await a_person(name="Vera")


async def the_event(booking: UUID) -> Any:
    (found,) = await queries.attachments(booking)
    return read(found.content).vevent


async def test_each_change_raises_the_sequence_and_keeps_the_uid(vera: APerson):
    organisation = await an_organisation()
    opportunity = await an_opportunity(organisation.id)
    shift = await a_shift(opportunity)
    booking = await a_booking(shift, vera.id)
    before = await the_event(booking)
    day = clock.local(clock.now()).date() + timedelta(days=12)
    ten, noon = (datetime(2027, 1, 1, hour).time() for hour in (10, 12))
    plan = shifts.Plan(day=day, start=ten, end=noon, places=4)
    await shifts.change(organisation.owner.actor, shift, plan)
    moved = await the_event(booking)
    assert clock.local(moved.dtstart.value).date() == day
    await db.execute("UPDATE opportunity SET place_name = 'The Annexe' WHERE id = {}", opportunity)
    elsewhere = await the_event(booking)
    assert "The Annexe" in elsewhere.location.value
    # What calendars do not show changes nothing.
    await db.execute("UPDATE shift SET places = 9, taken = taken WHERE id = {}", shift)
    assert (await the_event(booking)).sequence.value == elsewhere.sequence.value
    await bookings.cancel(vera.actor, booking)
    off = await the_event(booking)
    numbers = [int(each.sequence.value) for each in (before, moved, elsewhere, off)]
    assert numbers == sorted(set(numbers))
    assert len({each.uid.value for each in (before, moved, elsewhere, off)}) == 1
    assert off.status.value == "CANCELLED"


async def test_the_feed_keeps_what_is_off_for_some_weeks(vera: APerson):
    kept = await a_booking(await a_shift(), vera.id)
    gone = await a_booking(await a_shift(starts_at=clock.now() + timedelta(days=30)), vera.id)
    for booking, days in ((kept, 10), (gone, 60)):
        await db.execute(
            "UPDATE booking SET state = 'cancelled', cancelled_by = 'volunteer',"
            " cancelled_at = {} WHERE id = {}",
            clock.now() - timedelta(days=days),
            booking,
        )
    assert [entry.booking_id for entry in await queries.entries(vera.id)] == [kept]


async def test_a_feed_is_read_by_its_address_alone_and_dies_with_it(
    browser: Any, browsers: Any, vera: APerson
):
    await a_booking(await a_shift(), vera.id)
    await a_booking(await a_shift(), (await a_person()).id)
    await browser.sign_in_as(vera.id)
    page = await browser.get("/account/calendar")
    page = await browser.submit(page, "/account/calendar")
    (address,) = (
        element.get("value") for element in page.all("input") if element.get("id") == "address"
    )
    path = address.removeprefix("https://marketplace.test")
    program = browsers()
    answer = await program.get(path)
    assert answer.response.headers["content-type"] == "text/calendar; charset=utf-8"
    made = read(answer.text)
    assert made.method.value == "PUBLISH" and len(made.contents["vevent"]) == 1
    mark = answer.response.headers["etag"]
    again = await program.get(path, if_none_match=mark)
    assert (again.status, again.text) == (304, "")
    # The page shows the same address again.
    assert address in (await browser.get("/account/calendar")).text
    await a_booking(await a_shift(starts_at=clock.now() + timedelta(days=20)), vera.id)
    assert (await program.get(path, if_none_match=mark)).status == 200
    await browser.submit(await browser.get("/account/calendar"), "/account/calendar")
    assert (await program.get(path)).status == 404
    page = await browser.get("/account/calendar")
    assert address not in page.text
    await browser.submit(page, "/account/calendar/revocation")
    assert not await db.fetch_value("SELECT live FROM calendar_feed")


async def test_the_table_of_feeds_opens_none(db: Any):
    columns = await db.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'calendar_feed'"
    )
    names = {column["column_name"] for column in columns}
    assert names == {"id", "person_id", "version", "live", "made_at"}


async def test_an_event_is_its_persons_own(browser: Any, vera: APerson):
    booking = await a_booking(await a_shift(), vera.id)
    await browser.sign_in_as(vera.id)
    answer = await browser.get(f"/bookings/{booking}/calendar.ics")
    assert read(answer.text).vevent.uid.value == f"booking-{booking}@marketplace.test"
    await browser.sign_in_as((await a_person()).id)
    assert (await browser.get(f"/bookings/{booking}/calendar.ics")).status == 404
