"""`marketplace migrate`: bring the database up to this version."""

import click


@click.command()
def migrate() -> None:
    """Bring the database in DATABASE_URL up to this version.

    Signs in as the owner of the database, and makes the role marketplace_app, as which server
    and worker act. Can be run again and by two at once: the second waits for the first.
    """
    import asyncio

    from marketplace.db import migrations

    done = asyncio.run(migrations.migrate(say=click.echo))
    if not done:
        click.echo("The database is up to date.")
    else:
        click.echo(f"Done: {len(done)} migration{'s' if len(done) > 1 else ''}.")
