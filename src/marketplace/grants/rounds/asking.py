"""What a round asks and what it judges by: changed while it is a draft, fixed once it is public."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import audit, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.grants.rounds import operations
from marketplace.grants.rules import MOST_CRITERIA, Event
from marketplace.grants.tables import Criterion
from marketplace.permissions import Actor
from marketplace.questions import operations as questions
from marketplace.questions.operations import Wording
from marketplace.questions.rules import Owner, moved

NO_CRITERION = "This criterion is no longer there."


async def add_question(
    actor: Actor, round_id: UUID, wording: Wording, *, once: Once | None = None
) -> UUID:
    """Ask one more question.

    Raises:
        NotFound, NotAllowed, Conflict: see `operations.to_write` and `questions.ask`.
    """
    async with db.transaction(once):
        round = await operations.to_write(actor, round_id)
        id = await questions.ask(Owner.ROUND, round_id, wording)
        await _changed(actor, round_id, round.organisation_id)
    return id


async def change_question(
    actor: Actor, round_id: UUID, id: UUID, wording: Wording, *, once: Once | None = None
) -> None:
    """Ask a question in other words.

    Raises:
        NotFound, NotAllowed, Conflict: see `operations.to_write` and `questions.reword`.
    """
    async with db.transaction(once):
        round = await operations.to_write(actor, round_id)
        await questions.reword(Owner.ROUND, round_id, id, wording)
        await _changed(actor, round_id, round.organisation_id)


async def move_question(
    actor: Actor, round_id: UUID, id: UUID, by: int, *, once: Once | None = None
) -> None:
    """Ask a question one place earlier (-1) or later (1).

    Raises:
        NotFound, NotAllowed, Conflict: see `operations.to_write`.
    """
    async with db.transaction(once):
        round = await operations.to_write(actor, round_id)
        await questions.move(Owner.ROUND, round_id, id, by)
        await _changed(actor, round_id, round.organisation_id)


async def retire_question(
    actor: Actor, round_id: UUID, id: UUID, *, once: Once | None = None
) -> None:
    """Ask a question no more.

    Raises:
        NotFound, NotAllowed, Conflict: see `operations.to_write` and `questions.retire`.
    """
    async with db.transaction(once):
        round = await operations.to_write(actor, round_id)
        await questions.retire(Owner.ROUND, round_id, id)
        await _changed(actor, round_id, round.organisation_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What applications are judged by: `most` points, counted `weight` times."""

    label: str
    help: str = ""
    weight: int = 1
    most: int = 5


async def add_criterion(
    actor: Actor, round_id: UUID, measure: Measure, *, once: Once | None = None
) -> UUID:
    """Judge by one more criterion.

    Raises:
        NotFound, NotAllowed, Conflict: see `operations.to_write`; or there are too many.
    """
    async with db.transaction(once):
        round = await operations.to_write(actor, round_id)
        if len(round.criteria) >= MOST_CRITERIA:
            raise Conflict(f"There are {MOST_CRITERIA} criteria already. Remove one first.")
        last = await db.fetch_value(
            "SELECT coalesce(max(position), 0) FROM criterion WHERE round_id = {}", round_id
        )
        criterion = Criterion(
            round_id=round_id,
            position=last + 1,
            label=measure.label,
            help=measure.help,
            weight=measure.weight,
            most=measure.most,
        )
        await criterion.save()
        await _changed(actor, round_id, round.organisation_id)
    return criterion.id


async def change_criterion(
    actor: Actor, round_id: UUID, id: UUID, measure: Measure, *, once: Once | None = None
) -> None:
    """Judge by a criterion in other words.

    Raises:
        NotFound: there is no such criterion, or see `operations.to_write`.
        NotAllowed, Conflict: see `operations.to_write`.
    """
    async with db.transaction(once):
        round = await operations.to_write(actor, round_id)
        _known(round, id)
        await Criterion.update(
            {
                Criterion.label: measure.label,
                Criterion.help: measure.help,
                Criterion.weight: measure.weight,
                Criterion.most: measure.most,
            }
        ).where(Criterion.id == id)
        await _changed(actor, round_id, round.organisation_id)


async def move_criterion(
    actor: Actor, round_id: UUID, id: UUID, by: int, *, once: Once | None = None
) -> None:
    """Show a criterion one place earlier (-1) or later (1).

    Raises:
        NotFound, NotAllowed, Conflict: see `change_criterion`.
    """
    async with db.transaction(once):
        round = await operations.to_write(actor, round_id)
        _known(round, id)
        await db.execute(
            "UPDATE criterion SET position = new.position"
            " FROM unnest({}::uuid[]) WITH ORDINALITY AS new (id, position)"
            " WHERE criterion.id = new.id",
            moved([each.id for each in round.criteria], id, by),
        )
        await _changed(actor, round_id, round.organisation_id)


async def remove_criterion(
    actor: Actor, round_id: UUID, id: UUID, *, once: Once | None = None
) -> None:
    """Judge by a criterion no more.

    Raises:
        NotFound, NotAllowed, Conflict: see `change_criterion`.
    """
    async with db.transaction(once):
        round = await operations.to_write(actor, round_id)
        _known(round, id)
        await Criterion.delete().where(Criterion.id == id)
        await _changed(actor, round_id, round.organisation_id)


def _known(round: operations.RoundView, id: UUID) -> None:
    if all(each.id != id for each in round.criteria):
        raise NotFound(NO_CRITERION)


async def _changed(actor: Actor, round_id: UUID, organisation_id: UUID) -> None:
    await audit.record(
        Event.ROUND_CHANGED, "round", round_id, by=actor, organisation=organisation_id
    )
