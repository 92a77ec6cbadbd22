"""Static files: read, hashed and compressed once in a process, then answered from memory.

Browsers ask for them by the hash of their content and keep them for ever, so what this saves is
each person's first visit, when everything else is waited for too.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import brotli
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from marketplace import paths
from marketplace.web.guards import PUBLIC

# Compressed already, or too small for it to matter.
_PACKED = frozenset({".png", ".webp", ".woff2", ".ico"})
_SMALL = 500


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `codings` are what it may be sent in, the smallest first."""

    media_type: str
    digest: str
    plain: bytes
    codings: tuple[str, ...]

    def chosen(self, accepted: str) -> str:
        """Give the smallest coding that an Accept-Encoding header allows."""
        allowed = _codings(accepted)
        return next((coding for coding in self.codings if coding in allowed), "identity")


def prepare() -> None:
    """Read and compress all files, so that no request waits for it."""
    for name in _files():
        for coding in asset(name).codings:
            body(name, coding)


@cache
def asset(name: str) -> Asset:
    """Give a static file by its name.

    Raises:
        KeyError: there is none.
    """
    path = _files()[name]
    plain = path.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    worth_it = len(plain) > _SMALL and path.suffix not in _PACKED
    digest = hashlib.blake2b(plain, digest_size=6).hexdigest()
    return Asset(media_type, digest, plain, ("br", "gzip") if worth_it else ())


@cache
def body(name: str, coding: str) -> bytes:
    """Give a file's bytes in a coding, "identity" as they are."""
    plain = asset(name).plain
    match coding:
        case "br":
            return brotli.compress(plain)
        case "gzip":
            return gzip.compress(plain, mtime=0)
        case _:
            return plain


@cache
def _files() -> dict[str, Path]:
    """Name what may be asked for; nothing else is looked up on the disk."""
    folder = paths.static()
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }


def _codings(accepted: str) -> set[str]:
    """Read an Accept-Encoding header: the codings that are not refused with a weight of nought."""
    found: set[str] = set()
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if weight.strip() not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(coding.strip())
    return found


@get("/static/{name:path}", opt={**PUBLIC, "uncompressed": True})
async def static(request: Request[Any, Any, Any], name: FromPath[PurePosixPath]) -> Response[bytes]:
    """Answer with a static file."""
    file = str(name).removeprefix("/")
    try:
        found = asset(file)
    except KeyError:
        raise NotFoundException from None
    coding = found.chosen(request.headers.get("accept-encoding", ""))
    # Of its own for each coding: a cache that keeps several tells them apart by it.
    etag = f'"{found.digest}-{coding}"'
    headers = {"Vary": "Accept-Encoding", "ETag": etag}
    known = [each.strip() for each in request.headers.get("if-none-match", "").split(",")]
    if etag in known or f"W/{etag}" in known:
        return Response(b"", status_code=304, headers=headers, media_type=found.media_type)
    if coding != "identity":
        headers["Content-Encoding"] = coding
    return Response(body(file, coding), headers=headers, media_type=found.media_type)


HANDLERS: list[Any] = [static]
