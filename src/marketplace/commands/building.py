"""The processes beside a first start: one makes the town and loads it, one compiles pages.

They do so while their parent makes the tables and the server reads itself, so that a newcomer
need not wait for one after the other.
"""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from marketplace.errors import CommandError

if TYPE_CHECKING:
    from marketplace.demo.maker import Rows

BUILD = "build-town"
COMPILE = "compile-pages"


@click.command(COMPILE, hidden=True)
def compile_pages() -> None:
    """Compile pages for the server that is starting; what is kept already takes no time."""
    from marketplace.web import compiled, render

    if compiled.kept() is not None:
        render.compile_all(backwards=True)


@click.command(BUILD, hidden=True)
@click.option("--times", required=True, type=int)
@click.option("--folder", required=True, type=click.Path(path_type=Path))
def build_town(times: int, folder: Path) -> None:
    """Build the demo's town in the database that the parent names; for `marketplace demo` only."""
    import asyncio

    from marketplace import settings
    from marketplace.commands import tether
    from marketplace.demo import seed

    if not tether.is_tethered():
        raise CommandError("Type `marketplace demo`, which builds the town.")
    rows = asyncio.run(seed.prepare())
    settings.amend(database_url=tether.hold())
    # In order: a progress bar gives the cursor back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), told_when_it_breaks(folder):
        asyncio.run(_load(rows, times))


async def _load(rows: "Rows", times: int) -> None:
    from marketplace import db
    from marketplace.demo import built, seed

    await db.start_pool(application="demo", size=1, statement_seconds=120)
    try:
        with _progress(times) as done:
            await seed.load(rows, times=times, done=done)
        if times > 1:  # of one, the parent sees to it while the doors open
            await built.analyse(much=True)
    finally:
        await db.close_pool()


@contextlib.contextmanager
def _progress(times: int) -> Iterator[Callable[[int], None]]:
    """Show how far a large town is; one town is there before anything could be shown."""
    if times == 1:
        yield lambda listings: None
        return
    from rich.progress import Progress

    listed = 0
    # Where nobody looks, nothing moves: a bar that is read by a program says nothing to it.
    with Progress(transient=True, disable=not sys.stdout.isatty()) as progress:
        task = progress.add_task("", total=times)

        def done(listings: int) -> None:
            nonlocal listed
            listed += listings
            progress.update(task, advance=1, description=f"{listed:,} listings")

        yield done
    click.echo(f"{listed:,} listings are there. Putting them in order ...")


@contextlib.contextmanager
def told_when_it_breaks(folder: Path) -> Iterator[None]:
    """Say what became of the database when the block fails because of it.

    Raises:
        CommandError: that the disk is full, which PostgreSQL tells its log only, or that the
            database went away.
    """
    import asyncpg

    log = folder / "postgres.log"
    before = log.stat().st_size if log.exists() else 0
    try:
        yield
    except Exception as error:  # Raised again where the disk or the database is not behind it.
        said = log.read_bytes()[before:] if log.exists() else b""
        if b"No space left on device" in said or "No space left on device" in str(error):
            raise CommandError(
                f"The disk that holds {folder} is full. Free at least 200 MB and start again."
            ) from error
        # Whoever read what we say may have gone away: that is no matter of the database.
        spoken = isinstance(error, BrokenPipeError)
        lost = isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError | ConnectionError)
        if lost and not spoken:
            raise CommandError(
                "The database went away while the town was built. Start again; if it happens"
                f" again, look at what it said in {log}."
            ) from error
        raise
