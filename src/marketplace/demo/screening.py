"""Roles that people apply for: questions, answers, references, rules and decisions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID

from marketplace.demo.crowd import Someone
from marketplace.demo.programme import Posted
from marketplace.demo.scene import Scene, words
from marketplace.questions.rules import Owner, Subject
from marketplace.volunteering.applications.rules import (
    OWN_DRAFT,
    ApplicationState,
    Compare,
    Effect,
    Event,
    Outcome,
    Recommends,
    RefereeState,
)

_MONTH = timedelta(days=30.4)
_YES_NO = "yes_no"


def screen(scene: Scene) -> list[Posted]:
    """Let people apply for some roles, and give what they apply for."""
    return [_Screening(scene, said).fill() for said in words()["screened"]]


class _Screening:
    """What one role asks, and who answered."""

    def __init__(self, scene: Scene, said: dict[str, Any]) -> None:
        self.scene, self.said, self.maker = scene, said, scene.maker
        self.posted = scene.programme.find(said["group"], said["role"])
        self.coordinator = scene.coordinator(said["group"])
        self.opened = self.posted.opportunity["published_at"]
        self.said_so_far = 0

    def fill(self) -> Posted:
        """Ask, and add those who have a place, those who wait, and those who have none."""
        role = self.posted.row["id"]
        self.maker.add(
            "role_screening",
            id=self.maker.id(self.opened),
            role_id=role,
            needs_application=True,
            by_rules=self.said.get("by_rules", False),
            references_wanted=self.said.get("references", 0),
            good_for_months=self.said.get("months"),
        )
        self.questions = [
            (self._question(number, each), each)
            for number, each in enumerate(self.said["question"], 1)
        ]
        self._rule()
        booked: dict[UUID, dict[str, Any]] = {}
        for row in self.scene.bookings(self.posted):
            booked.setdefault(row["person_id"], row)
        for id, row in booked.items():
            person = self.scene.person(id)
            began = max(self.opened, person.since)
            submitted = began + (row["booked_at"] - began) * 0.5
            decided = began + (row["booked_at"] - began) * 0.9
            self._approve(self._apply(person, submitted), decided)
        self._others(list(booked))
        return self.posted

    def _others(self, known: Sequence[UUID]) -> None:
        """Add who is not in: waiting, turned down, or gone again."""
        near = next(
            (
                shift
                for shift in self.scene.programme.shifts
                if shift.opportunity_id == self.posted.opportunity["id"]
            ),
            None,
        )
        known = [*known, self.scene.priya.id]
        waiting = self.said["waiting"]
        people = self.scene.strangers(near, known, waiting + 3)
        for number, person in enumerate(people[:waiting]):
            self._apply(person, self.scene.days(1.3 + 2.1 * number), waits=True)
        no, gone, new = people[waiting:]
        self._decline(self._apply(no, self.scene.days(24), refused=True), self.scene.days(19))
        self._withdraw(self._apply(gone, self.scene.days(16)), self.scene.days(13))
        self._draft(new, self.scene.days(0.8))
        if self.said.get("by_rules"):
            (yes,) = self.scene.strangers(near, [*known, *(each.id for each in people)], 1)
            self._approve(self._apply(yes, self.scene.days(33)), self.scene.days(33))
        if self.said.get("priya"):
            self._apply(self.scene.priya, self.scene.days(5), waits=True)

    def _question(self, position: int, said: dict[str, Any]) -> dict[str, Any]:
        return self.maker.add(
            "question",
            id=self.maker.id(self.opened),
            owner_type=Owner.ROLE.value,
            owner_id=self.posted.row["id"],
            position=position,
            kind=said["kind"],
            label=said["label"],
            help=said.get("help", ""),
            required=True,
            word_limit=150 if said["kind"] == "text" else None,
            options=said.get("options", []),
            meaning="",
            retired_at=None,
        )

    def _rule(self) -> None:
        """Let the first yes-or-no question decide, where rules do."""
        if not self.said.get("by_rules"):
            return
        question = next(row for row, _ in self.questions if row["kind"] == _YES_NO)
        for effect, value in ((Effect.BLOCK, "no"), (Effect.APPROVE, "yes")):
            self.maker.add(
                "screening_rule",
                id=self.maker.id(self.opened),
                role_id=self.posted.row["id"],
                question_id=question["id"],
                effect=effect.value,
                test=Compare.IS.value,
                value=value,
                reason=self.said["refused"] if effect is Effect.BLOCK else "",
            )

    def _apply(
        self, person: Someone, at: datetime, *, waits: bool = False, refused: bool = False
    ) -> dict[str, Any]:
        """Add an application that was sent, with its answers and referees."""
        row = self.maker.add(
            "role_application",
            id=self.maker.id(at),
            role_id=self.posted.row["id"],
            organisation_id=self.posted.organisation_id,
            person_id=person.id,
            state=ApplicationState.SUBMITTED.value,
            started_at=at - timedelta(hours=2),
            expires_at=None,
            submitted_at=at,
            decided_at=None,
            approved_until=None,
            reason="",
            by_rule=False,
            by_hand_only=waits and bool(self.said.get("by_rules")),
        )
        for question, said in self.questions:
            answers = said["answers"]
            value = answers[self.said_so_far % len(answers)]
            if said["kind"] == _YES_NO:
                value = "no" if (waits or refused) and self.said.get("by_rules") else "yes"
            self._answer(row, question["id"], value, at)
        for position in range(1, self.said.get("references", 0) + 1):
            self._referee(row, position, at, answered=not waits or position == 1)
        self.said_so_far += 1
        self._tell(Event.SUBMITTED, row, at, person.id)
        return row

    def _answer(self, row: dict[str, Any], question: UUID, value: str, at: datetime) -> None:
        self.maker.add(
            "answer",
            id=self.maker.id(at),
            question_id=question,
            subject_type=Subject.ROLE_APPLICATION.value,
            subject_id=row["id"],
            version=1,
            value=value,
            page=None,
            answered_by=row["person_id"],
            answered_at=at,
        )

    def _referee(
        self, application: dict[str, Any], position: int, at: datetime, *, answered: bool
    ) -> None:
        said, chance = words()["reference"], self.maker.chance
        (person,) = self.scene.strangers(None, [application["person_id"]], 1)
        first, _, last = person.name.partition(" ")
        given = at + (min(at + timedelta(days=3), self.maker.now) - at) * chance.random()
        row = self.maker.add(
            "referee",
            id=self.maker.id(at),
            application_id=application["id"],
            position=position,
            name=f"{last[0]}. {last}" if answered else f"{first[0]}. {last}",
            email=f"{first}.{last}.{position}@example.org".lower(),
            relationship=chance.choice(said["relationship"]),
            state=(RefereeState.GIVEN if answered else RefereeState.ASKED).value,
            asked_at=at,
            reminded_at=None,
            answered_at=given if answered else None,
            known=chance.choice(said["known"]) if answered else "",
            recommends=(Recommends.YES if answered else Recommends.UNSAID).value,
            remarks=chance.choice(said["remarks"]) if answered else "",
        )
        self._tell(Event.REFERENCE_ASKED, row, at, application["person_id"], "referee")
        if answered:
            self._tell(
                Event.REFERENCE_GIVEN,
                row,
                given,
                None,
                "referee",
                application=str(application["id"]),
            )

    def _approve(self, row: dict[str, Any], at: datetime) -> None:
        months = self.said.get("months")
        row["approved_until"] = at + _MONTH * months if months else None
        self._decide(row, ApplicationState.APPROVED, Outcome.APPROVED, "", at)

    def _decline(self, row: dict[str, Any], at: datetime) -> None:
        reason = self.said.get("refused") or words()["declined"]["reasons"][0]
        self._decide(row, ApplicationState.DECLINED, Outcome.DECLINED, reason, at)

    def _decide(
        self,
        row: dict[str, Any],
        state: ApplicationState,
        outcome: Outcome,
        reason: str,
        at: datetime,
    ) -> None:
        by_rule = bool(self.said.get("by_rules"))
        by = None if by_rule else self.coordinator.id
        row |= {"state": state.value, "decided_at": at, "reason": reason, "by_rule": by_rule}
        self.maker.add(
            "screening_decision",
            id=self.maker.id(at),
            application_id=row["id"],
            outcome=outcome.value,
            decided_by=by,
            reason=reason,
            trace=self._trace(outcome) if by_rule else [],
            at=at,
        )
        event = Event.APPROVED if outcome is Outcome.APPROVED else Event.DECLINED
        self._tell(event, row, at, by)

    def _trace(self, outcome: Outcome) -> list[dict[str, Any]]:
        asked = next(said["label"] for row, said in self.questions if row["kind"] == _YES_NO)
        held = cycle((outcome is Outcome.DECLINED, outcome is Outcome.APPROVED))
        effects = ((Effect.BLOCK, "No"), (Effect.APPROVE, "Yes"))
        return [
            {"rule": f"“{asked}” is “{value}”", "effect": effect.value, "held": next(held)}
            for effect, value in effects
        ]

    def _withdraw(self, row: dict[str, Any], at: datetime) -> None:
        row["state"] = ApplicationState.WITHDRAWN.value
        self._tell(Event.WITHDRAWN, row, at, row["person_id"])

    def _draft(self, person: Someone, at: datetime) -> None:
        """Leave one half written: the first question answered."""
        row = self.maker.add(
            "role_application",
            id=self.maker.id(at),
            role_id=self.posted.row["id"],
            organisation_id=self.posted.organisation_id,
            person_id=person.id,
            state=ApplicationState.DRAFT.value,
            started_at=at,
            expires_at=at + OWN_DRAFT,
            submitted_at=None,
            decided_at=None,
            approved_until=None,
            reason="",
            by_rule=False,
            by_hand_only=False,
        )
        question, said = self.questions[0]
        self._answer(row, question["id"], said["answers"][-1], at)

    def _tell(
        self,
        event: Event,
        row: dict[str, Any],
        at: datetime,
        by: UUID | None,
        kind: str = "role_application",
        **data: str | int,
    ) -> None:
        whose = self.posted.organisation_id
        self.scene.tell(event, kind, row, at, by, whose, **data)
