"""Pages of the administrators. To everybody else they do not exist."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.accounts import administration
from marketplace.accounts.leaving.steps import Part
from marketplace.admin import operations, queries
from marketplace.admin.forms import HistoryForm
from marketplace.admin.people import routes as people
from marketplace.permissions import Actor, Permission
from marketplace.web.forms import Form
from marketplace.web.render import NavItem, Page, redirect, render

_JOBS = "/admin/jobs"


@get(_JOBS, name="admin.jobs")
async def jobs(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Show the jobs that are held and those that wait, and the mail that was refused."""
    return render(request, "admin/jobs.html", jobs=await queries.jobs(actor))


@post(_JOBS + "/{id:int}/attempt", name="admin.jobs.attempt")
async def attempt(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[int]
) -> Page:
    """Try a job again."""
    form = await Form.bind(request)
    await operations.try_again(actor, id, once=form.once(_JOBS))
    return redirect(request, _JOBS, notice="The job will be tried again in a moment.")


@get(_JOBS + "/{id:int}/removal", name="admin.jobs.removal")
async def removal(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[int]
) -> Page:
    """Ask whether to drop a job."""
    job = await queries.job(actor, id)
    return render(request, "admin/removal.html", job=job, form=Form.blank())


@post(_JOBS + "/{id:int}/removal", name="admin.jobs.remove")
async def remove(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[int]
) -> Page:
    """Drop a job."""
    form = await Form.bind(request)
    await operations.drop(actor, id, once=form.once(_JOBS))
    return redirect(request, _JOBS, notice="The job is dropped and will not be done.")


@get("/admin/history", name="admin.history")
async def history(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Show what happened, newest first."""
    actor.require_to_know(Permission.VIEW_HISTORY)
    form = HistoryForm.read(request)
    asked = form.data or HistoryForm()
    page = await queries.history(actor, about=asked.about, event=asked.event, before=asked.before)
    return render(
        request,
        "admin/history.html",
        status=200 if form.data else 422,
        form=form,
        asked=asked,
        page=page,
    )


HANDLERS: list[Any] = [jobs, attempt, removal, remove, history, *people.HANDLERS]
# What leaving means to those who look after the place.
LEAVING: list[Part] = [administration.LEAVING]
NAV = [
    NavItem("Jobs", _JOBS, lambda actor: actor.can(Permission.VIEW_JOBS)),
    *people.NAV,
    NavItem("History", "/admin/history", lambda actor: actor.can(Permission.VIEW_HISTORY)),
]
