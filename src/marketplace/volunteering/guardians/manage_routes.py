"""Naming the adult of a role, and correcting birth dates for those who look after the place."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.guardians import adults, birth_dates, doubt_routes, operations
from marketplace.volunteering.guardians.forms import AdultForm, CorrectionForm
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
CORRECTIONS = "/moderation/birth-dates"


@get("/manage/roles/{id:uuid}/named-adult", name="named-adult.show")
async def adult(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show who answers for the young people of a role."""
    return await _adult(request, actor, id, AdultForm.blank())


@post("/manage/roles/{id:uuid}/named-adult", name="named-adult.name")
async def name_adult(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Name who answers for the young people of a role."""
    form = await AdultForm.bind(request)
    await opportunities.role_to_manage(actor, id)
    if form.data is not None:
        home = f"/manage/roles/{id}/named-adult"
        with form.catching():
            await operations.name_adult(actor, id, form.data.person, once=form.once(home))
            return redirect(request, home, notice="Named. They are told by e-mail.")
    return await _adult(request, actor, id, form, status=422)


async def _adult(
    request: Req, actor: Actor, id: UUID, form: Bound[AdultForm], *, status: int = 200
) -> Page:
    role, opportunity = await opportunities.role_to_manage(actor, id)
    organisation = await workspace(actor, opportunity.organisation_id)
    return render(
        request,
        "volunteering/guardians/adult.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        role=role,
        opportunity=opportunity,
        adult=await adults.named_adult(id),
        adults=[(str(id), name) for id, name in await adults.nameable(opportunity.organisation_id)],
        form=form,
    )


@get(CORRECTIONS, name="moderation.birth-dates")
async def corrections(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the form that corrects somebody's birth date."""
    return _corrections(request, actor, CorrectionForm.blank())


@post(CORRECTIONS, name="moderation.correct-birth-date")
async def correct(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Correct somebody's birth date."""
    form = await CorrectionForm.bind(request)
    actor.require_to_know(Permission.CORRECT_BIRTH_DATES)
    if form.data is not None:
        with form.catching():
            await birth_dates.correct(
                actor, form.data.email, form.data.born_on, once=form.once(CORRECTIONS)
            )
            return redirect(request, CORRECTIONS, notice="The date of birth is corrected.")
    return _corrections(request, actor, form, status=422)


def _corrections(
    request: Req, actor: Actor, form: Bound[CorrectionForm], *, status: int = 200
) -> Page:
    actor.require_to_know(Permission.CORRECT_BIRTH_DATES)
    return render(request, "volunteering/guardians/corrections.html", status=status, form=form)


HANDLERS: list[Any] = [adult, name_adult, corrections, correct, *doubt_routes.HANDLERS]
