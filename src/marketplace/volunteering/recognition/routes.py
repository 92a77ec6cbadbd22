"""Thanks, milestones, statements, and the public page that verifies one."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.organisations.queries import workspace
from marketplace.organisations.workspace import shell
from marketplace.permissions import Actor
from marketplace.volunteering.attendance.routes import qr
from marketplace.volunteering.opportunities.manage_routes import SECTION
from marketplace.volunteering.recognition import operations, printing, queries, rules
from marketplace.volunteering.recognition.forms import StatementForm, ThanksForm, VerifyForm
from marketplace.volunteering.rules import duration_words
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
MINE = "/my/recognition"


@get("/manage/bookings/{id:uuid}/thanks", name="thanks.new")
async def thanking(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show the form to thank one volunteer."""
    return await _thanks_page(request, actor, id, ThanksForm.blank())


@post("/manage/bookings/{id:uuid}/thanks", name="thanks.say")
async def thank(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Thank one volunteer."""
    form = await ThanksForm.bind(request)
    whom = await operations.thanked(actor, id)
    home = f"/manage/shifts/{whom.shift_id}"
    if form.data is not None:
        with form.catching():
            await operations.thank(actor, id, form.data.words, once=form.once(home))
            return redirect(request, home, notice=f"{whom.name} reads your thanks.")
    return await _thanks_page(request, actor, id, form, status=422)


async def _thanks_page(
    request: Req, actor: Actor, id: UUID, form: Bound[ThanksForm], *, status: int = 200
) -> Page:
    whom = await operations.thanked(actor, id)
    organisation = await workspace(actor, whom.organisation_id)
    return render(
        request,
        "volunteering/manage/thanks.html",
        status=status,
        **shell(request, actor, organisation, current=SECTION),
        whom=whom,
        booking_id=id,
        form=form,
    )


@get(MINE, name="recognition.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show one's milestones, thanks and statements."""
    sources = await queries.sources(actor)
    minutes = sum(source.minutes for source in sources)
    ahead = rules.next_one(minutes)
    return render(
        request,
        "volunteering/recognition/mine.html",
        total=duration_words(minutes) if minutes else "",
        reached=rules.reached(minutes),
        ahead=(ahead[0], duration_words(ahead[1])) if ahead and minutes else None,
        thanks=await queries.thanks_to(actor),
        statements=await queries.statements(actor),
    )


@get("/my/statements/new", name="statements.new")
async def new(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Ask what a statement is to show."""
    sources = await queries.sources(actor)
    form = StatementForm.blank(
        {
            "organisations": [source.id for source in sources],
            "first_day": min((source.first for source in sources), default=None),
            "last_day": clock.today(),
            "shows_name": True,
            "shows_roles": True,
            "shows_hours": True,
        }
    )
    return await _new_page(request, sources, form)


@post("/my/statements/new", name="statements.make")
async def make(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Make a statement."""
    form = await StatementForm.bind(request)
    if form.data is not None:
        with form.catching():
            id = await operations.make_statement(
                actor, form.data.choice(), once=form.once("/my/statements/new")
            )
            return redirect(request, f"/my/statements/{id}", notice="Made.")
    return await _new_page(request, await queries.sources(actor), form, status=422)


async def _new_page(
    request: Req, sources: list[queries.Source], form: Bound[StatementForm], *, status: int = 200
) -> Page:
    return render(
        request,
        "volunteering/recognition/new.html",
        status=status,
        sources=sources,
        form=form,
        choices=[(source.id, source.name, duration_words(source.minutes)) for source in sources],
        today=clock.today(),
    )


@get("/my/statements/{id:uuid}", name="statements.show")
async def show(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show one's statement, where it can be verified, and how to take it back."""
    statement = await queries.statement(actor, id)
    return render(
        request,
        "volunteering/recognition/statement.html",
        statement=statement,
        lines=printing.lines_of(statement),
        picture=qr(statement.address),
    )


@get("/my/statements/{id:uuid}/statement.pdf", name="statements.print")
async def print_statement(
    actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Response[bytes] | Page:
    """Give one's statement as PDF."""
    statement = await queries.statement(actor, id)
    return Response(
        await printing.pdf(statement),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{statement.kind.value}.pdf"',
        },
    )


@post("/my/statements/{id:uuid}/revocation", name="statements.revoke")
async def revoke(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Take back a statement."""
    form = await Form.bind(request)
    await operations.revoke(actor, id, once=form.once(MINE))
    return redirect(request, MINE, notice="Revoked. Nobody can verify it any more.")


@get("/verify", name="statements.verify", opt=PUBLIC)
async def verify(request: Req) -> Page:
    """Ask for the code of a statement, and lead to its page."""
    form = VerifyForm.read(request)
    typed = form.data.code if form.data else ""
    if code := rules.read_code(typed):
        return redirect(request, f"/verify/{quote(code)}")
    if typed:
        form.refuse("code", "Enter the code as it is printed, such as 7KQM-2B9X-TD4R")
    return render(
        request, "volunteering/recognition/verify.html", form=form, statement=None, code=""
    )


@get("/verify/{code:str}", name="statements.verified", opt=PUBLIC)
async def verified(request: Req, code: FromPath[str]) -> Page:
    """Show what a volunteer chose to show, and that it is so; or that no such statement stands."""
    read = rules.read_code(code)
    statement = await queries.verified(read) if read else None
    return render(
        request,
        "volunteering/recognition/verify.html",
        status=200 if statement else 404,
        form=VerifyForm.blank({"code": "" if statement else read or ""}),
        statement=statement,
        lines=printing.lines_of(statement) if statement else [],
        code=read or "",
    )


HANDLERS: list[Any] = [
    thanking,
    thank,
    mine,
    new,
    make,
    show,
    print_statement,
    revoke,
    verify,
    verified,
]
