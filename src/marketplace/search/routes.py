"""The home page, the search page, and honest pages for what is not built yet."""

from typing import Any

from litestar import Request, get

from marketplace.finding import asked
from marketplace.search import queries
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, render


@get("/", opt=PUBLIC)
async def home(request: Request[Any, Any, Any]) -> Page:
    """Ask where somebody is and what they would like to do."""
    question = asked(request)
    found = await queries.coming_up(question)
    counts = await queries.figures()
    return question.remember(
        render(
            request,
            "home.html",
            where=question.near if question.where else "",
            where_error=question.where_error,
            soon=found.rows,
            figures=[
                (counts.get("opportunity", 0), "opportunities to give time", "/opportunities"),
                (counts.get("organisation", 0), "organisations", "/organisations"),
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


@get("/borrow", opt=PUBLIC)
async def borrow(request: Request[Any, Any, Any]) -> Page:
    """Say that borrowing is not open yet, and what is."""
    return render(request, "pages/borrow.html")


@get("/funding", opt=PUBLIC)
async def funding(request: Request[Any, Any, Any]) -> Page:
    """Say that funding is not open yet, and what is."""
    return render(request, "pages/funding.html")


@get("/offer", opt=PUBLIC)
async def offer(request: Request[Any, Any, Any]) -> Page:
    """Lead somebody who has something to offer to the right door."""
    return render(request, "pages/offer.html")


HANDLERS: list[Any] = [home, search, borrow, funding, offer]
