"""A funder in the middle of a round: two assessors, an officer, and applicants."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.factories import APerson, a_person, acting, an_organisation

from marketplace import clock, db
from marketplace.grants.assessment import operations as assessment
from marketplace.grants.assessment.rules import Points
from marketplace.grants.awards.rules import Grant
from marketplace.grants.awards.tables import Decision
from marketplace.grants.tables import (
    Application,
    Assessment,
    Award,
    Criterion,
    Declaration,
    Fund,
    Round,
    RoundAssessor,
)
from marketplace.ids import new_id
from marketplace.permissions import Actor, OrgRole

CANARY = "Canary Quilting"


@dataclass
class Scene:
    """`ann` and `ben` assess, `olga` and `gus` are grants officers, `owner` owns the funder."""

    funder: UUID
    fund: UUID
    round: UUID
    criteria: list[UUID]
    owner: APerson
    ann: APerson
    ben: APerson
    olga: APerson
    gus: APerson
    applications: list[UUID]
    applicants: list[Any]

    def actor(self, person: APerson) -> Actor:
        """Give a person's actor with their role in the funder."""
        role = {
            self.ann.id: OrgRole.ASSESSOR,
            self.ben.id: OrgRole.ASSESSOR,
            self.olga.id: OrgRole.GRANTS_OFFICER,
            self.gus.id: OrgRole.GRANTS_OFFICER,
            self.owner.id: OrgRole.OWNER,
        }[person.id]
        return acting(person, **{role.value: self.funder})

    @property
    def home(self) -> str:
        """Give the address of the decision page."""
        return f"/manage/{self.funder}/rounds/{self.round}/decision"

    async def declare(self, *people: APerson, **ties: Any) -> None:
        """Let people say that they have no tie to any applicant they may see."""
        for person in people:
            actor = self.actor(person)
            waiting = await assessment.queries.undeclared(actor, self.round)
            none = {each.application_id: None for each in waiting}
            if none:
                await assessment.declare(actor, self.round, none)

    async def score(self, person: APerson, application: UUID, *points: int | None) -> None:
        """Let somebody finish an assessment; None abstains."""
        sheet = {
            criterion: Points(given, given is None, "Because." if given is not None else "")
            for criterion, given in zip(self.criteria, points, strict=True)
        }
        mine = (await assessment.queries.reading(self.actor(person), application)).mine
        seen = mine.version if mine else 0
        await assessment.save(self.actor(person), application, sheet, seen=seen, finish=True)


def grant(amount: int = 100_000, **changes: Any) -> Grant:
    """Give an award that breaks no rule; the amount in pence."""
    return Grant(
        **{
            "amount": amount,
            "title": "A warm room",
            "description": "Heating and tea for a winter.",
            "starts_on": date(2027, 1, 1),
            "ends_on": date(2027, 12, 31),
        }
        | changes
    )


async def a_scene(
    applicants: int = 2,
    *,
    budget: int = 1_000_000,
    asked: int = 500_000,
    state: str = "assessing",
    deadline: datetime | None = None,
    canary: bool = False,
    named: bool = True,
) -> Scene:
    """Make a round; `canary` gives its first application a title to look for everywhere."""
    people = {
        name: await a_person(name=name.title(), email=f"{name}-{new_id().hex[-6:]}@example.org")
        for name in ("ann", "ben", "olga", "gus", "owner")
    }
    funder = await an_organisation(
        owner=people["owner"],
        members={OrgRole.ASSESSOR: people["ann"], OrgRole.GRANTS_OFFICER: people["olga"]},
        name="Chelmer Community Foundation",
        charity_number=None,
    )
    for name, role in (("ben", "assessor"), ("gus", "grants_officer")):
        await db.execute(
            "INSERT INTO membership (id, organisation_id, person_id, role, since)"
            " VALUES ({}, {}, {}, {}, now())",
            new_id(),
            funder.id,
            people[name].id,
            role,
        )
    fund = Fund(
        organisation_id=funder.id,
        title="Warm Rooms Fund",
        summary="Rooms that are warm in winter.",
        state="open",
        published_at=clock.now(),
    )
    await fund.save()
    deadline = deadline or clock.now() - timedelta(days=1)
    opens = deadline - timedelta(days=30)
    round = Round(
        fund_id=fund.id,
        organisation_id=funder.id,
        title="Autumn",
        state=state,
        opens_at=opens,
        opens_local=clock.local(opens).replace(tzinfo=None),
        deadline=deadline,
        deadline_local=clock.local(deadline).replace(tzinfo=None),
        budget=budget,
        least=10_000,
        most=min(budget, 600_000),
        published_at=opens,
    )
    await round.save()
    criteria = [
        Criterion(round_id=round.id, position=0, label="Need", help="Who needs it?", most=5),
        Criterion(round_id=round.id, position=1, label="Plan", weight=2, most=5),
    ]
    await Criterion.insert(*criteria)
    found = Scene(
        funder=funder.id,
        fund=fund.id,
        round=round.id,
        criteria=[each.id for each in criteria],
        applications=[],
        applicants=[],
        **people,
    )
    for number in range(applicants):
        await add_application(
            found,
            title=CANARY if canary and not number else f"Project {number}",
            name=f"{CANARY} Circle" if canary and not number else f"Applicant {number:02}",
            asked=asked,
        )
    if named:
        for name in ("ann", "ben"):
            await RoundAssessor(round_id=round.id, person_id=people[name].id).save()
    return found


async def add_application(
    scene: Scene, *, title: str = "Project", name: str = "Applicant", asked: int = 500_000
) -> UUID:
    """Submit one more application, by a new organisation."""
    applicant = await an_organisation(name=name, owner=await a_person(name="Abe Applicant"))
    application = Application(
        round_id=scene.round,
        organisation_id=applicant.id,
        title=title,
        amount=asked,
        state="submitted",
        started_by=applicant.owner.id,
        submitted_by=applicant.owner.id,
        submitted_at=clock.now(),
        snapshot=snapshot(title, asked),
    )
    await application.save()
    scene.applications.append(application.id)
    scene.applicants.append(applicant)
    return application.id


def snapshot(title: str, asked: int) -> dict[str, Any]:
    """Freeze answers as an application does."""

    def answer(kind: str, label: str, value: str, meaning: str = "") -> dict[str, Any]:
        return {
            "id": str(new_id()),
            "kind": kind,
            "label": label,
            "help": "",
            "required": True,
            "word_limit": None,
            "options": [],
            "meaning": meaning,
            "position": 0,
            "answer": value,
            "version": 1,
        }

    return {
        "shape": 1,
        "fund": "Warm Rooms Fund",
        "round": "Autumn",
        "organisation": {},
        "questions": [
            answer("line", "What is your project called?", title, "title"),
            answer("money", "How much do you ask for?", f"{asked / 100:.2f}", "amount"),
            answer("text", "Who will it help?", f"The people of {title}.\n\nAll of them."),
            answer("yes_no", "Is the room warm?", "no"),
        ],
    }


async def a_tie(application: UUID, person: UUID, nature: str = "family") -> UUID:
    """Let somebody have a tie to an applicant."""
    made = Declaration(application_id=application, person_id=person, conflict=True, nature=nature)
    await made.save()
    return made.id


async def a_judged_round(funder: UUID, officer: UUID, assessor: UUID) -> tuple[UUID, UUID, UUID]:
    """Make two rounds of a funder: one in assessment, whose application is declined in secret and
    was assessed by `assessor`, and one whose award is public.

    Gives the first round, its application, and the award. `officer` may assess and decide.
    """
    ids: list[UUID] = []
    for state, outcome in (("assessing", "submitted"), ("decided", "awarded")):
        scene = await a_scene(1, state=state, named=False)
        for table in ("fund", "round"):
            await db.execute(
                f"UPDATE {table} SET organisation_id = {{}} WHERE id = {{}}",
                funder,
                getattr(scene, table),
            )
        await db.execute(
            "UPDATE application SET state = {} WHERE id = {}", outcome, scene.applications[0]
        )
        ids += [scene.round, scene.applications[0], scene.fund, scene.applicants[0].id]
    round, application, _, _, other, awarded, fund, recipient = ids
    await RoundAssessor(round_id=round, person_id=officer).save()
    await Declaration(application_id=application, person_id=officer).save()
    await Assessment(application_id=application, person_id=assessor, state="finished").save()
    await Decision(
        application_id=application, round_id=round, outcome="decline", note="Not now."
    ).save()
    award = Award(
        application_id=awarded,
        round_id=other,
        fund_id=fund,
        funder_id=funder,
        recipient_id=recipient,
        title="A warm room",
        description="Heating and tea for a winter.",
        amount=100_000,
        awarded_on=clock.today(),
        published_at=clock.now(),
    )
    await award.save()
    return round, application, award.id
