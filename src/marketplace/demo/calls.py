"""What the funders of the town say and what is asked of them, as `words/*.toml` has it."""

import tomllib
from dataclasses import dataclass, field
from typing import Any, Literal

from marketplace import paths

Stage = Literal["draft", "upcoming", "open", "assessing", "decided"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `about` names what answers it."""

    about: str
    kind: str
    label: str
    help: str = ""
    words: int | None = None
    options: list[str] = field(default_factory=list[str])
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A round: days counted from today, amounts in pounds."""

    key: str
    title: str
    stage: Stage
    deadline: int
    budget: int
    least: int
    most: int
    opens: int | None = None
    who: str = ""
    income: int | None = None
    kinds: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Fund:
    """A fund; its rounds share the questions, the criteria and where applicants are from."""

    funder: str
    title: str
    summary: str
    description: str
    causes: list[str]
    area: str
    criteria: list[tuple[str, str, int, int]]
    questions: list[Question]
    calls: list[Call]
    districts: list[str] = field(default_factory=list[str])
    years: int = 0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """What somebody applied for, in pounds; texts that were not written yet are empty."""

    by: str
    title: str
    asked: int
    story: str = ""
    difference: str = ""
    costs: str = ""
    people: int | None = None
    awarded: int | None = None
    why: str = ""
    state: Literal["submitted", "draft", "withdrawn"] = "submitted"
    earlier: str = ""
    conflict: bool = False
    main: bool = False


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((paths.PACKAGE / "demo" / "words" / name).read_text("utf-8"))


def _fund(facts: dict[str, Any]) -> Fund:
    given = dict(facts)
    calls = [Call(**each) for each in given.pop("rounds")]
    questions = [Question(**each) for each in given.pop("questions")]
    return Fund(calls=calls, questions=questions, **given)


FUNDS = tuple(_fund(facts) for facts in _read("funds.toml").values())
PROJECTS = {
    key: [Project(**facts) for facts in found] for key, found in _read("projects.toml").items()
}
# Who gave grants, and who asked for one in a round that is over.
LONG_HERE = frozenset(
    {
        *(fund.funder for fund in FUNDS),
        *(
            project.by
            for fund in FUNDS
            for call in fund.calls
            if call.stage == "decided"
            for project in PROJECTS[call.key]
        ),
    }
)
