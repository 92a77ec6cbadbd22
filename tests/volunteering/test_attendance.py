"""Who came, who says so, and who is told."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.permissions import OrgRole
from marketplace.signing import LinkExpired
from marketplace.volunteering.attendance import leaders, operations, queries, rules, walk_ins
from marketplace.volunteering.hours import operations as hours
from marketplace.volunteering.rules import BookingState
from marketplace.volunteering.tables import Hours

START = datetime(2027, 3, 6, 10, tzinfo=UTC)
END = START + timedelta(hours=2)
AT = {f"{h}:{m:02d}": datetime(2027, 3, 6, h, m, tzinfo=UTC) for h in range(8, 15) for m in (0, 30)}


# --- rules


@pytest.mark.parametrize(
    ("in_at", "out_at", "minutes"),
    [
        (None, None, 120),
        ("9:30", None, 120),  # waiting before the start
        ("10:30", None, 90),
        ("10:30", "11:00", 30),
        (None, "11:30", 90),
        ("9:30", "12:30", 150),  # clearing away afterwards
        ("12:30", "12:30", 1),
    ],
)
def test_the_minutes_that_were_really_given(in_at, out_at, minutes):
    assert rules.given_minutes(START, END, AT.get(in_at), AT.get(out_at)) == minutes


def test_minutes_are_those_that_passed_when_the_clocks_go_forward():
    night = datetime(2027, 3, 27, 23, tzinfo=UTC)  # 11pm to 7am on the wall: seven hours
    assert rules.given_minutes(night, night + timedelta(hours=7)) == 420


@pytest.mark.parametrize(
    ("now", "open_now"),
    [("8:30", False), ("9:00", True), ("11:30", True), ("12:00", False)],
)
def test_the_door_is_open_from_an_hour_before_until_the_end(now, open_now):
    assert (not rules.closed(START, END, AT[now])) is open_now


# --- the list

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def organisation(db):
    return await an_organisation()


@pytest.fixture
async def shift(organisation):
    """Give a shift of two hours that began an hour ago."""
    return await a_shift(
        await an_opportunity(organisation.id), starts_at=clock.now() - timedelta(hours=1)
    )


async def hours_of(booking):
    return await Hours.select().where(Hours.booking_id == booking).first()


async def state_of(booking):
    return await db.fetch_value("SELECT state FROM booking WHERE id = {}", booking)


async def test_a_roster_is_in_the_order_of_names(organisation, shift):
    for name in ("Zoë", "adam", "Ömer"):
        await a_booking(shift, (await a_person(name=name)).id)
    roster = await operations.look_at_roster(organisation.owner.actor, shift)
    assert [row.name for row in roster.rows] == ["adam", "Ömer", "Zoë"]


async def test_every_look_at_a_roster_is_written_down(organisation, shift):
    await operations.look_at_roster(organisation.owner.actor, shift)
    row = await db.fetch_one("SELECT * FROM personal_view")
    assert (row["viewer_id"], row["subject_id"]) == (organisation.owner.id, shift)


async def test_the_view_log_cannot_be_rewritten(organisation, shift):
    await operations.look_at_roster(organisation.owner.actor, shift)
    with pytest.raises(Exception, match=r"permission denied|append-only"):
        await db.execute("DELETE FROM personal_view")


@pytest.mark.parametrize("role", [OrgRole.TRUSTEE, OrgRole.MEMBER, OrgRole.FINANCE])
async def test_a_roster_is_for_those_who_run_the_shift(organisation, shift, role):
    person = acting(await a_person(), **{role.value: organisation.id})
    with pytest.raises(NotAllowed):
        await operations.look_at_roster(person, shift)


async def test_nobody_is_marked_before_the_shift_starts(organisation):
    shift = await a_shift(await an_opportunity(organisation.id))
    await a_booking(shift)
    with pytest.raises(Conflict, match="an hour before the start"):
        await operations.mark(organisation.owner.actor, shift, BookingState.ATTENDED)


async def test_who_came_is_proposed_the_length_of_the_shift(organisation, shift):
    booking = await a_booking(shift)
    await operations.mark(
        organisation.owner.actor, shift, BookingState.ATTENDED, booking_id=booking
    )
    row = await hours_of(booking)
    assert (row["minutes"], row["state"]) == (120, "proposed")


async def test_everybody_is_marked_but_those_who_are(organisation, shift):
    absent = await a_booking(shift)
    for _ in range(2):
        await a_booking(shift)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.NO_SHOW, booking_id=absent)
    assert await operations.mark(owner, shift, BookingState.ATTENDED) == 2
    assert await hours_of(absent) is None


async def test_a_mark_is_taken_back_with_its_hours(organisation, shift):
    booking = await a_booking(shift)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.ATTENDED, booking_id=booking)
    await operations.mark(owner, shift, BookingState.CONFIRMED, booking_id=booking)
    assert await hours_of(booking) is None


async def test_a_mark_stays_once_the_hours_are_confirmed(organisation, shift):
    booking = await a_booking(shift)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.ATTENDED, booking_id=booking)
    await hours.confirm(owner, booking, 90)
    with pytest.raises(Conflict, match="hours are confirmed"):
        await operations.mark(owner, shift, BookingState.NO_SHOW, booking_id=booking)


async def test_a_booking_of_another_shift_is_not_marked(organisation, shift):
    with pytest.raises(NotFound):
        await operations.mark(
            organisation.owner.actor,
            shift,
            BookingState.ATTENDED,
            booking_id=await a_booking(),
        )


async def test_nobody_was_in_two_places(organisation, shift):
    person = await a_person()
    booking = await a_booking(shift, person.id)
    owner = organisation.owner.actor
    await operations.mark(owner, shift, BookingState.NO_SHOW, booking_id=booking)
    await a_booking(await a_shift(starts_at=clock.now() - timedelta(hours=1)), person.id)
    with pytest.raises(Conflict, match="at the same time"):
        await operations.mark(owner, shift, BookingState.ATTENDED, booking_id=booking)


async def test_an_absence_that_was_announced_is_excused(organisation, shift):
    booking = await a_booking(shift)
    await operations.mark(
        organisation.owner.actor, shift, BookingState.NO_SHOW, booking_id=booking, excused=True
    )
    roster = await operations.look_at_roster(organisation.owner.actor, shift)
    assert [(row.state, row.excused) for row in roster.rows] == [(BookingState.NO_SHOW, True)]


# --- the code


async def test_somebody_booked_checks_in_and_again_does_no_harm(shift):
    person = await a_person()
    booking = await a_booking(shift, person.id)
    token = operations.code(shift)
    for _ in range(2):
        assert await operations.check_in(person.actor, token) == booking
    assert await state_of(booking) == "attended"
    assert (await queries.arrival(person.actor, shift)).in_at is not None


async def test_who_came_late_is_proposed_what_is_left_of_the_shift(shift):
    person = await a_person()
    booking = await a_booking(shift, person.id)
    await operations.check_in(person.actor, operations.code(shift))
    assert (await hours_of(booking))["minutes"] in range(59, 62)


async def test_leaving_proposes_the_minutes_really_given(organisation, shift):
    person = await a_person()
    booking = await a_booking(shift, person.id)
    await operations.mark(organisation.owner.actor, shift, BookingState.ATTENDED)
    await operations.leave(person.actor, booking)
    assert (await hours_of(booking))["minutes"] in range(59, 62)
    with pytest.raises(IllegalMove, match="already"):
        await operations.leave(person.actor, booking)


def old_code(shift, seconds, monkeypatch):
    now = int(clock.now().timestamp())
    signer = "itsdangerous.timed.TimestampSigner.get_timestamp"
    with monkeypatch.context() as earlier:
        earlier.setattr(signer, lambda self: now - seconds)
        return operations.code(shift)


async def test_a_code_is_too_old_after_two_minutes(shift, monkeypatch):
    assert operations.shift_of_code(old_code(shift, 110, monkeypatch)) == shift
    with pytest.raises(LinkExpired, match="Scan the one"):
        operations.shift_of_code(old_code(shift, 130, monkeypatch))


async def test_who_read_for_some_minutes_is_let_in_and_nobody_later(shift, monkeypatch):
    person = await a_person()
    await a_booking(shift, person.id)
    await operations.check_in(person.actor, old_code(shift, 200, monkeypatch))
    with pytest.raises(LinkExpired):
        await operations.check_in(person.actor, old_code(shift, 400, monkeypatch))


async def test_a_code_lets_nobody_in_before_the_door_opens():
    shift = await a_shift(starts_at=clock.now() + timedelta(hours=2))
    person = await a_person()
    await a_booking(shift, person.id)
    with pytest.raises(Conflict, match="You can check in from"):
        await operations.check_in(person.actor, operations.code(shift))


# --- at the door


async def test_somebody_without_a_booking_takes_a_free_place(shift):
    person = await a_person()
    booking = await walk_ins.join(person.actor, operations.code(shift))
    assert await state_of(booking) == "attended"
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", shift) == 1


async def test_twenty_at_the_door_of_two_places(organisation):
    shift = await a_shift(await an_opportunity(organisation.id), places=2, starts_at=clock.now())
    people = [await a_person() for _ in range(20)]
    token = operations.code(shift)

    async def try_it(person):
        try:
            await walk_ins.join(person.actor, token)
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(try_it(person) for person in people))
    assert sum(won) == 2
    assert await db.fetch_value("SELECT count(*) FROM booking WHERE state = 'attended'") == 2


async def test_the_door_lets_too_many_in_without_the_guard(organisation):
    """The control: whoever counts first and writes later finds the last place free."""
    shift = await a_shift(await an_opportunity(organisation.id), places=1, starts_at=clock.now())
    all_have_counted = asyncio.Barrier(6)

    async def unguarded(person):
        async with db.transaction():
            free = await db.fetch_value("SELECT places - taken FROM shift WHERE id = {}", shift)
            await all_have_counted.wait()
            if free:
                await db.execute("UPDATE shift SET taken = 1 WHERE id = {}", shift)
                await db.execute(
                    "INSERT INTO walk_in (id, shift_id, name) VALUES (gen_random_uuid(), {}, {})",
                    shift,
                    person,
                )

    await asyncio.gather(*(unguarded(f"P{number}") for number in range(6)))
    assert await db.fetch_value("SELECT count(*) FROM walk_in") == 6


async def test_the_last_place_goes_to_one_of_two_doors_and_of_those_who_scan(organisation):
    """By name at the desk, by address, and by the code: one place, one of them."""
    shift = await a_shift(await an_opportunity(organisation.id), places=1, starts_at=clock.now())
    owner, known = organisation.owner.actor, await a_person(email="wanda@example.org")
    at_the_door = (
        walk_ins.add_named(owner, shift, "Wally"),
        walk_ins.add_known(owner, shift, known.email, old_enough=False),
        walk_ins.join((await a_person()).actor, operations.code(shift)),
    )
    ended = await asyncio.gather(*at_the_door, return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in ended) == 2, ended
    came = "SELECT (SELECT count(*) FROM booking) + (SELECT count(*) FROM walk_in)"
    assert await db.fetch_value(came) == 1
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", shift) == 1


async def test_a_place_kept_for_somebody_is_no_walk_ins(organisation):
    shift = await a_shift(
        await an_opportunity(organisation.id), places=1, held=1, starts_at=clock.now()
    )
    with pytest.raises(Conflict, match="All places"):
        await walk_ins.join((await a_person()).actor, operations.code(shift))


async def test_the_age_is_asked_for_at_the_door_too(organisation):
    opportunity = await an_opportunity(organisation.id, minimum_age=18)
    shift = await a_shift(opportunity, starts_at=clock.now())
    person = await a_person()
    with pytest.raises(Conflict) as refused:
        await walk_ins.join(person.actor, operations.code(shift))
    assert refused.value.field == "old_enough"
    await walk_ins.join(person.actor, operations.code(shift), old_enough=True)


async def test_somebody_with_an_account_is_found_by_their_exact_address(organisation, shift):
    person = await a_person(email="wanda@example.org")
    owner = organisation.owner.actor
    with pytest.raises(Conflict, match="Nobody has joined"):
        await walk_ins.add_known(owner, shift, "wand@example.org", old_enough=False)
    await walk_ins.add_known(owner, shift, "Wanda@example.org", old_enough=False)
    assert await db.fetch_value("SELECT person_id FROM booking") == person.id


async def test_a_name_at_the_door_counts_and_is_forgotten_after_a_month(organisation, shift):
    await walk_ins.add_named(organisation.owner.actor, shift, "Wally")
    assert await walk_ins.forget_names() == 0
    await db.execute("UPDATE walk_in SET added_at = now() - interval '31 days'")
    assert await walk_ins.forget_names() == 1
    roster = await queries.roster(organisation.owner.actor, shift)
    assert ([guest.name for guest in roster.walk_ins], roster.here) == ([""], 1)


async def test_a_walk_in_added_by_mistake_gives_the_place_back(organisation, shift):
    owner = organisation.owner.actor
    await walk_ins.add_named(owner, shift, "Wally")
    await walk_ins.remove_named(owner, await db.fetch_value("SELECT id FROM walk_in"))
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", shift) == 0


# --- a trusted volunteer


@pytest.fixture
async def leader(organisation, shift):
    """Give a volunteer who is trusted with this shift."""
    person = await a_person(name="Lea Leader")
    await a_booking(shift, person.id)
    await leaders.name_leader(organisation.owner.actor, shift, person.id, all_shifts=False)
    return person.actor


async def test_a_leader_marks_who_came_and_confirms_nothing(organisation, shift, leader):
    booking = await a_booking(shift)
    await operations.mark(leader, shift, BookingState.ATTENDED, booking_id=booking)
    assert (await hours_of(booking))["state"] == "proposed"


async def test_a_leader_sees_the_names_of_that_shift_only(organisation, shift, leader):
    assert len((await operations.look_at_roster(leader, shift)).rows) == 1
    other = await a_shift(
        await db.fetch_value("SELECT opportunity_id FROM shift WHERE id = {}", shift),
        starts_at=clock.now() + timedelta(hours=3),
    )
    with pytest.raises(NotAllowed):
        await operations.look_at_roster(leader, other)


async def test_a_leader_of_a_role_sees_its_shifts_when_they_are_near(organisation, shift):
    person = await a_person()
    await a_booking(shift, person.id)
    await leaders.name_leader(organisation.owner.actor, shift, person.id, all_shifts=True)
    opportunity = await db.fetch_value("SELECT opportunity_id FROM shift WHERE id = {}", shift)
    near = await a_shift(opportunity, starts_at=clock.now() + timedelta(hours=20))
    far = await a_shift(opportunity, starts_at=clock.now() + timedelta(days=3))
    await operations.look_at_roster(person.actor, near)
    with pytest.raises(NotAllowed):
        await operations.look_at_roster(person.actor, far)
    assert [each.open_now for each in await queries.led(person.actor)] == [True, True, False]


async def test_trust_is_ended_at_once(organisation, shift, leader):
    row = await db.fetch_value("SELECT id FROM shift_leader")
    await leaders.remove_leader(organisation.owner.actor, row)
    with pytest.raises(NotAllowed):
        await operations.look_at_roster(leader, shift)


async def test_only_somebody_of_the_role_is_trusted(organisation, shift):
    with pytest.raises(Conflict) as refused:
        await leaders.name_leader(
            organisation.owner.actor, shift, (await a_person()).id, all_shifts=False
        )
    assert refused.value.field == "person"


# --- pages


async def test_the_camera_leads_through_signing_in_to_checking_in(browser, shift):
    person = await a_person()
    await a_booking(shift, person.id)
    address = f"/check-in/{operations.code(shift)}"
    answer = await browser.get(address, follow=False)
    assert answer.response.headers["location"] == f"/sign-in?next={address}"
    await browser.sign_in_as(person.id)
    page = await browser.get(address)
    assert person.name in page.words()
    page = await browser.submit(page, address)
    assert "You are here" in page.words()
    page = await browser.submit(page, page.path.replace("attendance", "check-out"))
    assert "You are checked out" in page.words()


async def test_the_screen_shows_a_code_that_opens(browsers, organisation, shift):
    person = await a_person()
    leader = await browsers().sign_in_as(organisation.owner.id)
    page = await leader.get(f"/manage/shifts/{shift}/check-in")
    assert "<svg" in page.text and f'http-equiv="refresh" content="{60}"' in page.text
    (address,) = [link for link in page.links() if "/check-in/" in link]
    part = await leader.get(f"/manage/shifts/{shift}/check-in", hx_request_type="partial")
    assert "<html" not in part.text and "<svg" in part.text
    page = await (await browsers().sign_in_as(person.id)).get(address)
    assert "There is room" in page.words()


async def test_a_trusted_volunteer_opens_the_list_and_nothing_else(browsers, shift, leader):
    volunteer = await browsers().sign_in_as(leader.person_id)
    page = await volunteer.get("/my/leading")
    assert f"/manage/shifts/{shift}" in page.links()
    page = await volunteer.get(f"/manage/shifts/{shift}")
    assert "Lea Leader" in page.words()
    assert f"/manage/shifts/{shift}/leaders" not in page.links()


async def test_a_walk_in_is_added_by_name(browsers, organisation, shift):
    page = await browsers().sign_in_as(organisation.owner.id)
    address = f"/manage/shifts/{shift}/walk-in"
    form = await page.get(address)
    assert (await page.submit(form, address)).field_error("name")
    assert "Wally" in (await page.submit(form, address, name="Wally")).words()
