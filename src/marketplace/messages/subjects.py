"""What threads are about, asked of whoever owns it: the app binds who answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Subject:
    """What a thread is about, in words; paths are for the person and for the organisation.

    `open`: the organisation may still begin to write about it. `live`: it is not over yet.
    """

    title: str
    detail: str = ""
    path: str = ""
    manage_path: str = ""
    open: bool = False
    live: bool = False


Describe = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Subject]]]
UNKNOWN = Subject("Something that is gone")
_describers: dict[str, Describe] = {}


def set_subjects(describers: Mapping[str, Describe]) -> None:
    """Take who describes which kind of subject."""
    _describers.clear()
    _describers.update(describers)


async def describe(asked: Sequence[tuple[str, UUID]]) -> dict[UUID, Subject]:
    """Describe subjects of several kinds: one read a kind."""
    found = dict.fromkeys((id for _, id in asked), UNKNOWN)
    for kind in {kind for kind, _ in asked} & set(_describers):
        found.update(await _describers[kind]([id for each, id in asked if each == kind]))
    return found
