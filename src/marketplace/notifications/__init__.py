"""What happened, told by mail to those it concerns.

Reaction
    Runs in the worker, at least once; reads how things stand now, and does nothing where the
    thing has gone or changed meanwhile. The key of each message makes it go once.
"""

from marketplace.notifications import (
    accounts,
    concerns,
    credentials,
    desk,
    digest,
    grants,
    groups,
    guardians,
    lone,
    messages,
    moving_in,
    on_the_day,
    opportunities,
    organisations,
    reminders,
    screening,
    things,
    visits,
    volunteering,
    waitlist,
)

REACTIONS = [
    *accounts.REACTIONS,
    *credentials.REACTIONS,
    *concerns.REACTIONS,
    *organisations.REACTIONS,
    *desk.REACTIONS,
    *digest.REACTIONS,
    *screening.REACTIONS,
    *opportunities.REACTIONS,
    *volunteering.REACTIONS,
    *visits.REACTIONS,
    *waitlist.REACTIONS,
    *things.REACTIONS,
    *grants.REACTIONS,
    *messages.REACTIONS,
    *moving_in.REACTIONS,
    *reminders.REACTIONS,
    *on_the_day.REACTIONS,
    *lone.REACTIONS,
    *guardians.REACTIONS,
    *groups.REACTIONS,
]
