"""Forged requests are refused twice: by where they come from and by a token in the form.

The token is an HMAC over a random nonce, a seed in the visitor's cookie and the session, so a
token of one session is worth nothing in another; the nonce makes it different on every page, so
that compression does not betray it. No session is made for somebody who only reads.
"""

import hashlib
import hmac
import re
import secrets
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from marketplace import settings
from marketplace.errors import BadInput, NotAllowed
from marketplace.permissions import ANONYMOUS, Actor
from marketplace.web.bodies import read_form

HEADER = "x-csrf-token"
FIELD = "_csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SEED = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE = "marketplace_csrf_seed"

_STALE = (
    "This page was open for too long, or you signed in or out in another tab."
    " Go back, reload it and try again: what you typed is still there."
)


def cookie_name() -> str:
    """Name the seed's cookie; `__Host-` wherever https is used."""
    return "__Host-seed" if settings.current().secure else "seed"


def seed(request: Request[Any, Any, Any]) -> tuple[str, bool]:
    """Give the visitor's seed and whether it is new and must be set."""
    state = request.scope["state"]
    if made := state.get(_STATE):
        return made, True
    kept = request.cookies.get(cookie_name(), "")
    if _SEED.fullmatch(kept):
        return kept, False
    state[_STATE] = secrets.token_urlsafe(32)
    return state[_STATE], True


def cookie(seed: str) -> Cookie:
    """Give the cookie that carries the seed."""
    return Cookie(
        key=cookie_name(),
        value=seed,
        path="/",
        secure=settings.current().secure,
        httponly=True,
        samesite="lax",
    )


def token(seed: str, actor: Actor) -> str:
    """Make a token for a form shown to this visitor."""
    nonce = secrets.token_hex(8)
    return f"{nonce}{_mac(nonce, seed, actor)}"


def _mac(nonce: str, seed: str, actor: Actor) -> str:
    message = f"{nonce}:{seed}:{actor.session_id or ''}".encode()
    return hmac.new(
        settings.current().secret_key.encode(), b"csrf:" + message, hashlib.sha256
    ).hexdigest()


async def check(request: Request[Any, Any, Any]) -> None:
    """Refuse a changing request that does not come from a form of ours.

    Raises:
        NotAllowed: another site sent it, or its token is not this visitor's.
        BadInput: its body cannot be read.
    """
    if request.method in SAFE or request.route_handler.opt.get("csrf_exempt"):
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise NotAllowed("This form was sent from another site, so we did not accept it.")
    origin = request.headers.get("origin")
    # "null" is a sandboxed frame or a file; our own pages say where they are (Referrer-Policy).
    if origin and not _ours(request, origin):
        raise NotAllowed("This form was sent from another site, so we did not accept it.")
    given = request.headers.get(HEADER) or (await read_form(request)).get(FIELD, [""])[-1]
    if not given.isascii():
        raise BadInput(_STALE)
    kept = request.cookies.get(cookie_name(), "")
    actor: Actor = request.scope.get("actor", ANONYMOUS)  # type: ignore[assignment]
    if (
        len(given) != 80
        or not _SEED.fullmatch(kept)
        or not hmac.compare_digest(given[16:], _mac(given[:16], kept, actor))
    ):
        raise NotAllowed(_STALE)


def _ours(request: Request[Any, Any, Any], origin: str) -> bool:
    if origin == settings.current().base_url:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    schemes = {"https"} if settings.current().secure else {"http", "https"}
    return parts.scheme in schemes and parts.netloc == request.headers.get("host", "")
