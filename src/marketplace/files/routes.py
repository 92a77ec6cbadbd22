"""Serving pictures: whoever has the address of one may see it, as with any picture on the web."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from marketplace.errors import NotFound
from marketplace.files import rules, store
from marketplace.web.guards import PUBLIC

_FILES = {f"{size}.webp": size for size in rules.SIZES}
# What is served is a picture and nothing else, even for a browser that is talked into more.
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@get("/files/{id:uuid}/{name:str}", name="files.show", opt={**PUBLIC, "uncompressed": True})
async def show(
    request: Request[Any, Any, Any], id: FromPath[UUID], name: FromPath[str]
) -> Response[bytes]:
    """Give a rendition; its address never shows anything else, so it may be kept forever."""
    size = _FILES.get(name)
    content = await store.get(rules.object_name(id, size)) if size else None
    if content is None:
        raise NotFound
    etag = f'"{id.hex}-{size}"'
    headers = {**_HEADERS, "ETag": etag}
    asked = request.headers.get("if-none-match", "")
    if etag in asked or asked.strip() == "*":
        return Response(b"", status_code=304, headers=headers, media_type="image/webp")
    return Response(content, headers=headers, media_type="image/webp")


HANDLERS: list[Any] = [show]
