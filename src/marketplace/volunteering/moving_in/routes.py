"""Pages of a broker's imports, and of claiming what they made."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from marketplace.accounts.middleware import session_cookie
from marketplace.accounts.rules import device
from marketplace.errors import Conflict
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.hours.exporting import line
from marketplace.volunteering.moving_in import claiming, operations, queries
from marketplace.volunteering.moving_in.forms import (
    MAX_BODY,
    ClaimForm,
    DecisionForm,
    FeedForm,
    UploadForm,
)
from marketplace.volunteering.moving_in.rules import (
    KINDS,
    MOST_BYTES,
    MOST_ROWS,
    Choice,
    Kind,
    RowState,
    State,
    Verdict,
)
from marketplace.volunteering.rules import duration_words
from marketplace.web.buttons import Verb, button
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import NavItem, Page, redirect, render

Req = Request[Any, Any, Any]
HOME = "/broker/imports"
FEED = f"{HOME}/feed"


@get(HOME, name="imports.list")
async def imports(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show what was imported, and the form to send in a table."""
    return await _home(request, actor, UploadForm.blank())


async def _home(request: Req, actor: Actor, form: Bound[UploadForm], status: int = 200) -> Page:
    return render(
        request,
        "volunteering/moving_in/imports.html",
        status=status,
        imports=await queries.imports(actor),
        form=form,
        kinds=[(kind.value, KINDS[kind][0]) for kind in KINDS if kind is not Kind.FEED],
        names={kind: words[0] for kind, words in KINDS.items()},
        most_rows=MOST_ROWS,
        most_bytes=MOST_BYTES // 1_000_000,
    )


@post(HOME, name="imports.stage", request_max_body_size=MAX_BODY, status_code=200)
async def stage(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Take a table and show what would become of it."""
    actor.require_to_know(Permission.MOVE_IN)
    form = await UploadForm.bind(request)
    if form.data is not None:
        with form.catching():
            id = await operations.stage(
                actor, form.data.kind, form.data.file.content, once=form.once(HOME)
            )
            return redirect(request, f"{HOME}/{id}")
    return await _home(request, actor, form, status=422)


@get(FEED, name="imports.feed")
async def feed_page(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the form to send in a feed of another platform."""
    actor.require_to_know(Permission.MOVE_IN)
    return _feed(request, FeedForm.blank())


def _feed(request: Req, form: Bound[FeedForm], status: int = 200) -> Page:
    return render(
        request,
        "volunteering/moving_in/feed.html",
        status=status,
        form=form,
        most_bytes=MOST_BYTES // 1_000_000,
    )


@post(FEED, name="imports.stage-feed", request_max_body_size=MAX_BODY, status_code=200)
async def stage_feed(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Take a feed, or fetch it, and show what would become of it."""
    actor.require_to_know(Permission.MOVE_IN)
    form = await FeedForm.bind(request)
    if form.data is not None:
        once, file, address = form.once(FEED), form.data.file, form.data.address.strip()
        with form.catching():
            if bool(file) == bool(address):
                said = "Choose a file or enter an address" + (", not both" if file else "")
                raise Conflict(said, field="address")
            id = (
                await operations.stage_feed(actor, file.content, once=once)
                if file
                else await operations.stage_feed_from(actor, address, once=once)
            )
            return redirect(request, f"{HOME}/{id}")
    return _feed(request, form, status=422)


@get(f"{HOME}/{{import_id:uuid}}", name="imports.show")
async def show(request: Req, actor: NamedDependency[Actor], import_id: FromPath[UUID]) -> Page:
    """Show what would become of each line, or how far it is, or what was done."""
    found = await queries.one(actor, import_id)
    return render(
        request,
        "volunteering/moving_in/import.html",
        found=found,
        name=KINDS[found.kind][0],
        one=KINDS[found.kind][1],
        many=KINDS[found.kind][2],
        groups=[
            (verdict, title, await queries.some(import_id, verdict))
            for verdict, title in _GROUPS
            if found.verdicts.get(verdict)
        ],
        kept=await queries.kept_rows(import_id) if found.state is State.UNDONE else [],
        shown=queries.SHOWN,
        Verdict=Verdict,
        Choice=Choice,
        State=State,
        RowState=RowState,
    )


_GROUPS = (
    (Verdict.DOUBTFUL, "You decide"),
    (Verdict.REFUSED, "Refused"),
    (Verdict.NEW, "New"),
    (Verdict.MATCHED, "Here already"),
)


@get(f"{HOME}/{{import_id:uuid}}/lines.csv", name="imports.lines")
async def lines(actor: NamedDependency[Actor], import_id: FromPath[UUID]) -> Stream:
    """Give every line with what becomes of it, as a table."""
    await queries.one(actor, import_id)
    return Stream(
        _lines(import_id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="import-lines.csv"'},
    )


async def _lines(import_id: UUID) -> AsyncIterator[bytes]:
    yield "\ufeff".encode() + line(("Line", "What", "Verdict", "Why", "State"))
    async for row in queries.every(import_id):
        yield line(
            (row.at or row.line, row.label, row.verdict.value, row.sentence, row.state.value)
        )


@post(f"{HOME}/{{import_id:uuid}}/decision", name="imports.decide", status_code=200)
async def decide(request: Req, actor: NamedDependency[Actor], import_id: FromPath[UUID]) -> Page:
    """Say whether a doubtful line is what it resembles."""
    actor.require_to_know(Permission.MOVE_IN)
    form = await DecisionForm.bind(request)
    address = f"{HOME}/{import_id}"
    if form.data is None:
        raise Conflict("Choose with one of the two buttons beside the line.")
    await operations.decide(
        actor, import_id, form.data.line, form.data.choice, once=form.once(address)
    )
    return redirect(request, address, notice="That is decided.")


def _button(name: str, verb: Verb, notice: str) -> Any:
    one = f"{HOME}/{{import_id}}"
    path = f"{HOME}/{{import_id:uuid}}/{name}"
    return button(path, verb, name=f"imports.{name}", back=one, notice=notice)


start = _button("start", operations.start, "Importing. This page says how far it is.")
stop = _button("stop", operations.stop, "Stopped. What is there stays, and it can go on.")
undo = _button("undo", operations.undo, "Taking back what nobody has touched since.")
invite = _button("invitations", operations.invite, "Invitations are on their way.")


@get("/claim/{token:str}", name="imports.claim-page", opt=PUBLIC)
async def claim_page(request: Req, token: FromPath[str]) -> Page:
    """Show somebody what an import says of them, and the form to take the account over."""
    return await _claim(request, token, ClaimForm.blank())


async def _claim(request: Req, token: str, form: Bound[ClaimForm], status: int = 200) -> Page:
    found = await queries.claimable(token)
    return render(
        request,
        "volunteering/moving_in/claim.html",
        status=status,
        form=form,
        token=token,
        found=found,
        time=duration_words(found.minutes) if found.minutes else "",
    )


@post("/claim/{token:str}", name="imports.claim", opt=PUBLIC, status_code=200)
async def claim(request: Req, token: FromPath[str]) -> Page:
    """Take over an account."""
    form = await ClaimForm.bind(request)
    if form.data is not None:
        with form.catching():
            session = await claiming.claim(
                token,
                password=form.data.password,
                device=device(request.headers.get("user-agent", "")[:1000]),
                once=form.once("/sign-in"),
            )
            page = redirect(request, "/account", notice="Welcome. The account is yours.")
            page.set_cookie(session_cookie(session))
            return page
    return await _claim(request, token, form, status=422)


@post("/claim/{token:str}/removal", name="imports.decline", opt=PUBLIC, status_code=200)
async def decline(request: Req, token: FromPath[str]) -> Page:
    """Forget somebody who wants no account."""
    form = await Form.bind(request)
    await claiming.decline(token, once=form.once("/"))
    return redirect(request, "/", notice="Done. Nothing with your name is kept here.")


HANDLERS: list[Any] = [
    imports,
    stage,
    feed_page,
    stage_feed,
    show,
    lines,
    decide,
    start,
    stop,
    undo,
    invite,
    claim_page,
    claim,
    decline,
]
NAV: list[NavItem] = [
    NavItem("Broker", HOME, shown=lambda actor: actor.can(Permission.MOVE_IN), under="/broker"),
]
