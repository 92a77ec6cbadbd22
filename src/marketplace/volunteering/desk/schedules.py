"""What the coordinator's day has done by the clock."""

from marketplace.schedules import Schedule
from marketplace.volunteering.desk.operations import count_replies, tell_in_the_morning

SCHEDULES: list[Schedule] = [
    Schedule("ask those who were chosen at night", "*/10 * * * *", tell_in_the_morning),
    Schedule("count how fast organisations reply", "26 3 * * *", count_replies),
]
