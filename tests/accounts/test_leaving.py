"""Leaving: what goes, what stays, what stands in the way, and nothing comes back."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from piccolo.columns import Array
from piccolo.columns.column_types import JSONB, Bytea, Text
from tests import factories, factories_minors, factories_safety, factories_things
from tests.factories import PASSWORD
from tests.test_every_route import make_world

from marketplace import clock
from marketplace import db as database
from marketplace.accounts import operations as accounts
from marketplace.accounts.leaving import operations, queries, steps
from marketplace.db.tags import personal_columns
from marketplace.errors import Conflict, NotAllowed, NotFound
from marketplace.organisations.rules import State
from marketplace.organisations.safeguarding_leads.rules import Part as LeadPart
from marketplace.permissions import PlatformRole
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.bookings import steps as booking_steps
from marketplace.volunteering.waitlist import operations as waitlist

pytestmark = pytest.mark.usefixtures("app", "db")

NAME, EMAIL, MARK = "Vi Volunteer", "vi.volunteer@example.org", "a secret of hers"

# How a row is a person's, of every table with a column that is kept as long as the account.
OF_PERSON = {
    "assisted_person": "person_id = {}",
    "availability": "person_id = {}",
    "booking": "person_id = {}",
    "digest": "person_id = {}",
    "hours": "person_id = {}",
    "lone_watch": "booking_id IN (SELECT id FROM booking WHERE person_id = {})",
    "message": "author_id = {}",
    "message_report": "reporter_id = {}",
    "message_report.outcome": "message_id IN (SELECT id FROM message WHERE author_id = {})",
    "offer_entry": "person_id = {}",
    "person": "id = {}",
    "place_doubt": "booking_id IN (SELECT id FROM booking WHERE person_id = {})",
    "reservation": "person_id = {}",
    "safety_details": "person_id = {}",
    "statement": "person_id = {}",
    "thanks": "person_id = {}",
}


async def _fill_what_the_world_lacks(person: UUID, world: Any, owner: Any) -> None:
    """Make a row of hers in each table where the world made none."""
    ids = world.ids
    for statement, *values in (
        (
            "INSERT INTO availability (id, person_id) VALUES (gen_random_uuid(), $1)",
            person,
        ),
        (
            "INSERT INTO digest (id, person_id, day) VALUES (gen_random_uuid(), $1, current_date)",
            person,
        ),
        (
            "INSERT INTO place_doubt (id, booking_id, minimum_age, day)"
            " VALUES (gen_random_uuid(), $1, 16, current_date) ON CONFLICT DO NOTHING",
            ids["booking"],
        ),
        (
            "INSERT INTO assisted_person (id, person_id, phone, agreed_to, agreed_how, agreed_on)"
            " VALUES (gen_random_uuid(), $1, '01245', 'words', 'voice', current_date)",
            person,
        ),
        (
            "INSERT INTO thanks (id, person_id, organisation_id, words)"
            " VALUES (gen_random_uuid(), $1, $2, 'Thank you')",
            person,
            ids["organisation_id"],
        ),
        (
            "INSERT INTO safety_details (id, person_id, sealed)"
            " VALUES (gen_random_uuid(), $1, '\\x00')",
            person,
        ),
        (
            "INSERT INTO message (id, thread_id, author_id, side, text)"
            " VALUES (gen_random_uuid(), $2, $1, 'person', 'Hello')",
            person,
            ids["thread_id"],
        ),
        (
            "INSERT INTO message_report (id, message_id, reporter_id, reason)"
            " VALUES (gen_random_uuid(), $2, $1, 'other') ON CONFLICT DO NOTHING",
            person,
            ids["message_id"],
        ),
        (
            "INSERT INTO message_report (id, message_id, reporter_id, reason)"
            " SELECT gen_random_uuid(), id, $2, 'other' FROM message WHERE author_id = $1",
            person,
            world.people["owner"].id,
        ),
        (
            "INSERT INTO lone_watch (id, booking_id) VALUES (gen_random_uuid(), $1)"
            " ON CONFLICT DO NOTHING",
            ids["booking"],
        ),
    ):
        await owner.execute(statement, *values)


async def _rows_with(owner: Any, *words: str) -> list[str]:
    """Name the tables in which a word stands, in whatever column: as text, or as bytes."""
    tables = await owner.fetch(
        "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind = 'r'"
    )
    found = []
    for table in tables:
        for word in words:
            row = await owner.fetchval(
                f'SELECT t::text FROM "{table["name"]}" t WHERE strpos(lower(t::text), $1) > 0'
                " OR strpos(t::text, $2) > 0 LIMIT 1",
                word.lower(),
                word.encode().hex(),
            )
            if row:
                found.append(f"{table['name']}: {word} in {row}")
    return found


def _account_columns() -> list[tuple[str, Any]]:
    return [
        (table._meta.tablename, column)
        for table, column, tag in personal_columns()
        if tag.text.startswith("account")
    ]


def test_whoever_adds_a_column_of_the_account_says_whose_its_rows_are():
    """Every table with a column that goes with the account is filled and looked at below."""
    assert {table for table, _ in _account_columns()} == {name.split(".")[0] for name in OF_PERSON}


@pytest_asyncio.fixture
async def leaver(db: Any, owner: Any) -> AsyncIterator[Any]:
    """Give the world's volunteer, with a marker in every column of her account."""
    world = await make_world(db)
    vi = world.people["volunteer"]
    await owner.execute("UPDATE person SET email = $2 WHERE id = $1", vi.id, EMAIL)
    await owner.execute("UPDATE person SET email_typed = $2 WHERE id = $1", vi.id, EMAIL)
    await _fill_what_the_world_lacks(vi.id, world, owner)
    for table, column in _account_columns():
        name = column._meta.db_column_name
        value: Any = None
        if table == "person" and name in {"name", "email", "email_typed", "password_hash"}:
            continue
        if isinstance(column, Array) and isinstance(column.base_column, Text):
            value = [MARK]
        elif isinstance(column, Bytea):
            value = MARK.encode()
        elif isinstance(column, JSONB):
            value = json.dumps(MARK)
        elif isinstance(column, Text):
            value = MARK
        where = OF_PERSON.get(f"{table}.{name}", OF_PERSON[table]).format("$1")
        if value is None:
            assert await owner.fetchval(f"SELECT count(*) FROM {table} WHERE {where}", vi.id)
            continue
        done = await owner.execute(f"UPDATE {table} SET {name} = $2 WHERE {where}", vi.id, value)
        assert done != "UPDATE 0", f"nothing of hers is in {table}: make it in this file"
    await owner.execute(
        "UPDATE csv_import_row SET cells = $1, label = $2",
        json.dumps({"name": NAME, "email": EMAIL.upper()}),
        NAME,
    )
    await owner.execute(
        "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, traceback)"
        " VALUES (1, 'exception', 0, 'reaction', $1)",
        json.dumps({"message": f"{EMAIL} could not be reached"}),
    )
    yield world


async def test_nothing_of_whoever_left_is_found_anywhere(leaver, owner):
    vi = leaver.people["volunteer"]
    before = await _rows_with(owner, NAME, EMAIL, MARK)
    assert len(before) > len(OF_PERSON), "the search would not find what is there"

    await operations.leave(vi.actor, password=PASSWORD)

    assert await _rows_with(owner, NAME, EMAIL, MARK) == []


async def test_it_is_written_down_once_without_a_word_about_whom(leaver, db):
    vi = leaver.people["volunteer"]
    await operations.leave(vi.actor, password=PASSWORD)
    await operations.leave(vi.actor, password=PASSWORD)
    rows = await db.fetch("SELECT subject_id, data FROM history WHERE event = 'person.left'")
    assert rows == [{"subject_id": vi.id, "data": {}}]
    assert await db.fetch_value("SELECT count(*) FROM session WHERE person_id = {}", vi.id) == 0


async def test_the_last_address_is_sealed_and_forgotten_after_a_week(db):
    kim = await factories.a_person()
    await operations.leave(kim.actor, password=PASSWORD)
    found = await queries.farewell(kim.id)
    assert found is not None
    assert (found.name, found.email) == (kim.name, kim.email)
    assert await operations.forget_farewells() == 0
    await db.execute("UPDATE farewell SET at = now() - interval '8 days'")
    assert await operations.forget_farewells() == 1


async def test_verified_hours_stay_without_a_name(db, browser):
    vi = await factories.a_person(name=NAME)
    here = await factories.an_organisation()
    shift = await factories.a_shift(
        await factories.an_opportunity(here.id), starts_at=clock.now() - timedelta(days=1)
    )
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", shift)
    await factories.a_booking(shift, vi.id, state="attended")
    await factories.some_hours(vi.id, here.id, role, 150)

    await operations.leave(vi.actor, password=PASSWORD)

    assert await db.fetch_value("SELECT sum(minutes) FROM hours WHERE state = 'confirmed'") == 150
    await browser.sign_in_as(here.owner.id)
    roster = await browser.get(f"/manage/shifts/{shift}")
    assert "Somebody who left" in roster.words() and NAME not in roster.text
    hours = await browser.get(f"/manage/{here.id}/hours?state=confirmed")
    assert "Somebody who left" in hours.words() and NAME not in hours.text


async def test_nobody_signs_in_again_but_the_address_may_begin_anew(db):
    kim = await factories.a_person(email="kim@example.org")
    await operations.leave(kim.actor, password=PASSWORD)
    with pytest.raises(Conflict):
        await accounts.sign_in(email=kim.email, password=PASSWORD, device="", client="1")
    again = await accounts.sign_up(
        name="Kim", email=kim.email, password=PASSWORD, onward="", client="1"
    )
    assert again != kim.id
    signed_in = await accounts.sign_in(email=kim.email, password=PASSWORD, device="", client="1")
    assert signed_in.person_id == again


async def test_places_to_come_go_to_whoever_waits(db):
    vi, next_one = await factories.a_person(), await factories.a_person()
    shift = await factories.a_shift(places=1)
    booking = await bookings.book(vi.actor, shift)
    entry = await waitlist.join(next_one.actor, shift)

    await operations.leave(vi.actor, password=PASSWORD)

    assert await db.fetch_value("SELECT state FROM offer_entry WHERE id = {}", entry) == "offered"
    told = await db.fetch_one(
        "SELECT actor_id, data->>'by' AS by FROM history WHERE event = 'booking.cancelled'"
        " AND subject_id = {}",
        booking,
    )
    assert told == {"actor_id": vi.id, "by": "volunteer"}


async def test_an_offer_a_group_and_a_wait_are_given_up(db):
    vi, other = await factories.a_person(), await factories.a_person()
    offered = await factories.a_shift(places=1)
    await factories.an_offer(offered, vi)
    full = await factories.a_shift(places=1)
    await factories.a_booking(full)
    waits = await waitlist.join(vi.actor, full)
    next_one = await waitlist.join(other.actor, offered)
    group, seat = await factories_minors.a_group(vi, await factories.an_opportunity(), seats=3)

    await operations.leave(vi.actor, password=PASSWORD)

    states = {
        row["id"]: row["state"] for row in await db.fetch("SELECT id, state FROM offer_entry")
    }
    assert (states[waits], states[next_one]) == ("left", "offered")
    assert await db.fetch_value("SELECT held FROM volunteer_group WHERE id = {}", group) == 0
    assert await db.fetch_value("SELECT state FROM group_seat WHERE id = {}", seat) == "taken_back"
    assert (
        await db.fetch_value(
            "SELECT held FROM shift WHERE id = (SELECT shift_id FROM volunteer_group)"
        )
        == 0
    )


async def test_a_guardian_takes_the_consent_along_and_the_place_that_rests_on_it(db):
    guardian, young = await factories.a_person(), await factories_minors.a_young_person()
    here = await factories.an_organisation()
    shift = await factories.a_shift(await factories.an_opportunity(here.id))
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", shift)
    await factories_minors.a_named_adult(role, here.id, here.owner.id)
    consent = await factories_minors.a_consent(young, role, guardian)
    booking = await bookings.book(young.actor, shift)

    await operations.leave(guardian.actor, password=PASSWORD)

    assert await db.fetch_one(
        "SELECT state, guardian_name, guardian_email FROM guardian_consent WHERE id = {}", consent
    ) == {"state": "withdrawn", "guardian_name": "", "guardian_email": None}
    assert (
        await db.fetch_value("SELECT cancelled_by FROM booking WHERE id = {}", booking) == "system"
    )


async def test_consents_end_when_a_young_person_leaves(db):
    guardian, young = await factories.a_person(), await factories_minors.a_young_person()
    role = await factories.a_role(await factories.an_opportunity())
    await factories_minors.a_consent(young, role, guardian)
    await operations.leave(young.actor, password=PASSWORD)
    assert await db.fetch_value("SELECT state FROM guardian_consent") == "ended"


async def test_memberships_and_roles_of_the_place_end(db):
    here, vi = (
        await factories.an_organisation(),
        await factories.a_person(platform=(PlatformRole.BROKER,)),
    )
    await db.execute(
        "INSERT INTO membership (id, organisation_id, person_id, role, since)"
        " VALUES (gen_random_uuid(), {}, {}, 'member', now())",
        here.id,
        vi.id,
    )
    await operations.leave(vi.actor, password=PASSWORD)
    assert await db.fetch_value("SELECT count(*) FROM membership WHERE person_id = {}", vi.id) == 0
    assert await db.fetch_value("SELECT count(*) FROM platform_role") == 0
    events = {row["event"] for row in await db.fetch("SELECT event FROM history")}
    assert {"membership.changed", "account.platform_role_withdrawn"} <= events


# --- what stands in the way


async def test_a_sole_owner_is_refused_with_a_link_and_leaves_once_another_is(db, browser):
    here = await factories.an_organisation(name="Only Mine")
    await browser.sign_in_as(here.owner.id)
    page = await browser.get("/account/leaving")
    assert "Only Mine has no other owner" in page.words()
    assert f"/manage/{here.id}/people" in page.links()
    assert all(form.action != "/account/leaving" for form in page.forms())
    with pytest.raises(Conflict, match="no other owner"):
        await operations.leave(here.owner.actor, password=PASSWORD)
    await factories.an_organisation(name="Another", owner=here.owner, state=State.CLOSED)
    other = await factories.a_person()
    await db.execute(
        "INSERT INTO membership (id, organisation_id, person_id, role, since)"
        " VALUES (gen_random_uuid(), {}, {}, 'owner', now())",
        here.id,
        other.id,
    )
    await operations.leave(here.owner.actor, password=PASSWORD)


async def test_what_is_out_comes_back_first_and_what_is_reserved_is_cancelled(db):
    vi = await factories.a_person()
    thing = await factories_things.a_thing()
    reserved = await factories_things.a_reservation(thing, vi.id)
    loan = await factories_things.a_loan(thing, vi.id)
    with pytest.raises(Conflict, match="still lent out"):
        await operations.leave(vi.actor, password=PASSWORD)
    await db.execute(
        "UPDATE reservation SET state = 'returned', returned_at = now() WHERE id = {}", loan
    )
    await operations.leave(vi.actor, password=PASSWORD)
    assert (
        await db.fetch_value("SELECT state FROM reservation WHERE id = {}", reserved) == "cancelled"
    )


async def test_somebody_always_hears_of_worries(db):
    here, vi = await factories.an_organisation(), await factories.a_person()
    await db.execute(
        "INSERT INTO membership (id, organisation_id, person_id, role, since)"
        " VALUES (gen_random_uuid(), {}, {}, 'member', now())",
        here.id,
        vi.id,
    )
    await factories_safety.a_lead(here.id, vi.id)
    await factories_safety.a_place_lead(vi.id)
    words = [each.sentence for each in await queries.obstacles(vi.actor)]
    assert len(words) == 2
    await factories_safety.a_lead(here.id, here.owner.id, LeadPart.DEPUTY)
    await factories_safety.a_place_lead(here.owner.id)
    await operations.leave(vi.actor, password=PASSWORD)


async def test_the_last_administrator_stays(db):
    root = await factories.a_person(platform=(PlatformRole.ADMINISTRATOR,))
    with pytest.raises(Conflict, match="Nobody else is an administrator"):
        await operations.leave(root.actor, password=PASSWORD)


# --- the page


async def test_the_page_asks_for_the_password_and_a_tick(db, browser):
    kim = await factories.a_person()
    await browser.sign_in_as(kim.id)
    page = await browser.get("/account/leaving")
    refused = await browser.submit(page, "/account/leaving", password="not it at all", sure="yes")
    assert refused.field_error("password") == "That is not your password"
    refused = await browser.submit(refused, "/account/leaving", password=PASSWORD, sure=None)
    assert refused.field_error("sure")
    assert await db.fetch_value("SELECT count(*) FROM person WHERE anonymised_at IS NULL") == 1
    done = await browser.submit(refused, "/account/leaving", password=PASSWORD, sure="yes")
    assert done.path == "/account/leaving/done" and "is deleted" in done.words()
    assert (await browser.get("/account")).path.startswith("/sign-in")


# --- those who look after the place


async def test_an_administrator_erases_who_asked_by_letter(db):
    root = await factories.a_person(platform=(PlatformRole.ADMINISTRATOR,))
    kim = await factories.a_person()
    with pytest.raises(NotFound):
        await operations.erase(kim.actor, root.id)
    with pytest.raises(NotAllowed):
        await operations.erase(root.actor, root.id)
    await operations.erase(root.actor, kim.id)
    row = await db.fetch_one("SELECT actor_id FROM history WHERE event = 'person.left'")
    assert row == {"actor_id": root.id}
    assert await db.fetch_value("SELECT name FROM person WHERE id = {}", kim.id) == (
        "Somebody who left"
    )


# --- nothing comes back


async def test_a_page_left_open_gives_nothing_to_somebody_who_left(db):
    kim, shift = await factories.a_person(), await factories.a_shift()
    await operations.leave(kim.actor, password=PASSWORD)
    with pytest.raises(Conflict, match="deleted"):
        await bookings.book(kim.actor, shift)
    with pytest.raises(Conflict, match="deleted"):
        await accounts.change_profile(kim.actor, name="Kim", where="", skills=[], causes=[])
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", shift) == 0


async def _race(
    monkeypatch: Any, owner: Any, vi: factories.APerson, entry: UUID, leave: Any, first: str
) -> None:
    """Accept an offer and leave at once: whichever is first stops in the middle for the other."""
    inside, go = asyncio.Event(), asyncio.Event()
    module, name = {"accept": (booking_steps, "take"), "leave": (steps, "erase")}[first]
    real = getattr(module, name)

    async def in_the_middle(*values: Any, **named: Any) -> Any:
        inside.set()
        await go.wait()
        return await real(*values, **named)

    monkeypatch.setattr(module, name, in_the_middle)
    begin = {"accept": lambda: waitlist.accept(vi.actor, entry), "leave": leave}
    (second,) = set(begin) - {first}
    one = asyncio.create_task(begin[first]())
    await inside.wait()
    other = asyncio.create_task(begin[second]())
    while not other.done() and not await owner.fetchval(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
    ):
        pass
    go.set()
    await asyncio.gather(one, other, return_exceptions=True)


_GHOSTS = (
    "SELECT count(*) FROM booking b JOIN person p ON p.id = b.person_id"
    " WHERE b.state = 'confirmed' AND p.anonymised_at IS NOT NULL"
)


@pytest.mark.parametrize("first", ["accept", "leave"])
async def test_whoever_leaves_while_they_accept_has_no_place(db, owner, monkeypatch, first):
    vi, shift = await factories.a_person(), await factories.a_shift(places=1)
    entry = await factories.an_offer(shift, vi)

    async def leave() -> None:
        await operations.leave(vi.actor, password=PASSWORD)

    await _race(monkeypatch, owner, vi, entry, leave, first)
    assert await db.fetch_value("SELECT anonymised_at IS NOT NULL FROM person WHERE id = {}", vi.id)
    assert await db.fetch_value(_GHOSTS) == 0
    row = await db.fetch_one("SELECT taken, held FROM shift WHERE id = {}", shift)
    assert row == {"taken": 0, "held": 0}


async def test_the_race_leaves_a_place_to_nobody_without_the_guards(db, owner, monkeypatch):
    """The same, where the row alone is emptied and the database looks at nothing."""
    vi, shift = await factories.a_person(), await factories.a_shift(places=1)
    entry = await factories.an_offer(shift, vi)

    async def leave() -> None:
        async with database.transaction():
            await steps.erase(vi.id)

    await owner.execute("ALTER TABLE booking DISABLE TRIGGER person_id_is_here")
    try:
        await _race(monkeypatch, owner, vi, entry, leave, "accept")
    finally:
        await owner.execute("ALTER TABLE booking ENABLE TRIGGER person_id_is_here")
    assert await db.fetch_value(_GHOSTS) == 1


async def test_many_who_hold_and_wait_for_the_same_shifts_leave_at_once(db):
    """Nobody waits for somebody who waits for them, and no place is lost."""
    shifts = [
        await factories.a_shift(places=4, starts_at=clock.now() + timedelta(days=5 + each))
        for each in range(3)
    ]
    people = [await factories.a_person() for _ in range(8)]
    for turn, kim in enumerate(people):
        for shift in shifts if turn % 2 else reversed(shifts):
            free = await db.fetch_value("SELECT places - taken FROM shift WHERE id = {}", shift)
            await (bookings.book if free else waitlist.join)(kim.actor, shift)
    stays = people.pop()

    await asyncio.gather(*(operations.leave(kim.actor, password=PASSWORD) for kim in people))

    rows = await db.fetch(
        "SELECT s.taken, s.held, count(*) FILTER (WHERE e.state = 'offered') AS offered,"
        " count(*) FILTER (WHERE e.state = 'offered' AND e.person_id = {}) AS theirs"
        " FROM shift s JOIN offer_queue q ON q.subject_id = s.id"
        " JOIN offer_entry e ON e.queue_id = q.id GROUP BY s.id",
        stays.id,
    )
    assert [tuple(row.values()) for row in rows] == [(0, 1, 1, 1)] * 3
