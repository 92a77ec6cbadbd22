"""Who sends this request: from the session cookie to the Actor in the request's scope."""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.types import ASGIApp, Receive, Scope, Send

from marketplace import settings
from marketplace.accounts import sessions
from marketplace.accounts.rules import ABSOLUTE, SEEN_EVERY
from marketplace.permissions import ANONYMOUS, Actor
from marketplace.web.errors import on_crash

_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{sessions.TOKEN_LENGTH}}}")
_PUBLIC_PATHS = frozenset({"/healthz", "/readyz", "/brand.css", "/favicon.ico"})
_REMEMBERED = 20_000


def cookie_name() -> str:
    """Name the session's cookie; `__Host-` wherever https is used."""
    return "__Host-session" if settings.current().secure else "session"


def session_cookie(token: str | None) -> Cookie:
    """Give the cookie that carries a session's token; None ends it in the browser."""
    return Cookie(
        key=cookie_name(),
        value=token or "",
        path="/",
        max_age=int(ABSOLUTE.total_seconds()) if token else 0,
        secure=settings.current().secure,
        httponly=True,
        samesite="lax",
    )


class SessionMiddleware:
    """Put the Actor into `scope["actor"]`; a request without our cookie asks the database nothing.

    `load_actor` gives the Actor of a token's hash, None where the session ended or its person may
    not come in. Sessions are only ever updated here, so one deleted meanwhile stays deleted.
    """

    def __init__(
        self, app: ASGIApp, load_actor: Callable[[bytes], Awaitable[Actor | None]]
    ) -> None:
        self.app = app
        self.load_actor = load_actor
        # When this process last noted a session as in use; saves asking at every request.
        self._touched: dict[bytes, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who asks, then let the request through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["actor"] = ANONYMOUS  # type: ignore[typeddict-unknown-key]
        token = _token(scope)
        if token:
            try:
                actor = await self._actor(sessions.hash_of(token))
            except Exception as error:
                # Whatever it is: this is outside the app's own error handling, so that its error
                # pages know who reads.
                request: Request[Any, Any, Any] = Request(scope, receive, send)
                answer = on_crash(request, error).to_asgi_response(app=None, request=request)
                await answer(scope, receive, send)
                return
            scope["actor"] = actor  # type: ignore[typeddict-unknown-key]
        await self.app(scope, receive, send)

    async def _actor(self, token_hash: bytes) -> Actor:
        actor = await self.load_actor(token_hash)
        if actor is None:
            return ANONYMOUS
        now = time.monotonic()
        if now - self._touched.get(token_hash, -SEEN_EVERY.total_seconds()) >= (
            SEEN_EVERY.total_seconds()
        ):
            if len(self._touched) >= _REMEMBERED:
                self._touched.clear()
            self._touched[token_hash] = now
            await sessions.touch(token_hash)
        return actor


def _token(scope: Scope) -> str:
    path = scope["path"]
    if path in _PUBLIC_PATHS or path.startswith(("/static/", "/files/")):
        return ""
    found = ASGIConnection(scope).cookies.get(cookie_name(), "")
    return found if _TOKEN.fullmatch(found) else ""
