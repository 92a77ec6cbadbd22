"""Searching the index: by words, near a point, or what comes soonest."""

# pyright: reportMissingTypeStubs=false

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import db
from marketplace.listing_index.rows import COUNT_UP_TO, METRES_A_MILE, RANKED, Find, Found, Row
from marketplace.listing_index.spelling import corrected

_SHOWN = (
    "listing.kind, listing.id, url, listing.title, summary, organisation_id, organisation_name,"
    " town, remote, icon, tags, starts_at, image, image_alt"
)
_SOONEST = "starts_at NULLS LAST, updated_at DESC"
_RANKED = "ts_rank_cd(document, websearch_to_tsquery('english', {})) DESC, title, id"
_CIRCLE = "point <@ circle({}::point, {}::float8)"
# Not for the index of words, which would collect all of each kind to see what has the words too.
_ANY_KIND = "(kind = ANY({}::text[])) IS TRUE"
_WORDED = "document @@ websearch_to_tsquery('english', {})"
# What `@@` does, said so that no index is asked: each row is looked at as it comes.
_HAS_WORDS = "ts_match_vq(document, websearch_to_tsquery('english', {}))"


async def of_organisation(organisation_id: UUID, kinds: Sequence[str], size: int = 50) -> list[Row]:
    """Give what an organisation has listed of some kinds, the soonest first."""
    rows = await db.fetch(
        "SELECT kind, id, url, title, summary, organisation_id, organisation_name, town, remote,"
        " icon, tags, starts_at, NULL::float8 AS metres, image, image_alt FROM listing"
        " WHERE organisation_id = {}"
        " AND kind = ANY({}::text[]) AND (until IS NULL OR until > now())"
        f" ORDER BY starts_at NULLS LAST, updated_at DESC LIMIT {size:d}",
        organisation_id,
        list(kinds),
    )
    return [Row(**row) for row in rows]


async def find(question: Find) -> Found:
    """Search; a text that matches nothing is tried again with its unknown words corrected."""
    found = await _find(question, question.q)
    if found.total or not question.q:
        return found
    mended = await corrected(question.q)
    if mended is None:
        return found
    again = await _find(question, mended)
    if not again.total:
        return found
    return replace(again, corrected=mended)


async def _find(question: Find, text: str) -> Found:
    if text:
        return await _worded(question, text)
    return await _listed(question)


def _narrowed(question: Find) -> tuple[list[str], list[Any]]:
    """Give the conditions other than words and place, the kind first, and their values."""
    # One kind is said with "=": only then does an index give its rows in order.
    one = len(question.kinds) == 1
    where = ["kind = {}" if one else "kind = ANY({}::text[])", "(until IS NULL OR until > now())"]
    values: list[Any] = [question.kinds[0] if one else list(question.kinds)]
    if question.tags:
        where.append("tags @> {}::text[]")
        values.append(list(question.tags))
    if question.any_tags:
        where.append("tags && {}::text[]")
        values.append(list(question.any_tags))
    if question.remote:
        where.append("remote")
    return where, values


def _page(question: Find) -> str:
    """Say which rows of all.

    The figures are written out: a LIMIT that it does not know PostgreSQL takes for a large one, so
    that it plans anew each time, which takes longer than the answer. Pages and their sizes are few.
    """
    return f"LIMIT {question.size:d} OFFSET {(question.page - 1) * question.size:d}"


async def _listed(question: Find) -> Found:
    """Give what is nearest, or soonest without a place."""
    one = len(question.kinds) == 1
    where, values = _narrowed(question)
    metres, rank = "NULL::float8", _SOONEST
    metres_values: list[Any] = []
    within = nearby = ""
    within_values: list[Any] = []
    nearby_values: list[Any] = []
    if question.near:
        point = Point(*question.near)
        metres = rank = "point <-> {}::point"
        metres_values = [point]
        if question.within:
            reach = question.within * METRES_A_MILE
            # Nearest first, so what is too far comes last: the rows of a page are read in their
            # order and then judged, which costs no more than the page. Only counting asks which
            # lie in the circle.
            within, within_values = " WHERE metres <= {}::float8", [reach]
            nearby, nearby_values = f" AND {_CIRCLE}", [point, reach]
    condition = " AND ".join(where)
    # Where tags do not narrow it down, each kind is read in its own order, so that the index
    # gives what is shown; else PostgreSQL would go through other kinds to find it.
    plain = not (question.tags or question.any_tags)
    source = f"listing WHERE {condition}"
    if plain and not question.near and not one:
        each = " AND ".join(["kind = asked.kind", *where[1:]])
        source = (
            "unnest({}::text[]) AS asked (kind) CROSS JOIN LATERAL (SELECT * FROM listing"
            f" WHERE {each} ORDER BY {rank} LIMIT {question.page * question.size:d}) AS listing"
        )
    # Every part of the statement is written above; what people typed is in the values alone.
    rows = await db.fetch(
        f"SELECT * FROM (SELECT {_SHOWN}, {metres} AS metres FROM {source}"
        f" ORDER BY {rank} {_page(question)}) AS page{within}",
        *metres_values,
        *values,
        *metres_values,
        *within_values,
    )
    if not question.counted or (question.page == 1 and len(rows) < question.size):
        total = len(rows)
    else:
        counted = f"SELECT FROM listing WHERE {condition}{nearby}"
        if plain and not nearby and one:
            counted += f" ORDER BY {_SOONEST}"
        total = await db.fetch_value(
            f"SELECT count(*) FROM ({counted} LIMIT {COUNT_UP_TO + 1}) AS counted",
            *values,
            *nearby_values,
        )
    return Found([Row(**row) for row in rows], int(total), question.page, question.size)


async def _worded(question: Find, text: str) -> Found:
    """Give what is nearest of what has the words, or has them most without a place.

    The index of words knows all that have them; what costs is to read them. A thousand are read,
    counted and sorted at once. Are there more, the words are common: then it is cheaper to walk
    in the order wanted and to look whether each has them, and `RANKED` of them are enough.
    """
    where, values = _narrowed(question)
    if len(question.kinds) > 1:
        where[0] = _ANY_KIND
    point = Point(*question.near) if question.near else None
    # No more of each than sorting needs: a listing is a kilobyte, and most are not shown.
    if point:
        kept, sorting = "point <-> {}::point AS metres", "found.metres"
    else:
        kept = "NULL::float8 AS metres, document"
        sorting = "-ts_rank_cd(found.document, websearch_to_tsquery('english', {}))"
    reach, reach_values = "", []
    if question.near and question.within:
        reach, reach_values = " AND metres <= {}::float8", [question.within * METRES_A_MILE]
    rows = await db.fetch(
        f"WITH found AS MATERIALIZED (SELECT kind, id, title, {kept} FROM listing"
        f" WHERE {' AND '.join(where)} AND {_WORDED}"
        " LIMIT {}), counted AS MATERIALIZED (SELECT count(*) AS matches,"
        f" count(*) FILTER (WHERE true{reach}) AS total FROM found)"
        f" SELECT counted.matches, counted.total, {_SHOWN}, page.metres FROM counted"
        f" LEFT JOIN LATERAL (SELECT kind, id, title, metres, {sorting} AS sorting FROM found"
        f" WHERE counted.matches <= {{}}{reach}"
        " ORDER BY sorting, title, id LIMIT {} OFFSET {}) AS page ON true"
        " LEFT JOIN listing ON listing.kind = page.kind AND listing.id = page.id"
        " ORDER BY page.sorting, page.title, page.id",
        *([point] if point else []),
        *values,
        text,
        COUNT_UP_TO + 1,
        *reach_values,
        *([] if point else [text]),
        COUNT_UP_TO,
        *reach_values,
        question.size,
        (question.page - 1) * question.size,
    )
    if rows[0]["matches"] > COUNT_UP_TO:
        return await (_near_common(question, text) if point else _ranked_common(question, text))
    return Found(_rows(rows), rows[0]["total"], question.page, question.size)


def _rows(found: list[dict[str, Any]]) -> list[Row]:
    """Take the rows of a page from beside the figures of the whole, which are there without any."""
    return [
        Row(**{name: row[name] for name in row if name not in ("matches", "total")})
        for row in found
        if row["id"] is not None
    ]


async def _near_common(question: Find, text: str) -> Found:
    """Give the nearest `RANKED` that have common words.

    They are read in their order and then judged: asked for a circle, PostgreSQL would collect
    all that lie in it.
    """
    assert question.near
    where, values = _narrowed(question)
    point = Point(*question.near)
    rows = await db.fetch(
        "WITH found AS MATERIALIZED (SELECT * FROM"
        " (SELECT kind, id, title, point <-> {}::point AS metres"
        f" FROM listing WHERE {' AND '.join(where)} AND {_HAS_WORDS}"
        " ORDER BY point <-> {}::point LIMIT {}) AS nearest WHERE {}::float8 IS NULL"
        " OR metres <= {}::float8)"
        f" SELECT counted.total, {_SHOWN}, page.metres"
        " FROM (SELECT count(*) AS total FROM found) AS counted"
        " LEFT JOIN LATERAL (SELECT * FROM found ORDER BY metres, title, id LIMIT {} OFFSET {})"
        "  AS page ON true"
        " LEFT JOIN listing ON listing.kind = page.kind AND listing.id = page.id"
        " ORDER BY page.metres, page.title, page.id",
        point,
        *values,
        text,
        point,
        RANKED + 1,
        *[question.within and question.within * METRES_A_MILE] * 2,
        question.size,
        (question.page - 1) * question.size,
    )
    total = rows[0]["total"] if question.within else COUNT_UP_TO + 1
    return Found(_rows(rows), total, question.page, question.size, turned=RANKED)


async def _ranked_common(question: Find, text: str) -> Found:
    """Rank the soonest of each kind in which words are common, and all of the others.

    Ranking reads every match: fifty milliseconds for a word that a tenth of 100,000 have, to tell
    apart what is alike. So no more than `RANKED` of a kind are ranked, and can be paged through.
    """
    where, values = _narrowed(question)
    rest, rest_values = where[1:], values[1:]
    each = ["kind = asked.kind", *rest]
    counts = await db.fetch(
        "SELECT asked.kind, (SELECT count(*) FROM (SELECT FROM listing"
        f" WHERE {' AND '.join(each)} AND {_WORDED} LIMIT {{}}) AS counted) AS many"
        " FROM unnest({}::text[]) AS asked (kind)",
        *rest_values,
        text,
        COUNT_UP_TO + 1,
        list(question.kinds),
    )
    common = [row["kind"] for row in counts if row["many"] > COUNT_UP_TO]
    scarce = [row["kind"] for row in counts if row["many"] <= COUNT_UP_TO]
    parts = [
        "SELECT listing.* FROM unnest({}::text[]) AS asked (kind)"
        f" CROSS JOIN LATERAL (SELECT * FROM listing WHERE {' AND '.join(each)} AND {_HAS_WORDS}"
        f" ORDER BY {_SOONEST} LIMIT {{}}) AS listing"
    ]
    parts_values: list[Any] = [common, *rest_values, text, RANKED]
    if scarce:
        parts.append(
            f"SELECT * FROM listing WHERE {' AND '.join([_ANY_KIND, *rest])} AND {_WORDED}"
        )
        parts_values += [scarce, *rest_values, text]
    rows = await db.fetch(
        f"WITH found AS MATERIALIZED ({' UNION ALL '.join(parts)})"
        f" SELECT {_SHOWN}, NULL::float8 AS metres FROM found AS listing ORDER BY {_RANKED}"
        " LIMIT {} OFFSET {}",
        *parts_values,
        text,
        question.size,
        (question.page - 1) * question.size,
    )
    turned = sum(RANKED if row["kind"] in common else row["many"] for row in counts)
    return Found(
        [Row(**row) for row in rows],
        COUNT_UP_TO + 1,
        question.page,
        question.size,
        turned=min(turned, COUNT_UP_TO),
    )
