"""One mapping from what went wrong to a page that says so and leads on."""

from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from marketplace import logs
from marketplace.db import DatabaseBusy, Replayed
from marketplace.errors import (
    BadInput,
    Conflict,
    MarketplaceError,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooMany,
)
from marketplace.signing import LinkBroken, LinkExpired
from marketplace.web.render import Page, redirect, render

_STATUS: dict[type[MarketplaceError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    BadInput: 400,
    TooMany: 429,
    DatabaseBusy: 503,
    LinkExpired: 410,
    LinkBroken: 404,
}
_SENTENCES = {
    400: "We could not read that request. Go back and try again.",
    404: "We cannot find that page.",
    405: "This address cannot be used that way. Use the page’s own buttons.",
    413: "That is larger than this form takes. Send a smaller file or a shorter text.",
    429: "That was tried too often. Wait a minute and try again.",
    500: "Something went wrong on our side. Nothing you sent was changed halfway.",
    503: "We cannot reach our own records just now. Try again in a minute.",
}
_SIGNED_OUT = (
    "You have been signed out. What you typed is still on this page: keep a copy of what is not"
    " saved, then sign in and go on."
)
_TEMPLATES = frozenset({400, 403, 404, 409, 429, 500, 503})

_log = logs.get(__name__)


def error_page(request: Request[Any, Any, Any], status: int, message: str) -> Page:
    """Show a refusal as a whole page, or above the page that sent a part of itself."""
    if _page_stays(request):
        return _problem(request, status, message)
    name = status if status in _TEMPLATES else (400 if status < 500 else 500)
    return render(request, f"errors/{name}.html", status=status, message=message)


def _page_stays(request: Request[Any, Any, Any]) -> bool:
    """Tell whether a page saves a part of itself: what is typed in it must not be replaced."""
    return request.method != "GET" and request.headers.get("hx-request-type") == "partial"


def _problem(request: Request[Any, Any, Any], status: int, message: str) -> Page:
    page = render(
        request,
        "errors/400.html",
        fragment="errors/_problem.html",
        status=status,
        message=message,
        signed_out=status == 401,
    )
    page.headers |= {"HX-Retarget": "#problem", "HX-Reswap": "innerHTML"}
    return page


def on_marketplace_error(request: Request[Any, Any, Any], error: MarketplaceError) -> Page:
    """Answer a broken rule."""
    if isinstance(error, SignInRequired):
        if _page_stays(request):
            return _problem(request, 401, _SIGNED_OUT)
        return redirect(request, f"/sign-in?next={quote(_page_of(request), safe='/')}")
    status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)
    page = error_page(request, status, error.message)
    if isinstance(error, TooMany):
        page.headers["Retry-After"] = str(error.retry_after)
    return page


def _page_of(request: Request[Any, Any, Any]) -> str:
    """Give the page to come back to after signing in: of a form that was sent, its own."""
    if request.method == "GET":
        here, query = request.url.path, request.url.query
    else:
        try:
            came_from = urlsplit(request.headers.get("referer", ""))
        except ValueError:
            came_from = urlsplit("")
        ours = came_from.netloc and came_from.netloc == request.headers.get("host")
        here, query = (came_from.path, came_from.query) if ours else ("/", "")
    return f"{here}?{query}" if query else here


def on_replay(request: Request[Any, Any, Any], replay: Replayed) -> Page:
    """Answer a form that was already done with where it led the first time."""
    return redirect(request, replay.address)


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Page:
    """Answer what Litestar refused: unknown address, wrong method, too large, unreadable."""
    # A static file's name that the file system refuses, such as a file taken for a folder.
    status = 404 if isinstance(error.__cause__, OSError) else error.status_code
    page = error_page(
        request, status, _SENTENCES.get(status, _SENTENCES[400 if status < 500 else 500])
    )
    if error.headers and "Allow" in error.headers:
        page.headers["Allow"] = error.headers["Allow"]
    return page


def on_crash(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """Answer what nobody foresaw; the log has the trace and the request id, the page neither."""
    if _is_outage(error):
        _log.error("database unreachable", error=type(error).__name__)
        return error_page(request, 503, _SENTENCES[503])
    if _is_bad_value(error):
        _log.warning("value refused by the database", error=type(error).__name__)
        return error_page(request, 400, _SENTENCES[400])
    _log.error("unhandled", exc_info=error)
    return error_page(request, 500, _SENTENCES[500])


def _is_outage(error: BaseException) -> bool:
    import asyncpg

    return isinstance(
        error,
        (
            ConnectionError,
            TimeoutError,
            asyncpg.PostgresConnectionError,
            asyncpg.CannotConnectNowError,
            asyncpg.AdminShutdownError,
            asyncpg.TooManyConnectionsError,
            asyncpg.InterfaceError,
        ),
    ) and not isinstance(error, asyncpg.DataError)


def _is_bad_value(error: BaseException) -> bool:
    import asyncpg

    return isinstance(
        error,
        (
            asyncpg.DataError,
            asyncpg.CharacterNotInRepertoireError,
            asyncpg.UntranslatableCharacterError,
            UnicodeEncodeError,
        ),
    )


HANDLERS: ExceptionHandlersMap = {
    MarketplaceError: on_marketplace_error,
    Replayed: on_replay,
    HTTPException: on_http_error,
    Exception: on_crash,
}
