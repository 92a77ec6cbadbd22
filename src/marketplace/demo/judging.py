"""What assessors and funders make of applications: ties, points, decisions, awards."""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace import clock, paths
from marketplace.demo.calls import Project
from marketplace.demo.maker import Maker
from marketplace.grants.assessment.rules import Nature
from marketplace.grants.awards.rules import Outcome
from marketplace.grants.rules import ApplicationState, AssessmentState, Event, RoundState

_SAID = tomllib.loads((paths.PACKAGE / "demo" / "words" / "remarks.toml").read_text("utf-8"))
# In a round that runs: how many applications the first and the second assessor have finished.
_DONE = (3, 4)


@dataclass(frozen=True, slots=True)
class Judged:
    """An application and what was written for it."""

    row: dict[str, Any]
    project: Project


@dataclass(frozen=True, slots=True)
class Panel:
    """Who decides a round, and who assesses it."""

    officer: UUID
    assessors: list[UUID]


class Judging:
    """One round from its deadline on; `round` and the applications are brought up to date."""

    def __init__(
        self, maker: Maker, round: dict[str, Any], criteria: list[dict[str, Any]], panel: Panel
    ) -> None:
        self.maker = maker
        self.round = round
        self.criteria = criteria
        self.panel = panel
        self.decided = round["state"] == RoundState.DECIDED.value

    def judge(self, applications: list[Judged]) -> None:
        """Assess and decide what a round that is over needs, and half of one that is not."""
        for assessor in self.panel.assessors:
            self._name(assessor)
        # The officers of a round that has only just closed have not looked at it yet.
        fresh = self.maker.now - self.round["deadline"] < timedelta(days=8)
        if fresh and not self.decided:
            return
        for each in applications:
            self._declare(each)
        for number, assessor in enumerate(self.panel.assessors):
            mine = [each for each in applications if not self._is_tied(each, assessor)]
            done = len(mine) if self.decided else _DONE[number]
            for each in mine[:done]:
                self._assess(each, assessor, finished=True)
            for each in mine[done : done + 1]:
                self._assess(each, assessor, finished=False)
        for each in applications if self.decided else applications[:1]:
            self._decide(each)

    def _is_tied(self, judged: Judged, person: UUID) -> bool:
        return judged.project.conflict and person == self.panel.assessors[0]

    def _after(self, least: float, most: float) -> datetime:
        """Choose an instant so many days after the deadline, and not after now."""
        days = timedelta(days=self.maker.chance.uniform(least, most))
        return min(self.round["deadline"] + days, self.maker.now - timedelta(hours=1))

    def _tell(
        self, event: Event, judged: Judged, at: datetime, by: UUID | None, **data: str
    ) -> None:
        self.maker.happened(
            event,
            "application",
            judged.row["id"],
            at,
            by=by,
            organisation=self.round["organisation_id"],
            **data,
        )

    def _name(self, person: UUID) -> None:
        maker, round = self.maker, self.round
        at = maker.between(round["opens_at"], round["deadline"])
        maker.add(
            "round_assessor",
            id=maker.id(at),
            round_id=round["id"],
            person_id=person,
            added_at=at,
        )
        maker.happened(
            Event.ASSESSOR_NAMED,
            "round",
            round["id"],
            at,
            by=self.panel.officer,
            organisation=round["organisation_id"],
            person=str(person),
        )

    def _declare(self, judged: Judged) -> None:
        for person in (*self.panel.assessors, self.panel.officer):
            tied = self._is_tied(judged, person)
            at = self._after(0.2, 2)
            self.maker.add(
                "declaration",
                id=self.maker.id(at),
                application_id=judged.row["id"],
                person_id=person,
                conflict=tied,
                nature=Nature.FAMILY.value if tied else "",
                found=False,
                declared_at=at,
            )
            if tied:
                nature = Nature.FAMILY.value
                self._tell(Event.CONFLICT_DECLARED, judged, at, person, nature=nature)
            else:
                self._tell(Event.NO_CONFLICT_DECLARED, judged, at, person)

    def _assess(self, judged: Judged, person: UUID, *, finished: bool) -> None:
        maker, chance, project = self.maker, self.maker.chance, judged.project
        at = self._after(3, 11 if not self.decided else 20)
        # Decided ones were judged as they were decided; the rest by chance.
        liked = project.awarded is not None if self.decided else chance.random() < 0.8
        comment = chance.choice(_SAID["comments" if liked else "against"]) if finished else ""
        row = maker.add(
            "assessment",
            id=maker.id(at),
            application_id=judged.row["id"],
            person_id=person,
            state=(AssessmentState.FINISHED if finished else AssessmentState.STARTED).value,
            comment=comment,
            finished_at=at if finished else None,
        )
        for criterion in self.criteria if finished else self.criteria[:2]:
            share = min(1.0, max(0.0, chance.gauss(0.8 if liked else 0.4, 0.14)))
            kind = "good" if share > 0.7 else "middling" if share > 0.45 else "poor"
            maker.add(
                "score",
                id=maker.id(at),
                assessment_id=row["id"],
                criterion_id=criterion["id"],
                points=int(share * criterion["most"] + 0.5),
                abstained=False,
                reason=chance.choice(_SAID[kind]),
            )
        if finished:
            self._tell(Event.ASSESSMENT_FINISHED, judged, at, person)

    def _decide(self, judged: Judged) -> None:
        """Decide about one application; in a round that is over everybody has been told."""
        maker, project, round = self.maker, judged.project, self.round
        officer, released_at = self.panel.officer, round["decided_at"]
        at = self._after(25, 34) if self.decided else maker.now - timedelta(hours=6)
        while self.decided and clock.local(at).weekday() > 4:
            at -= timedelta(days=1)
        given = project.awarded if self.decided else project.asked
        outcome = Outcome.AWARD if given else Outcome.DECLINE
        note = maker.chance.choice(_SAID["awarded"]) if given else project.why
        maker.add(
            "decision",
            id=maker.id(at),
            application_id=judged.row["id"],
            round_id=round["id"],
            outcome=outcome.value,
            note=note,
            decided_by=officer,
            decided_at=at,
            released_at=released_at,
        )
        about = {"round": str(round["id"])}
        if given:
            award = self._award(judged, given * 100, at)
            about["award"] = str(award)
        made = Event.AWARD_MADE if given else Event.DECLINE_DECIDED
        self._tell(made, judged, at, officer, **about)
        if not released_at:
            return
        state = ApplicationState.AWARDED if given else ApplicationState.DECLINED
        judged.row.update(state=state.value, decided_at=released_at, decision_note=note)
        told = Event.AWARD_PUBLISHED if given else Event.APPLICATION_DECLINED
        self._tell(told, judged, released_at, officer, **about)

    def _award(self, judged: Judged, amount: int, at: datetime) -> UUID:
        maker, round = self.maker, self.round
        row = maker.add(
            "award",
            id=maker.id(at),
            application_id=judged.row["id"],
            round_id=round["id"],
            fund_id=round["fund_id"],
            funder_id=round["organisation_id"],
            recipient_id=judged.row["organisation_id"],
            title=judged.project.title,
            description=judged.project.story,
            amount=amount,
            awarded_on=clock.local(at).date(),
            starts_on=round["starts_on"],
            ends_on=round["ends_on"],
            published_at=round["decided_at"],
            modified_at=round["decided_at"] or at,
            decided_by=self.panel.officer,
        )
        maker.add(
            "commitment",
            id=maker.id(at),
            round_id=round["id"],
            award_id=row["id"],
            amount=amount,
            at=at,
            by=self.panel.officer,
        )
        round["committed"] += amount
        return row["id"]
