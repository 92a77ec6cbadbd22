"""Whether an organisation may apply: what we know of it, held against a round's rules.

One function decides, for the page that is read before starting, for starting and for submitting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.grants.rounds.queries import rules_of
from marketplace.grants.rules import (
    Applicant,
    ApplicationState,
    Eligibility,
    Rules,
    amounts_words,
    deadline_words,
    eligibility,
)
from marketplace.organisations.rules import Kind as OrganisationKind
from marketplace.permissions import Actor, Permission

# The register's number is compared as a number, so that its index serves; others have letters.
_FACTS = (
    "SELECT g.id, g.name, g.kind, g.state, c.income_pence AS income, c.registered_on,"
    " CASE WHEN o.code IS NOT NULL THEN (SELECT coalesce(jsonb_object_agg(p.gss, p.name),"
    "   jsonb_build_object()) FROM place p JOIN place_outward po ON po.place_id = p.id"
    "  WHERE po.outward_code = o.code AND p.scheme = 'council' AND p.kind = 'place'"
    "  AND p.valid_from <= {} AND (p.valid_to IS NULL OR p.valid_to > {})) END AS districts,"
    " a.id AS application_id, a.state AS application_state"
    " FROM organisation g"
    " LEFT JOIN outward_code o ON o.code = upper(split_part(g.postcode, ' ', 1))"
    " LEFT JOIN register_charity c ON c.status = 'Registered'"
    "  AND c.registered_number = CASE WHEN g.charity_number ~ '^[0-9]+(-[0-9]+)?$'"
    "   AND length(g.charity_number) < 18"
    "   THEN split_part(g.charity_number, '-', 1)::bigint END"
    "  AND c.linked_number = CASE WHEN g.charity_number ~ '^[0-9]+-[0-9]+$'"
    "   AND length(g.charity_number) < 18"
    "   THEN split_part(g.charity_number, '-', 2)::bigint ELSE 0 END"
    " LEFT JOIN application a ON a.organisation_id = g.id AND a.round_id = {}"
    "  AND a.state <> 'withdrawn'"
    " WHERE g.id = ANY({}::uuid[]) ORDER BY lower(unaccent(g.name)), g.id"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organisation held against a round, with the application it has there already."""

    id: UUID
    name: str
    state: str
    applicant: Applicant
    eligibility: Eligibility
    application_id: UUID | None
    application_state: ApplicationState | None


async def candidates(
    organisations: Sequence[UUID], round_id: UUID, rules: Rules, *, today: date
) -> list[Candidate]:
    """Hold organisations against a round's rules, by name, in one statement."""
    if not organisations:
        return []
    rows = await db.fetch(_FACTS, today, today, round_id, list(organisations))
    return [_candidate(row, rules, today) for row in rows]


def _candidate(row: dict[str, Any], rules: Rules, today: date) -> Candidate:
    applicant = Applicant(
        kind=OrganisationKind(row["kind"]),
        approved=row["state"] == "approved",
        districts=row["districts"],
        income=row["income"],
        registered_on=row["registered_on"],
    )
    state = row["application_state"]
    return Candidate(
        id=row["id"],
        name=row["name"],
        state=row["state"],
        applicant=applicant,
        eligibility=eligibility(rules, applicant, today),
        application_id=row["application_id"],
        application_state=ApplicationState(state) if state else None,
    )


async def of_actor(actor: Actor, round_id: UUID, rules: Rules) -> list[Candidate]:
    """Hold every organisation that the actor may write applications for against a round."""
    return await candidates(
        sorted(actor.where(Permission.WRITE_APPLICATIONS)), round_id, rules, today=clock.today()
    )


@dataclass(frozen=True, slots=True)
class Other:
    """Another fund whose open round an organisation fits."""

    fund_id: UUID
    title: str
    funder: str
    deadline: datetime
    least: int
    most: int

    @property
    def deadline_words(self) -> str:
        """Write "noon, Tuesday 4 March, UK time"."""
        return deadline_words(self.deadline)

    @property
    def amounts_words(self) -> str:
        """Write "£500 to £5,000"."""
        return amounts_words(self.least, self.most)


async def others(
    applicant: Applicant, organisation_id: UUID, *, besides: UUID, size: int = 3
) -> list[Other]:
    """Give open rounds of other funds that an organisation fits and has not applied to."""
    rows = await db.fetch(
        "SELECT f.id AS fund_id, f.title, g.name AS funder, r.deadline, r.least, r.most, r.kinds,"
        " (SELECT coalesce(jsonb_object_agg(code, code), jsonb_build_object())"
        "  FROM unnest(r.districts) AS code) AS districts,"
        " r.income_at_most, r.years_registered, r.approved_only"
        " FROM round r JOIN fund f ON f.id = r.fund_id JOIN organisation g"
        "  ON g.id = r.organisation_id AND g.state = 'approved'"
        " WHERE r.state = 'published' AND r.opens_at <= now() AND r.deadline > now()"
        " AND r.fund_id <> {} AND r.organisation_id <> {}"
        " AND NOT EXISTS (SELECT FROM application a WHERE a.round_id = r.id"
        "  AND a.organisation_id = {} AND a.state <> 'withdrawn')"
        " ORDER BY r.deadline LIMIT 200",
        besides,
        organisation_id,
        organisation_id,
    )
    fitting: list[Other] = []
    for row in rows:
        if eligibility(rules_of(row), applicant, clock.today()).fits:
            fitting.append(
                Other(
                    row["fund_id"],
                    row["title"],
                    row["funder"],
                    row["deadline"],
                    row["least"],
                    row["most"],
                )
            )
    return fitting[:size]
