"""Feeds: organisations as those of tables are, activities by source, then by title."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from marketplace import db
from marketplace.volunteering.feeds import steps as feeds
from marketplace.volunteering.moving_in import rules
from marketplace.volunteering.moving_in.judging import organisations
from marketplace.volunteering.moving_in.judging.judged import Choices, Judged, refused
from marketplace.volunteering.moving_in.judging.organisations import Organisations
from marketplace.volunteering.moving_in.rules import Choice, Line, RowState, Verdict

# What an activity's organisation is: its verdict, and which it is where it is here.
Standing = tuple[Verdict, UUID | None]
_AGAIN = "Here already, from this feed. Nothing of it changes."
_CHANGED = "Here already, from this feed, which says something else by now: the draft follows."


async def judge(
    lines: Sequence[Line], choices: Choices, import_id: UUID | None = None
) -> list[Judged]:
    """Judge lines of a feed; `import_id` is where the lines before these stand."""
    first = [line for line in lines if "within" not in line.cells]
    rest = [line for line in lines if "within" in line.cells]
    judged = await _organisations(first, choices)
    standing = await _standing(import_id, {int(line.cells["within"]) for line in rest})
    standing |= {each.line.number: (each.verdict, each.match) for each in judged}
    return judged + await _activities(rest, choices, standing, import_id)


def _sources(lines: Sequence[Line]) -> list[str]:
    return [line.cells.get("source", "") for line in lines]


async def _organisations(lines: Sequence[Line], choices: Choices) -> list[Judged]:
    rows = await db.fetch(
        "SELECT f.source, g.id FROM feed_source f JOIN organisation g ON g.id = f.subject_id"
        " WHERE f.subject_type = 'organisation' AND f.source = ANY({}::text[])",
        _sources(lines),
    )
    known = {row["source"]: row["id"] for row in rows}
    here = await Organisations.named(lines)
    judged: list[Judged] = []
    for line in lines:
        if found := known.get(line.cells.get("source", "")):
            label = line.cells.get("organisation", "")
            judged.append(Judged(line, Verdict.MATCHED, _AGAIN, label, found))
        else:
            judged.append(organisations.judge_one(line, here, {}, choices))
    return judged


async def _standing(import_id: UUID | None, numbers: set[int]) -> dict[int, Standing]:
    rows = await db.fetch(
        "SELECT line, verdict, state, coalesce(made_id, match_id) AS id FROM csv_import_row"
        " WHERE import_id = {} AND line = ANY({}::int[])",
        import_id,
        sorted(numbers),
    )
    return {
        row["line"]: (Verdict(row["verdict"]), row["id"])
        if row["state"] == RowState.APPLIED
        else (Verdict.DOUBTFUL if row["state"] == RowState.WAITING else Verdict.REFUSED, None)
        for row in rows
    }


async def _activities(
    lines: Sequence[Line],
    choices: Choices,
    standing: Mapping[int, Standing],
    import_id: UUID | None,
) -> list[Judged]:
    known = await feeds.activities(_sources(lines))
    rows = await db.fetch(
        "SELECT o.id, o.organisation_id, o.title FROM opportunity o"
        " WHERE o.organisation_id = ANY({}::uuid[]) AND o.state <> 'cancelled'"
        # Two of one feed that have the same title are two.
        " AND NOT EXISTS (SELECT FROM feed_source f WHERE f.subject_id = o.id"
        "  AND f.import_id = {}) ORDER BY o.id",
        [id for _, id in standing.values() if id],
        import_id,
    )
    alike = {(row["organisation_id"], rules.bare_name(row["title"])): row["id"] for row in rows}
    judged: list[Judged] = []
    for line in lines:
        title = line.cells.get("title", "")
        within = int(line.cells["within"])
        verdict, organisation = standing.get(within, (Verdict.REFUSED, None))
        before = known.get(line.cells.get("source", ""))
        there = alike.get((organisation, rules.bare_name(title))) if organisation else None
        if verdict is Verdict.REFUSED:
            found = refused(line, "Its organisation was refused.", title)
        elif verdict is Verdict.DOUBTFUL:
            found = Judged(line, verdict, "It follows its organisation: decide that first.", title)
        elif before and before.organisation_id != organisation:
            found = refused(line, "It belongs to another organisation here.", title)
        elif before:
            said = _CHANGED if before.follows(line.cells["facts"].encode()) else _AGAIN
            found = Judged(line, Verdict.MATCHED, said, title, before.id)
        else:
            found = _new_or_alike(line, title, there, choices)
        judged.append(replace(found, organisation=organisation))
    return judged


def _new_or_alike(line: Line, title: str, there: UUID | None, choices: Choices) -> Judged:
    choice, match = choices.get(line.number, (None, None))
    if match and choice is Choice.MATCHED:
        return Judged(line, Verdict.MATCHED, "Here already, as you decided.", title, match)
    if match and choice is Choice.NEW:
        return Judged(line, Verdict.NEW, "New, as you decided.", title)
    if there:
        return Judged(
            line,
            Verdict.DOUBTFUL,
            "Its organisation has one with this title. Is it the same?",
            title,
            there,
        )
    return Judged(line, Verdict.NEW, "A draft that the organisation reads and publishes.", title)
