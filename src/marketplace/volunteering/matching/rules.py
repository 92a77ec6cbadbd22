"""How well an opportunity suits a person: pure, and every point has its words.

The score is the sum of the terms, and the sentence that people read is made of the same terms,
so that nothing moves an opportunity up or down that is not said. The penalty for each recent
connection follows SmartSort (VolunteerMatch, https://papers.ssrn.com/sol3/papers.cfm?abstract_id=4497747):
more organisations are reached, and no fewer people come forward.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

METRES_A_MILE = 1609.344
CONNECTED = timedelta(days=28)
USUAL_MILES = 5
MILES = (1, 2, 3, 5, 10, 15, 25, 50)

DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


class Part(StrEnum):
    """A part of the day; the evening lasts until midnight."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


ENDS = {Part.MORNING: time(12), Part.AFTERNOON: time(17), Part.EVENING: time.max}
SLOTS = tuple(f"{day}-{part.value}" for day in DAYS for part in Part)
# So little of a part of the day does not need all of it: until a quarter past twelve is a morning.
SPILL = timedelta(minutes=30)

# Points: what can be reached and when weigh more than what it is about.
NEAR = 40.0
FROM_HOME = 24.0
FREE = 30.0
OWN_TIME = 18.0
SKILL, SKILLS_MOST = 10.0, 20.0
CAUSE, CAUSES_MOST = 8.0, 16.0
NEED = 15.0
CONNECTION, CONNECTIONS_MOST = 3.0, 30.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person says about themselves; all of it may be empty.

    `skills` and `causes` are slugs, `free` slots, `needs` tags of the index ("access:step-free").
    """

    located: bool = False
    miles: int = USUAL_MILES
    free: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()

    @property
    def reach(self) -> float:
        """Tell how far they go, in metres."""
        return self.miles * METRES_A_MILE


@dataclass(frozen=True, slots=True)
class Offering:
    """An open opportunity; `metres` is None where it or the person is nowhere.

    `tags` are those of the index, `shifts` the slots of each shift to come that has room, and
    `connections` how many people came forward in the last 28 days.
    """

    metres: float | None = None
    remote: bool = False
    own_time: bool = False
    tags: frozenset[str] = frozenset()
    shifts: Sequence[frozenset[str]] = field(default_factory=tuple)
    connections: int = 0


@dataclass(frozen=True, slots=True)
class Term:
    """One reason for or against, in points and in words ("" says nothing)."""

    points: float
    words: str


@lru_cache(maxsize=4096)
def slots(start: datetime, end: datetime) -> frozenset[str]:
    """Give the parts of weekdays that a shift takes, by its wall times; one at least."""
    found: set[str] = set()
    longest, most = "", timedelta(0)
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < end:
        begins = day
        for part, until in ENDS.items():
            ends = day + timedelta(days=1) if until == time.max else datetime.combine(day, until)
            share = min(end, ends) - max(start, begins)
            slot = f"{list(DAYS)[day.weekday()]}-{part.value}"
            if share > SPILL:
                found.add(slot)
            if share > most:
                longest, most = slot, share
            begins = ends
        day += timedelta(days=1)
    return frozenset(found or {longest})


def fits(free: Collection[str], shift: frozenset[str]) -> bool:
    """Tell whether somebody is free for the whole of a shift."""
    return bool(shift) and shift.issubset(free)


def terms(wish: Wish, offering: Offering, labels: "Labels | None" = None) -> list[Term]:
    """Give everything that speaks for or against an opportunity, in the order of the sentence."""
    say = labels or Labels()
    found = [_distance(wish, offering), _time(wish, offering)]
    skills = sorted(wish.skills & _slugs(offering.tags, "skill:"))
    if skills:
        points = min(SKILL * len(skills), SKILLS_MOST)
        found.append(Term(points, f"wants {_and([say.skill(slug) for slug in skills[:2]])}"))
    causes = sorted(wish.causes & _slugs(offering.tags, "cause:"))
    if causes:
        points = min(CAUSE * len(causes), CAUSES_MOST)
        found.append(Term(points, f"for {_and([say.cause(slug) for slug in causes[:2]])}"))
    met, unsaid = sorted(wish.needs & offering.tags), sorted(wish.needs - offering.tags)
    if met:
        found.append(Term(0.0, _and([say.need(tag) for tag in met]).lower()))
    if unsaid:
        words = f"does not say: {_and([say.need(tag) for tag in unsaid]).lower()}"
        found.append(Term(-NEED * len(unsaid), words))
    found.append(_connections(offering.connections))
    return [term for term in found if term.points or term.words]


def score(of: Iterable[Term]) -> float:
    """Add the terms up."""
    return sum(term.points for term in of)


def sentence(of: Sequence[Term]) -> str:
    """Write the terms as one sentence: "1.2 miles away, on your free Tuesdays, wants first aid"."""
    words = ", ".join(term.words for term in of if term.words)
    return words[:1].upper() + words[1:]


class Labels:
    """Words for slugs and tags; the features that know them give better ones."""

    def skill(self, slug: str) -> str:
        """Name a skill inside a sentence."""
        return slug.replace("-", " ")

    def cause(self, slug: str) -> str:
        """Name a cause inside a sentence."""
        return slug.replace("-", " ")

    def need(self, tag: str) -> str:
        """Name what a place must have."""
        return tag.partition(":")[2].replace("-", " ")


def _distance(wish: Wish, offering: Offering) -> Term:
    near = Term(0.0, "")
    if offering.metres is not None:
        share = max(0.0, 1 - offering.metres / wish.reach)
        near = Term(NEAR * share, f"{miles_words(offering.metres)} away")
    if offering.remote and near.points < FROM_HOME:
        return Term(FROM_HOME, "from home")
    return near


def _time(wish: Wish, offering: Offering) -> Term:
    if offering.own_time:
        return Term(OWN_TIME if wish.free else 0.0, "in your own time")
    taken = {slot for shift in offering.shifts if fits(wish.free, shift) for slot in shift}
    on = {slot.partition("-")[0] for slot in taken}
    days = [name for day, name in DAYS.items() if day in on]
    if not days:
        return Term(0.0, "at times you have not ticked" if wish.free else "")
    words = (
        "when you are free" if len(days) > 2 else f"on your free {_and([f'{d}s' for d in days])}"
    )
    return Term(FREE, words)


def _connections(count: int) -> Term:
    if not count:
        return Term(0.0, "nobody has come forward lately")
    points = -min(CONNECTION * count, CONNECTIONS_MOST)
    few = "one person has" if count == 1 else f"{count if count < 20 else 'many'} people have"
    return Term(points, f"{few} come forward lately")


def _slugs(tags: Iterable[str], prefix: str) -> set[str]:
    return {tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)}


def _and(words: Sequence[str]) -> str:
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


def miles_words(metres: float) -> str:
    """Write "1.2 miles", with a decimal below ten."""
    miles = metres / METRES_A_MILE
    if miles < 0.95:
        return "less than a mile"
    text = f"{miles:.1f}" if miles < 9.95 else f"{miles:.0f}"
    return "1 mile" if text == "1.0" else f"{text.removesuffix('.0')} miles"
