"""The workspace's pages of roles: adding, changing and retiring them."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import taxonomies
from marketplace.organisations.queries import Organisation, workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.guardians import doubts
from marketplace.volunteering.opportunities import queries
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.opportunities.queries import OpportunityView, RoleView
from marketplace.volunteering.roles import operations
from marketplace.volunteering.roles.forms import RoleForm, typed
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render


@get("/manage/opportunities/{id:uuid}/roles/new", name="roles.new")
async def new(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show the form of a new role."""
    opportunity = await queries.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    form = RoleForm.blank({"minimum_age": opportunity.minimum_age, "wanted": 1, "least_needed": 0})
    return _form(request, actor, organisation, opportunity, form)


@post("/manage/opportunities/{id:uuid}/roles/new", name="roles.add")
async def add(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Add a role."""
    form = await RoleForm.bind(request)
    opportunity = await queries.to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    if form.data is not None:
        home = f"/manage/opportunities/{id}"
        with form.catching():
            await operations.add(actor, id, form.data.details(), once=form.once(home))
            return redirect(request, home, notice="Role added. Choose it when you add shifts.")
    return _form(request, actor, organisation, opportunity, form, status=422)


@get("/manage/roles/{id:uuid}", name="roles.show")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show a role in its form, and what else belongs to it."""
    role, opportunity = await queries.role_to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    form = RoleForm.blank(typed(role))
    return _form(request, actor, organisation, opportunity, form, role=role)


@post("/manage/roles/{id:uuid}", name="roles.change")
async def change(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Replace what a role says."""
    form = await RoleForm.bind(request)
    role, opportunity = await queries.role_to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    if form.data is not None:
        home = f"/manage/opportunities/{opportunity.id}"
        with form.catching():
            unfit = await operations.change(actor, id, form.data.details(), once=form.once(home))
            home = doubts.page(organisation.id) if unfit else home
            return redirect(request, home, notice=doubts.notice("Role saved.", unfit))
    return _form(request, actor, organisation, opportunity, form, role=role, status=422)


@post("/manage/roles/{id:uuid}/retirement", name="roles.retire")
async def retire(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Plan no more shifts for a role."""
    form = await Form.bind(request)
    role, opportunity = await queries.role_to_manage(actor, id)
    home = f"/manage/opportunities/{opportunity.id}"
    await operations.retire(actor, id, once=form.once(home))
    return redirect(request, home, notice=f"Retired: {role.title}. You can bring it back.")


@post("/manage/roles/{id:uuid}/restoration", name="roles.restore")
async def restore(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Bring a retired role back."""
    form = await Form.bind(request)
    role, opportunity = await queries.role_to_manage(actor, id)
    home = f"/manage/opportunities/{opportunity.id}"
    await operations.restore(actor, id, once=form.once(home))
    return redirect(request, home, notice=f"Back again: {role.title}.")


def _form(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    opportunity: OpportunityView,
    form: Bound[RoleForm],
    *,
    role: RoleView | None = None,
    status: int = 200,
) -> Page:
    return render(
        request,
        "volunteering/manage/role.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        opportunity=opportunity,
        role=role,
        form=form,
        skills=taxonomies.choices(taxonomies.SKILLS),
    )


HANDLERS: list[Any] = [new, add, show, change, retire, restore]
