"""A published award as the 360Giving Data Standard 1.4.3 writes it: pure.

What the standard's own quality checks complain of is put right here: titles of more than 140
characters, line breaks in titles, e-mail addresses and telephone numbers in texts, identifiers
in no known list. Addresses are left out: many small groups are reached at somebody's home.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from marketplace.grants.awards.rules import MOST_TITLE, without_contacts

VERSION = "1.4"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# The kind of area by the beginning of its code; the standard's list of codes names no others we
# could have.
_AREA_TYPES = MappingProxyType(
    {"E06": "UA", "E07": "NMD", "E08": "MD", "E09": "LONB", "E10": "CTY", "W06": "UA"}
)


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation by what registers know of it."""

    id: UUID
    name: str
    charity_number: str | None = None
    company_number: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is told of one award; amounts in pence. `area` is a code and a name."""

    id: UUID
    title: str
    description: str
    asked: int | None
    amount: int
    awarded_on: date
    starts_on: date | None
    ends_on: date | None
    modified_at: datetime
    fund_id: UUID
    fund_title: str
    round_title: str
    funder: Body
    recipient: Body
    area: tuple[str, str] | None = None


def grant_id(prefix: str, award_id: UUID) -> str:
    """Give an award's identifier for good: "360G-<prefix>-<ref>", without slashes."""
    return f"360G-{prefix}-{award_id}"


def organisation_id(prefix: str, body: Body) -> str:
    """Give an organisation's identifier: its register's, or ours where it has no number.

    Charities linked to another are the other's in law, and go by its number.
    """
    number = (body.charity_number or "").partition("-")[0]
    if number.startswith("SC"):
        return f"GB-SC-{number}"
    if number.startswith("NIC"):
        return f"GB-NIC-{number.removeprefix('NIC')}"
    if number:
        return f"GB-CHC-{number}"
    if body.company_number:
        return f"GB-COH-{body.company_number.rjust(8, '0')}"
    return f"360G-{prefix}-ORG:{body.id}"


def pounds(pence: int) -> int | float:
    """Write pence as a number of pounds, whole where it is whole."""
    return pence // 100 if pence % 100 == 0 else pence / 100


def title_of(text: str) -> str:
    """Write a title on one line of at most 140 characters."""
    line = " ".join(without_contacts(text).split())
    return line if len(line) <= MOST_TITLE else line[: MOST_TITLE - 1].rstrip() + "…"


def instant(at: datetime) -> str:
    """Write an instant as the standard's date-time: seconds and a Z."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def grant(facts: Facts, *, prefix: str, base_url: str) -> dict[str, Any]:
    """Give one award as a grant of the standard, its fields in the standard's order."""
    found: dict[str, Any] = {
        "id": grant_id(prefix, facts.id),
        "title": title_of(facts.title),
        "description": without_contacts(facts.description),
        "currency": "GBP",
    }
    if facts.asked is not None:
        found["amountAppliedFor"] = pounds(facts.asked)
    found |= {
        "amountAwarded": pounds(facts.amount),
        "awardDate": facts.awarded_on.isoformat(),
        "url": f"{base_url}/awards/{facts.id}",
    }
    if facts.starts_on is not None:
        dates = {"startDate": facts.starts_on.isoformat()}
        if facts.ends_on is not None:
            dates["endDate"] = facts.ends_on.isoformat()
        found["plannedDates"] = [dates]
    found["recipientOrganization"] = [_organisation(prefix, facts.recipient)]
    if facts.area is not None:
        found["beneficiaryLocation"] = [_location(*facts.area)]
    found |= {
        "fundingOrganization": [_organisation(prefix, facts.funder)],
        "grantProgramme": [
            {
                "code": str(facts.fund_id),
                "title": title_of(f"{facts.fund_title}: {facts.round_title}"),
                "url": f"{base_url}/funds/{facts.fund_id}",
            }
        ],
        "fromOpenCall": "Yes",
        "dateModified": instant(facts.modified_at),
        "dataSource": f"{base_url}/open-data/360giving.json",
    }
    return found


def _organisation(prefix: str, body: Body) -> dict[str, str]:
    found = {"id": organisation_id(prefix, body), "name": " ".join(body.name.split())}
    if body.charity_number:
        found["charityNumber"] = body.charity_number.partition("-")[0]
    if body.company_number:
        found["companyNumber"] = body.company_number.rjust(8, "0")
    return found


def _location(code: str, name: str) -> dict[str, str]:
    found = {"name": name, "countryCode": "GB"}
    if re.fullmatch(r"[A-Z][0-9]{8}", code) and (kind := _AREA_TYPES.get(code[:3])):
        found |= {"geoCode": code, "geoCodeType": kind}
    return found


def envelope(*, publisher: str, base_url: str, modified_at: datetime) -> dict[str, Any]:
    """Give what stands round the grants of the package."""
    return {
        "version": VERSION,
        "title": f"Grants awarded through {publisher}",
        "description": (
            "Every grant awarded to an organisation through this site, as soon as it is announced."
        ),
        "identifier": f"{base_url}/open-data/360giving.json",
        "license": LICENCE,
        "modified": instant(modified_at),
        "issued": modified_at.date().isoformat(),
        "publisher": {"name": publisher, "website": base_url},
        "downloadURL": f"{base_url}/open-data/360giving.json",
        "accessURL": f"{base_url}/awards",
    }
