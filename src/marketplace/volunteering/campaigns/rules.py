"""What counts as one opportunity, and the arithmetic of a campaign: pure."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

from marketplace.paths import data

# Usual residents at the Census of 21 March 2021 (Office for National Statistics).
POPULATION_SOURCE = "Census 2021, Office for National Statistics"
# A figure about fewer people would be about persons.
LEAST_PEOPLE = 5
A_HEAD = 10_000


class Event(StrEnum):
    """What happens with campaigns, for history."""

    STARTED = "campaign.made"
    FROZEN = "campaign.frozen"
    JOINED = "campaign.joined"
    LEFT = "campaign.left"


class Medal(StrEnum):
    """The first three; who does as well as another shares the medal."""

    GOLD = "gold"
    SILVER = "silver"
    BRONZE = "bronze"


# Words that tell apart when and how often, not what is done: one role a weekday is one role.
_TIMES = """
    mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun
    sunday weekday weekend morning afternoon evening night day daytime am pm noon daily weekly
    fortnightly monthly early late first second third fourth fifth one two three four five six
    seven eight nine ten st nd rd th i ii iii iv v vi shift session slot team group part number no
    level january february march april may june july august september october november december
    spring summer autumn winter a b c d e f g h
"""
_WHEN = frozenset(_TIMES.split())
_SMALL = """
    a an the and or of for in at to on with our your new volunteer volunteering needed wanted
    urgently help helper assistant person people
"""
_FILLING = frozenset(_SMALL.split())
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WORD = re.compile(r"[a-z]+")


@lru_cache(maxsize=20_000)
def normalised(title: str) -> str:
    """Write a title as what is done there: no times, numbers, order or filling words.

    Where nothing else is left, all its words stay.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    plain = plain.replace("'", "")
    words = [_one(word) for word in _WORD.findall(_BRACKETS.sub(" ", plain))]
    meant = {word for word in words if word not in _WHEN and word not in _FILLING}
    return " ".join(sorted(meant or {word for word in words if word not in _WHEN} or set(words)))


def _one(word: str) -> str:
    """Make one of several: "helpers" is "helper"."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def key(title: str, organisation: str, outward: str) -> str:
    """Name what counts once: a role, its organisation and the outward code of its place."""
    return f"{normalised(title)}|{organisation}|{outward.upper()}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is on its way to twice its baseline."""

    baseline: int
    counted: int

    @property
    def goal(self) -> int:
        """Give what it is to reach."""
        return self.baseline * 2

    @property
    def gained(self) -> int:
        """Give how many there are more than at the start; it may be fewer than none."""
        return self.counted - self.baseline

    @property
    def percent(self) -> int | None:
        """Give how much of the way is gone, from 0 up; None where it began with nothing."""
        return max(100 * self.gained // self.baseline, 0) if self.baseline else None


@dataclass(frozen=True, slots=True)
class Standing:
    """A place in the league; `per_head` is opportunities for 10,000 residents."""

    gss: str
    name: str
    counted: int
    at_start: int
    people: int
    medal: Medal | None = None

    @property
    def per_head(self) -> float:
        """Give opportunities for 10,000 residents."""
        return self.counted * A_HEAD / self.people


def league(counts: Mapping[str, tuple[int, int]]) -> list[Standing]:
    """Order places by opportunities a head; `counts` are (now, at the start) by GSS code.

    A place of which nobody knows how many live there is left out.
    """
    known = populations()
    rows = [
        Standing(gss, known[gss][0], now, start, known[gss][1])
        for gss, (now, start) in counts.items()
        if gss in known
    ]
    rows.sort(key=lambda row: (-row.per_head, row.name))
    best = medals([row.per_head for row in rows])
    return [
        Standing(row.gss, row.name, row.counted, row.at_start, row.people, medal)
        for row, medal in zip(rows, best, strict=True)
    ]


def medals(figures: Iterable[float]) -> list[Medal | None]:
    """Give a medal for each of some figures, the best first; nothing is worth none."""
    ordered = list(figures)
    found: list[Medal | None] = []
    for figure in ordered:
        ahead = sum(other > figure for other in ordered)
        found.append(list(Medal)[ahead] if figure > 0 and ahead < len(Medal) else None)
    return found


@cache
def populations() -> dict[str, tuple[str, int]]:
    """Give name and residents of each district, by its GSS code."""
    with (data() / "populations.csv").open(encoding="utf-8", newline="") as lines:
        return {row["gss"]: (row["name"], int(row["people"])) for row in csv.DictReader(lines)}


@dataclass(frozen=True, slots=True)
class Hours:
    """Verified hours of a team: None where fewer than five people gave them."""

    minutes: int
    people: int
    goal_hours: int

    @property
    def shown(self) -> bool:
        """Tell whether there may be a figure."""
        return self.people >= LEAST_PEOPLE

    @property
    def hours(self) -> float | None:
        """Give the hours."""
        return self.minutes / 60 if self.shown else None

    @property
    def a_head(self) -> float | None:
        """Give the hours a person, by which teams are compared: small ones are not behind."""
        return self.minutes / 60 / self.people if self.shown else None

    @property
    def percent(self) -> int | None:
        """Give how much of its own goal a team has reached."""
        return self.minutes * 100 // (self.goal_hours * 60) if self.shown else None


def running(first_day: date, last_day: date, today: date) -> bool:
    """Tell whether a campaign is on."""
    return first_day <= today <= last_day
