"""Ages by the calendar, the scope and the end of a consent, and every reason: pure."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from marketplace.accounts.ages import Band, age, band, birthday, problem
from marketplace.volunteering.guardians import rules
from marketplace.volunteering.guardians.rules import Code, Consent, ConsentState, Facts

BORN = date(2011, 3, 4)
DAY = date(2027, 6, 1)  # 16
ROLE, OTHER = uuid4(), uuid4()
GIVEN = ConsentState.GIVEN


@pytest.mark.parametrize(
    ("day", "years"),
    [(date(2027, 3, 3), 15), (date(2027, 3, 4), 16), (date(2028, 3, 3), 16)],
)
def test_an_age_is_reached_on_the_birthday(day, years):
    assert age(BORN, day) == years


def test_born_on_29_february_is_a_year_older_on_1_march():
    leap = date(2012, 2, 29)
    assert [age(leap, date(2030, 2, 28)), age(leap, date(2030, 3, 1))] == [17, 18]
    assert age(leap, date(2028, 2, 29)) == 16
    assert birthday(leap, 18) == date(2030, 3, 1)
    assert birthday(leap, 16) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        (12, Band.UNDER_13),
        (13, Band.FROM_13),
        (15, Band.FROM_13),
        (16, Band.FROM_16),
        (17, Band.FROM_16),
        (18, Band.ADULT),
    ],
)
def test_organisations_see_a_band(years, expected):
    assert band(date(2027 - years, 6, 1), DAY) is expected


def test_under_13_has_no_account_of_their_own():
    assert "under 13" in str(problem(date(2014, 6, 2), DAY))
    assert problem(date(2014, 6, 1), DAY) is None
    assert problem(date(2028, 1, 1), DAY) and problem(date(1900, 1, 1), DAY)


def codes(**given):
    facts = {
        "born_on": BORN,
        "day": DAY,
        "role_id": ROLE,
        "minimum_age": 14,
        "organisation": "Wheelers",
        "checked": False,
        "adult_named": True,
        "consents": [Consent(GIVEN, ROLE, DAY + timedelta(days=1))],
    }
    return [reason.code for reason in rules.against(Facts(**(facts | given)))]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"minimum_age": 17}, [Code.TOO_YOUNG]),
        ({"born_on": date(2009, 6, 1), "consents": [], "adult_named": False}, []),
        ({"born_on": date(2009, 6, 2), "consents": []}, [Code.NO_CONSENT]),
        ({"minimum_age": 21, "born_on": date(2008, 6, 1)}, [Code.TOO_YOUNG]),
        ({"adult_named": False}, [Code.NAMED_ADULT]),
        ({"checked": True}, []),
        ({"checked": True, "born_on": date(2011, 6, 2)}, [Code.CHECK_AGE]),
        ({"consents": []}, [Code.NO_CONSENT]),
        ({"consents": [Consent(ConsentState.WITHDRAWN, ROLE)]}, [Code.NO_CONSENT]),
        ({"consents": [Consent(ConsentState.ASKED, ROLE)]}, [Code.CONSENT_WAITS]),
        ({"consents": [Consent(ConsentState.REFUSED, ROLE)]}, [Code.CONSENT_REFUSED]),
        ({"consents": [Consent(GIVEN, OTHER, date(2028, 1, 1))]}, [Code.OUT_OF_SCOPE]),
        ({"consents": [Consent(GIVEN, None, date(2028, 1, 1))]}, []),
        ({"consents": [Consent(GIVEN, ROLE, DAY)]}, [Code.CONSENT_ENDS]),
    ],
)
def test_what_speaks_against_a_place(given, expected):
    assert codes(**given) == expected


def test_a_consent_ends_within_a_year_and_at_the_18th_birthday():
    assert rules.until(date(2027, 1, 10), BORN, 3) == date(2027, 4, 10)
    assert rules.until(date(2027, 1, 10), BORN, 99) == date(2028, 1, 10)
    assert rules.until(date(2028, 12, 1), BORN, 12) == date(2029, 3, 4)


def test_one_correction_is_ones_own_but_not_to_grown_up():
    def refused(wanted, born_on=BORN, corrected=False):
        return rules.may_correct(born_on, wanted, corrected=corrected, today=DAY)

    assert refused(date(2000, 1, 1), born_on=None) is None
    assert refused(date(2012, 3, 4)) is None
    assert "once already" in str(refused(date(2012, 3, 4), corrected=True))
    assert "under 18" in str(refused(date(2009, 6, 1)))
    assert refused(date(2010, 1, 1), born_on=date(2001, 1, 1)) is None
