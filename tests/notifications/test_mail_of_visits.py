"""Mail about arranged visits: each thing once, and never who is visited or where."""

from typing import Any

import pytest
from tests.factories import a_person, a_visit, an_opportunity, an_organisation
from tests.mail.sink import Sink, html_of, text_of

from marketplace import audit
from marketplace.notifications import REACTIONS
from marketplace.volunteering.visits import operations


async def told(db: Any) -> None:
    """Run every reaction to everything that happened, twice, as a worker may."""
    for row in await db.fetch("SELECT id FROM history ORDER BY seq"):
        entry = await audit.entry(row["id"])
        assert entry is not None
        for _ in range(2):
            for reaction in REACTIONS:
                if reaction.event.value == entry.event:
                    await reaction.run(entry)


@pytest.fixture
async def arranged(db: Any) -> Any:
    owner = await a_person(name="Olga Owner", email="olga@example.org")
    organisation = await an_organisation(owner=owner)
    opportunity = await an_opportunity(organisation.id, timing="arranged", minimum_age=0)
    vera = await a_person(name="Vera Volunteer", email="vera@example.org")
    return await a_visit(opportunity, vera.id), vera, organisation


def sent(sink: Sink) -> list[tuple[str, str]]:
    for message in sink.messages.values():
        assert "Mill Lane" not in text_of(message) + html_of(message)
        assert "Mrs Bell" not in text_of(message) + html_of(message)
    return sorted(
        (message["To"].addresses[0].username, message["Subject"].split(":")[0])
        for message in sink.messages.values()
    )


async def test_agreeing_is_told_once_and_not_for_each_visit(db: Any, sink: Sink, arranged: Any):
    visit, vera, _ = arranged
    await operations.agree(vera.actor, visit)
    await told(db)
    assert sent(sink) == [("olga", "Vera Volunteer agreed")]


async def test_ending_is_told_once_and_not_for_each_visit(db: Any, sink: Sink, arranged: Any):
    visit, vera, organisation = arranged
    await operations.agree(vera.actor, visit)
    await operations.end(organisation.owner.actor, visit)
    await told(db)
    assert ("vera", "No more visits") in sent(sink)
    assert len(sink.messages) == 2
