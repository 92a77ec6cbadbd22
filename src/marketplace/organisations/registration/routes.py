"""Pages of registering: find the charity, or say that there is no number; then the details."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.errors import Conflict, NotFound
from marketplace.organisations import operations, queries, register, rules
from marketplace.organisations.forms import DetailsForm, FindForm, GroupForm, require_complete
from marketplace.organisations.register import Charity
from marketplace.organisations.rules import Kind
from marketplace.permissions import Actor
from marketplace.taxonomies import CAUSES, choices
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

_GROUP_KINDS = (
    (Kind.COMMUNITY_GROUP, "Community group", "A club, a society, a residents’ association"),
    (Kind.FAITH_GROUP, "Faith group", None),
    (
        Kind.COMMUNITY_INTEREST_COMPANY,
        "Community interest company",
        "It has a company number",
    ),
    (Kind.PUBLIC_BODY, "Public body", "A council, a school, a surgery, an NHS trust"),
    (
        Kind.CHARITY,
        "Charity that we could not find",
        "New, or registered in Scotland or Northern Ireland",
    ),
    (Kind.OTHER, "Something else", None),
)


@get("/organisations/register", name="organisations.register")
async def start(request: Request[Any, Any, Any]) -> Page:
    """Ask whether there is a charity number."""
    return render(
        request, "organisations/registration/start.html", form=FindForm.blank(), charities=None
    )


@get("/organisations/register/find", name="organisations.register.find")
async def find(request: Request[Any, Any, Any]) -> Page:
    """Find a charity by number or by name."""
    form = FindForm.read(request)
    charities: list[Charity] = []
    with form.catching():
        if form.data is not None and form.data.q:
            charities = await queries.find_charities(form.data.q)
    return render(
        request,
        "organisations/registration/start.html",
        fragment="organisations/registration/_found.html",
        status=422 if form.errors else 200,
        form=form,
        charities=charities,
        readable=rules.readable,
    )


@get("/organisations/register/charity/{number:str}", name="organisations.register.charity")
async def charity(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], number: FromPath[str]
) -> Page:
    """Show the form with what the register knows already in it."""
    entry = await _entry(number)
    if refusal := await _refusal(request, actor, entry):
        return refusal
    activities = entry.activities.capitalize() if entry.activities.isupper() else entry.activities
    form = DetailsForm.blank(
        {
            "name": rules.readable(entry.name),
            "summary": activities if len(activities) <= 300 else "",
            "description": activities if len(activities) > 300 else "",
            "address": "\n".join(rules.readable(line) for line in entry.address),
            "postcode": entry.postcode,
            "website": entry.web,
        }
    )
    return _details(request, form, entry)


@post("/organisations/register/charity/{number:str}", name="organisations.register.charity.send")
async def register_charity(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], number: FromPath[str]
) -> Page:
    """Register a charity that the register knows."""
    form = await DetailsForm.bind(request)
    entry = await _entry(number)
    if _ready(form) and form.data is not None:
        with form.catching():
            id = await operations.register_organisation(
                actor,
                form.data.details,
                kind=Kind.CHARITY,
                charity_number=entry.number,
                company_number=rules.company_number(entry.company_number),
                send=form.data.send,
                once=form.once("/"),
            )
            return _registered(request, id, sent=form.data.send)
    return _details(request, form, entry, status=422)


@get("/organisations/register/group", name="organisations.register.group")
async def group(request: Request[Any, Any, Any]) -> Page:
    """Show the form for an organisation without a number that we can look up."""
    return _details(request, GroupForm.blank())


@post("/organisations/register/group", name="organisations.register.group.send")
async def register_group(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Register an organisation without a number that we can look up."""
    form = await GroupForm.bind(request)
    if _ready(form) and form.data is not None:
        with form.catching():
            kind, number = form.data.kind, form.data.number
            id = await operations.register_organisation(
                actor,
                form.data.details,
                kind=kind,
                charity_number=number if kind is Kind.CHARITY else None,
                company_number=number if kind is Kind.COMMUNITY_INTEREST_COMPANY else None,
                send=form.data.send,
                once=form.once("/"),
            )
            return _registered(request, id, sent=form.data.send)
    return _details(request, form, status=422)


def _ready(form: Bound[Any]) -> bool:
    if form.value("then") == "draft":
        return form.data is not None
    return require_complete(form)


def _details(
    request: Request[Any, Any, Any],
    form: Bound[Any],
    entry: Charity | None = None,
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "organisations/registration/details.html",
        status=status,
        form=form,
        entry=entry,
        kinds=_GROUP_KINDS,
        causes=choices(CAUSES),
    )


async def _entry(number: str) -> Charity:
    try:
        entry = await register.find_charity(number)
    except Conflict as elsewhere:
        raise NotFound(elsewhere.message) from elsewhere
    if entry is None:
        raise NotFound(
            "We cannot find that charity number in our copy of the register. Go back and search"
            " by name, or register as a charity that we could not find."
        )
    return entry


async def _refusal(request: Request[Any, Any, Any], actor: Actor, entry: Charity) -> Page | None:
    """Explain why a charity cannot be registered, where it cannot."""
    holder = await queries.holder_of_charity(entry.number)
    if entry.registered and holder is None:
        return None
    return render(
        request,
        "organisations/registration/refusal.html",
        status=409,
        entry=entry,
        name=rules.readable(entry.name),
        holder=holder if holder in actor.memberships else None,
        taken=holder is not None,
    )


def _registered(request: Request[Any, Any, Any], id: Any, *, sent: bool) -> Page:
    notice = (
        "Sent. A moderator will look at it; you can prepare everything meanwhile."
        if sent
        else "Saved as a draft. Only you can see it."
    )
    return redirect(request, f"/manage/{id}", notice=notice)


HANDLERS: list[Any] = [start, find, charity, register_charity, group, register_group]
