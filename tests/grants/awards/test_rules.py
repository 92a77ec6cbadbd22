"""What may be awarded, and what may be said of it in public: no database."""

from datetime import date

import pytest
from tests.grants.scene import grant

from marketplace.errors import Conflict
from marketplace.grants.awards import rules
from marketplace.grants.awards.rules import Limits

LIMITS = Limits(asked=400_000, least=50_000, most=500_000)


def field_of(**changes) -> str | None:
    try:
        rules.check(grant(**changes), LIMITS)
    except Conflict as conflict:
        return conflict.field or "none"
    return None


@pytest.mark.parametrize(
    ("amount", "refused"),
    [(50_000, False), (400_000, False), (49_999, True), (400_001, True), (0, True)],
)
def test_an_award_lies_within_what_was_asked_and_what_the_round_gives(amount, refused):
    assert (field_of(amount=amount) == "amount") is refused


def test_the_round_bounds_it_also_where_more_was_asked():
    limits = Limits(asked=900_000, least=0, most=500_000)
    assert rules.amount_problem(500_001, limits) is not None
    assert rules.amount_problem(500_000, limits) is None


@pytest.mark.parametrize(
    "text",
    ["Ask jo@example.org", "Ring 01245 123456", "Ring +44 7700 900123", "(01245) 123456"],
)
def test_addresses_and_numbers_of_people_are_refused_in_public(text):
    assert field_of(title=text) == "title"
    assert field_of(description=text) == "description"


@pytest.mark.parametrize(
    "text",
    ["£1,250,000 for 2027", "Charity 1123456", "A bus at 18:30 @ the hall", "12345678901234567"],
)
def test_other_figures_are_left_alone(text):
    assert rules.contact_in(text) is None
    assert rules.without_contacts(text) == text


def test_contacts_are_taken_out():
    assert rules.without_contacts("Ask jo@example.org or 01245 123456.") == (
        "Ask [removed] or [removed]."
    )


def test_the_dates_run_forwards():
    assert field_of(ends_on=date(2026, 12, 31)) == "ends_on"
    assert field_of(ends_on=None) is None
    assert field_of(starts_on=None) is None


def test_what_is_left_is_said():
    assert "£1,250" in rules.left_words(125_000)
    assert "Nothing is left" in rules.left_words(0)
