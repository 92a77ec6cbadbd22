"""Who gets which unit: pure. Units of a thing are alike, so reservations not yet handed over may
move between them; what is out, in turnaround or blocked stays where it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# Beyond these a plan that first choices do not find is given up.
MOST_TRIES = 500
MOST_SEARCHED = 60


@dataclass(frozen=True, slots=True)
class Claim:
    """A half-open period that some unit must be free for; `unit` is where it is now, if anywhere.

    `pinned` claims cannot move.
    """

    id: UUID
    start: datetime
    end: datetime
    unit: UUID | None = None
    pinned: bool = False

    def overlaps(self, other: "Claim") -> bool:
        """Tell whether both need a unit at the same instant."""
        return self.start < other.end and other.start < self.end


def plan(units: Sequence[UUID], claims: Sequence[Claim]) -> dict[UUID, UUID] | None:
    """Give a unit to every loose claim, its present one where that works; None if they do not fit.

    In the order of their starts any free unit is as good as another, as long as what is pinned
    started before what is loose. Where it did not, and the claims are few, other choices are
    tried too.
    """
    taken: dict[UUID, list[Claim]] = {unit: [] for unit in units}
    for claim in claims:
        if claim.pinned and claim.unit is not None:
            taken.setdefault(claim.unit, []).append(claim)
    loose = sorted((c for c in claims if not c.pinned), key=lambda c: (c.start, c.end, c.id))
    search = _Search(units, taken, loose)
    chosen = search.first_choices()
    if chosen is None and len(loose) <= MOST_SEARCHED:
        chosen = search.all_choices()
    return chosen


class _Search:
    def __init__(
        self, units: Sequence[UUID], pinned: Mapping[UUID, list[Claim]], loose: Sequence[Claim]
    ) -> None:
        self.units = units
        self.pinned = pinned
        self.loose = loose
        self.tries = 0

    def first_choices(self) -> dict[UUID, UUID] | None:
        taken = {unit: list(claims) for unit, claims in self.pinned.items()}
        chosen: dict[UUID, UUID] = {}
        for claim in self.loose:
            unit = next(self._free(claim, taken), None)
            if unit is None:
                return None
            taken[unit].append(claim)
            chosen[claim.id] = unit
        return chosen

    def all_choices(self) -> dict[UUID, UUID] | None:
        taken = {unit: list(claims) for unit, claims in self.pinned.items()}
        chosen: dict[UUID, UUID] = {}

        def place(number: int) -> bool:
            if number == len(self.loose):
                return True
            claim = self.loose[number]
            for unit in list(self._free(claim, taken)):
                self.tries += 1
                if self.tries > MOST_TRIES:
                    return False
                taken[unit].append(claim)
                chosen[claim.id] = unit
                if place(number + 1):
                    return True
                taken[unit].pop()
            return False

        return chosen if place(0) else None

    def _free(self, claim: Claim, taken: Mapping[UUID, list[Claim]]) -> Iterator[UUID]:
        for unit in sorted(self.units, key=lambda unit: unit != claim.unit):
            if not any(claim.overlaps(other) for other in taken[unit]):
                yield unit
