"""Leaving, from one's account, and the page that says that it is done."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency

from marketplace.accounts.leaving import operations, queries
from marketplace.accounts.leaving.forms import LeaveForm
from marketplace.accounts.middleware import session_cookie
from marketplace.permissions import Actor
from marketplace.web.forms import Bound
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
_DONE = "/account/leaving/done"


@get("/account/leaving", name="accounts.leaving")
async def leaving_page(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Say what goes, what stays and what has to be mended first."""
    return await _page(request, actor, LeaveForm.blank())


@post("/account/leaving", status_code=200)
async def leave(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Delete the account."""
    form = await LeaveForm.bind(request)
    if form.data and not form.data.sure:
        form.refuse("sure", "Tick that you want to delete your account")
    elif form.data:
        with form.catching():
            await operations.leave(actor, password=form.data.password, once=form.once(_DONE))
            page = redirect(request, _DONE)
            page.set_cookie(session_cookie(None))
            return page
    return await _page(request, actor, form, status=422)


async def _page(request: Req, actor: Actor, form: Bound[LeaveForm], *, status: int = 200) -> Page:
    return render(
        request,
        "accounts/leaving.html",
        status=status,
        form=form,
        obstacles=await queries.obstacles(actor),
    )


@get(_DONE, opt=PUBLIC, name="accounts.left")
async def left(request: Req) -> Page:
    """Say that the account is deleted."""
    return render(request, "accounts/left.html")


HANDLERS: list[Any] = [leaving_page, leave, left]
