"""Under-18s and their guardians: who may have a place, and what takes it away."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.factories import (
    APerson,
    a_booking,
    a_person,
    a_role,
    a_shift,
    a_statement,
    acting,
    an_opportunity,
    an_organisation,
)
from tests.factories_minors import a_consent, a_named_adult, a_young_person, born

from marketplace import clock, db, signing
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.permissions import Actor, OrgRole, PlatformRole
from marketplace.volunteering.attendance import operations as attendance
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.eligibility import queries as eligibility
from marketplace.volunteering.guardians import adults, birth_dates, operations, queries
from marketplace.volunteering.guardians.rules import LINK, Code, ConsentState
from marketplace.volunteering.recognition import queries as recognition
from marketplace.volunteering.waitlist import operations as waitlist

pytestmark = pytest.mark.usefixtures("db")


@dataclass
class Scene:
    """A role for people of 14 and over with a named adult, and a young person of 16."""

    organisation: UUID
    owner: Actor
    ada: APerson
    role: UUID
    shift: UUID
    yara: APerson
    gita: APerson

    async def codes(self, shift: UUID | None = None) -> set[str]:
        return {each.code for each in await eligibility.why_not(self.yara.id, shift or self.shift)}

    async def states(self) -> list[str]:
        rows = await db.fetch("SELECT state FROM booking ORDER BY booked_at, id")
        return [row["state"] for row in rows]


@pytest.fixture
async def scene(db: Any) -> Scene:
    ada = await a_person(name="Ada Adult")
    organisation = await an_organisation(members={OrgRole.COORDINATOR: ada})
    opportunity = await an_opportunity(organisation.id, minimum_age=14)
    shift = await a_shift(opportunity)
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", shift)
    await a_named_adult(role, organisation.id, ada.id)
    return Scene(
        organisation.id,
        acting(organisation.owner, owner=organisation.id),
        ada,
        role,
        shift,
        await a_young_person(16),
        await a_person(name="Gita Guardian", email="gita@example.org"),
    )


async def token_of(consent: UUID) -> str:
    version = await db.fetch_value("SELECT version FROM guardian_consent WHERE id = {}", consent)
    return signing.sign(LINK, consent, version)


async def test_named_asked_agreed_booked(scene: Scene):
    assert await scene.codes() == {Code.NO_CONSENT}
    consent = await operations.name_guardian(
        scene.yara.actor, scene.role, "Gita Guardian", "Gita@example.org"
    )
    assert await scene.codes() == {Code.CONSENT_WAITS}
    with pytest.raises(NotAllowed):
        await operations.give(scene.yara.actor, await token_of(consent), all_roles=False, months=12)
    await operations.give(scene.gita.actor, await token_of(consent), all_roles=False, months=12)
    await bookings.book(scene.yara.actor, scene.shift)
    # The birth date decides: nothing is ticked, and no tick helps.
    assert await scene.states() == ["confirmed"]


async def test_a_role_without_a_named_adult_takes_nobody_under_18(scene: Scene):
    await a_consent(scene.yara, scene.role, scene.gita)
    await db.execute("DELETE FROM membership WHERE person_id = {}", scene.ada.id)
    assert await scene.codes() == {Code.NAMED_ADULT}
    with pytest.raises(Conflict, match="name an adult"):
        await bookings.book(scene.yara.actor, scene.shift, old_enough=True)
    with pytest.raises(Conflict):
        await operations.name_adult(scene.owner, scene.role, scene.yara.id)


async def test_withdrawn_mid_booking_gives_the_places_in_its_scope_back(scene: Scene):
    opportunity = await an_opportunity(scene.organisation, minimum_age=14)
    other = await a_shift(opportunity, starts_at=clock.now() + timedelta(days=20))
    other_role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", other)
    await a_named_adult(other_role, scene.organisation, scene.ada.id)
    consent = await a_consent(scene.yara, scene.role, scene.gita)
    await a_consent(scene.yara, other_role, await a_person())
    begun = await a_shift(
        await db.fetch_value("SELECT opportunity_id FROM shift WHERE id = {}", scene.shift),
        starts_at=clock.now() - timedelta(minutes=5),
        hours=1,
    )
    await a_booking(begun, scene.yara.id)
    lost = await bookings.book(scene.yara.actor, scene.shift)
    kept = await bookings.book(scene.yara.actor, other)
    with pytest.raises(NotFound):
        await operations.withdraw(scene.ada.actor, consent)
    assert await operations.withdraw(scene.gita.actor, consent) == 1
    rows = {
        row["id"]: (row["state"], row["cancelled_by"], row["reason"])
        for row in await db.fetch("SELECT id, state, cancelled_by, reason FROM booking")
    }
    assert rows[lost][:2] == ("cancelled", "system") and "took back" in rows[lost][2]
    assert rows[kept][0] == "confirmed"
    assert sorted(state for state, *_ in rows.values()) == ["cancelled", "confirmed", "confirmed"]
    assert await db.fetch_value("SELECT taken FROM shift WHERE id = {}", scene.shift) == 0
    assert await scene.codes() == {Code.OUT_OF_SCOPE}
    with pytest.raises(IllegalMove):
        await operations.withdraw(scene.gita.actor, consent)


async def test_a_place_given_back_goes_to_who_waits(scene: Scene):
    consent = await a_consent(scene.yara, scene.role, scene.gita)
    await db.execute("UPDATE shift SET places = 1 WHERE id = {}", scene.shift)
    await bookings.book(scene.yara.actor, scene.shift)
    entry = await waitlist.join((await a_person()).actor, scene.shift, old_enough=True)
    await operations.withdraw(scene.gita.actor, consent)
    assert await db.fetch_value("SELECT state FROM offer_entry WHERE id = {}", entry) == "offered"


async def test_booking_and_withdrawing_at_once_leaves_no_place_without_consent(scene: Scene):
    for _ in range(6):
        consent = await a_consent(scene.yara, scene.role, scene.gita)
        await asyncio.gather(
            bookings.book(scene.yara.actor, scene.shift),
            operations.withdraw(scene.gita.actor, consent),
            return_exceptions=True,
        )
        assert "confirmed" not in await scene.states()


async def test_a_birthday_edited_asks_again_and_gives_back_what_no_longer_fits(scene: Scene):
    consent = await a_consent(scene.yara, scene.role, scene.gita)
    old_link = await token_of(consent)
    await bookings.book(scene.yara.actor, scene.shift)
    assert await birth_dates.say(scene.yara.actor, born(15)) == 1
    assert await scene.states() == ["cancelled"]
    assert await scene.codes() == {Code.CONSENT_WAITS}
    with pytest.raises(signing.LinkExpired):
        await queries.of_link(old_link)
    await operations.give(scene.gita.actor, await token_of(consent), all_roles=False, months=12)
    assert await scene.codes() == set()
    history = await db.fetch("SELECT data::text AS data FROM history")
    assert not any(str(born(15)) in row["data"] for row in history)
    # Once by oneself; then by whoever moderates, who is never told to make it up to 18 oneself.
    with pytest.raises(Conflict, match="once already"):
        await birth_dates.say(scene.yara.actor, born(16))
    with pytest.raises(NotFound):
        await birth_dates.correct(scene.owner, scene.yara.email, born(13))
    moderator = await a_person(platform=(PlatformRole.MODERATOR,))
    await bookings.book(scene.yara.actor, scene.shift)
    assert await birth_dates.correct(moderator.actor, scene.yara.email, born(13)) == 1
    assert await scene.codes() == {Code.TOO_YOUNG}


async def test_nobody_makes_themselves_grown_up(scene: Scene):
    with pytest.raises(Conflict, match="under 18"):
        await birth_dates.say(scene.yara.actor, born(18))
    with pytest.raises(Conflict, match="under 13"):
        await birth_dates.say((await a_person()).actor, born(12))
    adult = await a_person()
    booked = await a_booking(scene.shift, adult.id)
    assert await birth_dates.say(adult.actor, born(30)) == 0
    assert await birth_dates.say(adult.actor, born(17)) == 1
    reason = await db.fetch_value("SELECT reason FROM booking WHERE id = {}", booked)
    assert "has to agree" in reason


async def test_the_18th_birthday_by_the_calendar_of_the_place(scene: Scene):
    # Booked at 17 for the day after the birthday: nobody has to agree.
    birthday = clock.today() + timedelta(days=3)
    await db.execute(
        "UPDATE person SET born_on = ({}::date - interval '18 years')::date WHERE id = {}",
        birthday,
        scene.yara.id,
    )
    midnight = clock.day_bounds(birthday)[0]
    opportunity = await an_opportunity(scene.organisation, minimum_age=14)
    before = await a_shift(opportunity, starts_at=midnight - timedelta(minutes=1))
    after = await a_shift(opportunity, starts_at=midnight)
    assert Code.NO_CONSENT in await scene.codes(before)
    assert await scene.codes(after) == set()


async def test_run_out_consents_end_once(scene: Scene):
    consent = await a_consent(scene.yara, scene.role, scene.gita)
    await bookings.book(scene.yara.actor, scene.shift)
    await db.execute("UPDATE guardian_consent SET until = {} WHERE id = {}", clock.today(), consent)
    assert await operations.end_due() == 1
    assert await operations.end_due() == 0
    assert await scene.states() == ["cancelled"]
    assert (await queries.consent(consent)).state is ConsentState.ENDED


async def test_an_unanswered_guardian_is_forgotten(scene: Scene):
    consent = await a_consent(scene.yara, scene.role)
    await db.execute("UPDATE guardian_consent SET asked_at = now() - interval '91 days'")
    assert await operations.forget_guardians() == 1
    found = await queries.consent(consent)
    assert (found.guardian_name, found.guardian_email) == ("", None)
    with pytest.raises(signing.LinkExpired):
        await queries.of_link(await token_of(consent))


async def test_naming_somebody_else_replaces_who_was_asked(scene: Scene):
    first = await operations.name_guardian(scene.yara.actor, scene.role, "Gita", "g@example.org")
    await operations.name_guardian(scene.yara.actor, scene.role, "Gus", "gus@example.org")
    with pytest.raises(signing.LinkExpired):
        await queries.of_link(await token_of(first))
    with pytest.raises(Conflict) as own:
        await operations.name_guardian(scene.yara.actor, scene.role, "Me", scene.yara.email)
    assert own.value.field == "email"


async def test_organisations_see_an_age_band_and_never_the_date(scene: Scene):
    await a_consent(scene.yara, scene.role, scene.gita)
    await bookings.book(scene.yara.actor, scene.shift)
    await a_booking(scene.shift)
    roster = await attendance.look_at_roster(scene.owner, scene.shift)
    assert [str(row.band) for row in roster.rows if row.band] == ["16–17"]
    assert str(born(16)) not in repr(roster)


async def test_messages_to_a_young_person_are_copied_to_guardian_and_named_adult(scene: Scene):
    await a_consent(scene.yara, scene.role, scene.gita)
    await bookings.book(scene.yara.actor, scene.shift)
    assert set(await adults.copies(scene.yara.id, scene.organisation)) == {
        scene.gita.id,
        scene.ada.id,
    }
    elsewhere = await an_organisation(name="Elsewhere")
    assert set(await adults.copies(scene.yara.id, elsewhere.id)) == {scene.gita.id}
    assert await adults.copies((await a_person()).id, scene.organisation) == ()


async def test_nobody_under_18_is_named_on_a_public_certificate(scene: Scene):
    made = await a_statement(scene.yara.id, scene.organisation, scene.role)
    code = await db.fetch_value("SELECT code FROM statement WHERE id = {}", made)
    shown = await recognition.verified(code)
    assert shown is not None and not shown.shows_name
    await db.execute("UPDATE person SET born_on = NULL WHERE id = {}", scene.yara.id)
    grown = await recognition.verified(code)
    assert grown is not None and grown.shows_name


async def test_one_more_role_of_the_organisation_is_in_scope_where_all_are(scene: Scene):
    opportunity = await db.fetch_value(
        "SELECT opportunity_id FROM shift WHERE id = {}", scene.shift
    )
    role = await a_role(opportunity, minimum_age=14)
    await a_named_adult(role, scene.organisation, scene.ada.id)
    shift = await a_shift(opportunity, role_id=role)
    consent = await a_consent(scene.yara, scene.role, scene.gita)
    assert await scene.codes(shift) == {Code.OUT_OF_SCOPE}
    await db.execute("UPDATE guardian_consent SET all_roles = true WHERE id = {}", consent)
    assert await scene.codes(shift) == set()
