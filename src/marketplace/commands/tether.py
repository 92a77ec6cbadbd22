"""A child process must not outlive its parent, even when that is killed without a word.

On Linux the kernel signals the child. Everywhere a pipe that only the parent holds open tells
it too, or, where there is no pipe, the parent's process id that changes.
"""

import ctypes
import os
import signal
import sys
import threading
import time

PIPE = "MARKETPLACE_TETHER"
PATIENCE_SECONDS = 8.0

_PR_SET_PDEATHSIG = 1


def hold() -> None:
    """Stop this process in order when its parent is gone; does nothing without a parent's pipe."""
    handle = os.environ.pop(PIPE, "")
    if not handle.isdecimal():
        return
    _ask_the_kernel()
    # The children of this process are tethered to it, not to its parent.
    os.set_inheritable(int(handle), False)
    threading.Thread(target=_read_until_closed, args=(int(handle),), daemon=True).start()


def hold_worker(parent: int) -> None:
    """Do the same in a child that was forked and has no pipe; `parent` is its process id."""
    _ask_the_kernel()
    threading.Thread(target=_watch_pid, args=(parent,), daemon=True).start()


def _ask_the_kernel() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


def _read_until_closed(handle: int) -> None:
    while os.read(handle, 1):
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
