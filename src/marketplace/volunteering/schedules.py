"""What volunteering does by the clock."""

from marketplace.schedules import Schedule
from marketplace.volunteering.applications import schedules as applications
from marketplace.volunteering.attendance.walk_ins import forget_names
from marketplace.volunteering.campaigns.operations import count_all
from marketplace.volunteering.desk import schedules as desk
from marketplace.volunteering.digest.operations import send_due
from marketplace.volunteering.expenses.receipts import clean_up as clean_up_receipts
from marketplace.volunteering.groups import operations as groups
from marketplace.volunteering.guardians import operations as guardians
from marketplace.volunteering.listing import refresh_listings
from marketplace.volunteering.lone.operations import watch
from marketplace.volunteering.moving_in.running import forget_lines
from marketplace.volunteering.opportunities.still_open import ask_fade_expire, expire_after_deadline
from marketplace.volunteering.reminders.operations import remind
from marketplace.volunteering.safeguarding.operations import warn_of_lapses
from marketplace.volunteering.series.operations import plan_ahead
from marketplace.volunteering.visits import operations as visits
from marketplace.volunteering.waitlist.operations import pass_on

SCHEDULES: list[Schedule] = [
    Schedule("look after who is out on their own", "*/5 * * * *", watch),
    Schedule("end consents that have run out", "5 0,6 * * *", guardians.end_due),
    Schedule("free the places that groups did not name", "9 * * * *", groups.lapse),
    Schedule("forget the names of groups", "53 4 * * *", groups.forget_names),
    Schedule("forget guardians whose consent is over", "41 4 * * *", guardians.forget_guardians),
    Schedule("plan the coming weeks of recurring shifts", "32 2 * * *", plan_ahead),
    Schedule("plan the coming weeks of visits", "47 2 * * *", visits.plan_ahead),
    *applications.SCHEDULES,
    *desk.SCHEDULES,
    Schedule("count campaigns", "9 * * * *", count_all),
    Schedule("warn of places whose people are not clear", "40 6 * * *", warn_of_lapses),
    Schedule("show the next shift of opportunities", "4 * * * *", refresh_listings),
    Schedule("send the weekly digest", "*/10 * * * *", send_due),
    Schedule("remind of shifts that are near", "*/10 * * * *", remind),
    Schedule("pass on offers nobody answered", "*/3 * * * *", pass_on),
    Schedule("take down what had a last day", "14 * * * *", expire_after_deadline),
    Schedule("ask whether listings are still open", "23 8 * * *", ask_fade_expire),
    Schedule("delete receipts whose time is over", "23 4 * * *", clean_up_receipts),
    Schedule("forget what lines of imports say", "37 4 * * *", forget_lines),
    Schedule("forget the names of walk-ins", "17 4 * * *", forget_names),
]
