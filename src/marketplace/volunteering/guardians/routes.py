"""Pages of birth dates, of young people and of their guardians."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.accounts.account.links import AccountLink
from marketplace.accounts.ages import Band
from marketplace.organisations.rules import masked
from marketplace.permissions import Actor
from marketplace.volunteering.guardians import birth_dates, operations, queries
from marketplace.volunteering.guardians.forms import (
    BirthDateForm,
    ConsentForm,
    GuardianForm,
    Scope,
)
from marketplace.volunteering.guardians.rules import ConsentState
from marketplace.volunteering.roles import queries as roles
from marketplace.web.bodies import read_query
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render, safe_next

Req = Request[Any, Any, Any]
BIRTH_DATE = "/account/birth-date"
MINE = "/my/guardian"
GUARDED = "/my/young-people"
_MONTHS = [("3", "3 months"), ("6", "6 months"), ("12", "12 months")]


@get(BIRTH_DATE, name="birth-date.show")
async def birth_date(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show one's birth date, what organisations see of it, and what hangs on it."""
    found = await queries.birth_date(actor.require_person())
    onward = safe_next((read_query(request).get("next") or [""])[-1], "")
    form = BirthDateForm.blank({"born_on": found.born_on, "next": onward})
    return await _birth_date(request, actor, form)


@post(BIRTH_DATE, name="birth-date.say")
async def say_birth_date(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Keep or correct one's birth date."""
    form = await BirthDateForm.bind(request)
    if form.data is not None:
        with form.catching():
            home = form.data.next or BIRTH_DATE
            released = await birth_dates.say(actor, form.data.born_on, once=form.once(home))
            notice = "Your date of birth is saved."
            if released:
                notice += f" {_places(released)} given back."
            return redirect(request, home, notice=notice)
    return await _birth_date(request, actor, form, status=422)


async def _birth_date(
    request: Req, actor: Actor, form: Bound[BirthDateForm], *, status: int = 200
) -> Page:
    found = await queries.birth_date(actor.require_person())
    return render(
        request,
        "volunteering/guardians/birth_date.html",
        status=status,
        form=form,
        onward=safe_next(form.value("next"), ""),
        found=found,
        young=found.band not in {None, Band.ADULT},
    )


@get(MINE, name="guardian.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show a young person whom they named, and what was answered."""
    person = actor.require_person()
    found = await queries.birth_date(person)
    return render(
        request,
        "volunteering/guardians/mine.html",
        consents=await queries.of_person(person),
        found=found,
        young=found.band not in {None, Band.ADULT},
        State=ConsentState,
    )


@get("/my/guardian/roles/{id:uuid}", name="guardian.new")
async def new(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show the form that names a guardian."""
    return await _name(request, actor, id, GuardianForm.blank())


@post("/my/guardian/roles/{id:uuid}", name="guardian.name")
async def name(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Ask a guardian about a role."""
    form = await GuardianForm.bind(request)
    if form.data is not None:
        with form.catching():
            await operations.name_guardian(
                actor, id, form.data.name, form.data.email, once=form.once(MINE)
            )
            return redirect(request, MINE, notice=f"We have written to {form.data.name}.")
    return await _name(request, actor, id, form, status=422)


async def _name(
    request: Req, actor: Actor, id: UUID, form: Bound[GuardianForm], *, status: int = 200
) -> Page:
    found = await queries.birth_date(actor.require_person())
    return render(
        request,
        "volunteering/guardians/name.html",
        status=status,
        form=form,
        role=await roles.public(id),
        found=found,
        young=found.band not in {None, Band.ADULT},
    )


@get("/guardians/{token:str}", name="guardian.asked", opt=PUBLIC)
async def asked(request: Req, actor: NamedDependency[Actor], token: FromPath[str]) -> Page:
    """Show a guardian what they are asked, or what became of it."""
    return await _asked(request, actor, token, ConsentForm.blank({"scope": "role"}))


@post("/guardians/{token:str}", name="guardian.give")
async def give(request: Req, actor: NamedDependency[Actor], token: FromPath[str]) -> Page:
    """Keep a guardian's consent."""
    form = await ConsentForm.bind(request)
    actor.require_person()
    await queries.of_link(token)
    if form.data is not None and not form.data.responsible:
        form.refuse("responsible", "Tick that you have parental responsibility")
    elif form.data is not None:
        with form.catching():
            given = await operations.give(
                actor,
                token,
                all_roles=form.data.scope is Scope.ORGANISATION,
                months=form.data.months,
                once=form.once(GUARDED),
            )
            return redirect(request, GUARDED, notice=f"{given.person_name} can book now.")
    return await _asked(request, actor, token, form, status=422)


@post("/guardians/{token:str}/refusal", name="guardian.refuse", opt=PUBLIC)
async def refuse(request: Req, token: FromPath[str]) -> Page:
    """Keep that a guardian said no."""
    form = await Form.bind(request)
    here = f"/guardians/{token}"
    await operations.refuse(token, once=form.once(here))
    return redirect(request, here)


async def _asked(
    request: Req, actor: Actor, token: str, form: Bound[ConsentForm], *, status: int = 200
) -> Page:
    consent = await queries.of_link(token)
    return render(
        request,
        "volunteering/guardians/asked.html",
        status=status,
        form=form,
        token=token,
        consent=consent,
        is_guardian=await queries.is_guardian(actor, consent),
        masked=masked(consent.guardian_email or ""),
        months=_MONTHS,
        State=ConsentState,
    )


@get(GUARDED, name="guardian.young-people")
async def young_people(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show a guardian every consent they gave, each with its end."""
    return render(
        request,
        "volunteering/guardians/young_people.html",
        consents=await queries.of_guardian(actor),
        State=ConsentState,
    )


@post("/my/young-people/{id:uuid}/withdrawal", name="guardian.withdraw")
async def withdraw(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Take a consent back."""
    form = await Form.bind(request)
    released = await operations.withdraw(actor, id, once=form.once(GUARDED))
    notice = "Your consent is withdrawn."
    if released:
        notice += f" {_places(released)} given back, and everybody concerned is told."
    return redirect(request, GUARDED, notice=notice)


def _places(count: int) -> str:
    return "1 place was" if count == 1 else f"{count} places were"


HANDLERS: list[Any] = [
    birth_date,
    say_birth_date,
    mine,
    new,
    name,
    asked,
    give,
    refuse,
    young_people,
    withdraw,
]
ACCOUNT: list[AccountLink] = [
    AccountLink("Date of birth", BIRTH_DATE, "Asked of under-18s; organisations never see it", 24),
    AccountLink("Young people", GUARDED, "What you agreed to as a parent or guardian", 26),
]
