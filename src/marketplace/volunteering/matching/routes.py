"""What suits me, when I am free, and what brokers see of how people are spread."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency

from marketplace.accounts.account.links import AccountLink
from marketplace.permissions import Actor
from marketplace.volunteering.matching import operations, queries
from marketplace.volunteering.matching.forms import AvailabilityForm
from marketplace.volunteering.matching.rules import DAYS, MILES, Part
from marketplace.volunteering.opportunities.rules import NEEDS
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
HOME = "/account/availability"
MATCHES = "/my/matches"


@get(MATCHES, name="matching.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show what suits the signed-in person, and why."""
    return render(
        request, "volunteering/matching/matches.html", matches=await queries.matches(actor)
    )


@get(HOME, name="matching.availability")
async def availability(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show when the person said they are free."""
    said = await queries.availability(actor)
    form = AvailabilityForm.blank(
        {"free": said.free, "miles": str(said.miles), "needs": said.needs}
    )
    return _form(request, form)


@post(HOME, name="matching.say", status_code=200)
async def say(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Keep when the person is free."""
    form = await AvailabilityForm.bind(request)
    if form.data is not None:
        await operations.say(
            actor,
            free=form.data.free,
            miles=form.data.miles,
            needs=form.data.needs,
            once=form.once(MATCHES),
        )
        return redirect(request, MATCHES, notice="Saved. This is what suits you.")
    return _form(request, form, status=422)


def _form(request: Req, form: Bound[AvailabilityForm], *, status: int = 200) -> Page:
    return render(
        request,
        "volunteering/matching/availability.html",
        status=status,
        form=form,
        days=DAYS,
        parts=list(Part),
        miles=[(str(miles), "1 mile" if miles == 1 else f"{miles} miles") for miles in MILES],
        needs=list(NEEDS.items()),
    )


@get("/broker/reach", name="matching.reach")
async def reach(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show brokers for how many opportunities anybody came forward."""
    return render(request, "volunteering/matching/reach.html", reach=await queries.reach(actor))


HANDLERS: list[Any] = [mine, availability, say, reach]
ACCOUNT: list[AccountLink] = [
    AccountLink("When you are free", HOME, "And how far you go, so that the list suits you", 12),
]
