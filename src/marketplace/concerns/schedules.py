"""What concerns do by the clock."""

from marketplace.concerns.operations import escalate
from marketplace.schedules import Schedule

SCHEDULES: list[Schedule] = [
    Schedule("pass on concerns that nobody has looked at", "*/10 * * * *", escalate),
]
