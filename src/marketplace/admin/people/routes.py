"""Pages about one person. To everybody but administrators they do not exist."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.accounts import administration
from marketplace.accounts.leaving import operations as leaving
from marketplace.accounts.rules import SUSPENSIONS
from marketplace.admin.people import operations, queries
from marketplace.admin.people.forms import EraseForm, FindForm, RoleForm, SuspendForm
from marketplace.permissions import Actor, Permission, PlatformRole
from marketplace.web.forms import Bound, Form
from marketplace.web.render import NavItem, Page, redirect, render

Req = Request[Any, Any, Any]
_PEOPLE = "/admin/people"
_ONE = _PEOPLE + "/{person_id:uuid}"
ROLES = {
    PlatformRole.MODERATOR: "Moderator",
    PlatformRole.BROKER: "Broker",
    PlatformRole.ADMINISTRATOR: "Administrator",
}


@get(_PEOPLE, name="admin.people")
async def people(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Ask whose address it is."""
    actor.require_to_know(Permission.SUSPEND_PEOPLE)
    return render(request, "admin/people/find.html", form=FindForm.blank())


@post(_PEOPLE, status_code=200)
async def find(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Find somebody by their whole address; it stands in no address of ours."""
    actor.require_to_know(Permission.SUSPEND_PEOPLE)
    form = await FindForm.bind(request)
    if form.data is not None:
        with form.catching():
            found = await queries.find(actor, form.data.who)
            return redirect(request, f"{_PEOPLE}/{found}")
    return render(request, "admin/people/find.html", status=422, form=form)


@get(_ONE, name="admin.person")
async def person(request: Req, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Page:
    """Show somebody, and what can be done."""
    return await _page(request, actor, person_id, Form.blank())


@post(_ONE + "/suspension", status_code=200)
async def suspend(request: Req, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Page:
    """Keep somebody out."""
    await queries.person(actor, person_id)
    form = await SuspendForm.bind(request)
    if form.data is None:
        return await _page(request, actor, person_id, form, status=422)
    await administration.suspend(
        actor, person_id, form.data.reason, once=form.once(f"{_PEOPLE}/{person_id}")
    )
    return _done(request, person_id, "They are signed out and cannot sign in.")


@post(_ONE + "/reinstatement", status_code=200)
async def reinstate(request: Req, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Page:
    """Let somebody in again."""
    await queries.person(actor, person_id)
    form = await Form.bind(request)
    await administration.reinstate(actor, person_id, once=form.once(f"{_PEOPLE}/{person_id}"))
    return _done(request, person_id, "They can sign in again.")


@post(_ONE + "/roles", status_code=200)
async def give_role(request: Req, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Page:
    """Give a role for the whole place."""
    notice = "They have the role once they sign in again."
    return await _role(request, actor, person_id, administration.grant_platform_role, notice)


@post(_ONE + "/roles/removal", status_code=200)
async def take_role(request: Req, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Page:
    """Take a role for the whole place away."""
    notice = "They have that role no more."
    return await _role(request, actor, person_id, administration.withdraw_platform_role, notice)


async def _role(
    request: Req, actor: Actor, person_id: UUID, verb: Callable[..., Awaitable[None]], notice: str
) -> Page:
    await queries.person(actor, person_id)
    form = await RoleForm.bind(request)
    if form.data is None:
        return await _page(request, actor, person_id, form, status=422)
    await verb(actor, person_id, form.data.role, once=form.once(f"{_PEOPLE}/{person_id}"))
    return _done(request, person_id, notice)


@post(_ONE + "/erasure", status_code=200)
async def erase(request: Req, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Page:
    """Delete the account of somebody who asked for it."""
    await queries.person(actor, person_id)
    form = await EraseForm.bind(request)
    if form.data is None or not form.data.sure:
        form.refuse("sure", "Tick that they asked for it")
        return await _page(request, actor, person_id, form, status=422)
    await leaving.erase(actor, person_id, once=form.once(_PEOPLE))
    return redirect(request, _PEOPLE, notice="The account is deleted. They are told by e-mail.")


def _done(request: Req, person_id: UUID, notice: str) -> Page:
    return redirect(request, f"{_PEOPLE}/{person_id}", notice=notice)


async def _page(
    request: Req, actor: Actor, person_id: UUID, form: Bound[Any], *, status: int = 200
) -> Page:
    looked = await operations.look(actor, person_id)
    return render(
        request,
        "admin/people/person.html",
        status=status,
        person=looked.person,
        obstacles=looked.obstacles,
        roles=ROLES,
        reasons=list(SUSPENSIONS.items()),
        myself=actor.is_self(person_id),
        form=form,
    )


HANDLERS: list[Any] = [people, find, person, suspend, reinstate, give_role, take_role, erase]
NAV = [NavItem("People", _PEOPLE, lambda actor: actor.can(Permission.SUSPEND_PEOPLE))]
