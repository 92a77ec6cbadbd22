"""What a role asks of those who apply, and the rules that decide: verbs of coordinators."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import audit, db
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.questions import operations as questions
from marketplace.questions.operations import Wording
from marketplace.questions.rules import Asked, Kind, Owner, number
from marketplace.volunteering.applications import queries
from marketplace.volunteering.applications.queries import Screened
from marketplace.volunteering.applications.rules import (
    MOST_RULES,
    TESTS,
    Compare,
    Effect,
    Event,
    may_rule,
)
from marketplace.volunteering.applications.tables import ScreeningRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Whether one applies for a role, and who or what decides."""

    needs_application: bool
    by_rules: bool = False
    references_wanted: int = 0
    good_for_months: int | None = None


async def settle(
    actor: Actor, role_id: UUID, settings: Settings, *, once: Once | None = None
) -> None:
    """Say whether one applies for a role, and who or what decides.

    Raises:
        SignInRequired, NotFound: see `queries.to_screen`.
    """
    async with db.transaction(once):
        role = await _to_write(actor, role_id)
        await db.execute(
            "INSERT INTO role_screening (id, role_id, needs_application, by_rules,"
            " references_wanted, good_for_months) VALUES ({}, {}, {}, {}, {}, {})"
            " ON CONFLICT (role_id) DO UPDATE SET needs_application = excluded.needs_application,"
            " by_rules = excluded.by_rules, references_wanted = excluded.references_wanted,"
            " good_for_months = excluded.good_for_months",
            new_id(),
            role_id,
            settings.needs_application,
            settings.by_rules,
            settings.references_wanted,
            settings.good_for_months,
        )
        await _changed(actor, role)


async def add_question(
    actor: Actor, role_id: UUID, wording: Wording, *, once: Once | None = None
) -> UUID:
    """Ask one more question.

    Raises:
        SignInRequired, NotFound: see `queries.to_screen`.
        Conflict: see `questions.ask`.
    """
    async with db.transaction(once):
        role = await _to_write(actor, role_id)
        id = await questions.ask(Owner.ROLE, role_id, wording)
        await _changed(actor, role)
    return id


async def change_question(
    actor: Actor, role_id: UUID, id: UUID, wording: Wording, *, once: Once | None = None
) -> None:
    """Ask a question in other words; what somebody answered and sent stays under the old ones.

    Raises:
        SignInRequired, NotFound: see `queries.to_screen`.
        Conflict: see `questions.reword`.
    """
    async with db.transaction(once):
        role = await _to_write(actor, role_id)
        sent = await db.fetch_value(
            "SELECT EXISTS (SELECT FROM answer b JOIN role_application a ON a.id = b.subject_id"
            " WHERE b.question_id = {} AND a.state <> 'draft')",
            id,
        )
        if sent:
            after = await questions.replace(Owner.ROLE, role_id, id, wording)
            await db.execute(
                "UPDATE screening_rule SET question_id = {} WHERE question_id = {}", after, id
            )
            # Whoever is still writing goes on with what they typed.
            await db.execute(
                "UPDATE answer SET question_id = {} FROM role_application a"
                " WHERE answer.question_id = {} AND a.id = answer.subject_id"
                " AND a.state = 'draft'",
                after,
                id,
            )
        else:
            await questions.reword(Owner.ROLE, role_id, id, wording)
        await _changed(actor, role)


async def move_question(
    actor: Actor, role_id: UUID, id: UUID, by: int, *, once: Once | None = None
) -> None:
    """Ask a question one place earlier (-1) or later (1).

    Raises:
        SignInRequired, NotFound: see `queries.to_screen`.
    """
    async with db.transaction(once):
        role = await _to_write(actor, role_id)
        await questions.move(Owner.ROLE, role_id, id, by)
        await _changed(actor, role)


async def retire_question(
    actor: Actor, role_id: UUID, id: UUID, *, once: Once | None = None
) -> None:
    """Ask a question no more.

    Raises:
        SignInRequired, NotFound: see `queries.to_screen`.
        Conflict: a rule decides by it.
    """
    async with db.transaction(once):
        role = await _to_write(actor, role_id)
        if any(rule.question_id == id for rule in await queries.rules_of(role_id)):
            raise Conflict("A rule decides by this question. Remove the rule first.")
        await questions.retire(Owner.ROLE, role_id, id)
        await _changed(actor, role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A rule as a coordinator makes it."""

    effect: Effect
    test: Compare
    value: str
    reason: str = ""


async def add_rule(
    actor: Actor, role_id: UUID, question_id: UUID, wanted: Wanted, *, once: Once | None = None
) -> UUID:
    """Decide by one more answer.

    Raises:
        SignInRequired, NotFound: see `queries.to_screen`; or the question is not asked.
        Conflict: no rule may decide by this question, the value is none of its answers, a rule
            that blocks says no reason, or there are too many.
    """
    async with db.transaction(once):
        role = await _to_write(actor, role_id)
        asked = await questions.question(Owner.ROLE, role_id, question_id)
        if refused := may_rule(asked):
            raise Conflict(refused, field="value")
        if wanted.effect is Effect.BLOCK and not wanted.reason:
            raise Conflict("Say in plain words why: whoever is blocked reads this", field="reason")
        if len(await queries.rules_of(role_id)) >= MOST_RULES:
            raise Conflict(f"There are {MOST_RULES} rules already. Remove one first.")
        rule = ScreeningRule(
            role_id=role_id,
            question_id=question_id,
            effect=wanted.effect,
            test=wanted.test,
            value=_value(asked, wanted),
            reason=wanted.reason if wanted.effect is Effect.BLOCK else "",
        )
        await rule.save()
        await _changed(actor, role)
    return rule.id


def _value(asked: Asked, wanted: Wanted) -> str:
    if wanted.test not in TESTS[asked.kind]:
        raise Conflict("Choose how the answer is compared", field="test")
    match asked.kind:
        case Kind.YES_NO if wanted.value not in {"yes", "no"}:
            raise Conflict("Choose yes or no", field="value")
        case Kind.NUMBER:
            count = number(wanted.value)
            if count is None:
                raise Conflict("Enter a whole number, such as 4", field="value")
            return str(count)
        case Kind.CHOICE | Kind.CHOICES if wanted.value not in asked.options:
            raise Conflict("Choose one of the options of the question", field="value")
        case _:
            pass
    return wanted.value


async def remove_rule(actor: Actor, role_id: UUID, id: UUID, *, once: Once | None = None) -> None:
    """Decide by an answer no more; what was decided stays.

    Raises:
        SignInRequired, NotFound: see `queries.to_screen`.
        Conflict: it is gone already.
    """
    async with db.transaction(once):
        role = await _to_write(actor, role_id)
        gone = await db.execute(
            "DELETE FROM screening_rule WHERE id = {} AND role_id = {}", id, role_id
        )
        if not gone:
            raise Conflict("This rule is gone already.")
        await _changed(actor, role)


async def _to_write(actor: Actor, role_id: UUID) -> Screened:
    return await queries.to_screen(actor, role_id, lock=True)


async def _changed(actor: Actor, role: Screened) -> None:
    await audit.record(
        Event.SCREENING_CHANGED, "role", role.id, by=actor, organisation=role.organisation_id
    )
