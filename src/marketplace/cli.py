"""The command line: what people type to run the marketplace.

Each command lives in `commands/` and imports what it needs when it runs, so that `--help` is
quick. Whatever goes wrong ends in one sentence on stderr and a non-zero exit code.
"""

import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from marketplace.commands import building, demo, importing, migrate, serve, setup, worker
from marketplace.errors import CommandError, MarketplaceError

INTERRUPTED = 130

_EPILOG = "To try it: marketplace demo. Every command explains itself with --help."


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(
    package_name="marketplace", prog_name="marketplace", message="%(prog)s %(version)s"
)
@click.option(
    "--debug",
    is_flag=True,
    envvar="MARKETPLACE_DEBUG",
    help="Show where an unexpected error happened.",
)
def marketplace(debug: bool) -> None:
    """Volunteers, a library of things and grant funding for the organisations of a place."""


for _command in (
    demo.demo,
    building.build_town,
    building.compile_pages,
    serve.serve,
    worker.worker,
    migrate.migrate,
    setup.setup,
    importing.import_,
):
    marketplace.add_command(_command)


def main() -> None:
    """Run the command that was typed, and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; every failure is told in one sentence."""
    try:
        result = marketplace.main(
            args=list(arguments), prog_name="marketplace", standalone_mode=False
        )
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output went away (`| head`): nothing is left to be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except Exception as error:  # Whatever it is, whoever typed reads a sentence.
        if _debug(arguments):
            traceback.print_exc()
        click.echo(_sentence(error, debug=_debug(arguments)), err=True)
        return error.exit_code if isinstance(error, CommandError) else 1


def _debug(arguments: Sequence[str]) -> bool:
    return "--debug" in arguments or os.environ.get("MARKETPLACE_DEBUG", "") not in {"", "0"}


def _sentence(error: Exception, *, debug: bool) -> str:
    if isinstance(error, MarketplaceError):
        return error.message
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        where = f" ({error.filename})" if error.filename else ""
        return f"The disk is full{where}. Free at least 200 MB and start again."
    kind = type(error).__name__
    if debug:
        return f"Something unexpected went wrong ({kind}). What led to it stands above."
    kept = _keep(error)
    more = f" What led to it is in {kept}." if kept else ""
    return f"Something unexpected went wrong ({kind}).{more} Add --debug to see it here."


def _keep(error: Exception) -> Path | None:
    """Write what led to an unexpected error where only this user reads it; None if we cannot."""
    try:
        handle, name = tempfile.mkstemp(prefix="marketplace-error-", suffix=".log")
        with open(handle, "w", encoding="utf-8", errors="replace") as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return None
    return Path(name)
