"""`marketplace setup`: the first administrator of an empty database."""

import click


@click.command()
@click.option("--email", envvar="ADMIN_EMAIL", help="E-mail address of the administrator.")
@click.option("--name", envvar="ADMIN_NAME", help="Their name.")
@click.option(
    "--password",
    envvar="ADMIN_PASSWORD",
    help="Their password. In scripts, ADMIN_PASSWORD keeps it out of the list of processes.",
)
def setup(email: str | None, name: str | None, password: str | None) -> None:
    """Make the first administrator, and nothing else.

    For an empty database: it is migrated first if need be. What is not given as an option or as
    ADMIN_EMAIL, ADMIN_NAME and ADMIN_PASSWORD is asked for.
    """
