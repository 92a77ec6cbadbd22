"""All handlers of volunteering, its way into the site and its part of the workspace."""

from typing import Any

from marketplace.accounts.account.links import AccountLink
from marketplace.accounts.arriving import Arrival
from marketplace.accounts.leaving.steps import Part
from marketplace.organisations.workspace import Section
from marketplace.permissions import Permission
from marketplace.volunteering import leaving
from marketplace.volunteering.applications import manage_routes as applications
from marketplace.volunteering.applications import reference_routes, screening_routes
from marketplace.volunteering.applications import routes as applying
from marketplace.volunteering.assisted import routes as assisted
from marketplace.volunteering.attendance import routes as attendance
from marketplace.volunteering.bookings import manage_routes as booking_managing
from marketplace.volunteering.bookings import routes as bookings
from marketplace.volunteering.calendars import routes as calendars
from marketplace.volunteering.campaigns import routes as campaigns
from marketplace.volunteering.contact import queries as contact_queries
from marketplace.volunteering.contact import routes as contact
from marketplace.volunteering.desk import routes as desk
from marketplace.volunteering.eligibility import routes as eligibility
from marketplace.volunteering.expenses import routes as expenses
from marketplace.volunteering.groups import routes as groups
from marketplace.volunteering.guardians import manage_routes as guardian_managing
from marketplace.volunteering.guardians import routes as guardians
from marketplace.volunteering.hours import routes as hours
from marketplace.volunteering.lone import routes as lone
from marketplace.volunteering.matching import routes as matching
from marketplace.volunteering.moderation import routes as moderation
from marketplace.volunteering.moving_in import routes as moving_in
from marketplace.volunteering.open_data import routes as open_data
from marketplace.volunteering.opportunities import manage_routes, still_open_routes
from marketplace.volunteering.opportunities import routes as opportunities
from marketplace.volunteering.pictures import routes as pictures
from marketplace.volunteering.recognition import routes as recognition
from marketplace.volunteering.roles import routes as roles
from marketplace.volunteering.safeguarding import routes as safeguarding
from marketplace.volunteering.safety import routes as safety
from marketplace.volunteering.series import routes as series
from marketplace.volunteering.shifts import routes as shifts
from marketplace.volunteering.visits import routes as visits
from marketplace.volunteering.waitlist import routes as waitlist
from marketplace.web.render import NavItem

HANDLERS: list[Any] = [
    *opportunities.HANDLERS,
    *manage_routes.HANDLERS,
    *still_open_routes.HANDLERS,
    *roles.HANDLERS,
    *moderation.HANDLERS,
    *pictures.HANDLERS,
    *safeguarding.HANDLERS,
    *shifts.HANDLERS,
    *series.HANDLERS,
    *visits.HANDLERS,
    *screening_routes.HANDLERS,
    *applications.HANDLERS,
    *applying.HANDLERS,
    *reference_routes.HANDLERS,
    *bookings.HANDLERS,
    *booking_managing.HANDLERS,
    *eligibility.HANDLERS,
    *guardians.HANDLERS,
    *groups.HANDLERS,
    *guardian_managing.HANDLERS,
    *waitlist.HANDLERS,
    *attendance.HANDLERS,
    *hours.HANDLERS,
    *expenses.HANDLERS,
    *recognition.HANDLERS,
    *contact.HANDLERS,
    *calendars.HANDLERS,
    *open_data.HANDLERS,
    *moving_in.HANDLERS,
    *assisted.HANDLERS,
    *matching.HANDLERS,
    *desk.HANDLERS,
    *safety.HANDLERS,
    *lone.HANDLERS,
    *campaigns.HANDLERS,
]
NAV: list[NavItem] = [
    NavItem("Volunteer", "/opportunities"),
    NavItem("My volunteering", "/my/volunteering", shown=lambda actor: actor.signed_in),
    *moving_in.NAV,
]
# What threads of messages may be about.
SUBJECTS = {contact_queries.BOOKING: contact_queries.describe}
ACCOUNT: list[AccountLink] = [
    AccountLink(
        "Your certificates",
        "/my/recognition",
        "What you show of your volunteering, and to whom",
        40,
    ),
    *calendars.ACCOUNT,
    *safety.ACCOUNT,
    *matching.ACCOUNT,
    *guardians.ACCOUNT,
    *groups.ACCOUNT,
    AccountLink("Your visits", "/my/visits", "Regular visits you are asked for or agreed to", 22),
    AccountLink("Your applications", "/my/applications", "Roles you asked to take on", 20),
]
LEAVING: list[Part] = [leaving.LEAVING]
ARRIVALS: list[Arrival] = [applying.adopt_drafts]
WORKSPACE: list[Section] = [
    *desk.WORKSPACE,
    *campaigns.WORKSPACE,
    Section(
        manage_routes.SECTION,
        "/manage/{id}/opportunities",
        Permission.VIEW_DRAFTS,
        "calendar-days",
        20,
    ),
    Section("Hours", "/manage/{id}/hours", Permission.CONFIRM_HOURS, "clock", 24),
    Section("Expenses", "/manage/{id}/expenses", Permission.VIEW_EXPENSES, "coins", 26),
    Section(
        applications.SECTION,
        "/manage/{id}/volunteers",
        Permission.SCREEN_VOLUNTEERS,
        "users",
        22,
    ),
    *safeguarding.WORKSPACE,
]
