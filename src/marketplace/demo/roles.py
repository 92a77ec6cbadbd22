"""What people do in the town, as `words/roles.toml` puts it."""

import tomllib
from dataclasses import dataclass

from marketplace import paths


@dataclass(frozen=True, slots=True)
class Role:
    """A job and its usual times.

    `when` lists weekdays and times such as "sat 10:00", `every` so many weeks; without, whenever
    it suits. `wordings` are its title and summary as different people put them.
    """

    key: str
    title: str
    causes: list[str]
    skills: list[str]
    wordings: list[tuple[str, str]]
    bodies: list[str]
    minutes: int
    places: int
    when: tuple[str, ...] = ()
    every: int = 1
    age: int = 18
    remote: bool = False


def read_roles() -> dict[str, Role]:
    """Read all jobs, by key."""
    text = (paths.PACKAGE / "demo" / "words" / "roles.toml").read_text("utf-8")
    return {key: Role(key, **facts) for key, facts in tomllib.loads(text).items()}


ROLES = read_roles()
