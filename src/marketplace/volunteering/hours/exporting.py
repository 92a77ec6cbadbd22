"""Hours as a table for other programs."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from uuid import UUID

from marketplace.volunteering.hours import queries
from marketplace.volunteering.hours.queries import Filter

_HEAD = (
    "Date",
    "Person",
    "Role",
    "Opportunity",
    "Place",
    "Minutes",
    "Hours",
    "State",
    "Employer",
    "Note",
)


def line(cells: Iterable[object]) -> bytes:
    """Write one line; what a spreadsheet would take for a formula stays text."""
    text = io.StringIO()
    csv.writer(text).writerow(_plain(cell) for cell in cells)
    return text.getvalue().encode()


def _plain(cell: object) -> object:
    risky = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{cell}" if risky else cell


async def hours(organisation_id: UUID, wanted: Filter) -> AsyncIterator[bytes]:
    """Give an organisation's hours line by line, oldest first."""
    # With a mark that tells spreadsheets that it is UTF-8.
    yield "\ufeff".encode() + line(_HEAD)
    async for one in queries.every(organisation_id, wanted):
        yield line(
            (
                one.on_date.isoformat(),
                one.person_name,
                one.role_title,
                one.title,
                one.town,
                one.minutes,
                f"{one.minutes / 60:.2f}",
                one.state.value,
                one.employer,
                one.note,
            )
        )
