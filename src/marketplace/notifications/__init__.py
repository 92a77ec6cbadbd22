"""What happened, told by mail to those it concerns.

Reaction
    Runs in the worker, at least once; reads how things stand now, and does nothing where the
    thing has gone or changed meanwhile. The key of each message makes it go once.
"""

from marketplace.notifications import accounts, grants, organisations, screening, things, volunteering

REACTIONS = [
    *accounts.REACTIONS,
    *organisations.REACTIONS,
    *screening.REACTIONS,
    *volunteering.REACTIONS,
    *things.REACTIONS,
    *grants.REACTIONS,
]
