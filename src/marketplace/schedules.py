"""What is done by the clock: features declare it, the worker runs it.

A run that fails is retried and then held like any other job, so that somebody sees it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """Run `run` at each time that matches `cron` (UTC); it must stand being run again."""

    name: str
    cron: str
    run: Callable[[], Awaitable[object]]
