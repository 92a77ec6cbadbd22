"""Trying again where PostgreSQL broke a deadlock by ending one of those who waited."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import asyncpg

TRIES = 3

P = ParamSpec("P")
R = TypeVar("R")


def again_on_deadlock(operation: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Run a whole operation again when PostgreSQL ended it to break a deadlock."""

    @wraps(operation)
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES - 1):
            try:
                return await operation(*args, **kwargs)
            except asyncpg.DeadlockDetectedError:
                continue
        return await operation(*args, **kwargs)

    return run
