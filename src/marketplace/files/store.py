"""Where the bytes lie: a folder, or a bucket of S3 or of what speaks like it.

Credentials, region and endpoint of a bucket come from the usual variables: AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL.
Nothing here is called inside a transaction.
"""

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from marketplace import settings
from marketplace.errors import CommandError

_TIMEOUT = timedelta(seconds=20)
PAGE = 1000


class Unreachable(ConnectionError):
    """The store does not answer; visitors read that we will be back in a moment."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object of a listing."""

    name: str
    at: datetime


@cache
def _store(where: str) -> ObjectStore:
    try:
        if where.startswith("s3://"):
            plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
            return S3Store.from_url(
                where,
                client_options={"timeout": _TIMEOUT, "allow_http": plain},
                # Somebody waits: three minutes, as is the library's way, would be too many.
                retry_config={"max_retries": 3, "retry_timeout": _TIMEOUT},
            )
        Path(where).mkdir(parents=True, exist_ok=True)
        return LocalStore(where, automatic_cleanup=True)
    except (BaseError, OSError, ValueError) as error:
        raise CommandError(f"Pictures cannot be kept in {where} (FILES): {error}.") from error


def use(where: str, store: ObjectStore) -> None:
    """Let `where` stand for a given store: tests do."""
    _given[where] = store


_given: dict[str, Any] = {}


def _current() -> Any:
    where = settings.current().files
    return _given.get(where) or _store(where)


async def put(name: str, content: bytes) -> None:
    """Write an object, all of it or nothing.

    Raises:
        Unreachable: the store failed.
    """
    try:
        await obstore.put_async(_current(), name, content)
    except (BaseError, OSError) as error:
        raise Unreachable(f"{type(error).__name__} on writing") from error


async def get(name: str) -> bytes | None:
    """Read an object; None when there is none.

    Raises:
        Unreachable: the store failed.
    """
    try:
        found = await obstore.get_async(_current(), name)
        return bytes(await found.bytes_async())
    except FileNotFoundError:
        return None
    except (BaseError, OSError) as error:
        raise Unreachable(f"{type(error).__name__} on reading") from error


async def delete(names: Sequence[str]) -> None:
    """Delete objects; those that are not there are none the less gone.

    Raises:
        Unreachable: the store failed.
    """
    for name in names:
        try:
            await obstore.delete_async(_current(), name)
        except FileNotFoundError:
            continue
        except (BaseError, OSError) as error:
            raise Unreachable(f"{type(error).__name__} on deleting") from error


async def every(prefix: str) -> AsyncIterator[list[Stored]]:
    """Give all objects under a prefix, a page at a time.

    Raises:
        Unreachable: the store failed.
    """
    try:
        async for page in obstore.list(_current(), prefix, chunk_size=PAGE):
            yield [Stored(meta["path"], meta["last_modified"]) for meta in page]
    except (BaseError, OSError) as error:
        raise Unreachable(f"{type(error).__name__} on listing") from error
