"""`marketplace setup`: the first administrator of an empty database."""

import sys

import click

from marketplace.errors import CommandError


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

    For an empty database, which is migrated first if need be. What is not given as an option or
    as ADMIN_EMAIL, ADMIN_NAME and ADMIN_PASSWORD is asked for.
    """
    import asyncio

    # The database first: nobody likes to type a password for nothing.
    asyncio.run(_prepare())
    email = _email(email or _ask("E-mail address", "--email"))
    name = _name(name or _ask("Name", "--name"))
    password = password or _ask("Password", "--password", secret=True)
    asyncio.run(_create(email, name, password))
    click.echo(f"Done. {name} can sign in as {email} and is the administrator.")


def _ask(what: str, option: str, *, secret: bool = False) -> str:
    if not sys.stdin.isatty():
        raise CommandError(
            f"There is nobody to ask for the {what[0].lower()}{what[1:]}: give {option}, or"
            f" ADMIN_{option[2:].upper()} in the environment."
        )
    return str(click.prompt(what, hide_input=secret, confirmation_prompt=secret))


def _email(text: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from marketplace.web.forms import Email

    try:
        return str(TypeAdapter(Email).validate_python(text))
    except ValidationError as error:
        raise CommandError(
            f"{text!r} is not an e-mail address. It looks like name@example.org."
        ) from error


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > 200 or not name.isprintable():
        raise CommandError("Give a name of 1 to 200 characters.")
    return name


async def _prepare() -> None:
    """Migrate if that is needed, and refuse a database that has an administrator."""
    from marketplace import db
    from marketplace.db import migrations

    connection = await db.connect(application="setup", role=None)
    try:
        fresh = await connection.fetchval("SELECT to_regclass('public.migration') IS NULL")
    finally:
        await connection.close(timeout=5)
    if fresh:
        click.echo("The database is empty and is migrated first.")
        await migrations.migrate()
    await db.start_pool(size=1, application="setup")
    try:
        if await db.fetch_value("SELECT 1 FROM platform_role WHERE role = 'administrator'"):
            raise CommandError(
                "There is an administrator already. Sign in as one to give others that role."
            )
    finally:
        await db.close_pool()


async def _create(email: str, name: str, password: str) -> None:
    from marketplace import db
    from marketplace.accounts.administration import create_administrator

    await db.start_pool(size=1, application="setup")
    try:
        await create_administrator(email, name, password)
    finally:
        await db.close_pool()
