"""Raising a concern without an account, reading its answers by a code, and the leads' pages."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import addresses, settings
from marketplace.accounts.account.links import AccountLink
from marketplace.concerns import operations, queries
from marketplace.concerns.forms import (
    OTHER,
    PLACE,
    AboutForm,
    AdditionForm,
    CodeForm,
    ConcernForm,
    NoteForm,
    OutcomeForm,
)
from marketplace.concerns.operations import Worry
from marketplace.concerns.rules import NoteKind, State, code_of
from marketplace.db import Replayed
from marketplace.errors import NotFound
from marketplace.permissions import Actor
from marketplace.web.client import client_address
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
NEW = "/concerns/new"
ANSWERS = "/concerns/answers"
_STATES = {
    State.NEW: "Waiting to be read",
    State.SEEN: "Read",
    State.IN_HAND: "In hand",
    State.CLOSED: "Closed",
}


@get(NEW, opt=PUBLIC, name="concerns.new")
async def new(request: Req) -> Page:
    """Ask what somebody is worried about, with the numbers to ring first."""
    asked = AboutForm.read(request).data
    page = addresses.plain(asked.about) if asked and asked.about else ""
    found = await queries.organisation_of(page)
    form = ConcernForm.blank({"page": page, "to": str(found[0]) if found else ""})
    return await _new(request, form)


@post(NEW, opt=PUBLIC, name="concerns.raise", status_code=200)
async def raise_concern(request: Req) -> Page:
    """Give it to those who may know of it, and show the code to come back with."""
    form = await ConcernForm.bind(request)
    found: list[tuple[UUID, str]] = []
    if form.data is not None:
        found = await _candidates(form)
        if not form.errors:
            once = form.once(ANSWERS)
            code = code_of(once.key, settings.current().secret_key)
            with form.catching():
                worry = Worry(
                    text=form.data.text,
                    organisation_id=form.data.organisation_id,
                    about_leads=form.data.about_leads,
                    page=form.data.page,
                    contact_name=form.data.contact_name,
                    contact_how=form.data.contact_how,
                )
                # Sent twice: it was raised once, and this is its code.
                with suppress(Replayed):
                    await operations.raise_concern(
                        worry, code, client=client_address(request), once=once
                    )
                return render(
                    request,
                    "concerns/raised.html",
                    code=code,
                    receipt=await queries.by_code(code),
                    numbers=_numbers(),
                )
    return await _new(request, form, found, status=422)


async def _candidates(form: Bound[ConcernForm]) -> list[tuple[UUID, str]]:
    """Find the organisation that was named in words, and ask which of them is meant."""
    assert form.data is not None
    if form.data.to == PLACE:
        return []
    if form.data.to != OTHER:
        if form.data.organisation_id is None:
            form.refuse("to", "Choose who should hear of it")
        return []
    if not form.data.organisation:
        form.refuse("organisation", "Enter the name of the organisation")
        return []
    found = await queries.organisations_called(form.data.organisation)
    if found:
        form.refuse("to", "Choose the organisation")
    else:
        form.refuse(
            "organisation",
            "We know no organisation of that name. Check it, or choose the safeguarding lead of"
            f" {settings.current().brand_name}",
        )
    return found


async def _new(
    request: Req,
    form: Bound[ConcernForm],
    found: list[tuple[UUID, str]] | None = None,
    *,
    status: int = 200,
) -> Page:
    chosen = await queries.organisation_of(form.value("to"))
    of_page = await queries.organisation_of(form.value("page"))
    known = dict(each for each in (chosen, of_page, *(found or [])) if each)
    place = settings.current().brand_name
    other = "Another organisation" if known else "An organisation"
    choices = [
        *((str(id), name) for id, name in known.items()),
        (OTHER, other, "Say which below"),
        (PLACE, f"The safeguarding lead of {place}", "If no organisation has to do with it"),
    ]
    return render(
        request,
        "concerns/new.html",
        status=status,
        form=form,
        choices=choices,
        numbers=_numbers(),
    )


def _numbers() -> list[tuple[str, str, str]]:
    """Give whom to ring: when, who, and the number; a council's own where the settings say it."""
    config = settings.current()
    own = [
        ("A child, not in danger now", "Children’s social care", config.children_social_care),
        ("An adult, not in danger now", "Adults’ social care", config.adults_social_care),
    ]
    return [
        ("Somebody is in danger now", "Emergency services", "999"),
        ("A crime, and nobody is in danger now", "Police", "101"),
        *(each for each in own if each[2]),
        ("You are worried about a child", "NSPCC helpline", "0808 800 5000"),
        ("You are a child or a young person", "Childline, day and night", "0800 1111"),
    ]


@get(ANSWERS, opt=PUBLIC, name="concerns.answers")
async def answers(request: Req) -> Page:
    """Ask for the code of a concern."""
    return render(request, "concerns/code.html", form=CodeForm.blank())


@post(ANSWERS, opt=PUBLIC, name="concerns.read", status_code=200)
async def read(request: Req) -> Page:
    """Show what was answered; the code is in no address, so that no log and no history has it."""
    form = await CodeForm.bind(request)
    if form.data is not None:
        try:
            receipt = await operations.read_by_code(form.data.code, client=client_address(request))
            blank = AdditionForm.blank({"code": form.data.code})
            return _receipt(request, receipt, blank)
        except NotFound as unknown:
            form.refuse("code", unknown.message)
    return render(request, "concerns/code.html", status=422, form=form)


@post(ANSWERS + "/additions", opt=PUBLIC, name="concerns.add", status_code=200)
async def add(request: Req) -> Page:
    """Add to a concern."""
    form = await AdditionForm.bind(request)
    client = client_address(request)
    try:
        receipt = await operations.read_by_code(form.value("code"), client=client)
    except NotFound as unknown:
        form.refuse("code", unknown.message)
        return render(request, "concerns/code.html", status=422, form=form)
    if form.data is None:
        return _receipt(request, receipt, form, status=422)
    # Sent twice: it was added once.
    with suppress(Replayed):
        await operations.add(form.data.code, form.data.text, client=client, once=form.once(ANSWERS))
    receipt = await queries.by_code(form.data.code)
    return _receipt(request, receipt, AdditionForm.blank({"code": form.data.code}), added=True)


def _receipt(
    request: Req,
    receipt: queries.Receipt,
    form: Bound[AdditionForm],
    *,
    status: int = 200,
    added: bool = False,
) -> Page:
    return render(
        request,
        "concerns/answers.html",
        status=status,
        receipt=receipt,
        form=form,
        added=added,
        state=_STATES[receipt.state],
        NoteKind=NoteKind,
    )


# --- the leads


@get("/concerns", name="concerns.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """List the concerns of whom they come to."""
    return render(request, "concerns/mine.html", concerns=await queries.mine(actor), states=_STATES)


@get("/concerns/{id:uuid}", name="concerns.show")
async def show(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show one; that it was looked at is written down."""
    return await _show(request, actor, id)


@post("/concerns/{id:uuid}/notes", name="concerns.note", status_code=200)
async def note(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Write something down, for the leads or for whoever raised it."""
    await queries.concern(actor, id)
    form = await NoteForm.bind(request)
    if form.data is None:
        return await _show(request, actor, id, note=form)
    home = f"/concerns/{id}"
    await operations.note(actor, id, form.data.note, answer=form.data.answer, once=form.once(home))
    notice = "Answered. They see it with their code." if form.data.answer else "Written down."
    return redirect(request, home, notice=notice)


@post("/concerns/{id:uuid}/in-hand", name="concerns.take")
async def take(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Say that one deals with it."""
    form = await Form.bind(request)
    home = f"/concerns/{id}"
    await operations.take_in_hand(actor, id, once=form.once(home))
    return redirect(request, home, notice="It is in your hands.")


@post("/concerns/{id:uuid}/closure", name="concerns.close", status_code=200)
async def close(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """End it, with what came of it."""
    await queries.concern(actor, id)
    form = await OutcomeForm.bind(request)
    if form.data is None:
        return await _show(request, actor, id, outcome=form)
    home = f"/concerns/{id}"
    await operations.close(actor, id, form.data.outcome, once=form.once(home))
    return redirect(request, home, notice="Closed.")


async def _show(
    request: Req,
    actor: Actor,
    id: UUID,
    *,
    note: Bound[NoteForm] | None = None,
    outcome: Bound[OutcomeForm] | None = None,
) -> Page:
    concern = await operations.look(actor, id)
    return render(
        request,
        "concerns/show.html",
        status=422 if note or outcome else 200,
        concern=concern,
        notes=await queries.notes(id),
        looks=await queries.looks(id),
        note_form=note or NoteForm.blank(),
        outcome_form=outcome or OutcomeForm.blank(),
        wrong=note or outcome,
        states=_STATES,
        State=State,
        NoteKind=NoteKind,
    )


ACCOUNT: list[AccountLink] = [
    AccountLink(
        "Concerns",
        "/concerns",
        "What was raised with you as safeguarding lead or deputy",
        1,
        queries.is_reader,
    )
]
HANDLERS: list[Any] = [
    new,
    raise_concern,
    answers,
    read,
    add,
    mine,
    show,
    note,
    take,
    close,
]
