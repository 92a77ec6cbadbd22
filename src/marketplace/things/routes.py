"""All handlers of the library, its way into the site and its part of the workspace."""

from typing import Any

from marketplace.accounts.leaving.steps import Part
from marketplace.organisations.workspace import Section
from marketplace.permissions import Permission
from marketplace.things import leaving
from marketplace.things.catalogue import manage_routes
from marketplace.things.catalogue import routes as catalogue
from marketplace.things.desk import routes as desk
from marketplace.things.pictures import routes as pictures
from marketplace.things.reservations import routes as reservations
from marketplace.things.sites import routes as sites
from marketplace.web.render import NavItem

LEAVING: list[Part] = [leaving.LEAVING]
HANDLERS: list[Any] = [
    *catalogue.HANDLERS,
    *manage_routes.HANDLERS,
    *pictures.HANDLERS,
    *sites.HANDLERS,
    *reservations.HANDLERS,
    *desk.HANDLERS,
]
NAV: list[NavItem] = [NavItem("Borrow", "/things")]
WORKSPACE: list[Section] = [
    Section(sites.SECTION, "/manage/{id}/things", Permission.VIEW_DRAFTS, "package-open", 30),
    Section(desk.SECTION, "/manage/{id}/desk", Permission.LEND_THINGS, "list-checks", 32),
]
