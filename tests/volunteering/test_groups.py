"""Groups: places kept, named, accepted, returned and lapsed; never more than there are."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.factories import (
    APerson,
    a_booking,
    a_person,
    a_shift,
    an_opportunity,
    an_organisation,
)
from tests.factories_minors import a_named_adult, a_young_person

from marketplace import clock, db, signing
from marketplace.errors import Conflict, NotAllowed, NotFound
from marketplace.offers.rules import EntryState
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.groups import operations, queries, rules
from marketplace.volunteering.groups.operations import Wanted
from marketplace.volunteering.groups.rules import LINK, Kind, SeatState
from marketplace.volunteering.hours import queries as hours
from marketplace.volunteering.hours.queries import Filter
from marketplace.volunteering.waitlist import operations as waitlist

pytestmark = pytest.mark.usefixtures("db")
ACME = Wanted("Acme Ltd", Kind.EMPLOYER, 3)
DAY = timedelta(days=1)


@dataclass
class Scene:
    """A shift of five places in a month, and a captain."""

    organisation: UUID
    opportunity: UUID
    shift: UUID
    cap: APerson

    async def group(self, seats: int = 3) -> UUID:
        return await operations.reserve(
            self.cap.actor, self.shift, Wanted("Acme Ltd", Kind.EMPLOYER, seats)
        )

    async def link(self, group: UUID, email: str = "sam@example.org") -> str:
        seat = await operations.name(self.cap.actor, group, "Sam", email)
        return signing.sign(LINK, seat)

    async def numbers(self) -> tuple[int, int, int]:
        row = await db.fetch_one(
            "SELECT taken, held, coalesce((SELECT sum(held) FROM volunteer_group), 0)::int AS kept"
            " FROM shift WHERE id = {}",
            self.shift,
        )
        assert row is not None
        return row["taken"], row["held"], row["kept"]

    async def starts(self, at: datetime) -> None:
        await db.execute(
            "UPDATE volunteer_group SET lapses_at = {}::timestamptz - interval '3 days'", at
        )
        await db.execute(
            "UPDATE shift SET starts_at = {}, ends_at = {} WHERE id = {}", at, at + DAY, self.shift
        )


@pytest.fixture
async def scene(db: Any) -> Scene:
    organisation = await an_organisation()
    opportunity = await an_opportunity(organisation.id)
    shift = await a_shift(opportunity, places=5, starts_at=clock.now() + 30 * DAY)
    return Scene(organisation.id, opportunity, shift, await a_person(name="Cap Captain"))


async def test_kept_named_accepted(scene: Scene):
    group = await scene.group()
    assert await scene.numbers() == (0, 3, 3)
    link = await scene.link(group)
    sam = await a_person(name="Sam")
    await operations.accept(sam.actor, link)
    assert await scene.numbers() == (1, 2, 2)
    (seen,) = await queries.on_shift(scene.shift)
    assert (seen.group.seats, seen.group.unnamed) == (3, 2)
    assert [(seat.name, seat.words) for seat in seen.seats] == [("Sam", "Has a place")]
    with pytest.raises(Conflict, match="answered already"):
        await operations.accept((await a_person()).actor, link)


async def test_no_more_than_is_free_and_not_before_who_waits(scene: Scene):
    with pytest.raises(Conflict) as few:
        await scene.group(6)
    assert few.value.field == "seats" and "5 places" in few.value.message
    await scene.group(5)
    waiting = await a_person()
    with pytest.raises(Conflict):
        await bookings.book(waiting.actor, scene.shift)
    entry = await waitlist.join(waiting.actor, scene.shift)
    with pytest.raises(Conflict, match="waiting"):
        await scene.group(1)
    (group,) = await queries.mine(scene.cap.actor)
    await operations.give_back(scene.cap.actor, group.id, 2)
    assert await db.fetch_value("SELECT state FROM offer_entry WHERE id = {}", entry) == "offered"
    # One place is offered now, three are the group's, one is free.
    assert await scene.numbers() == (0, 4, 3)


async def test_near_shifts_and_unconfirmed_captains_keep_nothing(scene: Scene):
    unconfirmed = await a_person(confirmed=False)
    with pytest.raises(NotAllowed):
        await operations.reserve(unconfirmed.actor, scene.shift, ACME)
    near = await a_shift(scene.opportunity, starts_at=clock.now() + 2 * DAY)
    with pytest.raises(Conflict) as conflict:
        await operations.reserve(scene.cap.actor, near, ACME)
    assert conflict.value.field == "days"


async def test_age_and_consent_are_asked_of_each(scene: Scene):
    await db.execute("UPDATE role SET minimum_age = 16")
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", scene.shift)
    adult = await a_person()
    await db.execute(
        "INSERT INTO membership (id, organisation_id, person_id, role)"
        " VALUES (gen_random_uuid(), {}, {}, 'member')",
        scene.organisation,
        adult.id,
    )
    await a_named_adult(role, scene.organisation, adult.id)
    link = await scene.link(await scene.group())
    with pytest.raises(Conflict, match="parent or guardian"):
        await operations.accept((await a_young_person(16)).actor, link, old_enough=True)
    with pytest.raises(Conflict, match="people of 16"):
        await operations.accept((await a_young_person(14)).actor, link, old_enough=True)
    with pytest.raises(Conflict) as word:
        await operations.accept((await a_person()).actor, link)
    assert word.value.field == "old_enough"
    assert await scene.numbers() == (0, 3, 3)


async def test_a_name_taken_back_frees_the_seat_for_another_name(scene: Scene):
    group = await scene.group(1)
    link = await scene.link(group)
    with pytest.raises(Conflict, match="has a name"):
        await operations.name(scene.cap.actor, group, "Ann", "ann@example.org")
    with pytest.raises(NotFound):
        await operations.give_back((await a_person()).actor, group, 1)
    seat, _ = await queries.of_link(link)
    await operations.take_back(scene.cap.actor, group, seat.id)
    with pytest.raises(signing.LinkExpired):
        await queries.of_link(link)
    await operations.decline(await scene.link(group, "ann@example.org"))
    assert await scene.numbers() == (0, 1, 1)
    assert (await queries.group(group)).unnamed == 1


async def test_places_without_a_name_lapse_once_and_wake_who_waits(scene: Scene):
    group = await scene.group(5)
    link = await scene.link(group)
    entry = await waitlist.join((await a_person()).actor, scene.shift)
    assert await operations.lapse() == 0
    await scene.starts(clock.now() + 2 * DAY)
    assert await operations.lapse() == 4
    assert await operations.lapse() == 0
    assert await db.fetch_value("SELECT state FROM offer_entry WHERE id = {}", entry) == "offered"
    assert await scene.numbers() == (0, 2, 1)
    # Whoever was named has until a day before.
    await scene.starts(clock.now() + timedelta(hours=23))
    assert await operations.lapse() == 1
    with pytest.raises(signing.LinkExpired):
        await operations.accept((await a_person()).actor, link)


async def test_the_captain_is_told_once_a_week_ahead(scene: Scene):
    async def told() -> int:
        await operations.lapse()
        return await db.fetch_value("SELECT count(*) FROM history WHERE event = 'group.lapsing'")

    await scene.group()
    assert await told() == 0
    await scene.starts(clock.now() + 9 * DAY)
    assert await told() == 1
    assert await told() == 1


async def test_a_shift_called_off_holds_nothing_and_lapses_quietly(scene: Scene):
    group = await scene.group()
    await db.execute("UPDATE shift SET state = 'cancelled', held = 0 WHERE id = {}", scene.shift)
    with pytest.raises(Conflict):
        await operations.give_back(scene.cap.actor, group, 1)
    assert await operations.lapse() == 0
    assert await scene.numbers() == (0, 0, 0)


async def test_captains_who_come_at_once_never_keep_more_than_there_is(scene: Scene):
    captains = [await a_person() for _ in range(8)]
    done = await asyncio.gather(
        *(
            operations.reserve(each.actor, scene.shift, Wanted("A", Kind.CLUB, 2))
            for each in captains
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, UUID) for one in done) == 2
    assert await scene.numbers() == (0, 4, 4)


async def test_looking_first_and_keeping_later_would_keep_too_many(scene: Scene):
    # The same race without the lock: what the operation guards against is real.
    everybody_looked = asyncio.Barrier(8)

    async def unguarded() -> None:
        free = await db.fetch_value(
            "SELECT places - taken - held FROM shift WHERE id = {}", scene.shift
        )
        await everybody_looked.wait()
        if free >= 2:
            await db.execute(
                "INSERT INTO volunteer_group (id, shift_id, organisation_id, captain_id, name,"
                " kind, held, lapses_at)"
                " SELECT gen_random_uuid(), {}, {}, {}, 'A', 'club', 2, now()",
                scene.shift,
                scene.organisation,
                scene.cap.id,
            )

    await asyncio.gather(*(unguarded() for _ in range(8)))
    _, _, kept = await scene.numbers()
    assert kept > 5


async def test_returning_and_accepting_at_once_loses_and_makes_no_place(scene: Scene):
    for _ in range(6):
        await db.execute("DELETE FROM group_seat")
        await db.execute("DELETE FROM volunteer_group")
        await db.execute("DELETE FROM booking")
        await db.execute("UPDATE shift SET taken = 0, held = 0 WHERE id = {}", scene.shift)
        group = await scene.group(2)
        link = await scene.link(group)
        seat, _ = await queries.of_link(link)
        sam = await a_person()
        await asyncio.gather(
            operations.accept(sam.actor, link),
            operations.take_back(scene.cap.actor, group, seat.id),
            operations.give_back(scene.cap.actor, group, 1),
            return_exceptions=True,
        )
        taken, held, kept = await scene.numbers()
        assert held == kept
        accepted = (await queries.seat(seat.id) or seat).state is SeatState.ACCEPTED
        assert (taken, held) == ((1, 0) if accepted else (0, 1))


async def offered(scene: Scene) -> tuple[UUID, APerson, UUID]:
    """Keep three places for a group, offer the last one to Zoe, and have somebody else wait."""
    group = await scene.group(3)
    goes, zoe, next_one = await a_person(), await a_person(name="Zoe"), await a_person()
    booking = await a_booking(scene.shift, goes.id)
    await a_booking(scene.shift)
    entry = await waitlist.join(zoe.actor, scene.shift)
    await waitlist.join(next_one.actor, scene.shift)
    await bookings.cancel(goes.actor, booking)
    return group, zoe, entry


async def count_of(state: str) -> int:
    return await db.fetch_value("SELECT count(*) FROM offer_entry WHERE state = {}", state)


async def test_a_captain_returns_places_while_somebody_accepts_an_offer(scene: Scene):
    group, zoe, entry = await offered(scene)
    ended = await asyncio.gather(
        waitlist.accept(zoe.actor, entry), operations.give_back(scene.cap.actor, group, 2)
    )
    assert ended[0].state is EntryState.ACCEPTED
    taken, held, kept = await scene.numbers()
    # Zoe has hers, one of the two is offered to who waits, and one is free.
    assert (taken, held, kept) == (2, 2, 1)
    assert await count_of("offered") == 1 and await count_of("waiting") == 0


async def test_returning_and_accepting_loses_a_place_without_the_guard(scene: Scene):
    """The control: each reads what is held, and writes what it makes of it."""
    group, _, entry = await offered(scene)
    both_have_read = asyncio.Barrier(2)

    async def unguarded(fewer: int, taken: int, then: str, id: UUID) -> None:
        async with db.transaction():
            held = await db.fetch_value("SELECT held FROM shift WHERE id = {}", scene.shift)
            await both_have_read.wait()
            await db.execute(
                "UPDATE shift SET held = {}::int, taken = taken + {}::int WHERE id = {}",
                held - fewer,
                taken,
                scene.shift,
            )
            await db.execute(then, id)

    accepting = "UPDATE offer_entry SET state = 'accepted', closed_at = now() WHERE id = {}"
    await asyncio.gather(
        unguarded(1, 1, accepting, entry),
        unguarded(2, 0, "UPDATE volunteer_group SET held = held - 2 WHERE id = {}", group),
    )
    _, held, kept = await scene.numbers()
    assert held != kept + await count_of("offered"), "nothing was lost, without any guard"


async def test_hours_of_an_employers_group_carry_its_name(scene: Scene):
    sam = await a_person()
    await operations.accept(sam.actor, await scene.link(await scene.group()))
    await a_booking(scene.shift)
    await db.execute(
        "INSERT INTO hours (id, booking_id, person_id, organisation_id, minutes, state,"
        " confirmed_at) SELECT gen_random_uuid(), id, person_id, organisation_id, 60,"
        " 'confirmed', now() FROM booking"
    )
    given = await hours.of_organisation(scene.organisation, Filter())
    assert sorted(row.employer for row in given.rows) == ["", "Acme Ltd"]
    assert [(total.label, total.minutes) for total in given.employers] == [("Acme Ltd", 60)]
    assert (given.count, given.minutes) == (2, 120)


def test_when_places_lapse():
    starts = datetime(2027, 6, 10, 10, tzinfo=clock.now().tzinfo)
    lapses = rules.lapses_at(starts, 3)
    assert rules.lapsing(5, 2, lapses, starts, lapses - timedelta(seconds=1)) == (0, False)
    assert rules.lapsing(5, 2, lapses, starts, lapses) == (3, False)
    assert rules.lapsing(2, 2, lapses, starts, starts - rules.ANSWER_UNTIL) == (2, True)
