"""Access is denied unless a route says that it is public."""

from typing import Any
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from marketplace.errors import NotFound, SignInRequired
from marketplace.permissions import ANONYMOUS, Actor
from marketplace.web import csrf

PUBLIC = {"public": True}


def signed_in_unless_public(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Ask people to sign in on every route that is not declared public.

    OPTIONS answers with the methods of an address and runs no handler.

    Raises:
        SignInRequired: nobody is signed in.
    """
    if connection.scope.get("method") == "OPTIONS":
        return
    if not handler.opt.get("public") and not provide_actor_of(connection).signed_in:
        raise SignInRequired()


def ids_as_we_write_them(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Know an id in an address as our links write it alone, not every way numbers can be written.

    Python reads Arabic digits, "+12" and "1_2" as numbers too.

    Raises:
        NotFound: an id is written otherwise.
    """
    parts = connection.scope["path"].lower().split("/")
    for value in connection.path_params.values():
        if isinstance(value, int | UUID) and str(value) not in parts:
            raise NotFound()


def provide_actor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """Give whoever sent this request, as the session middleware found out."""
    return connection.scope.get("actor", ANONYMOUS)  # type: ignore[return-value]


async def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """Give handlers their `actor`."""
    return provide_actor_of(request)


async def before_request(request: Request[Any, Any, Any]) -> None:
    """Refuse forged requests before any handler runs."""
    await csrf.check(request)
