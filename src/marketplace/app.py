"""The only place where everything meets: features, middleware, errors, navigation, reactions."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.static_files import create_static_files_router

from marketplace import db, logs, paths, settings
from marketplace.audit import Reaction
from marketplace.organisations.workspace import Section, set_sections
from marketplace.web import guards, pages
from marketplace.web.errors import HANDLERS as ERROR_HANDLERS
from marketplace.web.gate import Gate
from marketplace.web.render import NavItem, set_navigation

MAX_BODY = 1_000_000

_FEATURES = ("volunteering", "organisations", "search", "accounts", "admin")


def _modules(names: Sequence[str], room: str) -> list[Any]:
    found = []
    for name in names:
        if find_spec(f"marketplace.{name}") and find_spec(f"marketplace.{name}.{room}"):
            found.append(import_module(f"marketplace.{name}.{room}"))
    return found


def reactions() -> list[Reaction]:
    """Gather what events cause."""
    gathered: list[Reaction] = []
    if find_spec("marketplace.notifications"):
        gathered += import_module("marketplace.notifications").REACTIONS
    for module in _modules(_FEATURES, "reactions"):
        gathered += module.REACTIONS
    return gathered


def create_app() -> Litestar:
    """Build the web app of this process from its settings."""
    config = settings.current()
    handlers: list[Any] = [*pages.HANDLERS]
    navigation: list[NavItem] = []
    sections: list[Section] = []
    for module in _modules(_FEATURES, "routes"):
        handlers += module.HANDLERS
        navigation += getattr(module, "NAV", [])
        sections += getattr(module, "WORKSPACE", [])
    if config.demo:
        for name in ("routes", "mailbox"):
            if find_spec(f"marketplace.demo.{name}"):
                handlers += import_module(f"marketplace.demo.{name}").HANDLERS
    set_navigation(navigation)
    set_sections(sections)
    app = Litestar(
        route_handlers=[
            *handlers,
            create_static_files_router("/static", [paths.static()], opt=guards.PUBLIC),
        ],
        guards=[guards.signed_in_unless_public],
        dependencies={"actor": guards.provide_actor},
        before_request=guards.before_request,
        exception_handlers=ERROR_HANDLERS,
        compression_config=CompressionConfig(
            backend="brotli", brotli_quality=4, minimum_size=800, brotli_gzip_fallback=True
        ),
        request_max_body_size=MAX_BODY,
        openapi_config=None,
        # Our own structured logs only; the framework would print tracebacks beside them.
        logging_config=None,
        lifespan=[_lifespan],
        debug=False,
    )
    # Around the router rather than inside it, so that pages about unknown addresses are guarded
    # and know who reads them too.
    inner = app.asgi_handler
    if find_spec("marketplace.accounts") and find_spec("marketplace.accounts.middleware"):
        accounts = import_module("marketplace.accounts.middleware")
        organisations = import_module("marketplace.organisations.queries")
        inner = accounts.SessionMiddleware(inner, load_actor=organisations.actor_of_session)
    app.asgi_handler = Gate(inner)
    return app


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    config = settings.current()
    logs.configure(config.log_level)
    await db.start_pool()
    try:
        yield
    finally:
        await db.close_pool()
