"""Pages of one's own account: profile, browsers, password."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock, taxonomies
from marketplace.accounts import operations, queries
from marketplace.accounts.account.links import links
from marketplace.accounts.address import routes as address
from marketplace.accounts.consents import queries as consents
from marketplace.accounts.consents.rules import Purpose, may_have_digest
from marketplace.accounts.forms import ButtonForm, ChangePasswordForm, ProfileForm
from marketplace.accounts.leaving import routes as leaving
from marketplace.accounts.middleware import session_cookie
from marketplace.permissions import Actor
from marketplace.web.forms import Bound
from marketplace.web.render import Page, redirect, remember_where, render

Req = Request[Any, Any, Any]


@get("/account", name="accounts.account")
async def account(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show what we know about the person and where they change it."""
    profile = await queries.profile(actor)
    digest = await consents.agreed(Purpose.DIGEST, None, [profile.id])
    return render(
        request,
        "accounts/account.html",
        profile=profile,
        digest=bool(digest),
        grown_up=may_have_digest(profile.born_on, clock.today()),
        causes=[taxonomies.label(slug) for slug in profile.causes],
        skills=[taxonomies.label(slug) for slug in profile.skills],
        links=await links(actor),
    )


@post("/account/confirmation", status_code=200)
async def ask_confirmation(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Send the confirming link to the signed-in person again."""
    form = await ButtonForm.bind(request)
    await operations.ask_confirmation(actor, once=form.once("/account"))
    return redirect(request, "/account", notice="We have sent you the message again.")


@get("/account/profile", name="accounts.profile")
async def profile_page(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Show the profile's form."""
    profile = await queries.profile(actor)
    form = ProfileForm.blank(
        {
            "name": profile.name,
            "postcode": profile.postcode,
            "causes": profile.causes,
            "skills": profile.skills,
        }
    )
    return _profile(request, form)


@post("/account/profile", status_code=200)
async def change_profile(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Change the profile."""
    form = await ProfileForm.bind(request)
    if form.data:
        with form.catching():
            await operations.change_profile(
                actor,
                name=form.data.name,
                where=form.data.postcode,
                skills=form.data.skills,
                causes=form.data.causes,
                once=form.once("/account"),
            )
            saved = redirect(request, "/account", notice="Your profile is saved.")
            # Whoever says here where they are is not asked again by every list in this browser.
            return remember_where(saved, form.data.postcode) if form.data.postcode else saved
    return _profile(request, form, status=422)


def _profile(request: Req, form: Bound[ProfileForm], *, status: int = 200) -> Page:
    return render(
        request,
        "accounts/profile.html",
        status=status,
        form=form,
        causes=taxonomies.choices(taxonomies.CAUSES),
        skills=[
            (group, [(concept.slug, concept.label) for concept in below or [group]])
            for group, below in taxonomies.groups(taxonomies.SKILLS)
        ],
    )


@get("/account/sessions", name="accounts.sessions")
async def sessions_page(request: Req, actor: NamedDependency[Actor]) -> Page:
    """List the browsers in which the person is signed in."""
    return render(request, "accounts/sessions.html", sessions=await queries.open_sessions(actor))


@post("/account/sessions/{session_id:uuid}/revocation", status_code=200)
async def revoke_session(
    request: Req, actor: NamedDependency[Actor], session_id: FromPath[UUID]
) -> Page:
    """Sign one other browser out."""
    form = await ButtonForm.bind(request)
    await operations.revoke_session(actor, session_id, once=form.once("/account/sessions"))
    return redirect(request, "/account/sessions", notice="That browser is signed out.")


@post("/account/sign-out-everywhere", status_code=200)
async def sign_out_everywhere(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Sign out of every browser."""
    await operations.sign_out_everywhere(actor)
    page = redirect(request, "/sign-in", notice="You are signed out everywhere.")
    page.set_cookie(session_cookie(None))
    return page


@get("/account/password", name="accounts.password")
async def password_page(request: Req) -> Page:
    """Show the form to change the password."""
    return render(request, "accounts/password.html", form=ChangePasswordForm.blank())


@post("/account/password", status_code=200)
async def change_password(request: Req, actor: NamedDependency[Actor]) -> Page:
    """Change the password."""
    form = await ChangePasswordForm.bind(request)
    if form.data:
        with form.catching():
            token = await operations.change_password(
                actor, present=form.data.present, password=form.data.password
            )
            page = redirect(
                request,
                "/account",
                notice="Your password is changed. Other browsers are signed out.",
            )
            page.set_cookie(session_cookie(token))
            return page
    return render(request, "accounts/password.html", status=422, form=form)


HANDLERS: list[Any] = [
    *leaving.HANDLERS,
    *address.HANDLERS,
    account,
    ask_confirmation,
    profile_page,
    change_profile,
    sessions_page,
    revoke_session,
    sign_out_everywhere,
    password_page,
    change_password,
]
