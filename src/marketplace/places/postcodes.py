"""Postcodes: their shape, and the distance between points of the National Grid.

The shape is that of BS 7666 as Royal Mail publishes it; whether a unit exists is not known here.
"""

import re
from dataclasses import dataclass

METRES_A_MILE = 1609.344

_OUTWARD = r"[A-Z]{1,2}[0-9][A-Z0-9]?"
# C, I, K, M, O and V never stand in the last two places, where they would be misread.
_INWARD = r"[0-9][ABD-HJLNP-UW-Z]{2}"
_POSTCODE = re.compile(rf"({_OUTWARD})({_INWARD})")
OUTWARD = re.compile(_OUTWARD)
SECTOR = re.compile(rf"({_OUTWARD})\s+[0-9]")
_SPACES = re.compile(r"[\s\u00a0.\-]+")


@dataclass(frozen=True, slots=True, order=True)
class Postcode:
    """A full postcode in capitals, such as CM1 1AA."""

    outward: str
    inward: str

    @classmethod
    def parse(cls, text: str) -> "Postcode | None":
        """Read a postcode in any case and spacing; None when it has not the shape of one."""
        found = _POSTCODE.fullmatch(_SPACES.sub("", text).upper())
        return cls(found[1], found[2]) if found else None

    def __str__(self) -> str:
        return f"{self.outward} {self.inward}"


def miles(metres: float) -> str:
    """Write a distance as people say it: one decimal below ten miles, whole miles above."""
    distance = metres / METRES_A_MILE
    if distance < 0.05:
        return "0 miles"
    text = f"{distance:.1f}" if distance < 9.95 else f"{distance:.0f}"
    return "1 mile" if text == "1.0" else f"{text} miles"
