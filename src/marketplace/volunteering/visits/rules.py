"""States and events of arranged visits: pure."""

from enum import StrEnum

from marketplace.moves import Moves


class VisitState(StrEnum):
    """Where an arrangement stands between the coordinator and the volunteer."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Event(StrEnum):
    """What happens to arrangements."""

    VISIT_PROPOSED = "visit.proposed"
    VISIT_AGREED = "visit.agreed"
    VISIT_DECLINED = "visit.declined"
    VISIT_WITHDRAWN = "visit.withdrawn"
    VISIT_ENDED = "visit.ended"


VISIT_MOVES = Moves(
    "arrangement",
    {
        VisitState.PROPOSED: frozenset(
            {VisitState.AGREED, VisitState.DECLINED, VisitState.WITHDRAWN}
        ),
        VisitState.AGREED: frozenset({VisitState.ENDED}),
    },
)
