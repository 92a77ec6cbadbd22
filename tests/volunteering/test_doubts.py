"""Places of young people after a later change: listed, told, decided; never taken silently."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from tests.factories import (
    APerson,
    a_booking,
    a_person,
    a_role,
    a_shift,
    acting,
    an_opportunity,
    an_organisation,
)
from tests.factories_minors import a_consent, a_named_adult, a_young_person

from marketplace import clock, db
from marketplace.accounts.ages import ADULT, birthday
from marketplace.errors import Conflict, NotFound
from marketplace.permissions import Actor, OrgRole
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.bookings import steps as booking_steps
from marketplace.volunteering.guardians import birth_dates, doubts, operations
from marketplace.volunteering.guardians.doubts import Doubt
from marketplace.volunteering.guardians.rules import Code
from marketplace.volunteering.roles import operations as roles
from marketplace.volunteering.roles.operations import Details
from marketplace.volunteering.shifts import operations as shifts
from marketplace.volunteering.shifts import queries as shift_queries
from marketplace.volunteering.shifts.operations import Plan

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


@dataclass
class Scene:
    """Somebody of 16 with a place in a role for 14 and over; their guardian agreed to it."""

    organisation: UUID
    owner: Actor
    role: UUID
    shift: UUID
    yara: APerson
    gita: APerson
    consent: UUID

    async def asks(self, years: int) -> int:
        return await roles.change(
            self.owner, self.role, Details(title="Tea maker", minimum_age=years)
        )

    async def moves(self, day: date) -> int:
        shift, _ = await shift_queries.to_manage(self.owner, self.shift)
        start, end = shift.local_start.time(), shift.local_end.time()
        overnight = shift.local_end.date() > shift.local_start.date()
        plan = Plan(day=day, start=start, end=end, places=4, ends_next_day=overnight)
        return await shifts.change(self.owner, self.shift, plan)

    async def listed(self) -> list[Doubt]:
        return await doubts.look(self.owner, self.organisation)

    async def state(self) -> str:
        return await db.fetch_value("SELECT state FROM booking WHERE person_id = {}", self.yara.id)

    async def told(self) -> int:
        return await db.fetch_value("SELECT count(*) FROM history WHERE event = 'place.doubted'")


@pytest.fixture
async def scene(db: Any) -> Scene:
    ada, gita = await a_person(), await a_person(name="Gita", email="gita@example.org")
    organisation = await an_organisation(members={OrgRole.COORDINATOR: ada})
    opportunity = await an_opportunity(organisation.id)
    role = await a_role(opportunity, minimum_age=14)
    shift = await a_shift(opportunity, role_id=role, starts_at=clock.now() + 20 * DAY)
    await a_named_adult(role, organisation.id, ada.id)
    yara = await a_young_person(16)
    consent = await a_consent(yara, role, gita)
    await bookings.book(yara.actor, shift)
    owner = acting(organisation.owner, owner=organisation.id)
    return Scene(organisation.id, owner, role, shift, yara, gita, consent)


async def test_a_raised_age_lists_who_is_younger_and_tells_them_once(scene: Scene):
    assert await scene.asks(16) == 0 and await scene.listed() == []
    assert await scene.asks(17) == 1
    (found,) = await scene.listed()
    assert (found.name, found.may_keep) == ("Yara Young", True)
    # What is told to her is kept beside her booking too: nobody there reads how old she is.
    for words in (*found.words, found.reasons[0].sentence):
        assert "17" in words and "16" not in words
    assert await scene.state() == "confirmed"
    await roles.change(scene.owner, scene.role, Details(title="Tea", minimum_age=17))
    assert await scene.told() == 1
    assert await scene.asks(16) == 0 and await scene.listed() == []


async def test_a_list_marks_what_nobody_decided_also_once_the_shift_has_begun(scene: Scene):
    booking = await db.fetch_value("SELECT id FROM booking")
    assert await doubts.in_question(scene.shift) == set()
    await scene.asks(17)
    assert await doubts.in_question(scene.shift) == {booking}
    await db.execute("UPDATE shift SET starts_at = now() - interval '5 minutes'")
    assert await scene.listed() == [] and await doubts.in_question(scene.shift) == {booking}


async def test_a_release_tells_the_reason_and_leaves_nothing_to_decide(scene: Scene):
    await scene.asks(18)
    (found,) = await scene.listed()
    await doubts.release(scene.owner, found.id)
    row = await db.fetch_one("SELECT state, cancelled_by, reason FROM booking")
    assert row is not None and (row["state"], row["cancelled_by"]) == ("cancelled", "organisation")
    assert "people of 18 and over" in row["reason"]
    assert await scene.listed() == []
    with pytest.raises(Conflict, match="was decided"):
        await doubts.keep(scene.owner, found.id, "Too late.")


async def test_what_was_kept_stays_until_a_stricter_change(scene: Scene):
    await scene.asks(17)
    (found,) = await scene.listed()
    await doubts.keep(scene.owner, found.id, "She has done it for a year.")
    (kept,) = await scene.listed()
    assert (kept.reasons, kept.because) == ([], "She has done it for a year.")
    assert kept.kept_by
    # A later day is not stricter; more years are.
    day = clock.today()
    assert await scene.moves(day + 25 * DAY) == 0 and await scene.told() == 1
    assert await scene.asks(18) == 1 and await scene.told() == 2
    assert [each.kept_at for each in await scene.listed()] == [None]


async def test_a_place_that_was_kept_still_needs_the_guardian(scene: Scene):
    await scene.asks(17)
    await doubts.keep(scene.owner, (await scene.listed())[0].id, "She may.")
    assert await operations.withdraw(scene.gita.actor, scene.consent) == 1
    assert await scene.state() == "cancelled"


async def test_a_guardian_elsewhere_takes_no_place_that_waits_for_a_decision(scene: Scene):
    elsewhere = await a_shift(
        await an_opportunity(minimum_age=14), starts_at=clock.now() + 40 * DAY
    )
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", elsewhere)
    consent = await a_consent(scene.yara, role, scene.gita)
    await a_booking(elsewhere, scene.yara.id)
    await scene.asks(18)
    assert await operations.withdraw(scene.gita.actor, consent) == 1
    states = await db.fetch("SELECT shift_id, state FROM booking")
    assert {row["shift_id"]: row["state"] for row in states} == {
        scene.shift: "confirmed",
        elsewhere: "cancelled",
    }


async def test_a_day_after_the_consent_is_not_the_organisations_to_keep(scene: Scene):
    until = clock.today() + 30 * DAY
    await db.execute("UPDATE guardian_consent SET until = {}", until)
    assert await scene.moves(until - DAY) == 0
    assert await scene.moves(until) == 1
    (found,) = await scene.listed()
    assert [each.code for each in found.reasons] == [Code.CONSENT_ENDS]
    with pytest.raises(Conflict, match="not yours to decide"):
        await doubts.keep(scene.owner, found.id, "She may.")
    await db.execute("UPDATE guardian_consent SET until = {}", until + 90 * DAY)
    with pytest.raises(Conflict, match="Nothing stands in the way"):
        await doubts.release(scene.owner, found.id)
    assert await scene.listed() == []


async def test_a_day_before_a_birthday_is_judged_by_that_day(scene: Scene):
    """Somebody booked a day on which they are 18, with nobody's consent; it moves before it."""
    born_on = birthday(clock.today() + 15 * DAY, -ADULT)
    grown = await a_person()
    await db.execute("UPDATE person SET born_on = {} WHERE id = {}", born_on, grown.id)
    await bookings.book(grown.actor, scene.shift)
    assert await scene.moves(clock.today() + 14 * DAY) == 1
    (found,) = await scene.listed()
    assert (found.person_id, found.may_keep) == (grown.id, False)
    assert [each.code for each in found.reasons] == [Code.NO_CONSENT]
    assert await scene.moves(clock.today() + 15 * DAY) == 0 and await scene.listed() == []


async def test_a_corrected_birth_date_undoes_what_was_decided(scene: Scene):
    await scene.asks(17)
    await doubts.keep(scene.owner, (await scene.listed())[0].id, "She may.")
    young = (await db.fetch_value("SELECT born_on FROM person WHERE id = {}", scene.yara.id)) + DAY
    await birth_dates.say(scene.yara.actor, young)
    assert await scene.state() == "cancelled"


async def test_only_those_who_run_the_shifts_know_and_only_once_is_it_given_back(scene: Scene):
    await scene.asks(17)
    (found,) = await scene.listed()
    other = await an_organisation()
    for actor in (scene.yara.actor, acting(other.owner, owner=other.id)):
        with pytest.raises(NotFound):
            await doubts.release(actor, found.id)
    results = await asyncio.gather(
        *(doubts.release(scene.owner, found.id) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, Doubt) for each in results) == 1
    assert all(isinstance(each, Doubt | Conflict) for each in results)
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", scene.shift) == 0


async def a_race(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[int, Any]:
    """Let somebody ask whether they may book, raise the age, and then let them book."""
    asked, raised = asyncio.Event(), asyncio.Event()
    why_not = booking_steps.eligibility.why_not

    async def slow(*args: Any, **named: Any) -> Any:
        found = await why_not(*args, **named)
        asked.set()
        await raised.wait()
        return found

    zoe = await a_young_person(16, name="Zoe")
    await a_consent(zoe, scene.role, scene.gita)
    monkeypatch.setattr(booking_steps.eligibility, "why_not", slow)
    booking = asyncio.create_task(bookings.book(zoe.actor, scene.shift))
    await asked.wait()
    listed = await scene.asks(18)
    raised.set()
    return listed, (await asyncio.gather(booking, return_exceptions=True))[0]


async def test_nobody_slips_in_while_the_age_is_raised(scene: Scene, monkeypatch: Any):
    listed, booking = await a_race(scene, monkeypatch)
    assert listed == 1 and isinstance(booking, Conflict) and "18 and over" in booking.message


async def test_somebody_slips_in_without_the_second_look(scene: Scene, monkeypatch: Any):
    """The control: without it a place exists that nobody is asked to decide about."""

    async def nothing(asking: object) -> list[object]:
        return []

    monkeypatch.setattr(booking_steps, "guardians", SimpleNamespace(reasons=nothing))
    listed, booking = await a_race(scene, monkeypatch)
    assert listed == 1 and isinstance(booking, UUID)
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", scene.shift) == 2
    assert len(await scene.listed()) == 1
