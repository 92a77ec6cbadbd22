"""Pages of captains and of those they name."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.accounts.account.links import AccountLink
from marketplace.accounts.queries import names
from marketplace.permissions import Actor
from marketplace.volunteering.eligibility import queries as eligibility
from marketplace.volunteering.groups import operations, queries
from marketplace.volunteering.groups.forms import AcceptForm, ReserveForm, ReturnForm, SeatForm
from marketplace.volunteering.groups.rules import KIND_WORDS, USUAL_DAYS, SeatState
from marketplace.volunteering.shifts import queries as shifts
from marketplace.web.forms import Bound, Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
MINE = "/my/groups"


@get("/shifts/{id:uuid}/group", name="groups.new")
async def new(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show the form that keeps places for a group."""
    return await _new(request, actor, id, ReserveForm.blank({"days": USUAL_DAYS}))


@post("/shifts/{id:uuid}/group", name="groups.reserve")
async def reserve(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Keep places for a group."""
    form = await ReserveForm.bind(request)
    if form.data is not None:
        with form.catching():
            group = await operations.reserve(
                actor, id, form.data.wanted(), once=form.once(f"/shifts/{id}/group")
            )
            return redirect(
                request, f"{MINE}/{group}", notice="The places are kept. Now name who comes."
            )
    return await _new(request, actor, id, form, status=422)


async def _new(
    request: Req, actor: Actor, id: UUID, form: Bound[ReserveForm], *, status: int = 200
) -> Page:
    shift, opportunity = await shifts.shift(actor, id)
    return render(
        request,
        "volunteering/groups/new.html",
        status=status,
        shift=shift,
        opportunity=opportunity,
        form=form,
        kinds=[(kind.value, words) for kind, words in KIND_WORDS.items()],
    )


@get(MINE, name="groups.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """List a captain's groups."""
    return render(request, "volunteering/groups/mine.html", groups=await queries.mine(actor))


@get("/my/groups/{id:uuid}", name="groups.show")
async def show(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Show a captain who is named, and the forms to name and to return."""
    return await _show(request, actor, id, SeatForm.blank())


@post("/my/groups/{id:uuid}/seats", name="groups.name")
async def name(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Name somebody for a place."""
    form = await SeatForm.bind(request)
    await queries.own(actor, id)
    home = f"{MINE}/{id}"
    if form.data is not None:
        with form.catching():
            await operations.name(actor, id, form.data.name, form.data.email, once=form.once(home))
            return redirect(request, home, notice=f"We have written to {form.data.name}.")
    return await _show(request, actor, id, form, status=422)


@post("/my/groups/{id:uuid}/seats/{seat_id:uuid}/removal", name="groups.take-back")
async def take_back(
    request: Req, actor: NamedDependency[Actor], id: FromPath[UUID], seat_id: FromPath[UUID]
) -> Page:
    """Take a name off a place."""
    form = await Form.bind(request)
    home = f"{MINE}/{id}"
    await operations.take_back(actor, id, seat_id, once=form.once(home))
    return redirect(request, home, notice="Taken back. You can name somebody else.")


@post("/my/groups/{id:uuid}/return", name="groups.return")
async def give_back(request: Req, actor: NamedDependency[Actor], id: FromPath[UUID]) -> Page:
    """Give places without a name back."""
    form = await ReturnForm.bind(request)
    await queries.own(actor, id)
    home = f"{MINE}/{id}"
    if form.data is not None:
        with form.catching():
            await operations.give_back(actor, id, form.data.seats, once=form.once(home))
            return redirect(request, home, notice="Given back. Thank you: others can come now.")
    return await _show(request, actor, id, SeatForm.blank(), returning=form, status=422)


async def _show(
    request: Req,
    actor: Actor,
    id: UUID,
    form: Bound[SeatForm],
    *,
    returning: Bound[ReturnForm] | None = None,
    status: int = 200,
) -> Page:
    group = await queries.own(actor, id)
    return render(
        request,
        "volunteering/groups/group.html",
        status=status,
        group=group,
        seats=await queries.seats([id]),
        open=group.open(clock.now()),
        form=form,
        returning=returning or ReturnForm.blank({"seats": 1}),
        State=SeatState,
    )


@get("/seats/{token:str}", name="seats.show", opt=PUBLIC)
async def seat(request: Req, actor: NamedDependency[Actor], token: FromPath[str]) -> Page:
    """Show somebody who was named what they are invited to."""
    return await _seat(request, actor, token, AcceptForm.blank())


@post("/seats/{token:str}", name="seats.accept")
async def accept(request: Req, actor: NamedDependency[Actor], token: FromPath[str]) -> Page:
    """Take the place."""
    form = await AcceptForm.bind(request)
    here = f"/seats/{token}"
    if form.data is not None:
        with form.catching():
            await operations.accept(
                actor, token, old_enough=form.data.old_enough, once=form.once(here)
            )
            return redirect(request, here, notice="You have a place.")
    return await _seat(request, actor, token, form, status=422)


@post("/seats/{token:str}/refusal", name="seats.decline", opt=PUBLIC)
async def decline(request: Req, token: FromPath[str]) -> Page:
    """Say no to the place."""
    form = await Form.bind(request)
    here = f"/seats/{token}"
    await operations.decline(token, once=form.once(here))
    return redirect(request, here)


async def _seat(
    request: Req, actor: Actor, token: str, form: Bound[AcceptForm], *, status: int = 200
) -> Page:
    found, group = await queries.of_link(token)
    answer = None
    if actor.person_id is not None and found.state is SeatState.NAMED:
        answer = await eligibility.ask(actor.person_id, group.shift_id, offered=True)
    return render(
        request,
        "volunteering/groups/seat.html",
        status=status,
        form=form,
        token=token,
        seat=found,
        group=group,
        captain=(await names([group.captain_id]))[group.captain_id],
        answer=answer,
        open=group.open(clock.now()),
        State=SeatState,
    )


HANDLERS: list[Any] = [
    new,
    reserve,
    mine,
    show,
    name,
    take_back,
    give_back,
    seat,
    accept,
    decline,
]
ACCOUNT: list[AccountLink] = [
    AccountLink("Your groups", MINE, "Places you keep for colleagues, a class or a club", 28),
]
