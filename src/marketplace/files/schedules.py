"""What is done to pictures by the clock."""

from marketplace.files.operations import clean_up
from marketplace.schedules import Schedule

SCHEDULES: list[Schedule] = [Schedule("clean up left-over pictures", "41 3 * * *", clean_up)]
