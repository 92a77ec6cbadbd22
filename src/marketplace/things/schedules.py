"""What the library does by the clock."""

from marketplace.schedules import Schedule
from marketplace.things.reminders.operations import remind

SCHEDULES: list[Schedule] = [
    Schedule("remind of collecting and bringing back", "*/10 * * * *", remind),
]
