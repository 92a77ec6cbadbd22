"""Why somebody cannot book: every reason at once, each with where it is mended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.factories import a_booking, a_person, a_shift, acting, an_opportunity, an_organisation

from marketplace import clock
from marketplace.errors import NotFound
from marketplace.offers.rules import EntryState
from marketplace.volunteering.eligibility import queries
from marketplace.volunteering.eligibility.rules import Code, Facts, against, may_wait
from marketplace.volunteering.rules import OpportunityState, ShiftState

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
BOOKABLE = Facts(
    shift_id=uuid4(),
    opportunity=OpportunityState.OPEN,
    organisation_approved=True,
    shift=ShiftState.PLANNED,
    starts_at=NOW + timedelta(hours=1),
    free=1,
    minimum_age=18,
)


def codes(**changes):
    return [reason.code for reason in against(replace(BOOKABLE, **changes), NOW)]


def test_nothing_stands_in_the_way_of_an_ordinary_booking():
    assert codes() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"opportunity": OpportunityState.CANCELLED}, Code.OPPORTUNITY_CANCELLED),
        ({"opportunity": OpportunityState.DRAFT}, Code.NOT_OPEN),
        ({"opportunity": OpportunityState.CLOSED}, Code.NOT_OPEN),
        ({"organisation_approved": False}, Code.NOT_OPEN),
        ({"shift": ShiftState.CANCELLED}, Code.SHIFT_CANCELLED),
        ({"starts_at": NOW}, Code.STARTED),
        ({"booked_already": True}, Code.BOOKED_ALREADY),
        ({"free": 0}, Code.FULL),
        ({"others_wait": True}, Code.QUEUED),
        ({"entry": EntryState.WAITING, "free": 0}, Code.WAITING),
        ({"entry": EntryState.WAITING}, Code.WAITING),
        ({"entry": EntryState.OFFERED, "free": 0}, Code.OFFERED),
        ({"other_period": "Tuesday 1 June, 1pm to 3pm"}, Code.OVERLAP),
        ({"email_confirmed": False}, Code.EMAIL_UNCONFIRMED),
        ({"old_enough": False}, Code.AGE),
    ],
    ids=lambda value: str(value),
)
def test_each_rule_is_a_reason_of_its_own(changes, code):
    assert codes(**changes) == [code]


def test_all_reasons_are_given_at_once():
    assert codes(free=0, email_confirmed=False) == [Code.FULL, Code.EMAIL_UNCONFIRMED]


def test_where_nothing_helps_nothing_is_asked():
    assert codes(starts_at=NOW, free=0, email_confirmed=False) == [Code.STARTED]


def test_nobody_is_asked_for_their_age_where_any_age_may_come():
    assert codes(minimum_age=0, old_enough=False) == []


def test_whoever_has_an_offer_need_not_care_who_waits():
    assert codes(free=0, others_wait=True, entry=EntryState.OFFERED, offered=True) == []


def test_in_the_last_half_hour_a_free_place_is_whoevers_comes_first():
    soon = NOW + timedelta(minutes=29)
    assert codes(others_wait=True, entry=EntryState.WAITING, starts_at=soon) == []


@pytest.mark.parametrize("code", [each for each in Code if each is not Code.AGE])
def test_every_reason_but_a_tick_leads_somewhere(code):
    states = {
        Code.OPPORTUNITY_CANCELLED: {"opportunity": OpportunityState.CANCELLED},
        Code.NOT_OPEN: {"opportunity": OpportunityState.CLOSED},
        Code.SHIFT_CANCELLED: {"shift": ShiftState.CANCELLED},
        Code.STARTED: {"starts_at": NOW},
        Code.BOOKED_ALREADY: {"booked_already": True},
        Code.OFFERED: {"entry": EntryState.OFFERED, "free": 0},
        Code.FULL: {"free": 0},
        Code.QUEUED: {"others_wait": True},
        Code.WAITING: {"entry": EntryState.WAITING, "free": 0},
        Code.OVERLAP: {"other_period": "then"},
        Code.EMAIL_UNCONFIRMED: {"email_confirmed": False},
    }
    (reason,) = against(replace(BOOKABLE, **states[code]), NOW)
    assert reason.code == code
    assert reason.link.startswith("/")
    assert reason.link_label


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({"free": 0}, True),
        ({"free": 0, "other_period": "then"}, True),
        ({"free": 0, "email_confirmed": False}, False),
        ({"free": 0, "old_enough": False}, False),
        ({}, False),
        ({"free": 0, "booked_already": True}, False),
    ],
    ids=lambda value: str(value),
)
def test_who_may_wait(changes, may):
    assert may_wait(against(replace(BOOKABLE, **changes), NOW)) is may


@pytest.mark.usefixtures("db")
class TestCoordinators:
    async def test_they_are_told_of_people_who_booked_with_them(self):
        organisation = await an_organisation()
        shift = await a_shift(await an_opportunity(organisation.id), places=1)
        person = await a_person(name="Amara Obi", confirmed=False)
        await a_booking(await a_shift(await an_opportunity(organisation.id)), person.id)
        await a_booking(shift)
        name, answer = await queries.of_person(organisation.owner.actor, shift, person.id)
        assert name == "Amara Obi"
        assert {Code.FULL, Code.EMAIL_UNCONFIRMED} <= answer.codes

    async def test_of_a_stranger_they_are_told_nothing(self):
        organisation = await an_organisation()
        shift = await a_shift(await an_opportunity(organisation.id))
        with pytest.raises(NotFound):
            await queries.of_person(organisation.owner.actor, shift, (await a_person()).id)

    async def test_others_are_told_nothing(self):
        organisation, other = await an_organisation(), await an_organisation()
        shift = await a_shift(await an_opportunity(organisation.id))
        booked = await a_person()
        await a_booking(shift, booked.id)
        for actor in (other.owner.actor, acting(await a_person(), trustee=organisation.id)):
            with pytest.raises(NotFound):
                await queries.of_person(actor, shift, booked.id)

    async def test_a_booking_elsewhere_is_not_named(self):
        organisation, start = await an_organisation(), clock.now() + timedelta(days=7)
        opportunity = await an_opportunity(organisation.id)
        shift = await a_shift(opportunity, starts_at=start)
        person = await a_person()
        elsewhere = await an_opportunity(title="Bereavement group")
        await a_booking(await a_shift(elsewhere, starts_at=start), person.id)
        await a_booking(await a_shift(opportunity, starts_at=start + timedelta(days=1)), person.id)
        _, answer = await queries.of_person(organisation.owner.actor, shift, person.id)
        (reason,) = answer.reasons
        assert reason.code == Code.OVERLAP
        assert "Bereavement" not in reason.sentence
