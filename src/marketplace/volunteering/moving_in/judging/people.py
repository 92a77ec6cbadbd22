"""People: by their address."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.rules import normalised_email
from marketplace.volunteering.moving_in import rules
from marketplace.volunteering.moving_in.judging.judged import Choices, Judged, refused
from marketplace.volunteering.moving_in.judging.organisations import Organisations
from marketplace.volunteering.moving_in.rules import Line, Verdict


async def judge(lines: Sequence[Line], choices: Choices) -> list[Judged]:
    """Judge lines that are people."""
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
                refused(
                    line,
                    f"The e-mail address {said}. Who has none is signed up under “People without"
                    " e-mail”.",
                    person_name(cells),
                )
            )
            continue
        if not person_name(cells):
            judged.append(refused(line, "There is no name.", address))
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
