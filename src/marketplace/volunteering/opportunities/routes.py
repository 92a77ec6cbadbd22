"""The public pages of opportunities: the list and each one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock, files, settings, taxonomies
from marketplace.finding import asked
from marketplace.listing_index import Row
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.applications import queries as applications
from marketplace.volunteering.eligibility.queries import before_booking
from marketplace.volunteering.listing import KIND
from marketplace.volunteering.opportunities import queries
from marketplace.volunteering.opportunities.forms import WHEN, FilterForm, cause_choices, days
from marketplace.volunteering.opportunities.posting import posting
from marketplace.volunteering.opportunities.queries import Upcoming
from marketplace.volunteering.opportunities.rules import (
    ACCESS,
    EXPENSES_WORDS,
    NEEDS,
    SUPPORT,
    known,
)
from marketplace.volunteering.rules import OpportunityState
from marketplace.volunteering.shifts import queries as shifts
from marketplace.volunteering.waitlist import queries as waitlist
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, render


@get("/opportunities", name="opportunities.list", opt=PUBLIC)
async def index(request: Request[Any, Any, Any]) -> Page:
    """List what people can give their time to, nearest first."""
    question = asked(request)
    filters = FilterForm.read(request).data or FilterForm()
    if filters.remote:
        # From home is as near from anywhere.
        question = replace(question, within=0)
    cause = filters.cause if filters.cause in taxonomies.CAUSES else ""
    needs = filters.needs()
    found = await question.find(
        [KIND],
        tags=[*([f"cause:{cause}"] if cause else []), *needs],
        any_tags=[f"on:{day}" for day in days(filters.when, clock.today())],
        remote=filters.remote,
    )
    ahead = await queries.upcoming([row.id for row in found.rows])
    return question.remember(
        render(
            request,
            "volunteering/opportunities.html",
            fragment="volunteering/_results.html",
            asked=question,
            found=replace(found, rows=_with_next_shifts(found.rows, ahead)),
            ahead=ahead,
            filters=filters,
            cause=cause,
            causes=cause_choices(),
            whens=WHEN,
            needs=needs,
            offered=NEEDS,
        )
    )


def _with_next_shifts(rows: Sequence[Row], ahead: dict[UUID, Upcoming]) -> list[Row]:
    """Show the next shift with a place left rather than the next of all."""
    known = [(row, ahead.get(row.id)) for row in rows]
    return [
        replace(row, starts_at=next.starts_at) if next and next.starts_at != row.starts_at else row
        for row, next in known
    ]


@get("/opportunities/{id:uuid}", name="opportunities.show", opt=PUBLIC)
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show all that people choose by, and the shifts they can book."""
    opportunity = await queries.opportunity(actor, id)
    roles = await queries.roles(id, retired=True)
    ahead, mine = await shifts.ahead_of(actor, id)
    standing = await waitlist.standing(actor, [shift.id for shift in ahead])
    # What a role asks is the same for each of its shifts: the first one speaks for all.
    bookable = {
        shift.role_id: shift.id
        for shift in reversed(ahead)
        if not shift.cancelled and not shift.started(clock.now())
    }
    return render(
        request,
        "volunteering/opportunity.html",
        opportunity=opportunity,
        roles=roles,
        shifts=ahead,
        posting=posting(
            queries.in_public(opportunity),
            [role for role in roles if not role.retired],
            ahead,
            site=settings.current().base_url,
        )
        if opportunity.public and opportunity.faded_at is None
        else None,
        mine=mine,
        waiting=standing.mine,
        queued=standing.queued,
        before=await before_booking(actor, list(bookable.values())) if opportunity.public else [],
        access=[ACCESS[slug] for slug in known(opportunity.access, ACCESS)],
        support=[SUPPORT[slug] for slug in known(opportunity.support, SUPPORT)],
        expenses=EXPENSES_WORDS[opportunity.expenses_paid],
        causes=[taxonomies.label(slug) for slug in opportunity.causes],
        skills=[taxonomies.label(slug) for slug in opportunity.skills],
        skill_label=taxonomies.label,
        picture=await files.picture(opportunity.image_id),
        emblem_name=taxonomies.icon(opportunity.causes[0]) if opportunity.causes else "hand-heart",
        # Signed in, one reads it among what stands in the way of a shift.
        applying=await applications.needing(id)
        if opportunity.public and (opportunity.flexible or not actor.signed_in)
        else set[UUID](),
        works_on_it=actor.can(Permission.VIEW_DRAFTS, opportunity.organisation_id),
        State=OpportunityState,
    )


HANDLERS: list[Any] = [index, show]
