"""What is asked about a booking, and what a reason against it says: pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Asking:
    """One person who would book one shift; instants are aware UTC."""

    person_id: UUID
    shift_id: UUID
    role_id: UUID
    opportunity_id: UUID
    organisation_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: a stable `code`, a sentence for the person, and where to mend it.

    `link` and `link_label` are "" where the person can do nothing; `waits` says that somebody
    else has to act first.
    """

    code: str
    sentence: str
    link: str = ""
    link_label: str = ""
    waits: bool = False
