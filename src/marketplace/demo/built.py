"""Whether the town is there, which every start asks; without the modules that make one."""

from enum import StrEnum

from marketplace import clock, db
from marketplace.errors import CommandError
from marketplace.ids import new_id


class Event(StrEnum):
    """What the demo does to its own database."""

    SEEDED = "demo.seeded"


async def times() -> int:
    """Tell how many times over the town was built; 0 in an empty database.

    Raises:
        CommandError: the database holds something else, which is left alone.
    """
    found = await db.fetch(
        "SELECT coalesce((data->>'times')::int, 1) AS times FROM history WHERE event = {}",
        Event.SEEDED.value,
    )
    if found:
        return found[0]["times"]
    if await db.fetch_value("SELECT EXISTS (SELECT FROM person)"):
        raise CommandError(
            "This database holds other data than the demo's, so it was left alone. Use"
            " `marketplace serve` for it, or give the demo an empty database."
        )
    return 0


async def mark(times: int) -> None:
    """Say that the town is there, in the transaction that wrote it; a step."""
    db.require_transaction()
    await db.execute(
        "INSERT INTO history (id, at, event, subject_type, subject_id, data)"
        " VALUES ({}, {}, {}, {}, {}, {})",
        marker := new_id(),
        clock.now(),
        Event.SEEDED.value,
        "demo",
        marker,
        {"times": times},
    )


async def analyse(*, much: bool = False) -> None:
    """Tell the planner about new rows, `much` of them or few, which only their owner may."""
    connection = await db.connect(application="demo", role=None, statement_seconds=0)
    try:
        await connection.execute("VACUUM ANALYZE" if much else "ANALYZE")
    finally:
        await connection.close(timeout=5)
