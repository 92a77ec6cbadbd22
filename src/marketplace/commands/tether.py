"""A child process must not outlive its parent, even when that is killed without a word.

On Linux the kernel signals the child. Everywhere a pipe that only the parent holds open tells
it too, or, where there is no pipe, the parent's process id that changes. The same pipe carries
one line when the child may begin, so that it can be read from disk while the parent prepares.
"""

import ctypes
import os
import signal
import sys
import threading
import time

PIPE = "MARKETPLACE_TETHER"
GO = b"\n"
PATIENCE_SECONDS = 8.0

_PR_SET_PDEATHSIG = 1


def is_tethered() -> bool:
    """Tell whether a parent of ours started this process."""
    return os.environ.get(PIPE, "").isdecimal()


def hold() -> str:
    """Wait until the parent says go, then stop in order when it is gone; give what it said.

    Does nothing in a process that was not started by a parent of ours.
    """
    handle = os.environ.pop(PIPE, "")
    if not handle.isdecimal():
        return ""
    pipe = int(handle)
    _ask_the_kernel()
    # The children of this process are tethered to it, not to its parent.
    os.set_inheritable(pipe, False)
    said = b""
    while not said.endswith(GO):
        if not (more := os.read(pipe, 1)):
            os._exit(0)
        said += more
    threading.Thread(target=_read_until_closed, args=(pipe,), daemon=True).start()
    return said.removesuffix(GO).decode()


def hold_worker(parent: int) -> None:
    """Do the same in a child that was forked and has no pipe; `parent` is its process id."""
    _ask_the_kernel()
    threading.Thread(target=_watch_pid, args=(parent,), daemon=True).start()


def _ask_the_kernel() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


def _read_until_closed(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    _end()


def _watch_pid(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    _end()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_SECONDS)
    os._exit(1)
