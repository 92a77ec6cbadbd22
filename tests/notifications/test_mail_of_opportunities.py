"""Mail about opportunities, run as the worker runs its reactions."""

from datetime import timedelta
from typing import Any

import pytest
from tests.factories import a_person, an_opportunity, an_organisation
from tests.mail.sink import Sink, html_of, text_of

from marketplace import audit, clock, db
from marketplace.notifications import opportunities
from marketplace.organisations.moderation import operations as organisations
from marketplace.permissions import PlatformRole
from marketplace.volunteering.opportunities import deciding, operations, queries, steps
from marketplace.volunteering.opportunities.still_open import ask_fade_expire


async def told(event: str) -> None:
    """Run every reaction to the last event of a kind, twice, as a worker may."""
    id = await db.fetch_value(
        "SELECT id FROM history WHERE event = {} ORDER BY at DESC LIMIT 1", event
    )
    entry = await audit.entry(id)
    assert entry is not None
    for _ in range(2):
        for reaction in opportunities.REACTIONS:
            if reaction.event.value == event:
                await reaction.run(entry)


@pytest.fixture
async def people(db: Any, sink: Sink) -> Any:
    owner = await a_person(name="Olga <b>", email="olga@example.org")
    moderator = await a_person(email="mo@example.org", platform=(PlatformRole.MODERATOR,))
    return await an_organisation(owner=owner, trusted=False), moderator.actor


FLEXIBLE: dict[str, Any] = {"timing": "flexible", "contact_how": "01245 000000"}


async def sent_in(organisation: Any) -> Any:
    id = await an_opportunity(organisation.id, state="draft", **FLEXIBLE)
    await operations.submit(organisation.owner.actor, id)
    return id


def only(sink: Sink, username: str) -> Any:
    """Give the one message there is, which goes to somebody."""
    (message,) = sink.messages.values()
    assert message["To"].addresses[0].username == username
    text, html = text_of(message), html_of(message)
    assert "None" not in text and "{{" not in text + html and "<b>" not in html
    return message, text, html


async def test_the_moderators_hear_of_what_is_sent_in(people: Any, sink: Sink):
    organisation, _ = people
    id = await sent_in(organisation)
    await told("opportunity.submitted")
    message, text, html = only(sink, "mo")
    assert "Garden helper waits" in message["Subject"]
    assert f"https://marketplace.test/moderation/opportunities/{id}" in text
    assert f"/moderation/opportunities/{id}" in html


async def test_what_was_taken_back_meanwhile_is_told_to_nobody(people: Any, sink: Sink):
    organisation, _ = people
    id = await sent_in(organisation)
    await operations.take_back(organisation.owner.actor, id)
    await told("opportunity.submitted")
    assert not sink.messages


async def test_the_organisation_reads_the_note(people: Any, sink: Sink):
    organisation, moderator = people
    id = await sent_in(organisation)
    await deciding.send_back(moderator, id, "Which garden?\nAnd when?")
    await told("opportunity.returned")
    _, text, html = only(sink, "olga")
    assert "> Which garden?" in text and "And when?" in html
    assert f"/manage/opportunities/{id}" in text


async def test_the_organisation_hears_that_it_is_public(people: Any, sink: Sink):
    organisation, moderator = people
    id = await sent_in(organisation)
    seen = deciding.fingerprint(await steps.text(await queries.opportunity(moderator, id)))
    await deciding.accept(moderator, id, seen)
    await told("opportunity.accepted")
    message, text, _ = only(sink, "olga")
    assert "is public now" in message["Subject"]
    assert f"/opportunities/{id}" in text


async def test_the_moderators_hear_of_a_change_once(people: Any, sink: Sink):
    organisation, _ = people
    id = await an_opportunity(organisation.id, **FLEXIBLE)
    for title in ("Orchard helper", "Cider helper"):
        await operations.change(
            organisation.owner.actor,
            id,
            operations.Details(
                title=title,
                summary="Weed.",
                postcode="CM1 1AA",
                contact_name="Priya",
                contact_how="01245 000000",
                timing=operations.Timing.FLEXIBLE,
            ),
        )
    await told("opportunity.recheck_wanted")
    message, _, _ = only(sink, "mo")
    assert "Cider helper was changed" in message["Subject"]


async def test_each_coordinator_is_asked_with_a_link_of_their_own(people: Any, sink: Sink):
    organisation, _ = people
    stale = clock.now() - timedelta(days=90)
    await an_opportunity(organisation.id, touched_at=stale, **FLEXIBLE)
    await ask_fade_expire()
    await told("opportunity.asked_about")
    message, text, html = only(sink, "olga")
    assert "Still open? Garden helper" in message["Subject"]
    assert "https://marketplace.test/opportunities/still-open/" in text
    assert "/opportunities/still-open/" in html


async def test_what_expired_says_how_it_comes_back(people: Any, sink: Sink):
    organisation, _ = people
    stale = clock.now() - timedelta(days=90)
    id = await an_opportunity(
        organisation.id, touched_at=stale, asked_at=stale, faded_at=stale, **FLEXIBLE
    )
    await ask_fade_expire()
    await told("opportunity.expired")
    message, text, _ = only(sink, "olga")
    assert "was taken down" in message["Subject"]
    assert f"/manage/opportunities/{id}" in text


async def test_owners_hear_that_they_are_trusted_and_that_they_are_not(people: Any, sink: Sink):
    organisation, moderator = people
    await organisations.trust(moderator, organisation.id)
    await told("organisation.trusted")
    message, _, _ = only(sink, "olga")
    assert "publishes by itself now" in message["Subject"]
    sink.messages.clear()
    await organisations.end_trust(moderator, organisation.id)
    await told("organisation.trust_ended")
    message, _, _ = only(sink, "olga")
    assert "A moderator looks first" in message["Subject"]
