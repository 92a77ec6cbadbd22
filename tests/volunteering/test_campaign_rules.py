"""What counts as one opportunity, and what may be a figure, without a database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.volunteering.campaigns import charts
from marketplace.volunteering.campaigns.rules import (
    LEAST_PEOPLE,
    Hours,
    Medal,
    Progress,
    key,
    league,
    medals,
    normalised,
    populations,
)

CHELMSFORD, MALDON = "E07000070", "E07000074"


@pytest.mark.parametrize(
    "split",
    [
        "Garden Helper 1",
        "Garden helpers (Monday)",
        "Garden helper - Tuesday mornings",
        "The garden helper, 2nd team",
        "GARDEN HELPERS: Sat afternoon shift",
        "Garden volunteers",
    ],
)
def test_splitting_one_role_into_five_leaves_one(split):
    assert normalised(split) == normalised("Garden helper")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Garden helper", "Kitchen helper"), ("Driver", "Driver's mate"), ("Tutor", "Treasurer")],
)
def test_other_work_is_another_role(one, other):
    assert normalised(one) != normalised(other)


def test_the_same_role_elsewhere_or_at_another_organisation_is_another_opportunity():
    assert key("Driver", "a", "cm1") == key("Drivers", "a", "CM1")
    assert (
        len({key("Driver", "a", "CM1"), key("Driver", "b", "CM1"), key("Driver", "a", "CM2")}) == 3
    )


@given(st.text(max_size=60))
def test_any_title_has_a_form_and_it_is_its_own(title):
    assert normalised(normalised(title)) == normalised(title)


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=30), st.integers(0, 99))
def test_a_number_behind_a_title_never_makes_another(title, number):
    assert normalised(f"{title} {number}") == normalised(title)


def test_progress_is_the_way_from_the_baseline_to_twice_as_many():
    assert Progress(40, 60).percent == 50
    assert Progress(40, 30).percent == 0
    assert Progress(0, 5).percent is None


def test_places_are_compared_by_head():
    rows = league({CHELMSFORD: (100, 50), MALDON: (60, 50), "E99999999": (900, 1)})
    assert [row.name for row in rows] == ["Maldon", "Chelmsford"]
    assert round(rows[0].per_head, 2) == round(60 * 10_000 / 66_200, 2)
    assert [row.medal for row in rows] == [Medal.GOLD, Medal.SILVER]


def test_as_good_shares_a_medal_and_nothing_wins_none():
    assert medals([3, 3, 2, 1, 0]) == [Medal.GOLD, Medal.GOLD, Medal.BRONZE, None, None]


def test_every_district_has_its_residents():
    assert len(populations()) == 14


@given(st.integers(0, LEAST_PEOPLE - 1), st.integers(0, 10_000))
def test_there_is_never_a_figure_from_fewer_than_five_people(people, minutes):
    hours = Hours(minutes, people, 10)
    assert (hours.hours, hours.a_head, hours.percent) == (None, None, None)


def test_teams_are_compared_by_hours_a_head():
    assert Hours(600, 5, 20).a_head == 2.0
    assert Hours(600, 5, 20).percent == 50


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30), st.integers(0, 300))
def test_a_chart_stays_inside_its_frame(counts, baseline):
    days = [(date(2027, 1, 1 + index), count) for index, count in enumerate(counts)]
    drawn = charts.line(days, date(2027, 1, 1), date(2027, 1, 31), baseline)
    assert drawn
    for point in drawn.points.split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= charts.WIDTH
        assert 0 <= y <= charts.HEIGHT
