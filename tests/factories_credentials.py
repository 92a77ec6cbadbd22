"""Credentials, decisions on roles and requests, as they stand in the database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.credentials.rules import Check, Kind, Outcome, Workforce
from marketplace.credentials.tables import Credential
from marketplace.volunteering.safeguarding.rules import Frequency, Nation
from marketplace.volunteering.safeguarding.tables import CheckRequest, RoleCheck, RoleTraining


async def a_credential(
    organisation_id: UUID,
    person_id: UUID,
    seen_by: UUID,
    *,
    kind: Kind = Kind.CHECK,
    check: Check | None = Check.DBS_BARRED,
    workforce: Workforce = Workforce.CHILDREN,
    until: date | None = None,
    **columns: Any,
) -> UUID:
    """Make what an organisation saw; it holds for a year unless said otherwise."""
    credential = Credential(
        person_id=person_id,
        organisation_id=organisation_id,
        kind=kind,
        level=check if kind is Kind.CHECK else None,
        workforce=workforce if kind is Kind.CHECK else Workforce.NEITHER,
        issued_on=clock.today() - timedelta(days=400),
        holds_until=until or clock.today() + timedelta(days=365),
        seen_by=seen_by,
        **{"outcome": Outcome.SATISFACTORY, **columns},
    )
    await credential.save()
    return credential.id


async def a_decision(
    role_id: UUID,
    decided_by: UUID,
    *,
    check: Check | None = Check.DBS_BARRED,
    workforce: Workforce = Workforce.CHILDREN,
) -> None:
    """Make a role ask for a check."""
    organisation = await db.fetch_value(
        "SELECT o.organisation_id FROM role r JOIN opportunity o ON o.id = r.opportunity_id"
        " WHERE r.id = {}",
        role_id,
    )
    await RoleCheck(
        role_id=role_id,
        organisation_id=organisation,
        level=check,
        advised=check,
        nation=Nation.ENGLAND,
        workforce=workforce,
        duties=["teach"],
        frequency=Frequency.FREQUENTLY,
        supervised=False,
        rules=["ew-children-regular"],
        judged_on=clock.today(),
        why="They teach children each week.",
        decided_by=decided_by,
    ).save()


async def a_training(role_id: UUID, kind: Kind = Kind.FIRST_AID) -> None:
    """Make a role ask for training."""
    await RoleTraining(role_id=role_id, kind=kind).save()


async def a_request(role_id: UUID, person_id: UUID, organisation_id: UUID) -> UUID:
    """Make somebody ask to be looked at for a role."""
    request = CheckRequest(role_id=role_id, person_id=person_id, organisation_id=organisation_id)
    await request.save()
    return request.id
