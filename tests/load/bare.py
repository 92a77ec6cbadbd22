"""What the machine can do: the same server with next to nothing on it, written by hand.

`python -m tests.load.bare --port N --workers N`: plain text, one query of twenty rows in the same
list template, one conditional UPDATE with an INSERT.
"""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import asyncpg
from litestar import Litestar, Request, Response, get, post

from marketplace.commands import tether
from marketplace.listing_index import Row
from marketplace.web.render import environment

SCHEMA = """
    DROP SCHEMA IF EXISTS bare CASCADE;
    CREATE SCHEMA bare;
    CREATE TABLE bare.shift (LIKE shift INCLUDING ALL);
    CREATE TABLE bare.booking (LIKE booking INCLUDING ALL);
    INSERT INTO bare.shift SELECT * FROM shift;
    ANALYZE bare.shift
"""

_pool: Any = None
_PAGE = (
    '<!DOCTYPE html>{% from "components/listing.html" import listing_list %}'
    "<html lang=en><title>A list</title>{{ listing_list(rows) }}</html>"
)


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncGenerator[None]:
    global _pool
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=10) as _pool:
        yield


@get("/readyz")
async def readyz() -> str:
    """Say that it is there."""
    return "ok"


@get("/plain")
async def plain() -> str:
    """Say hello."""
    return "Hello"


@get("/list")
async def listed() -> Response[str]:
    """List twenty rows."""
    rows = await _pool.fetch(
        "SELECT kind, id, url, title, summary, organisation_id, organisation_name, town, remote,"
        " icon, tags, starts_at, NULL::float8 AS metres, image, image_alt FROM listing"
        " WHERE kind = 'opportunity' ORDER BY starts_at LIMIT 20"
    )
    content = _template().render(rows=[Row(**row) for row in rows])
    return Response(content, media_type="text/html")


@post("/book", status_code=303)
async def book(request: Request[Any, Any, Any]) -> Response[None]:
    """Take a place."""
    asked = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    async with _pool.acquire() as connection, connection.transaction():
        won = await connection.fetchrow(
            "UPDATE bare.shift SET taken = taken + 1 WHERE id = $1 AND taken < places"
            " RETURNING starts_at, ends_at",
            asked["shift"],
        )
        if won is None:
            return Response(None, status_code=409)
        await connection.execute(
            "INSERT INTO bare.booking (id, shift_id, person_id, organisation_id, state, period)"
            " VALUES ($1, $2, $3, $3, 'confirmed', $4)",
            uuid4(),
            asked["shift"],
            asked["person"],
            asyncpg.Range(won["starts_at"], won["ends_at"]),
        )
    return Response(None, status_code=303, headers={"Location": "/"})


def _template() -> Any:
    global _compiled
    if _compiled is None:
        _compiled = environment().from_string(_PAGE)
    return _compiled


_compiled: Any = None


def create_app() -> Litestar:
    """Build it."""
    return Litestar(
        [readyz, plain, listed, book],
        lifespan=[_lifespan],
        openapi_config=None,
        debug=False,
        logging_config=None,
    )


if __name__ == "__main__":
    from marketplace.commands import serve

    serve.APP = "tests.load.bare:create_app"
    tether.hold()
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    serve._listen("127.0.0.1", int(options["--port"]), int(options.get("--workers", "2")))
