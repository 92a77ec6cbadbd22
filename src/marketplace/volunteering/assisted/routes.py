"""A broker's pages about people without e-mail."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock
from marketplace.errors import BadInput, Conflict
from marketplace.organisations.queries import names as names_of_organisations
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.assisted import operations, queries
from marketplace.volunteering.assisted.forms import AddressForm, BookForm, PeopleForm, SignUpForm
from marketplace.volunteering.assisted.rules import HOWS, WORDS
from marketplace.web.forms import Bound, Form
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
HOME = "/broker/people"


@get(HOME, name="assisted.list")
async def people(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show what is to be told, and the people who were signed up."""
    form = PeopleForm.read(request)
    q = form.data.q if form.data else ""
    return render(
        request,
        "volunteering/assisted/people.html",
        form=form,
        people=await queries.people(actor, q),
        to_tell=await queries.to_tell(actor),
        q=q,
    )


@get(f"{HOME}/new", name="assisted.new")
async def new(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the form to sign somebody up."""
    actor.require_to_know(Permission.ASSIST_PEOPLE)
    return _new(request, SignUpForm.blank({"agreed_on": clock.today()}))


def _new(request: Req, form: Bound[SignUpForm], status: int = 200) -> Page:
    return render(
        request,
        "volunteering/assisted/new.html",
        status=status,
        form=form,
        words=WORDS,
        hows=[(how.value, label) for how, label in HOWS.items()],
    )


@post(f"{HOME}/new", name="assisted.sign-up", status_code=200)
async def sign_up(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Sign somebody up."""
    actor.require_to_know(Permission.ASSIST_PEOPLE)
    form = await SignUpForm.bind(request)
    if form.data is not None:
        with form.catching():
            id = await operations.sign_up(
                actor, operations.Details(**form.data.model_dump()), once=form.once(HOME)
            )
            return redirect(request, f"{HOME}/{id}", notice=f"{form.data.name} is signed up.")
    return _new(request, form, 422)


@get(f"{HOME}/{{assisted_id:uuid}}", name="assisted.show")
async def show(request: Req, actor: NamedDependency[Actor], assisted_id: FromPath[UUID]) -> Page:
    """Show somebody, their bookings, and shifts that could be booked for them."""
    return await _show(request, actor, assisted_id)


async def _show(
    request: Req,
    actor: Actor,
    id: UUID,
    form: Bound[AddressForm] | None = None,
    refused: str = "",
) -> Page:
    person = await queries.person(actor, id)
    asked = PeopleForm.read(request)
    q = asked.data.q if asked.data else ""
    return render(
        request,
        "volunteering/assisted/person.html",
        status=422 if form else 409 if refused else 200,
        person=person,
        bookings=await queries.bookings(id),
        shifts=await queries.shifts(id, q),
        q=q,
        asked=asked,
        hows=HOWS,
        refused=refused,
        form=form or AddressForm.blank({"email": person.email}),
    )


@post(f"{HOME}/{{assisted_id:uuid}}/bookings", name="assisted.book", status_code=200)
async def book(request: Req, actor: NamedDependency[Actor], assisted_id: FromPath[UUID]) -> Page:
    """Book a shift for somebody."""
    await queries.person(actor, assisted_id, look=False)
    form = await BookForm.bind(request)
    address = f"{HOME}/{assisted_id}"
    if form.data is None:
        raise BadInput("Choose a shift with the button beside it.")
    try:
        await operations.book(
            actor,
            assisted_id,
            form.data.shift,
            old_enough=form.data.old_enough,
            once=form.once(address),
        )
    except Conflict as refusal:
        return await _show(request, actor, assisted_id, refused=refusal.message)
    return redirect(request, address, notice="Booked. It is on their page to print.")


@post(
    f"{HOME}/{{assisted_id:uuid}}/bookings/{{booking_id:uuid}}/cancellation",
    name="assisted.cancel",
    status_code=200,
)
async def cancel(
    request: Req,
    actor: NamedDependency[Actor],
    assisted_id: FromPath[UUID],
    booking_id: FromPath[UUID],
) -> Page:
    """Give somebody's place back."""
    form = await Form.bind(request)
    address = f"{HOME}/{assisted_id}"
    await operations.cancel(actor, assisted_id, booking_id, once=form.once(address))
    return redirect(request, address, notice="Given back. The place is free for others.")


@get(f"{HOME}/{{assisted_id:uuid}}/letter", name="assisted.letter")
async def letter(request: Req, actor: NamedDependency[Actor], assisted_id: FromPath[UUID]) -> Page:
    """Show a letter to print: where, when, and who to ask."""
    person = await queries.person(actor, assisted_id)
    return render(
        request,
        "volunteering/assisted/letter.html",
        person=person,
        bookings=await queries.bookings(assisted_id),
        today=clock.today(),
    )


@post(f"{HOME}/{{assisted_id:uuid}}/address", name="assisted.address", status_code=200)
async def address(request: Req, actor: NamedDependency[Actor], assisted_id: FromPath[UUID]) -> Page:
    """Note an e-mail address, and send the link to claim the account."""
    await queries.person(actor, assisted_id, look=False)
    form = await AddressForm.bind(request)
    home = f"{HOME}/{assisted_id}"
    if form.data is not None:
        with form.catching():
            await operations.give_address(actor, assisted_id, form.data.email, once=form.once(home))
            return redirect(request, home, notice="Noted. They get a link to claim the account.")
    return await _show(request, actor, assisted_id, form)


@get("/broker/organisations", name="assisted.organisations")
async def organisations(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the organisations that let brokers act for them."""
    actor.require_to_know(Permission.ASSIST_PEOPLE)
    names = await names_of_organisations(list(actor.acting_for))
    return render(
        request,
        "volunteering/assisted/organisations.html",
        organisations=sorted(names.items(), key=lambda each: each[1].casefold()),
    )


@post("/broker/told/{tell_id:uuid}", name="assisted.told", status_code=200)
async def told(request: Req, actor: NamedDependency[Actor], tell_id: FromPath[UUID]) -> Page:
    """Tick off that somebody was told."""
    form = await Form.bind(request)
    await operations.told(actor, tell_id, once=form.once(HOME))
    return redirect(request, HOME, notice="Ticked off.")


HANDLERS: list[Any] = [
    people,
    new,
    sign_up,
    show,
    book,
    cancel,
    letter,
    address,
    organisations,
    told,
]
