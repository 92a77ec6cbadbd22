"""Threads, broadcasts, copies, blocks and reports, on the real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from tests.factories import (
    APerson,
    a_booking,
    a_person,
    a_shift,
    acting,
    an_opportunity,
    an_organisation,
)

from marketplace import clock, db
from marketplace.errors import Conflict, NotAllowed, NotFound, TooMany
from marketplace.messages import inboxes, operations, queries, subjects
from marketplace.messages.reports import operations as reports
from marketplace.messages.reports import queries as report_queries
from marketplace.messages.rules import Reason, ReportState, Side
from marketplace.permissions import Actor, PlatformRole
from marketplace.volunteering.contact import queries as contact


@dataclass
class Scene:
    """One organisation with a coordinator, and a volunteer with a place next week."""

    vera: APerson
    cora: Actor
    organisation: UUID
    shift: UUID
    booking: UUID

    async def from_vera(self, text: str = "May I bring my dog?") -> UUID:
        talk = await contact.own(self.vera.actor, self.booking)
        return await operations.begin(self.vera.actor, talk.about, talk.subject, text, Side.PERSON)

    async def from_cora(self, text: str = "Bring boots.", **more: Any) -> UUID:
        talk = await contact.organisations(self.cora, self.booking)
        return await operations.begin(
            self.cora, talk.about, talk.subject, text, Side.ORGANISATION, **more
        )


@pytest_asyncio.fixture
async def scene(db: Any) -> AsyncIterator[Scene]:
    before = dict(subjects._describers)
    subjects.set_subjects({contact.BOOKING: contact.describe})
    vera = await a_person(name="Vera")
    organisation = await an_organisation(name="Chelmer Gardeners")
    cora = acting(await a_person(name="Cora"), coordinator=organisation.id)
    shift = await a_shift(await an_opportunity(organisation.id), places=9)
    booking = await a_booking(shift, vera.id)
    yield Scene(vera, cora, organisation.id, shift, booking)
    subjects.set_subjects(before)


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a guardian who is copied on everything to anybody."""
    guardian: APerson | None = None

    async def copies(person_id: UUID, organisation_id: UUID) -> list[UUID]:
        nonlocal guardian
        guardian = guardian or await a_person(name="Gerda Guardian")
        return [guardian.id]

    monkeypatch.setattr(operations, "COPIES", copies)


async def texts(actor: Actor, thread: UUID) -> list[str]:
    return [message.text for message in (await queries.own(actor, thread)).messages]


async def test_one_thread_a_booking_whoever_begins(scene: Scene):
    first = await scene.from_vera()
    assert await scene.from_cora() == first
    await operations.reply(scene.vera.actor, first, "Thank you.")
    assert await texts(scene.vera.actor, first) == [
        "May I bring my dog?",
        "Bring boots.",
        "Thank you.",
    ]


async def test_a_thread_is_for_its_two_sides_only(scene: Scene):
    thread = await scene.from_vera()
    other = (await a_person()).actor
    with pytest.raises(NotFound):
        await queries.own(other, thread)
    elsewhere = (await an_organisation(name="Elsewhere")).owner.actor
    with pytest.raises(NotFound):
        await queries.organisations(elsewhere, scene.organisation, thread)
    (mine,) = elsewhere.memberships
    with pytest.raises(NotFound):
        await queries.organisations(elsewhere, mine, thread)
    with pytest.raises(NotFound):
        await contact.own(other, scene.booking)
    with pytest.raises(NotFound):
        await contact.of_shift(elsewhere, scene.shift)


async def test_what_is_new_is_counted_until_it_is_read(scene: Scene):
    thread = await scene.from_cora()
    assert await inboxes.unread(scene.vera.actor) == 1
    assert not await inboxes.is_new(thread, Side.ORGANISATION)
    await queries.note_seen(scene.vera.actor, await queries.own(scene.vera.actor, thread))
    assert await inboxes.unread(scene.vera.actor) == 0
    await operations.reply(scene.vera.actor, thread, "I shall.")
    assert await inboxes.is_new(thread, Side.ORGANISATION)
    owner = acting(await a_person(name="Olga"), owner=scene.organisation)
    seen = await queries.organisations(owner, scene.organisation, thread)
    await queries.note_seen(owner, seen)
    # Colleagues read for one another.
    assert not await inboxes.is_new(thread, Side.ORGANISATION)


async def test_a_broadcast_is_in_each_ones_own_thread(scene: Scene):
    second = await a_person(name="Wim")
    await a_booking(scene.shift, second.id)
    await scene.from_vera("Only you read this.")
    audience = await contact.of_shift(scene.cora, scene.shift)
    assert (
        await operations.broadcast(
            scene.cora, scene.organisation, audience.people, "The gate is shut."
        )
        == 2
    )
    (row,) = (await inboxes.mine(second.actor)).rows
    assert await texts(second.actor, row.id) == ["The gate is shut."]
    await operations.reply(second.actor, row.id, "Thanks.")
    (hers,) = (await inboxes.mine(scene.vera.actor)).rows
    assert await texts(scene.vera.actor, hers.id) == ["Only you read this.", "The gate is shut."]


async def test_a_role_is_told_once_a_person_by_their_next_shift(scene: Scene):
    opportunity = await db.fetch_value("SELECT opportunity_id FROM shift")
    later = await a_shift(opportunity, starts_at=clock.now() + timedelta(days=20))
    await a_booking(later, scene.vera.id)
    role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", scene.shift)
    audience = await contact.of_role(scene.cora, role)
    assert [each.subject_id for each in audience.people] == [scene.booking]


async def test_every_way_of_writing_to_somebody_hands_out_copies(scene: Scene, guarded: Any):
    thread = await scene.from_cora("First.")
    await operations.reply_for(scene.cora, scene.organisation, thread, "Answer.")
    audience = await contact.of_shift(scene.cora, scene.shift)
    await operations.broadcast(scene.cora, scene.organisation, audience.people, "To all.")
    await operations.reply(scene.vera.actor, thread, "From Vera herself.")
    guardian = await db.fetch_value("SELECT DISTINCT person_id FROM message_copy")
    copied = await queries.own(Actor(person_id=guardian), thread)
    assert copied.copied
    assert [message.text for message in copied.messages] == ["First.", "Answer.", "To all."]
    with pytest.raises(NotFound):
        await operations.reply(Actor(person_id=guardian), thread, "Let me say")
    mails = await queries.mails(message_id=copied.messages[0].id)
    assert mails[0].copies == [guardian]


def test_one_place_puts_messages_into_the_table():
    source = Path(operations.__file__).parents[1]
    writers = [
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if (
            "Message(" in (text := path.read_text()).replace("class Message(", "")
            and "messages.tables" in text
        )
        or "INSERT INTO message (" in text
    ]
    assert writers == ["messages/operations.py"]


async def test_who_is_blocked_reaches_nobody_but_about_safety(scene: Scene):
    thread = await scene.from_cora()
    conversation = await queries.own(scene.vera.actor, thread)
    assert scene.cora.person_id
    await operations.block(scene.vera.actor, conversation, scene.cora.person_id)
    with pytest.raises(Conflict):
        await operations.reply_for(scene.cora, scene.organisation, thread, "Please!")
    audience = await contact.of_shift(scene.cora, scene.shift)
    # The number tells nobody who blocked them.
    send = operations.broadcast
    assert await send(scene.cora, scene.organisation, audience.people, "Cake!") == 1
    await send(scene.cora, scene.organisation, audience.people, "Wasps!", safety=True)
    colleague = acting(await a_person(name="Olga"), owner=scene.organisation)
    await operations.reply_for(colleague, scene.organisation, thread, "I am not Cora.")
    assert await texts(scene.vera.actor, thread) == ["Bring boots.", "Wasps!", "I am not Cora."]
    await operations.unblock(scene.vera.actor, conversation, scene.cora.person_id)
    await operations.reply_for(scene.cora, scene.organisation, thread, "Thank you.")


async def test_an_organisation_blocks_a_volunteer(scene: Scene):
    thread = await scene.from_vera()
    conversation = await queries.organisations(scene.cora, scene.organisation, thread)
    await operations.block(scene.cora, conversation, scene.vera.id)
    with pytest.raises(Conflict):
        await operations.reply(scene.vera.actor, thread, "Why?")


async def test_nobody_who_wrote_nothing_is_blocked(scene: Scene):
    conversation = await queries.own(scene.vera.actor, await scene.from_vera())
    with pytest.raises(NotFound):
        await operations.block(scene.vera.actor, conversation, (await a_person()).id)


async def test_writing_is_counted(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    few = operations.Limit("messages of this test", 2, timedelta(hours=1))
    monkeypatch.setattr(operations, "MESSAGES", few)
    thread = await scene.from_vera()
    await operations.reply(scene.vera.actor, thread, "Two")
    with pytest.raises(TooMany):
        await operations.reply(scene.vera.actor, thread, "Three")


async def test_whoever_leaves_takes_their_words_and_the_thread_stays(scene: Scene):
    thread = await scene.from_vera("My mother is ill.")
    await operations.reply_for(scene.cora, scene.organisation, thread, "Get well.")
    await db.execute(
        "UPDATE person SET anonymised_at = now(), name = '' WHERE id = {}", scene.vera.id
    )
    assert await db.fetch_value("SELECT text FROM message WHERE side = 'person'") == ""
    conversation = await queries.organisations(scene.cora, scene.organisation, thread)
    assert conversation.person_name == "Somebody who left"
    assert [message.text for message in conversation.messages] == ["", "Get well."]
    assert conversation.standing.left


async def test_a_moderator_sees_the_reported_message_alone(scene: Scene):
    thread = await scene.from_vera("Private.")
    await operations.reply_for(scene.cora, scene.organisation, thread, "Give me your address.")
    message = (await queries.own(scene.vera.actor, thread)).messages[1]
    await reports.report(scene.vera.actor, message.id, Reason.PRIVATE, "I felt pressed.")
    with pytest.raises(Conflict):
        await reports.report(scene.vera.actor, message.id, Reason.PRIVATE, "")
    moses = (await a_person(name="Moses", platform=(PlatformRole.MODERATOR,))).actor
    (row,) = (await report_queries.queue(moses, ReportState.OPEN, 1)).rows
    assert (row.text, row.reporter_name) == ("Give me your address.", "Vera")
    with pytest.raises(NotFound):
        await queries.own(moses, thread)
    await reports.deal_with(moses, row.id, "Spoke to Cora.", take_down=True)
    assert await texts(scene.vera.actor, thread) == ["Private.", ""]
    assert (await report_queries.queue(moses, ReportState.OPEN, 1)).rows == []


async def test_only_who_was_given_a_message_reports_it_and_no_interested_moderator(scene: Scene):
    thread = await scene.from_cora()
    message = (await queries.own(scene.vera.actor, thread)).messages[0].id
    with pytest.raises(NotFound):
        await reports.report((await a_person()).actor, message, Reason.SPAM, "")
    with pytest.raises(NotFound):
        await reports.report(scene.cora, message, Reason.SPAM, "")
    await reports.report(scene.vera.actor, message, Reason.SPAM, "")
    biased = acting(await a_person(platform=(PlatformRole.MODERATOR,)), trustee=scene.organisation)
    report = await db.fetch_value("SELECT id FROM message_report")
    with pytest.raises(NotAllowed):
        await reports.deal_with(biased, report, "Nothing to see.")
