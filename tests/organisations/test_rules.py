from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import IllegalMove
from marketplace.organisations import rules
from marketplace.organisations.rules import (
    INVITATION_MOVES,
    ORGANISATION_MOVES,
    Details,
    InvitationState,
    State,
)

LEGAL = {
    ("draft", "submitted"),
    ("draft", "closed"),
    ("submitted", "needs_work"),
    ("submitted", "approved"),
    ("submitted", "refused"),
    ("submitted", "closed"),
    ("needs_work", "submitted"),
    ("needs_work", "refused"),
    ("needs_work", "closed"),
    ("approved", "suspended"),
    ("approved", "closed"),
    ("suspended", "approved"),
    ("suspended", "closed"),
}


@pytest.mark.parametrize(("now", "then"), list(product(State, State)))
def test_every_state_against_every_move_of_a_registration(now, then):
    if (now.value, then.value) in LEGAL:
        assert ORGANISATION_MOVES.check(now, then) is then
    else:
        with pytest.raises(IllegalMove):
            ORGANISATION_MOVES.check(now, then)


@pytest.mark.parametrize(("now", "then"), list(product(InvitationState, InvitationState)))
def test_every_state_against_every_move_of_an_invitation(now, then):
    legal = now is InvitationState.OPEN and then is not InvitationState.OPEN
    assert INVITATION_MOVES.allows(now, then) is legal


def test_the_states_that_have_ended_are_those_that_nothing_follows():
    assert {state for state in State if ORGANISATION_MOVES.final(state)} == rules.ENDED


def test_a_bare_name_lacks_all_else_a_moderator_needs():
    assert rules.missing(Details(name="Witham Wheelers")) == [
        "summary",
        "causes",
        "postcode",
        "contact_email",
    ]


def test_nothing_is_missing_without_website_telephone_and_address():
    details = Details("A", "B", "", ("environment",), "", "", "CM8 1AA", "", "a@example.org", "")
    assert rules.missing(details) == []


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("1234567", "1234567"),
        (" 12 34 567 ", "1234567"),
        ("sc012345", "SC012345"),
        ("NIC 100002", "NIC100002"),
        ("1234567-2", "1234567-2"),
        ("1234", None),
        ("123456789", None),
        ("١٢٣٤٥٦٧", None),
        ("abc", None),
        ("", None),
    ],
)
def test_charity_numbers(typed, written):
    assert rules.charity_number(typed) == written


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("01234567", "01234567"),
        ("1234567", "01234567"),
        ("sc123456", "SC123456"),
        ("12345", None),
        ("١٢٣٤٥٦٧", None),
        ("CIC", None),
    ],
)
def test_company_numbers(typed, written):
    assert rules.company_number(typed) == written


@given(st.text(max_size=60))
def test_numbers_of_any_text_are_in_one_written_form_or_none(text):
    for read in (rules.charity_number, rules.company_number):
        number = read(text)
        assert number is None or (number.isascii() and read(number) == number)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The Witham Wheelers Ltd", "WITHAM WHEELERS", True),
        ("St John’s Hall", "St Johns Hall", True),
        ("Witham Wheelers", "Braintree Wheelers", False),
        ("Wheelers of Witham", "Witham Wheelers", False),
    ],
)
def test_names_are_compared_as_people_would(one, other, same):
    assert rules.same_name(one, other) is same


def test_postcodes_are_compared_without_spaces_and_case():
    assert rules.same_postcode("cm11aa", "CM1 1AA")
    assert not rules.same_postcode("CM1 1AB", "CM1 1AA")


@pytest.mark.parametrize("state", State)
def test_who_may_invite_one_more(state):
    few, many = rules.INVITATIONS_BEFORE_APPROVAL - 1, rules.INVITATIONS_BEFORE_APPROVAL
    working = state in {State.DRAFT, State.SUBMITTED, State.NEEDS_WORK, State.APPROVED}
    assert rules.may_invite(state, few) is working
    assert rules.may_invite(state, many) is (state is State.APPROVED)


def test_an_invitation_is_half_open_in_time():
    end = datetime(2027, 3, 4, 12, tzinfo=UTC)
    assert rules.expired(end, end)
    assert not rules.expired(end, end - timedelta(microseconds=1))


def test_an_address_is_masked_but_known_to_its_owner():
    assert rules.masked("sam.smith@example.org") == "s…@example.org"


@pytest.mark.parametrize(
    ("official", "shown"),
    [
        ("THE FRIENDS OF MALDON LIBRARY", "The Friends of Maldon Library"),
        ("WITHAM BARGE CIO (FRIENDS OF)", "Witham Barge CIO (Friends of)"),
        ("ST JOHN'S HALL", "St John's Hall"),
        ("MID-ESSEX CARERS", "Mid-Essex Carers"),
        ("Maldon Menders", "Maldon Menders"),
        ("", ""),
    ],
)
def test_names_in_capitals_are_written_as_people_would(official, shown):
    assert rules.readable(official) == shown
