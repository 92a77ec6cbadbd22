"""Deciding what a role asks for, recording what was seen, and what that enforces."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.factories import (
    a_booking,
    a_person,
    a_role,
    a_shift,
    acting,
    an_opportunity,
    an_organisation,
)
from tests.factories_credentials import a_credential, a_decision, a_request, a_training

from marketplace import clock
from marketplace import db as database
from marketplace.credentials import operations as credentials
from marketplace.credentials import queries as credentials_queries
from marketplace.credentials.rules import Check, Kind, Outcome, Workforce
from marketplace.credentials.steps import Seen
from marketplace.errors import Conflict, NotFound
from marketplace.volunteering.eligibility.queries import why_not
from marketplace.volunteering.safeguarding import clearance, operations, queries
from marketplace.volunteering.safeguarding.rules import Duty, Frequency, Nation, Question

TEACHES = Question(
    Nation.ENGLAND,
    Workforce.CHILDREN,
    frozenset({Duty.TEACH}),
    Frequency.FREQUENTLY,
    supervised=False,
)
STALL = replace(TEACHES, workforce=Workforce.NEITHER, duties=frozenset({Duty.OTHER}))


@pytest.fixture
async def club(db):
    """An organisation with a role for tutors, a shift of it in a week, and a volunteer."""
    return await Club.made()


class Club:
    @classmethod
    async def made(cls):
        club = cls()
        club.organisation = await an_organisation(name="Homework Club")
        club.owner = club.organisation.owner
        club.opportunity = await an_opportunity(club.organisation.id)
        club.role = await a_role(club.opportunity, title="Tutor", minimum_age=18)
        club.shift = await a_shift(club.opportunity, role_id=club.role)
        club.person = await a_person(name="Vera Volunteer")
        return club

    async def seen(self, **columns):
        return await a_credential(self.organisation.id, self.person.id, self.owner.id, **columns)

    async def codes(self):
        return [reason.code for reason in await why_not(self.person.id, self.shift)]


# --- what a named person decides


async def test_a_decision_is_kept_with_its_reason_its_rows_and_who_made_it(club):
    await operations.decide(club.owner.actor, club.role, TEACHES, Check.DBS_BARRED, "Each week.")
    await operations.decide(club.owner.actor, club.role, STALL, None, "It is a stall now.")
    latest, first = await queries.decisions(club.role)
    assert (latest.check, first.check) == (None, Check.DBS_BARRED)
    assert first.rules == ["ew-children-regular"]
    assert (first.why, first.decided_by_name) == ("Each week.", "Olu Owner")
    assert await clearance.needs([club.role]) == {}


async def test_more_than_the_law_allows_is_not_recorded(club):
    with pytest.raises(Conflict, match="would be unlawful") as refused:
        await operations.decide(
            club.owner.actor, club.role, STALL, Check.DBS_ENHANCED, "To be safe"
        )
    assert refused.value.field == "level"
    assert await queries.decisions(club.role) == []
    await operations.decide(club.owner.actor, club.role, STALL, Check.DBS_BASIC, "Money.")


async def test_a_role_open_to_under_16s_asks_for_no_check(club):
    young = await a_role(club.opportunity, title="Helper", minimum_age=14)
    with pytest.raises(Conflict, match="under 16"):
        await operations.decide(club.owner.actor, young, TEACHES, Check.DBS_BARRED, "Each week.")


async def test_a_decision_cannot_be_rewritten(club):
    await a_decision(club.role, club.owner.id)
    for statement in ("UPDATE role_check SET why = 'x'", "DELETE FROM role_check"):
        with pytest.raises(Exception, match=r"append-only|permission denied"):
            await database.execute(statement)


async def test_whoever_may_not_record_checks_is_told_of_no_role(club):
    trustee = await a_person(name="Tru")
    with pytest.raises(NotFound):
        await operations.decide(
            acting(trustee, trustee=club.organisation.id), club.role, STALL, None, "No."
        )


# --- enforced at booking


async def test_a_role_nobody_decided_about_asks_for_nothing(club):
    assert await club.codes() == []


async def test_a_missing_check_leads_to_asking_and_then_waits(club):
    await a_decision(club.role, club.owner.id)
    (reason,) = await why_not(club.person.id, club.shift)
    assert (reason.code, reason.link) == ("check.missing", f"/roles/{club.role}/check")
    await operations.ask_to_be_seen(club.person.actor, club.role, of_age=True)
    (reason,) = await why_not(club.person.id, club.shift)
    assert (reason.code, reason.waits) == ("check.waiting", True)
    with pytest.raises(Conflict, match="asked already"):
        await operations.ask_to_be_seen(club.person.actor, club.role, of_age=True)


async def test_what_was_seen_opens_the_booking_and_answers_the_request(club):
    await a_decision(club.role, club.owner.id)
    request = await a_request(club.role, club.person.id, club.organisation.id)
    seen = Seen(
        kind=Kind.CHECK,
        check=Check.DBS_BARRED,
        workforce=Workforce.CHILDREN,
        issued_on=clock.today(),
        holds_until=clock.today() + timedelta(days=900),
    )
    await operations.record(
        club.owner.actor, club.organisation.id, club.person.id, seen, of_age=True
    )
    assert await club.codes() == []
    assert await queries.request(request) is None


async def test_a_check_that_runs_out_before_the_shift_does_not_clear_it(club):
    await a_decision(club.role, club.owner.id)
    ends = clearance.last_day(clock.now() + timedelta(days=7, hours=2))
    await club.seen(until=ends)
    assert await club.codes() == []
    await database.execute("UPDATE credential SET holds_until = {}", ends - timedelta(days=1))
    assert await club.codes() == ["check.expired"]


async def test_another_organisations_check_clears_nobody_here(club):
    await a_decision(club.role, club.owner.id)
    other = await an_organisation(name="Elsewhere")
    await a_credential(other.id, club.person.id, other.owner.id)
    assert await club.codes() == ["check.missing"]


async def test_what_was_not_satisfactory_or_taken_back_clears_nobody(club):
    await a_decision(club.role, club.owner.id)
    seen = await club.seen(reference="00123")
    await credentials.revoke(club.owner.actor, club.organisation.id, club.person.id, seen)
    assert await club.codes() == ["check.missing"]
    (kept,) = await credentials_queries.mine(club.person.actor)
    assert (kept.reference, kept.revoked_at is not None) == ("", True)
    await club.seen(outcome=Outcome.NOT_SATISFACTORY)
    assert await club.codes() == ["check.refused"]


async def test_training_is_asked_for_beside_the_check(club):
    await a_decision(club.role, club.owner.id)
    await operations.ask_for_training(club.owner.actor, club.role, [Kind.FIRST_AID, Kind.CHECK])
    assert await club.codes() == ["check.missing", "training.first_aid.missing"]
    await club.seen(kind=Kind.FIRST_AID)
    assert await club.codes() == ["check.missing"]


async def test_nobody_under_16_is_checked_and_nobody_sees_their_own(club):
    seen = Seen(
        kind=Kind.CHECK,
        check=Check.DBS_BASIC,
        issued_on=clock.today(),
        holds_until=clock.today() + timedelta(days=30),
    )
    await a_request(club.role, club.person.id, club.organisation.id)
    with pytest.raises(Conflict, match="16 or over"):
        await operations.record(club.owner.actor, club.organisation.id, club.person.id, seen)
    with pytest.raises(Conflict, match="their own"):
        await operations.record(
            club.owner.actor, club.organisation.id, club.owner.id, seen, of_age=True
        )
    with pytest.raises(Conflict, match="16 or over"):
        await a_decision(club.role, club.owner.id)
        await operations.ask_to_be_seen(club.person.actor, club.role, of_age=False)


async def test_a_stranger_cannot_be_written_about(club):
    stranger = await a_person(name="Stranger")
    with pytest.raises(NotFound):
        await queries.person(club.owner.actor, club.organisation.id, stranger.id)


# --- and again on the day


async def test_on_the_day_those_who_are_not_clear_are_named(club):
    clear, lapsed = await a_person(name="Clear"), await a_person(name="Lapsed")
    await a_decision(club.role, club.owner.id)
    await a_training(club.role)
    for person, until in ((clear, timedelta(days=300)), (lapsed, timedelta(days=2))):
        for kind in (Kind.CHECK, Kind.FIRST_AID):
            await a_credential(
                club.organisation.id,
                person.id,
                club.owner.id,
                kind=kind,
                until=clock.today() + until,
            )
    await a_booking(club.shift, clear.id)
    await a_booking(club.shift, lapsed.id)
    people, ends_at = [clear.id, lapsed.id], clock.now() + timedelta(days=3)
    found = await clearance.on_the_day(club.role, club.organisation.id, ends_at, people)
    assert found == {lapsed.id}
    (place,) = await clearance.not_clear(club.organisation.id)
    assert place.name == "Lapsed"
    assert "runs out before" in place.lacks


async def test_a_lapse_is_warned_of_once(club):
    await a_decision(club.role, club.owner.id)
    await a_booking(club.shift, club.person.id)
    assert await operations.warn_of_lapses() == 1
    assert await operations.warn_of_lapses() == 0


# --- what is held, and for how long


async def test_the_number_of_a_check_is_deleted_within_six_months_and_the_fact_stays(club):
    old = clock.now() - timedelta(days=181)
    await club.seen(reference="00123", seen_at=old)
    await club.seen(reference="00456", seen_at=clock.now() - timedelta(days=179))
    assert await credentials.delete_details() == 1
    assert await credentials.delete_details() == 0
    numbers = {held.reference for held in await credentials_queries.mine(club.person.actor)}
    assert numbers == {"", "00456"}


async def test_expiry_is_told_once_and_not_of_what_was_replaced(club):
    soon = clock.today() + timedelta(days=20)
    await club.seen(until=soon, seen_at=clock.now() - timedelta(days=300))
    await club.seen(kind=Kind.FIRST_AID, until=soon)
    await club.seen()
    told = await asyncio.gather(*(credentials.warn_of_expiry() for _ in range(4)))
    assert sum(told) == 1
    assert await credentials.warn_of_expiry() == 0


async def test_every_look_is_written_down_and_the_person_sees_it(club):
    await club.seen()
    await credentials.look(club.owner.actor, club.organisation.id, club.person.id)
    await operations.look_at_everybody(club.owner.actor, club.organisation.id)
    (look,) = await credentials_queries.looks(club.person.actor)
    assert (look.name, look.on, look.times) == ("Olu Owner", clock.today(), 2)


async def test_a_look_at_who_waits_and_who_is_not_clear_is_written_down_too(club):
    await a_decision(club.role, club.owner.id)
    waits = await a_person(name="Waits")
    await a_request(club.role, waits.id, club.organisation.id)
    await a_booking(club.shift, club.person.id)
    await operations.look_at_everybody(club.owner.actor, club.organisation.id)
    for person in (waits, club.person):
        assert len(await credentials_queries.looks(person.actor)) == 1


async def test_training_is_shown_elsewhere_only_as_its_person_chooses(club):
    training = await club.seen(kind=Kind.FIRST_AID)
    check = await club.seen()
    other = await an_organisation(name="Elsewhere")

    async def shown():
        return await credentials_queries.shown_to(other.owner.actor, other.id, club.person.id)

    assert await shown() == []
    await credentials.share(club.person.actor, training, True)
    assert [each.kind for each in await shown()] == [Kind.FIRST_AID]
    with pytest.raises(Conflict, match="never passed on"):
        await credentials.share(club.person.actor, check, True)
    with pytest.raises(NotFound):
        await credentials.share(club.owner.actor, training, True)


async def test_the_database_itself_keeps_a_check_from_being_shared(club):
    check = await club.seen()
    with pytest.raises(Exception, match="credential_check_is_not_shared"):
        await database.execute("UPDATE credential SET shared = true WHERE id = {}", check)
