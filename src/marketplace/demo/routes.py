"""The page of people to sign in as; only the demo has it."""

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from pydantic import Field

from marketplace.accounts import operations
from marketplace.accounts.middleware import session_cookie
from marketplace.accounts.rules import device
from marketplace.demo import people
from marketplace.errors import NotFound
from marketplace.permissions import Actor
from marketplace.web.forms import Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render


class SignInAsForm(Form):
    """Choose one of the people."""

    email: Annotated[str, Field(max_length=100)] = ""


@get("/demo", opt=PUBLIC, name="demo.people")
async def people_page(request: Request[Any, Any, Any]) -> Page:
    """Show who there is to sign in as."""
    return render(request, "demo/people.html", people=people.SIGN_INS, password=people.PASSWORD)


@post("/demo/sign-in", opt=PUBLIC, status_code=200)
async def sign_in_as(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
    """Sign in as one of the demo's people, and lead to what there is to try.

    Raises:
        NotFound: it is none of them, or they left.
    """
    form = await SignInAsForm.bind(request)
    found = await people.find(form.data.email) if form.data else None
    if found is None:
        raise NotFound("We cannot find that person. Choose one of those on the demo page.")
    await operations.sign_out(actor)
    token = await operations.start_session(
        found.id, device=device(request.headers.get("user-agent", "")[:1000])
    )
    page = redirect(request, found.begins, notice=f"You are signed in as {found.name}.")
    page.set_cookie(session_cookie(token))
    return page


HANDLERS: list[Any] = [people_page, sign_in_as]
