"""`marketplace import postcodes FILE`: thin."""

from pathlib import Path

import click

from marketplace.imports import telling
from marketplace.places.directory.operations import import_postcodes


@click.command("postcodes")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--errors",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to list rows that cannot be used. [default: FILE.errors.csv]",
)
@click.option(
    "--allow-shrink", is_flag=True, help="Accept a file with less than half of the rows we have."
)
def import_postcodes_command(file: Path, errors: Path | None, allow_shrink: bool) -> None:
    """Load the ONS Postcode Directory (ONSPD), as CSV or inside its zip archive.

    Live postcodes of England, Scotland and Wales are kept; the others stay where their outward
    code lies. All of it is loaded or nothing; run it again whenever it was interrupted.
    """
    telling.run(
        lambda progress: import_postcodes(file, progress, errors=errors, allow_shrink=allow_shrink)
    )
