from datetime import UTC, datetime, timedelta

import pytest

from marketplace.accounts.passwords import HASHER, NOBODY, is_common
from marketplace.accounts.rules import (
    ABSOLUTE,
    IDLE,
    device,
    normalised_email,
    normalised_password,
    password_problem,
    session_end,
)

START = datetime(2027, 3, 4, 12, tzinfo=UTC)


def problem(password: str, *own: str, common: bool = False) -> str:
    return password_problem(password, common=common, own=own) or ""


def test_three_random_words_are_welcome():
    assert problem("teapot bicycle orchard", "Kim Osei", "kim.osei@example.org") == ""


def test_eight_characters_are_enough_and_seven_are_not():
    assert problem("vK3-pq9z") == ""
    assert "8 characters or more" in problem("vK3-pq9")


def test_more_than_256_characters_are_refused():
    assert problem("teapot bicycle " * 17) == ""
    assert "256 characters or fewer" in problem("teapot bicycle " * 18)


def test_a_common_password_is_refused():
    assert "Many people" in problem("teapot bicycle orchard", common=True)


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "ababababab", "112112112112"])
def test_few_different_characters_are_refused(password):
    assert "repeats" in problem(password)


@pytest.mark.parametrize(
    "password",
    [
        "kimberley1990",
        "OSEIkimberley!",
        "kimberley.osei@example.org",
        "Kimberley-Osei-99",
        "essextogether1",
    ],
)
def test_a_password_about_its_person_is_refused(password):
    own = ("Kimberley Osei", "kimberley.osei@example.org", "Essex Together")
    assert "too much like" in problem(password, *own)


def test_a_name_inside_a_long_password_is_allowed():
    assert problem("kimberley teapot bicycle", "Kimberley Osei") == ""


def test_short_words_of_a_name_forbid_nothing():
    assert problem("annex-42-lobby", "Ann Li") == ""


def test_the_bundled_list_knows_common_passwords_in_any_case():
    assert is_common("password1")
    assert is_common("PassWord1")
    assert not is_common("teapot bicycle orchard")


def test_the_bundled_list_is_long():
    from marketplace.accounts.passwords import _common

    assert len(_common()) >= 10_000


def test_two_spellings_of_an_accent_are_one_password():
    assert normalised_password("cafe\u0301 bicycle") == normalised_password("caf\u00e9 bicycle")


def test_nobodys_hash_costs_what_somebodys_does():
    assert HASHER.current_hasher.check_needs_rehash(NOBODY) is False
    assert HASHER.verify("", NOBODY) is False


def test_a_session_ends_after_two_weeks_unused():
    assert session_end(START, START) == START + IDLE == START + timedelta(days=14)


def test_a_session_in_use_ends_after_sixty_days():
    assert session_end(START, START + timedelta(days=50)) == START + ABSOLUTE
    assert timedelta(days=60) == ABSOLUTE


def test_addresses_differ_neither_by_case_nor_by_spaces():
    assert normalised_email("  Kim@Example.ORG ") == "kim@example.org"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/131.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
            " like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari on an iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox on a Mac",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/130.0.0.0 Safari/537.36",
            "Chrome on a Chromebook",
        ),
        ("", "An unknown browser"),
        ("curl/8", "An unknown browser"),
        ("Linux thing", "A browser on Linux"),
    ],
)
def test_a_browser_is_named_in_words(agent, words):
    assert device(agent) == words
