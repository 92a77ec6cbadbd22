"""What the worker does of imports: run them and take them back."""

from marketplace.audit import Entry, Reaction
from marketplace.volunteering.moving_in import running
from marketplace.volunteering.moving_in.rules import Event


async def run(entry: Entry) -> None:
    """Make what is left of an import."""
    await running.run(entry.subject_id, entry.actor_id)


async def undo(entry: Entry) -> None:
    """Take back what is left to be."""
    await running.run_undo(entry.subject_id, entry.actor_id)


async def invite_owners(entry: Entry) -> None:
    """Offer organisations to the addresses that their table names."""
    await running.invite_owners(entry.subject_id, entry.actor_id)


REACTIONS: list[Reaction] = [
    Reaction(Event.STARTED, "import: make what a table says", run),
    Reaction(Event.UNDO_STARTED, "import: take back what a table made", undo),
    Reaction(Event.INVITED, "import: offer organisations to their owners", invite_owners),
]
