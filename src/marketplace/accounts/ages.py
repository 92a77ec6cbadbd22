"""Ages and age bands, by the calendar of the place: pure.

An age is reached at the start of the anniversary (Family Law Reform Act 1969, s.9). Whoever was
born on 29 February reaches it on 1 March of other years.
"""

from datetime import date
from enum import StrEnum

ADULT = 18
# Consent of a child to an online service counts from 13 (UK GDPR art. 8, Data Protection Act
# 2018 s.9). Whoever is younger has no account here; that somebody books for them is not built.
YOUNGEST = 13
OLDEST = 120


class Band(StrEnum):
    """What organisations see instead of a birth date."""

    UNDER_13 = "under 13"
    FROM_13 = "13–15"
    FROM_16 = "16–17"
    ADULT = "18+"


def age(born_on: date, day: date) -> int:
    """Tell how many years old somebody is on a day; negative before they were born."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def birthday(born_on: date, years: int) -> date:
    """Give the day on which an age is reached."""
    year = born_on.year + years
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def band(born_on: date, day: date) -> Band:
    """Give the band somebody is in on a day."""
    years = age(born_on, day)
    if years < 13:
        return Band.UNDER_13
    if years < 16:
        return Band.FROM_13
    return Band.FROM_16 if years < ADULT else Band.ADULT


def problem(born_on: date, today: date) -> str | None:
    """Say why a birth date cannot be taken; None when it can."""
    years = age(born_on, today)
    if not 0 <= years <= OLDEST:
        return "Enter the day you were born, such as 4 March 2010"
    if years < YOUNGEST:
        return (
            f"People under {YOUNGEST} cannot have an account of their own (UK GDPR, article 8)."
            " A parent or guardian can ask the organisation what you could do together"
        )
    return None
