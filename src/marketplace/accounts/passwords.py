"""Passwords: hashed off the event loop, by few threads, and never shown.

Argon2id with 19 MiB of memory, two passes and one lane: the first choice of OWASP's Password
Storage Cheat Sheet. At most `THREADS` hashes run at once, so memory and processors stay bounded
however many people sign in.
"""

import asyncio
import gzip
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from marketplace import paths, settings
from marketplace.accounts.rules import normalised_password, password_problem
from marketplace.errors import Conflict, TooMany

T = TypeVar("T")

THREADS = max(1, min(4, (os.cpu_count() or 2) - 1))
LONGEST_QUEUE = 400

HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))

# Verified where there is nobody, so that it takes as long; no password has this hash.
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1"
    "$bm9ib2R5LWhhcy10aGlzIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
_waiting = 0
_runs = 0


def runs() -> int:
    """Tell how often this process has hashed or verified a password."""
    return _runs


async def hashed(password: str) -> str:
    """Hash a password.

    Raises:
        TooMany: hundreds of others are waiting.
    """
    spelling = normalised_password(password)
    return await _off_the_loop(lambda: HASHER.hash(spelling))


async def verified(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Tell whether a password is the one kept, and give a new hash where the kept one is outdated.

    None for nobody's takes as long as somebody's.

    Raises:
        TooMany: hundreds of others are waiting.
    """
    spelling = normalised_password(password)
    return await _off_the_loop(lambda: HASHER.verify_and_update(spelling, kept or NOBODY))


async def _off_the_loop(work: Callable[[], T]) -> T:
    global _waiting, _runs
    if _waiting >= LONGEST_QUEUE:
        raise TooMany("We are very busy just now. Wait a minute and try again.", retry_after=30)
    _waiting += 1
    _runs += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool, work)
    finally:
        _waiting -= 1


@cache
def _common() -> frozenset[str]:
    packed = (paths.data() / "common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n"))


def is_common(password: str) -> bool:
    """Tell whether many people use this password, in whatever case."""
    return normalised_password(password).casefold() in _common()


def refuse_weak(password: str, *own: str) -> None:
    """Refuse a new password that is short, common, or like `own`: its person's name and address.

    Raises:
        Conflict: on the field `password`.
    """
    problem = password_problem(
        password, common=is_common(password), own=(*own, settings.current().brand_name)
    )
    if problem:
        raise Conflict(problem, field="password")
