"""What features above keep for a visitor, and hand over once it is known who they are.

Called where somebody has just proved who they are: at sign-in, and when an address is confirmed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from marketplace import logs

# The person, where they were going, and the cookies of their browser: none where the browser is
# not known to be theirs, as when a link from mail is opened on another device.
Arrival = Callable[[UUID, str, Mapping[str, str]], Awaitable[object]]

_log = logs.get(__name__)
_arrivals: list[Arrival] = []


def set_arrivals(arrivals: Sequence[Arrival]) -> None:
    """Take what the app gathered from the features above."""
    _arrivals[:] = arrivals


async def arrived(person_id: UUID, onward: str, cookies: Mapping[str, str]) -> None:
    """Hand over what was kept; what cannot be is logged, and nobody is kept from signing in."""
    for arrival in _arrivals:
        try:
            await arrival(person_id, onward, cookies)
        except Exception:  # Whatever a feature above raises, they are to get in.
            _log.exception("a visitor's work was not handed over")
