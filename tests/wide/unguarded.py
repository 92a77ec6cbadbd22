"""The control of the race: a server that reads first and writes later, over tables without rules.

`python -m tests.wide.unguarded --port N`. It must sell the last place more than once: a race
that cannot see that would prove nothing about ours.
"""

import os
import sys
from typing import Any
from urllib.parse import parse_qs

import asyncpg

from marketplace.commands import tether

_pool: Any = None


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer `/readyz`, and `POST /` with a shift and a person."""
    global _pool
    if scope["type"] != "http":
        return
    if _pool is None:
        _pool = asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10)
    await _pool
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    status = 200 if scope["method"] == "GET" else await _book(body)
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _book(body: bytes) -> int:
    asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    async with _pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            "SELECT places, (SELECT count(*) FROM unguarded.booking b WHERE b.shift_id = s.id)"
            " AS taken FROM unguarded.shift s WHERE id = $1",
            asked["shift"],
        )
        if row["taken"] >= row["places"]:
            return 409
        # As long as a busy machine may take between the two: the twin shows what can happen.
        await connection.execute("SELECT pg_sleep(0.5)")
        await connection.execute(
            "INSERT INTO unguarded.booking (id, shift_id, person_id, organisation_id, state,"
            " period) SELECT gen_random_uuid(), id, $2, opportunity_id, 'confirmed',"
            " tstzrange(starts_at, ends_at) FROM unguarded.shift WHERE id = $1",
            asked["shift"],
            asked["person"],
        )
    return 303


if __name__ == "__main__":
    from granian import Granian
    from granian.constants import Interfaces

    tether.hold()
    Granian(
        "tests.wide.unguarded:app",
        port=int(sys.argv[-1]),
        interface=Interfaces.ASGINL,
        websockets=False,
        log_enabled=False,
    ).serve()
