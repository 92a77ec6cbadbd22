"""The table: what was measured, beside what it is held against."""

import os
import platform
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.load import client
from tests.load.client import Outcome


@dataclass
class Line:
    """One row; CPU is in milliseconds a request, of the web processes and of PostgreSQL."""

    name: str
    outcome: Outcome
    queries: int | None = None
    kilobytes: tuple[float, float] | None = None
    web_ms: float = 0.0
    database_ms: float = 0.0
    against: str = ""
    aim: float | None = None
    ratio: float | None = None


@dataclass
class Report:
    """All rows of one run, and what happened to the last places."""

    listings: dict[str, int]
    workers: int
    connections: int
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def compare(self) -> None:
        """Set each row beside the one it is held against."""
        rates = {line.name: line.outcome.rate for line in self.lines}
        for line in self.lines:
            if rates.get(line.against):
                line.ratio = line.outcome.rate / rates[line.against]

    def show(self) -> None:
        """Print it."""
        from rich.console import Console
        from rich.table import Table

        table = Table(title=", ".join(f"{n:,} {kind}" for kind, n in self.listings.items()))
        table.add_column("scenario", no_wrap=True)
        for name in (
            "req/s",
            "p50 ms",
            "p99 ms",
            "queries",
            "KB",
            "br KB",
            "web cpu",
            "db cpu",
            "ratio",
            "aim",
        ):
            table.add_column(name, justify="right", no_wrap=True)
        for line in self.lines:
            o = line.outcome
            table.add_row(
                line.name,
                f"{o.rate:,.0f}",
                f"{o.p50:.2f}",
                f"{o.p99:.2f}",
                "" if line.queries is None else str(line.queries),
                "" if line.kilobytes is None else f"{line.kilobytes[0]:.1f}",
                "" if line.kilobytes is None else f"{line.kilobytes[1]:.1f}",
                f"{line.web_ms:.3f}",
                f"{line.database_ms:.3f}",
                "" if line.ratio is None else f"{line.ratio:.0%} of {line.against}",
                "" if line.aim is None else f"{line.aim:.0%}",
            )
        console = Console(width=170)
        console.print(table)
        for sentence in (*self.notes, *(f"Not there yet: {name}." for name in self.missing)):
            console.print(sentence)
        console.print(
            f"{self.workers} workers, {self.connections} connections,"
            f" {'wrk' if client.WRK else 'our own client'},"
            f" {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f},"
            f" Python {platform.python_version()}."
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it for JSON."""
        return {
            "listings": self.listings,
            "workers": self.workers,
            "connections": self.connections,
            "load": os.getloadavg()[0],
            "wrk": client.WRK is not None,
            "lines": [{**asdict(line), "rate": round(line.outcome.rate, 1)} for line in self.lines],
            "notes": self.notes,
            "missing": self.missing,
        }
