"""The only place where all pages meet: features, middleware, errors, navigation."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig

from marketplace import db, logs, settings
from marketplace.accounts import routes as accounts
from marketplace.accounts.account.links import AccountLink, set_links
from marketplace.accounts.arriving import Arrival, set_arrivals
from marketplace.accounts.consents.routes import set_names
from marketplace.accounts.leaving.steps import Part, set_parts
from marketplace.accounts.middleware import SessionMiddleware
from marketplace.admin import routes as admin
from marketplace.concerns import routes as concerns
from marketplace.credentials import routes as credentials
from marketplace.demo import mailbox
from marketplace.demo import routes as demo
from marketplace.files import routes as files
from marketplace.grants import routes as grants
from marketplace.messages import routes as messages
from marketplace.messages.operations import set_copies
from marketplace.messages.subjects import Describe, set_subjects
from marketplace.organisations import routes as organisations
from marketplace.organisations.queries import actor_of_session
from marketplace.organisations.queries import names as names_of_organisations
from marketplace.organisations.workspace import Section, set_sections
from marketplace.search import routes as search
from marketplace.things import routes as things
from marketplace.volunteering import routes as volunteering
from marketplace.volunteering.guardians.adults import copies
from marketplace.web import assets, guards, pages
from marketplace.web.errors import HANDLERS as ERROR_HANDLERS
from marketplace.web.gate import Gate
from marketplace.web.render import NavItem, set_navigation

MAX_BODY = 1_000_000

# In the order in which their ways in stand in the navigation.
_FEATURES: tuple[ModuleType, ...] = (
    volunteering,
    messages,
    things,
    grants,
    organisations,
    search,
    accounts,
    credentials,
    concerns,
    admin,
    files,
)


def create_app() -> Litestar:
    """Build the web app of this process from its settings."""
    config = settings.current()
    handlers: list[list[Any]] = [[*pages.HANDLERS, *assets.HANDLERS]]
    navigation: list[NavItem] = []
    sections: list[Section] = []
    links: list[AccountLink] = []
    subjects: dict[str, Describe] = {}
    arrivals: list[Arrival] = []
    leaving: list[Part] = []
    for module in _FEATURES:
        handlers.append(module.HANDLERS)
        navigation += getattr(module, "NAV", [])
        sections += getattr(module, "WORKSPACE", [])
        links += getattr(module, "ACCOUNT", [])
        subjects |= getattr(module, "SUBJECTS", {})
        arrivals += getattr(module, "ARRIVALS", [])
        leaving += getattr(module, "LEAVING", [])
    if config.demo:
        handlers.append([*demo.HANDLERS, *mailbox.HANDLERS])
    set_navigation(navigation)
    set_sections(sections)
    set_links(links)
    set_subjects(subjects)
    set_copies(copies)
    set_names(names_of_organisations)
    set_arrivals(arrivals)
    set_parts(leaving)
    app = Litestar(
        # Feature by feature: with each handler registered the framework goes through all before it.
        route_handlers=[Router("/", route_handlers=some) for some in handlers],
        guards=[guards.ids_as_we_write_them, guards.signed_in_unless_public],
        dependencies={"actor": guards.provide_actor},
        before_request=guards.before_request,
        exception_handlers=ERROR_HANDLERS,
        compression_config=CompressionConfig(
            backend="brotli",
            # A list takes 0.3 ms and 5.3 KB; at 4 it is 0.2 KB less for twice the time.
            brotli_quality=3,
            minimum_size=800,
            brotli_gzip_fallback=True,
            exclude_opt_key="uncompressed",
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
    known = SessionMiddleware(app.asgi_handler, load_actor=actor_of_session)
    app.asgi_handler = Gate(known)
    return app


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncGenerator[None]:
    config = settings.current()
    logs.configure(config.log_level)
    await db.start_pool()
    try:
        yield
    finally:
        await db.close_pool()
