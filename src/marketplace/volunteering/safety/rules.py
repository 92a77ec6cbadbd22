"""When a shift's leader sees what was shared, and what happens to it: pure."""

from datetime import datetime, timedelta
from enum import StrEnum

AROUND = timedelta(hours=24)


class Event(StrEnum):
    """What a person does with their own details; history holds nothing of them."""

    WRITTEN = "safety_details.written"
    DELETED = "safety_details.deleted"
    SHARED = "safety_details.shared"
    KEPT_PRIVATE = "safety_details.kept_private"


def shown(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Tell whether what was shared for a shift is shown now."""
    return starts_at - AROUND <= now < ends_at + AROUND
