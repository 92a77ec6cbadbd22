"""A worker in a process of its own, to be killed: `python -m tests.worker.process [careless]`.

It begins when it is sent a line, so that several can get ready beside each other.
The careless one is the control: it forgets a job before it does it, and must lose mail.
"""

import asyncio
import os
import signal
import sys
from typing import Any
from unittest.mock import patch

from tests.worker.parish import MAIL, registry

from marketplace import settings
from marketplace.worker import jobs, run


async def main(careless: bool) -> None:
    settings.use(settings.read(os.environ))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    if not careless:
        await run(stop, registry=registry(MAIL))
        return

    async def react(job: Any, registry: Any) -> None:
        from marketplace import db

        await db.execute("DELETE FROM pgqueuer WHERE id = {}", job.id)
        await original(job, registry)

    original = jobs.react
    with patch("marketplace.worker.running.react", react):
        await run(stop, registry=registry(MAIL))


if __name__ == "__main__":
    # Nothing comes from a test that is gone.
    if sys.stdin.readline():
        asyncio.run(main("careless" in sys.argv))
