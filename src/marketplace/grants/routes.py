"""All handlers of funding, its way into the site and its parts of the workspace."""

from typing import Any

from marketplace.accounts.leaving.steps import Part
from marketplace.grants import leaving
from marketplace.grants.applications import answer_routes
from marketplace.grants.applications import routes as applications
from marketplace.grants.assessment import manage_routes as panel
from marketplace.grants.assessment import routes as assessment
from marketplace.grants.assessment import ties_routes
from marketplace.grants.awards import manage_routes as decisions
from marketplace.grants.awards import routes as awards
from marketplace.grants.funds import manage_routes as fund_management
from marketplace.grants.funds import routes as funds
from marketplace.grants.open_data import routes as open_data
from marketplace.grants.rounds import amending_routes, asking_routes
from marketplace.grants.rounds import manage_routes as round_management
from marketplace.organisations.workspace import Section
from marketplace.permissions import Permission
from marketplace.web.render import NavItem

HANDLERS: list[Any] = [
    *funds.HANDLERS,
    *fund_management.HANDLERS,
    *round_management.HANDLERS,
    *asking_routes.HANDLERS,
    *amending_routes.HANDLERS,
    *applications.HANDLERS,
    *answer_routes.HANDLERS,
    *panel.HANDLERS,
    *assessment.HANDLERS,
    *ties_routes.HANDLERS,
    *decisions.HANDLERS,
    *awards.HANDLERS,
    *open_data.HANDLERS,
]
LEAVING: list[Part] = [leaving.LEAVING]
NAV: list[NavItem] = [NavItem("Funding", "/funds"), *assessment.NAV]
WORKSPACE: list[Section] = [
    Section(
        applications.SECTION,
        "/manage/{id}/applications",
        Permission.VIEW_OWN_APPLICATIONS,
        "hand-coins",
        40,
    ),
    Section(
        fund_management.SECTION, "/manage/{id}/funds", Permission.VIEW_APPLICATIONS, "coins", 45
    ),
]
