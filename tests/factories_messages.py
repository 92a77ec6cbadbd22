"""Threads, consents and feeds for tests."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tests.factories import APerson

from marketplace import clock, db
from marketplace.accounts.consents import operations as consents
from marketplace.accounts.consents.operations import Evidence
from marketplace.accounts.consents.rules import BOOKING_WORDING, How, Purpose
from marketplace.ids import new_id
from marketplace.messages.tables import Message, MessageReport, MessageThread
from marketplace.volunteering.calendars import operations as calendars
from marketplace.volunteering.calendars import queries as calendar_queries


@dataclass(frozen=True)
class AThread:
    """A thread, the organisation's message in it, and a report of that message."""

    thread: UUID
    message: UUID
    report: UUID


async def a_thread(booking_id: UUID, text: str = "Please bring boots.") -> AThread:
    """Make a thread about a booking, in which an owner of the organisation has answered.

    Its report is somebody else's, so that the reader may report it too.
    """
    booking = await db.fetch_one(
        "SELECT b.person_id, b.organisation_id, m.person_id AS owner_id FROM booking b"
        " JOIN membership m ON m.organisation_id = b.organisation_id AND m.role = 'owner'"
        " WHERE b.id = {}",
        booking_id,
    )
    assert booking is not None
    thread = MessageThread(
        subject_type="booking",
        subject_id=booking_id,
        organisation_id=booking["organisation_id"],
        person_id=booking["person_id"],
    )
    await thread.save()
    await Message(
        thread_id=thread.id,
        author_id=booking["person_id"],
        side="person",
        text="Is there a bus?",
        sent_at=clock.now() - timedelta(minutes=1),
    ).save()
    message = Message(
        thread_id=thread.id, author_id=booking["owner_id"], side="organisation", text=text
    )
    await message.save()
    report = MessageReport(
        id=new_id(), message_id=message.id, reporter_id=booking["owner_id"], reason="unsafe"
    )
    await report.save()
    return AThread(thread.id, message.id, report.id)


async def a_consent(person: APerson, organisation_id: UUID) -> str:
    """Have somebody agree to be asked when an organisation is short; gives the stopping path."""
    evidence = Evidence(How.BOOKING, BOOKING_WORDING, "a test")
    async with db.transaction():
        await consents.give(person.actor, person.id, organisation_id, Purpose.FILL_SHIFT, evidence)
    return consents.link(person.id, organisation_id, Purpose.FILL_SHIFT)


async def a_reader(person: APerson) -> str:
    """Have somebody ask for the weekly digest; gives the path that stops it."""
    await consents.ask_for_digest(person.actor)
    return consents.link(person.id, None, Purpose.DIGEST)


async def a_feed(person: APerson) -> str:
    """Give a person a calendar feed; gives the last part of its address."""
    await calendars.make(person.actor)
    feed = await calendar_queries.feed(person.actor)
    assert feed is not None
    return feed.path.rsplit("/", 1)[-1]
