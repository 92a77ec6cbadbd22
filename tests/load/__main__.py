"""The benchmark: `uv run python -m tests.load`.

Starts a PostgreSQL of its own, fills it, starts `marketplace serve --workers 2` and, beside it,
a server with next to nothing on it, asks both the same way in the same run, and prints a table.
The figures say something only on a machine that does nothing else.
"""

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from tests.load import client, scenarios
from tests.load.report import Report

from marketplace.db.embedded import EmbeddedServer
from marketplace.db.embedded_settings import SETTINGS
from marketplace.db.migrations import migrate


@contextlib.contextmanager
def database(url: str = "", *, durable: bool, shared_buffers: str) -> Iterator[str]:
    """Run a migrated PostgreSQL for as long as the block lasts, unless there is one."""
    if url:
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="marketplace-load-"))
    folder.chmod(0o711)
    SETTINGS["shared_buffers"] = shared_buffers
    server = EmbeddedServer(folder, durable=durable, say=lambda _: None)
    try:
        url = server.start()
        asyncio.run(migrate(url))
        yield url
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(
    *,
    size: int = 10_000,
    seconds: float = 8.0,
    workers: int = 2,
    connections: int = client.CONNECTIONS,
    people: int = 2000,
    volunteers: int = 50_000,
    rounds: int = 10,
    url: str = "",
    durable: bool = True,
    shared_buffers: str = "512MB",
    only: str = "",
    say=click.echo,
) -> Report:
    """Measure everything and give the report."""
    with database(url, durable=durable, shared_buffers=shared_buffers) as url:
        world = scenarios.World(
            url, seconds=seconds, workers=workers, connections=connections, say=say
        )
        say(f"Filling the database with {size:,} of each kind ...")
        world.fill(size, people, volunteers)
        return scenarios.measure(world, rounds=rounds, only=only)


@click.command()
@click.option("--listings", default="10000", help="How many of each kind; several by commas.")
@click.option("--seconds", default=8.0, help="How long each scenario is measured.")
@click.option("--workers", default=2, help="Processes of each server.")
@click.option("--connections", default=client.CONNECTIONS, help="Of those who ask.")
@click.option("--rounds", default=10, help="Rounds of two hundred people for one place.")
@click.option("--shared-buffers", default="512MB", help="Of PostgreSQL.")
@click.option("--database", "url", default="", help="An empty, migrated one instead of its own.")
@click.option("--people", default=2000, help="Signed in, to sign up for shifts.")
@click.option("--volunteers", default=50_000, help="At most five for each listing.")
@click.option("--own-client", is_flag=True, help="Do not use wrk, though it is there.")
@click.option("--only", default="", help="Parts of the names of scenarios, by commas.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def main(
    listings: str,
    seconds: float,
    workers: int,
    connections: int,
    rounds: int,
    shared_buffers: str,
    url: str,
    people: int,
    volunteers: int,
    own_client: bool,
    only: str,
    path: Path | None,
) -> None:
    """Measure the marketplace beside what the machine can do."""
    if own_client:
        client.WRK = None
    load = os.getloadavg()[0]
    if load > 1.5:
        click.echo(f"This machine is busy (load {load:.1f}): the figures will say little.\n")
    found = []
    for size in map(int, listings.split(",")):
        report = run(
            size=size,
            seconds=seconds,
            workers=workers,
            connections=connections,
            rounds=rounds,
            people=people,
            volunteers=volunteers,
            url=url,
            shared_buffers=shared_buffers,
            only=only,
        )
        report.show()
        found.append(report.as_dict())
    if path:
        path.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        click.echo(f"Written to {path}.")


if __name__ == "__main__":
    main()
