"""A coordinator's day: what waits, who may be asked, how often, and the answer by one press."""

import asyncio
from datetime import timedelta

import pytest
from tests.factories import (
    a_booking,
    a_person,
    a_shift,
    acting,
    an_opportunity,
    an_organisation,
)
from tests.factories_messages import a_consent, a_thread
from tests.factories_screening import a_screening, an_application

from marketplace import clock, db, signing
from marketplace.accounts.consents import operations as consents
from marketplace.accounts.consents.rules import Channel, Purpose
from marketplace.audit import entry
from marketplace.errors import Conflict, NotFound
from marketplace.notifications import desk as mails
from marketplace.volunteering.desk import operations, queries
from marketplace.volunteering.desk.rules import MOST_A_WEEK, Answer
from marketplace.volunteering.desk.tables import FillAsk
from marketplace.volunteering.matching import operations as matching
from marketplace.volunteering.matching.rules import SLOTS
from marketplace.volunteering.reminders import rules as reminders

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    monkeypatch.setattr(operations, "quiet", lambda *_: False)


@pytest.fixture
async def club(db):
    return await an_organisation(name="Homework Club")


async def a_short_shift(club, **columns):
    return await a_shift(await an_opportunity(club.id), places=4, **columns)


async def a_willing(club, **columns):
    person = await a_person(**{"postcode": "CM2 9AQ", **columns})
    await a_consent(person, club.id)
    return person


async def suggested(club):
    return [
        [person.person_id for person in short.people]
        for short in (await queries.today(club.owner.actor, club.id)).short
    ]


async def test_a_short_shift_shows_who_agreed_is_free_and_near_the_least_recently_asked_first(
    club,
):
    shift = await a_short_shift(club)
    willing, asked = await a_willing(club), await a_willing(club)
    await FillAsk(
        shift_id=await a_shift(
            await an_opportunity(club.id), starts_at=clock.now() + timedelta(days=40)
        ),
        person_id=asked.id,
        organisation_id=club.id,
        asked_at=clock.now() - timedelta(days=20),
    ).save()
    busy, far, elsewhere = [await a_willing(club) for _ in range(2)] + [await a_person()]
    await matching.say(busy.actor, free=[], miles=5, needs=[])
    await a_booking(await a_shift(), busy.id)
    await db.execute("UPDATE person SET point = point(400000, 400000) WHERE id = {}", far.id)
    assert elsewhere
    found = await queries.today(club.owner.actor, club.id)
    of_shift = next(short for short in found.short if short.id == shift)
    assert [each.person_id for each in of_shift.people] == [willing.id, asked.id]
    assert of_shift.people[0].name == "Kim O."


async def test_whoever_said_when_they_are_free_comes_first_and_is_not_asked_at_other_times(club):
    await a_short_shift(club)
    silent, free, never = [await a_willing(club) for _ in range(3)]
    await matching.say(free.actor, free=list(SLOTS), miles=5, needs=[])
    shift_day = (clock.now() + timedelta(days=7)).strftime("%a").lower()
    other = [slot for slot in SLOTS if not slot.startswith(shift_day)][:1]
    await matching.say(never.actor, free=other, miles=5, needs=[])
    assert await suggested(club) == [[free.id, silent.id]]


async def test_whoever_is_not_approved_for_the_role_is_not_suggested_and_cannot_be_asked(club):
    shift = await a_short_shift(club)
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", shift)
    await a_screening(role)
    person = await a_willing(club)
    assert await suggested(club) == [[]]
    with pytest.raises(Conflict, match="cannot take this shift"):
        await operations.ask(club.owner.actor, shift, person.id)


async def test_nobody_is_asked_without_having_agreed(club):
    shift, person = await a_short_shift(club), await a_person()
    with pytest.raises(Conflict, match="not agreed"):
        await operations.ask(club.owner.actor, shift, person.id)


async def test_nobody_is_asked_twice_about_a_shift(club):
    shift, person = await a_short_shift(club), await a_willing(club)
    await operations.ask(club.owner.actor, shift, person.id)
    with pytest.raises(Conflict, match="already"):
        await operations.ask(club.owner.actor, shift, person.id)
    assert await suggested(club) == [[]]


ASKING = MOST_A_WEEK + 3


async def all_at_once():
    """Have several organisations ask the same person at the same time; gives how many could."""
    person = await a_person()
    asks = []
    for _ in range(ASKING):
        club = await an_organisation()
        await a_consent(person, club.id)
        asks.append(operations.ask(club.owner.actor, await a_short_shift(club), person.id))
    results = await asyncio.gather(*asks, return_exceptions=True)
    return sum(not isinstance(result, Exception) for result in results)


async def test_the_cap_holds_across_organisations_that_ask_at_once():
    assert await all_at_once() == MOST_A_WEEK
    assert await db.fetch_value("SELECT count(*) FROM fill_ask") == MOST_A_WEEK


async def test_without_the_lock_the_same_race_asks_too_often(monkeypatch):
    together, why_not = asyncio.Barrier(ASKING), operations.eligibility.why_not

    async def no_lock(person_id):
        pass

    async def when_all_have_counted(*about, **how):
        await together.wait()
        return await why_not(*about, **how)

    monkeypatch.setattr(operations.bookings, "lock_person", no_lock)
    monkeypatch.setattr(operations.eligibility, "why_not", when_all_have_counted)
    assert await all_at_once() > MOST_A_WEEK


async def test_only_those_who_run_the_shifts_may_look_or_ask(club):
    shift, person = await a_short_shift(club), await a_willing(club)
    trustee = acting(await a_person(), trustee=club.id)
    with pytest.raises(NotFound):
        await queries.today(trustee, club.id)
    with pytest.raises(NotFound):
        await operations.ask(trustee, shift, person.id)


async def sent(ask, outbox):
    row = await db.fetch_value("SELECT id FROM history WHERE subject_id = {}", ask)
    await mails.asked(await entry(row))
    return outbox


@pytest.fixture
def outbox(monkeypatch):
    found = []

    async def keep(entry, organisation, purpose, people, template, **context):
        found.append((purpose, people, context))

    monkeypatch.setattr(mails, "tell_agreed", keep)
    return found


async def test_the_message_leads_to_a_page_that_books_with_one_press(club, outbox, browser):
    shift, person = await a_short_shift(club), await a_willing(club)
    ask = await operations.ask(club.owner.actor, shift, person.id)
    [(purpose, people, context)] = await sent(ask, outbox)
    assert (purpose, people) == (Purpose.FILL_SHIFT, [person.id])
    page = await browser.get(context["path"])
    page = await browser.submit(page, context["path"], answer="booked")
    assert "the place is yours" in page.words()
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", shift) == 1
    page = await browser.get(context["path"])
    assert "the place is yours" in page.words()


async def test_a_no_is_kept_and_told_without_a_name(club):
    shift, person = await a_short_shift(club), await a_willing(club)
    ask = await operations.ask(club.owner.actor, shift, person.id)
    token = signing.sign(operations.LINK_PURPOSE, ask)
    assert (await operations.answer(token, Answer.DECLINED)).answer is Answer.DECLINED
    assert (await operations.answer(token, Answer.BOOKED)).answer is Answer.DECLINED
    [short] = (await queries.today(club.owner.actor, club.id)).short
    assert (short.declined, short.asked, short.people) == (1, 0, [])


async def test_a_shift_that_filled_meanwhile_says_so(club, browser):
    shift, person = await a_short_shift(club), await a_willing(club)
    ask = await operations.ask(club.owner.actor, shift, person.id)
    for _ in range(4):
        await a_booking(shift)
    path = f"/shift-asks/{signing.sign(operations.LINK_PURPOSE, ask)}"
    page = await browser.submit(await browser.get(path), path, answer="booked")
    assert page.status == 409
    assert "That shift is full" in page.words()


async def test_at_night_the_message_waits_until_the_morning(club, monkeypatch):
    shift, person = await a_short_shift(club), await a_willing(club)
    monkeypatch.setattr(operations, "quiet", lambda *_: True)
    ask = await operations.ask(club.owner.actor, shift, person.id)
    told = "SELECT told_at IS NOT NULL FROM fill_ask WHERE id = {}"
    assert await operations.tell_in_the_morning() == 0
    assert not await db.fetch_value(told, ask)
    monkeypatch.setattr(operations, "quiet", lambda *_: False)
    assert await operations.tell_in_the_morning() == 1
    assert await db.fetch_value(told, ask)
    assert await operations.tell_in_the_morning() == 0
    assert reminders.quiet


async def test_whoever_takes_their_consent_back_is_not_suggested(club):
    await a_short_shift(club)
    person = await a_willing(club)
    await consents.withdraw(person.actor, club.id, Purpose.FILL_SHIFT, Channel.MAIL)
    assert await suggested(club) == [[]]


async def test_what_waits_is_counted(club):
    opportunity = await an_opportunity(club.id, asked_at=clock.now())
    shift = await a_shift(opportunity)
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", shift)
    past = await a_shift(opportunity, starts_at=clock.now() - timedelta(days=1))
    await a_booking(past)
    await a_screening(role)
    await an_application(role, (await a_person()).id)
    talk = await a_thread(await a_booking(shift))
    await db.execute("DELETE FROM message WHERE id = {}", talk.message)
    waits = (await queries.today(club.owner.actor, club.id)).waits
    assert {(each.count, each.words) for each in waits} >= {
        (1, "application to decide"),
        (1, "conversation with something new"),
        (1, "person to mark as there or not"),
        (1, "listing that may be over: still open?"),
    }
    # A list of opportunities has no shift that is over: the way leads to the list of names itself.
    assert f"/manage/shifts/{past}" in {each.href for each in waits}


async def test_the_page_asks_as_often_for_many_as_for_one(club, browsers, queries_run):
    await a_short_shift(club)
    await a_willing(club)
    hers = await browsers().sign_in_as(club.owner.id)
    await hers.get(f"/manage/{club.id}/today")
    with queries_run() as one:
        await hers.get(f"/manage/{club.id}/today")
    for _ in range(30):
        await a_short_shift(club)
        await a_willing(club)
    with queries_run() as many:
        page = await hers.get(f"/manage/{club.id}/today")
    assert "Kim O." in page.words()
    assert one.count == many.count <= 6


async def test_how_fast_an_organisation_replies_is_counted_and_shown(club, browser):
    opportunity = await an_opportunity(club.id)
    shift = await a_shift(opportunity, places=20)
    for _ in range(10):
        await a_thread(await a_booking(shift))
    assert await operations.count_replies() == 1
    await operations.count_replies()
    for page in (f"/opportunities/{opportunity}", f"/organisations/{club.id}"):
        assert "Usually replies within a few hours" in (await browser.get(page)).words()
    await operations.go_away(club.owner.actor, club.id, clock.today() + timedelta(days=3))
    assert "Away until" in (await browser.get(f"/opportunities/{opportunity}")).words()


async def test_being_away_is_said_on_the_page_and_taken_back(club, browsers):
    hers = await browsers().sign_in_as(club.owner.id)
    home, action = f"/manage/{club.id}/today", f"/manage/{club.id}/away"
    page = await hers.submit(await hers.get(home), action, until="2020-01-01")
    assert page.status == 422
    assert "from today" in (page.field_error("until") or "")
    until = clock.today() + timedelta(days=5)
    page = await hers.submit(await hers.get(home), action, until=str(until))
    assert "You are away until" in page.words()
    page = await hers.submit(page, action, until="")
    assert "You are away until" not in page.words()
    leaves = await db.fetch("SELECT until FROM leave")
    assert [row["until"] <= clock.now() for row in leaves] == [True]
