"""Somebody who is out on their own: checking in and out, and who is told when they do not."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests import factories
from tests.factories_safety import a_lead, a_lone_booking, a_place_lead

from marketplace import clock, signing
from marketplace.errors import Conflict, NotFound
from marketplace.volunteering.lone import operations, queries
from marketplace.volunteering.lone.rules import Event, due

END = datetime(2027, 3, 4, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "steps"), [(-1, 0), (0, 1), (29, 1), (30, 2), (59, 2), (60, 3), (24 * 60 + 1, 0)]
)
def test_when_who_is_told(minutes, steps):
    assert len(due(END, END + timedelta(minutes=minutes))) == steps


async def out(ended: timedelta | None = timedelta(minutes=31), **columns):
    """Give an organisation with a lead, a volunteer, and their lone booking."""
    made = await factories.an_organisation()
    await a_lead(made.id, made.owner.id)
    volunteer = await factories.a_person(name="Vi Volunteer")
    opportunity = await factories.an_opportunity(made.id)
    return made, volunteer, await a_lone_booking(opportunity, volunteer.id, ended=ended, **columns)


async def told(db):
    rows = await db.fetch("SELECT event FROM history WHERE event LIKE 'lone.%' ORDER BY at, id")
    return [row["event"] for row in rows]


async def test_a_missed_check_out_alerts_once_however_many_look(db):
    await out()
    await asyncio.gather(operations.watch(), operations.watch(), operations.watch())
    await operations.watch()
    assert await told(db) == [Event.ASKED, Event.MISSED]


async def test_after_an_hour_the_place_hears_of_it(db):
    made, _, booking = await out(timedelta(minutes=61))
    place = await factories.a_person()
    await a_place_lead(place.id)
    with pytest.raises(NotFound):
        await queries.watched(place.actor, booking)
    await operations.watch()
    assert await told(db) == [Event.ASKED, Event.MISSED, Event.STILL_MISSED]
    await queries.watched(place.actor, booking)
    assert await queries.told(await queries.out(booking)) == [made.owner.id]


@pytest.mark.parametrize("state", ["cancelled", "no_show"])
async def test_nobody_worries_about_who_was_not_there(db, state):
    columns = {"cancelled_by": "volunteer", "cancelled_at": clock.now()}
    await out(state=state, **(columns if state == "cancelled" else {}))
    assert await operations.watch() == 0


async def test_checked_in_and_out_by_themselves_nobody_is_told(db):
    _, volunteer, booking = await out(timedelta(hours=-1))
    await operations.check_in(volunteer.actor, booking)
    (mine,) = await queries.mine(volunteer.actor)
    assert mine.here
    await operations.check_out(volunteer.actor, booking)
    assert await queries.mine(volunteer.actor) == []
    await db.execute("UPDATE shift SET ends_at = now() - interval '2 minutes'")
    assert await operations.watch() == 0


async def test_who_was_told_marks_them_safe_with_words_and_only_once(db):
    made, volunteer, booking = await out()
    await operations.watch()
    with pytest.raises(Conflict):
        await operations.say_safe(made.owner.actor, booking)
    await operations.say_safe(made.owner.actor, booking, "I spoke with her.")
    with pytest.raises(Conflict):
        await operations.say_safe(volunteer.actor, booking)
    await operations.watch()
    assert await told(db) == [Event.ASKED, Event.MISSED, Event.SAFE]
    with pytest.raises(NotFound):
        await operations.say_safe((await factories.a_person()).actor, booking, "She is fine.")


async def test_the_link_in_the_message_says_that_they_are_safe(db, browser):
    _, _, booking = await out(timedelta(minutes=1))
    await operations.watch()
    address = f"/lone/safe/{signing.sign(operations.SAFE_LINK, booking)}"
    page = await browser.get(address)
    assert await db.fetch_value("SELECT safe_at FROM lone_watch") is None
    page = await browser.submit(page, address)
    assert "you are safe" in page.words()
    await db.execute("UPDATE shift SET ends_at = now() - interval '40 minutes'")
    assert await operations.watch() == 0


async def test_a_visit_that_is_marked_makes_its_shifts_lone(db):
    made, volunteer, booking = await out(None)
    shift = await db.fetch_value("SELECT shift_id FROM booking WHERE id = {}", booking)
    await operations.mark_shift(made.owner.actor, shift, False)
    assert not await queries.is_lone(shift)
    series = await factories.a_series(shift, for_visits=True)
    opportunity = await db.fetch_value("SELECT opportunity_id FROM shift WHERE id = {}", shift)
    visit = await factories.a_visit(opportunity, volunteer.id, series_id=series)
    await operations.mark_visit(made.owner.actor, visit, True)
    assert await queries.is_lone(shift)
    assert await db.fetch_value("SELECT count(*) FROM lone_mark") == 1


async def test_check_in_is_asked_on_ones_own_page(db, browser):
    _, volunteer, booking = await out(timedelta(hours=-1))
    await browser.sign_in_as(volunteer.id)
    page = await browser.get("/my/volunteering")
    home = f"/my/lone/{booking}"
    assert home in page.links()
    page = await browser.submit(await browser.get(home), f"{home}/check-in")
    page = await browser.submit(page, f"{home}/check-out")
    assert "out and safe" in page.words()
