"""`marketplace demo`: a whole town on this machine."""

from pathlib import Path

import click


@click.command()
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="MARKETPLACE_DATA",
    help="Folder that keeps the town. Left out: a folder of yours, named at the start.",
)
@click.option("--reset", is_flag=True, help="Delete the town first and build it anew.")
@click.option(
    "--scale",
    default=1,
    show_default=True,
    type=click.IntRange(1, 500),
    help="Build the town so many times over; 150 make 100,000 listings.",
)
def demo(port: int, data: Path | None, reset: bool, scale: int) -> None:
    """Run a town in Essex to try everything in: database, web, mail and people included.

    Nothing else needs to be installed. Stop it with Ctrl-C; the next start keeps what you did.
    """
    from marketplace.commands.town import run

    run(port=port, data=data, reset=reset, times=scale)
