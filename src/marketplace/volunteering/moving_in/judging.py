"""What becomes of lines: matched with what is here, in a handful of statements a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace import clock, db, places
from marketplace.accounts.rules import normalised_email
from marketplace.organisations.rules import charity_number
from marketplace.volunteering.moving_in import rules
from marketplace.volunteering.moving_in.rules import Choice, Kind, Line, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with its verdict; `match` is what it was matched with or resembles."""

    line: Line
    verdict: Verdict
    sentence: str
    label: str
    match: UUID | None = None
    organisation: UUID | None = None
    person: UUID | None = None
    role: UUID | None = None


Choices = Mapping[int, tuple[Choice, UUID | None]]


async def judge(kind: Kind, lines: Sequence[Line], choices: Choices | None = None) -> list[Judged]:
    """Say of each line what becomes of it as things stand; `choices` are a broker's, by line."""
    judges = {
        Kind.ORGANISATIONS: _organisations,
        Kind.PEOPLE: _people,
        Kind.ROLES: _roles,
        Kind.HOURS: _hours,
    }
    readable = [line for line in lines if not line.problem]
    judged = await judges[kind](readable, choices or {})
    judged += [_refused(line, line.problem) for line in lines if line.problem]
    return sorted(judged, key=lambda each: each.line.number)


def _refused(line: Line, sentence: str, label: str = "") -> Judged:
    return Judged(line, Verdict.REFUSED, sentence, label or _label(line))


def _label(line: Line) -> str:
    cells = line.cells
    return (cells.get("organisation") or cells.get("email") or cells.get("title") or "")[:200]


# --- organisations


class Organisations:
    """The organisations that some lines name, by charity number and by bare name."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.by_number = {row["charity_number"]: row["id"] for row in rows if row["charity_number"]}
        self.by_name: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            self.by_name.setdefault(rules.bare_name(row["name"]), []).append(row)

    @classmethod
    async def named(cls, lines: Sequence[Line]) -> "Organisations":
        """Read them; every one here, because names are compared by rules SQL does not have."""
        if not lines:
            return cls([])
        rows = await db.fetch(
            "SELECT id, name, charity_number, postcode FROM organisation"
            " WHERE state NOT IN ('refused', 'closed') ORDER BY id"
        )
        return cls(rows)

    def of(self, cells: Mapping[str, str]) -> UUID | str:
        """Give the one that a line of something else names, or say why there is none."""
        number = charity_number(cells.get("charity_number", ""))
        if number and number in self.by_number:
            return self.by_number[number]
        named = self.by_name.get(rules.bare_name(cells.get("organisation", "")), [])
        if len(named) == 1 and not (number and named[0]["charity_number"]):
            return named[0]["id"]
        if named:
            return (
                "Several organisations here have this name, or it has another charity number. Add a"
                " column “Charity number”."
            )
        return "This organisation is not here. Import organisations first."


def outward(postcode: str) -> str:
    """Give the first half of a postcode, "" where it is none."""
    found = places.resolve(postcode) if postcode else None
    return (found.outward or "") if found else ""


async def _organisations(lines: Sequence[Line], choices: Choices) -> list[Judged]:
    here = await Organisations.named(lines)
    seen: dict[tuple[str, str], int] = {}
    judged: list[Judged] = []
    for line in lines:
        judged.append(_organisation(line, here, seen, choices))
    return judged


def _organisation(
    line: Line, here: Organisations, seen: dict[tuple[str, str], int], choices: Choices
) -> Judged:
    cells = line.cells
    name = cells.get("organisation", "")[:200]
    if not name:
        return _refused(line, "There is no name.")
    typed = cells.get("charity_number", "")
    number = charity_number(typed) if typed else None
    if typed and number is None:
        return _refused(line, "The charity number has not the shape of one, such as 1234567.")
    for label, key in (("contact e-mail", "contact_email"), ("owner's e-mail", "owner_email")):
        if cells.get(key) and rules.email(cells[key]) is None:
            return _refused(line, f"The {label} is not an address such as name@example.org.")
    bare, code = rules.bare_name(name), outward(cells.get("postcode", ""))
    keys = [("number", number)] if number else [("name", f"{bare} {code}")]
    for key in keys:
        if key in seen:
            return Judged(line, Verdict.MATCHED, f"The same as line {seen[key]}.", name)
    seen.update(dict.fromkeys(keys, line.number))
    if number and number in here.by_number:
        found = here.by_number[number]
        return Judged(line, Verdict.MATCHED, "Here already, by its charity number.", name, found)
    if answer := choices.get(line.number):
        choice, match = answer
        if choice is Choice.MATCHED:
            return Judged(line, Verdict.MATCHED, "Here already, as you decided.", name, match)
        return Judged(line, Verdict.NEW, "New, as you decided.", name)
    alike = here.by_name.get(bare, [])
    if number:
        alike = [row for row in alike if not row["charity_number"]]
    for row in alike:
        if code and outward(row["postcode"]) == code:
            if number and not row["charity_number"]:
                continue
            return Judged(
                line, Verdict.MATCHED, "Here already, by name and postcode area.", name, row["id"]
            )
    if alike:
        return Judged(
            line,
            Verdict.DOUBTFUL,
            "One with this name is here, in another postcode area or without a number. Is it the"
            " same?",
            name,
            alike[0]["id"],
        )
    return Judged(line, Verdict.NEW, "A draft that its owner completes and sends in.", name)


# --- people


async def _people(lines: Sequence[Line], choices: Choices) -> list[Judged]:
    typed = [normalised_email(line.cells.get("email", "")) for line in lines]
    rows = await db.fetch("SELECT id, email FROM person WHERE email = ANY({}::text[])", typed)
    here = {row["email"]: row["id"] for row in rows}
    consenting = [line for line in lines if rules.agreed(line.cells.get("consent", ""))]
    organisations = await Organisations.named(consenting)
    seen: dict[str, int] = {}
    judged: list[Judged] = []
    for line in lines:
        cells = line.cells
        address = rules.email(cells.get("email", ""))
        if address is None:
            said = "is not one such as name@example.org" if cells.get("email") else "is missing"
            judged.append(
                _refused(
                    line,
                    f"The e-mail address {said}. Who has none is signed up under “People without"
                    " e-mail”.",
                    person_name(cells),
                )
            )
            continue
        if not person_name(cells):
            judged.append(_refused(line, "There is no name.", address))
            continue
        note, organisation = _consent(line, organisations)
        key = normalised_email(address)
        if key in seen:
            verdict, sentence = Verdict.MATCHED, f"The same address as line {seen[key]}."
        elif key in here:
            verdict, sentence = Verdict.MATCHED, "Has an account already. Nothing of it changes."
        else:
            verdict, sentence = Verdict.NEW, "Reached by nobody until they claim the account."
        seen.setdefault(key, line.number)
        judged.append(
            Judged(
                line,
                verdict,
                f"{sentence} {note}".strip(),
                f"{person_name(cells)}, {address}"[:200],
                here.get(key),
                organisation=organisation,
            )
        )
    return judged


def person_name(cells: Mapping[str, str]) -> str:
    """Give a person's name out of one column or two."""
    parts = (cells.get("first_name", ""), cells.get("last_name", ""))
    return (cells.get("name") or " ".join(filter(None, parts)))[:200]


def _consent(line: Line, organisations: Organisations) -> tuple[str, UUID | None]:
    """Say what becomes of a consent, and for which organisation it is, None where it is left."""
    cells = line.cells
    if not rules.agreed(cells.get("consent", "")):
        return "", None
    given = rules.day(cells.get("consent_date", ""))
    how = rules.consent_how(cells.get("consent_how", ""))
    if given is None or given > clock.today() or how is None:
        return "Its consent is left out: it does not say when and how it was given.", None
    organisation = organisations.of(cells)
    if isinstance(organisation, str):
        return "Its consent is left out: the organisation it was given to is not here.", None
    return "May be written to by that organisation, with the evidence in the ledger.", organisation


# --- roles


async def _known_roles(organisations: Sequence[UUID]) -> dict[tuple[UUID, str], list[UUID]]:
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


async def _roles(lines: Sequence[Line], choices: Choices) -> list[Judged]:
    organisations = await Organisations.named(lines)
    of = {line.number: organisations.of(line.cells) for line in lines}
    known = await _known_roles([id for id in of.values() if isinstance(id, UUID)])
    public = await _public_titles([id for id in of.values() if isinstance(id, UUID)])
    seen: dict[tuple[UUID, str], int] = {}
    judged: list[Judged] = []
    for line in lines:
        title, role = role_keys(line.cells)
        organisation = of[line.number]
        if not title:
            judged.append(_refused(line, "There is no title."))
            continue
        if isinstance(organisation, str):
            judged.append(_refused(line, organisation, title))
            continue
        age = line.cells.get("minimum_age", "")
        if age and not (age.isdecimal() and age.isascii() and int(age[:4]) <= 120):
            judged.append(_refused(line, "The minimum age is not a number of years.", title))
            continue
        postcode = line.cells.get("postcode", "")
        if postcode and not outward(postcode):
            judged.append(_refused(line, "We do not know that postcode.", title))
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


# --- hours


async def _hours(lines: Sequence[Line], choices: Choices) -> list[Judged]:
    organisations = await Organisations.named(lines)
    of = {line.number: organisations.of(line.cells) for line in lines}
    known = await _known_roles([id for id in of.values() if isinstance(id, UUID)])
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
            judged.append(_refused(line, problem, label))
            continue
        assert isinstance(organisation, UUID) and person is not None and minutes is not None
        both = f"{rules.bare_name(title)}\n{rules.bare_name(role)}"
        ids = known.get((organisation, both)) or known.get((organisation, rules.bare_name(role)))
        if not ids or len(ids) > 1:
            judged.append(
                _refused(
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
            found = _refused(
                line,
                f"{other[0]['minutes']} minutes of that day are here already. Correct those, or"
                " leave this line out.",
                label,
            )
        elif key in seen and seen[key][1] == minutes:
            found = Judged(line, Verdict.MATCHED, f"The same as line {seen[key][0]}.", label)
        elif key in seen:
            found = _refused(
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
