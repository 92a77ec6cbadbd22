"""A client that costs little: HTTP/1.1 over one kept connection, requests made beforehand.

The processes of clients share the machine with what they measure, so they parse no more than a
status and a length. `wrk` does the reading scenarios where the machine has it.
"""

import asyncio
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS = 16
WRK = shutil.which("wrk")


@dataclass
class Outcome:
    """What came of one scenario; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    statuses: dict[int, int] = field(default_factory=dict)
    errors: int = 0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0


def get(host: str, path: str, headers: dict[str, str] | None = None) -> bytes:
    """Write a GET."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode()


def post(host: str, path: str, body: str, headers: dict[str, str] | None = None) -> bytes:
    """Write a POST of a form."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join([*lines, "", ""]) + body).encode()


class Connection:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def send(self, request: bytes) -> int:
        """Send one request and give the status of its answer, which is read to its end."""
        if self._writer is None:
            await self.open()
        assert self._writer is not None and self._reader is not None
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if found:
            await self._reader.readexactly(int(found[1]))
        elif b"chunked" in head.lower():
            while size := int(await self._reader.readline(), 16):
                await self._reader.readexactly(size + 2)
            await self._reader.readline()
        return status

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


async def _drive(
    port: int, queues: list[Iterator[bytes]], seconds: float, warm: float
) -> tuple[list[float], Counter[int], float]:
    times: list[float] = []
    statuses: Counter[int] = Counter()
    began = time.perf_counter()
    counted_from, until = began + warm, began + warm + seconds
    last = counted_from

    async def one(requests: Iterator[bytes]) -> None:
        nonlocal last
        connection = Connection(port)
        await connection.open()
        counted = False
        for request in requests:
            start = time.perf_counter()
            # One at least, however short the time is.
            if start >= until and counted:
                break
            status = await connection.send(request)
            end = time.perf_counter()
            if start >= counted_from:
                counted = True
                times.append(end - start)
                statuses[status] += 1
                last = max(last, end)
        connection.close()

    await asyncio.gather(*(one(each) for each in queues))
    return times, statuses, last - counted_from


def _process(
    port: int,
    queues: list[list[bytes]],
    seconds: float,
    warm: float,
    results: "multiprocessing.Queue",
) -> None:
    import uvloop

    results.put(uvloop.run(_drive(port, [iter(each) for each in queues], seconds, warm)))


def drive(
    port: int,
    requests: Sequence[bytes],
    seconds: float,
    *,
    warm: float = 1.0,
    connections: int = CONNECTIONS,
    processes: int = 2,
) -> Outcome:
    """Send requests over connections of two processes, each once, until the time is over."""
    queues = [list(requests[number::connections]) for number in range(connections)]
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    children = [
        context.Process(target=_process, args=(port, queues[n::processes], seconds, warm, results))
        for n in range(processes)
    ]
    for child in children:
        child.start()
    parts = [results.get(timeout=seconds + warm + 60) for _ in children]
    for child in children:
        child.join()
    times = sorted(each for part in parts for each in part[0])
    statuses: Counter[int] = Counter()
    for part in parts:
        statuses.update(part[1])
    return _outcome(times, dict(statuses), max(part[2] for part in parts))


def _outcome(times: list[float], statuses: dict[int, int], seconds: float) -> Outcome:
    def at(share: float) -> float:
        return times[min(len(times) - 1, int(len(times) * share))] * 1000 if times else 0.0

    return Outcome(len(times), seconds, at(0.5), at(0.99), statuses)


_LUA = """
local paths = {}
for line in io.lines(os.getenv("LOAD_PATHS")) do paths[#paths + 1] = line end
local headers = {}
if os.getenv("LOAD_COOKIE") ~= "" then headers["Cookie"] = os.getenv("LOAD_COOKIE") end
if os.getenv("LOAD_ENCODING") ~= "" then headers["Accept-Encoding"] = os.getenv("LOAD_ENCODING") end
local i = 0
request = function()
  i = i + 1
  return wrk.format("GET", paths[(i - 1) % #paths + 1], headers)
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('JSON {"requests": %d, "seconds": %f, "p50": %f, "p99": %f,'
    .. ' "status": %d, "errors": %d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, e.status, e.connect + e.read + e.write + e.timeout))
end
"""


def read(
    port: int,
    paths: Sequence[str],
    seconds: float,
    *,
    warm: float = 2.0,
    cookie: str = "",
    encoding: str = "",
    connections: int = CONNECTIONS,
) -> Outcome:
    """Read pages over some connections, in turn; with `wrk` where there is one."""
    if WRK is None:
        headers = {"Cookie": cookie} if cookie else {}
        if encoding:
            headers["Accept-Encoding"] = encoding
        requests = [get("127.0.0.1", path, headers) for path in paths]
        # More than can be answered in that time.
        enough = max(int(20_000 * (seconds + warm)), 4 * connections) // len(requests) + 1
        return drive(port, requests * enough, seconds, warm=warm, connections=connections)
    with tempfile.TemporaryDirectory() as folder:
        script, listed = Path(folder, "paths.lua"), Path(folder, "paths")
        script.write_text(_LUA)
        listed.write_text("\n".join(paths))
        environment = {
            **os.environ,
            "LOAD_PATHS": str(listed),
            "LOAD_COOKIE": cookie,
            "LOAD_ENCODING": encoding,
        }
        said = ""
        for length in filter(None, (warm, seconds)):
            done = subprocess.run(
                [
                    WRK,
                    "-t2",
                    f"-c{connections}",
                    f"-d{max(1, round(length))}s",
                    "--timeout=60s",
                    "-s",
                    str(script),
                    f"http://127.0.0.1:{port}",
                ],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            said = done.stdout
    found = json.loads(next(x for x in said.splitlines() if x.startswith("JSON "))[5:])
    bad = found["status"]
    statuses = {200: found["requests"] - bad} | ({500: bad} if bad else {})
    return Outcome(
        found["requests"], found["seconds"], found["p50"], found["p99"], statuses, found["errors"]
    )


async def touch(port: int, requests: Sequence[bytes]) -> None:
    """Send each request once, at once: what a server does at its first is measured by nobody."""
    for _ in range(2):
        await burst(port, requests)


async def burst(port: int, requests: Sequence[bytes]) -> tuple[float, Counter[int]]:
    """Send all requests together over open connections; the seconds until the last answer."""
    connections = [Connection(port) for _ in requests]
    await asyncio.gather(*(each.open() for each in connections))
    began = time.perf_counter()
    statuses = await asyncio.gather(
        *(each.send(request) for each, request in zip(connections, requests, strict=True))
    )
    took = time.perf_counter() - began
    for each in connections:
        each.close()
    return took, Counter(statuses)
