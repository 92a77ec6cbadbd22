"""Mail about grants: to assessors when a round opens, to applicants when it is released."""

from typing import Any

from tests.grants.scene import a_scene, grant
from tests.mail.sink import Sink, html_of, text_of
from tests.notifications.test_mail_of_events import quiet

from marketplace.grants.assessment import operations as assessment
from marketplace.grants.assessment.rules import Nature
from marketplace.grants.awards import operations


def addressed(sink: Sink) -> list[str]:
    return sorted(str(m["To"].addresses[0].addr_spec) for m in sink.messages.values())


async def test_assessors_hear_that_applications_wait_and_no_applicant_is_named(db: Any, sink: Sink):
    scene = await a_scene(state="published")
    await assessment.start_due()
    await quiet()
    assert addressed(sink) == sorted([scene.ann.email, scene.ben.email])
    for message in sink.messages.values():
        assert "Warm Rooms Fund: Autumn" in text_of(message)
        assert "/assess" in text_of(message)
        for secret in ("Applicant 0", "Project"):
            assert secret not in text_of(message)
            assert secret not in html_of(message)


async def test_nobody_is_told_before_the_release_and_everybody_once_after_it(db: Any, sink: Sink):
    scene = await a_scene()
    await scene.declare(scene.olga)
    olga = scene.actor(scene.olga)
    won, lost = scene.applications
    await operations.award(
        olga, scene.funder, scene.round, won, grant(125_050, note="A <b>warm</b> plan.")
    )
    await operations.decline(olga, scene.funder, scene.round, lost, "The hall is heated already.")
    await quiet()
    assert not sink.messages
    for _ in range(2):
        await operations.release(olga, scene.funder, scene.round)
    await quiet()
    assert len(sink.messages) == 2
    (first,), (second,) = (sink.to(each.owner.email) for each in scene.applicants)
    assert "£1,250.50" in text_of(first)
    assert "A <b>warm</b> plan." in text_of(first)
    assert "<b>warm</b>" not in html_of(first)
    assert f"/applications/{won}" in text_of(first)
    assert "The hall is heated already." in text_of(second)
    assert f"/applications/{lost}" in text_of(second)


async def test_a_tie_is_told_nobody_by_mail(db: Any, sink: Sink):
    scene = await a_scene()
    await assessment.declare(
        scene.actor(scene.ann), scene.round, {scene.applications[0]: Nature.FAMILY}
    )
    await quiet()
    assert not sink.messages
