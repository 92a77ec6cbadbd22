"""One's own credentials: what is held about oneself, by whom, and who looked."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.accounts.account.links import AccountLink
from marketplace.credentials import operations, queries
from marketplace.credentials.forms import ShareForm
from marketplace.permissions import Actor
from marketplace.web.render import Page, redirect, render

MINE = "/account/credentials"


@get(MINE, name="credentials.mine")
async def mine(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Show everything that is held about oneself."""
    return render(
        request,
        "credentials/mine.html",
        held=await queries.mine(actor),
        looks=await queries.looks(actor),
        today=clock.today(),
    )


@post("/account/credentials/{training_id:uuid}/sharing", name="credentials.share")
async def share(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], training_id: FromPath[UUID]
) -> Page:
    """Show one's training to the organisations one helps, or stop."""
    form = await ShareForm.bind(request)
    shared = form.data is not None and form.data.shared
    found = await operations.share(actor, training_id, shared, once=form.once(MINE))
    return redirect(
        request,
        MINE,
        notice=f"{found.label}: shown to the organisations you help."
        if shared
        else f"{found.label}: shown to nobody but {found.organisation_name}.",
    )


HANDLERS: list[Any] = [mine, share]
ACCOUNT: list[AccountLink] = [
    AccountLink(
        "Checks and training", MINE, "What organisations saw of you, and who looked at it", 40
    ),
]
