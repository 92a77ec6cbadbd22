"""Pages of another address: asking, and the link that was sent there."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.accounts import queries as accounts
from marketplace.accounts.address import operations, queries
from marketplace.accounts.address.forms import AddressChangeForm
from marketplace.accounts.forms import ButtonForm
from marketplace.permissions import Actor
from marketplace.signing import LinkBroken, LinkExpired
from marketplace.web.forms import Bound
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
_PAGE = "/account/email"


@get(_PAGE, name="accounts.email")
async def email_page(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the form to ask for another address."""
    return await _page(request, actor, AddressChangeForm.blank())


@post(_PAGE, status_code=200)
async def ask(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Ask; the answer is the same whether or not the address has an account."""
    form = await AddressChangeForm.bind(request)
    if form.data:
        with form.catching():
            await operations.ask(
                actor,
                email=form.data.email,
                password=form.data.password,
                once=form.once("/account"),
            )
            return redirect(
                request,
                "/account",
                notice=f"We have written to {form.data.email}. Open the link in that message.",
            )
    return await _page(request, actor, form, status=422)


async def _page(
    request: Req, actor: Actor, form: Bound[AddressChangeForm], *, status: int = 200
) -> Page:
    profile = await accounts.profile(actor)
    return render(request, "accounts/email.html", status=status, form=form, profile=profile)


@get(_PAGE + "/{token:str}", opt=PUBLIC)
async def change_page(request: Req, token: FromPath[str]) -> Page:
    """Show the button: mail scanners open links, but press nothing."""
    try:
        found = await queries.of_link(token)
    except (LinkExpired, LinkBroken) as gone:
        return _gone(request, gone)
    return render(request, "accounts/email_change.html", email=found.email)


@post(_PAGE + "/{token:str}", opt=PUBLIC, status_code=200)
async def change(request: Req, actor: NamedDependency[Actor], token: FromPath[str]) -> Page:
    """Take the address."""
    form = await ButtonForm.bind(request)
    onward = "/account" if actor.signed_in else "/sign-in"
    try:
        await operations.change(token, once=form.once(onward))
    except (LinkExpired, LinkBroken) as gone:
        return _gone(request, gone)
    return redirect(request, onward, notice="Your e-mail address is changed.")


def _gone(request: Req, gone: LinkExpired | LinkBroken) -> Page:
    return render(
        request,
        "accounts/email_gone.html",
        status=410 if isinstance(gone, LinkExpired) else 404,
        message=gone.message,
    )


HANDLERS: list[Any] = [email_page, ask, change_page, change]
