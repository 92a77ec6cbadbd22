"""A statement as PDF: tagged for those who listen to it, its fonts within, made off the loop."""

import asyncio
import json
from typing import Any

import segno
import typst

from marketplace import clock, paths, settings
from marketplace.volunteering.recognition.queries import Line, StatementView
from marketplace.volunteering.recognition.rules import Kind

# The standard of documents that everybody can read (ISO 14289).
_ACCESSIBLE: list[Any] = ["ua-1"]


async def pdf(statement: StatementView) -> bytes:
    """Draw a statement; only what its volunteer chose is on it."""
    return await asyncio.to_thread(_compiled, json.dumps(_facts(statement)))


def _facts(statement: StatementView) -> dict[str, object]:
    config = settings.current()
    certificate = statement.kind is Kind.CERTIFICATE
    return {
        "title": "Certificate of volunteering" if certificate else "Statement of volunteering",
        "certificate": certificate,
        "name": statement.name if statement.shows_name else "",
        "period": f"{'on' if statement.first_day == statement.last_day else 'from'}"
        f" {statement.period}",
        "total": statement.words if statement.shows_hours else "",
        "roles": statement.shows_roles,
        "organisations": statement.organisations,
        "lines": [
            {
                "organisation": line.organisation,
                "role": line.role if statement.shows_roles else "",
                "hours": line.words if statement.shows_hours else "",
            }
            for line in lines_of(statement)
        ],
        "made": clock.date_words(clock.local(statement.made_at).date(), year=True),
        "brand": config.brand_name,
        "colour": config.brand_colour,
        "address": statement.address,
        "code": statement.code,
        "qr": segno.make(statement.address, error="m", micro=False).svg_inline(border=0),
    }


def lines_of(statement: StatementView) -> list[Line]:
    """Give the lines as they are shown: without roles, one an organisation."""
    if statement.shows_roles:
        return statement.lines
    sums = dict.fromkeys(statement.organisations, 0)
    for line in statement.lines:
        sums[line.organisation] += line.minutes
    return [Line(name, "", minutes) for name, minutes in sums.items()]


def _compiled(data: str) -> bytes:
    try:
        return _typeset(data, system_fonts=False, standards=_ACCESSIBLE)
    except typst.TypstError:
        # A name in letters that the fonts within typst do not have.
        try:
            return _typeset(data, system_fonts=True, standards=_ACCESSIBLE)
        except typst.TypstError:
            return _typeset(data, system_fonts=True, standards=[])


def _typeset(data: str, *, system_fonts: bool, standards: list[Any]) -> bytes:
    folder = paths.templates() / "volunteering" / "recognition"
    made = typst.compile(
        str(folder / "statement.typ"),
        root=str(folder),
        ignore_system_fonts=not system_fonts,
        format="pdf",
        # Values, never markup: a name cannot become an instruction.
        sys_inputs={"data": data},
        pdf_standards=standards,
    )
    assert isinstance(made, bytes)
    return made
