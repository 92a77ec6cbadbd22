"""The dated rows of `data/check_rules.toml`, read once."""

import tomllib
from functools import cache
from typing import Any

from marketplace import paths
from marketplace.credentials.rules import Rung, Workforce
from marketplace.volunteering.safeguarding.rules import Duty, Frequency, Nation, Note, Rule


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads((paths.data() / "check_rules.toml").read_text(encoding="utf-8"))


@cache
def rules() -> tuple[Rule, ...]:
    """Give every row, of whatever date."""
    return tuple(_rule(row) for row in _document()["rule"])


@cache
def notes() -> tuple[Note, ...]:
    """Give what stands beside every answer."""
    return tuple(Note(**{**row, "nations": _nations(row)}) for row in _document()["note"])


def _rule(row: dict[str, Any]) -> Rule:
    read = {
        "nations": _nations(row),
        "workforces": frozenset(Workforce(each) for each in row["workforces"]),
        "duties": frozenset(Duty(each) for each in row["duties"]),
        "frequencies": frozenset(Frequency(each) for each in row["frequencies"]),
        "supervised": frozenset(row["supervised"]),
        "rung": Rung[row["rung"].upper()],
        "valid_to": row.get("valid_to"),
    }
    return Rule(**{**row, **read})


def _nations(row: dict[str, Any]) -> frozenset[Nation]:
    return frozenset(Nation(each) for each in row["nations"])
