"""Pages of joining, signing in and links from mail; those of one's own account are gathered in."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import settings
from marketplace.accounts import operations, queries
from marketplace.accounts.account import routes as account_routes
from marketplace.accounts.arriving import arrived
from marketplace.accounts.consents import routes as consents
from marketplace.accounts.consents.rules import DIGEST_WORDING, WORDINGS
from marketplace.accounts.forms import (
    AddressForm,
    ButtonForm,
    NewPasswordForm,
    SignInForm,
    SignUpForm,
)
from marketplace.accounts.middleware import session_cookie
from marketplace.accounts.rules import CONFIRM_WITHIN, JOINING, device
from marketplace.errors import MarketplaceError
from marketplace.permissions import Actor
from marketplace.signing import LinkBroken, LinkExpired, sign, unsign
from marketplace.web.bodies import read_query
from marketplace.web.client import client_address
from marketplace.web.forms import Bound
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render, safe_next

Req = Request[Any, Any, Any]
_DIGEST = WORDINGS[DIGEST_WORDING]


def _asked_next(request: Req) -> str:
    return safe_next((read_query(request).get("next") or [""])[-1], "")


def _device(request: Req) -> str:
    return device(request.headers.get("user-agent", "")[:1000])


def _joining_cookie(person_id: UUID | None) -> Cookie:
    """Mark the browser that signed up, whether or not an account was made; None unmarks it."""
    secure = settings.current().secure
    return Cookie(
        key="__Host-joining" if secure else "joining",
        value=sign(JOINING, person_id) if person_id else "",
        max_age=int(CONFIRM_WITHIN.total_seconds()) if person_id else 0,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def _joining(request: Req) -> UUID | None:
    kept = request.cookies.get(_joining_cookie(None).key, "")
    try:
        return unsign(JOINING, kept, within=CONFIRM_WITHIN).id
    except (LinkExpired, LinkBroken):
        return None


@get("/sign-up", opt=PUBLIC, name="accounts.sign_up")
async def sign_up_page(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the form to join."""
    onward = _asked_next(request)
    if actor.signed_in:
        return redirect(request, onward or "/account")
    form = SignUpForm.blank({"next": onward})
    return render(request, "accounts/sign_up.html", form=form, onward=onward, digest=_DIGEST)


@post("/sign-up", opt=PUBLIC, status_code=200)
async def sign_up(request: Req) -> Page:
    """Join; the answer is the same whether or not the address has an account."""
    form = await SignUpForm.bind(request)
    onward = safe_next(form.value("next"), "")
    if form.data:
        with form.catching():
            joining = await operations.sign_up(
                name=form.data.name,
                email=form.data.email,
                password=form.data.password,
                onward=onward,
                digest=form.data.digest,
                client=client_address(request),
                once=form.once("/sign-up/sent"),
            )
            page = redirect(
                request, "/sign-up/sent", notice=f"We have written to {form.data.email}."
            )
            page.set_cookie(_joining_cookie(joining))
            return page
    return render(
        request, "accounts/sign_up.html", status=422, form=form, onward=onward, digest=_DIGEST
    )


@get("/sign-up/sent", opt=PUBLIC)
async def sign_up_sent(request: Req) -> Page:
    """Say that a message is on its way."""
    return render(request, "accounts/sent.html", about="sign-up")


@get("/sign-in", opt=PUBLIC, name="accounts.sign_in")
async def sign_in_page(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the form to sign in."""
    onward = _asked_next(request)
    if actor.signed_in:
        return redirect(request, onward or "/account")
    form = SignInForm.blank({"next": onward})
    return render(request, "accounts/sign_in.html", form=form, onward=onward)


@post("/sign-in", opt=PUBLIC, status_code=200)
async def sign_in(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Sign in and go on."""
    form = await SignInForm.bind(request)
    onward = safe_next(form.value("next"), "")
    if form.data:
        with form.catching():
            signed_in = await operations.sign_in(
                email=form.data.email,
                password=form.data.password,
                device=_device(request),
                client=client_address(request),
                present=actor,
            )
            await arrived(signed_in.person_id, onward, request.cookies)
            page = redirect(request, onward or "/")
            page.set_cookie(session_cookie(signed_in.token))
            return page
    return render(request, "accounts/sign_in.html", status=422, form=form, onward=onward)


@post("/sign-out", opt=PUBLIC, status_code=200)
async def sign_out(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Sign out of this browser."""
    await operations.sign_out(actor)
    page = redirect(request, "/", notice="You are signed out.")
    page.set_cookie(session_cookie(None))
    return page


@get("/confirm-email", opt=PUBLIC)
async def ask_confirmation_page(request: Req) -> Page:
    """Show the form to have the confirming link sent again."""
    return render(request, "accounts/ask_confirmation.html", form=AddressForm.blank())


@post("/confirm-email", opt=PUBLIC, status_code=200)
async def ask_confirmation_at(request: Req) -> Page:
    """Send the confirming link again, if an account waits for it."""
    form = await AddressForm.bind(request)
    if form.data:
        await operations.ask_confirmation_at(
            email=form.data.email,
            client=client_address(request),
            once=form.once("/confirm-email/sent"),
        )
        return redirect(request, "/confirm-email/sent")
    return render(request, "accounts/ask_confirmation.html", status=422, form=form)


@get("/confirm-email/sent", opt=PUBLIC)
async def ask_confirmation_sent(request: Req) -> Page:
    """Say that a message is on its way if an account waits for it."""
    return render(request, "accounts/sent.html", about="confirmation")


@get("/confirm-email/{token:str}", opt=PUBLIC)
async def confirm_email_page(request: Req, token: FromPath[str]) -> Page:
    """Show the button that confirms: mail scanners open links, but press nothing."""
    try:
        holder = await queries.confirm_link(token)
    except (LinkExpired, LinkBroken) as gone:
        return _link_gone(request, gone, to="/confirm-email", form=AddressForm.blank())
    return render(request, "accounts/confirm_email.html", done=holder.confirmed)


@post("/confirm-email/{token:str}", opt=PUBLIC, status_code=200)
async def confirm_email(request: Req, actor: NamedDependency[Actor], token: FromPath[str]) -> Page:
    """Confirm an address, and sign in the browser that signed up."""
    form = await ButtonForm.bind(request)
    try:
        holder = await queries.confirm_link(token)
        onward, signed_in = await operations.confirm_email(
            token,
            actor=actor,
            joining=_joining(request),
            device=_device(request),
            once=form.once("/account"),
        )
    except (LinkExpired, LinkBroken) as gone:
        return _link_gone(request, gone, to="/confirm-email", form=AddressForm.blank())
    onward = safe_next(onward, "/")
    # Where they were going was said by the browser that signed up, so it is theirs on any device.
    await arrived(holder.id, onward, request.cookies if signed_in else {})
    if signed_in or actor.signed_in:
        page = redirect(request, onward, notice="Your e-mail address is confirmed.")
    else:
        page = redirect(
            request,
            f"/sign-in?next={quote(onward, safe='/')}",
            notice="Your e-mail address is confirmed. Sign in to go on.",
        )
    if signed_in:
        page.set_cookie(session_cookie(signed_in.token))
    page.set_cookie(_joining_cookie(None))
    return page


def _link_gone(request: Req, gone: MarketplaceError, *, to: str, form: Bound[AddressForm]) -> Page:
    """Say why a link does not work, with the form to get another."""
    return render(
        request,
        "accounts/link_gone.html",
        status=410 if isinstance(gone, LinkExpired) else 404,
        message=gone.message,
        to=to,
        form=form,
    )


@get("/password-reset", opt=PUBLIC, name="accounts.password_reset")
async def ask_reset_page(request: Req) -> Page:
    """Show the form to ask for a new password."""
    return render(request, "accounts/ask_reset.html", form=AddressForm.blank())


@post("/password-reset", opt=PUBLIC, status_code=200)
async def ask_reset(request: Req) -> Page:
    """Send a link to choose a new password, if there is an account."""
    form = await AddressForm.bind(request)
    if form.data:
        await operations.ask_password_reset(
            email=form.data.email,
            client=client_address(request),
            once=form.once("/password-reset/sent"),
        )
        return redirect(request, "/password-reset/sent")
    return render(request, "accounts/ask_reset.html", status=422, form=form)


@get("/password-reset/sent", opt=PUBLIC)
async def ask_reset_sent(request: Req) -> Page:
    """Say that a message is on its way if there is an account."""
    return render(request, "accounts/sent.html", about="password")


@get("/password-reset/{token:str}", opt=PUBLIC)
async def reset_page(request: Req, token: FromPath[str]) -> Page:
    """Show the form to choose a new password."""
    try:
        await queries.reset_link(token)
    except (LinkExpired, LinkBroken) as gone:
        return _link_gone(request, gone, to="/password-reset", form=AddressForm.blank())
    return render(request, "accounts/reset.html", form=NewPasswordForm.blank())


@post("/password-reset/{token:str}", opt=PUBLIC, status_code=200)
async def reset(request: Req, token: FromPath[str]) -> Page:
    """Choose a new password and sign out everywhere."""
    form = await NewPasswordForm.bind(request)
    try:
        if form.data:
            with form.catching():
                await operations.reset_password(
                    token,
                    password=form.data.password,
                    client=client_address(request),
                    once=form.once("/sign-in"),
                )
                page = redirect(
                    request,
                    "/sign-in",
                    notice="Your password is changed. Sign in with it.",
                )
                page.set_cookie(session_cookie(None))
                return page
        else:
            await queries.reset_link(token)
    except (LinkExpired, LinkBroken) as gone:
        return _link_gone(request, gone, to="/password-reset", form=AddressForm.blank())
    return render(request, "accounts/reset.html", status=422, form=form)


HANDLERS: list[Any] = [
    sign_up_page,
    sign_up,
    sign_up_sent,
    sign_in_page,
    sign_in,
    sign_out,
    ask_confirmation_page,
    ask_confirmation_at,
    ask_confirmation_sent,
    confirm_email_page,
    confirm_email,
    ask_reset_page,
    ask_reset,
    ask_reset_sent,
    reset_page,
    reset,
    *account_routes.HANDLERS,
    *consents.HANDLERS,
]
ACCOUNT = consents.ACCOUNT
