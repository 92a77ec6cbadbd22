"""Every page of funding in every state, looked at as in `test_pages`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.factories import AnOrganisation, APerson, a_person, acting, an_organisation
from tests.factories_grants import DIFFERENCE, a_draft, a_fund, a_round, a_submission, answer, asked
from tests.grants.scene import Scene, a_scene, grant
from tests.journeys.looking import State, look, report
from tests.journeys.post import Post
from tests.journeys.town import LONG, TYPED

from marketplace import clock, db
from marketplace.grants.applications import operations as applications
from marketplace.grants.awards import operations as awards
from marketplace.organisations.rules import Kind
from marketplace.organisations.rules import State as Standing
from marketplace.permissions import OrgRole
from marketplace.questions.operations import Wording
from marketplace.questions.rules import Kind as Asking

ASKS = (
    DIFFERENCE,
    Wording(kind=Asking.CHOICE, label="Where?", options=["Indoors", "Outdoors"]),
    Wording(
        kind=Asking.CHOICES,
        label="Who is it for?",
        help="As many as are true.",
        options=["Young people", "Old people", TYPED],
        required=False,
    ),
    Wording(kind=Asking.YES_NO, label="Do you own the land?", required=False),
    Wording(kind=Asking.DATE, label="When do you start?", required=False),
    Wording(kind=Asking.NUMBER, label=f"How many will come? {LONG}", required=False),
    Wording(kind=Asking.TEXT, label="Anything else?", word_limit=400, required=False),
)


@dataclass
class Funding:
    """A funder with funds in every state, and organisations that apply."""

    officer: APerson
    trustee: APerson
    chloe: APerson
    group: AnOrganisation
    funder: UUID
    newly: UUID  # its owner is the officer: nothing there
    ids: dict[str, UUID]


@pytest.fixture
async def funding(db: Any, site: Post) -> Funding:
    """Give the funds of the pages."""
    officer = await a_person(name="Olga Officer")
    trustee = await a_person(name="Tariq Trustee")
    funder = await an_organisation(
        name="Essex Giving",
        members={OrgRole.GRANTS_OFFICER: officer, OrgRole.TRUSTEE: trustee},
    )
    newly = await an_organisation(name="Just begun", owner=officer)
    chloe = await a_person(name="Chloe Charity")
    group = await an_organisation(name="Witham Wheelers", owner=chloe)
    await an_organisation(
        name=LONG, owner=chloe, kind=Kind.PUBLIC_BODY, state=Standing.DRAFT, postcode="CO1 1AA"
    )
    ids: dict[str, UUID] = {}
    await _rounds(ids, funder.id)
    await _applications(ids, group)
    return Funding(officer, trustee, chloe, group, funder.id, newly.id, ids)


async def _rounds(ids: dict[str, UUID], funder: UUID) -> None:
    now = clock.now().replace(microsecond=0)
    fund = ids["fund"] = await a_fund(funder, description="We like gardens.\n\nAnd parks.")
    ids["open"] = await a_round(
        fund,
        asks=ASKS,
        criteria=3,
        kinds=["community_group", "charity"],
        districts=["E07000067"],
        income_at_most=50_000_000,
        years_registered=2,
        approved_only=True,
        who_may_apply="Groups that look after a green space.",
    )
    ids["upcoming"] = await a_round(
        await a_fund(funder, title="Village halls fund"), opens_at=now + timedelta(days=3)
    )
    ids["draft"] = await a_round(fund, title="Next year", state="draft", asks=(), criteria=0)
    ids["ready"] = await a_round(fund, title="Autumn round", state="draft", asks=ASKS, criteria=2)
    ids["cancelled"] = await a_round(fund, title="Winter round", state="cancelled")
    ids["long"] = await a_fund(
        funder, title=LONG[:110], summary=f"{TYPED}, {'many words ' * 20}", area=TYPED[:58]
    )
    await a_round(ids["long"], title=TYPED[:50], asks=(Wording(kind=Asking.LINE, label=LONG),))
    ids["bare"] = await a_fund(funder, title="A draft", summary="", state="draft")
    for number in range(6):
        fund = await a_fund(funder, title=f"Small grants {number + 1}", causes=["sport"])
        await a_round(fund, deadline=now + timedelta(days=20 + number))


async def _applications(ids: dict[str, UUID], group: AnOrganisation) -> None:
    actor = group.owner.actor
    ids["written"], _ = await a_draft(ids["open"], group)
    for question in await asked(ids["open"]):
        ids[question.label] = question.id
    title, amount = list(await asked(ids["open"]))[:2]
    now = clock.now()
    await applications.save(
        actor,
        ids["written"],
        [
            applications.Sent(title.id, "A garden on wheels", 0),
            applications.Sent(amount.id, "£9,999", 0),
            applications.Sent(ids[DIFFERENCE.label], "Many will meet. " * 12, 0),
        ],
        received=now,
    )
    rounds = await db.fetch(
        "SELECT r.id FROM round r JOIN fund f ON f.id = r.fund_id"
        " WHERE f.title LIKE 'Small grants %' ORDER BY f.title"
    )
    first, second, third, late = [row["id"] for row in rounds[:4]]
    ids["complete"], _ = await a_draft(first, group)
    await answer(actor, ids["complete"])
    ids["submitted"], _ = await a_submission(second, group, title=LONG)
    ids["withdrawn"], _ = await a_submission(third, group)
    await applications.withdraw(actor, ids["withdrawn"], received=now)
    ids["late"], _ = await a_draft(late, group)
    await db.execute("UPDATE round SET deadline = now() - interval '1 hour' WHERE id = {}", late)
    ids["closed"] = late


async def test_pages_for_applicants(enter: Any, funding: Funding) -> None:
    ids = funding.ids
    fund = f"/funds/{ids['fund']}"
    found = await look(
        enter,
        [
            State("funds", "/funds"),
            State("funds near a cause", "/funds?near=CM1&cause=sport"),
            State("funds empty", "/funds?q=zeppelin&near=CM1&cause=sport"),
            State("funds unknown place", "/funds?near=Atlantis", says="do not know"),
            State("fund", fund),
            State("fund long names", f"/funds/{ids['long']}"),
            State("awards none", "/awards"),
        ],
    )
    application = "/applications/"
    written = f"{application}{ids['written']}"
    start = "/rounds/{}/application"
    found += await look(
        enter,
        [
            State("start fits", start.format(ids["upcoming"]), says="Not open yet"),
            State("start has a draft", start.format(ids["open"]), says="Cannot apply"),
            State("start closed", start.format(ids["closed"]), says="This round is closed"),
            State("applications", f"/manage/{funding.group.id}/applications"),
            State("application tasks", written, says="Not finished"),
            State("application late", f"{application}{ids['late']}", says="The deadline has"),
            State("application submitted", f"{application}{ids['submitted']}"),
            State("application withdrawn", f"{application}{ids['withdrawn']}"),
            State("all answers", f"{written}/answers"),
            State("answer text", f"{written}/answers/{ids[DIFFERENCE.label]}"),
            State("answer choices", f"{written}/answers/{ids['Who is it for?']}"),
            State("check", f"{written}/check"),
            State("check errors", f"{written}/check", {}, "Submit", 422),
            State("check complete", f"{application}{ids['complete']}/check"),
        ],
        funding.chloe.id,
    )
    stranger = await a_person(name="Sam Single")
    found += await look(
        enter,
        [
            State("start without an organisation", start.format(ids["open"])),
            State("assess nothing", "/assess"),
        ],
        stranger.id,
    )
    found += await look(
        enter,
        [
            State("start by a trustee", start.format(ids["open"]), says="role does not"),
            State("applications empty", f"/manage/{funding.funder}/applications"),
        ],
        funding.trustee.id,
    )
    report(found)


async def test_pages_for_funders(enter: Any, funding: Funding) -> None:
    ids = funding.ids
    here, newly = f"/manage/{funding.funder}", f"/manage/{funding.newly}"
    rounds, draft = "/manage/rounds/", f"/manage/rounds/{ids['ready']}"
    fund = f"/manage/funds/{ids['fund']}"
    wrong = {"title": "", "budget": "100", "most": "a lot"}
    found = await look(
        enter,
        [
            State("manage funds", f"{here}/funds"),
            State("manage funds empty", f"{newly}/funds"),
            State("manage fund errors", f"{here}/funds/new", {}, "Save draft", 422),
            State("manage fund", fund),
            State("manage fund bare", f"/manage/funds/{ids['bare']}"),
            State("manage round errors", f"{fund}/rounds/new", wrong, "Save and", 422),
            State("manage round lacking", f"{rounds}{ids['draft']}"),
            State("manage round ready", draft),
            State("manage round open", f"{rounds}{ids['open']}"),
            State("manage round cancelled", f"{rounds}{ids['cancelled']}"),
            State("manage round edit published", f"{rounds}{ids['open']}/edit"),
            State("manage question errors", f"{draft}/questions/new", {}, "Add", 422),
            State("manage criterion errors", f"{draft}/criteria/new", {"most": "0"}, "Add", 422),
            State("assessors none", f"{here}/rounds/{ids['open']}/assessors"),
        ],
        funding.officer.id,
    )
    found += await look(
        enter,
        [
            State("trustee round", f"{rounds}{ids['open']}"),
            State("trustee round edit", f"{draft}/edit", status=403),
        ],
        funding.trustee.id,
    )
    report(found)


@pytest.fixture
async def scene(db: Any, site: Post) -> Scene:
    """Give a round that is being assessed: of five applicants two are judged, one far apart."""
    scene = await a_scene(5)
    await db.execute(
        "UPDATE organisation SET name = {} WHERE id = {}", LONG, scene.applicants[2].id
    )
    await db.execute(
        "UPDATE application SET title = {} WHERE id = {}", TYPED, scene.applications[2]
    )
    await scene.declare(scene.ann, scene.ben, scene.olga)
    first, second, third, *_ = scene.applications
    await scene.score(scene.ann, first, 5, 5)
    await scene.score(scene.ben, first, 0, 1)
    await scene.score(scene.ann, second, 3, None)
    await scene.score(scene.ben, second, 4, 4)
    await scene.score(scene.ann, third, 1, 2)
    return scene


async def test_pages_of_assessing_and_deciding(enter: Any, scene: Scene) -> None:
    first, second, third, fourth, fifth = scene.applications
    manage = f"/manage/{scene.funder}/rounds/{scene.round}"
    olga = acting(scene.olga, grants_officer=scene.funder)
    found = await look(
        enter,
        [
            State("assess", "/assess"),
            State("assess application", f"/assess/{fourth}"),
            State("assess errors", f"/assess/{fifth}", {}, "Finish", 422),
            State("assess finished", f"/assess/{first}", says="What the others said"),
        ],
        scene.ann.id,
    )
    found += await look(
        enter,
        [
            State("decision", f"{manage}/decision", says="To decide"),
            State("decide", f"{manage}/decision/{first}", says="far apart"),
            State("decide not assessed", f"{manage}/decision/{fifth}"),
            State(
                "decide errors",
                f"{manage}/decision/{second}",
                {"amount": "a lot", "title": ""},
                "Set this",
                422,
            ),
            State("release too soon", f"{manage}/release", says="still need"),
            State("assessors", f"{manage}/assessors"),
            State("assessors errors", f"{manage}/assessors", {}, "Add as an assessor", 422),
            State("manage round assessing", f"/manage/rounds/{scene.round}"),
        ],
        scene.olga.id,
    )
    found += await look(
        enter,
        [
            State("ties before deciding", f"{manage}/decision", says="Do you have a tie"),
            State("ties before one decision", f"{manage}/decision/{first}", says="Do you have"),
        ],
        scene.gus.id,
    )
    await awards.award(olga, scene.funder, scene.round, first, grant(note="Well done."))
    await awards.award(olga, scene.funder, scene.round, third, grant(200_000, title=TYPED))
    for id in (second, fourth, fifth):
        reason = "The hall is heated already.\n\nThink of insulation."
        await awards.decline(olga, scene.funder, scene.round, id, reason)
    found += await look(
        enter,
        [
            State("decision complete", f"{manage}/decision", says="Release the decisions"),
            State("decide awarded", f"{manage}/decision/{first}"),
            State("release", f"{manage}/release"),
        ],
        scene.olga.id,
    )
    await awards.release(olga, scene.funder, scene.round)
    found += await look(
        enter,
        [
            State("decision released", f"{manage}/decision"),
        ],
        scene.olga.id,
    )
    found += await look(
        enter,
        [
            State("awards", "/awards"),
            State("fund with awards", f"/funds/{scene.fund}"),
        ],
    )
    for number, outcome in ((0, "application awarded"), (1, "application declined")):
        person = scene.applicants[number].owner.id
        path = f"/applications/{scene.applications[number]}"
        found += await look(enter, [State(outcome, path)], person)
    report(found)


async def test_the_question_of_ties(enter: Any, db: Any, site: Post) -> None:
    scene = await a_scene(2)
    declare = f"/assess/{scene.applications[0]}"
    report(
        await look(
            enter,
            [
                State("assess ties first", "/assess", says="First:"),
                State("ties", f"/assess/rounds/{scene.round}/ties"),
                State("ties errors", f"/assess/rounds/{scene.round}/ties", {}, "Go on", 422),
                State("declaration", declare),
                State("declaration errors", declare, {}, "Go on", 422),
            ],
            scene.ben.id,
        )
    )
