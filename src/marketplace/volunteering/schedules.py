"""What volunteering does by the clock."""

from marketplace.schedules import Schedule
from marketplace.volunteering.applications import schedules as applications
from marketplace.volunteering.listing import refresh_listings
from marketplace.volunteering.waitlist.operations import pass_on

SCHEDULES: list[Schedule] = [
    *applications.SCHEDULES,
    Schedule("show the next shift of opportunities", "4 * * * *", refresh_listings),
    Schedule("pass on offers nobody answered", "*/3 * * * *", pass_on),
]
