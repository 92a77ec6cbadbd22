"""The published awards as one file, for every other programme of the world."""

import json
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, get
from litestar.response import Stream

from marketplace import settings
from marketplace.grants.open_data import queries, rules
from marketplace.grants.open_data.queries import State
from marketplace.web.guards import PUBLIC

_JSON = "application/json; charset=utf-8"
_NONE_YET = {"message": "No grants have been published yet. Come back when some have."}


@get("/open-data/360giving.json", opt=PUBLIC, name="open-data.360giving")
async def grants(request: Request[Any, Any, Any]) -> Response[Any]:
    """Give all published awards in the 360Giving Data Standard."""
    state = await queries.state()
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag",
        "Cache-Control": "public, max-age=300",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if state.modified_at is None:
        # The standard knows no package without a grant.
        return Response(_NONE_YET, status_code=404, headers=headers, media_type=_JSON)
    config = settings.current()
    tag = f'W/"{state.tag}-{config.open_data_prefix}"'
    headers["ETag"] = tag
    if _matches(request.headers.get("if-none-match", ""), tag):
        return Response(None, status_code=304, headers=headers, media_type=_JSON)
    return Stream(_package(state), headers=headers, media_type=_JSON)


def _matches(asked: str, tag: str) -> bool:
    bare = tag.removeprefix("W/")
    tags = {each.strip().removeprefix("W/") for each in asked.split(",")}
    return bare in tags or "*" in tags


async def _package(state: State) -> AsyncIterator[str]:
    config = settings.current()
    assert state.modified_at is not None
    head = rules.envelope(
        publisher=config.brand_name, base_url=config.base_url, modified_at=state.modified_at
    )
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "grants": [\n'
    between = ""
    async for page in queries.published():
        found = [
            json.dumps(
                rules.grant(facts, prefix=config.open_data_prefix, base_url=config.base_url),
                ensure_ascii=False,
            )
            for facts in page
        ]
        yield between + ",\n".join(found)
        between = ",\n"
    yield "\n]}\n"


HANDLERS: list[Any] = [grants]
