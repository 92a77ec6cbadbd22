"""An organisation with its opportunities as the volunteering data standard writes them: pure.

The terms are those of the ontology of 23 March 2026; the shape is that of the standard's
publishing page, organisation -> activity -> role and session. Its known gaps, and what we do:

- `accessibility` is named and not described, `reward` has no terms: expenses are published
  as the term of `roleAccessibility` that exists for them.
- A time is any temporal entity: we give the instants (OWL Time) and, beside them, the standard's
  own "Tuesday evening". Its parts of the day are those of the ontology (6, 12, 18 o'clock).
- `CharityRegistration` has no properties: it is named by its org-id.
- `role` and `session` are told of activities alone in its examples, yet neither property has a
  domain: a session names whose it is by `role`, and sessions inside a role are read likewise.
- A bare `DBSCheck` would say more than anybody decided, so checks are not published.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from marketplace import taxonomies
from marketplace.paths import data
from marketplace.volunteering.opportunities.rules import ACCESS, SUPPORT, Expenses
from marketplace.volunteering.rules import duration_words

NS = "https://ns.volunteeringdata.io/"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
STANDARD = "https://standard.volunteeringdata.io/"
_TIME = "http://www.w3.org/2006/time#"
_XSD = "http://www.w3.org/2001/XMLSchema#"

Locate = Callable[[tuple[float, float]], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One shift: instants are aware UTC, `local_start` is what the clock there shows."""

    role_id: UUID
    starts_at: datetime
    ends_at: datetime
    local_start: datetime


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """One role; `minimum_age` is in years, 0 for any age."""

    id: UUID
    title: str
    description: str
    minimum_age: int
    skills: Sequence[str]


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """One open opportunity; `point` is OSGB36 metres or None."""

    id: UUID
    title: str
    summary: str
    description: str
    causes: Sequence[str]
    skills: Sequence[str]
    access: Sequence[str]
    support: Sequence[str]
    expenses_paid: str
    remote: bool
    place_name: str
    address: str
    point: tuple[float, float] | None
    availability: str
    image: str
    published_at: datetime
    roles: Sequence[RoleFacts] = ()
    sessions: Sequence[SessionFacts] = ()


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """One organisation with what it asks volunteers to do; `registration` is an org-id or ""."""

    id: UUID
    name: str
    summary: str
    website: str
    causes: Sequence[str]
    registration: str
    activities: list[ActivityFacts] = field(default_factory=list[ActivityFacts])


@cache
def _context() -> dict[str, Any]:
    shipped = json.loads((data() / "volunteering" / "context-v1.jsonld").read_text("utf-8"))
    return {**shipped["@context"], "owltime": _TIME, "xsd": _XSD}


def envelope(*, publisher: str, base_url: str, modified_at: datetime) -> dict[str, Any]:
    """Give what stands before the graph."""
    return {
        "@context": {**_context(), "license": {"@type": "@id"}, "conformsTo": {"@type": "@id"}},
        "id": f"{base_url}/open-data/volunteering.jsonld",
        "license": LICENCE,
        "publisher": publisher,
        "conformsTo": STANDARD,
        "modified": modified_at.date().isoformat(),
    }


def organisation(facts: OrganisationFacts, *, base_url: str, locate: Locate) -> dict[str, Any]:
    """Give one organisation with its activities; `locate` turns metres into (lat, long)."""
    found: dict[str, Any] = {
        "id": f"{base_url}/organisations/{facts.id}",
        "type": "Organisation",
        "name": facts.name,
        "description": facts.summary,
    }
    if facts.website:
        found["website"] = facts.website
    if facts.registration:
        found["charityRegistration"] = {
            "id": f"http://org-id.guide/{facts.registration}",
            "type": "CharityRegistration",
            "name": facts.registration,
        }
    found["cause"] = _terms(facts.causes, taxonomies.CAUSES)
    found["activity"] = [
        _activity(each, base_url=base_url, locate=locate) for each in facts.activities
    ]
    return {name: value for name, value in found.items() if value != ""}


def _activity(facts: ActivityFacts, *, base_url: str, locate: Locate) -> dict[str, Any]:
    url = f"{base_url}/opportunities/{facts.id}"
    found: dict[str, Any] = {
        "id": url,
        "type": "Activity",
        "title": facts.title,
        "description": "\n\n".join(filter(None, (facts.summary, facts.description))),
        "publishStartDate": facts.published_at.date().isoformat(),
        "cause": _terms(facts.causes, taxonomies.CAUSES),
        "role": [_role(facts, role, url) for role in facts.roles],
    }
    if facts.image:
        found["image"] = f"{base_url}{facts.image}"
    location = _location(facts, locate)
    found["session"] = [_session(each, location, url) for each in facts.sessions]
    if not facts.sessions and location:
        # Flexible times: where, without when.
        found["session"] = [{"type": "Session", "location": [location]}]
    return found


def _role(facts: ActivityFacts, role: RoleFacts, url: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": _role_id(url, role.id),
        "type": "Role",
        "title": role.title or facts.title,
        "description": role.description or facts.summary,
        "applyLink": url,
        "allowsRemoteParticipation": facts.remote,
    }
    if commitment := _commitment(facts, role.id):
        found["commitment"] = commitment
    if role.minimum_age:
        found["minimumAge"] = role.minimum_age
    skills = list(dict.fromkeys((*role.skills, *facts.skills)))
    found["skill"] = _terms(skills, taxonomies.SKILLS)
    terms = [ACCESS[slug].term for slug in facts.access if slug in ACCESS]
    terms += [SUPPORT[slug].term for slug in facts.support if slug in SUPPORT]
    if facts.expenses_paid in {Expenses.ALL, Expenses.TRAVEL}:
        terms.append("expenses-paid")
    found["roleAccessibility"] = _terms(dict.fromkeys(terms), taxonomies.ACCESSIBILITY)
    return found


def _role_id(url: str, role: UUID) -> str:
    return f"{url}#role-{role}"


def _commitment(facts: ActivityFacts, role_id: UUID) -> str:
    lengths = {
        round((each.ends_at - each.starts_at).total_seconds() / 60)
        for each in facts.sessions
        if each.role_id == role_id
    }
    if not lengths:
        return facts.availability
    shortest, longest = duration_words(min(lengths)), duration_words(max(lengths))
    return f"{shortest} a shift" if shortest == longest else f"{shortest} to {longest} a shift"


def _location(facts: ActivityFacts, locate: Locate) -> dict[str, Any] | None:
    if facts.point is None:
        return None
    latitude, longitude = locate(facts.point)
    found: dict[str, Any] = {"type": "Location", "name": facts.place_name}
    found["address"] = facts.address
    # Four decimals are ten metres: no finer than a postcode is.
    found |= {"latitude": round(latitude, 4), "longitude": round(longitude, 4)}
    return {name: value for name, value in found.items() if value != ""}


def _session(facts: SessionFacts, location: dict[str, Any] | None, url: str) -> dict[str, Any]:
    times: list[dict[str, Any]] = [
        {
            "type": "owltime:ProperInterval",
            "owltime:hasBeginning": _instant(facts.starts_at),
            "owltime:hasEnd": _instant(facts.ends_at),
        }
    ]
    if part := part_of_day(facts.local_start):
        times.append({"id": f"{NS}{facts.local_start:%A}{part}"})
    found: dict[str, Any] = {
        "type": "Session",
        "role": [{"id": _role_id(url, facts.role_id)}],
        "time": times,
    }
    if location:
        found["location"] = [location]
    return found


def part_of_day(local: datetime) -> str:
    """Name the standard's part of the day; "" in the night, for which it has none."""
    return "" if local.hour < 6 else ("Morning", "Afternoon", "Evening")[local.hour // 6 - 1]


def _instant(at: datetime) -> dict[str, Any]:
    stamp = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "type": "owltime:Instant",
        "owltime:inXSDDateTimeStamp": {"@type": "xsd:dateTimeStamp", "value": stamp},
    }


def _terms(slugs: Any, taxonomy: Any) -> list[dict[str, str]]:
    return [{"id": taxonomy[slug].uri} for slug in slugs if slug in taxonomy]
