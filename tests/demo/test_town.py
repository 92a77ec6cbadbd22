"""The generator alone: enough of everything, believable, and the same town from the same number."""

import calendar
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from marketplace import places, taxonomies
from marketplace.clock import LONDON
from marketplace.demo.groups import GROUPS
from marketplace.demo.people import SIGN_INS
from marketplace.demo.roles import ROLES
from marketplace.demo.town import make_town
from marketplace.organisations.rules import Kind, State
from marketplace.permissions import OrgRole
from marketplace.places.seed import DISTRICTS

WEEKDAYS = [name.lower() for name in calendar.day_name]
# Ordinary days, both clock changes within reach, a leap day, and the last moment of a year.
NOWS = [
    datetime(2026, 11, 24, 11, 30, tzinfo=UTC),
    datetime(2027, 3, 20, 23, 59, tzinfo=UTC),
    datetime(2026, 10, 10, 0, 0, tzinfo=UTC),
    datetime(2028, 2, 28, 9, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 28, 10, 0, tzinfo=UTC),  # the garden's shift begins this minute
]


@pytest.fixture(scope="module", params=NOWS, ids=lambda now: f"{now:%Y-%m-%d %H:%M}")
def now(request):
    return request.param


@pytest.fixture(scope="module")
def town(now):
    return make_town(now, "hash")


def test_there_is_enough_of_everything(town, now):
    organisations = Counter(row["state"] for row in town["organisation"])
    assert organisations[State.APPROVED] >= 60
    assert sum(row["trusted_at"] is None for row in town["organisation"] if row["approved_at"]) == 2
    assert organisations[State.SUBMITTED] and organisations[State.NEEDS_WORK]
    assert organisations[State.DRAFT] and organisations[State.REFUSED]
    ahead = {
        row["opportunity_id"]
        for row in town["shift"]
        if row["starts_at"] > now and row["state"] == "planned"
    }
    open_ = {row["id"] for row in town["opportunity"] if row["state"] == "open"}
    assert len(ahead & open_) >= 300
    assert len(town["person"]) >= 300
    assert {row["role"] for row in town["membership"]} == {role.value for role in OrgRole}
    assert {row["kind"] for row in town["organisation"]} == {kind.value for kind in Kind}
    assert {row["state"] for row in town["invitation"]} == {
        "open",
        "accepted",
        "declined",
        "withdrawn",
    }
    bookings = Counter(row["state"] for row in town["booking"])
    assert min(bookings.values()) >= 50 and len(bookings) == 4
    hours = Counter(row["state"] for row in town["hours"])
    assert hours["confirmed"] > hours["proposed"] > 10


def test_every_district_takes_part(town):
    towns = {row["town"] for row in town["organisation"] if row["state"] == State.APPROVED}
    found = {places.resolve(name).district for name in towns}
    assert found == set(DISTRICTS)


def test_shifts_reach_eight_weeks_ahead_and_no_further(town, now):
    starts = [row["starts_at"] for row in town["shift"]]
    assert max(starts) > now + timedelta(weeks=7)
    assert max(starts) < now + timedelta(weeks=9)
    assert min(starts) < now - timedelta(weeks=4)


def test_wall_times_and_instants_agree(town):
    for row in town["shift"]:
        local = row["starts_at"].astimezone(LONDON)
        assert local.replace(tzinfo=None) == row["local_start"]
        assert row["ends_at"] > row["starts_at"]


def test_taken_is_the_number_of_live_bookings(town):
    live = Counter(row["shift_id"] for row in town["booking"] if row["state"] != "cancelled")
    for row in town["shift"]:
        assert row["taken"] == live[row["id"]] <= row["places"] - row["held"]


def test_nobody_is_in_two_places_at_once(town):
    busy = defaultdict(list)
    for row in town["booking"]:
        if row["state"] in {"confirmed", "attended"}:
            busy[row["person_id"]].append((row["period"].lower, row["period"].upper))
    for periods in busy.values():
        periods.sort()
        for (_, end), (start, _) in pairwise(periods):
            assert end <= start


def test_outcomes_are_of_the_past_and_hours_of_those_who_came(town, now):
    ends = {row["id"]: row["ends_at"] for row in town["shift"]}
    bookings = {row["id"]: row for row in town["booking"]}
    for row in bookings.values():
        if row["state"] in {"attended", "no_show"}:
            assert ends[row["shift_id"]] <= now
        assert row["booked_at"] <= now
    attended = {id for id, row in bookings.items() if row["state"] == "attended"}
    assert {row["booking_id"] for row in town["hours"] if row["booking_id"]} == attended


def test_nothing_in_history_lies_ahead_and_it_is_in_order(town, now):
    times = [row["at"] for row in town["history"]]
    assert times == sorted(times)
    assert times[-1] <= now


def test_history_tells_what_the_tables_say(town):
    told = Counter(row["event"] for row in town["history"])
    assert told["booking.made"] == len(town["booking"])
    assert told["shift.planned"] == len(town["shift"])
    states = Counter(row["state"] for row in town["booking"])
    assert told["booking.cancelled"] == states["cancelled"]
    assert told["attendance.marked"] == states["attended"] + states["no_show"]
    of_rosters = [row for row in town["hours"] if row["booking_id"]]
    confirmed = [row for row in of_rosters if row["state"] == "confirmed"]
    assert told["hours.confirmed"] == len(confirmed)
    approved = [row for row in town["organisation"] if row["state"] == "approved"]
    assert told["organisation.approved"] == len(approved)
    published = [row for row in town["opportunity"] if row["published_at"]]
    assert told["opportunity.published"] == len(published)


def test_history_holds_no_personal_values(town):
    names = {row["name"] for row in town["person"]} | {row["email"] for row in town["person"]}
    for row in town["history"]:
        assert not names & {value for value in row["data"].values() if isinstance(value, str)}


def test_a_garden_near_cm1_has_free_places_and_one_shift_its_last(town, now):
    garden = next(row for row in town["opportunity"] if "Gardening" in row["title"])
    assert garden["state"] == "open"
    assert garden["postcode"].startswith("CM1 ")
    shifts = [
        row
        for row in town["shift"]
        if row["opportunity_id"] == garden["id"]
        and row["starts_at"] > now
        and row["state"] == "planned"
    ]
    shifts.sort(key=lambda row: row["starts_at"])
    assert shifts[0]["places"] - shifts[0]["taken"] == 1
    assert all(row["taken"] < row["places"] for row in shifts)


def test_some_shifts_are_full(town, now):
    full = [r for r in town["shift"] if r["starts_at"] > now and r["taken"] == r["places"]]
    assert len(full) >= 5


def test_the_volunteer_has_a_past_and_something_to_come(town):
    mine = next(row["id"] for row in town["person"] if row["email"] == SIGN_INS[0].email)
    states = Counter(row["state"] for row in town["booking"] if row["person_id"] == mine)
    assert states["attended"] >= 2 and states["confirmed"] >= 2 and states["cancelled"] == 1


def test_names_are_unique_and_numbers_impossible(town):
    for table, column in (("person", "email"), ("organisation", "name")):
        # Whoever is told by letter or phone has no address.
        values = [row[column] for row in town[table] if row[column]]
        assert len(values) == len(set(values))
    numbers = [row["charity_number"] for row in town["organisation"] if row["charity_number"]]
    assert len(numbers) == len(set(numbers))
    assert all(9_900_000 <= int(number) <= 9_999_999 for number in numbers)


def test_nobody_repeats_themselves_much(town):
    said = Counter(row["summary"] for row in town["opportunity"])
    assert max(said.values()) <= 5
    assert sum(1 for count in said.values() if count == 1) > len(said) / 2


def test_no_slot_is_left_open(town):
    for row in town["opportunity"]:
        for column in ("title", "summary", "description", "place_name"):
            assert "{" not in row[column], row[column]


def test_addresses_lead_nowhere_real(town):
    addresses = [row["email"] for row in town["person"] if not row["assisted_at"]]
    assert all(email.endswith("@example.org") for email in addresses)
    assert all(row["contact_email"].endswith(".example.org") for row in town["organisation"])


def test_the_same_number_gives_the_same_town():
    assert make_town(NOWS[0], "hash") == make_town(NOWS[0], "hash")


def test_words_are_those_of_the_taxonomies():
    for role in ROLES.values():
        assert set(role.causes) <= set(taxonomies.CAUSES)
        assert set(role.skills) <= set(taxonomies.SKILLS)
        assert len(role.wordings) == 3 and role.bodies
    for group in GROUPS:
        assert set(group.causes) <= set(taxonomies.CAUSES)
        assert set(group.roles) <= set(ROLES)
        assert places.resolve(group.town) and places.outward_code(group.outward)


def test_a_weekday_that_is_named_is_the_day_of_the_shifts(town):
    days = defaultdict(set)
    for row in town["shift"]:
        days[row["opportunity_id"]].add(f"{row['local_start']:%A}".lower())
    named = 0
    for row in town["opportunity"]:
        said = f"{row['title']} {row['summary']}".lower()
        wanted = {day for day in WEEKDAYS if day in said}
        if wanted and days[row["id"]]:
            named += 1
            assert days[row["id"]] <= wanted, row["title"]
    assert named >= 10
