"""The town's organisations, as `words/groups.toml` has them."""

import tomllib
from dataclasses import dataclass

from marketplace import paths


@dataclass(frozen=True, slots=True)
class Group:
    """An organisation of the demo; `roles` are keys of what its volunteers do."""

    name: str
    kind: str
    town: str
    outward: str
    venue: str
    causes: list[str]
    roles: list[str]
    summary: str
    description: str
    state: str = "approved"
    note: str = ""
    charity_number: str = ""


def read_groups() -> tuple[Group, ...]:
    """Read all organisations; the first is the one that the demo's people belong to."""
    text = (paths.PACKAGE / "demo" / "words" / "groups.toml").read_text("utf-8")
    return tuple(Group(**facts) for facts in tomllib.loads(text)["group"])


GROUPS = read_groups()
