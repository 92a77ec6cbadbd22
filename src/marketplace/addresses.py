"""What of an address of ours may be kept and passed on: never a token of a signed link."""

import re
from uuid import UUID

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def plain(path: str) -> str:
    """Keep of an address only plain words and ids, up to the first part that is neither."""
    kept: list[str] = []
    for part in path.split("?")[0].strip("/").split("/"):
        if not (_WORD.fullmatch(part) or _id(part)):
            break
        kept.append(part)
    return "/" + "/".join(kept)


def ids(path: str) -> list[UUID]:
    """Give the ids in an address, in their order."""
    return [id for part in path.split("/") if (id := _id(part)) is not None]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
