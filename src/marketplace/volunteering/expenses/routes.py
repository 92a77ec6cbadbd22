"""Expenses: claiming, answering, and taking the list to the books."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from marketplace import clock
from marketplace.errors import BadInput
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.expenses import operations, queries, receipts, rules
from marketplace.volunteering.expenses.forms import MAX_BODY, ExpenseForm, ListForm, ReturnForm
from marketplace.volunteering.expenses.queries import ExpenseView
from marketplace.volunteering.expenses.rules import Kind, State
from marketplace.volunteering.hours.exporting import line
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
MINE = "/my/expenses"


@get(MINE, name="expenses.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show one's claims and what became of them."""
    return render(request, "volunteering/expenses/mine.html", rows=await queries.mine(actor))


@get(f"{MINE}/new", name="expenses.new")
async def new(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the form of a claim."""
    form = ExpenseForm.blank({"day": clock.today(), "kind": "receipt"})
    return await _form(request, actor, form, None)


@post(f"{MINE}/new", name="expenses.submit", request_max_body_size=MAX_BODY)
async def submit(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Claim an expense."""
    form = await ExpenseForm.bind(request)
    if form.data is not None:
        sent = form.data.picture
        with form.catching():
            await operations.submit(
                actor, form.data.spent(), sent.content if sent else None, once=form.once(MINE)
            )
            return redirect(request, MINE, notice="Claimed. You are told what becomes of it.")
    return await _form(request, actor, form, None, status=422)


@get(f"{MINE}/{{id:uuid}}", name="expenses.edit")
async def edit(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show one's claim, with the form to change it while it can be."""
    expense = await queries.own(actor, id)
    tenths = expense.tenths_of_miles
    form = ExpenseForm.blank(
        {
            "organisation": expense.organisation_id,
            "day": expense.on_date,
            "kind": expense.kind.value,
            "what": expense.what,
            "amount": "" if tenths else f"{expense.pence / 100:.2f}",
            "miles": f"{tenths / 10:g}" if tenths else "",
        }
    )
    return await _form(request, actor, form, expense)


@post(f"{MINE}/{{id:uuid}}", name="expenses.resubmit", request_max_body_size=MAX_BODY)
async def resubmit(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Change one's claim and send it again."""
    form = await ExpenseForm.bind(request)
    expense = await queries.own(actor, id)
    if form.data is not None:
        sent = form.data.picture
        with form.catching():
            await operations.resubmit(
                actor, id, form.data.spent(), sent.content if sent else None, once=form.once(MINE)
            )
            return redirect(request, MINE, notice="Sent again.")
    return await _form(request, actor, form, expense, status=422)


@post(f"{MINE}/{{id:uuid}}/withdrawal", name="expenses.withdraw")
async def withdraw(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Take back one's claim."""
    form = await Form.bind(request)
    await operations.withdraw(actor, id, once=form.once(MINE))
    return redirect(request, MINE, notice="Withdrawn.")


async def _form(
    request: Req,
    actor: Actor,
    form: Bound[ExpenseForm],
    expense: ExpenseView | None,
    *,
    status: int = 200,
) -> Page:
    today = clock.today()
    return render(
        request,
        "volunteering/expenses/form.html",
        status=status,
        form=form,
        expense=expense,
        organisations=await queries.may_claim_from(actor.require_person()),
        rates=rules.rates(),
        car=rules.rates().at(Kind.CAR, today),
        motorcycle=rules.rates().at(Kind.MOTORCYCLE, today),
        bicycle=rules.rates().at(Kind.BICYCLE, today),
        today=today,
        kept_days=rules.RECEIPT_AFTER_SETTLED.days,
    )


@get("/expenses/{id:uuid}/receipt", name="expenses.receipt", opt={"uncompressed": True})
async def receipt(actor: NamedDependency[Actor], id: FromPath[UUID]) -> Response[bytes]:
    """Give the picture of a receipt to its claimant and to those who see the expenses."""
    return Response(
        await receipts.picture(actor, id),
        media_type="image/webp",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": "inline",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@get("/manage/{organisation_id:uuid}/expenses", name="expenses.manage")
async def manage(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Page:
    """Show an organisation's claims, those that wait for an answer first."""
    actor.require_to_know(Permission.VIEW_EXPENSES, organisation_id)
    form = _listed(request)
    assert form.data is not None
    organisation = await workspace(actor, organisation_id)
    found = await queries.of_organisation(
        actor, organisation_id, form.data.wanted(), form.data.page
    )
    return render(
        request,
        "volunteering/manage/expenses.html",
        **shell(request, actor, organisation),
        claims=found,
        form=form,
        home=f"/manage/{organisation_id}/expenses",
        page=form.data.page,
        pages=max(1, -(-found.count // queries.PAGE)),
        State=State,
    )


def _listed(request: Req) -> Bound[ListForm]:
    form = ListForm.read(request)
    if form.data is None:
        raise BadInput(f"{next(iter(form.errors.values()))}.")
    return form


@get("/manage/{organisation_id:uuid}/expenses.csv", name="expenses.export")
async def export(
    request: Req, actor: NamedDependency[Actor], organisation_id: FromPath[UUID]
) -> Stream:
    """Give an organisation's claims as a table for its books."""
    actor.require_to_know(Permission.VIEW_EXPENSES, organisation_id)
    form = _listed(request)
    assert form.data is not None
    return Stream(
        _lines(organisation_id, form.data.wanted()),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="expenses-{clock.today()}.csv"'},
    )


async def _lines(organisation_id: UUID, state: State | None) -> AsyncIterator[bytes]:
    head = ("Date", "Person", "What", "How", "Pounds", "State", "Claimed", "Decided", "Paid")
    yield "\ufeff".encode() + line(head)
    async for one in queries.every(organisation_id, state):
        yield line(
            (
                one.on_date.isoformat(),
                one.person_name,
                one.what,
                one.how,
                f"{one.pence / 100:.2f}",
                one.state.value,
                *(
                    clock.local(at).date().isoformat() if at else ""
                    for at in (one.submitted_at, one.decided_at, one.paid_at)
                ),
            )
        )


@get("/manage/{organisation_id:uuid}/expenses/{expense_id:uuid}", name="expenses.show")
async def show(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    expense_id: FromPath[UUID],
) -> Page:
    """Show one claim and the answers to it."""
    return await _claim(request, actor, organisation_id, expense_id, ReturnForm.blank())


async def _claim(
    request: Req,
    actor: Actor,
    organisation_id: UUID,
    expense_id: UUID,
    form: Bound[ReturnForm],
    *,
    status: int = 200,
) -> Page:
    expense = await queries.of(actor, organisation_id, expense_id)
    organisation = await workspace(actor, organisation_id)
    return render(
        request,
        "volunteering/manage/expense.html",
        status=status,
        **shell(request, actor, organisation),
        expense=expense,
        form=form,
        home=f"/manage/{organisation_id}/expenses",
        may_answer=actor.can(Permission.APPROVE_EXPENSES, organisation_id)
        and not actor.is_self(expense.person_id),
        State=State,
    )


@post("/manage/{organisation_id:uuid}/expenses/{expense_id:uuid}/approval", name="expenses.approve")
async def approve(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    expense_id: FromPath[UUID],
) -> Page:
    """Say that a claim is to be paid."""
    form = await Form.bind(request)
    home = f"/manage/{organisation_id}/expenses"
    await operations.approve(actor, organisation_id, expense_id, once=form.once(home))
    return redirect(request, home, notice="Approved.")


@post("/manage/{organisation_id:uuid}/expenses/{expense_id:uuid}/return", name="expenses.return")
async def send_back(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    expense_id: FromPath[UUID],
) -> Page:
    """Return a claim with what is missing."""
    form = await ReturnForm.bind(request)
    await queries.of(actor, organisation_id, expense_id)
    actor.require(Permission.APPROVE_EXPENSES, organisation_id)
    home = f"/manage/{organisation_id}/expenses"
    if form.data is None:
        return await _claim(request, actor, organisation_id, expense_id, form, status=422)
    await operations.send_back(
        actor, organisation_id, expense_id, form.data.note, once=form.once(home)
    )
    return redirect(request, home, notice="Returned. They have been told what is missing.")


@post("/manage/{organisation_id:uuid}/expenses/{expense_id:uuid}/payment", name="expenses.pay")
async def mark_paid(
    request: Req,
    actor: NamedDependency[Actor],
    organisation_id: FromPath[UUID],
    expense_id: FromPath[UUID],
) -> Page:
    """Note that an approved claim was paid."""
    form = await Form.bind(request)
    home = f"/manage/{organisation_id}/expenses"
    await operations.mark_paid(actor, organisation_id, expense_id, once=form.once(home))
    return redirect(request, home, notice="Marked as paid.")


HANDLERS: list[Any] = [
    mine,
    new,
    submit,
    edit,
    resubmit,
    withdraw,
    receipt,
    manage,
    export,
    show,
    approve,
    send_back,
    mark_paid,
]
