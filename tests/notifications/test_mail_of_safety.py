"""Mail about concerns holds nothing of them; mail about who has not come out goes once to each."""

from datetime import timedelta
from typing import Any

from tests.factories import a_person, an_opportunity, an_organisation
from tests.factories_safety import CODE, a_lead, a_lone_booking, a_place_lead
from tests.mail.sink import Sink, html_of, text_of
from tests.notifications.test_mail_of_visits import told

from marketplace.concerns import operations as concerns
from marketplace.concerns.operations import Worry
from marketplace.permissions import PlatformRole
from marketplace.volunteering.lone import operations as lone


def sent(sink: Sink) -> list[tuple[str, str]]:
    return sorted(
        (message["To"].addresses[0].username, message["Subject"])
        for message in sink.messages.values()
    )


async def test_a_concern_is_told_without_its_words(db: Any, sink: Sink):
    lead = await a_person(name="Lena Lead", email="lena@example.org")
    made = await an_organisation(owner=lead, name="Maldon Menders")
    await a_lead(made.id, lead.id)
    worry = Worry(text="Joe is hurt.", organisation_id=made.id, contact_name="Ann")
    await concerns.raise_concern(worry, CODE, client="10.0.0.1")
    await told(db)
    assert sent(sink) == [("lena", "A concern waits for you")]
    (message,) = sink.messages.values()
    for secret in ("Joe", "Maldon", "Ann", CODE):
        assert secret not in text_of(message) + html_of(message)


async def test_where_nobody_may_read_it_an_administrator_is_asked_to_name_somebody(
    db: Any, sink: Sink
):
    await a_person(email="ada@example.org", platform=(PlatformRole.ADMINISTRATOR,))
    await concerns.raise_concern(Worry(text="Joe is hurt."), CODE, client="10.0.0.1")
    await told(db)
    assert sent(sink) == [("ada", "A concern waits for nobody")]


async def test_who_has_not_come_out_is_told_to_each_once_and_that_they_are_safe(
    db: Any, sink: Sink
):
    lead = await a_person(name="Lena Lead", email="lena@example.org")
    await a_place_lead((await a_person(email="pia@example.org")).id)
    made = await an_organisation(owner=lead)
    await a_lead(made.id, lead.id)
    vera = await a_person(name="Vera Lone", email="vera@example.org")
    booking = await a_lone_booking(
        await an_opportunity(made.id), vera.id, ended=timedelta(minutes=61)
    )
    await lone.watch()
    await told(db)
    missed = "Vera Lone has not checked out"
    assert sent(sink) == [("lena", missed), ("pia", missed), ("vera", "Are you safe?")]
    await lone.say_safe(vera.actor, booking)
    await told(db)
    assert ("lena", "Vera Lone is safe") in sent(sink)
    assert ("pia", "Vera Lone is safe") in sent(sink)
    assert len(sink.messages) == 5
