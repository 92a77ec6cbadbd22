"""What stands before everything: request id, host check, security headers, one log line."""

import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from marketplace import clock, logs, settings
from marketplace.ids import new_id

_log = logs.get("marketplace.access")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


class Gate:
    """Wrap the app, outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a foreign host at once; let the rest through with an id and safe headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["received_at"] = clock.now()  # type: ignore[typeddict-unknown-key]
        request_id = new_id().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = 500
        method = scope["method"]
        if method == "HEAD":
            scope["method"] = "GET"  # type: ignore[typeddict-item]

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", []),
                    *_headers(scope["path"], status, {n for n, _ in message.get("headers", [])}),
                    (b"x-request-id", request_id.encode()),
                ]
            elif method == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            if _foreign(scope):
                await _refuse(send_guarded, b"This server does not answer to that name.")
            elif not scope["path"].isprintable():
                # File systems and databases both choke on these; no address of ours has one.
                await _refuse(send_guarded, b"There is no such address.")
            else:
                await self.app(scope, receive, send_guarded)
        finally:
            _log.info(
                "request",
                method=method,
                # Path parameters may be signed tokens: only the route's own pattern is logged.
                route=scope.get("path_template") or "-",
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )


def received_at(request: Request[Any, Any, Any]) -> datetime:
    """Tell when a request reached this process, aware UTC: what deadlines are judged by."""
    return request.scope.get("received_at") or clock.now()  # type: ignore[return-value]


def _foreign(scope: Scope) -> bool:
    if scope["path"] in {"/healthz", "/readyz"}:
        # Load balancers ask by address.
        return False
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    try:
        parts = urlsplit(f"//{host.decode('ascii')}")
        # A port out of range is a ValueError too, here rather than wherever it is read next.
        name, _ = parts.hostname, parts.port
    except ValueError:
        return True
    return name not in settings.current().hosts


async def _refuse(send: Send, body: bytes) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 400,
            "headers": [(b"content-type", b"text/plain; charset=utf-8")],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _headers(path: str, status: int, present: set[bytes]) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"content-security-policy", CSP.encode()),
        (b"x-frame-options", b"DENY"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    ]
    if path.startswith("/static/") and status == 200:
        headers.append((b"cache-control", b"public, max-age=31536000, immutable"))
    else:
        headers.append((b"cache-control", b"no-store"))
    if settings.current().secure:
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    # A handler that says one of them itself is believed, such as a page that shows a frame.
    said = {name.lower() for name in present}
    return [(name, value) for name, value in headers if name not in said]
