"""The home page, the search page, and the way in for those who have something to offer."""

from typing import Any

from litestar import Request, get

from marketplace.finding import asked
from marketplace.search import queries
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, render

_FIGURES = (
    ("opportunity", "opportunities to give time", "/opportunities"),
    ("thing", "things to borrow", "/things"),
    ("fund", "funds", "/funds"),
    ("organisation", "organisations", "/organisations"),
)


@get("/", opt=PUBLIC)
async def home(request: Request[Any, Any, Any]) -> Page:
    """Ask where somebody is and what they would like to do."""
    question = asked(request)
    soon = await queries.coming_up(question, "opportunity", 6)
    things = await queries.coming_up(question, "thing", 4)
    funds = await queries.coming_up(question, "fund", 4)
    counts = await queries.figures()
    return question.remember(
        render(
            request,
            "home.html",
            where=question.near if question.where else "",
            where_typed="" if question.where else question.near,
            where_error=question.where_error,
            soon=soon,
            things=things,
            funds=funds,
            figures=[
                (counts[kind], words, address)
                for kind, words, address in _FIGURES
                if counts.get(kind)
            ],
        )
    )


@get("/search", opt=PUBLIC)
async def search(request: Request[Any, Any, Any]) -> Page:
    """Search everything that is open to the public."""
    question = asked(request)
    kind = request.query_params.get("kind")
    found = await queries.everything(question, kind)
    return question.remember(
        render(
            request,
            "search/search.html",
            fragment="search/_results.html",
            asked=question,
            found=found,
            kind=kind if kind in queries.KINDS else None,
        )
    )


@get("/offer", opt=PUBLIC)
async def offer(request: Request[Any, Any, Any]) -> Page:
    """Lead somebody who has something to offer to the right door."""
    return render(request, "pages/offer.html")


HANDLERS: list[Any] = [home, search, offer]
