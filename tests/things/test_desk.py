"""Handing over, taking back, repair and what follows from it."""

from datetime import timedelta

import pytest
from tests.factories import a_person, acting, an_organisation
from tests.factories_things import a_day, a_loan, a_reservation, a_site, a_thing, a_unit, overlaps

from marketplace import clock, db
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.permissions import OrgRole
from marketplace.things.catalogue import units
from marketplace.things.desk import operations, queries
from marketplace.things.rules import RESERVATION_MOVES, ReservationState, UnitState

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


@pytest.fixture
async def lender(db):
    return await an_organisation(name="Chelmer Library of Things")


@pytest.fixture
async def librarian(lender):
    return lender.owner.actor


@pytest.fixture
async def site(lender):
    return await a_site(lender.id)


@pytest.fixture
async def tent(site):
    return await a_thing(site, units=2)


async def unit(thing, label):
    return await db.fetch_value(
        "SELECT id FROM unit WHERE thing_id = {} AND label = {}", thing, label
    )


async def held_unit(id):
    return await db.fetch_value(
        "SELECT u.label FROM occupancy o JOIN unit u ON u.id = o.unit_id"
        " WHERE o.reservation_id = {}",
        id,
    )


async def occupancy(id):
    return await db.fetch_one("SELECT * FROM occupancy WHERE reservation_id = {}", id)


async def state(id):
    return await db.fetch_value("SELECT state FROM reservation WHERE id = {}", id)


# --- handing over


async def test_the_planned_unit_is_offered_first(tent):
    await a_reservation(tent, first=clock.today())
    id = await a_reservation(tent, first=clock.today())
    reservation = await queries.to_lend((await lend_for(tent)), id)
    choices = await queries.choices(reservation)
    assert [(c.unit.label, c.planned, c.held_for_others) for c in choices] == [
        ("Unit B", True, False),
        ("Unit A", False, True),
    ]


async def lend_for(thing):
    organisation = await db.fetch_value("SELECT organisation_id FROM thing WHERE id = {}", thing)
    return acting(await a_person(), librarian=organisation)


async def test_a_named_unit_is_handed_over(tent, librarian):
    id = await a_reservation(tent, first=clock.today(), last=clock.today() + 2 * DAY)
    label = await operations.hand_over(
        librarian, id, unit_id=await unit(tent, "Unit A"), condition="Two pegs missing"
    )
    row = await db.fetch_one("SELECT * FROM reservation WHERE id = {}", id)
    assert (label, row["state"], row["condition_out"]) == ("Unit A", "out", "Two pegs missing")
    assert row["out_by"] == librarian.person_id
    assert (await occupancy(id))["state"] == "out"
    assert (
        await db.fetch_value("SELECT count(*) FROM history WHERE event = 'loan.handed_over'") == 1
    )


async def test_another_unit_than_the_planned_one_moves_whoever_had_it(tent, librarian):
    one = await a_reservation(tent, first=clock.today())
    two = await a_reservation(tent, first=clock.today(), last=clock.today() + 3 * DAY)
    assert (await held_unit(one), await held_unit(two)) == ("Unit A", "Unit B")
    await operations.hand_over(librarian, two, unit_id=await unit(tent, "Unit A"))
    assert (await held_unit(one), await held_unit(two)) == ("Unit B", "Unit A")
    assert await overlaps() == 0


async def test_a_scanned_code_names_the_unit_in_any_case(tent, librarian):
    id = await a_reservation(tent, first=clock.today())
    code = await db.fetch_value("SELECT asset_code FROM unit WHERE label = 'Unit B'")
    assert await operations.hand_over(librarian, id, code=code.upper()) == "Unit B"


async def test_a_unit_that_cannot_be_had_is_refused_beside_its_field(tent, site, librarian):
    id = await a_reservation(tent, first=clock.today())
    other = await a_thing(site, title="Drill", units=1)
    drill = await db.fetch_one("SELECT id, asset_code FROM unit WHERE thing_id = {}", other)
    for given, field, said in (
        ({}, "unit_id", "Choose a unit"),
        ({"unit_id": drill["id"]}, "unit_id", "Choose a unit"),
        ({"code": drill["asset_code"]}, "code", "is not one of these"),
        ({"code": "nothing"}, "code", "No unit has the code “nothing”"),
    ):
        with pytest.raises(Conflict, match=said) as conflict:
            await operations.hand_over(librarian, id, **given)
        assert conflict.value.field == field
    assert await state(id) == "reserved"


async def test_a_unit_in_repair_or_out_is_refused(tent, librarian):
    a, b = await unit(tent, "Unit A"), await unit(tent, "Unit B")
    await units.set_state(librarian, b, UnitState.IN_REPAIR)
    yesterday = clock.today() - DAY
    await a_loan(tent, first=yesterday, last=yesterday)
    id = await a_reservation(tent, first=clock.today())
    with pytest.raises(Conflict, match="Unit B is in repair"):
        await operations.hand_over(librarian, id, unit_id=b)
    with pytest.raises(Conflict, match="Unit A is out with Kim Osei, due"):
        await operations.hand_over(librarian, id, unit_id=a)


async def test_a_promised_unit_is_kept_where_nothing_else_serves_the_other(tent, librarian):
    soon = await a_reservation(tent, first=clock.today(), last=clock.today() + 2 * DAY)
    await a_reservation(tent, first=clock.today() + DAY, last=clock.today() + 4 * DAY)
    # A third unit that is out of use: with two, everybody can still be served by a swap.
    await operations.hand_over(librarian, soon, unit_id=await unit(tent, "Unit B"))
    assert await overlaps() == 0


async def test_nothing_is_handed_over_early_or_after_its_days(tent, librarian):
    early = await a_reservation(tent, first=clock.today() + DAY)
    with pytest.raises(Conflict, match="It can be handed over from that day on"):
        await operations.hand_over(librarian, early, unit_id=await unit(tent, "Unit A"))
    late = await a_reservation(tent, first=clock.today() - 2 * DAY, last=clock.today() - DAY)
    with pytest.raises(Conflict, match="Mark it as not collected"):
        await operations.hand_over(librarian, late, unit_id=await unit(tent, "Unit A"))


# --- taking back


async def test_a_good_return_frees_the_unit_at_once(tent, librarian):
    id = await a_loan(tent)
    done = await operations.take_back(librarian, id, needs_repair=False, condition="As new")
    row = await db.fetch_one("SELECT * FROM reservation WHERE id = {}", id)
    assert (row["state"], row["condition_in"], row["needs_repair"]) == ("returned", "As new", False)
    assert (done.unplaced, (await occupancy(id))["state"]) == ([], "released")


async def test_turnaround_follows_an_early_return(site, librarian):
    thing = await a_thing(site, units=1, hours_after=4)
    id = await a_loan(thing, last=clock.today() + 5 * DAY)
    await operations.take_back(librarian, id, needs_repair=False)
    row = await occupancy(id)
    assert row["state"] == "turnaround"
    left = row["blocked_until"] - clock.now()
    assert timedelta(hours=3, minutes=59) < left < timedelta(hours=4, minutes=1)


async def test_a_late_return_does_not_stretch_what_was_planned(site, librarian):
    thing = await a_thing(site, units=1, hours_after=4)
    id = await a_loan(thing, first=clock.today() - 5 * DAY, last=clock.today() - 3 * DAY)
    was = (await occupancy(id))["blocked_until"]
    await operations.take_back(librarian, id, needs_repair=False)
    assert (await occupancy(id))["blocked_until"] == was


async def test_a_return_that_needs_repair_blocks_the_unit_and_lists_who_has_none(tent, librarian):
    loan = await a_loan(tent)
    label = await held_unit(loan)
    ahead = [await a_reservation(tent, first=clock.today() + 3 * DAY) for _ in range(2)]
    done = await operations.take_back(librarian, loan, needs_repair=True, condition="Torn")
    assert done.unplaced == [ahead[1]]  # whoever reserved first keeps a unit
    assert await held_unit(ahead[0]) != label
    assert await db.fetch_value("SELECT state FROM unit WHERE label = {}", label) == "in_repair"
    found = await queries.desk(librarian, (await lender_of(tent)))
    assert [row.reservation.id for row in found.undecided] == [ahead[1]]


async def lender_of(thing):
    return await db.fetch_value("SELECT organisation_id FROM thing WHERE id = {}", thing)


async def test_a_repaired_or_new_unit_serves_those_who_wait(tent, librarian):
    ids = [await a_reservation(tent) for _ in range(2)]
    b = await unit(tent, "Unit B")
    assert len(await units.set_state(librarian, b, UnitState.IN_REPAIR)) == 1
    assert await units.set_state(librarian, b, UnitState.AVAILABLE) == []
    assert {(await occupancy(id))["state"] for id in ids} == {"held"}
    await units.set_state(librarian, b, UnitState.RETIRED)
    await units.add(librarian, tent, units.Details(label="Unit C"))
    assert {(await occupancy(id))["state"] for id in ids} == {"held"}


async def test_a_cancellation_serves_those_who_wait(tent, librarian):
    first, second = [await a_reservation(tent) for _ in range(2)]
    await units.set_state(librarian, await unit(tent, "Unit B"), UnitState.IN_REPAIR)
    assert (await occupancy(second))["state"] == "unplaced"
    await operations.cancel(librarian, first, reason="The tent tore, sorry.")
    assert (await occupancy(second))["state"] == "held"
    row = await db.fetch_one("SELECT * FROM reservation WHERE id = {}", first)
    assert (row["cancelled_by"], row["reason"]) == ("lender", "The tent tore, sorry.")
    data = await db.fetch_value("SELECT data FROM history WHERE event = 'reservation.cancelled'")
    assert "tent" not in str(data.get("reason", "")) and data["by"] == "lender"


async def test_an_unplaced_reservation_is_handed_any_unit_on_the_shelf(tent, librarian):
    ids = [await a_reservation(tent, first=clock.today()) for _ in range(2)]
    await units.set_state(librarian, await unit(tent, "Unit B"), UnitState.IN_REPAIR)
    await operations.cancel(librarian, ids[0], reason="Sorry")
    await operations.hand_over(librarian, ids[1], unit_id=await unit(tent, "Unit A"))
    assert await state(ids[1]) == "out"


async def test_a_unit_that_is_out_is_taken_back_before_it_is_repaired(tent, librarian):
    id = await a_loan(tent)
    out = (await occupancy(id))["unit_id"]
    with pytest.raises(Conflict, match="is out with a borrower"):
        await units.set_state(librarian, out, UnitState.RETIRED)


async def test_what_is_lost_ends_the_loan_and_leaves_the_library(tent, librarian):
    id = await a_loan(tent)
    waits = await a_reservation(tent, first=clock.today(), last=clock.today() + DAY)
    gone = (await occupancy(id))["unit_id"]
    done = await operations.lose(librarian, id, condition="Stolen from the van")
    assert (await state(id), (await occupancy(id))["state"]) == ("lost", "released")
    assert await db.fetch_value("SELECT state FROM unit WHERE id = {}", gone) == "retired"
    # Whoever reserved keeps the other unit; the lost one serves nobody.
    assert (await occupancy(waits))["unit_id"] not in (None, gone)
    assert done.unplaced == []


async def test_labels_and_codes_are_used_once(tent, librarian):
    code = await db.fetch_value("SELECT asset_code FROM unit WHERE label = 'Unit A'")
    for given, field in (
        ({"label": "unit a"}, "label"),
        ({"label": "Unit Z", "asset_code": code}, "asset_code"),
    ):
        with pytest.raises(Conflict) as conflict:
            await units.add(librarian, tent, units.Details(**given))
        assert conflict.value.field == field


# --- not collected


async def test_what_nobody_came_for_is_free_from_the_next_day(tent, librarian):
    today = await a_reservation(tent, first=clock.today(), last=clock.today() + DAY)
    with pytest.raises(Conflict, match="They have until the end of"):
        await operations.not_collected(librarian, today)
    late = await a_reservation(tent, first=clock.today() - DAY, last=clock.today() + DAY)
    await operations.not_collected(librarian, late)
    assert (await state(late), (await occupancy(late))["state"]) == ("not_collected", "released")


# --- every state against every verb of the desk

LOANS = {ReservationState.OUT, ReservationState.RETURNED, ReservationState.LOST}
VERBS = {
    ReservationState.OUT: lambda actor, id, unit: operations.hand_over(actor, id, unit_id=unit),
    ReservationState.RETURNED: lambda actor, id, unit: operations.take_back(
        actor, id, needs_repair=False
    ),
    ReservationState.LOST: lambda actor, id, unit: operations.lose(actor, id),
    ReservationState.CANCELLED: lambda actor, id, unit: operations.cancel(actor, id, reason="x"),
    ReservationState.NOT_COLLECTED: lambda actor, id, unit: operations.not_collected(actor, id),
}


@pytest.mark.parametrize("now", list(ReservationState))
@pytest.mark.parametrize("then", list(VERBS))
async def test_the_desk_makes_exactly_the_moves_of_the_table(tent, librarian, now, then):
    id = await a_reservation(tent, first=clock.today() - DAY, last=clock.today() + DAY)
    await db.execute(
        "UPDATE reservation r SET state = {}, unit_id = CASE WHEN {} THEN o.unit_id END,"
        " out_at = CASE WHEN {} THEN now() END, cancelled_by = {} FROM occupancy o"
        " WHERE o.reservation_id = r.id AND r.id = {}",
        now.value,
        now in LOANS,
        now in LOANS,
        "lender" if now is ReservationState.CANCELLED else None,
        id,
    )
    verb = VERBS[then](librarian, id, await unit(tent, "Unit A"))
    if RESERVATION_MOVES.allows(now, then):
        await verb
        assert await state(id) == then.value
    else:
        with pytest.raises(IllegalMove):
            await verb
        assert await state(id) == now.value


# --- who may, and what the desk shows


async def test_only_those_who_lend_may_and_others_do_not_know(tent, lender):
    id = await a_reservation(tent, first=clock.today())
    member = acting(await a_person(), trustee=lender.id)
    for actor in ((await a_person()).actor, member):
        with pytest.raises(NotFound):
            await operations.take_back(actor, id, needs_repair=False)
    with pytest.raises(NotAllowed):
        await queries.desk(member, lender.id)
    coordinator = acting(await a_person(), coordinator=lender.id)
    await operations.hand_over(coordinator, id, unit_id=await unit(tent, "Unit A"))
    assert OrgRole.LIBRARIAN


async def test_the_desk_sorts_what_there_is_to_do(tent, site, librarian, lender):
    today, other = clock.today(), await a_thing(site, title="Drill", units=6)
    overdue = await a_loan(other, first=today - 3 * DAY, last=today - DAY)
    back_tomorrow = await a_loan(other, last=today + DAY)
    collect = await a_reservation(other, first=today)
    late = await a_reservation(other, first=today - DAY, last=today + DAY)
    coming = await a_reservation(other, first=today + 2 * DAY)
    await a_reservation(other, first=a_day(weeks=4))
    found = await queries.desk(librarian, lender.id)

    def ids(rows):
        return {row.reservation.id for row in rows}

    assert ids(found.overdue) == {overdue}
    assert ids(found.collections) == {collect, late}
    assert {row.reservation.id for row in found.collections if row.late} == {late}
    assert ids(found.returns) == set() and back_tomorrow not in ids(found.overdue)
    assert ids(found.coming) == {coming}


async def test_an_overdue_unit_puts_the_next_reservation_at_risk(site, librarian, lender):
    thing, today = await a_thing(site, units=1), clock.today()
    await a_loan(thing, first=today - 3 * DAY, last=today - DAY)
    next_one = await a_reservation(thing, first=today + DAY)
    after_that = await a_reservation(thing, first=today + 4 * DAY)
    found = await queries.desk(librarian, lender.id)
    risk = {row.reservation.id: row.at_risk for row in found.coming}
    assert risk == {next_one: True, after_that: False}


@pytest.mark.parametrize("q", ["vera", "TENT", "Unit A", "100%", "_"])
async def test_live_reservations_are_found_by_name_thing_or_unit(tent, librarian, lender, q):
    await a_loan(tent, (await a_person(name="Vera Volunteer")).id)
    found = (await queries.desk(librarian, lender.id, q)).found
    assert found is not None
    assert len(found) == (q not in {"100%", "_"})


async def test_looking_at_names_is_written_down(tent, librarian, lender):
    await operations.look(librarian, lender.id)
    count = "SELECT count(*) FROM personal_view WHERE subject_type = 'desk'"
    assert await db.fetch_value(count) == 0  # nobody was shown
    await a_reservation(tent, first=clock.today())
    await operations.look(librarian, lender.id)
    assert await db.fetch_value(count) == 1


async def test_a_scanned_code_finds_the_loan_it_is_out_on(tent, lender):
    id = await a_loan(tent)
    code = await db.fetch_value(
        "SELECT asset_code FROM unit u JOIN reservation r ON r.unit_id = u.id"
    )
    assert await queries.out_by_code(lender.id, code.upper()) == id
    assert await queries.out_by_code(lender.id, "") is None
    await a_unit(tent, number=7, asset_code="SHELF")
    assert await queries.out_by_code(lender.id, "SHELF") is None
