"""The worker: reactions to events, mail, and what is done by the clock.

Event job
    Written by `audit.record` with each history row; fans out into one reaction job a reaction.
Reaction job
    Runs one reaction to one event; retried with back-off, then held for somebody to look at.
Schedule job
    One run of a schedule, enqueued when its time comes.
"""

from marketplace.worker.running import Pace, run

__all__ = ["Pace", "run"]
