"""A small town in which every page has something to show: none, one, many, long, full, past."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.factories import (
    APerson,
    a_booking,
    a_person,
    a_shift,
    acting,
    an_opportunity,
    an_organisation,
)

from marketplace import clock, db, paths
from marketplace.organisations import register
from marketplace.organisations.moderation import operations as moderation
from marketplace.organisations.people import operations as people
from marketplace.organisations.rules import Kind, State
from marketplace.permissions import Actor, OrgRole, PlatformRole
from marketplace.signing import sign
from marketplace.volunteering.attendance import operations as attendance
from marketplace.volunteering.hours import operations as hours
from marketplace.volunteering.rules import BookingState

LONG = (
    "The Friends, Neighbours and Supporters of the Blackwater and Chelmer Navigation Towpath,"
    " Wildflower Meadows and Community Orchard"
)
TYPED = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"


@dataclass
class Town:
    """What the pages of the tests are about, by what they are for."""

    volunteer: APerson
    newcomer: APerson
    owner: APerson
    coordinator: APerson
    trustee: APerson
    moderator: APerson
    administrator: APerson
    garden: UUID
    quiet: UUID
    ids: dict[str, UUID]
    tokens: dict[str, str]


async def a_town(folder: Any) -> Town:
    """Build it; the register's sample is in the mirror."""
    await register.import_charities(
        paths.data() / "register_sample.tsv", errors=folder / "errors.csv", allow_shrink=True
    )
    volunteer = await a_person(
        name="Vera Volunteer", postcode="CM1", causes=("environment",), skills=()
    )
    newcomer = await a_person(name="Nell Newcomer", confirmed=False)
    coordinator = await a_person(name="Cora Coordinator")
    trustee = await a_person(name="Tariq Trustee")
    moderator = await a_person(name="Mo Moderator", platform=(PlatformRole.MODERATOR,))
    administrator = await a_person(name="Ada Admin", platform=(PlatformRole.ADMINISTRATOR,))
    garden = await an_organisation(
        name="Chelmer Gardeners",
        members={OrgRole.COORDINATOR: coordinator, OrgRole.TRUSTEE: trustee},
        description="We meet twice a week.\n\nEverybody is welcome.",
        website="https://www.example.org/a/long/address/of/a/page/that/does/not/end",
    )
    owner = garden.owner
    long = await an_organisation(name=LONG, owner=owner, summary=f"{TYPED}. {'Words. ' * 30}")
    quiet = await an_organisation(name="Quiet Quilters", owner=owner)
    ids: dict[str, UUID] = {"long": long.id}
    tokens: dict[str, str] = {}
    await _opportunities(ids, garden.id, long.id, volunteer)
    await _registrations(ids, owner, moderator)
    await _invitations(tokens, acting(owner, owner=garden.id), garden.id, volunteer, newcomer)
    ids["attended"] = await _past_shifts(ids, acting(coordinator, coordinator=garden.id), volunteer)
    return Town(
        volunteer,
        newcomer,
        owner,
        coordinator,
        trustee,
        moderator,
        administrator,
        garden.id,
        quiet.id,
        ids,
        tokens,
    )


async def _opportunities(ids: dict[str, UUID], garden: UUID, long: UUID, her: APerson) -> None:
    week = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=7)
    ids["open"] = await an_opportunity(
        garden,
        title="Gardening at Oaklands Park",
        causes=["environment", "community"],
        description="Weed, plant and water.\n\nTools are there.",
        getting_there="Bus 42 stops at the gate. Step-free.",
        expenses="Bus fares paid on the day",
        contact_how="01245 000000",
        minimum_age=16,
    )
    for number in range(9):
        day = week + timedelta(days=number)
        ids[f"shift{number}"] = await a_shift(ids["open"], starts_at=day, places=3)
    ids["mine"] = await a_booking(ids["shift0"], her.id)
    for number in range(3):
        somebody = await a_person(name=f"{'Bartholomew-' * number}Ben Booked")
        await a_booking(ids["shift1"], somebody.id)
    ids["cancelled_shift"] = await a_shift(ids["open"], starts_at=week + timedelta(days=1, hours=4))
    await db.execute("UPDATE shift SET state = 'cancelled' WHERE id = {}", ids["cancelled_shift"])
    ids["full"] = await an_opportunity(garden, title="Litter picking, which is full")
    ids["full_shift"] = await a_shift(ids["full"], places=1, starts_at=week)
    await a_booking(ids["full_shift"], (await a_person(name="Fay First")).id)
    ids["cancelled"] = await an_opportunity(garden, title="Bonfire night", state="cancelled")
    ids["closed"] = await an_opportunity(garden, title="Pond clearing", state="closed")
    ids["bare"] = await an_opportunity(garden, title="A draft", summary="", state="draft")
    ids["ready"] = await an_opportunity(garden, title="Ready to go", state="draft")
    await a_shift(ids["ready"])
    ids["flexible"] = await an_opportunity(
        garden,
        title="Befriending on the phone",
        timing="flexible",
        remote=True,
        place_name="",
        town="",
        postcode="",
        point=None,
        availability="An hour a week, when it suits you",
        contact_how="hello@example.org",
    )
    ids["long_one"] = await an_opportunity(
        long, title=LONG[:110], summary=f"{TYPED}, {'many words ' * 20}", place_name=TYPED
    )
    ids["long_shift"] = await a_shift(ids["long_one"], note=f"{TYPED} {TYPED}", places=1200)
    for number in range(24):
        await a_shift(
            await an_opportunity(garden, title=f"Community kitchen {number + 1}"),
            starts_at=week + timedelta(days=number),
        )


async def _past_shifts(ids: dict[str, UUID], coordinator: Actor, her: APerson) -> UUID:
    """One shift to be marked, one of which all is confirmed."""
    past = clock.now() - timedelta(days=3)
    ids["unmarked"] = await a_shift(ids["open"], starts_at=past, places=4)
    await a_booking(ids["unmarked"], her.id)
    for name in ("Ann Came", "Bob Missed", "Wilhelmina Featherstonehaugh-Cholmondeley"):
        ids[name] = await a_booking(ids["unmarked"], (await a_person(name=name)).id)
    done = await a_shift(ids["open"], starts_at=past - timedelta(days=7), places=2)
    booking = await a_booking(done, her.id)
    mark = BookingState
    await attendance.mark(coordinator, done, mark.ATTENDED, booking_id=booking)
    await hours.confirm(coordinator, booking, 150)
    marked = ids["unmarked"]
    await attendance.mark(coordinator, marked, mark.ATTENDED, booking_id=ids["Ann Came"])
    await attendance.mark(coordinator, marked, mark.NO_SHOW, booking_id=ids["Bob Missed"])
    ids["done"] = done
    return ids["Ann Came"]


async def _registrations(ids: dict[str, UUID], owner: APerson, moderator: APerson) -> None:
    for state in (State.DRAFT, State.SUBMITTED, State.NEEDS_WORK, State.REFUSED, State.SUSPENDED):
        made = await an_organisation(
            name=f"Witham Wheelers, {state.value}",
            owner=owner,
            state=state,
            moderator_note="Please say who runs it.\nAnd give a postcode.",
        )
        ids[state.value] = made.id
    ids["charity"] = (
        await an_organisation(
            name="St Botolph's Food Bank of Witham",
            kind=Kind.CHARITY,
            charity_number="9900023",
            state=State.SUBMITTED,
            owner=owner,
        )
    ).id
    ids["empty_draft"] = (
        await an_organisation(
            name="Just begun",
            state=State.DRAFT,
            owner=owner,
            summary="",
            causes=(),
            town="",
            postcode="",
            contact_email="",
        )
    ).id
    assert moderation  # the queue shows them as they are


async def _invitations(
    tokens: dict[str, str], inviting: Actor, garden: UUID, her: APerson, newcomer: APerson
) -> None:
    for name, email, role in (
        ("stranger", "somebody.with.a.long.address@a-long-domain.example.org", OrgRole.MEMBER),
        ("volunteer", her.email, OrgRole.COORDINATOR),
        ("newcomer", newcomer.email, OrgRole.MEMBER),
        ("withdrawn", "gone@example.org", OrgRole.FINANCE),
    ):
        id = await people.invite(inviting, garden, email=email, role=role)
        tokens[name] = f"/invitations/{sign('invitation', id, 1)}"
        if name == "withdrawn":
            await people.withdraw(inviting, garden, id)
