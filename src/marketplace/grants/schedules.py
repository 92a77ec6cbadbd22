"""What funding does by the clock."""

from marketplace.grants.assessment.operations import start_due
from marketplace.grants.listing import refresh_listings
from marketplace.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("show the next deadline of funds", "6 * * * *", refresh_listings),
    Schedule("open rounds to their assessors after the deadline", "*/5 * * * *", start_due),
]
