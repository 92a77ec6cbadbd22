"""States and codes: pure."""

import hashlib
import hmac
import re
from datetime import timedelta
from enum import StrEnum

from marketplace.moves import Moves

UNSEEN_FOR = timedelta(hours=24)
LONGEST_TEXT = 5000

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = 16
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})


class State(StrEnum):
    """How far a concern has come; SEEN follows from the log of views and is not stored."""

    NEW = "new"
    SEEN = "seen"
    IN_HAND = "in_hand"
    CLOSED = "closed"


class AboutLeads(StrEnum):
    """Whether it may be about those who would hear of it."""

    NO = "no"
    YES = "yes"
    UNSURE = "unsure"


class NoteKind(StrEnum):
    """A lead's own note, a lead's answer to whoever raised it, or what these add."""

    NOTE = "note"
    ANSWER = "answer"
    ADDITION = "addition"


class Event(StrEnum):
    """What happens to a concern; history holds its id and nothing else."""

    RAISED = "concern.raised"
    ADDED_TO = "concern.added_to"
    NOTED = "concern.noted"
    ANSWERED = "concern.answered"
    TAKEN_IN_HAND = "concern.taken_in_hand"
    CLOSED = "concern.closed"
    ESCALATED = "concern.escalated"


CONCERN_MOVES = Moves(
    "concern",
    {
        State.NEW: frozenset({State.SEEN, State.IN_HAND, State.CLOSED}),
        State.SEEN: frozenset({State.IN_HAND, State.CLOSED}),
        State.IN_HAND: frozenset({State.CLOSED}),
        # What is added later can open it again.
        State.CLOSED: frozenset({State.IN_HAND}),
    },
)


def code_of(key: str, secret: str) -> str:
    """Make the code of the form with that key: the same when the form arrives twice."""
    digest = hmac.digest(secret.encode(), f"concern:{key}".encode(), "sha256")
    number = int.from_bytes(digest, "big")
    letters = "".join(_ALPHABET[number >> (5 * place) & 31] for place in range(_LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, _LETTERS, 4))


def code_hash(typed: str) -> bytes:
    """Give what is kept of a code, however it was typed."""
    plain = re.sub(r"[^0-9A-Z]", "", typed.upper()).translate(_LOOKALIKES)
    return hashlib.sha256(plain.encode()).digest()
