"""What tests of screening start from: roles that ask, people who applied, and their referees."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.questions import operations as questions
from marketplace.questions.operations import Wording
from marketplace.questions.rules import Kind, Owner
from marketplace.volunteering.applications.rules import (
    ApplicationState,
    Compare,
    Effect,
    RefereeState,
)
from marketplace.volunteering.applications.tables import (
    Referee,
    RoleApplication,
    RoleScreening,
    ScreeningRule,
)


async def the_role(opportunity_id: UUID) -> UUID:
    """Give the first role of an opportunity."""
    return await db.fetch_value(
        "SELECT id FROM role WHERE opportunity_id = {} ORDER BY position, id LIMIT 1",
        opportunity_id,
    )


async def a_screening(
    role_id: UUID,
    *,
    references: int = 0,
    by_rules: bool = False,
    good_for_months: int | None = None,
) -> UUID:
    """Have a role ask for an application."""
    await RoleScreening(
        role_id=role_id,
        needs_application=True,
        by_rules=by_rules,
        references_wanted=references,
        good_for_months=good_for_months,
    ).save()
    return role_id


async def a_question(
    role_id: UUID,
    label: str = "Can you lift 10 kg?",
    kind: Kind = Kind.YES_NO,
    *,
    required: bool = True,
    options: tuple[str, ...] = (),
) -> UUID:
    """Have a role ask a question."""
    async with db.transaction():
        return await questions.ask(
            Owner.ROLE,
            role_id,
            Wording(kind=kind, label=label, required=required, options=options),
        )


async def an_application(
    role_id: UUID,
    person_id: UUID,
    state: ApplicationState = ApplicationState.SUBMITTED,
    *,
    until: datetime | None = None,
    **columns: Any,
) -> UUID:
    """Make somebody's application for a role, in any state."""
    organisation = await db.fetch_value(
        "SELECT o.organisation_id FROM role r JOIN opportunity o ON o.id = r.opportunity_id"
        " WHERE r.id = {}",
        role_id,
    )
    now, draft = clock.now(), state is ApplicationState.DRAFT
    decided = state in {ApplicationState.APPROVED, ApplicationState.DECLINED}
    row = RoleApplication(
        role_id=role_id,
        organisation_id=organisation,
        person_id=person_id,
        state=state,
        expires_at=now + timedelta(days=90) if draft else None,
        submitted_at=None if draft else now,
        decided_at=now if decided else None,
        approved_until=until,
        **columns,
    )
    await row.save()
    return row.id


async def a_referee(
    application_id: UUID,
    state: RefereeState = RefereeState.ASKED,
    *,
    position: int = 1,
    name: str = "Rae Referee",
    email: str = "rae@example.org",
    asked_at: datetime | None = None,
) -> UUID:
    """Name a referee, asked unless said otherwise."""
    row = Referee(
        application_id=application_id,
        position=position,
        name=name,
        email=email,
        relationship="my teacher",
        state=state,
        asked_at=asked_at or clock.now(),
    )
    await row.save()
    return row.id


async def a_rule(
    role_id: UUID,
    question_id: UUID,
    *,
    effect: Effect = Effect.BLOCK,
    test: Compare = Compare.IS,
    value: str = "no",
) -> UUID:
    """Have a role decide by an answer."""
    row = ScreeningRule(
        role_id=role_id,
        question_id=question_id,
        effect=effect,
        test=test,
        value=value,
        reason="You would carry boxes." if effect is Effect.BLOCK else "",
    )
    await row.save()
    return row.id
