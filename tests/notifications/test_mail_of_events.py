"""Each event that somebody should hear of: its mail arrives through a real worker and server."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from tests.factories import a_booking, a_person, a_shift, an_opportunity
from tests.mail.sink import Sink, eventually, html_of, text_of

from marketplace import audit, clock, db, sealing
from marketplace.accounts.address.queries import SEALED as ADDRESS
from marketplace.accounts.address.tables import AddressChange
from marketplace.accounts.leaving.rules import SEALED
from marketplace.accounts.leaving.rules import Event as Leaving
from marketplace.accounts.rules import CONFIRM_WITHIN, RESET_WITHIN
from marketplace.accounts.rules import Event as Account
from marketplace.ids import new_id
from marketplace.notifications import REACTIONS, accounts, organisations, volunteering
from marketplace.organisations.rules import INVITATION_LASTS
from marketplace.organisations.rules import Event as Organisation
from marketplace.organisations.tables import Invitation, Membership
from marketplace.permissions import SYSTEM, Actor, PlatformRole
from marketplace.signing import unsign
from marketplace.volunteering.rules import Event as Volunteering
from marketplace.volunteering.tables import Booking, Hours
from marketplace.worker import Pace, run
from marketplace.worker.registry import Registry, gather


@dataclass
class Town:
    """People round one booking: `vera` volunteers, `cora` coordinates, `olga` owns."""

    vera: UUID
    cora: UUID
    olga: UUID
    moses: UUID
    organisation: UUID
    opportunity: UUID
    shift: UUID
    booking: UUID


@pytest_asyncio.fixture
async def town(db: Any, sink: Sink) -> Town:
    vera = (await a_person(name="Vera <b>", email="vera@example.org")).id
    cora = (await a_person(name="Cora", email="cora@example.org")).id
    olga = (await a_person(name="Olga", email="olga@example.org")).id
    moses = (
        await a_person(name="Moses", email="moses@example.org", platform=(PlatformRole.MODERATOR,))
    ).id
    opportunity = await an_opportunity(
        getting_there="Bus 42 stops outside.", contact_how="01245 000000"
    )
    organisation = await db.fetch_value(
        "SELECT organisation_id FROM opportunity WHERE id = {}", opportunity
    )
    for person, role in ((cora, "coordinator"), (olga, "owner")):
        await Membership(
            organisation_id=organisation, person_id=person, role=role, since=clock.now()
        ).save()
    shift = await a_shift(opportunity, places=9, note="Bring boots.")
    booking = await a_booking(shift, vera)
    return Town(vera, cora, olga, moses, organisation, opportunity, shift, booking)


@contextlib.asynccontextmanager
async def working(registry: Registry | None = None) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(
        run(stop, registry=registry, pace=Pace(first_delay=0.02, longest_delay=0.1))
    )
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)


async def happen(
    event: StrEnum, kind: str, subject: UUID, by: UUID | None = None, **data: Any
) -> UUID:
    async with db.transaction():
        return await audit.record(
            event, kind, subject, by=Actor(person_id=by) if by else SYSTEM, data=data
        )


async def quiet() -> None:
    """Work until nothing is left to do; fail where a job is held."""

    async def nothing() -> bool:
        rows = await db.fetch("SELECT status::text, entrypoint FROM pgqueuer")
        assert not [row for row in rows if row["status"] == "failed"]
        return not rows

    async with working():
        await eventually(nothing)


async def set_state(table: str, id: UUID, **columns: Any) -> None:
    for name, value in columns.items():
        await db.execute(f"UPDATE {table} SET {name} = {{}} WHERE id = {{}}", value, id)


async def _invitation(town: Town, **columns: Any) -> UUID:
    row = Invitation(
        organisation_id=town.organisation,
        email="ines@example.org",
        role="coordinator",
        state=columns.get("state", "open"),
        version=columns.get("version", 1),
        invited_by=town.olga,
        created_at=clock.now(),
        expires_at=clock.now() + columns.get("lasts", INVITATION_LASTS),
    )
    await row.save()
    return row.id


Cause = Callable[[Town], Awaitable[Any]]


async def signed_up(town: Town) -> None:
    await set_state("person", town.vera, email_confirmed_at=None)
    await happen(Account.SIGNED_UP, "person", town.vera)


async def confirmation_asked(town: Town) -> None:
    await set_state("person", town.vera, email_confirmed_at=None)
    await happen(Account.CONFIRMATION_ASKED, "person", town.vera)


async def left(town: Town) -> None:
    letter = {"name": "Vera b", "email": "vera@example.org"}
    await db.execute(
        "INSERT INTO farewell (id, sealed) VALUES ({}, {})",
        town.vera,
        sealing.seal(SEALED, json.dumps(letter)),
    )
    await db.execute(
        "UPDATE person SET email = NULL, email_typed = NULL, anonymised_at = now() WHERE id = {}",
        town.vera,
    )
    await happen(Leaving.LEFT, "person", town.vera, by=town.vera)


def change_asked(email: str) -> Cause:
    async def ask(town: Town) -> None:
        change = AddressChange(person_id=town.vera, email=email, email_typed=email)
        await change.save()
        await happen(Account.EMAIL_CHANGE_ASKED, "person", town.vera, change=str(change.id))

    return ask


async def email_changed(town: Town) -> None:
    old = sealing.seal(ADDRESS, json.dumps({"name": "Vera b", "email": "old@example.org"}))
    change = AddressChange(
        person_id=town.vera, email="", email_typed="", old=old, changed_at=clock.now()
    )
    await change.save()
    await happen(Account.EMAIL_CHANGED, "person", town.vera, change=str(change.id))


def account(event: Account) -> Cause:
    return lambda town: happen(event, "person", town.vera)


def organisation(event: Organisation, state: str) -> Cause:
    async def cause(town: Town) -> None:
        await set_state(
            "organisation", town.organisation, state=state, moderator_note="Say what you do."
        )
        await happen(event, "organisation", town.organisation)

    return cause


async def invited(town: Town) -> None:
    await happen(Organisation.INVITATION_MADE, "invitation", await _invitation(town), version=1)


async def accepted(town: Town) -> None:
    id = await _invitation(town, state="accepted")
    await happen(Organisation.INVITATION_ACCEPTED, "invitation", id, by=town.vera)


async def booked(town: Town) -> None:
    await happen(
        Volunteering.BOOKING_MADE,
        "booking",
        town.booking,
        by=town.vera,
        shift=str(town.shift),
        person=str(town.vera),
    )


def cancelled(by: str, *, reason: str = "", shift: str = "planned") -> Cause:
    async def cause(town: Town) -> None:
        gone = {"cancelled_by": by, "cancelled_at": clock.now(), "reason": reason}
        await Booking.update({"state": "cancelled", **gone}).where(Booking.id == town.booking)
        await db.execute("UPDATE shift SET state = {} WHERE id = {}", shift, town.shift)
        await happen(
            Volunteering.BOOKING_CANCELLED,
            "booking",
            town.booking,
            shift=str(town.shift),
            person=str(town.vera),
            by=None,
            cancelled=by,
        )

    return cause


async def moved(town: Town) -> None:
    await happen(Volunteering.SHIFT_CHANGED, "shift", town.shift, moved=True)


async def hours(town: Town) -> None:
    await Booking.update({"state": "attended"}).where(Booking.id == town.booking)
    await Hours(
        booking_id=town.booking,
        person_id=town.vera,
        organisation_id=town.organisation,
        minutes=150,
        state="confirmed",
        confirmed_by=town.cora,
        confirmed_at=clock.now(),
    ).save()
    await happen(Volunteering.HOURS_CONFIRMED, "booking", town.booking, minutes=150)


# What happens; then, by address, a part of the subject and what the text must hold.
EXPECTED: dict[str, tuple[Cause, dict[str, tuple[str, list[str]]]]] = {
    "account.signed_up": (
        signed_up,
        {"vera": ("Confirm your e-mail address", ["https://marketplace.test/confirm-email/"])},
    ),
    "account.confirmation_asked": (
        confirmation_asked,
        {"vera": ("Confirm your e-mail address", ["https://marketplace.test/confirm-email/"])},
    ),
    "account.email_change_asked": (
        change_asked("new@example.org"),
        {"new": ("Use this e-mail address", ["https://marketplace.test/account/email/"])},
    ),
    "account.email_change_asked for an address with an account": (
        change_asked("cora@example.org"),
        {"cora": ("This address has an account already", ["/account/leaving"])},
    ),
    "account.email_changed": (
        email_changed,
        {"old": ("Your account has another address", ["Hello Vera b", "We write to this one"])},
    ),
    "person.left": (
        left,
        {"vera": ("Your account is deleted", ["Hello Vera b", "the last message"])},
    ),
    "account.existing_address_used": (
        account(Account.EXISTING_ADDRESS_USED),
        {"vera": ("You have an account already", ["https://marketplace.test/sign-in"])},
    ),
    "account.password_reset_asked": (
        account(Account.PASSWORD_RESET_ASKED),
        {"vera": ("Choose a new password", ["https://marketplace.test/password-reset/"])},
    ),
    "account.password_changed": (
        account(Account.PASSWORD_CHANGED),
        {"vera": ("Your password was changed", ["https://marketplace.test/password-reset"])},
    ),
    "organisation.submitted": (
        organisation(Organisation.SUBMITTED, "submitted"),
        {"moses": ("Chelmer Gardeners waits for approval", ["/moderation/organisations/"])},
    ),
    "organisation.approved": (
        organisation(Organisation.APPROVED, "approved"),
        {"olga": ("Chelmer Gardeners is approved", ["/manage/"])},
    ),
    "organisation.returned": (
        organisation(Organisation.RETURNED, "needs_work"),
        {"olga": ("Please add to", ["> Say what you do.", "/details"])},
    ),
    "organisation.refused": (
        organisation(Organisation.REFUSED, "refused"),
        {"olga": ("The registration of Chelmer Gardeners", ["> Say what you do."])},
    ),
    "organisation.suspended": (
        organisation(Organisation.SUSPENDED, "suspended"),
        {"olga": ("is suspended", ["> Say what you do."])},
    ),
    "organisation.reinstated": (
        organisation(Organisation.REINSTATED, "approved"),
        {"olga": ("is back", ["/organisations/"])},
    ),
    "invitation.made": (
        invited,
        {"ines": ("Join Chelmer Gardeners", ["Olga invites you", "/invitations/"])},
    ),
    "invitation.accepted": (
        accepted,
        {"olga": ("Vera <b> joined Chelmer Gardeners", ["as coordinator", "/people"])},
    ),
    "booking.made": (
        booked,
        {
            "vera": (
                "You are booked: Garden helper",
                [
                    "Oaklands Park, Chelmsford, CM2 9AQ",
                    "Bus 42 stops outside.",
                    "Priya Shah",
                    "01245 000000",
                    "Bring boots.",
                    "/bookings/cancel/",
                ],
            ),
            "cora": ("Vera <b> will come", ["/manage/shifts/"]),
        },
    ),
    "booking.cancelled by the volunteer": (
        cancelled("volunteer"),
        {
            "vera": ("You cancelled: Garden helper", ["/opportunities/"]),
            "cora": ("Vera <b> cannot come", ["/manage/shifts/"]),
        },
    ),
    "booking.cancelled by the organisation": (
        cancelled("organisation", shift="cancelled"),
        {"vera": ("Called off: Garden helper", ["We are sorry", "/opportunities"])},
    ),
    "booking.cancelled for one person": (
        cancelled("organisation", reason="Too few gloves."),
        {
            "vera": (
                "You have no place any more: Garden helper",
                ["Chelmer Gardeners took you off", "Too few gloves.", "/opportunities/"],
            )
        },
    ),
    "booking.cancelled by the system": (
        cancelled("system", reason="Your check has expired."),
        {
            "vera": ("You have no place any more", ["could not be kept", "has expired."]),
            "cora": ("Vera <b> cannot come", ["/manage/shifts/"]),
        },
    ),
    "shift.changed": (
        moved,
        {"vera": ("New time: Garden helper", ["/bookings/cancel/"])},
    ),
    "hours.confirmed": (
        hours,
        {"vera": ("Thank you for 2 hours 30 minutes", ["/my/volunteering"])},
    ),
}


def test_every_reaction_is_expected_here() -> None:
    expected = {name.split()[0] for name in EXPECTED}
    # Those of things and of grants are expected in their own modules.
    told = [*accounts.REACTIONS, *organisations.REACTIONS, *volunteering.REACTIONS]
    assert {reaction.event.value for reaction in told} == expected


@pytest.mark.parametrize("name", EXPECTED)
async def test_its_mail_arrives(name: str, town: Town, sink: Sink) -> None:
    cause, wanted = EXPECTED[name]
    await cause(town)
    await quiet()
    got = {str(m["To"].addresses[0].username): m for m in sink.messages.values()}
    assert got.keys() == wanted.keys()
    for person, (subject, parts) in wanted.items():
        message = got[person]
        assert subject in message["Subject"]
        text, html = text_of(message), html_of(message)
        for part in parts:
            assert part in text
            if part.startswith(("http", "/")):
                assert part in html
        assert "{{" not in text + html and "None" not in text
        assert "&lt;" not in text and "<b>" not in html
        assert not re.search(r"\n\n\n", text)


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_reaction_that_runs_again_sends_nothing_more(
    name: str, town: Town, sink: Sink
) -> None:
    cause, wanted = EXPECTED[name]
    await cause(town)
    await quiet()
    entry = await audit.entry(await db.fetch_value("SELECT id FROM history"))
    assert entry is not None
    for reaction in REACTIONS:
        if reaction.event.value == entry.event:
            await reaction.run(entry)
    assert sum(sink.copies.values()) == len(wanted)


@pytest.mark.parametrize("name", EXPECTED)
async def test_nothing_is_sent_about_what_has_gone(name: str, sink: Sink, db: Any) -> None:
    event = name.split()[0]
    async with db.transaction():
        id = await audit.record(
            next(r.event for r in REACTIONS if r.event.value == event),
            "gone",
            new_id(),
            by=Actor(person_id=new_id()),
        )
    entry = await audit.entry(id)
    assert entry is not None
    for reaction in REACTIONS:
        if reaction.event.value == event:
            await reaction.run(entry)
    assert sink.tries == 0


async def test_the_address_of_the_last_message_is_forgotten_with_it(town: Town, sink: Sink) -> None:
    await left(town)
    await quiet()
    assert len(sink.messages) == 1
    assert await db.fetch_value("SELECT count(*) FROM farewell") == 0


async def test_the_person_who_left_hears_nothing(town: Town, sink: Sink) -> None:
    await db.execute(
        "UPDATE person SET email = NULL, email_typed = NULL, anonymised_at = now() WHERE id = {}",
        town.vera,
    )
    await booked(town)
    await quiet()
    assert [str(m["To"]) for m in sink.messages.values()] == ["Cora <cora@example.org>"]
    assert "Somebody who left will come" in next(iter(sink.messages.values()))["Subject"]


async def test_a_booking_cancelled_before_the_worker_came_is_not_confirmed(
    town: Town, sink: Sink
) -> None:
    await booked(town)
    await cancelled("volunteer")(town)
    await quiet()
    subjects = sorted(m["Subject"].strip().split(":")[0] for m in sink.messages.values())
    assert subjects == ["Vera <b> cannot come", "You cancelled"]


async def test_the_links_open_what_they_promise(town: Town, sink: Sink) -> None:
    await booked(town)
    await signed_up(town)
    await account(Account.PASSWORD_RESET_ASKED)(town)
    await invited(town)
    await quiet()
    tokens: dict[str, str] = {}
    for message in sink.messages.values():
        for path, token in re.findall(
            r"marketplace\.test/(confirm-email|password-reset|invitations|bookings/cancel)"
            r"/(\S+)",
            text_of(message),
        ):
            tokens[path] = token
    assert unsign("confirm-email", tokens["confirm-email"], within=CONFIRM_WITHIN).version == "1"
    assert unsign("password-reset", tokens["password-reset"], within=RESET_WITHIN).id == town.vera
    assert unsign("invitation", tokens["invitations"], within=INVITATION_LASTS).version == "1"
    kept = unsign("cancel-booking", tokens["bookings/cancel"], within=timedelta(days=300))
    assert kept.id == town.booking


async def test_no_queue_and_no_history_holds_an_address_or_a_link(town: Town, sink: Sink) -> None:
    for name in ("account.signed_up", "invitation.made", "booking.made"):
        await EXPECTED[name][0](town)
    await quiet()
    for table in ("history", "pgqueuer", "pgqueuer_log", "delivery"):
        kept = await db.fetch_value(f"SELECT coalesce(json_agg(t), '[]')::text FROM {table} t")
        assert "example.org" not in kept and "Vera" not in kept and "Olga" not in kept


async def test_an_invitation_sent_anew_kills_the_earlier_message(town: Town, sink: Sink) -> None:
    id = await _invitation(town)
    await happen(Organisation.INVITATION_MADE, "invitation", id, version=1)
    await set_state("invitation", id, version=2)
    await happen(Organisation.INVITATION_MADE, "invitation", id, version=2)
    await quiet()
    assert len(sink.messages) == 1


async def test_one_bad_address_does_not_silence_the_others(town: Town, sink: Sink) -> None:
    for number in range(4):
        person = await a_person(name=f"P{number}", email=f"p{number}@example.org")
        await a_booking(town.shift, person.id)
    sink.refusals.append("451 4.3.0 not now")
    await moved(town)
    entry = await audit.entry(await db.fetch_value("SELECT id FROM history"))
    assert entry is not None
    [reaction] = [r for r in volunteering.REACTIONS if r.event is Volunteering.SHIFT_CHANGED]
    from marketplace.mail import Temporary

    with pytest.raises(Temporary):
        await reaction.run(entry)
    assert len(sink.messages) == 4
    await reaction.run(entry)
    assert len(sink.messages) == 5
    assert sum(sink.copies.values()) == 5


async def test_owners_hear_of_bookings_where_nobody_coordinates(town: Town, sink: Sink) -> None:
    await db.execute("DELETE FROM membership WHERE person_id = {}", town.cora)
    await booked(town)
    await quiet()
    assert len(sink.to("olga@example.org")) == 1


def test_all_that_is_declared_can_be_gathered() -> None:
    found = gather()
    assert len(found.reactions) >= len(REACTIONS)
    assert any("next shift" in name for name in found.schedules)
