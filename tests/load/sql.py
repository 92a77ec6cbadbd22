"""What the statements that fill the database share: ids that can be worked out, and sessions."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from marketplace import clock

PERSON, ORGANISATION, OPPORTUNITY, ROLE, SHIFT, SESSION, MEMBER = range(1, 8)
SITE, THING, UNIT, RESERVATION, FUND, ROUND, APPLICATION, CRITERION, OTHER = range(10, 19)
# Somewhere in Essex; listings lie evenly in this square of OSGB36 metres.
WEST, SOUTH, WIDE = 545_000, 185_000, 60_000
POINT = f"point({WEST} + (n::bigint * 7919 % {WIDE}), {SOUTH} + (n::bigint * 104729 % {WIDE}))"


@dataclass(frozen=True)
class Signed:
    """Somebody signed in: what a client needs to be them."""

    person: UUID
    session: UUID
    token: str


def id_of(prefix: int, number: str) -> str:
    """Write an id that any statement can work out: of which table, and the how manieth."""
    parts = (
        f"lpad(to_hex({prefix}), 8, '0') || '-0000-7000-8000-' || lpad(to_hex({number}), 12, '0')"
    )
    return f"({parts})::uuid"


async def sign_in(owner: Any, people: Sequence[UUID], *, first: int = 0) -> list[Signed]:
    """Give each of some people a session; `first` keeps those of two calls apart."""
    now = clock.now()
    signed = [
        Signed(person, UUID(int=(SESSION << 96) + (7 << 76) + (2 << 62) + number), _token(number))
        for number, person in enumerate(people, first)
    ]
    await owner.copy_records_to_table(
        "session",
        columns=["id", "person_id", "token_hash", "device", "seen_at", "expires_at"],
        records=[
            (
                each.session,
                each.person,
                hashlib.sha256(each.token.encode()).digest(),
                "benchmark",
                now,
                now + timedelta(days=7),
            )
            for each in signed
        ],
    )
    return signed


def _token(number: int) -> str:
    return hashlib.sha256(f"benchmark {number}".encode()).hexdigest()[:43]


async def without_clash_checks(
    owner: Any, table: str, name: str, *statements: tuple[Any, ...]
) -> None:
    """Run statements without an exclusion and check it once after: row by row takes minutes."""
    rule = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", name
    )
    await owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for statement in statements:
        await owner.execute(*statement)
    await owner.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
