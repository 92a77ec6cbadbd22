"""The weekly mail: both parts, the way out, and nothing that does not stand any more."""

from datetime import timedelta
from typing import Any

import pytest
from asyncpg import Point
from tests.factories import APerson, a_person, a_shift, an_opportunity, an_organisation
from tests.factories_messages import a_reader
from tests.mail.sink import Sink, html_of, text_of
from tests.volunteering.test_digest import Weeks, tuesday

from marketplace import audit, clock, db
from marketplace.audit import Entry
from marketplace.notifications.digest import weekly
from marketplace.volunteering.digest import operations

__all__ = ["tuesday"]


@pytest.fixture
async def due(sink: Sink, db: Any, tuesday: Weeks) -> tuple[APerson, Entry]:
    """Vera's digest of two things, written but not sent."""
    vera = await a_person(name="Vera", email="vera@example.org", postcode="CM2 9AQ")
    await a_reader(vera)
    club = await an_organisation(name="Homework Club")
    for title, east in (("Reading aloud", 3000), ("Tea and toast", 0)):
        point = Point(570800 + east, 205900)
        id = await an_opportunity(club.id, title=title, point=point)
        await a_shift(id, starts_at=clock.now() + timedelta(days=20))
    assert await operations.send_due() == 1
    entry = await audit.entry(
        await db.fetch_value("SELECT id FROM history WHERE event = 'digest.due'")
    )
    assert entry is not None
    return vera, entry


async def test_it_says_what_why_and_how_to_stop_it(
    sink: Sink, due: tuple[APerson, Entry], browser: Any
):
    _, entry = due
    await weekly(entry)
    await weekly(entry)
    [message] = sink.messages.values()
    assert sink.copies[str(message["Message-ID"])] == 1
    assert "Tea and toast and 1 other thing" in message["Subject"].strip()
    for text in (text_of(message), html_of(message)):
        words = " ".join(text.split())
        for said in ("Less than a mile away", "Homework Club", "New.", "/account/availability"):
            assert said in words
        assert words.index("Tea and toast") < words.index("Reading aloud")
        assert "/account/consents" in words
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(message["List-Unsubscribe"]).strip("<>")
    assert f"Stop these messages: {address}" in " ".join(text_of(message).split())
    path = address.removeprefix("https://marketplace.test")
    answer = await browser.post(path, {"List-Unsubscribe": "One-Click"}, follow=False)
    assert answer.status == 200
    assert not await db.fetch_value("SELECT agreed FROM consent ORDER BY number DESC LIMIT 1")


async def test_whoever_stopped_it_meanwhile_gets_nothing(
    sink: Sink, due: tuple[APerson, Entry], browser: Any
):
    vera, entry = due
    await browser.sign_in_as(vera.id)
    page = await browser.get("/account/consents")
    await browser.submit(page, "/account/consents/withdrawal")
    await weekly(entry)
    assert not sink.messages


async def test_what_is_over_is_left_out_and_an_old_digest_is_not_sent(
    sink: Sink, due: tuple[APerson, Entry], tuesday: Weeks
):
    _, entry = due
    tuesday.now += timedelta(days=1)
    await weekly(entry)
    tuesday.now -= timedelta(days=1)
    await db.execute("DELETE FROM listing WHERE kind = 'opportunity'")
    await weekly(entry)
    assert not sink.messages
