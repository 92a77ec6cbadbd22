"""What becomes of lines: matched with what is here, in a handful of statements a table."""

from collections.abc import Sequence
from uuid import UUID

from marketplace.volunteering.moving_in.judging import feed, hours, organisations, people, roles
from marketplace.volunteering.moving_in.judging.judged import Choices, Judged, refused
from marketplace.volunteering.moving_in.rules import Kind, Line

__all__ = ["Choices", "Judged", "judge"]


async def judge(
    kind: Kind,
    lines: Sequence[Line],
    choices: Choices | None = None,
    import_id: UUID | None = None,
) -> list[Judged]:
    """Say of each line what becomes of it as things stand; `choices` are a broker's, by line.

    `import_id` is where the lines stand, once they do.
    """
    judges = {
        Kind.ORGANISATIONS: organisations.judge,
        Kind.PEOPLE: people.judge,
        Kind.ROLES: roles.judge,
        Kind.HOURS: hours.judge,
    }
    readable = [line for line in lines if not line.problem]
    if kind is Kind.FEED:
        judged = await feed.judge(readable, choices or {}, import_id)
    else:
        judged = await judges[kind](readable, choices or {})
    judged += [refused(line, line.problem) for line in lines if line.problem]
    return sorted(judged, key=lambda each: each.line.number)
