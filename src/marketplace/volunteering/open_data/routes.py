"""The open opportunities as one file, for every other platform of the country."""

import json
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, get
from litestar.response import Stream

from marketplace import clock, settings
from marketplace.volunteering.open_data import grid, queries, rules
from marketplace.web.guards import PUBLIC


@get("/open-data/volunteering.jsonld", opt=PUBLIC, name="open-data.volunteering")
async def opportunities(request: Request[Any, Any, Any]) -> Response[Any]:
    """Give all open opportunities in the volunteering data standard, as JSON-LD."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=300",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Stream(_feed(), headers=headers, media_type="application/ld+json")


async def _feed() -> AsyncIterator[str]:
    config = settings.current()
    head = rules.envelope(
        publisher=config.brand_name, base_url=config.base_url, modified_at=clock.now()
    )
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "graph": [\n'
    between = ""
    async for page in queries.published():
        found = [
            json.dumps(
                rules.organisation(facts, base_url=config.base_url, locate=grid.degrees),
                ensure_ascii=False,
            )
            for facts in page
        ]
        yield between + ",\n".join(found)
        between = ",\n"
    yield "\n]}\n"


HANDLERS: list[Any] = [opportunities]
