"""Taking a feed apart: pure, and trusting nothing in it."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pydantic import TypeAdapter

from marketplace import clock
from marketplace.volunteering.rules import LONGEST_SHIFT

LONGEST_ID = 500
MOST_ACTIVITIES = 2000
MOST_SESSIONS = 500
MOST_ROLES = 20
Node = Mapping[str, Any]


class Bad(Exception):
    """An entry cannot be used; the text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Session:
    """A time that somebody is wanted; instants are aware.

    `role` is the source of whose time it is, "" where the feed does not say.
    """

    role: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FeedRole:
    """What one volunteer does; `minimum_age` is in years, None where the feed does not say."""

    source: str
    title: str
    description: str
    minimum_age: int | None
    skills: Sequence[str]


@dataclass(frozen=True, slots=True)
class Activity:
    """What becomes an opportunity; `point` is WGS84 (latitude, longitude) or None."""

    source: str
    title: str
    summary: str
    description: str
    causes: Sequence[str]
    remote: bool
    place_name: str
    address: str
    point: tuple[float, float] | None
    roles: Sequence[FeedRole]
    sessions: Sequence[Session]


@dataclass(frozen=True, slots=True)
class FeedOrganisation:
    """Who publishes; `charity_number` is "" where the feed names none of England and Wales."""

    source: str
    name: str
    summary: str
    website: str
    causes: Sequence[str]
    charity_number: str


_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f\x7f\ud800-\udfff]+")
# As they wait in the database for a broker's word.
ACTIVITY = TypeAdapter(Activity)
ORGANISATION = TypeAdapter(FeedOrganisation)


def entries(document: object) -> list[object]:
    """Give the organisations of a feed: its graph, a list, or the one it is.

    Raises:
        Bad: it is no feed.
    """
    if isinstance(document, Mapping):
        node = cast("Node", document)
        graph = node.get("graph", node.get("@graph"))
        document = graph if graph is not None else [node]
    if not isinstance(document, list):
        raise Bad("The file holds no list of organisations (“graph”).")
    return cast("list[object]", document)


def organisation(entry: object, slug: Mapping[str, str]) -> FeedOrganisation:
    """Read one organisation; `slug` gives our word for a term's address.

    Raises:
        Bad: it is none, or lacks what it needs.
    """
    node = _node(entry)
    if "Organisation" not in _types(node):
        raise Bad("It is no Organisation.")
    name = text(node, "name", 200)
    if not name:
        raise Bad("The organisation has no name.")
    return FeedOrganisation(
        source=_id(node),
        name=name,
        summary=text(node, "description", 300),
        website=_web(text(node, "website", 200)),
        causes=_slugs(node, "cause", slug),
        charity_number=_charity(node),
    )


def activities(entry: object) -> list[object]:
    """Give what an organisation lists as its activities, each as it was written.

    Raises:
        Bad: they are too many.
    """
    found = _all(_node(entry), "activity")
    if len(found) > MOST_ACTIVITIES:
        raise Bad(f"It has more than {MOST_ACTIVITIES} activities.")
    return found


def activity(entry: object, slug: Mapping[str, str]) -> Activity:
    """Read one activity with its roles and sessions.

    Raises:
        Bad: it is none, or lacks what it needs.
    """
    node = _node(entry)
    title = text(node, "title", 200) or text(node, "name", 200)
    source = _id(node)
    if not title:
        raise Bad(f"The activity {source} has no title.")
    description = text(node, "description", 5000, lines=True)
    summary, _, rest = description.partition("\n\n")
    if len(summary) > 300:
        summary, rest = f"{summary[:297]}…", description
    named = _all(node, "role")[:MOST_ROLES]
    roles = [_role(each, title, slug) for each in named]
    sessions = [
        *((each, "") for each in _all(node, "session")),
        *(
            (each, role.source)
            for role, written in zip(roles, named, strict=True)
            for each in _all(_node(written), "session")
        ),
    ]
    if len(sessions) > MOST_SESSIONS:
        raise Bad(f"The activity {source} has more than {MOST_SESSIONS} sessions.")
    nowhere: Node = {}
    place = next(_places(node, [each for each, _ in sessions]), nowhere)
    return Activity(
        source=source,
        title=title,
        summary=summary,
        description=rest.strip(),
        causes=_slugs(node, "cause", slug),
        remote=any(
            _node(each).get("allowsRemoteParticipation") in (True, "true") for each in named
        ),
        place_name=text(place, "name", 200),
        address=text(place, "address", 200),
        point=_point(place),
        roles=roles or [FeedRole(f"{source}#role", title, "", None, [])],
        sessions=[
            found
            for each, role in sessions
            for found in _sessions(each, role, source, [role.source for role in roles])
        ],
    )


def _role(entry: object, title: str, slug: Mapping[str, str]) -> FeedRole:
    node = _node(entry)
    age = _value(node.get("minimumAge"))
    return FeedRole(
        source=_id(node),
        title=text(node, "title", 200) or title,
        description=text(node, "description", 5000, lines=True),
        minimum_age=age if isinstance(age, int) and 0 <= age <= 120 else None,
        skills=_slugs(node, "skill", slug),
    )


def _sessions(entry: object, role: str, activity: str, roles: Sequence[str]) -> list[Session]:
    """Read one session: of each role that it names, of the one it stands in, or of none."""
    node = _node(entry)
    for time in _all(node, "time"):
        if not isinstance(time, Mapping):
            continue
        interval = cast("Node", time)
        start, end = (_instant(interval, name) for name in ("hasBeginning", "hasEnd"))
        if start and end:
            if end <= start:
                raise Bad(f"A session of {activity} ends before it starts.")
            if _wall(end) - _wall(start) > LONGEST_SHIFT:
                raise Bad(f"A session of {activity} lasts longer than 24 hours.")
            named = [name for name in _ids(node, "role") if name in roles]
            return [Session(name, start, end) for name in named or [role]]
    return []


def _wall(at: datetime) -> datetime:
    return clock.local(at).replace(tzinfo=None)


def _instant(interval: Node, name: str) -> datetime | None:
    found = next((interval[key] for key in interval if key.split(":")[-1] == name), None)
    if isinstance(found, Mapping):
        instant = cast("Node", found)
        stamp = next(
            (instant[key] for key in instant if key.split(":")[-1].startswith("inXSDDateTime")), ""
        )
        said = _value(stamp)
    else:
        said = found
    if not isinstance(said, str):
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    return at if at.tzinfo is not None and 2000 <= at.year <= 2100 else None


def _places(activity: Node, sessions: Sequence[object]) -> Iterator[Node]:
    for holder in (*sessions, activity):
        for place in _all(_node(holder), "location"):
            if isinstance(place, Mapping):
                yield cast("Node", place)


def _point(place: Node) -> tuple[float, float] | None:
    found: list[float] = []
    for name in ("latitude", "longitude"):
        value = _value(place.get(name))
        try:
            found.append(float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return None
    latitude, longitude = found
    # The islands the national grid is made for.
    return (latitude, longitude) if 49 <= latitude <= 61 and -9 <= longitude <= 2 else None


def _node(entry: object) -> Node:
    if not isinstance(entry, Mapping):
        raise Bad("An entry is no object with properties.")
    return cast("Node", entry)


def _types(node: Node) -> list[str]:
    found = node.get("type", node.get("@type", []))
    named = cast("list[object]", found) if isinstance(found, list) else [found]
    return [str(each).rsplit("/", 1)[-1] for each in named]


def _id(node: Node) -> str:
    found = node.get("id", node.get("@id"))
    if not isinstance(found, str) or not _ADDRESS.fullmatch(found):
        raise Bad("An entry has no id that is an address, so it could not be recognised again.")
    if len(found) > LONGEST_ID:
        raise Bad("An id is too long.")
    return found


def _all(node: Node, name: str) -> list[object]:
    found = node.get(name, [])
    return cast("list[object]", found) if isinstance(found, list) else [found]


def _value(found: object) -> object:
    if isinstance(found, Mapping):
        holder = cast("Node", found)
        return holder.get("value", holder.get("@value"))
    return found


def text(node: Node, name: str, most: int, *, lines: bool = False) -> str:
    """Give a property that is text, without what cannot be shown; "" where it is none."""
    found = _value(node.get(name))
    if not isinstance(found, str):
        return ""
    kept = "".join(
        c
        for c in found.replace("\r\n", "\n")
        if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Cn"}
    )
    return (kept if lines else " ".join(kept.split())).strip()[:most]


def _web(said: str) -> str:
    return said if said.startswith(("https://", "http://")) else ""


def _ids(node: Node, name: str) -> list[str]:
    """Give what a property refers to, written as {"id": …} or as the address alone; each once."""
    found: list[str] = []
    for each in _all(node, name):
        term = cast("Node", each) if isinstance(each, Mapping) else {"id": each}
        id = str(term.get("id", term.get("@id")))
        if id not in found:
            found.append(id)
    return found


def _slugs(node: Node, name: str, slug: Mapping[str, str]) -> list[str]:
    known = (slug.get(id) for id in _ids(node, name))
    return list(dict.fromkeys(each for each in known if each))


def _charity(node: Node) -> str:
    for id in _ids(node, "charityRegistration"):
        if match := re.search(r"GB-CHC-([0-9]{5,7})$", id):
            return match[1]
    return ""
