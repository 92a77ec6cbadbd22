"""Pages of members and invitations inside the workspace."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations import queries as organisations
from marketplace.organisations import rules
from marketplace.organisations.people import acting, operations, queries
from marketplace.organisations.people.forms import ROLES, InviteForm, RoleForm
from marketplace.organisations.queries import Organisation
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


@get("/manage/{organisation_id:uuid}/people", name="people.list")
async def people(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Show who belongs to the organisation and who is invited."""
    organisation = await organisations.workspace(actor, organisation_id)
    return await _people(request, actor, organisation, InviteForm.blank())


@post("/manage/{organisation_id:uuid}/invitations", name="people.invite")
async def invite(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Invite somebody by e-mail."""
    form = await InviteForm.bind(request)
    organisation = await organisations.workspace(actor, organisation_id)
    if form.data is not None:
        address = f"/manage/{organisation_id}/people"
        with form.catching():
            await operations.invite(
                actor,
                organisation_id,
                email=form.data.email,
                role=form.data.role,
                once=form.once(address),
            )
            return redirect(request, address, notice=f"Invitation sent to {form.data.email}.")
    return await _people(request, actor, organisation, form, status=422)


@post(
    "/manage/{organisation_id:uuid}/invitations/{invitation_id:uuid}/resend",
    name="people.send_again",
)
async def send_again(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    invitation_id: FromPath[UUID],
) -> Page:
    """Send an invitation anew."""
    form = await Form.bind(request)
    address = f"/manage/{organisation_id}/people"
    await operations.send_again(actor, organisation_id, invitation_id, once=form.once(address))
    return redirect(
        request, address, notice="Sent again. The link in the earlier message works no more."
    )


@post(
    "/manage/{organisation_id:uuid}/invitations/{invitation_id:uuid}/withdrawal",
    name="people.withdraw",
)
async def withdraw(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    invitation_id: FromPath[UUID],
) -> Page:
    """Take an invitation back."""
    form = await Form.bind(request)
    address = f"/manage/{organisation_id}/people"
    await operations.withdraw(actor, organisation_id, invitation_id, once=form.once(address))
    return redirect(request, address, notice="Invitation withdrawn.")


@get("/manage/{organisation_id:uuid}/people/{person_id:uuid}", name="people.member")
async def member(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """Show one member, to change the role or end the membership."""
    organisation = await organisations.workspace(actor, organisation_id)
    found = await queries.member(actor, organisation_id, person_id)
    form = RoleForm.blank({"role": found.role.value})
    return _member(request, actor, organisation, found, form)


@post("/manage/{organisation_id:uuid}/people/{person_id:uuid}/role", name="people.role")
async def change_role(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """Give a member another role."""
    form = await RoleForm.bind(request)
    if form.data is None:
        organisation = await organisations.workspace(actor, organisation_id)
        found = await queries.member(actor, organisation_id, person_id)
        return _member(request, actor, organisation, found, form, status=422)
    address = _after(organisation_id, ours=True)
    await operations.change_role(
        actor, organisation_id, person_id, form.data.role, once=form.once(address)
    )
    return redirect(request, address, notice="Role changed.")


@post("/manage/{organisation_id:uuid}/people/{person_id:uuid}/removal", name="people.remove")
async def remove(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    person_id: FromPath[UUID],
) -> Page:
    """End a membership."""
    form = await Form.bind(request)
    address = _after(organisation_id, ours=not actor.is_self(person_id))
    await operations.remove(actor, organisation_id, person_id, once=form.once(address))
    notice = "You have left." if actor.is_self(person_id) else "Removed."
    return redirect(request, address, notice=notice)


@post("/manage/{organisation_id:uuid}/acting", name="people.allow_acting")
async def allow_acting(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Let the volunteer centre act for the organisation."""
    form = await Form.bind(request)
    address = f"/manage/{organisation_id}/people"
    await acting.allow(actor, organisation_id, once=form.once(address))
    return redirect(request, address, notice="The volunteer centre may act for you now.")


@post("/manage/{organisation_id:uuid}/acting/removal", name="people.end_acting")
async def end_acting(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
) -> Page:
    """Let the volunteer centre act for the organisation no more."""
    form = await Form.bind(request)
    address = f"/manage/{organisation_id}/people"
    await acting.end(actor, organisation_id, once=form.once(address))
    return redirect(request, address, notice="The volunteer centre acts for you no more.")


def _after(organisation_id: UUID, *, ours: bool) -> str:
    # Whoever has left may not see the workspace any more.
    return f"/manage/{organisation_id}/people" if ours else "/account"


async def _people(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    form: Bound[InviteForm],
    *,
    status: int = 200,
) -> Page:
    members = await queries.members(actor, organisation.id)
    manages = actor.can(Permission.INVITE_PEOPLE, organisation.id)
    return render(
        request,
        "organisations/manage/people.html",
        status=status,
        **shell(request, actor, organisation),
        members=members,
        invitations=await queries.invitations(actor, organisation.id) if manages else [],
        manages=manages,
        inviting=manages and organisation.state in rules.AT_WORK,
        acting=await acting.since(organisation.id) if manages else None,
        role_labels=rules.ROLE_LABELS,
        roles=ROLES,
        form=form,
    )


def _member(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    member: queries.Member,
    form: Bound[RoleForm],
    *,
    status: int = 200,
) -> Page:
    return render(
        request,
        "organisations/manage/member.html",
        status=status,
        **shell(request, actor, organisation, current="People"),
        member=member,
        own=actor.is_self(member.person_id),
        manages=actor.can(Permission.INVITE_PEOPLE, organisation.id),
        role_labels=rules.ROLE_LABELS,
        roles=ROLES,
        form=form,
    )


HANDLERS: list[Any] = [
    people,
    invite,
    send_again,
    withdraw,
    member,
    change_role,
    remove,
    allow_acting,
    end_acting,
]
