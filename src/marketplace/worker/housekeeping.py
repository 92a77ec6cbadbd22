"""What is thrown away when it has served: nothing here is anybody's record."""

from datetime import timedelta

from marketplace import db
from marketplace.accounts.address.operations import forget_changes
from marketplace.accounts.leaving.operations import forget_farewells
from marketplace.schedules import Schedule

# The longest window of `rate_limits` is an hour; a bucket older than a day counts for nothing.
BUCKETS_KEPT = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=1)
JOB_LOG_KEPT = timedelta(days=14)
JOB_STATISTICS_KEPT = timedelta(days=90)


async def forget_sessions() -> int:
    """Delete sessions that ended, a day after they did."""
    return await db.execute(
        "DELETE FROM session WHERE expires_at < now() - {}::interval", SESSIONS_KEPT
    )


async def forget_buckets() -> int:
    """Delete counts of tries whose window is long over."""
    return await db.execute(
        "DELETE FROM rate_bucket WHERE window_start < now() - {}::interval", BUCKETS_KEPT
    )


async def forget_job_log() -> None:
    """Delete the queue's own log and statistics; held jobs and history stay."""
    await db.execute(
        "DELETE FROM pgqueuer_log WHERE aggregated AND created < now() - {}::interval"
        " AND job_id NOT IN (SELECT id FROM pgqueuer)",
        JOB_LOG_KEPT,
    )
    await db.execute(
        "DELETE FROM pgqueuer_statistics WHERE created < now() - {}::interval",
        JOB_STATISTICS_KEPT,
    )


SCHEDULES = [
    Schedule("forget ended sessions", "7 3 * * *", forget_sessions),
    Schedule("forget old form keys", "17 * * * *", db.forget_old_keys),
    Schedule("forget old counts of tries", "27 * * * *", forget_buckets),
    Schedule("forget addresses that were asked for", "51 3 * * *", forget_changes),
    Schedule("forget addresses of last messages", "47 3 * * *", forget_farewells),
    Schedule("forget the old job log", "37 3 * * *", forget_job_log),
]
