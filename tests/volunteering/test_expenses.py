"""What volunteers spent, given back and no more."""

import json
from datetime import date, timedelta

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation
from tests.files.pictures import jpeg

from marketplace import clock, db
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.files import leftovers, store
from marketplace.volunteering.expenses import operations, queries, receipts, rules
from marketplace.volunteering.expenses.operations import Spent
from marketplace.volunteering.expenses.rules import MOVES, Kind, State

CAR = rules.rates().at(Kind.CAR, date(2026, 11, 22))
CAR_BEFORE = rules.rates().at(Kind.CAR, date(2026, 4, 5))
BIKE = rules.rates().at(Kind.BICYCLE, date(2026, 11, 22))


# --- rules


@pytest.mark.parametrize(
    ("rate", "tenths", "before", "pence"),
    [
        (CAR, 100, 0, 550),
        (CAR, 125, 0, 688),
        (CAR, 100, 99_950, 50 // 10 * 55 + 50 // 10 * 25),
        (CAR_BEFORE, 100, 0, 450),
        (CAR_BEFORE, 125, 0, 563),
        (CAR, 100, 100_000, 250),
        (CAR, 100, 500_000, 250),
        (BIKE, 100, 500_000, 200),
        (BIKE, 1, 0, 2),
    ],
)
def test_miles_are_paid_at_the_rate_hmrc_approves(rate, tenths, before, pence):
    assert rules.mileage(rate, tenths, before) == pence


def test_every_rate_has_a_source_and_a_day_somebody_looked():
    rates = rules.rates()
    assert rates.url.startswith("https://www.gov.uk/") and rates.checked_on.year >= 2026
    assert {rate.kind for rate in rates.rows} == {Kind.CAR, Kind.MOTORCYCLE, Kind.BICYCLE}


def test_the_car_rate_rose_on_6_april_2026_and_days_before_keep_theirs():
    """Announced on 21 May 2026, and backdated to the beginning of the tax year."""
    by_day = {rules.rates().at(Kind.CAR, date(2026, 4, day)).pence for day in (6, 30)}
    assert by_day == {55} and CAR_BEFORE.pence == 45
    assert rules.rates().at(Kind.CAR, date(2026, 4, 6)).pence_after == CAR_BEFORE.pence_after


@pytest.mark.parametrize(
    ("day", "start"), [((2027, 4, 5), 2026), ((2027, 4, 6), 2027), ((2027, 1, 1), 2026)]
)
def test_a_tax_year_begins_on_6_april(day, start):
    assert rules.tax_year(date(*day)) == (date(start, 4, 6), date(start + 1, 4, 6))


def test_what_may_become_of_a_claim():
    assert {(now, then) for now in State for then in State if MOVES.allows(now, then)} == {
        (State.SUBMITTED, State.RETURNED),
        (State.SUBMITTED, State.APPROVED),
        (State.SUBMITTED, State.WITHDRAWN),
        (State.RETURNED, State.SUBMITTED),
        (State.RETURNED, State.WITHDRAWN),
        (State.APPROVED, State.PAID),
        (State.APPROVED, State.RETURNED),
    }


# --- operations

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def organisation(db):
    return await an_organisation()


@pytest.fixture
async def volunteer(organisation):
    person = await a_person(name="Vera Volunteer")
    await a_booking(await a_shift(await an_opportunity(organisation.id)), person.id)
    return person


def bus(organisation, **changes):
    given = {"on": clock.today(), "kind": Kind.RECEIPT, "what": "Bus", "pence": 450}
    return Spent(organisation.id, **(given | changes))


async def test_a_receipt_is_claimed_approved_and_paid(organisation, volunteer):
    id = await operations.submit(volunteer.actor, bus(organisation))
    owner = organisation.owner.actor
    with pytest.raises(IllegalMove):
        await operations.mark_paid(owner, organisation.id, id)
    await operations.approve(owner, organisation.id, id)
    await operations.mark_paid(owner, organisation.id, id)
    (claim,) = await queries.mine(volunteer.actor)
    assert (claim.state, claim.amount) == (State.PAID, "£4.50")


async def test_nobody_answers_their_own_claim(organisation):
    owner = organisation.owner
    await a_booking(await a_shift(await an_opportunity(organisation.id)), owner.id)
    id = await operations.submit(owner.actor, bus(organisation))
    with pytest.raises(NotAllowed, match="your own claim"):
        await operations.approve(owner.actor, organisation.id, id)


async def test_a_coordinator_sees_claims_and_approves_none(organisation, volunteer):
    id = await operations.submit(volunteer.actor, bus(organisation))
    coordinator = acting(await a_person(), coordinator=organisation.id)
    assert (await queries.of(coordinator, organisation.id, id)).pence == 450
    with pytest.raises(NotAllowed):
        await operations.approve(coordinator, organisation.id, id)


async def test_a_returned_claim_says_what_is_missing_and_comes_again(organisation, volunteer):
    id = await operations.submit(volunteer.actor, bus(organisation))
    await operations.send_back(organisation.owner.actor, organisation.id, id, "Which bus?")
    assert (await queries.own(volunteer.actor, id)).note == "Which bus?"
    await operations.resubmit(volunteer.actor, id, bus(organisation, what="Bus 31"))
    claim = await queries.own(volunteer.actor, id)
    assert (claim.state, claim.what) == (State.SUBMITTED, "Bus 31")


async def test_only_who_gives_time_there_claims(organisation):
    with pytest.raises(Conflict) as refused:
        await operations.submit((await a_person()).actor, bus(organisation))
    assert refused.value.field == "organisation"


async def test_miles_beyond_the_first_ten_thousand_are_paid_less(organisation, volunteer):
    journey = bus(organisation, kind=Kind.CAR, pence=None, tenths_of_miles=20_000)
    for _ in range(5):
        await operations.submit(volunteer.actor, journey)
    id = await operations.submit(volunteer.actor, journey)
    assert (await queries.own(volunteer.actor, id)).pence == 2000 * 25


async def test_a_receipt_is_seen_by_few_and_every_look_is_written_down(organisation, volunteer):
    id = await operations.submit(volunteer.actor, bus(organisation), jpeg())
    assert await receipts.picture(volunteer.actor, id)
    assert await db.fetch_value("SELECT count(*) FROM personal_view") == 0
    assert await receipts.picture(organisation.owner.actor, id)
    assert await db.fetch_value("SELECT count(*) FROM personal_view") == 1
    for actor in (
        (await a_person()).actor,
        acting(await a_person(), trustee=organisation.id),
        (await an_organisation()).owner.actor,
    ):
        with pytest.raises(NotFound):
            await receipts.picture(actor, id)


async def names():
    return [each.name async for page in store.every("receipts") for each in page]


async def test_a_receipt_goes_when_its_time_is_over(organisation, volunteer, monkeypatch):
    monkeypatch.setattr(leftovers, "AFTER", timedelta(hours=-1))
    owner = organisation.owner.actor
    id = await operations.submit(volunteer.actor, bus(organisation), jpeg())
    await operations.approve(owner, organisation.id, id)
    await operations.mark_paid(owner, organisation.id, id)
    assert (await receipts.clean_up(), len(await names())) == (0, 1)
    await db.execute(
        "UPDATE expense SET receipt_at = now() - interval '92 days',"
        " paid_at = now() - interval '91 days'"
    )
    assert (await receipts.clean_up(), await names()) == (1, [])
    assert (await queries.own(volunteer.actor, id)).receipt_id is None


async def test_another_picture_replaces_the_first_and_withdrawing_deletes_it(
    organisation, volunteer
):
    id = await operations.submit(volunteer.actor, bus(organisation), jpeg())
    first = await names()
    await operations.resubmit(volunteer.actor, id, bus(organisation), jpeg())
    assert len(await names()) == 1 and await names() != first
    await operations.withdraw(volunteer.actor, id)
    assert await names() == []


async def test_history_holds_no_amount_and_no_words(organisation, volunteer):
    await operations.submit(volunteer.actor, bus(organisation))
    rows = await db.fetch("SELECT data FROM history WHERE event = 'expense.submitted'")
    assert json.loads(json.dumps([row["data"] for row in rows])) == [{"person": str(volunteer.id)}]


# --- pages


async def test_a_claim_goes_from_one_browser_to_the_other(browsers, organisation, volunteer):
    one = await browsers().sign_in_as(volunteer.id)
    page = await one.get("/my/expenses/new")
    wrong = await one.submit(page, "/my/expenses/new", organisation=str(organisation.id))
    assert wrong.field_error("what") == "Say what it was for"
    page = await one.submit(
        page, "/my/expenses/new", organisation=str(organisation.id), what="Bus", amount="4.50"
    )
    assert "£4.50" in page.words()
    id = await db.fetch_value("SELECT id FROM expense")
    home = f"/manage/{organisation.id}/expenses"
    other = await browsers().sign_in_as(organisation.owner.id)
    page = await other.submit(await other.get(f"{home}/{id}"), f"{home}/{id}/approval")
    assert "£4.50 to be paid" in page.words()
    assert "Vera Volunteer,Bus,Receipt,4.50,approved" in (await other.get(f"{home}.csv")).text
