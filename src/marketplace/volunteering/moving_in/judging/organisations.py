"""Organisations: by charity number, then by name and postcode area."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marketplace import db, places
from marketplace.organisations.rules import charity_number
from marketplace.volunteering.moving_in import rules
from marketplace.volunteering.moving_in.judging.judged import Choices, Judged, refused
from marketplace.volunteering.moving_in.rules import Choice, Line, Verdict


class Organisations:
    """The organisations that some lines name, by charity number and by bare name."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.by_number = {row["charity_number"]: row["id"] for row in rows if row["charity_number"]}
        self.by_name: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            self.by_name.setdefault(rules.bare_name(row["name"]), []).append(row)

    @classmethod
    async def named(cls, lines: Sequence[Line]) -> "Organisations":
        """Read them; every one here, because names are compared by rules SQL does not have."""
        if not lines:
            return cls([])
        rows = await db.fetch(
            "SELECT id, name, charity_number, postcode FROM organisation"
            " WHERE state NOT IN ('refused', 'closed') ORDER BY id"
        )
        return cls(rows)

    def of(self, cells: Mapping[str, str]) -> UUID | str:
        """Give the one that a line of something else names, or say why there is none."""
        number = charity_number(cells.get("charity_number", ""))
        if number and number in self.by_number:
            return self.by_number[number]
        named = self.by_name.get(rules.bare_name(cells.get("organisation", "")), [])
        if len(named) == 1 and not (number and named[0]["charity_number"]):
            return named[0]["id"]
        if named:
            return (
                "Several organisations here have this name, or it has another charity number. Add a"
                " column “Charity number”."
            )
        return "This organisation is not here. Import organisations first."


def outward(postcode: str) -> str:
    """Give the first half of a postcode, "" where it is none."""
    found = places.resolve(postcode) if postcode else None
    return (found.outward or "") if found else ""


async def judge(lines: Sequence[Line], choices: Choices) -> list[Judged]:
    """Judge lines that are organisations."""
    here = await Organisations.named(lines)
    seen: dict[tuple[str, str], int] = {}
    judged: list[Judged] = []
    for line in lines:
        judged.append(judge_one(line, here, seen, choices))
    return judged


def judge_one(
    line: Line, here: Organisations, seen: dict[tuple[str, str], int], choices: Choices
) -> Judged:
    """Judge one organisation; `seen` are the lines before it by what tells organisations apart."""
    cells = line.cells
    name = cells.get("organisation", "")[:200]
    if not name:
        return refused(line, "There is no name.")
    typed = cells.get("charity_number", "")
    number = charity_number(typed) if typed else None
    if typed and number is None:
        return refused(line, "The charity number has not the shape of one, such as 1234567.")
    for label, key in (("contact e-mail", "contact_email"), ("owner's e-mail", "owner_email")):
        if cells.get(key) and rules.email(cells[key]) is None:
            return refused(line, f"The {label} is not an address such as name@example.org.")
    bare, code = rules.bare_name(name), outward(cells.get("postcode", ""))
    keys = [("number", number)] if number else [("name", f"{bare} {code}")]
    for key in keys:
        if key in seen:
            return Judged(line, Verdict.MATCHED, f"The same as line {seen[key]}.", name)
    seen.update(dict.fromkeys(keys, line.number))
    if number and number in here.by_number:
        found = here.by_number[number]
        return Judged(line, Verdict.MATCHED, "Here already, by its charity number.", name, found)
    if answer := choices.get(line.number):
        choice, match = answer
        if choice is Choice.MATCHED:
            return Judged(line, Verdict.MATCHED, "Here already, as you decided.", name, match)
        return Judged(line, Verdict.NEW, "New, as you decided.", name)
    alike = here.by_name.get(bare, [])
    if number:
        alike = [row for row in alike if not row["charity_number"]]
    for row in alike:
        if code and outward(row["postcode"]) == code:
            if number and not row["charity_number"]:
                continue
            return Judged(
                line, Verdict.MATCHED, "Here already, by name and postcode area.", name, row["id"]
            )
    if alike:
        return Judged(
            line,
            Verdict.DOUBTFUL,
            "One with this name is here, in another postcode area or without a number. Is it the"
            " same?",
            name,
            alike[0]["id"],
        )
    return Judged(line, Verdict.NEW, "A draft that its owner completes and sends in.", name)
