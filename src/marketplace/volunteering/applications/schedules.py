"""What screening does by the clock."""

from marketplace.schedules import Schedule
from marketplace.volunteering.applications.operations import forget_drafts
from marketplace.volunteering.applications.references import forget_referees, remind

SCHEDULES: list[Schedule] = [
    Schedule("remind referees", "17 9 * * *", remind),
    Schedule("delete applications that nobody sent", "23 * * * *", forget_drafts),
    Schedule("forget referees", "41 3 * * *", forget_referees),
]
