"""Answering whether an opportunity is still open: in the workspace, or by one link in a mail."""

from typing import Any, Literal
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.permissions import Actor
from marketplace.volunteering.opportunities import operations, still_open
from marketplace.volunteering.opportunities.still_open import Answered
from marketplace.web.forms import Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render


class AnswerForm(Form):
    """What somebody answers."""

    answer: Literal["yes", "close"] = "yes"


@post("/manage/opportunities/{id:uuid}/confirmation", name="opportunities.confirm")
async def confirm(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say that it is still open."""
    form = await Form.bind(request)
    home = f"/manage/opportunities/{id}"
    await still_open.confirm(actor, id, once=form.once(home))
    return redirect(request, home, notice="Thank you. It stays open.")


@get("/opportunities/still-open/{token:str}", name="opportunities.still_open", opt=PUBLIC)
async def ask(request: Request[Any, Any, Any], token: FromPath[str]) -> Page:
    """Show what a link in a mail asks about, with a button for each answer."""
    try:
        _, opportunity = await still_open.of_link(token)
        answered = False
    except Answered as already:
        opportunity, answered = already.opportunity, True
    return render(
        request,
        "volunteering/still_open.html",
        opportunity=opportunity,
        answered=answered,
        token=token,
    )


@post("/opportunities/still-open/{token:str}", name="opportunities.answer", opt=PUBLIC)
async def answer(request: Request[Any, Any, Any], token: FromPath[str]) -> Page:
    """Take the answer of whoever the link was sent to."""
    form = await AnswerForm.bind(request)
    try:
        actor, opportunity = await still_open.of_link(token)
    except Answered as already:
        # A second tap, or a colleague was faster.
        return redirect(
            request,
            f"/opportunities/{already.opportunity.id}",
            notice="This was answered already. Thank you.",
        )
    address = f"/opportunities/{opportunity.id}"
    if form.data is not None and form.data.answer == "close":
        await operations.close(actor, opportunity.id, once=form.once(address))
        return redirect(
            request, address, notice="Closed. Nobody new can book. Thank you for telling us."
        )
    await still_open.confirm(actor, opportunity.id, once=form.once(address))
    return redirect(request, address, notice="Thank you. It stays open.")


HANDLERS: list[Any] = [confirm, ask, answer]
