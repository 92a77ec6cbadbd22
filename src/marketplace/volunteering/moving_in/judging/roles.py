"""Roles: by the titles of opportunity and role."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from marketplace import db
from marketplace.volunteering.moving_in import rules
from marketplace.volunteering.moving_in.judging.judged import Choices, Judged, refused
from marketplace.volunteering.moving_in.judging.organisations import Organisations, outward
from marketplace.volunteering.moving_in.rules import Line, Verdict


async def known_roles(organisations: Sequence[UUID]) -> dict[tuple[UUID, str], list[UUID]]:
    """Give the roles of organisations by bare title of the role, and of its opportunity."""
    rows = await db.fetch(
        "SELECT r.id, o.organisation_id, r.title AS role, o.title, r.position FROM role r"
        " JOIN opportunity o ON o.id = r.opportunity_id WHERE o.organisation_id = ANY({}::uuid[])"
        " AND o.state <> 'cancelled' ORDER BY r.position, r.id",
        organisations,
    )
    found: dict[tuple[UUID, str], list[UUID]] = {}
    for row in rows:
        title, role = rules.bare_name(row["title"]), rules.bare_name(row["role"])
        for key in dict.fromkeys((f"{title}\n{role}", role, title)):
            ids = found.setdefault((row["organisation_id"], key), [])
            # An opportunity's title names its first role only.
            if key != title or role == title or not ids:
                ids.append(row["id"])
    return found


async def _public_titles(organisations: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """Give the titles that others read already: nobody adds to those from outside."""
    rows = await db.fetch(
        "SELECT organisation_id, title FROM opportunity WHERE organisation_id = ANY({}::uuid[])"
        " AND state NOT IN ('draft', 'needs_work', 'cancelled')",
        organisations,
    )
    return {(row["organisation_id"], rules.bare_name(row["title"])) for row in rows}


def role_keys(cells: Mapping[str, str]) -> tuple[str, str]:
    """Give the titles of an opportunity and of a role: one is the other where it is not said."""
    title, role = cells.get("title", "")[:200], cells.get("role", "")[:200]
    return title or role, role or title


async def judge(lines: Sequence[Line], choices: Choices) -> list[Judged]:
    """Judge lines that are roles."""
    organisations = await Organisations.named(lines)
    of = {line.number: organisations.of(line.cells) for line in lines}
    known = await known_roles([id for id in of.values() if isinstance(id, UUID)])
    public = await _public_titles([id for id in of.values() if isinstance(id, UUID)])
    seen: dict[tuple[UUID, str], int] = {}
    judged: list[Judged] = []
    for line in lines:
        title, role = role_keys(line.cells)
        organisation = of[line.number]
        if not title:
            judged.append(refused(line, "There is no title."))
            continue
        if isinstance(organisation, str):
            judged.append(refused(line, organisation, title))
            continue
        age = line.cells.get("minimum_age", "")
        if age and not (age.isdecimal() and age.isascii() and int(age[:4]) <= 120):
            judged.append(refused(line, "The minimum age is not a number of years.", title))
            continue
        postcode = line.cells.get("postcode", "")
        if postcode and not outward(postcode):
            judged.append(refused(line, "We do not know that postcode.", title))
            continue
        key = (organisation, f"{rules.bare_name(title)}\n{rules.bare_name(role)}")
        there = known.get(key, [None])[0]
        if there:
            verdict, sentence = Verdict.MATCHED, "Here already, with the same titles."
        elif key in seen:
            verdict, sentence = Verdict.MATCHED, f"The same as line {seen[key]}."
        elif (organisation, rules.bare_name(title)) in public:
            verdict = Verdict.REFUSED
            sentence = "This opportunity is past a draft, so its organisation adds roles itself."
        else:
            verdict, sentence = Verdict.NEW, "A draft that the organisation reads and publishes."
        seen.setdefault(key, line.number)
        judged.append(
            Judged(line, verdict, sentence, title, there, organisation=organisation, role=there)
        )
    return judged
