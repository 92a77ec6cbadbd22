"""Child processes that one parent starts, watches, restarts and stops together."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from marketplace.commands import tether
from marketplace.errors import CommandError

STOP_SECONDS = 8.0
LOG_LIMIT = 5_000_000
# A child that dies is started again after 1, 2, 4 ... seconds; one that has run this long
# begins anew at one second.
STEADY_SECONDS = 60.0
MOST_RESTARTS = 5


class Child:
    """One of our own commands, run as a process that dies with us.

    What it says goes to its log; without one, to whoever reads what we say.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path | None = None,
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.log = log
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: int | None = None
        self._started = 0.0
        self._again_at: float | None = None

    @property
    def exit_code(self) -> int | None:
        """Tell how it ended; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it; it reads itself from disk and waits for `go`."""
        self._again_at = None
        self._started = time.monotonic()
        self._let_go()
        theirs, self._pipe = os.pipe()
        with contextlib.ExitStack() as open_things:
            open_things.callback(os.close, theirs)
            log = None if self.log is None else open_things.enter_context(_opened(self.log))
            # -P: a folder that happens to be called marketplace must not be run instead.
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-P", "-m", "marketplace", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**self.environment, tether.PIPE: str(theirs)},
                pass_fds=(theirs,),
                process_group=0,  # Ctrl-C reaches the parent, which stops all in order
            )

    def go(self, word: str = "") -> None:
        """Let it begin, with a word of one line that it waited for."""
        if self._pipe is not None:
            with contextlib.suppress(BrokenPipeError):  # it ended; whoever waits for it says so
                os.write(self._pipe, word.encode() + tether.GO)

    def _let_go(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            os.close(pipe)

    def look_after(self) -> str | None:
        """Start it again if it died, waiting longer each time; give the sentence to say, if any.

        Raises:
            CommandError: it keeps dying.
        """
        now = time.monotonic()
        if self._again_at is not None:
            if now >= self._again_at:
                self.start()
                self.go()
            return None
        if self.exit_code is None:
            return None
        if now - self._started > STEADY_SECONDS:
            self.restarts = 0
        if self.restarts >= MOST_RESTARTS:
            raise CommandError(
                f"The {self.name} keeps stopping, so everything was stopped. What it said last is"
                f" in {self.log}."
            )
        pause = 2.0**self.restarts
        self.restarts += 1
        self._again_at = now + pause
        return (
            f"The {self.name} stopped unexpectedly ({_ending(self.exit_code)}) and is started again"
            f" in {pause:.0f} s. What it said is in {self.log}."
        )

    def last_words(self) -> str:
        """Give the sentence it ended with, else the last line of its log; "" if there is none."""
        try:
            lines = self.log.read_text("utf-8", "replace").strip().splitlines() if self.log else []
        except OSError:
            return ""
        lines = lines[-200:]
        # A worker of the server fails with a trace; what is meant for people is its last line.
        meant = [line.split("CommandError: ", 1)[1] for line in lines if "CommandError: " in line]
        return [*lines[-1:], *meant][-1] if lines else ""

    def ask_to_stop(self) -> None:
        """Ask it to stop in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait_until_stopped(self, until: float) -> None:
        """Wait for it until the monotonic time `until`, then stop all of it at once."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.05, until - time.monotonic()))
        # Whatever it has started is in its group; nothing of it may stay behind.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._let_go()


class Children:
    """Several children as one: stopped together, whatever happens to the parent."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def look_after(self) -> list[str]:
        """Start again what died; give the sentences to say."""
        said = [child.look_after() for child in self.children]
        return [sentence for sentence in said if sentence]

    def stop(self) -> None:
        """Stop all of them, at once if they take longer than eight seconds."""
        for child in self.children:
            child.ask_to_stop()
        until = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.wait_until_stopped(until)


def _opened(log: Path) -> IO[bytes]:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.old"))
    return open(log, "ab")


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
