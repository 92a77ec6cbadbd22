"""Looking at many pages: each in a state, with axe on a desk, and on a small phone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class State:
    """A page to look at: an address, what is typed there, and the button that is pressed."""

    name: str
    path: str
    fill: dict[str, Any] = field(default_factory=dict)
    press: str = ""
    status: int = 200
    says: str = ""


async def look(
    enter: Any, states: Sequence[State], person: UUID | None = None, **how: Any
) -> list[str]:
    """Give what is wrong with any of them.

    They are looked at one after the other in one window: a window costs as much as four pages.
    """
    found: list[str] = []
    visitor = await enter(person=person, inspecting=True, **how)
    for state in states:
        try:
            await visitor.open(state.path)
            await visitor.fill(**state.fill)
            if state.press:
                await visitor.press(state.press, inside="main")
                await visitor.page.wait_for_load_state()
            if state.says:
                await visitor.sees(state.says)
            if visitor.status != state.status:
                found.append(f"{state.name}: answered {visitor.status}, not {state.status}")
            found.extend(await visitor.inspect(state.name))
        except AssertionError as error:
            found.append(f"{state.name}: {error}")
    return found


def report(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)
