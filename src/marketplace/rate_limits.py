"""Rate limits: one atomic row a rule and key in the database, so that all processes count together.

Keys are hashed: the table holds no address and no account.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from marketplace import clock, db, settings
from marketplace.errors import TooMany


@dataclass(frozen=True, slots=True)
class Limit:
    """Allow `times` in each window of `per`, counted by whatever key is given."""

    rule: str
    times: int
    per: timedelta


# Few from one place, many from all places together: who guesses at somebody's password is
# stopped, and the owner, who comes from elsewhere, is not locked out by it.
SIGN_IN_BY_ACCOUNT = Limit("sign-in account and address", 10, timedelta(minutes=15))
SIGN_IN_ANYWHERE = Limit("sign-in account", 200, timedelta(minutes=15))
SIGN_IN_BY_ADDRESS = Limit("sign-in address", 100, timedelta(minutes=15))
SIGN_UP = Limit("sign-up address", 60, timedelta(hours=1))
MAIL_TO_ACCOUNT = Limit("mail account", 5, timedelta(hours=1))
INVITATIONS = Limit("invitations person", 100, timedelta(hours=1))
UPLOADS = Limit("uploads person", 100, timedelta(hours=1))
FEEDS = Limit("feeds fetched person", 30, timedelta(hours=1))
REGISTRATIONS = Limit("registrations person", 20, timedelta(hours=1))


async def count(limit: Limit, key: str) -> None:
    """Count one try and refuse when there were too many.

    Runs in a statement of its own, outside the operation's transaction, so that a refused or
    failed try still counts.

    Raises:
        TooMany: with the seconds until the window ends.
    """
    digest = hashlib.blake2b(
        f"{limit.rule}:{key.casefold()}".encode("utf-8", "replace"),
        key=settings.current().secret_key.encode()[:64],
        digest_size=16,
    ).hexdigest()
    now = clock.now()
    row = await db.fetch_one(
        "INSERT INTO rate_bucket AS b (key, window_start, count) VALUES ({}, {}, 1)"
        " ON CONFLICT (key) DO UPDATE SET"
        " count = CASE WHEN b.window_start <= {} THEN 1 ELSE b.count + 1 END,"
        " window_start = CASE WHEN b.window_start <= {} THEN {} ELSE b.window_start END"
        " RETURNING count, window_start",
        digest,
        now,
        now - limit.per,
        now - limit.per,
        now,
    )
    assert row is not None
    if row["count"] > limit.times:
        seconds = max(1, int((row["window_start"] + limit.per - now).total_seconds()))
        minutes = -(-seconds // 60)
        raise TooMany(
            "That was tried too often. Wait"
            f" {'a minute' if minutes == 1 else f'{minutes} minutes'} and try again.",
            retry_after=seconds,
        )
