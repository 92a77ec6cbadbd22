"""The public pages of funds: the list and each one, with all that applicants read first."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock, places, taxonomies
from marketplace.finding import Asked, asked
from marketplace.grants.funds import queries
from marketplace.grants.funds.forms import FilterForm
from marketplace.grants.listing import ANYWHERE, KIND
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rules import FundState, Phase, area_slug
from marketplace.permissions import Actor, Permission
from marketplace.questions.rules import KIND_LABELS
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, render


@get("/funds", name="funds.list", opt=PUBLIC)
async def index(request: Request[Any, Any, Any]) -> Page:
    """List the funds that take or will take applications, the next deadline first.

    A fund serves districts: with a place, those are listed that serve it, and how far away the
    funder's office is does not matter (`within` is taken and means nothing here).
    """
    question = asked(request)
    filters = FilterForm.read(request).data or FilterForm()
    cause = filters.cause if filters.cause in taxonomies.CAUSES else ""
    found = await replace(question, where=None, within=0).find(
        [KIND],
        tags=[f"cause:{cause}"] if cause else [],
        any_tags=_serving(question),
    )
    return question.remember(
        render(
            request,
            "grants/funds/funds.html",
            fragment="grants/funds/_results.html",
            asked=question,
            found=found,
            ahead=await queries.ahead([row.id for row in found.rows]),
            cause=cause,
            causes=[(top.slug, top.label) for top, _ in taxonomies.groups(taxonomies.CAUSES)],
        )
    )


def _serving(question: Asked) -> list[str]:
    """Give the tags of funds that serve where somebody is; none where that is a whole county."""
    if question.where is None:
        return []
    code = places.outward_code(question.where.outward) if question.where.outward else None
    names = set(code.districts if code else ()) | {question.where.district}
    tags = [f"in:{area_slug(name)}" for name in sorted(filter(None, names))]
    if not tags and question.where.reach:
        return []
    return [ANYWHERE, *tags]


@get("/funds/{id:uuid}", name="funds.show", opt=PUBLIC)
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show everything an applicant needs before starting, and what was given before."""
    fund = await queries.fund(actor, id)
    now = clock.now()
    every = await rounds.of_fund(id)
    awards = await queries.published_awards(id)
    live = [each for each in every if each.phase(now) in {Phase.OPEN, Phase.UPCOMING}]
    return render(
        request,
        "grants/funds/fund.html",
        fund=fund,
        live=live,
        past=[each for each in every if each not in live],
        awards={
            each.id: [award for award in awards if award.round_id == each.id] for each in every
        },
        given=sum(award.amount for award in awards),
        given_times=len(awards),
        now_at=now,
        causes=[taxonomies.label(slug) for slug in fund.causes],
        picture=taxonomies.icon(fund.causes[0]) if fund.causes else "hand-coins",
        works_on_it=actor.can(Permission.VIEW_APPLICATIONS, fund.organisation_id),
        preview=False,
        kind_words=KIND_LABELS,
        Phase=Phase,
        State=FundState,
    )


HANDLERS: list[Any] = [index, show]
