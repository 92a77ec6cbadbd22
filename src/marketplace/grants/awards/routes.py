"""The public pages of awards."""

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath

from marketplace import clock
from marketplace.grants.awards import queries
from marketplace.grants.awards.forms import FilterForm
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, render


@get("/awards", opt=PUBLIC, name="awards.list")
async def index(request: Request[Any, Any, Any]) -> Page:
    """List what was awarded, by funder and year."""
    form = FilterForm.read(request)
    chosen = form.data or FilterForm()
    return render(
        request,
        "grants/awards/awards.html",
        fragment="grants/awards/_results.html",
        found=await queries.awards(chosen.chosen()),
        chosen=chosen,
    )


@get("/awards/{award_id:uuid}", opt=PUBLIC, name="awards.show")
async def show(request: Request[Any, Any, Any], award_id: FromPath[UUID]) -> Page:
    """Show one award as everybody may read it."""
    award = await queries.published(award_id)
    return render(
        request,
        "grants/awards/award.html",
        award=award,
        dates=[
            clock.date_words(day, year=True) if day else ""
            for day in (award.awarded_on, award.starts_on, award.ends_on)
        ],
    )


HANDLERS: list[Any] = [index, show]
