"""`marketplace worker`: jobs, mail and schedules, against the database in DATABASE_URL."""

import click


@click.command()
def worker() -> None:
    """Run the background worker: mail, reactions to events, schedules.

    Needs the same DATABASE_URL, SECRET_KEY and BASE_URL as the server, and SMTP_URL to send
    mail. Run as many as you like.
    """
    import asyncio
    import signal

    from marketplace import logs, settings
    from marketplace.commands import tether
    from marketplace.commands.serve import check_database, require_secret_key

    chosen = settings.current()
    require_secret_key()
    if not tether.is_tethered():  # else the parent is still preparing it
        check_database()
    from marketplace.worker import run

    tether.hold()
    logs.configure(chosen.log_level)

    async def until_stopped() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await run(stop)

    asyncio.run(until_stopped())
