"""What administrators do, for history."""

from enum import StrEnum


class Event(StrEnum):
    """What happens to jobs by hand; the subject is the history entry a job is about."""

    JOB_TRIED_AGAIN = "job.tried_again"
    JOB_DROPPED = "job.dropped"
