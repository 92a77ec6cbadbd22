"""Every page of safeguarding and of safety on the day, looked at as in `test_pages`."""

from datetime import timedelta
from typing import Any

from tests.factories import a_booking, a_person, a_shift, an_opportunity, an_organisation
from tests.factories_safety import CODE, a_concern, a_lead, a_lone_booking, a_place_lead
from tests.journeys.looking import State, look, report
from tests.journeys.post import Post
from tests.journeys.town import LONG

from marketplace import clock
from marketplace.concerns import operations as concerns
from marketplace.organisations.safeguarding_leads.rules import Part
from marketplace.permissions import OrgRole, PlatformRole
from marketplace.signing import sign
from marketplace.volunteering.lone import operations as lone
from marketplace.volunteering.safety import operations as safety
from marketplace.volunteering.safety.queries import Details

SAID = {"text": "Joe has bruises.", "about_leads": ["no"], "to": ["place"]}


async def test_pages_of_whoever_is_worried(enter: Any, db: Any, site: Post) -> None:
    lead = await a_person(name="Lena Lead")
    made = await an_organisation(members={OrgRole.COORDINATOR: lead}, name=LONG[:100])
    concern = await a_concern(made.id, lead.id, text=f"{LONG}\n\n{LONG}", contact_name="Ann")
    await concerns.note(lead.actor, concern, LONG)
    await concerns.note(lead.actor, concern, "We are with him.", answer=True)
    new, code = f"/concerns/new?about=/organisations/{made.id}", {"code": CODE}
    found = await look(
        enter,
        [
            State("concern", new, says="0808 800 5000"),
            State("concern errors", new, {}, "Send it", 422),
            State("concern sent", "/concerns/new", SAID, "Send it", says="Your code"),
            State("code unknown", "/concerns/answers", {"code": "x"}, "Go on", 422),
            State("answers", "/concerns/answers", code, "Go on", says="We are with him."),
        ],
    )
    found += await look(
        enter,
        [
            State("concerns", "/concerns"),
            State("one concern", f"/concerns/{concern}", says="Who has looked"),
            State("close errors", f"/concerns/{concern}", {}, "Close it", 422),
        ],
        person=lead.id,
    )
    report(found)


async def test_pages_of_who_names_leads(enter: Any, db: Any, site: Post) -> None:
    made = await an_organisation()
    named = await an_organisation(owner=made.owner, members={OrgRole.MEMBER: await a_person()})
    await a_lead(named.id, made.owner.id, Part.DEPUTY)
    administrator = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    place = "/admin/safeguarding"
    found = await look(enter, [State("no place lead", place)], person=administrator.id)
    await a_place_lead(administrator.id)
    found += await look(
        enter,
        [State("place leads", place), State("place errors", place, {}, "Name them", 422)],
        person=administrator.id,
    )
    found += await look(
        enter,
        [
            State("overview without lead", f"/manage/{made.id}", says="Nobody is named"),
            State("leads", f"/manage/{made.id}/safeguarding-leads"),
            State("lead errors", f"/manage/{made.id}/safeguarding-leads", {}, "Save", 422),
            State("leads named", f"/manage/{named.id}/safeguarding-leads"),
        ],
        person=made.owner.id,
    )
    report(found)


async def test_pages_of_the_day(enter: Any, db: Any, site: Post) -> None:
    made, kim = await an_organisation(), await a_person(name=LONG[:60])
    opportunity = await an_opportunity(made.id, place_private=True)
    soon = await a_shift(opportunity, starts_at=clock.now() + timedelta(hours=5))
    booking = await a_booking(soon, kim.id)
    late = await a_lone_booking(opportunity, kim.id, ended=timedelta(minutes=40))
    now = await a_lone_booking(opportunity, kim.id, ended=timedelta(minutes=-90))
    await lone.watch()
    await safety.write(kim.actor, Details(LONG[:80], "07700 900123", "my sister", LONG))
    await safety.share(kim.actor, booking, True)
    found = await look(
        enter,
        [
            State("private place", f"/opportunities/{opportunity}", says="once you have booked"),
            State("link", f"/lone/safe/{sign(lone.SAFE_LINK, late)}", says="Are you safe?"),
        ],
    )
    found += await look(
        enter,
        [
            State("in an emergency", "/account/safety", says="Who has looked"),
            State("my volunteering", "/my/volunteering", says="on your own"),
            State("late", f"/my/lone/{late}"),
            State("check in", f"/my/lone/{now}", {}, "I am here", says="check out"),
        ],
        person=kim.id,
    )
    found += await look(
        enter,
        [
            State("sheet", f"/manage/shifts/{soon}/safety", says="07700 900123"),
            State("watched", f"/manage/lone/{late}", says="not checked out"),
            State("watched errors", f"/manage/lone/{late}", {}, "They are safe", 422),
        ],
        person=made.owner.id,
    )
    report(found)
