"""The town's library of things: enough of it, and nothing that could not have happened."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from tests.demo.test_town import NOWS

from marketplace.clock import LONDON
from marketplace.demo.loans import FOR_GOOD
from marketplace.demo.people import SIGN_INS
from marketplace.demo.shelves import MODELS, PLACES
from marketplace.demo.town import make_town
from marketplace.things import hours
from marketplace.things.categories import CATEGORIES
from marketplace.things.rules import loan_days

ACTIVE = {"held", "out", "turnaround", "blocked"}


@pytest.fixture(scope="module", params=NOWS, ids=lambda now: f"{now:%Y-%m-%d %H:%M}")
def now(request):
    return request.param


@pytest.fixture(scope="module")
def town(now):
    return make_town(now, "hash")


def _person(town, kind):
    email = next(each.email for each in SIGN_INS if each.kind == kind)
    return next(row["id"] for row in town["person"] if row["email"] == email)


def _hours(town):
    """Give a function of (site, day) as the product reads opening hours."""
    week, days = defaultdict(list), defaultdict(list)
    for row in town["opening_hours"]:
        week[row["site_id"], row["weekday"]].append((row["opens"], row["closes"]))
    for row in town["site_day"]:
        days[row["site_id"], row["day"]].append((row["opens"], row["closes"]))

    def read(site, day):
        dated = days.get((site, day))
        found = dated if dated is not None else week[site, day.isoweekday()]
        return sorted(each for each in found if each[0] is not None)

    return read


def test_there_is_enough_of_everything(town):
    assert len(town["site"]) == 6
    states = Counter(row["state"] for row in town["thing"])
    assert states["published"] == 250 and states["draft"] and states["withdrawn"]
    shown = [row for row in town["thing"] if row["state"] == "published"]
    assert {row["category"] for row in shown} == set(CATEGORIES)
    assert min(Counter(row["category"] for row in shown).values()) >= 8
    assert {row["kind"] for row in shown} == {"thing", "room", "vehicle"}
    units = Counter(row["thing_id"] for row in town["unit"])
    assert set(units) == {row["id"] for row in town["thing"]} and max(units.values()) <= 6
    assert 5 <= sum(row["state"] == "in_repair" for row in town["unit"]) <= 40
    loans = Counter(row["state"] for row in town["reservation"])
    assert loans["returned"] > 400 and min(loans.values()) >= 10 and len(loans) == 5


def test_words_are_those_of_the_shelves():
    assert {model.category for model in MODELS} == set(CATEGORIES)
    for model in MODELS:
        assert set(model.at) <= set(PLACES) and len(set(model.at)) == len(model.at)
        assert 0 < len(model.title) <= 120
        assert all(len(summary) <= 300 for summary in model.summaries)
    for place in PLACES.values():
        assert len([hours.parse(text) for text in place.week]) == 7


def test_no_unit_is_in_two_places_at_once(town):
    busy = defaultdict(list)
    for row in town["occupancy"]:
        if row["state"] in ACTIVE:
            until = row["blocked_until"]
            until = datetime.max.replace(tzinfo=UTC) if until == FOR_GOOD else until
            assert until > row["blocked_from"]
            busy[row["unit_id"]].append((row["blocked_from"], until))
    for periods in busy.values():
        periods.sort()
        for (_, end), (start, _) in pairwise(periods):
            assert end <= start


def test_occupancy_says_what_reservations_do(town):
    held = {row["reservation_id"]: row for row in town["occupancy"] if row["reservation_id"]}
    fitting = {
        "reserved": {"held"},
        "out": {"out"},
        "returned": {"turnaround", "released"},
        "cancelled": {"released"},
        "not_collected": {"released"},
    }
    units = {row["id"]: row["thing_id"] for row in town["unit"]}
    for row in town["reservation"]:
        occupied = held.pop(row["id"])
        assert occupied["state"] in fitting[row["state"]]
        assert occupied["thing_id"] == row["thing_id"] == units[occupied["unit_id"]]
        if row["unit_id"]:
            assert row["unit_id"] == occupied["unit_id"]
    assert not held
    blocked = {row["unit_id"] for row in town["occupancy"] if row["state"] == "blocked"}
    assert blocked == {row["id"] for row in town["unit"] if row["state"] == "in_repair"}


def test_loans_keep_to_the_hours_and_the_rules_of_the_thing(town, now):
    things = {row["id"]: row for row in town["thing"]}
    read = _hours(town)
    for row in town["reservation"]:
        thing = things[row["thing_id"]]
        first, last = (read(thing["site_id"], row[name]) for name in ("first_day", "last_day"))
        assert first and last, row
        opens, closes = row["starts_at"].astimezone(LONDON), row["ends_at"].astimezone(LONDON)
        assert (opens.date(), opens.time()) == (row["first_day"], first[0][0])
        assert (closes.date(), closes.time()) == (row["last_day"], last[-1][1])
        assert 1 <= loan_days(row["first_day"], row["last_day"]) <= thing["max_days"]
        assert thing["published_at"] <= row["reserved_at"] < now
        ahead = row["first_day"] - row["reserved_at"].astimezone(LONDON).date()
        assert thing["notice_days"] <= ahead.days <= thing["ahead_days"]


def test_everything_happened_in_its_order_and_none_of_it_ahead(town, now):
    for row in town["reservation"]:
        times = [row["reserved_at"], row["out_at"], row["returned_at"]]
        said = [at for at in times if at is not None]
        assert said == sorted(said) and said[-1] <= now
        assert (row["state"] in {"out", "returned"}) == (row["out_at"] is not None)
        assert (row["state"] == "returned") == (row["returned_at"] is not None)
        assert (row["state"] == "cancelled") == (row["cancelled_by"] is not None)
        if row["out_at"]:
            assert row["out_at"].astimezone(LONDON).date() >= row["first_day"]
            assert row["out_by"]
        if row["state"] == "reserved":
            assert row["ends_at"] > now


def test_the_librarians_desk_has_something_of_everything(town, now):
    today = now.astimezone(LONDON).date()
    librarian = _person(town, "Librarian")
    (place,) = {m["organisation_id"] for m in town["membership"] if m["person_id"] == librarian}
    live = [r for r in town["reservation"] if r["organisation_id"] == place]
    out = [r for r in live if r["state"] == "out"]
    assert any(r["last_day"] < today for r in out)
    assert sum(r["last_day"] == today for r in out) >= 3
    collections = [r for r in live if r["state"] == "reserved" and r["first_day"] <= today]
    assert len(collections) >= 4 and any(r["first_day"] < today for r in collections)
    week = today + timedelta(days=7)
    assert any(today < r["first_day"] <= week for r in live if r["state"] == "reserved")
    assert sum(r["condition_in"] != "" for r in live) >= 20


def test_few_loans_are_overdue_and_only_at_the_desk_that_shows_it(town, now):
    today = now.astimezone(LONDON).date()
    late = [r for r in town["reservation"] if r["state"] == "out" and r["last_day"] < today]
    assert len(late) == 1


def test_the_borrower_has_a_past_and_something_to_come(town):
    mine = _person(town, "Borrower")
    states = Counter(r["state"] for r in town["reservation"] if r["person_id"] == mine)
    assert states == {"returned": 2, "cancelled": 1, "out": 1, "reserved": 1}


def test_history_tells_what_the_tables_say(town):
    told = Counter(row["event"] for row in town["history"])
    states = Counter(row["state"] for row in town["reservation"])
    assert told["reservation.made"] == states.total()
    assert told["reservation.cancelled"] == states["cancelled"]
    assert told["reservation.not_collected"] == states["not_collected"]
    assert told["loan.handed_over"] == states["out"] + states["returned"]
    assert told["loan.returned"] == states["returned"]
    assert told["unit.added"] == len(town["unit"])
    assert told["thing.drafted"] == len(town["thing"])
    published = [row for row in town["thing"] if row["published_at"]]
    assert told["thing.published"] == len(published)


def test_codes_name_one_unit(town):
    codes = [
        (row["organisation_id"], row["asset_code"].lower())
        for row in town["unit"]
        if row["asset_code"]
    ]
    assert len(codes) == len(set(codes)) > 500


def test_nobody_repeats_themselves_much(town):
    said = Counter(row["summary"] for row in town["thing"])
    assert max(said.values()) <= 3
    assert len(said) > 180
