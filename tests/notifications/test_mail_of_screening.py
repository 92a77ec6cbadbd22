"""Mail about applications for roles: to applicants, to who decides, and to referees."""

from typing import Any

from tests.factories import a_person
from tests.mail.sink import Sink, html_of, text_of
from tests.notifications.test_mail_of_events import quiet
from tests.volunteering.applications.test_applying import a_scene
from tests.volunteering.applications.test_deciding import GOOD, token, with_referees

from marketplace.volunteering.applications import deciding, references


async def test_each_hears_what_is_theirs_and_no_applicant_a_reference(db: Any, sink: Sink):
    scene, person = await a_scene(references=1), await a_person()
    id, (referee,) = await with_referees(scene, person, 1)
    await quiet()
    (asked,) = sink.to("r0@example.org")
    assert "/references/" in text_of(asked)
    (arrived,) = sink.to(person.email)
    assert "will decide on it" in text_of(arrived)
    assert len(sink.to(scene.organisation.owner.email)) == 1
    await references.give(token(referee), GOOD)
    await deciding.decline(scene.coordinator, id, reason="The role is filled.")
    await quiet()
    declined = sink.to(person.email)[-1]
    assert "The role is filled." in text_of(declined)
    for secret in (GOOD.known, GOOD.remarks):
        assert secret not in text_of(declined)
        assert secret not in html_of(declined)
