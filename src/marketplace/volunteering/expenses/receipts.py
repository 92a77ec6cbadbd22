"""Pictures of receipts: kept beside the public ones in the store, served to few, and deleted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from marketplace import clock, db, logs, rate_limits
from marketplace.errors import NotFound
from marketplace.files import leftovers, rendering, store
from marketplace.permissions import Actor
from marketplace.volunteering.expenses import queries, rules
from marketplace.volunteering.tables import PersonalView

_log = logs.get(__name__)


def _name(id: UUID) -> str:
    return f"receipts/{id}.webp"


@asynccontextmanager
async def kept(actor: Actor, content: bytes | None) -> AsyncIterator[UUID | None]:
    """Check and store the picture of a receipt, for the block's transaction to take into use.

    Raises:
        Conflict: it is no picture we take; names the field `picture`.
        TooMany: this person sent very many.
    """
    if content is None:
        yield None
        return
    await rate_limits.count(rate_limits.UPLOADS, str(actor.require_person()))
    rendered = await rendering.render(content)
    id = uuid4()
    await store.put(_name(id), rendered.renditions["large"])
    try:
        yield id
    except BaseException:
        await forget(id)
        raise


async def forget(id: UUID | None) -> None:
    """Delete a picture no claim refers to; if that fails, the daily cleaning finds it."""
    if id is None:
        return
    try:
        if not await db.fetch_value(
            "SELECT EXISTS (SELECT FROM expense WHERE receipt_id = {})", id
        ):
            await store.delete([_name(id)])
    except Exception as error:  # What was done is done, whatever database or store say.
        _log.warning("a receipt was left to the daily cleaning", error=type(error).__name__)


async def picture(actor: Actor, expense_id: UUID) -> bytes:
    """Give the picture of a receipt; a look by the organisation is written down.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or the actor may not see it.
    """
    expense = await queries.readable(actor, expense_id)
    if expense.receipt_id is None:
        raise NotFound("There is no picture of this receipt, or it was deleted after its time.")
    if not actor.is_self(expense.person_id):
        await PersonalView(
            viewer_id=actor.require_person(), subject_type="expense", subject_id=expense_id
        ).save()
    content = await store.get(_name(expense.receipt_id))
    if content is None:
        raise NotFound("We cannot find that picture.")
    return content


async def clean_up() -> int:
    """Delete the pictures whose time is over, and those of no claim; gives how many."""
    now = clock.now()
    rows = await db.fetch(
        "SELECT id, receipt_id, receipt_at, CASE WHEN state IN ('paid', 'withdrawn')"
        "  THEN coalesce(paid_at, decided_at, submitted_at) END AS settled_at"
        " FROM expense WHERE receipt_id IS NOT NULL AND receipt_at < {}",
        now - rules.RECEIPT_AFTER_SETTLED,
    )
    for row in rows:
        if rules.receipt_is_over(row["settled_at"], row["receipt_at"], now):
            await db.execute("UPDATE expense SET receipt_id = NULL WHERE id = {}", row["id"])
    return await leftovers.forget(
        "receipts", "", "SELECT receipt_id FROM expense WHERE receipt_id = ANY({}::uuid[])"
    )
