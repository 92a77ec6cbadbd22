"""Claiming what was spent, and answering a claim."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotAllowed
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.expenses import queries, receipts, rules
from marketplace.volunteering.expenses.queries import ExpenseView
from marketplace.volunteering.expenses.rules import MOVES, Event, Kind, State
from marketplace.volunteering.expenses.tables import Expense


@dataclass(frozen=True, slots=True)
class Spent:
    """What a volunteer says they spent; pence of a receipt, tenths of miles of a journey."""

    organisation_id: UUID
    on: date
    kind: Kind
    what: str
    pence: int | None = None
    tenths_of_miles: int | None = None


async def submit(
    actor: Actor, spent: Spent, picture: bytes | None = None, *, once: Once | None = None
) -> UUID:
    """Claim an expense; gives its id.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: beside the field it is about.
        TooMany: very many pictures were sent.
    """
    person = actor.require_person()
    rules.refuse_day(spent.on, clock.today())
    async with receipts.kept(actor, picture) as receipt, db.transaction(once):
        await _one_at_a_time(person)
        expense = Expense(
            person_id=person,
            organisation_id=spent.organisation_id,
            on_date=spent.on,
            kind=spent.kind,
            what=spent.what,
            pence=await _pence(person, spent, None),
            tenths_of_miles=spent.tenths_of_miles if spent.kind is not Kind.RECEIPT else None,
            receipt_id=receipt,
            receipt_at=clock.now() if receipt else None,
        )
        await expense.save()
        await _record(actor, Event.SUBMITTED, expense.id, spent.organisation_id, person)
    return expense.id


async def resubmit(
    actor: Actor, id: UUID, spent: Spent, picture: bytes | None = None, *, once: Once | None = None
) -> None:
    """Change one's claim that is not approved yet, and send it again; without a new picture the
    old one stays.

    Raises:
        NotFound: there is no such claim of the actor's.
        Conflict: it is approved or withdrawn, or beside the field it is about.
    """
    person = actor.require_person()
    rules.refuse_day(spent.on, clock.today())
    old: UUID | None = None
    async with receipts.kept(actor, picture) as receipt, db.transaction(once):
        await _one_at_a_time(person)
        before = await queries.own(actor, id, lock=True)
        if not before.may_change:
            raise Conflict("This claim has been answered, so it stays as it is.")
        old = before.receipt_id if receipt else None
        changes = {
            Expense.organisation_id: spent.organisation_id,
            Expense.on_date: spent.on,
            Expense.kind: spent.kind,
            Expense.what: spent.what,
            Expense.pence: await _pence(person, spent, id),
            Expense.tenths_of_miles: (
                spent.tenths_of_miles if spent.kind is not Kind.RECEIPT else None
            ),
            Expense.state: State.SUBMITTED,
            Expense.submitted_at: clock.now(),
        }
        if receipt:
            changes |= {Expense.receipt_id: receipt, Expense.receipt_at: clock.now()}
        await Expense.update(changes).where(Expense.id == id)
        await _record(actor, Event.SUBMITTED, id, spent.organisation_id, person)
    await receipts.forget(old)


async def _one_at_a_time(person: UUID) -> None:
    # Two journeys claimed together must not both count as the first miles of the year.
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"expense:{person}")


async def _pence(person: UUID, spent: Spent, but: UUID | None) -> int:
    if spent.organisation_id not in {id for id, _ in await queries.may_claim_from(person)}:
        raise Conflict("Choose an organisation that you give time to", field="organisation")
    if spent.kind is Kind.RECEIPT:
        if not spent.pence:
            raise Conflict("Enter what you spent, such as 4.50", field="amount")
        return spent.pence
    if not spent.tenths_of_miles:
        raise Conflict("Enter how many miles it was, such as 12.5", field="miles")
    rate = rules.rates().at(spent.kind, spent.on)
    if rate is None:
        raise Conflict("We know no rate for that day", field="day")
    before = 0
    if spent.kind is Kind.CAR:
        before = await queries.driven(person, spent.organisation_id, spent.on, but)
    return rules.mileage(rate, spent.tenths_of_miles, before)


async def withdraw(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take back one's claim, and delete the picture of its receipt.

    Raises:
        NotFound: there is no such claim of the actor's.
        IllegalMove: it is approved or withdrawn already.
    """
    async with db.transaction(once):
        expense = await queries.own(actor, id, lock=True)
        await take_back(actor, expense)
    await receipts.forget(expense.receipt_id)


async def take_back(actor: Actor, expense: ExpenseView) -> None:
    """Withdraw a locked claim: a step of its claimant's verb, and of leaving.

    Raises:
        IllegalMove: it is approved or withdrawn already.
    """
    db.require_transaction()
    MOVES.check(expense.state, State.WITHDRAWN)
    await Expense.update({Expense.state: State.WITHDRAWN, Expense.receipt_id: None}).where(
        Expense.id == expense.id
    )
    await _record(actor, Event.WITHDRAWN, expense.id, expense.organisation_id, expense.person_id)


async def approve(
    actor: Actor, organisation_id: UUID, id: UUID, *, once: Once | None = None
) -> None:
    """Say that a claim is to be paid.

    Raises:
        NotFound: there is no such claim, or the actor may not know of it.
        NotAllowed: the actor may not approve, or it is their own.
        IllegalMove: it does not wait for an answer.
    """
    await _answer(actor, organisation_id, id, State.APPROVED, Event.APPROVED, once=once)


async def send_back(
    actor: Actor, organisation_id: UUID, id: UUID, note: str, *, once: Once | None = None
) -> None:
    """Return a claim with what is missing.

    Raises:
        NotFound, NotAllowed, IllegalMove: see `approve`.
    """
    await _answer(actor, organisation_id, id, State.RETURNED, Event.RETURNED, note=note, once=once)


async def mark_paid(
    actor: Actor, organisation_id: UUID, id: UUID, *, once: Once | None = None
) -> None:
    """Note that an approved claim was paid.

    Raises:
        NotFound, NotAllowed: see `approve`.
        IllegalMove: it is not approved.
    """
    await _answer(actor, organisation_id, id, State.PAID, Event.PAID, once=once)


async def _answer(
    actor: Actor,
    organisation_id: UUID,
    id: UUID,
    state: State,
    event: Event,
    *,
    note: str = "",
    once: Once | None,
) -> None:
    async with db.transaction(once):
        expense = await queries.of(actor, organisation_id, id, lock=True)
        actor.require(Permission.APPROVE_EXPENSES, organisation_id)
        if actor.is_self(expense.person_id):
            raise NotAllowed("This is your own claim. Somebody else has to answer it.")
        MOVES.check(expense.state, state)
        now = clock.now()
        await Expense.update(
            {
                Expense.state: state,
                Expense.note: note,
                Expense.decided_by: actor.person_id,
                Expense.decided_at: expense.decided_at if state is State.PAID else now,
                Expense.paid_at: now if state is State.PAID else None,
            }
        ).where(Expense.id == id)
        await _record(actor, event, id, organisation_id, expense.person_id)


async def _record(
    actor: Actor, event: Event, id: UUID, organisation_id: UUID, person: UUID
) -> None:
    await audit.record(
        event,
        "expense",
        id,
        by=actor,
        organisation=organisation_id,
        data={"person": str(person)},
    )
