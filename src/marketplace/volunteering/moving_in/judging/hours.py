"""Past hours: by person, role and day."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.rules import normalised_email
from marketplace.volunteering.moving_in import rules
from marketplace.volunteering.moving_in.judging.judged import Choices, Judged, refused
from marketplace.volunteering.moving_in.judging.organisations import Organisations
from marketplace.volunteering.moving_in.judging.roles import known_roles, role_keys
from marketplace.volunteering.moving_in.rules import Line, Verdict


async def judge(lines: Sequence[Line], choices: Choices) -> list[Judged]:
    """Judge lines that are hours."""
    organisations = await Organisations.named(lines)
    of = {line.number: organisations.of(line.cells) for line in lines}
    known = await known_roles([id for id in of.values() if isinstance(id, UUID)])
    typed = [normalised_email(line.cells.get("email", "")) for line in lines]
    rows = await db.fetch("SELECT id, email FROM person WHERE email = ANY({}::text[])", typed)
    people = {row["email"]: row["id"] for row in rows}
    rows = await db.fetch(
        "SELECT id, person_id, role_id, on_date, minutes, booking_id FROM hours"
        " WHERE person_id = ANY({}::uuid[]) AND state <> 'withdrawn'",
        list(people.values()),
    )
    there: dict[tuple[UUID, UUID, Any], list[Mapping[str, Any]]] = {}
    for row in rows:
        there.setdefault((row["person_id"], row["role_id"], row["on_date"]), []).append(row)
    seen: dict[tuple[UUID, UUID, Any], tuple[int, int]] = {}
    judged: list[Judged] = []
    for line in lines:
        cells = line.cells
        title, role = role_keys(cells)
        label = ", ".join(filter(None, (cells.get("email", ""), role, cells.get("date", ""))))[:200]
        organisation = of[line.number]
        person = people.get(normalised_email(cells.get("email", "")))
        on = rules.day(cells.get("date", ""))
        minutes = rules.minutes(cells.get("hours", ""), cells.get("minutes", ""))
        if problem := (
            organisation
            if isinstance(organisation, str)
            else "Nobody here has this e-mail address. Import people first."
            if person is None
            else "The date is not one such as 31/01/2026."
            if on is None
            else "The date lies ahead."
            if on > clock.today()
            else "How long it was is not written as 2.5, 2:30 or 150 minutes."
            if minutes is None
            else "A day has 24 hours, and nothing is shorter than a minute."
            if not 1 <= minutes <= 24 * 60
            else ""
        ):
            judged.append(refused(line, problem, label))
            continue
        assert isinstance(organisation, UUID) and person is not None and minutes is not None
        both = f"{rules.bare_name(title)}\n{rules.bare_name(role)}"
        ids = known.get((organisation, both)) or known.get((organisation, rules.bare_name(role)))
        if not ids or len(ids) > 1:
            judged.append(
                refused(
                    line,
                    "Several roles there have this title. Add the columns “Opportunity” and “Role”."
                    if ids
                    else "This role is not here. Import roles first.",
                    label,
                )
            )
            continue
        key = (person, ids[0], on)
        same = [row for row in there.get(key, []) if row["minutes"] == minutes]
        other = [row for row in there.get(key, []) if row["booking_id"] is None]
        if same:
            found = Judged(line, Verdict.MATCHED, "These hours are here.", label, same[0]["id"])
        elif other:
            found = refused(
                line,
                f"{other[0]['minutes']} minutes of that day are here already. Correct those, or"
                " leave this line out.",
                label,
            )
        elif key in seen and seen[key][1] == minutes:
            found = Judged(line, Verdict.MATCHED, f"The same as line {seen[key][0]}.", label)
        elif key in seen:
            found = refused(
                line,
                f"Line {seen[key][0]} is of the same person, role and day. Add them up.",
                label,
            )
        else:
            seen[key] = (line.number, minutes)
            found = Judged(
                line,
                Verdict.NEW,
                "Confirmed hours.",
                label,
                organisation=organisation,
                person=person,
                role=ids[0],
            )
        judged.append(found)
    return judged
