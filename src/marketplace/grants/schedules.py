"""What funding does by the clock."""

from marketplace.grants.listing import refresh_listings
from marketplace.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("show the next deadline of funds", "6 * * * *", refresh_listings),
]
