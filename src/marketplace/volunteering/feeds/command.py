"""`marketplace import volunteering FILE`: thin."""

from pathlib import Path

import click

from marketplace import db
from marketplace.imports import Progress, Report, telling
from marketplace.volunteering.feeds.operations import import_feed


@click.command("volunteering")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--errors",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to list entries that cannot be used. [default: FILE.errors.csv]",
)
def import_volunteering_command(file: Path, errors: Path | None) -> None:
    """Load opportunities published in the volunteering data standard, as drafts.

    Each organisation is loaded whole or not at all; run it again whenever it was interrupted, or
    when the feed has changed: nothing is made twice.
    """
    telling.run(lambda progress: _run(file, progress, errors))


async def _run(file: Path, progress: Progress, errors: Path | None) -> Report:
    await db.start_pool()
    try:
        return await import_feed(file, progress, errors=errors)
    finally:
        await db.close_pool()
