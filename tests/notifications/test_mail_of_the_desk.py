"""Mail that asks to fill a shift: once, to those who still agree, with a way to stop it."""

from typing import Any

import pytest
from tests.factories import a_person, a_shift, an_opportunity, an_organisation
from tests.factories_messages import a_consent
from tests.mail.sink import Sink, html_of, text_of

from marketplace import audit
from marketplace.accounts.consents import operations as consents
from marketplace.accounts.consents.rules import Channel, Purpose
from marketplace.notifications.desk import asked
from marketplace.volunteering.desk import operations


@pytest.fixture
async def ask(db: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(operations, "quiet", lambda *_: False)
    club = await an_organisation(name="Homework Club")
    shift = await a_shift(await an_opportunity(club.id, title="Tea and toast"))
    vera = await a_person(name="Vera Volunteer", email="vera@example.org")
    await a_consent(vera, club.id)
    id = await operations.ask(club.owner.actor, shift, vera.id)
    entry = await audit.entry(
        await db.fetch_value("SELECT id FROM history WHERE subject_id = {}", id)
    )
    return entry, vera, club


async def test_it_says_what_when_and_where_and_can_be_stopped(sink: Sink, ask: Any):
    entry, *_ = ask
    await asked(entry)
    await asked(entry)
    [message] = sink.messages.values()
    assert message["To"].addresses[0].username == "vera"
    # A long subject is folded before its first word.
    assert message["Subject"].strip().startswith("Can you help out? Tea and toast")
    for text in (text_of(message), html_of(message)):
        assert "Homework Club is short of people" in " ".join(text.split())
        assert "/shift-asks/" in text
    assert "/consents/withdrawal/" in message["List-Unsubscribe"]


async def test_whoever_withdrew_meanwhile_gets_nothing(sink: Sink, ask: Any):
    entry, vera, club = ask
    await consents.withdraw(vera.actor, club.id, Purpose.FILL_SHIFT, Channel.MAIL)
    await asked(entry)
    assert not sink.messages
