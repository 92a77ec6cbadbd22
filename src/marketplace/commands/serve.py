"""`marketplace serve`: the web server, against the database in DATABASE_URL."""

import gc
import importlib
import os
from functools import cache
from typing import Any

import click

from marketplace.errors import CommandError

APP = "marketplace.app:create_app"
STOP_SECONDS = 6


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port."
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Server processes; one a core is a good start.",
)
def serve(host: str, port: int, workers: int) -> None:
    """Run the web server against DATABASE_URL.

    Needs DATABASE_URL and SECRET_KEY. BASE_URL is the address people use, and other host names
    are refused unless ALLOWED_HOSTS lists them, separated by commas. Run `marketplace migrate`
    before, and `marketplace worker` beside it.
    """
    from marketplace import logs, settings
    from marketplace.commands import ports, tether

    chosen = settings.current()
    require_secret_key()
    ports.require_free(host, port)
    if not tether.is_tethered():  # else the parent is still preparing it
        check_database()
    # Next to nothing of what follows is ever let go of: looking for it takes a tenth of the time.
    gc.disable()
    importlib.import_module("granian")
    _make_ready()
    tether.hold()
    logs.configure(chosen.log_level)
    click.echo(f"Listening on http://{host}:{port}", err=True)
    _listen(host, port, workers)


def _make_ready() -> None:
    """Make the app, compile pages and compress files once, before anybody asks for them.

    The workers are forked from this process and have all of it already.
    """
    from marketplace.web import assets, render

    _app()
    render.compile_all()
    assets.prepare()


@cache
def _app() -> Any:
    module, name = APP.split(":")
    return getattr(importlib.import_module(module), name)()


def _listen(host: str, port: int, workers: int) -> None:
    from granian import Granian  # type: ignore[attr-defined]
    from granian.constants import Interfaces
    from granian.log import LogLevels

    server = Granian(
        APP,
        factory=True,
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.ASGI,
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(target_loader=_Loader(os.getpid()))


class _Loader:
    """Give the app to a worker process, after tying that process to its parent."""

    def __init__(self, parent: int) -> None:
        self.parent = parent

    def __call__(self, *_: Any, **__: Any) -> Any:
        import uuid_utils

        from marketplace.commands import tether

        tether.hold_worker(self.parent)
        # Forked twins would otherwise draw the same random numbers, and so the same ids.
        uuid_utils.reseed_rng()
        app = _app()
        # What is there now stays: it need not be gone through at each collection. Without this
        # and with the usual threshold one request in some was held up by tens of milliseconds.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        gc.enable()
        return app


def require_secret_key() -> None:
    """Refuse to run with a key that nobody chose: sign-ins and links would not survive a restart.

    Raises:
        CommandError: SECRET_KEY is not set.
    """
    if not os.environ.get("SECRET_KEY", "").strip():
        raise CommandError(
            "SECRET_KEY is not set. Set it to a long random text, the same for every process:"
            " `python -c 'import secrets; print(secrets.token_urlsafe(48))'` makes one."
        )


def check_database() -> None:
    """Refuse a database that cannot be reached or is not migrated.

    Raises:
        CommandError: with the reason and what to do about it.
    """
    import asyncio

    from marketplace import db

    async def check() -> None:
        await db.start_pool(size=1, application="check")
        await db.close_pool()

    asyncio.run(check())
