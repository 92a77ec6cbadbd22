"""What volunteering does by the clock."""

from marketplace.schedules import Schedule
from marketplace.volunteering.listing import refresh_listings

SCHEDULES: list[Schedule] = [
    Schedule("show the next shift of opportunities", "4 * * * *", refresh_listings),
]
