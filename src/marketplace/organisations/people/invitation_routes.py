"""The page behind the link in an invitation, for people with an account and without."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace.errors import NotFound
from marketplace.organisations import rules
from marketplace.organisations.people import operations, queries
from marketplace.organisations.rules import INVITATION_LASTS
from marketplace.permissions import Actor
from marketplace.signing import unsign
from marketplace.web.forms import Form
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, redirect, render

PURPOSE = "invitation"


@get("/invitations/{token:str}", name="invitations.show", opt=PUBLIC)
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], token: FromPath[str]
) -> Page:
    """Show who invites to what; the buttons on it answer."""
    id, version = _read(token)
    found = await queries.invitation_by_id(id)
    if found is None:
        raise NotFound("We cannot find that invitation. Ask for a new one.")
    address = f"/invitations/{token}"
    return render(
        request,
        "organisations/invitation.html",
        invitation=found,
        standing=await queries.standing(actor, found, version),
        role=rules.ROLE_LABELS[found.role],
        masked=rules.masked(found.email),
        address=address,
        onward=quote(address, safe="/"),
    )


@post("/invitations/{token:str}/acceptance", name="invitations.accept")
async def accept(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], token: FromPath[str]
) -> Page:
    """Join the organisation."""
    id, version = _read(token)
    form = await Form.bind(request)
    found = await operations.accept(actor, id, version, once=form.once(f"/invitations/{token}"))
    return redirect(
        request,
        f"/manage/{found.organisation_id}",
        notice=f"Welcome to {found.organisation_name}.",
    )


@post("/invitations/{token:str}/refusal", name="invitations.decline")
async def decline(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], token: FromPath[str]
) -> Page:
    """Say no."""
    id, version = _read(token)
    form = await Form.bind(request)
    await operations.decline(actor, id, version, once=form.once(f"/invitations/{token}"))
    return redirect(request, "/", notice="You have declined the invitation.")


def _read(token: str) -> tuple[UUID, int]:
    signed = unsign(PURPOSE, token, within=INVITATION_LASTS)
    return signed.id, int(signed.version) if signed.version.isdecimal() else 0


HANDLERS: list[Any] = [show, accept, decline]
