"""A small world for the worker: events, and reactions that send mail, fail or take long."""

import asyncio
from collections import Counter
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketplace import audit, db, mail
from marketplace.audit import Entry, Reaction
from marketplace.ids import new_id
from marketplace.mail import Mail, Recipient
from marketplace.permissions import SYSTEM
from marketplace.schedules import Schedule
from marketplace.worker.registry import Registry


class Event(StrEnum):
    RUNG = "bell.rung"
    SILENT = "bell.silent"


async def happen(event: Event = Event.RUNG, **data: Any) -> UUID:
    """Do an operation that does nothing but happen."""
    async with db.transaction():
        return await audit.record(event, "bell", new_id(), by=SYSTEM, data=data)


async def send_mail(entry: Entry) -> None:
    await mail.send(
        Mail(
            f"{entry.event}:{entry.id}:ringer",
            Recipient(f"{entry.id.hex}@example.org", "Ringer"),
            "accounts/password_changed",
            {"at": entry.at},
        )
    )


class Probe:
    """A reaction that a test watches and steers."""

    def __init__(self) -> None:
        self.runs: Counter[UUID] = Counter()
        self.failures = 0
        self.error: Exception = RuntimeError("secret@example.org fell over")
        self.started = asyncio.Event()
        self.blocked: asyncio.Event | None = None
        self.finished = 0

    async def run(self, entry: Entry) -> None:
        self.runs[entry.id] += 1
        self.started.set()
        if self.failures:
            self.failures -= 1
            raise self.error
        if self.blocked is not None:
            await self.blocked.wait()
        self.finished += 1


def registry(*reactions: Reaction, schedules: list[Schedule] | None = None) -> Registry:
    return Registry(reactions, schedules or [Schedule("yearly", "0 0 1 1 *", _nothing)])


async def _nothing() -> None: ...


MAIL = Reaction(Event.RUNG, "mail the ringer", send_mail)
