"""`marketplace import charities FILE`: thin."""

from pathlib import Path

import click

from marketplace.imports import telling
from marketplace.organisations.register.operations import import_charities


@click.command("charities")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--errors",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to list rows that cannot be used. [default: FILE.errors.csv]",
)
@click.option(
    "--allow-shrink", is_flag=True, help="Accept a file with less than half of the rows we have."
)
def import_charities_command(file: Path, errors: Path | None, allow_shrink: bool) -> None:
    """Load the Charity Commission's public extract (table "charity").

    As text or as JSON, as it is or inside its zip archive. All of it is loaded or nothing; run it
    again whenever it was interrupted.
    """
    telling.run(
        lambda progress: import_charities(file, progress, errors=errors, allow_shrink=allow_shrink)
    )
