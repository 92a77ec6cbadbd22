"""Verbs of a registration: register, edit, send, close."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from asyncpg import Point

from marketplace import audit, clock, db, listing_index, places, rate_limits
from marketplace.db import Once
from marketplace.errors import Conflict, NotAllowed
from marketplace.ids import new_id
from marketplace.organisations import listing, queries, register, rules, tables
from marketplace.organisations.queries import Organisation
from marketplace.organisations.rules import (
    ORGANISATION_MOVES,
    Details,
    Event,
    Kind,
    State,
)
from marketplace.permissions import Actor, OrgRole, Permission


async def register_organisation(
    actor: Actor,
    details: Details,
    *,
    kind: Kind,
    charity_number: str | None = None,
    company_number: str | None = None,
    send: bool = True,
    once: Once | None = None,
) -> UUID:
    """Register an organisation with the actor as its owner; `send` asks for approval at once.

    Raises:
        SignInRequired: nobody is signed in.
        NotAllowed: their e-mail address is not confirmed.
        Conflict: the number is registered already or was removed from the register, or
            something is missing that approval needs; names the field.
    """
    person = actor.require_person()
    if not actor.email_confirmed:
        raise NotAllowed(
            "Confirm your e-mail address first: open the link in the message we sent you."
            " Then register your organisation."
        )
    await rate_limits.count(rate_limits.REGISTRATIONS, str(person))
    if send:
        _require_complete(details)
    if kind is Kind.CHARITY:
        charity_number = rules.charity_number(charity_number or "")
        if charity_number is None:
            raise Conflict("Enter the charity number, such as 1234567", field="number")
        await _require_on_register(charity_number)
    else:
        charity_number = None
    id = new_id()
    now = clock.now()
    placed, point = await _placed(details)
    with db.clashes({"organisation_charity_number": _taken()}):
        async with db.transaction(once):
            if once is not None:
                once.answer(f"/manage/{id}")
            await tables.Organisation(
                id=id,
                kind=kind.value,
                charity_number=charity_number,
                company_number=company_number,
                state=(State.SUBMITTED if send else State.DRAFT).value,
                point=point,
                created_by=person,
                created_at=now,
                submitted_at=now if send else None,
                **_columns(placed),
            ).save()
            await tables.Membership(
                organisation_id=id, person_id=person, role=OrgRole.OWNER.value, since=now
            ).save()
            await audit.record(Event.REGISTERED, "organisation", id, by=actor, organisation=id)
            if send:
                await audit.record(Event.SUBMITTED, "organisation", id, by=actor, organisation=id)
    return id


async def edit(
    actor: Actor, id: UUID, details: Details, *, once: Once | None = None
) -> Organisation:
    """Change what an organisation says of itself; public pages follow in the same transaction.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor may not edit it.
        Conflict: it has ended, or something would be missing that must stay; names the field.
    """
    async with db.transaction(once):
        before = await editable(actor, id, lock=True)
        if before.state in rules.COMPLETE:
            _require_complete(details)
        placed, point = await _placed(details)
        changed = [
            name
            for name in Details.__dataclass_fields__
            if getattr(before.details, name) != getattr(placed, name)
        ]
        if not changed:
            return before
        table = tables.Organisation
        await table.update({**_columns(placed), "point": point}, force=True).where(table.id == id)
        after = replace(before, **_columns(placed, tuple), point=point)
        if after.approved:
            await listing.publish(after)
        if "name" in changed:
            await listing_index.rename_organisation(id, after.name)
        await audit.record(
            Event.CHANGED,
            "organisation",
            id,
            by=actor,
            organisation=id,
            data={"fields": changed},
        )
    return after


async def submit(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Send a registration, or a mended one, to the moderators.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor may not send it.
        IllegalMove: it is neither a draft nor sent back.
        Conflict: something is missing.
    """
    async with db.transaction(once):
        organisation = await editable(actor, id, lock=True)
        state = ORGANISATION_MOVES.check(organisation.state, State.SUBMITTED)
        _require_complete(organisation.details)
        table = tables.Organisation
        await table.update({table.state: state.value, table.submitted_at: clock.now()}).where(
            table.id == id
        )
        await audit.record(Event.SUBMITTED, "organisation", id, by=actor, organisation=id)


async def close(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """End an organisation here for good; its pages and its charity number are given up.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor may not close it.
        IllegalMove: it has ended already.
        Conflict: it still offers something to the public.
    """
    async with db.transaction(once):
        organisation = await queries.workspace(actor, id, lock=True)
        actor.require(Permission.EDIT_ORGANISATION, id)
        state = ORGANISATION_MOVES.check(organisation.state, State.CLOSED)
        # People are booked on them: they are told one by one when an opportunity is cancelled.
        # So are those who reserved a thing or are writing an application.
        open_still = await queries.counts(id)
        if open_still.opportunities:
            raise Conflict(
                "Close or cancel your open opportunities first, so that the people who booked"
                " are told."
            )
        if open_still.things:
            raise Conflict(
                "Take your things out of the list first, and end what is reserved at the desk,"
                " so that the people who borrow are told."
            )
        if open_still.funds:
            raise Conflict("Close your open funds first, so that whoever applies is told.")
        table = tables.Organisation
        await table.update({table.state: state.value}).where(table.id == id)
        await listing_index.withdraw_organisation(id)
        await audit.record(Event.CLOSED, "organisation", id, by=actor, organisation=id)


def _taken() -> Conflict:
    return Conflict(
        "A charity with this number is registered here already. Ask its owner to invite you.",
        field="",
    )


async def editable(actor: Actor, id: UUID, *, lock: bool = False) -> Organisation:
    """Give an organisation that the actor may change now.

    Raises:
        NotFound: no such organisation is visible to the actor.
        NotAllowed: the actor may not edit it.
        Conflict: it has ended.
    """
    organisation = await queries.workspace(actor, id, lock=lock)
    actor.require(Permission.EDIT_ORGANISATION, id)
    if organisation.state in rules.ENDED:
        raise Conflict(
            f"This registration was {organisation.state.value} and cannot be changed any more."
        )
    return organisation


async def _require_on_register(number: str) -> None:
    """Refuse a charity that the register has removed; one we cannot look up is for a moderator."""
    if not number.replace("-", "").isdecimal():
        return
    entry = await register.find_charity(number)
    if entry is not None and not entry.registered:
        raise Conflict(
            "The register says that this charity was removed from it. If you go on as a group"
            " without a charity number, register it as such.",
            field="",
        )


def _require_complete(details: Details) -> None:
    for field in rules.missing(details):
        raise Conflict(rules.NEEDED[field][1], field=field)


async def _placed(details: Details) -> tuple[Details, Point | None]:
    """Give the point of the postcode, and its post town where none was typed."""
    located = await places.locate(details.postcode) if details.postcode else None
    if located is None:
        return details, None
    if not details.town and located.outward and (code := places.outward_code(located.outward)):
        details = replace(details, town=code.town.split(",")[0].strip())
    return details, Point(*located.point)


def _columns(details: Details, sequence: type = list) -> dict[str, Any]:
    values = {name: getattr(details, name) for name in Details.__dataclass_fields__}
    return {**values, "causes": sequence(details.causes)}
