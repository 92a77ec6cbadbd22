"""The page of one's feed, the feed itself, and single events."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import settings
from marketplace.accounts.account.links import AccountLink
from marketplace.permissions import Actor
from marketplace.volunteering.calendars import operations, queries
from marketplace.volunteering.calendars.rules import etag
from marketplace.web.forms import Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

Req = Request[Any, Any, Any]
HOME = "/account/calendar"
KIND = "text/calendar"


@get(HOME, name="calendars.mine")
async def mine(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the address of one's feed, and how to use it."""
    feed = await queries.feed(actor)
    address = settings.current().base_url + feed.path if feed else ""
    return render(
        request,
        "volunteering/calendars/mine.html",
        feed=feed,
        address=address,
        subscribe="webcal://" + address.partition("://")[2],
    )


@post(HOME, name="calendars.make", status_code=200)
async def make(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Make the feed, or give it another address."""
    form = await Form.bind(request)
    had = await queries.feed(actor)
    await operations.make(actor, once=form.once(HOME))
    notice = "The old address no longer works." if had else "Your calendar has an address."
    return redirect(request, HOME, notice=notice)


@post(f"{HOME}/revocation", name="calendars.turn_off", status_code=200)
async def turn_off(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Turn the feed off."""
    form = await Form.bind(request)
    await operations.turn_off(actor, once=form.once(HOME))
    return redirect(request, HOME, notice="Your calendar is turned off.")


@get("/calendars/{token:str}", name="calendars.feed", opt=PUBLIC)
async def feed(request: Req, token: FromPath[str]) -> Response[str]:
    """Give the feed to whoever holds its address, or say that nothing changed."""
    text = await queries.read_feed(token.removesuffix(".ics"))
    mark = etag(text)
    # Kept by the one program that asked, and asked for again each time.
    headers = {"ETag": mark, "Cache-Control": "private, no-cache"}
    known = request.headers.get("if-none-match", "")
    if mark in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Response("", status_code=304, headers=headers, media_type=KIND)
    return Response(text, headers=headers, media_type=KIND)


@get("/bookings/{id:uuid}/calendar.ics", name="calendars.event")
async def event(actor: NamedDependency[Actor], id: FromPath[UUID]) -> Response[str]:
    """Give one of one's own bookings as an event."""
    text = await queries.own_event(actor, id)
    named = {"Content-Disposition": 'attachment; filename="shift.ics"'}
    return Response(text, headers=named, media_type=KIND)


HANDLERS: list[Any] = [mine, make, turn_off, feed, event]
ACCOUNT: list[AccountLink] = [
    AccountLink("Calendar", HOME, "Your shifts in the calendar of your phone", order=20),
]
