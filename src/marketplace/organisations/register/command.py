"""`marketplace import charities FILE`: thin, it draws the progress and says what happened."""

import asyncio
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from marketplace.errors import CommandError
from marketplace.organisations.register.operations import Report, import_charities


@click.command("charities")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--errors",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to list rows that cannot be used. [default: FILE.errors.csv]",
)
@click.option(
    "--allow-shrink", is_flag=True, help="Accept a file with less than half of the rows we have."
)
def import_charities_command(file: Path, errors: Path | None, allow_shrink: bool) -> None:
    """Load the Charity Commission's public extract (table "charity", as text).

    All of it is loaded or nothing; run it again whenever it was interrupted.
    """
    console = Console(stderr=True)
    try:
        report = _with_bars(console, file, errors, allow_shrink)
    except CommandError as error:
        console.print(error.message, style="red", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt as error:
        console.print("Stopped. Nothing was loaded.")
        raise SystemExit(130) from error
    _tell(console, report)


def _with_bars(console: Console, file: Path, errors: Path | None, allow_shrink: bool) -> Report:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bars:
        stages: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        return asyncio.run(
            import_charities(file, progress, errors=errors, allow_shrink=allow_shrink)
        )


def _tell(console: Console, report: Report) -> None:
    for bad in report.bad:
        console.print(f"Line {bad.line}: {bad.reason}", markup=False, highlight=False)
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
    click.echo(
        f"{report.read:,} rows read in {report.seconds:.0f} s: {report.added:,} added,"
        f" {report.changed:,} changed, {report.unchanged:,} as they were,"
        f" {report.removed:,} taken out."
    )
