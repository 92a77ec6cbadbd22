"""The workspace's pages of what a role asks, and of its rules."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.errors import NotFound
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.questions.asking_routes import Asks, Sheet, handlers
from marketplace.questions.rules import KIND_LABELS, Asked, Kind
from marketplace.volunteering.applications import queries, screening
from marketplace.volunteering.applications.forms import (
    RuleForm,
    SettingsForm,
    typed_settings,
)
from marketplace.volunteering.applications.manage_routes import SECTION
from marketplace.volunteering.applications.queries import Screened
from marketplace.volunteering.applications.rules import (
    MOST_REFERENCES,
    TESTS,
    Compare,
    Effect,
    fits,
    may_rule,
    rule_words,
)
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


def _home(id: UUID) -> str:
    return f"/manage/roles/{id}/questions"


async def _see(actor: Actor, id: UUID) -> Sheet:
    role = await queries.to_screen(actor, id)
    return Sheet(
        organisation_id=role.organisation_id, title=role.name, questions=await queries.asked(id)
    )


ASKS = Asks(
    root="/manage/roles", name="roles", section=SECTION, home=_home, see=_see, verbs=screening
)


@get("/manage/roles/{id:uuid}/questions", name="screening.show")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show what a role asks of those who apply, and who or what decides."""
    role = await queries.to_screen(actor, id)
    return await _page(request, actor, role, SettingsForm.blank(typed_settings(role)))


@post("/manage/roles/{id:uuid}/screening", name="screening.settle")
async def settle(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say whether one applies for a role, and who or what decides."""
    role = await queries.to_screen(actor, id)
    form = await SettingsForm.bind(request)
    if form.data is None:
        return await _page(request, actor, role, form, status=422)
    await screening.settle(actor, id, form.data.settings(), once=form.once(_home(id)))
    return redirect(request, _home(id), notice="Saved.")


@get("/manage/roles/{id:uuid}/questions/{question_id:uuid}/rule", name="screening.rule")
async def new_rule(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    question_id: FromPath[UUID],
) -> Page:
    """Show the form of a rule about one question."""
    role = await queries.to_screen(actor, id)
    asked = await _asked(id, question_id)
    form = RuleForm.blank({"test": TESTS.get(asked.kind, (Compare.IS,))[0].value})
    return await _rule(request, actor, role, asked, form)


@post("/manage/roles/{id:uuid}/questions/{question_id:uuid}/rule", name="screening.add-rule")
async def add_rule(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    question_id: FromPath[UUID],
) -> Page:
    """Decide by one more answer."""
    role = await queries.to_screen(actor, id)
    asked = await _asked(id, question_id)
    form = await RuleForm.bind(request)
    if form.data is not None:
        home = f"{_home(id)}#rules"
        with form.catching():
            await screening.add_rule(
                actor, id, question_id, form.data.wanted(asked), once=form.once(home)
            )
            return redirect(request, home, notice="Rule added.")
    return await _rule(request, actor, role, asked, form, status=422)


@post("/manage/roles/{id:uuid}/rules/{rule_id:uuid}/removal", name="screening.remove-rule")
async def remove_rule(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    id: FromPath[UUID],
    rule_id: FromPath[UUID],
) -> Page:
    """Decide by an answer no more."""
    await queries.to_screen(actor, id)
    form = await Form.bind(request)
    home = f"{_home(id)}#rules"
    await screening.remove_rule(actor, id, rule_id, once=form.once(home))
    return redirect(request, home, notice="Rule removed.")


async def _asked(role_id: UUID, id: UUID) -> Asked:
    for asked in await queries.asked(role_id):
        if asked.id == id:
            return asked
    raise NotFound("This question is no longer asked.")


async def _page(
    request: Request[Any, Any, Any],
    actor: Actor,
    role: Screened,
    form: Bound[SettingsForm],
    *,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, role.organisation_id)
    asked = {each.id: each for each in await queries.asked(role.id)}
    return render(
        request,
        "volunteering/applications/manage/screening.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        role=role,
        form=form,
        questions=list(asked.values()),
        kind_words=KIND_LABELS,
        may_rule=may_rule,
        rules=[
            (
                rule,
                rule_words(rule, asked.get(rule.question_id)),
                fits(rule, asked.get(rule.question_id)),
            )
            for rule in await queries.rules_of(role.id)
        ],
        Effect=Effect,
        counts=[
            (str(count), "None" if not count else str(count))
            for count in range(MOST_REFERENCES + 1)
        ],
    )


async def _rule(
    request: Request[Any, Any, Any],
    actor: Actor,
    role: Screened,
    asked: Asked,
    form: Bound[RuleForm],
    *,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, role.organisation_id)
    return render(
        request,
        "volunteering/applications/manage/rule.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        role=role,
        asked=asked,
        form=form,
        back=_home(role.id),
        refused=may_rule(asked),
        Kind=Kind,
    )


HANDLERS: list[Any] = [
    show,
    settle,
    new_rule,
    add_rule,
    remove_rule,
    *handlers(ASKS),
]
