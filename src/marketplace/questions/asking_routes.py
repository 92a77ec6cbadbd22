"""The workspace's pages of what something asks, the same whatever asks it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.db import Once
from marketplace.errors import NotFound
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.questions.forms import MoveForm, QuestionForm, typed
from marketplace.questions.operations import Wording
from marketplace.questions.rules import KIND_LABELS, Asked, Kind, Meaning
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What asks, for its pages: whose it is, what it is called and what it asks so far."""

    organisation_id: UUID
    title: str
    questions: Sequence[Asked]


class Verbs(Protocol):
    """The verbs of whatever asks; each owns its transaction and its permission check."""

    async def add_question(
        self, actor: Actor, id: UUID, wording: Wording, /, *, once: Once | None = None
    ) -> UUID:
        """Ask one more question, and give its id."""
        ...

    async def change_question(
        self, actor: Actor, id: UUID, asked: UUID, wording: Wording, /, *, once: Once | None = None
    ) -> None:
        """Ask a question in other words."""
        ...

    async def move_question(
        self, actor: Actor, id: UUID, asked: UUID, by: int, /, *, once: Once | None = None
    ) -> None:
        """Ask a question one place earlier (-1) or later (1)."""
        ...

    async def retire_question(
        self, actor: Actor, id: UUID, asked: UUID, /, *, once: Once | None = None
    ) -> None:
        """Ask a question no more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Something that asks: `see` refuses whoever may not write, before any form is looked at."""

    root: str
    name: str
    section: str
    home: Callable[[UUID], str]
    see: Callable[[Actor, UUID], Awaitable[Sheet]]
    verbs: Verbs


def handlers(asks: Asks) -> list[Any]:
    """Give the handlers of the questions of whatever lies at `root`/{id}."""
    root = asks.root + "/{id:uuid}/questions"
    one = root + "/{question_id:uuid}"

    @get(f"{root}/new", name=f"{asks.name}.questions.new")
    async def new(
        request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
    ) -> Page:
        """Show the form of a new question."""
        sheet = await asks.see(actor, id)
        form = QuestionForm.blank({"kind": Kind.TEXT.value, "required": True, "word_limit": 200})
        return await _form(request, actor, asks, id, sheet, form)

    @post(f"{root}/new", name=f"{asks.name}.questions.add")
    async def add(
        request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
    ) -> Page:
        """Ask one more question."""
        sheet = await asks.see(actor, id)
        form = await QuestionForm.bind(request)
        home = asks.home(id)
        if form.data is not None:
            with form.catching():
                await asks.verbs.add_question(actor, id, form.data.wording(), once=form.once(home))
                return redirect(request, home, notice="Question added.")
        return await _form(request, actor, asks, id, sheet, form, status=422)

    @get(one, name=f"{asks.name}.questions.edit")
    async def edit(
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        id: FromPath[UUID],
        question_id: FromPath[UUID],
    ) -> Page:
        """Show the form of a question."""
        sheet = await asks.see(actor, id)
        asked = _asked(sheet, question_id)
        form = QuestionForm.blank(typed(asked))
        return await _form(request, actor, asks, id, sheet, form, asked=asked)

    @post(one, name=f"{asks.name}.questions.change")
    async def change(
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        id: FromPath[UUID],
        question_id: FromPath[UUID],
    ) -> Page:
        """Ask a question in other words."""
        sheet = await asks.see(actor, id)
        asked = _asked(sheet, question_id)
        form = await QuestionForm.bind(request)
        home = asks.home(id)
        if form.data is not None:
            with form.catching():
                await asks.verbs.change_question(
                    actor, id, question_id, form.data.wording(), once=form.once(home)
                )
                return redirect(request, home, notice="Question saved.")
        return await _form(request, actor, asks, id, sheet, form, asked=asked, status=422)

    @post(f"{one}/position", name=f"{asks.name}.questions.move")
    async def move(
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        id: FromPath[UUID],
        question_id: FromPath[UUID],
    ) -> Page:
        """Ask a question earlier or later."""
        await asks.see(actor, id)
        form = await MoveForm.bind(request)
        by = -1 if form.data and form.data.up else 1
        home = asks.home(id)
        await asks.verbs.move_question(actor, id, question_id, by, once=form.once(home))
        return redirect(request, home, notice="Moved.")

    @post(f"{one}/retirement", name=f"{asks.name}.questions.retire")
    async def retire(
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        id: FromPath[UUID],
        question_id: FromPath[UUID],
    ) -> Page:
        """Ask a question no more."""
        await asks.see(actor, id)
        form = await Form.bind(request)
        home = asks.home(id)
        await asks.verbs.retire_question(actor, id, question_id, once=form.once(home))
        return redirect(request, home, notice="Question removed.")

    return [new, add, edit, change, move, retire]


def _asked(sheet: Sheet, id: UUID) -> Asked:
    for asked in sheet.questions:
        if asked.id == id:
            return asked
    raise NotFound("This question is no longer asked.")


async def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    asks: Asks,
    id: UUID,
    sheet: Sheet,
    form: Bound[QuestionForm],
    *,
    asked: Asked | None = None,
    status: int = 200,
) -> Page:
    organisation = await workspace(actor, sheet.organisation_id)
    return render(
        request,
        "questions/form.html",
        status=status,
        **shell(request, actor, organisation, current=asks.section),
        form=form,
        sheet=sheet,
        back=asks.home(id),
        asked=asked,
        fixed=asked is not None and asked.meaning is not Meaning.NONE,
        kinds=[(kind.value, label) for kind, label in KIND_LABELS.items()],
    )
