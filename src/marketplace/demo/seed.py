"""Load the town: all of it in one transaction, or none of it.

Its history is written straight into the table, without jobs: nobody gets mail about a past that
never was.
"""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from marketplace import clock, db, paths
from marketplace.accounts import passwords
from marketplace.demo import built, doubling, scale
from marketplace.demo.maker import Rows
from marketplace.demo.people import PASSWORD
from marketplace.demo.town import make_town
from marketplace.errors import CommandError
from marketplace.grants import listing as fund_listing
from marketplace.organisations import listing as organisation_listing
from marketplace.organisations import register
from marketplace.organisations.queries import organisation_of
from marketplace.things import listing as thing_listing
from marketplace.volunteering import listing as opportunity_listing


async def prepare() -> Rows:
    """Make the town of today, off the event loop; needs no database."""
    hashed = await passwords.hashed(PASSWORD)
    return await asyncio.to_thread(make_town, clock.now(), hashed)


async def load(
    rows: Rows, *, times: int = 1, done: Callable[[int], None] = lambda number: None
) -> None:
    """Load a town into an empty database, `times` over; all of it or nothing.

    `done` is told how many listings came after each copy.
    """
    await _fill_register(rows, times - 1)
    async with db.transaction():
        for table, found in rows.items():
            await _copy(table, found)
        await _publish()
        done(await db.fetch_value("SELECT count(*) FROM listing"))
        await scale.grow(rows, times - 1, done)
        await doubling.campaign(rows)
        await built.mark(times)


async def _copy(table: str, rows: list[dict[str, Any]]) -> None:
    # Which days a town is made on decides whether anybody was asked to fill a shift, and so on.
    if not rows:
        return
    columns = list(rows[0])
    await db.connection().copy_records_to_table(
        table, columns=columns, records=[tuple(row[name] for name in columns) for row in rows]
    )


async def _publish() -> None:
    """List what is open, the way the features themselves do."""
    for row in await db.fetch("SELECT * FROM organisation WHERE state = 'approved' ORDER BY id"):
        await organisation_listing.publish(organisation_of(row))
    opportunities = await db.fetch("SELECT id FROM opportunity WHERE state = 'open'")
    await opportunity_listing.refresh(*[row["id"] for row in opportunities])
    things = await db.fetch("SELECT id FROM thing WHERE state = 'published'")
    await thing_listing.refresh(*[row["id"] for row in things])
    # What came last stands first where nobody asked for anything, as it does in life.
    await db.execute(
        "UPDATE listing l SET updated_at = t.published_at FROM thing t"
        " WHERE l.kind = 'thing' AND t.id = l.id"
    )
    for row in await db.fetch("SELECT id FROM fund WHERE state = 'open' ORDER BY id"):
        await fund_listing.refresh(row["id"])


async def _fill_register(rows: Rows, copies: int) -> None:
    """Load the sample register, with the town's own charities at its end."""
    sample = (paths.data() / "register_sample.tsv").read_text("utf-8").splitlines()
    names = sample[0].split("\t")
    lines = [
        "\t".join(entry.get(name, "") for name in names)
        for entry in map(_entry, scale.registered(rows, copies))
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "register.tsv")
        path.write_text("\n".join([*sample, *lines, ""]), "utf-8")  # noqa: ASYNC240 - 60 KB
        report = await register.import_charities(path, allow_shrink=True)
    if report.rejected:
        raise CommandError(f"The sample register has bad rows: {report.bad[0].reason}.")


def _entry(row: dict[str, Any]) -> dict[str, str]:
    """Write an organisation as the register has it."""
    since = row["created_at"]
    street, town = row["address"].split(", ")
    return {
        "date_of_extract": f"{since:%Y-%m-01}",
        "organisation_number": row["charity_number"],
        "registered_charity_number": row["charity_number"],
        "linked_charity_number": "0",
        "charity_name": row["name"].upper(),
        "charity_type": "CIO",
        "charity_registration_status": "Registered",
        "date_of_registration": f"{since.year - 9}-03-14",
        "charity_reporting_status": "Submission Received",
        "latest_acc_fin_period_end_date": f"{since.year - 1}-03-31",
        "latest_income": str(int(row["charity_number"]) % 89 * 1417 + 6200),
        "charity_contact_address1": street,
        "charity_contact_address2": town,
        "charity_contact_postcode": row["postcode"],
        "charity_contact_web": row["website"].removeprefix("https://"),
        "charity_activities": row["summary"],
    }
