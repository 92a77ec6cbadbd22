"""Our own commands as processes: started, watched, killed; none outlives the test run."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx
from tests.mail.sink import eventually, free_port

from marketplace.commands import tether

HOST = "127.0.0.1"
BASE_URL = f"http://{HOST}"
SECRET_KEY = "a secret of the tests, long enough to be taken"
PATIENCE = 60.0


def environment(database_url: str, **more: str) -> dict[str, str]:
    """Give the settings that all processes of one test share."""
    return {
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "BASE_URL": BASE_URL,
        "MAIL_FROM": "hello@marketplace.test",
        "SMTP_URL": "",
        "LOG_LEVEL": "warning",
        **more,
    }


class Process:
    """One command with all that it starts; it stops by itself when the tests are gone."""

    def __init__(self, *arguments: str, settings: Mapping[str, str], module: str = "marketplace"):
        self.command = [sys.executable, "-m", module, *arguments]
        self.settings = settings
        self.log = Path(tempfile.mkstemp(prefix="marketplace-wide-", suffix=".log")[1])
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: int | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Tell how it ended; None while it runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        theirs, self._pipe = os.pipe()
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **self.settings, tether.PIPE: str(theirs)},
                    pass_fds=(theirs,),
                    start_new_session=True,
                )
        finally:
            os.close(theirs)
        os.write(self._pipe, tether.GO)

    def ask_to_stop(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    async def ended(self, patience: float = PATIENCE) -> int:
        """Wait for its end and give its exit code."""

        async def over() -> bool:
            return self.exit_code is not None

        await eventually(over, patience)
        assert self.exit_code is not None
        return self.exit_code

    def kill(self) -> None:
        """`kill -9` it and all that it started, at once."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._pipe is not None:
            os.close(self._pipe)
        self._process = self._pipe = None

    def children(self) -> list[int]:
        """Give the ids of the processes it forked."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.pid)], capture_output=True, text=True
        )
        return [int(pid) for pid in listed.stdout.split()]

    def words(self) -> str:
        """Give what it said."""
        return self.log.read_text("utf-8", "replace")

    def forget(self) -> None:
        """Kill it and delete what it said."""
        self.kill()
        self.log.unlink(missing_ok=True)


class Server(Process):
    """A web server on a port of its own."""

    def __init__(
        self,
        *options: str,
        settings: Mapping[str, str],
        module: str = "marketplace",
    ) -> None:
        self.port = free_port()
        self.address = f"http://{HOST}:{self.port}"
        command = ["serve"] if module == "marketplace" else []
        super().__init__(
            *command, "--port", str(self.port), *options, settings=settings, module=module
        )

    async def answers(self, status: int = 200, patience: float = PATIENCE) -> None:
        """Wait until `/readyz` answers so."""

        async def asked() -> bool:
            assert self.exit_code is None, self.words()
            with contextlib.suppress(httpx.TransportError):
                return (await client.get(f"{self.address}/readyz")).status_code == status
            return False

        async with httpx.AsyncClient(verify=False, timeout=10) as client:
            await eventually(asked, patience)


@contextlib.asynccontextmanager
async def running(*processes: Process):
    """Start all of them at once, wait for the servers, and leave nothing behind."""
    try:
        for process in processes:
            process.start()
        await asyncio.gather(*(p.answers() for p in processes if isinstance(p, Server)))
        yield
    finally:
        for process in processes:
            process.forget()
