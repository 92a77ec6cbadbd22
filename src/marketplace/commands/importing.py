"""`marketplace import`: load public data."""

from pathlib import Path

import click


@click.group("import")
def import_() -> None:
    """Load public data, such as the register of charities."""


@import_.command()
@click.argument("file", type=click.Path(path_type=Path))
def charities(file: Path) -> None:
    """Load the Charity Commission's register from its extract FILE.

    FILE is "publicextract.charity.json" or ".txt", zipped or not, from
    https://register-of-charities.charitycommission.gov.uk. Loading again replaces what was there;
    nothing is half-loaded; rows that cannot be read are reported with their line.
    """
