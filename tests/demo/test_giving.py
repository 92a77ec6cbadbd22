"""Volunteering of the town seen from inside: every state there is, and all of it allowed."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from marketplace.accounts.ages import age
from marketplace.accounts.consents.rules import may_have_digest
from marketplace.clock import LONDON
from marketplace.credentials.rules import Check
from marketplace.demo.claims import CODE
from marketplace.demo.scene import GARDEN, words
from marketplace.demo.town import make_town
from marketplace.offers.rules import expiry
from marketplace.permissions import OrgRole
from marketplace.volunteering.opportunities.rules import ACCESS, SUPPORT
from marketplace.volunteering.recognition.rules import read_code
from marketplace.volunteering.reminders.rules import Kind, due
from marketplace.volunteering.rules import OpportunityState, Timing
from marketplace.volunteering.safeguarding.rulebook import rules
from marketplace.volunteering.safeguarding.rules import (
    Duty,
    Frequency,
    Nation,
    Question,
    Workforce,
    advise,
    allow,
)

NOWS = [
    datetime(2026, 11, 24, 11, 30, tzinfo=UTC),
    datetime(2027, 3, 27, 23, 59, tzinfo=UTC),
    datetime(2026, 10, 10, 0, 0, tzinfo=UTC),
]


@pytest.fixture(scope="module", params=NOWS, ids=lambda now: f"{now:%Y-%m-%d %H:%M}")
def now(request):
    return request.param


@pytest.fixture(scope="module")
def town(now):
    return make_town(now, "hash")


def _priya(town):
    return next(row["id"] for row in town["person"] if row["name"] == "Priya Raman")


def _garden(town):
    return next(row["id"] for row in town["organisation"] if row["name"] == GARDEN)


def test_opportunities_are_in_every_state_and_of_every_timing(town):
    assert {row["state"] for row in town["opportunity"]} == set(OpportunityState)
    assert {row["timing"] for row in town["opportunity"]} == set(Timing)
    asked = [row for row in town["opportunity"] if row["asked_at"] and row["state"] == "open"]
    assert [bool(row["faded_at"]) for row in asked].count(True) == 1 < len(asked)
    assert sum(row["recheck_since"] is not None for row in town["opportunity"]) == 1


def test_only_untrusted_organisations_wait_for_a_moderator(town):
    untrusted = {row["id"] for row in town["organisation"] if row["trusted_at"] is None}
    waiting = [row for row in town["opportunity"] if row["state"] in {"submitted", "needs_work"}]
    assert len(waiting) == 3
    assert {row["organisation_id"] for row in waiting} <= untrusted
    assert all(row["submitted_at"] and not row["published_at"] for row in waiting)
    assert all(row["moderator_note"] for row in waiting if row["state"] == "needs_work")


def test_most_say_who_can_come_and_none_contradicts_itself(town):
    there = [row for row in town["opportunity"] if not row["remote"]]
    said = [row for row in there if row["access"]]
    assert len(said) > len(there) * 0.7
    for row in town["opportunity"]:
        assert set(row["access"]) <= set(ACCESS) and set(row["support"]) <= set(SUPPORT)
        if "one step at the entrance" in row["getting_there"]:
            assert "step-free" not in row["access"]
        if "Bus fares" in row["expenses"]:
            assert row["expenses_paid"] == "travel"


def test_some_have_several_roles_with_shifts_of_their_own(town):
    roles = Counter(row["opportunity_id"] for row in town["role"])
    assert 30 < sum(count > 1 for count in roles.values()) < 120
    second = {row["id"] for row in town["role"] if row["position"] == 1}
    assert second & {row["role_id"] for row in town["shift"]}


def test_series_are_the_shifts_that_they_say(town):
    assert len(town["series"]) == 40
    first = {row["id"]: row for row in town["series"]}
    for row in town["shift"]:
        if row["series_id"] is None:
            assert row["series_start"] is None
            continue
        series = first[row["series_id"]]
        assert row["series_start"] == row["local_start"]
        assert row["local_start"].time() == series["start_time"]
        assert series["first_day"] <= row["local_start"].date() <= series["planned_until"]
        weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[row["local_start"].weekday()]
        assert series["rule"].endswith(f"BYDAY={weekday}")


def test_shifts_of_the_next_two_weeks_are_short(town, now):
    soon = [
        row
        for row in town["shift"]
        if now < row["starts_at"] < now + timedelta(days=14) and row["taken"] < row["least_needed"]
    ]
    assert len(soon) >= 10
    of_garden = {
        row["id"] for row in town["opportunity"] if row["organisation_id"] == _garden(town)
    }
    assert of_garden & {row["opportunity_id"] for row in soon}


def test_a_place_is_kept_for_priya_and_others_wait_behind_her(town, now):
    queues = {row["id"]: row for row in town["offer_queue"]}
    shifts = {row["id"]: row for row in town["shift"]}
    (offer,) = (row for row in town["offer_entry"] if row["state"] == "offered")
    shift = shifts[queues[offer["queue_id"]]["subject_id"]]
    assert offer["person_id"] == _priya(town) and offer["expires_at"] > now
    assert offer["expires_at"] == expiry(offer["offered_at"], shift["starts_at"], LONDON)
    behind = [row for row in town["offer_entry"] if row["queue_id"] == offer["queue_id"]]
    assert len(behind) == 3
    for row in queues.values():
        shift = shifts[row["subject_id"]]
        assert shift["taken"] + shift["held"] == shift["places"]
    booked = {(row["shift_id"], row["person_id"]) for row in town["booking"]}
    for row in town["offer_entry"]:
        assert (queues[row["queue_id"]]["subject_id"], row["person_id"]) not in booked
    kept = sum(row["held"] for row in town["volunteer_group"])
    assert sum(row["held"] for row in town["shift"]) == 1 + kept


def test_whoever_has_a_place_in_a_screened_role_was_approved_before(town):
    roles = {row["role_id"] for row in town["role_screening"]}
    shifts = {row["id"]: row["role_id"] for row in town["shift"]}
    approved = {
        (row["role_id"], row["person_id"]): row["decided_at"]
        for row in town["role_application"]
        if row["state"] == "approved"
    }
    for row in town["booking"]:
        role = shifts[row["shift_id"]]
        if role in roles and row["state"] != "cancelled":
            assert approved[role, row["person_id"]] <= row["booked_at"]


def test_applications_are_in_every_state_and_one_waits_at_the_garden(town):
    states = Counter(row["state"] for row in town["role_application"])
    assert set(states) == {"draft", "submitted", "approved", "declined", "withdrawn"}
    waiting = [row for row in town["role_application"] if row["state"] == "submitted"]
    assert _garden(town) in {row["organisation_id"] for row in waiting}
    assert _priya(town) in {row["person_id"] for row in waiting}
    assert {row["state"] for row in town["referee"]} == {"given", "asked"}
    decided = {row["application_id"] for row in town["screening_decision"]}
    assert decided == {
        row["id"] for row in town["role_application"] if row["state"] in {"approved", "declined"}
    }


def test_checks_are_lawful_and_seen_of_all_who_help(town, now):
    today = now.astimezone(LONDON).date()
    shifts = {row["id"]: row["role_id"] for row in town["shift"]}
    for row in town["role_check"]:
        question = Question(
            Nation(row["nation"]),
            Workforce(row["workforce"]),
            frozenset(map(Duty, row["duties"])),
            Frequency(row["frequency"]),
            row["supervised"],
        )
        assert allow(advise(rules(), question, row["judged_on"]), Check(row["level"]))
        seen = {
            each["person_id"]
            for each in town["credential"]
            if each["organisation_id"] == row["organisation_id"] and each["level"] == row["level"]
        }
        helping = {
            each["person_id"]
            for each in town["booking"]
            if shifts[each["shift_id"]] == row["role_id"] and each["state"] != "cancelled"
        }
        assert helping <= seen
    ends = [row["holds_until"] for row in town["credential"]]
    assert any(today < end <= today + timedelta(days=30) for end in ends)
    assert len({row["organisation_id"] for row in town["credential"]}) == 2


def test_people_write_about_their_own_bookings_and_nothing_lies_ahead(town, now):
    bookings = {row["id"]: row for row in town["booking"]}
    threads = {row["id"]: row for row in town["message_thread"]}
    staff = {(row["organisation_id"], row["person_id"]) for row in town["membership"]}
    assert len(threads) == 4
    for row in threads.values():
        assert row["person_id"] == bookings[row["subject_id"]]["person_id"]
    for row in town["message"]:
        thread = threads[row["thread_id"]]
        if row["side"] == "person":
            assert row["author_id"] == thread["person_id"]
        else:
            assert (thread["organisation_id"], row["author_id"]) in staff
        assert row["sent_at"] <= now
    assert len(town["message_report"]) == 1


def test_on_any_day_one_guardian_agreed_and_another_is_asked(town):
    assert Counter(row["state"] for row in town["guardian_consent"]) == {"given": 1, "asked": 1}


def test_consents_have_evidence_and_some_were_withdrawn(town):
    assert 40 < sum(row["agreed"] for row in town["consent"] if row["organisation_id"]) < 200
    assert any(not row["agreed"] for row in town["consent"])
    assert all(row["evidence"] and row["wording"] for row in town["consent"] if row["agreed"])


def test_no_reminder_is_left_to_catch_up_with(town, now):
    sent = {(row["booking_id"], row["kind"]) for row in town["reminder"]}
    assert len(sent) == len(town["reminder"]) > 0
    for row in town["booking"]:
        if row["state"] == "confirmed":
            for kind in Kind:
                starts_at = row["period"].lower
                if due(kind, row["booked_at"], starts_at, now, LONDON):
                    assert (row["id"], kind.value) in sent
    assert all(row["at"] <= now for row in town["reminder"])


def test_the_weekly_mail_goes_to_some_who_asked_and_to_nobody_young(town, now):
    asked = {row["person_id"] for row in town["consent"] if row["purpose"] == "digest"}
    people = {row["id"]: row for row in town["person"]}
    assert len(asked) > 20
    for person in map(people.__getitem__, asked):
        assert person["email_confirmed_at"] and may_have_digest(person["born_on"], now.date())


def test_hours_are_disputed_from_both_sides_and_claimed(town):
    disputed = [row for row in town["hours"] if row["state"] == "disputed"]
    assert {row["disputed_by"] for row in disputed} == {"volunteer", "organisation"}
    claimed = [row for row in town["hours"] if row["booking_id"] is None]
    assert {row["state"] for row in claimed} == {"proposed", "confirmed"}


def test_expenses_wait_and_are_decided_by_others(town):
    assert {row["state"] for row in town["expense"]} >= {"submitted", "approved", "paid"}
    may = {
        row["person_id"]
        for row in town["membership"]
        if row["role"] in {OrgRole.OWNER, OrgRole.FINANCE}
    }
    for row in town["expense"]:
        assert row["decided_by"] is None or row["decided_by"] in may - {row["person_id"]}


def test_the_statement_says_what_was_confirmed(town):
    (statement,) = town["statement"]
    assert statement["code"] == CODE == read_code(CODE)
    confirmed = [
        row["minutes"]
        for row in town["hours"]
        if row["person_id"] == statement["person_id"] and row["state"] == "confirmed"
    ]
    assert statement["minutes"] == sum(row["minutes"] for row in town["statement_line"])
    assert 0 < statement["minutes"] <= sum(confirmed)


def test_a_visit_is_proposed_to_somebody_who_was_there(town, now):
    (visit,) = town["visit"]
    assert visit["state"] == "proposed" and visit["volunteer_id"] == _priya(town)
    assert visit["first_day"] > now.date()
    place = next(row for row in town["opportunity"] if row["id"] == visit["opportunity_id"])
    assert (place["timing"], place["state"]) == ("arranged", "open")
    came = {row["organisation_id"] for row in town["booking"] if row["person_id"] == _priya(town)}
    assert visit["organisation_id"] in came


def test_words_lead_to_what_there_is():
    groups = {each["group"] for each in (*words()["life"], *words()["screened"], *words()["check"])}
    assert groups | set(words()["untrusted"]) <= {
        row["name"] for row in make_town(NOWS[0], "hash")["organisation"]
    }


def test_a_captain_keeps_places_and_somebody_has_accepted(town, now):
    groups = {row["id"]: row for row in town["volunteer_group"]}
    assert {row["kind"] for row in groups.values()} == {"employer", "club"}
    states = Counter(row["state"] for row in town["group_seat"])
    assert states["named"] >= 2 and states["accepted"] == states["declined"] == 1
    bookings = {row["id"]: row for row in town["booking"]}
    for row in town["group_seat"]:
        assert (row["booking_id"] in bookings) == (row["state"] == "accepted")
    held = {row["id"]: row["held"] for row in town["shift"]}
    for row in groups.values():
        assert row["lapses_at"] > now and 0 < row["held"] <= held[row["shift_id"]]


def test_whoever_has_no_mail_is_booked_for_and_told(town):
    people = {row["id"]: row for row in town["person"] if row["assisted_at"]}
    assert len(people) == len(town["assisted_person"]) == 2
    assert all(row["email"] is None for row in people.values())
    assert {bool(row["told_at"]) for row in town["to_tell"]} == {True, False}
    assert {row["person_id"] for row in town["to_tell"]} == set(people)


def test_worries_have_a_record_and_go_where_they_belong(town, now):
    assert {row["state"] for row in town["concern"]} == {"new", "in_hand", "closed"}
    assert {row["kind"] for row in town["concern_note"]} == {"note", "answer", "addition"}
    leads = {row["person_id"] for row in town["safeguarding_lead"]}
    for row in town["concern"]:
        assert row["for_place"] == (row["about_leads"] != "no") == bool(row["kept_from"])
        assert set(row["kept_from"]) <= leads
        for at in (row["raised_at"], row["taken_at"], row["closed_at"]):
            assert at is None or at <= now
    assert all(row["at"] <= now for row in town["concern_note"])


def test_somebody_was_missed_and_safe_and_others_go_alone(town, now):
    starts = {row["id"]: row["starts_at"] for row in town["shift"]}
    ahead = [row for row in town["lone_mark"] if starts[row["shift_id"]] > now]
    assert ahead and all(starts[row["shift_id"]] > now + timedelta(days=1) for row in ahead)
    (watch,) = town["lone_watch"]
    assert watch["reminded_at"] < watch["alerted_at"] < watch["safe_at"] <= now


def test_a_place_is_in_question_and_the_coordinator_may_keep_it(town, now):
    (doubt,) = town["place_doubt"]
    booking = next(row for row in town["booking"] if row["id"] == doubt["booking_id"])
    shift = next(row for row in town["shift"] if row["id"] == booking["shift_id"])
    role = next(row for row in town["role"] if row["id"] == shift["role_id"])
    young = next(row for row in town["person"] if row["id"] == booking["person_id"])
    assert doubt["day"] == shift["local_start"].date() and shift["starts_at"] > now
    assert age(young["born_on"], doubt["day"]) < role["minimum_age"] == doubt["minimum_age"]
    assert booking["booked_at"] < doubt["raised_at"] <= now
    assert role["id"] in {row["role_id"] for row in town["named_adult"]}
