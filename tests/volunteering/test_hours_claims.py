"""Hours that one side proposes and the other stands by."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.factories import a_booking, a_person, a_shift, an_opportunity, an_organisation

from marketplace import clock, db
from marketplace.errors import Conflict, NotFound
from marketplace.volunteering.attendance.operations import mark
from marketplace.volunteering.hours import choices, claims, exporting, operations, queries, rules
from marketplace.volunteering.hours.queries import Filter
from marketplace.volunteering.hours.rules import Side, Verb
from marketplace.volunteering.rules import BookingState, HoursState, ProposedBy

NOW = datetime(2027, 3, 6, tzinfo=UTC)
V, O = Side.VOLUNTEER, Side.ORGANISATION  # noqa: E741


# --- rules


@pytest.mark.parametrize(
    ("state", "proposed_by", "disputed_by", "turn", "volunteer", "organisation"),
    [
        ("proposed", "attendance", None, O, "dispute", "agree dispute"),
        ("proposed", "volunteer", None, O, "correct withdraw", "agree dispute"),
        ("proposed", "organisation", None, V, "agree dispute", "correct withdraw"),
        ("disputed", "volunteer", O, V, "agree correct withdraw", ""),
        ("disputed", "attendance", V, O, "", "agree correct"),
        ("confirmed", "volunteer", None, None, "dispute", ""),
        ("withdrawn", "volunteer", None, None, "", ""),
    ],
)
def test_whose_turn_it_is(state, proposed_by, disputed_by, turn, volunteer, organisation):
    facts = HoursState(state), ProposedBy(proposed_by), disputed_by
    assert rules.waits_for(*facts) is turn
    for side, verbs in ((V, volunteer), (O, organisation)):
        assert rules.may(side, *facts, NOW, NOW) == {Verb(verb) for verb in verbs.split()}


def test_confirmed_hours_are_put_in_question_for_two_months():
    facts = HoursState.CONFIRMED, ProposedBy.ATTENDANCE, None, NOW
    assert rules.may(V, *facts, NOW + timedelta(days=59))
    assert not rules.may(V, *facts, NOW + timedelta(days=61))


@pytest.mark.parametrize(("day", "fine"), [(0, True), (366, True), (367, False), (-1, False)])
def test_a_day_of_the_last_year(day, fine):
    today = date(2027, 3, 6)
    assert (not rules.day_refused(today - timedelta(days=day), today)) is fine


def test_a_cell_that_looks_like_a_formula_stays_text():
    assert exporting.line(["=1+1", 5, "a,b"]) == b'\'=1+1,5,"a,b"\r\n'


# --- operations

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def organisation(db):
    return await an_organisation()


@pytest.fixture
async def volunteer(db):
    return await a_person(name="Vera Volunteer")


@pytest.fixture
async def role(organisation):
    id = await an_opportunity(organisation.id, timing="flexible")
    return await db.fetch_value("SELECT id FROM role WHERE opportunity_id = {}", id)


async def seen(id):
    return await db.fetch_one("SELECT * FROM hours WHERE id = {}", id)


async def test_hours_are_claimed_and_count_once_the_organisation_agrees(
    organisation, volunteer, role
):
    id = await claims.claim(volunteer.actor, role, clock.today(), 90, "Weeding")
    assert (await queries.mine(volunteer.actor)).minutes == 0
    await claims.agree(organisation.owner.actor, id)
    mine = await queries.mine(volunteer.actor)
    assert (mine.minutes, [total.label for total in mine.roles]) == (90, ["Garden helper"])


async def test_a_day_in_a_role_is_claimed_once(volunteer, role):
    await claims.claim(volunteer.actor, role, clock.today(), 90)
    with pytest.raises(Conflict) as refused:
        await claims.claim(volunteer.actor, role, clock.today(), 60)
    assert refused.value.field == "day"


async def test_a_claim_of_a_day_with_a_shift_is_that_bookings(organisation, volunteer):
    shift = await a_shift(
        await an_opportunity(organisation.id), starts_at=clock.now() - timedelta(days=2)
    )
    booking = await a_booking(shift, volunteer.id)
    row = await db.fetch_one("SELECT role_id, local_start FROM shift WHERE id = {}", shift)
    day = row["local_start"].date()
    id = await claims.claim(volunteer.actor, row["role_id"], day, 90)
    assert (await seen(id))["booking_id"] == booking
    with pytest.raises(Conflict, match="there already"):
        await claims.claim(volunteer.actor, row["role_id"], day, 90)
    # Nor does the roster count it a second time.
    await mark(organisation.owner.actor, shift, BookingState.ATTENDED)
    assert await db.fetch_value("SELECT count(*) FROM hours") == 1
    assert (await seen(id))["minutes"] == 90


async def test_who_was_marked_missing_can_contest_it(organisation, volunteer):
    shift = await a_shift(
        await an_opportunity(organisation.id), starts_at=clock.now() - timedelta(days=2)
    )
    booking = await a_booking(shift, volunteer.id)
    await mark(organisation.owner.actor, shift, BookingState.NO_SHOW)
    row = await db.fetch_one("SELECT role_id, local_start FROM shift WHERE id = {}", shift)
    id = await claims.claim(volunteer.actor, row["role_id"], row["local_start"].date(), 120)
    await claims.agree(organisation.owner.actor, id)
    assert await db.fetch_value("SELECT state FROM booking WHERE id = {}", booking) == "attended"


async def test_a_day_has_no_more_than_24_hours(organisation, volunteer, role):
    other = await an_opportunity(organisation.id, title="Night watch")
    second = await db.fetch_value("SELECT id FROM role WHERE opportunity_id = {}", other)
    await claims.claim(volunteer.actor, role, clock.today(), 20 * 60)
    with pytest.raises(Conflict) as refused:
        await claims.claim(volunteer.actor, second, clock.today(), 5 * 60)
    assert refused.value.field == "minutes"


async def test_nobody_confirms_their_own_hours(organisation, role):
    owner = organisation.owner.actor
    id = await claims.claim(owner, role, clock.today(), 60)
    with pytest.raises(Conflict, match="somebody else"):
        await claims.agree(owner, id)


async def test_nor_those_of_a_roster(organisation, volunteer):
    owner = organisation.owner
    shift = await a_shift(
        await an_opportunity(organisation.id), starts_at=clock.now() - timedelta(hours=3)
    )
    own, _ = await a_booking(shift, owner.id), await a_booking(shift, volunteer.id)
    await mark(owner.actor, shift, BookingState.ATTENDED)
    assert await operations.confirm_all(owner.actor, shift) == 1
    with pytest.raises(Conflict, match="your own hours"):
        await operations.confirm(owner.actor, own, 60)


async def test_a_dispute_goes_back_with_its_sentence_until_both_agree(
    organisation, volunteer, role
):
    owner = organisation.owner.actor
    id = await claims.claim(volunteer.actor, role, clock.today(), 240)
    await claims.dispute(owner, id, 120, "We closed at noon.")
    view, _ = await queries.one(volunteer.actor, id)
    assert (view.waits_for, view.dispute) == (V, "We closed at noon.")
    await claims.correct(volunteer.actor, id, 150, "")
    await claims.agree(owner, id)
    assert (await seen(id))["minutes"] == 150


async def test_to_agree_with_a_dispute_takes_its_time(organisation, volunteer, role):
    id = await claims.claim(volunteer.actor, role, clock.today(), 240)
    await claims.dispute(organisation.owner.actor, id, 120, "We closed at noon.")
    await claims.agree(volunteer.actor, id)
    row = await seen(id)
    assert (row["state"], row["minutes"]) == ("confirmed", 120)


async def test_to_agree_that_there_were_none_withdraws_them(organisation, volunteer, role):
    id = await claims.claim(volunteer.actor, role, clock.today(), 240)
    await claims.dispute(organisation.owner.actor, id, 0, "We were closed.")
    await claims.agree(volunteer.actor, id)
    assert (await seen(id))["state"] == "withdrawn"


async def test_what_was_confirmed_counts_no_more_while_it_is_in_question(organisation, volunteer):
    shift = await a_shift(
        await an_opportunity(organisation.id), starts_at=clock.now() - timedelta(hours=3)
    )
    booking = await a_booking(shift, volunteer.id)
    owner = organisation.owner.actor
    await mark(owner, shift, BookingState.ATTENDED)
    await operations.confirm(owner, booking, 60)
    id = await db.fetch_value("SELECT id FROM hours")
    await claims.dispute(volunteer.actor, id, 120, "I stayed until the end.")
    assert (await queries.mine(volunteer.actor)).minutes == 0
    await claims.agree(owner, id)
    assert (await queries.mine(volunteer.actor)).minutes == 120


async def test_withdrawn_hours_can_be_claimed_again(volunteer, role):
    id = await claims.claim(volunteer.actor, role, clock.today(), 90)
    await claims.withdraw(volunteer.actor, id)
    assert await claims.claim(volunteer.actor, role, clock.today(), 60) == id


async def test_hours_of_others_are_not_found(volunteer, role):
    id = await claims.claim(volunteer.actor, role, clock.today(), 90)
    for actor in ((await a_person()).actor, (await an_organisation()).owner.actor):
        with pytest.raises(NotFound):
            await queries.one(actor, id)


async def test_who_was_erased_leaves_the_hours_and_no_name(organisation, volunteer, role):
    id = await claims.claim(volunteer.actor, role, clock.today(), 90, "Weeding")
    await claims.agree(organisation.owner.actor, id)
    await db.execute(
        "UPDATE person SET anonymised_at = now(), name = '' WHERE id = {}", volunteer.id
    )
    given = await claims.look(organisation.owner.actor, organisation.id, Filter())
    assert (given.minutes, given.people[0].label) == (90, "Somebody who left")
    lines = [line async for line in exporting.hours(organisation.id, Filter())]
    assert "Somebody who left" in lines[1].decode() and "Vera" not in lines[1].decode()


async def test_the_totals_are_of_what_the_filter_leaves(organisation, volunteer, role):
    for days in (0, 40):
        id = await claims.claim(volunteer.actor, role, clock.today() - timedelta(days=days), 60)
        await claims.agree(organisation.owner.actor, id)
    since = Filter(since=clock.today() - timedelta(days=7))
    given = await claims.look(organisation.owner.actor, organisation.id, since)
    assert (given.count, given.minutes, given.places[0].label) == (1, 60, "Chelmsford")


async def test_the_organisation_says_hours_which_count_once_the_volunteer_agrees(
    organisation, volunteer, role
):
    owner, day = organisation.owner.actor, clock.today() - timedelta(days=40)
    await claims.claim(volunteer.actor, role, clock.today(), 60)
    id = await claims.propose(owner, organisation.id, volunteer.id, role, day, 90, "Stocktaking")
    row = await seen(id)
    assert (row["proposed_by"], row["minutes"], row["on_date"]) == ("organisation", 90, day)
    with pytest.raises(Conflict):
        await claims.agree(owner, id)
    assert (await queries.mine(volunteer.actor)).minutes == 0
    await claims.dispute(volunteer.actor, id, 120, "I tidied up too.")
    await claims.agree(owner, id)
    assert (await queries.mine(volunteer.actor)).minutes == 120
    with pytest.raises(Conflict, match="there already"):
        await claims.propose(owner, organisation.id, volunteer.id, role, day, 90)


async def test_what_was_said_by_mistake_is_taken_back(organisation, volunteer, role):
    owner = organisation.owner.actor
    await claims.claim(volunteer.actor, role, clock.today() - timedelta(days=1), 60)
    id = await claims.propose(owner, organisation.id, volunteer.id, role, clock.today(), 90)
    await claims.withdraw(owner, id)
    assert (await seen(id))["state"] == "withdrawn"
    # What the volunteer claimed is not the organisation's to take back.
    assert await claims.claim(volunteer.actor, role, clock.today(), 30) == id
    with pytest.raises(Conflict):
        await claims.withdraw(owner, id)


async def test_hours_are_said_only_of_who_volunteers_here(organisation, volunteer, role):
    owner, today = organisation.owner.actor, clock.today()
    other = await db.fetch_value(
        "SELECT r.id FROM role r WHERE r.opportunity_id = {}", await an_opportunity()
    )

    async def refused(person, which, day=today, minutes=60):
        with pytest.raises(Conflict) as error:
            await claims.propose(owner, organisation.id, person, which, day, minutes)
        return error.value.field

    assert await refused(volunteer.id, role) == "person"
    await a_booking(await a_shift(await an_opportunity(organisation.id)), volunteer.id)
    assert await refused(volunteer.id, other) == "role_id"
    assert await refused(organisation.owner.id, role) == "person"
    assert await refused(volunteer.id, role, today + timedelta(days=1)) == "day"
    assert await refused(volunteer.id, role, minutes=0) == "minutes"
    assert await claims.propose(owner, organisation.id, volunteer.id, role, today, 60)
    with pytest.raises(NotFound):
        await claims.propose(volunteer.actor, organisation.id, volunteer.id, role, today, 60)


async def test_people_are_found_by_name_and_looking_is_written_down(
    browsers, organisation, volunteer, monkeypatch
):
    shift = await a_shift(await an_opportunity(organisation.id), places=9)
    for person in (volunteer, await a_person(name="Wim 100%"), await a_person(name="Left")):
        await a_booking(shift, person.id)
    await db.execute("UPDATE person SET anonymised_at = now() WHERE name = 'Left'")
    monkeypatch.setattr(choices, "PEOPLE_SHOWN", 1)
    browser = await browsers().sign_in_as(organisation.owner.id)
    address = f"/manage/{organisation.id}/hours/new"
    page = await browser.get(address)
    assert "Find by name" in page.words() and "Wim" not in page.words()
    page = await browser.get(f"{address}?q=100%25")
    assert "Wim 100%" in page.words() and "Vera" not in page.words()
    looked = "SELECT count(*) FROM personal_view WHERE subject_type = 'hours'"
    assert await db.fetch_value(looked) == 2


# --- pages


async def test_the_organisation_adds_hours_in_the_browser(browsers, organisation, volunteer, role):
    await claims.claim(volunteer.actor, role, clock.today(), 60)
    owner = await browsers().sign_in_as(organisation.owner.id)
    home = f"/manage/{organisation.id}/hours"
    page = await owner.get(f"{home}/new")
    page = await owner.submit(page, f"{home}/new", person="", role_id=str(role), hours="2")
    assert "Choose who it was" in page.words()
    day = clock.today() - timedelta(days=30)
    given = {"person": str(volunteer.id), "role_id": str(role), "day": str(day), "hours": "2"}
    page = await owner.submit(page, f"{home}/new", **given)
    assert "They are asked" in page.words() and "Waits for the volunteer" in page.words()
    one = await browsers().sign_in_as(volunteer.id)
    id = await db.fetch_value("SELECT id FROM hours WHERE proposed_by = 'organisation'")
    page = await one.get(f"/my/hours/{id}")
    page = await one.submit(page, f"/my/hours/{id}/agreement")
    assert "2 hours given and confirmed" in page.words()


async def test_both_sides_settle_hours_in_their_browsers(browsers, organisation, volunteer, role):
    one = await browsers().sign_in_as(volunteer.id)
    address = f"/my/hours/new/{role}"
    page = await one.submit(await one.get(address), address, day=str(clock.today()), hours="3")
    assert "Waits for the organisation" in page.words()
    (record,) = {link for link in page.links() if link.startswith("/my/hours/0")}
    id = record.removeprefix("/my/hours/")
    other = await browsers().sign_in_as(organisation.owner.id)
    home = f"/manage/{organisation.id}/hours"
    page = await other.get(f"{home}/{id}")
    page = await other.submit(page, f"{home}/{id}/dispute", hours="2", words="Until noon.")
    page = await one.get(record)
    assert "Until noon." in page.words()
    page = await one.submit(page, f"{record}/agreement")
    assert "2 hours given and confirmed" in page.words()
    table = await other.get(f"{home}.csv")
    assert "Vera Volunteer,Garden helper" in table.text


@pytest.mark.parametrize("rows", [1, 30])
async def test_the_page_of_hours_asks_the_database_six_times_at_most(
    browsers, organisation, volunteer, role, queries_run, rows
):
    for days in range(rows):
        await claims.claim(volunteer.actor, role, clock.today() - timedelta(days=days), 60)
    other = await browsers().sign_in_as(organisation.owner.id)
    with queries_run() as counted:
        await other.get(f"/manage/{organisation.id}/hours")
    assert counted.count <= 6
