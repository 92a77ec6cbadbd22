"""What credentials do by the clock."""

from marketplace.credentials.operations import delete_details, warn_of_expiry
from marketplace.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("delete the numbers of checks", "20 2 * * *", delete_details),
    Schedule("warn of credentials that run out", "10 6 * * *", warn_of_expiry),
]
