"""Run the command line as people do: as a process of its own."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

DEADLINE = 60.0


def until(what: Callable[[], object], seconds: float = DEADLINE) -> object:
    """Ask again and again until the answer is true; fail at the deadline."""
    end = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < end, f"not within {seconds} seconds: {what}"
        time.sleep(0.02)
    return answer


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """Give an environment without anything of ours in it."""
    ours = ("DATABASE_URL", "SECRET_KEY", "BASE_URL", "MARKETPLACE_", "ADMIN_", "ALLOWED_HOSTS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, **more}


def command(*arguments: str) -> list[str]:
    """Give the command line."""
    return [sys.executable, "-P", "-m", "marketplace", *arguments]


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
    )


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Give what a failed command said, which is one line and no trace of Python."""
    assert done.returncode not in (0, None), done.stdout
    said = done.stderr.strip()
    assert "Traceback" not in said and len(said.splitlines()) == 1, said
    assert said.endswith((".", "`")), said
    return said


class Running:
    """A command that keeps running, and every process it started."""

    def __init__(
        self,
        *arguments: str,
        log: Path,
        user: str | None = None,
        group: int | None = None,
        extra_groups: list[int] | None = None,
        **more: str,
    ) -> None:
        self.log = log
        self.began = time.monotonic()
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                command(*arguments),
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
                env=environment(PYTHONUNBUFFERED="1", **more),
                process_group=0,
                cwd="/",
                user=user,
                group=group,
                extra_groups=extra_groups,
            )

    @property
    def said(self) -> str:
        """Everything it has printed."""
        return self.log.read_text("utf-8")

    def says(self, text: str) -> "Running":
        """Wait until it has printed `text`."""

        def there() -> bool:
            assert text in self.said or self.process.poll() is None, self.said
            return text in self.said

        until(there)
        return self

    def family(self) -> set[int]:
        """Give the ids of its processes, children and their children included."""
        found = {self.process.pid}
        parents = _parents()
        grown = True
        while grown:
            more = {pid for pid, parent in parents.items() if parent in found} - found
            grown = bool(more)
            found |= more
        return found

    def children(self) -> set[int]:
        """Give the ids of the processes that it started itself."""
        return {pid for pid, parent in _parents().items() if parent == self.process.pid}

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and wait for it."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)

    def kill(self) -> None:
        """End it in whatever way, and all of its family: after a test that failed."""
        family = self.family() if self.process.poll() is None else set()
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process.poll() is None:
            self.process.wait(DEADLINE)


def _parents() -> dict[int, int]:
    """Give every process with its parent; zombies have ended."""
    if Path("/proc/self/stat").exists():
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with contextlib.suppress(OSError):
                    # The name in brackets may hold anything; what follows it does not.
                    state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                    if state != "Z":
                        found[int(entry.name)] = int(parent)
        return found
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    rows = (line.split() for line in listed.stdout.splitlines())
    return {int(row[0]): int(row[1]) for row in rows if not row[2].startswith("Z")}


def alive(pids: set[int]) -> set[int]:
    """Give those of `pids` that still run."""
    return pids & set(_parents())


def get(port: int, path: str, host: str = "") -> tuple[int, str]:
    """Ask a server for a page; (0, "") when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()
