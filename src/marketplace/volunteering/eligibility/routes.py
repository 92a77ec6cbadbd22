"""Why somebody cannot book a shift, for those who run it."""

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.eligibility import operations, queries
from marketplace.volunteering.eligibility.forms import WhoForm
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.shifts import queries as shifts
from marketplace.web.render import Page, render


@get("/manage/shifts/{id:uuid}/eligibility", name="eligibility.show")
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Say why somebody the organisation knows cannot book, or ask about whom."""
    shift, opportunity = await shifts.shift(actor, id)
    people = await queries.known(actor, opportunity.organisation_id)
    form = WhoForm.read(request)
    person = form.data.person if form.data else None
    name, answer = await operations.look(actor, id, person) if person else ("", None)
    organisation = await workspace(actor, opportunity.organisation_id)
    return render(
        request,
        "volunteering/manage/eligibility.html",
        **shell(request, actor, organisation, current=SECTION),
        shift=shift,
        opportunity=opportunity,
        people=people,
        asked=form,
        name=name,
        answer=answer,
    )


HANDLERS: list[Any] = [show]
