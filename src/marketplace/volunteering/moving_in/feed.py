"""Taking a feed apart into lines: an organisation, then each of its activities. Pure.

A line says where in the feed it stands, as people count: "Organisation 3, activity 2".
"""

import json
from collections.abc import Mapping

from marketplace.volunteering.feeds import rules as feeds
from marketplace.volunteering.feeds.rules import ACTIVITY, ORGANISATION, Bad
from marketplace.volunteering.moving_in.rules import (
    MOST_BYTES,
    MOST_ROWS,
    Line,
    Sheet,
    Unreadable,
    bare_name,
)


def sheet(content: bytes, slug: Mapping[str, str], ours: str) -> Sheet:
    """Read a feed; `slug` gives our word for a term's address, `ours` is where we publish.

    Raises:
        Unreadable: it is no feed at all; says where, where that is known.
    """
    try:
        entries = feeds.entries(_document(content))
    except Bad as problem:
        raise Unreadable(str(problem).rstrip(".")) from problem
    lines: list[Line] = []
    first: dict[str, int] = {}
    for number, entry in enumerate(entries, start=1):
        _organisation(entry, f"Organisation {number}", slug, ours, lines, first)
        if len(lines) > MOST_ROWS:
            raise Unreadable(f"A feed has {MOST_ROWS:,} organisations and activities at most")
    if not lines:
        raise Unreadable("The feed lists no organisation")
    return Sheet(lines)


def _document(content: bytes) -> object:
    if len(content) > MOST_BYTES:
        raise Unreadable(f"A file has {MOST_BYTES // 1_000_000} MB at most")
    if not content.strip():
        raise Unreadable("The file is empty")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise Unreadable("This is a web page, not a feed. Ask who publishes it for the JSON-LD")
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"Line {error.lineno}, character {error.colno} of the file is not JSON. Look there for"
            " a comma, a bracket or a quotation mark that is missing or too many"
        ) from error
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"Byte {error.start + 1:,} of the file is no text. Save the feed as UTF-8"
        ) from error
    except RecursionError as error:
        raise Unreadable("The file has more brackets inside each other than a feed has") from error
    except ValueError as error:
        raise Unreadable("The file holds a number with too many digits") from error


def _organisation(
    entry: object,
    at: str,
    slug: Mapping[str, str],
    ours: str,
    lines: list[Line],
    first: dict[str, int],
) -> None:
    """Add the lines of one entry; `first` are the lines of organisations by what tells them."""
    try:
        found = feeds.organisation(entry, slug)
        activities = feeds.activities(entry)
        if found.source.startswith(f"{ours}/"):
            raise Bad("This is our own feed: it is here already.")
    except Bad as problem:
        said = f"{problem} Nothing of it is read."
        lines.append(Line(len(lines) + 1, {"at": at, "title": _words(entry)}, said))
        return
    known = found.charity_number or bare_name(found.name)
    if known not in first:
        first[known] = len(lines) + 1
        cells = {
            "at": at,
            "organisation": found.name,
            "charity_number": found.charity_number,
            "source": found.source,
            "facts": ORGANISATION.dump_json(found).decode(),
        }
        lines.append(Line(first[known], {key: cell for key, cell in cells.items() if cell}))
    for number, each in enumerate(activities, start=1):
        cells = {"at": f"{at}, activity {number}", "within": str(first[known])}
        problem = ""
        try:
            activity = feeds.activity(each, slug)
            cells |= {
                "title": activity.title,
                "source": activity.source,
                "facts": ACTIVITY.dump_json(activity).decode(),
            }
        except Bad as bad:
            cells["title"], problem = _words(each), str(bad)
        lines.append(Line(len(lines) + 1, cells, problem))


_NAMELESS = "Without a name"


def _words(entry: object) -> str:
    """Name an entry that cannot be used, as far as it can be named."""
    if not isinstance(entry, Mapping):
        return _NAMELESS
    words = (feeds.text(entry, name, 200) for name in ("name", "title", "id"))
    return next(filter(None, words), _NAMELESS)
