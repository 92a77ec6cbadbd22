"""Mail about checks and training, run as the worker runs its reactions."""

from datetime import timedelta
from typing import Any

import pytest
from tests.factories import a_booking, a_person, a_role, a_shift, an_opportunity, an_organisation
from tests.factories_credentials import a_credential, a_decision
from tests.mail.sink import Sink, text_of

from marketplace import audit, clock
from marketplace.credentials import operations as credentials
from marketplace.credentials.rules import Kind
from marketplace.credentials.steps import Seen
from marketplace.notifications.credentials import REACTIONS
from marketplace.volunteering.safeguarding import operations


async def told(db: Any, event: str) -> None:
    """Run every reaction to the last event of a kind, twice, as a worker may."""
    id = await db.fetch_value(
        "SELECT id FROM history WHERE event = {} ORDER BY at DESC LIMIT 1", event
    )
    entry = await audit.entry(id)
    assert entry is not None
    for _ in range(2):
        for reaction in REACTIONS:
            if reaction.event.value == event:
                await reaction.run(entry)


def sent(sink: Sink) -> dict[str, Any]:
    """Give what was sent, by address; each got one."""
    found = [(m["To"].addresses[0].addr_spec, m) for m in sink.messages.values()]
    assert len(found) == len(dict(found))
    return dict(found)


class Club:
    def __init__(self, **parts: Any) -> None:
        self.__dict__.update(parts)


@pytest.fixture
async def club(db: Any) -> Any:
    owner = await a_person(name="Olga <b>", email="olga@example.org")
    organisation = await an_organisation(name="Homework Club", owner=owner)
    opportunity = await an_opportunity(organisation.id)
    role = await a_role(opportunity, title="Tutor", minimum_age=18)
    vera = await a_person(name="Vera <b>", email="vera@example.org")
    return Club(
        id=organisation.id,
        owner=organisation.owner,
        role=role,
        shift=await a_shift(opportunity, role_id=role),
        vera=vera,
    )


async def test_what_runs_out_is_told_to_its_person_and_the_coordinator_once(
    db: Any, sink: Sink, club: Any
):
    until = clock.today() + timedelta(days=20)
    await a_credential(club.id, club.vera.id, club.owner.id, until=until)
    assert await credentials.warn_of_expiry() == 1
    await told(db, "credential.expiring")
    mails = sent(sink)
    assert set(mails) == {"vera@example.org", "olga@example.org"}
    for message in mails.values():
        assert clock.date_words(until) in " ".join(text_of(message).split())
    assert "Vera <b>" in str(mails["olga@example.org"]["Subject"])


async def test_what_was_taken_back_meanwhile_does_not_run_out(db: Any, sink: Sink, club: Any):
    held = await a_credential(
        club.id, club.vera.id, club.owner.id, until=clock.today() + timedelta(days=20)
    )
    await credentials.warn_of_expiry()
    await credentials.revoke(club.owner.actor, club.id, club.vera.id, held)
    await told(db, "credential.expiring")
    assert not sink.messages
    await told(db, "credential.revoked")
    assert set(sent(sink)) == {"vera@example.org"}


async def test_a_request_reaches_the_coordinator_and_what_is_seen_its_person(
    db: Any, sink: Sink, club: Any
):
    await a_decision(club.role, club.owner.id)
    await operations.ask_to_be_seen(club.vera.actor, club.role, of_age=True)
    await told(db, "check.asked")
    mail = sent(sink)["olga@example.org"]
    assert f"/manage/{club.id}/credentials/{club.vera.id}" in text_of(mail)
    seen = Seen(kind=Kind.FIRST_AID, issued_on=clock.today(), holds_until=None)
    await operations.record(club.owner.actor, club.id, club.vera.id, seen)
    await told(db, "credential.recorded")
    assert "/account/credentials" in text_of(sent(sink)["vera@example.org"])


async def test_places_of_people_who_will_not_be_clear_are_told_to_the_coordinator(
    db: Any, sink: Sink, club: Any
):
    await a_decision(club.role, club.owner.id)
    await a_booking(club.shift, club.vera.id)
    await operations.warn_of_lapses()
    await told(db, "check.lapsing")
    assert set(sent(sink)) == {"olga@example.org"}
    assert "Enhanced DBS check with barred list: not seen" in " ".join(
        text_of(sent(sink)["olga@example.org"]).split()
    )
