"""The town's organisations, as `words/groups.toml` has them."""

import tomllib
from dataclasses import dataclass, replace

from marketplace import paths

# Who else belongs where the words do not say: every kind of role is somewhere.
_OTHERS = ("trustee", "librarian", "finance", "grants_officer", "member", "assessor")


@dataclass(frozen=True, slots=True)
class Group:
    """An organisation of the demo; `roles` are keys of what its volunteers do.

    `team` are the roles of its people beside the owner.
    """

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
    team: tuple[str, ...] = ()


def read_groups() -> tuple[Group, ...]:
    """Read all organisations; the first is the one that the demo's people belong to."""
    text = (paths.PACKAGE / "demo" / "words" / "groups.toml").read_text("utf-8")
    groups = [Group(**facts) for facts in tomllib.loads(text)["group"]]
    return tuple(
        group
        if group.team
        else replace(group, team=("coordinator", _OTHERS[position % len(_OTHERS)]))
        for position, group in enumerate(groups)
    )


GROUPS = read_groups()
