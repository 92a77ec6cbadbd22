"""Reading published awards for the open data, in an order that never changes."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.grants.open_data.rules import Body, Facts

PAGE = 500
_FIRST_DAY = date.min
_NO_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class State:
    """What the data stands at: how many awards, when one last changed, and a tag of it all."""

    awards: int
    modified_at: datetime | None
    tag: str


async def state() -> State:
    """Give what the published awards stand at, in one statement.

    The tag also covers the names that are written beside them, which have no dates of their own.
    """
    row = await db.fetch_one(
        "SELECT count(*) AS awards, max(w.modified_at) AS modified_at,"
        " coalesce(sum(hashtextextended(concat_ws(chr(31), g.name, g.charity_number,"
        "  g.company_number, g.postcode, o.name, o.charity_number, o.company_number, f.title,"
        "  r.title), 0)), 0)::text AS names"
        " FROM award w JOIN organisation g ON g.id = w.recipient_id"
        " JOIN organisation o ON o.id = w.funder_id JOIN fund f ON f.id = w.fund_id"
        " JOIN round r ON r.id = w.round_id WHERE w.published_at IS NOT NULL"
    )
    assert row is not None
    seen = f"{row['awards']} {row['modified_at']} {row['names']}"
    tag = hashlib.blake2b(seen.encode(), digest_size=12).hexdigest()
    return State(row["awards"], row["modified_at"], tag)


# The district is that of the recipient's outward code on the day of the award.
_AWARDS = """
    SELECT w.id, w.title, w.description, a.amount AS asked, w.amount, w.awarded_on, w.starts_on,
        w.ends_on, w.modified_at, w.fund_id, f.title AS fund_title, r.title AS round_title,
        o.id AS o_id, o.name AS o_name, o.charity_number AS o_charity,
        o.company_number AS o_company, g.id AS g_id, g.name AS g_name,
        g.charity_number AS g_charity, g.company_number AS g_company,
        area.gss, area.name AS area_name
    FROM award w JOIN application a ON a.id = w.application_id
    JOIN fund f ON f.id = w.fund_id JOIN round r ON r.id = w.round_id
    JOIN organisation o ON o.id = w.funder_id JOIN organisation g ON g.id = w.recipient_id
    LEFT JOIN LATERAL (SELECT p.gss, p.name FROM place p JOIN place_outward x
        ON x.place_id = p.id AND x.main AND x.outward_code = split_part(g.postcode, ' ', 1)
        WHERE p.scheme = 'council' AND p.kind = 'place' AND p.gss IS NOT NULL
        AND p.valid_from <= w.awarded_on
        AND (p.valid_to IS NULL OR p.valid_to > w.awarded_on)
        ORDER BY p.valid_from DESC LIMIT 1) AS area ON true
    WHERE w.published_at IS NOT NULL AND (w.awarded_on, w.id) > ({}, {})
    ORDER BY w.awarded_on, w.id LIMIT {}
"""


async def published() -> AsyncIterator[list[Facts]]:
    """Give all published awards, some hundreds at a time, oldest first."""
    after: tuple[Any, Any] = (_FIRST_DAY, _NO_ID)
    while rows := await db.fetch(_AWARDS, *after, PAGE):
        yield [_facts(row) for row in rows]
        after = (rows[-1]["awarded_on"], rows[-1]["id"])


def _facts(row: dict[str, Any]) -> Facts:
    return Facts(
        id=row["id"],
        title=row["title"],
        description=row["description"],
        asked=row["asked"],
        amount=row["amount"],
        awarded_on=row["awarded_on"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        modified_at=row["modified_at"],
        fund_id=row["fund_id"],
        fund_title=row["fund_title"],
        round_title=row["round_title"],
        funder=Body(row["o_id"], row["o_name"], row["o_charity"], row["o_company"]),
        recipient=Body(row["g_id"], row["g_name"], row["g_charity"], row["g_company"]),
        area=(row["gss"], row["area_name"]) if row["gss"] else None,
    )
