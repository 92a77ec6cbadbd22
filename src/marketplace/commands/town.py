"""The demo's parent process: a database, its town, a server and a worker, stopped together."""

import asyncio
import contextlib
import http.client
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import click

from marketplace import settings
from marketplace.commands import building, ports
from marketplace.commands.children import Child, Children
from marketplace.errors import CommandError

HOST = "127.0.0.1"
READY_SECONDS = 60.0
LOOK_SECONDS = 0.2
# The embedded server's, and what marks a folder as ours without one.
_MARK = "lock"
# Files a file system or a desktop puts into any folder.
_NOBODYS = frozenset({"lost+found", ".DS_Store", ".directory", "Thumbs.db"})


class _Stopped(KeyboardInterrupt):
    """Somebody asked us to stop."""


def run(*, port: int, data: Path | None, reset: bool, times: int = 1) -> None:
    """Run the demo until it is asked to stop.

    Raises:
        CommandError: it cannot run; says why and what to do.
    """
    began = time.monotonic()
    folder = (data or default_folder()).expanduser().absolute()
    ports.require_free(HOST, port)
    with contextlib.suppress(_Stopped), _stoppable(), contextlib.ExitStack() as open_things:
        url = os.environ.get("DATABASE_URL", "").strip()
        _prepare(folder)
        if url:
            if reset:
                raise CommandError(
                    "--reset empties the demo's own database only, and DATABASE_URL names another."
                    " Unset DATABASE_URL, or empty that database yourself."
                )
            click.echo("Using the database in DATABASE_URL.")
        from marketplace.db.embedded import EmbeddedServer

        embedded = None if url else EmbeddedServer(folder, say=click.echo)
        if embedded is not None and reset:
            embedded.erase()
            _prepare(folder)
        fresh = not (folder / "secret-key").exists()
        build = [building.BUILD, "--folder", str(folder), "--times", str(times)]
        helpers = [
            Child("builder", build, os.environ),
            Child("compiler", [building.COMPILE], os.environ),
        ]
        builder, compiler = open_things.enter_context(Children(helpers)).children
        if fresh:  # they have much to do before the database is there
            builder.start()
            compiler.start()
        if embedded is not None:
            _say("Starting the database")
            url = open_things.enter_context(embedded).url or ""
        settings.amend(database_url=url)
        environment = _environment(folder, port, url)
        children = open_things.enter_context(Children(_children(folder, port, environment)))
        web, *others = children.children
        web.start()
        _say("Bringing the town up to date")
        with building.told_when_it_breaks(folder):
            built = asyncio.run(_bring_up_to_date(url))
        if not built:
            if not fresh:
                builder.start()
            _build(builder, url, times)
        elif times not in {1, built}:
            click.echo(
                f"The town is there already, {'once' if built == 1 else f'{built} times over'}."
                " Add --reset to build it anew with --scale."
            )
        _say("Opening the doors")
        web.go()
        if not built and times == 1:
            with building.told_when_it_breaks(folder):
                asyncio.run(_analyse())
        _wait_until_ready(web, port)
        # After the doors are open: starting both at once would keep visitors waiting.
        for child in others:
            child.start()
            child.go()
        _welcome(port, folder, time.monotonic() - began)
        while True:
            time.sleep(LOOK_SECONDS)
            for sentence in children.look_after():
                click.echo(sentence, err=True)
            if embedded is not None and embedded.pid is None:
                raise CommandError(
                    "The database stopped unexpectedly, so everything was stopped. Start again:"
                    f" it recovers by itself. What it said is in {folder / 'postgres.log'}."
                )
    click.echo("Stopped. The town is kept for the next start.")


def default_folder() -> Path:
    """Give the folder that keeps the town of this user, whatever folder the command is run in."""
    import platformdirs

    return platformdirs.user_data_path("marketplace", appauthor=False) / "demo"


def _prepare(folder: Path) -> None:
    """Make sure that the folder is ours or empty.

    Raises:
        CommandError: it is a file, holds files of others, or cannot be used.
    """
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder. Choose another with --data.")
        names = {found.name for found in folder.iterdir()} - _NOBODYS
        if names and _MARK not in names:
            shown = ", ".join(sorted(names)[:3])
            raise CommandError(
                f"{folder} holds other files ({shown}) and is not a data folder of the"
                " marketplace. Choose an empty or a new folder with --data."
            )
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied", str(folder))
    except PermissionError as error:
        raise CommandError(
            f"We may not write to {error.filename or folder}. Choose another data folder with"
            " --data, or correct its permissions."
        ) from error


def _environment(folder: Path, port: int, url: str) -> Mapping[str, str]:
    """Give the children's settings: the user's own, except what the demo must decide."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    hosts = [HOST, "localhost", os.environ.get("ALLOWED_HOSTS", "")]
    return {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": _secret_key(folder),
        "BASE_URL": os.environ.get("BASE_URL", "").strip() or f"http://{HOST}:{port}",
        "ALLOWED_HOSTS": ",".join(filter(None, hosts)),
        "MAILBOX": str(folder / "mailbox"),
        "FILES": os.environ.get("FILES", "").strip() or str(folder / "files"),
        "SMTP_URL": "",  # the demo's people are invented: nothing may leave this machine
        "MARKETPLACE_DEMO": "1",
    }


def _secret_key(folder: Path) -> str:
    """Read the key of this town, made the first time, so that sign-ins outlive a restart."""
    path = folder / "secret-key"
    with contextlib.suppress(FileNotFoundError, UnicodeDecodeError):
        if len(key := path.read_text("ascii").strip()) >= 32:
            return key
    key = secrets.token_urlsafe(48)
    new = path.with_name("secret-key.new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{key}\n")
    new.replace(path)
    return key


async def _bring_up_to_date(url: str) -> int:
    """Make or renew the tables, and tell how many times over the town is there."""
    from marketplace import db
    from marketplace.db import migrations
    from marketplace.demo import built

    await migrations.migrate(url)
    await db.start_pool(url, application="demo", size=1)
    try:
        return await built.times()
    finally:
        await db.close_pool()


async def _analyse() -> None:
    from marketplace.demo import built

    await built.analyse()


def _build(builder: Child, url: str, times: int) -> None:
    """Let the builder load the town, and wait for it.

    Raises:
        CommandError: it was ended by somebody.
        Exit: it failed, and said why.
    """
    _say("Building the town" if times == 1 else f"Building the town {times} times over")
    builder.go(url)
    while (code := builder.exit_code) is None:
        time.sleep(0.02)
    if code < 0:
        raise CommandError("The town was not built: its process was stopped. Start again.")
    if code > 0:
        raise click.exceptions.Exit(code)


def _children(folder: Path, port: int, environment: Mapping[str, str]) -> list[Child]:
    serve = ["serve", "--host", HOST, "--port", str(port)]
    children = [Child("web server", serve, environment, folder / "web.log")]
    if find_spec("marketplace.worker"):
        children.append(Child("worker", ["worker"], environment, folder / "worker.log"))
    return children


def _wait_until_ready(web: Child, port: int) -> None:
    """Wait until the server answers that database and queue do.

    Raises:
        CommandError: a child ended, or it took too long.
    """
    until = time.monotonic() + READY_SECONDS
    while not _is_ready(port):
        if web.exit_code is not None:
            why = f" It said: {words}" if (words := web.last_words()) else ""
            raise CommandError(f"The {web.name} did not start; its log is {web.log}.{why}")
        if time.monotonic() > until:
            raise CommandError(
                f"The server was not ready after {READY_SECONDS:.0f} seconds. Its log is {web.log}."
            )
        time.sleep(0.05)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _welcome(port: int, folder: Path, seconds: float) -> None:
    from marketplace.demo.people import PASSWORD, SIGN_INS

    address = f"http://{HOST}:{port}"
    click.echo(f"Ready after {seconds:.1f} seconds.\n")
    click.echo(f"  The town      {address}")
    click.echo(f"  Its mailbox   {address}/demo/mailbox")
    click.echo(f"  Its people    {address}/demo   (sign in as any of them with one click)\n")
    click.echo(f"  Everybody's password is: {PASSWORD}\n")
    widest = max(len(each.kind) for each in SIGN_INS)
    for each in SIGN_INS:
        click.echo(f"  {each.kind:<{widest}}  {each.email}")
    click.echo(f"\nKept in {folder}. Press Ctrl-C to stop.")
    sys.stdout.flush()


def _say(doing: str) -> None:
    click.echo(f"{doing} ...")


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Turn the signals that ask us to stop into one exception; later ones change nothing."""
    asked = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        asked.append(signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in asked}

    def stop(number: int, frame: FrameType | None) -> None:
        for each in asked:
            signal.signal(each, _already)
        with contextlib.suppress(OSError):
            click.echo("Stopping ...")
        raise _Stopped

    for number in asked:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _already(number: int, frame: FrameType | None) -> None:
    """Do nothing: everything is being stopped."""
