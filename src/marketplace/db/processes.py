"""Processes: a lock on a folder, children that end with their parent, servers stopped in order."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from marketplace.errors import CommandError

try:
    import fcntl
except ImportError as error:
    raise CommandError(
        "The built-in database does not run on Windows. Use WSL, or set DATABASE_URL to a"
        " PostgreSQL 18 server."
    ) from error

# PostgreSQL that is asked to stop while it recovers from a crash may wait for ever. An immediate
# stop loses nothing: the next start recovers.
STOP_SECONDS = 15.0

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def locked(file: IO[str]) -> bool:
    """Lock an open file for as long as it is open; False when another process has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def die_with_parent(parent: int) -> Callable[[], None] | None:
    """Ask Linux to stop the child in order when we are killed; elsewhere the next start does."""
    if _libc is None:
        return None
    prctl = _libc.prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT))
        if os.getppid() != parent:
            os._exit(1)

    return ask


def exists(pid: int) -> bool:
    """Tell whether any process has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_postgres_on(cluster: Path, pid: int) -> bool:
    """Tell whether `pid` is a PostgreSQL that runs on `cluster`."""
    proc = Path("/proc", str(pid))
    try:
        if Path("/proc/self/cwd").exists():
            program = (proc / "cmdline").read_bytes().split(b"\0")[0]
            runs_in = os.readlink(proc / "cwd")
            return program.endswith(b"postgres") and runs_in == str(cluster.resolve())
        shown = subprocess.run(  # noqa: S603
            ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True
        )
        return "postgres" in shown.stdout and f"-D {cluster}" in shown.stdout
    except OSError:
        return False


def stop(pid: int, running: Callable[[], bool]) -> None:
    """Stop a server in order, then less so: fast, immediate, killed."""
    for sign, seconds in (
        (signal.SIGINT, STOP_SECONDS),
        (signal.SIGQUIT, 10.0),
        (signal.SIGKILL, 10.0),
    ):
        if not running():
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        until = time.monotonic() + seconds
        while running() and time.monotonic() < until:
            time.sleep(0.01)
