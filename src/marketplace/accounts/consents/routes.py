"""What one agreed to, and taking it back: on the account, or by the link in a message."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock, settings
from marketplace.accounts import queries as accounts
from marketplace.accounts.account.links import AccountLink
from marketplace.accounts.consents import operations, queries
from marketplace.accounts.consents.forms import WithdrawalForm
from marketplace.accounts.consents.rules import (
    CHANNELS,
    DIGEST_WORDING,
    HOWS,
    PURPOSES,
    WORDINGS,
    How,
    Purpose,
    may_have_digest,
)
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.web.bodies import read_form
from marketplace.web.forms import Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
HOME = "/account/consents"

Names = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, str]]]


async def _nameless(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    return {}


_names: list[Names] = [_nameless]


def set_names(names: Names) -> None:
    """Take who names organisations, which accounts do not know."""
    _names[:] = [names]


@get(HOME, name="consents.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show what the person agreed to, and offer the weekly digest."""
    found = await queries.mine(actor)
    asked_for = any(each.purpose is Purpose.DIGEST and not each.organisation_id for each in found)
    person = await accounts.profile(actor)
    return render(
        request,
        "accounts/consents/mine.html",
        agreed=found,
        offer="" if asked_for else WORDINGS[DIGEST_WORDING],
        grown_up=may_have_digest(person.born_on, clock.today()),
        confirmed=person.confirmed,
        names=await _names[0]([each.organisation_id for each in found if each.organisation_id]),
        purposes=PURPOSES,
        channels=CHANNELS,
        hows=HOWS,
        wordings=WORDINGS,
    )


@post(f"{HOME}/digest", name="consents.digest", status_code=200)
async def ask_for_digest(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Ask for the weekly digest."""
    form = await Form.bind(request)
    await operations.ask_for_digest(actor, once=form.once(HOME))
    return redirect(request, HOME, notice="You get the weekly mail from now on.")


@post(f"{HOME}/withdrawal", name="consents.withdraw", status_code=200)
async def withdraw(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Take one agreement back."""
    form = await WithdrawalForm.bind(request)
    if form.data is None:
        raise Conflict("Choose what to stop from the page of what you agreed to.")
    await operations.withdraw(
        actor,
        form.data.organisation,
        form.data.purpose,
        form.data.channel,
        once=form.once(HOME),
    )
    return redirect(request, HOME, notice="Stopped. You get no more of these messages.")


@get("/consents/withdrawal/{token:str}", name="consents.link", opt=PUBLIC)
async def link(request: Req, token: FromPath[str]) -> Page:
    """Show what the link in a message stops, with a button."""
    withdrawal = operations.read_link(token)
    organisation = withdrawal.organisation_id
    names = await _names[0]([organisation]) if organisation else {}
    agreed = await queries.agreed(
        withdrawal.purpose,
        withdrawal.organisation_id,
        [withdrawal.person_id],
        withdrawal.channel,
    )
    return render(
        request,
        "accounts/consents/link.html",
        token=token,
        name=names.get(organisation, "this organisation")
        if organisation
        else settings.current().brand_name,
        purpose=PURPOSES[withdrawal.purpose],
        channel=CHANNELS[withdrawal.channel],
        agreed=bool(agreed),
    )


# Mail programs post here without a page of ours before it (RFC 8058), so there is no token of a
# form; that of the address, which only the message holds, is what proves it.
@post(
    "/consents/withdrawal/{token:str}",
    name="consents.withdraw-by-link",
    opt={**PUBLIC, "csrf_exempt": True},
    status_code=200,
)
async def withdraw_by_link(request: Req, token: FromPath[str]) -> Response[str]:
    """Stop what the link names, at one press of a button here or in a mail program."""
    one_click = (await read_form(request)).get("List-Unsubscribe") == ["One-Click"]
    if one_click:
        await operations.withdraw_by_link(token, how=How.MAIL_PROGRAM)
        return Response("Stopped.\n", media_type="text/plain")
    form = await Form.bind(request)
    address = f"/consents/withdrawal/{token}"
    await operations.withdraw_by_link(token, once=form.once(address))
    return redirect(request, address)


HANDLERS: list[Any] = [mine, ask_for_digest, withdraw, link, withdraw_by_link]
ACCOUNT: list[AccountLink] = [
    AccountLink(
        "Who may write to you",
        HOME,
        "The weekly mail, what you agreed to, and stopping it",
        order=30,
    ),
]
