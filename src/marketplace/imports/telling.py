"""What an import shows on the command line: bars while it runs, and what it did."""

import asyncio
from collections.abc import Awaitable, Callable

import click
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from marketplace.errors import CommandError
from marketplace.imports.staging import Progress, Report


def run(work: Callable[[Progress], Awaitable[Report]]) -> None:
    """Run an import with its bars and tell its report; a refusal is a sentence and a code."""
    console = Console(stderr=True)
    try:
        report = asyncio.run(_with_bars(console, work))
    except CommandError as error:
        console.print(error.message, style="red", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt as error:
        console.print("Stopped. Nothing was loaded.")
        raise SystemExit(130) from error
    _tell(console, report)


async def _with_bars(console: Console, work: Callable[[Progress], Awaitable[Report]]) -> Report:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console) as bars:
        stages: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        return await work(progress)


def _tell(console: Console, report: Report) -> None:
    unit = report.unit.capitalize()
    for bad in report.bad:
        console.print(f"{unit} {bad.line}: {bad.reason}", markup=False, highlight=False)
    if report.rejected > len(report.bad):
        console.print(f"... and {report.rejected - len(report.bad):,} more.", highlight=False)
    if report.errors:
        rows = "row was" if report.rejected == 1 else "rows were"
        console.print(
            f"{report.rejected:,} {rows} left out, listed in {report.errors}.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    skipped = f" {report.skipped:,} are not for us," if report.skipped else ""
    click.echo(
        f"{report.read:,} rows read in {report.seconds:.0f} s:{skipped} {report.added:,} added,"
        f" {report.changed:,} changed, {report.unchanged:,} as they were,"
        f" {report.removed:,} taken out."
    )
