"""Funds and their rounds, the applications to them, and what became of these."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from marketplace import clock, money
from marketplace.demo.calls import FUNDS, LONG_HERE, PROJECTS, Call, Fund, Project, Question
from marketplace.demo.crowd import Crowd, Someone
from marketplace.demo.judging import Judged, Judging, Panel
from marketplace.demo.maker import Maker
from marketplace.grants.applications.snapshot import freeze
from marketplace.grants.rounds.operations import FIRST_QUESTIONS
from marketplace.grants.rounds.queries import CriterionView, RoundView
from marketplace.grants.rules import ApplicationState, Event, FundState, RoundState, Rules
from marketplace.organisations.rules import Kind as OrganisationKind
from marketplace.permissions import OrgRole
from marketplace.places.seed import DISTRICTS
from marketplace.questions.queries import asked_of
from marketplace.questions.rules import Kind, Owner, Stored, Subject

__all__ = ["LONG_HERE", "Funding"]

OPEN_DAYS = 42
# From the deadline until everybody is told.
DECIDING_DAYS = 38
# An answer that says which question it is about, where the product itself does not.
_TITLE, _AMOUNT = "title", "amount"


@dataclass(frozen=True, slots=True)
class _Round:
    """A round as it was written, with what its applications need."""

    row: dict[str, Any]
    view: RoundView
    questions: list[tuple[str, dict[str, Any]]]
    criteria: list[dict[str, Any]]


class Funding:
    """Open every fund and fill its rounds."""

    def __init__(
        self, maker: Maker, crowd: Crowd, organisations: dict[str, dict[str, Any]]
    ) -> None:
        self.maker = maker
        self.crowd = crowd
        self.organisations = organisations

    def open(self) -> None:
        """Add the funds in their order."""
        for fund in FUNDS:
            self._fund(fund)

    def _fund(self, fund: Fund) -> None:
        maker = self.maker
        funder = self.organisations[fund.funder]
        (officer, *_) = self.crowd.of(fund.funder, OrgRole.GRANTS_OFFICER)
        first = min(self._days(call)[0] for call in fund.calls)
        created_at = _at(first, time(10)) - timedelta(days=12)
        row = maker.add(
            "fund",
            id=maker.id(created_at),
            organisation_id=funder["id"],
            title=fund.title,
            summary=fund.summary,
            description=fund.description,
            causes=fund.causes,
            area=fund.area,
            state=(FundState.CLOSED if fund.closed else FundState.OPEN).value,
            created_by=officer.id,
            created_at=created_at,
            published_at=created_at + timedelta(days=6),
        )

        def tell(event: Event, at: datetime) -> None:
            maker.happened(event, "fund", row["id"], at, by=officer.id, organisation=funder["id"])

        tell(Event.FUND_DRAFTED, created_at)
        tell(Event.FUND_PUBLISHED, row["published_at"])
        for call in fund.calls:
            self._round(fund, call, row, funder, officer)
        if fund.closed:
            tell(Event.FUND_CLOSED, maker.ago(5, 12))

    def _days(self, call: Call) -> tuple[date, date]:
        """Give the days on which a round opens and closes: no far deadline at a weekend."""
        deadline = self.maker.today + timedelta(days=call.deadline)
        while abs(call.deadline) > 5 and deadline.weekday() > 4:
            deadline += timedelta(days=1)
        if call.opens is not None:
            return self.maker.today + timedelta(days=call.opens), deadline
        return deadline - timedelta(days=OPEN_DAYS), deadline

    def _round(
        self,
        fund: Fund,
        call: Call,
        fund_row: dict[str, Any],
        funder: dict[str, Any],
        officer: Someone,
    ) -> None:
        maker = self.maker
        opens_day, last_day = self._days(call)
        opens_at, deadline = _at(opens_day, time(9)), _at(last_day, time(12))
        published_at = min(opens_at - timedelta(days=3), maker.now - timedelta(days=1))
        starts_on = last_day + timedelta(days=60)
        state = {
            "draft": RoundState.DRAFT,
            "upcoming": RoundState.PUBLISHED,
            "open": RoundState.PUBLISHED,
            "assessing": RoundState.ASSESSING,
            "decided": RoundState.DECIDED,
        }[call.stage]
        drafted_at = published_at - timedelta(days=2)
        decided_at = None
        if state is RoundState.DECIDED:
            decided_at = deadline + timedelta(days=DECIDING_DAYS, hours=maker.chance.uniform(-2, 4))
        row = maker.add(
            "round",
            id=maker.id(drafted_at),
            fund_id=fund_row["id"],
            organisation_id=funder["id"],
            title=call.title,
            state=state.value,
            opens_at=opens_at,
            opens_local=datetime.combine(opens_day, time(9)),
            deadline=deadline,
            deadline_local=datetime.combine(last_day, time(12)),
            zone=clock.LONDON.key,
            budget=call.budget * 100,
            committed=0,
            least=call.least * 100,
            most=call.most * 100,
            who_may_apply=call.who,
            kinds=call.kinds,
            districts=[DISTRICTS[name][0] for name in fund.districts],
            income_at_most=call.income * 100 if call.income else None,
            years_registered=fund.years,
            approved_only=True,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=364),
            published_at=None if state is RoundState.DRAFT else published_at,
            decided_at=decided_at,
        )
        id = row["id"]

        def tell(event: Event, at: datetime, by: UUID | None = officer.id) -> None:
            maker.happened(event, "round", id, at, by=by, organisation=funder["id"])

        tell(Event.ROUND_DRAFTED, drafted_at)
        if state is not RoundState.DRAFT:
            tell(Event.ROUND_PUBLISHED, published_at)
        questions = self._questions(id, fund, drafted_at)
        criteria = self._criteria(id, fund, drafted_at)
        view = _view(row, fund, fund_row, funder, questions, criteria)
        round = _Round(row, view, questions, criteria)
        judged = [self._application(round, project) for project in PROJECTS.get(call.key, [])]
        if state in {RoundState.ASSESSING, RoundState.DECIDED}:
            tell(Event.ROUND_ASSESSING, deadline + timedelta(minutes=3), None)
            assessors = self.crowd.of(fund.funder, OrgRole.ASSESSOR)
            panel = Panel(officer.id, [each.id for each in assessors])
            whole = [each for each in judged if each.row["state"] == "submitted"]
            Judging(maker, row, criteria, panel).judge(whole)
        if decided_at:
            tell(Event.ROUND_DECIDED, decided_at)

    def _questions(
        self, round_id: UUID, fund: Fund, at: datetime
    ) -> list[tuple[str, dict[str, Any]]]:
        first = [
            Question(meaning.value, wording.kind.value, wording.label, wording.help)
            for meaning, wording in FIRST_QUESTIONS
        ]
        return [
            (
                asked.about,
                self.maker.add(
                    "question",
                    id=self.maker.id(at),
                    owner_type=Owner.ROUND.value,
                    owner_id=round_id,
                    position=position,
                    kind=asked.kind,
                    label=asked.label,
                    help=asked.help,
                    required=not asked.optional,
                    word_limit=asked.words,
                    options=asked.options,
                    meaning=asked.about if asked.about in {_TITLE, _AMOUNT} else "",
                    retired_at=None,
                ),
            )
            for position, asked in enumerate([*first, *fund.questions], start=1)
        ]

    def _criteria(self, round_id: UUID, fund: Fund, at: datetime) -> list[dict[str, Any]]:
        return [
            self.maker.add(
                "criterion",
                id=self.maker.id(at),
                round_id=round_id,
                position=position,
                label=label,
                help=help,
                weight=weight,
                most=most,
            )
            for position, (label, help, weight, most) in enumerate(fund.criteria, start=1)
        ]

    def _application(self, round: _Round, project: Project) -> Judged:
        """Write what somebody sent, or has written so far."""
        maker, chance, row = self.maker, self.maker.chance, round.row
        applicant = self.organisations[project.by]
        writer = self.crowd.of(project.by, OrgRole.OWNER)[0]
        whole = project.state != "draft"
        closes = min(row["deadline"], maker.now) - timedelta(minutes=8)
        started_at = maker.between(row["opens_at"] + timedelta(hours=1), closes)
        # Most are handed in at the last moment.
        submitted_at = closes - (closes - started_at) * chance.random() ** 3
        application = maker.add(
            "application",
            id=maker.id(started_at),
            round_id=row["id"],
            organisation_id=applicant["id"],
            title=project.title,
            amount=project.asked * 100 if whole else None,
            state=(ApplicationState.SUBMITTED if whole else ApplicationState.DRAFT).value,
            started_by=writer.id,
            started_at=started_at,
            submitted_by=writer.id if whole else None,
            submitted_at=submitted_at if whole else None,
            withdrawn_at=None,
            snapshot=None,
            decided_at=None,
            decision_note="",
        )
        answers: dict[UUID, Stored] = {}
        for about, question in round.questions:
            if value := self._answer(about, question, project, applicant, row, whole=whole):
                stored = self._answered(application, question, value, writer, submitted_at)
                if about == "story" and project.earlier:
                    stored = self._reworded(stored, project.earlier, writer, started_at)
                answers[question["id"]] = Stored(stored["version"], value)

        def tell(event: Event, at: datetime) -> None:
            maker.happened(
                event, "application", application["id"], at, by=writer.id,
                organisation=applicant["id"], round=str(row["id"]),
            )  # fmt: skip

        tell(Event.APPLICATION_STARTED, started_at)
        if whole:
            names = ("name", "kind", "charity_number", "company_number", "town")
            said = {name: applicant[name] or "" for name in names}
            application["snapshot"] = freeze(
                round.view, {"id": str(applicant["id"]), **said}, answers
            )
            tell(Event.APPLICATION_SUBMITTED, submitted_at)
        if project.state == "withdrawn":
            at = maker.between(submitted_at, closes)
            application |= {"state": ApplicationState.WITHDRAWN.value, "withdrawn_at": at}
            tell(Event.APPLICATION_WITHDRAWN, at)
        return Judged(application, project)

    def _answered(
        self,
        application: dict[str, Any],
        question: dict[str, Any],
        value: str,
        writer: Someone,
        latest: datetime,
    ) -> dict[str, Any]:
        at = self.maker.between(application["started_at"], latest)
        return self.maker.add(
            "answer",
            id=self.maker.id(at),
            question_id=question["id"],
            subject_type=Subject.APPLICATION.value,
            subject_id=application["id"],
            version=1,
            value=value,
            page=None,
            answered_by=writer.id,
            answered_at=at,
        )

    def _reworded(
        self, answer: dict[str, Any], earlier: str, writer: Someone, started_at: datetime
    ) -> dict[str, Any]:
        """Keep what stood there first beside what stands there now."""
        at = self.maker.between(started_at, answer["answered_at"])
        self.maker.add(
            "answer_version",
            id=self.maker.id(at),
            answer_id=answer["id"],
            version=1,
            value=earlier,
            answered_by=writer.id,
            answered_at=at,
        )
        answer["version"] = 2
        return answer

    def _answer(
        self,
        about: str,
        question: dict[str, Any],
        project: Project,
        applicant: dict[str, Any],
        row: dict[str, Any],
        *,
        whole: bool,
    ) -> str:
        """Answer a question; of a draft what is written alone."""
        written = {
            _TITLE: project.title,
            _AMOUNT: money.pounds(project.asked * 100),
            "story": project.story,
            "difference": project.difference,
            "costs": project.costs,
            "people": str(project.people or ""),
        }
        if about in written:
            return written[about]
        if not whole:
            return ""
        chance, options = self.maker.chance, question["options"]
        match Kind(question["kind"]):
            case Kind.DATE:
                begins = row["starts_on"] + timedelta(days=chance.randint(0, 80))
                return begins.isoformat()
            case Kind.NUMBER:
                return str(chance.randint(12, 60))
            case Kind.YES_NO:
                return "yes"
            case Kind.MONEY:
                return money.pounds(chance.randint(1, 12) * 5000)
            case Kind.CHOICE:
                return chance.choice(options[1:])
            case Kind.CHOICES:
                chosen = chance.sample(options, 2)
                return "\n".join(each for each in options if each in chosen)
            case _:
                return applicant["website"]


def _at(day: date, at: time) -> datetime:
    """Turn a wall time of the place into an instant."""
    return datetime.combine(day, at, tzinfo=clock.LONDON).astimezone(UTC)


def _view(
    row: dict[str, Any],
    fund: Fund,
    fund_row: dict[str, Any],
    funder: dict[str, Any],
    questions: list[tuple[str, dict[str, Any]]],
    criteria: list[dict[str, Any]],
) -> RoundView:
    """Give a round as the product itself reads it, for what is frozen of it."""
    same = {
        name: row[name]
        for name in (
            *("id", "fund_id", "organisation_id", "title", "opens_at", "opens_local", "deadline"),
            *("deadline_local", "budget", "committed", "least", "most", "who_may_apply"),
            *("starts_on", "ends_on", "published_at", "decided_at"),
        )
    }
    return RoundView(
        **same,
        state=RoundState(row["state"]),
        zone=clock.LONDON,
        contact="",
        amendments=(),
        rules=Rules(
            kinds=tuple(map(OrganisationKind, row["kinds"])),
            districts={DISTRICTS[name][0]: name for name in fund.districts},
            income_at_most=row["income_at_most"],
            years_registered=row["years_registered"],
        ),
        fund_title=fund.title,
        fund_summary=fund.summary,
        fund_state=FundState(fund_row["state"]),
        organisation_name=funder["name"],
        organisation_state=funder["state"],
        questions=tuple(asked_of(question) for _, question in questions),
        criteria=tuple(
            CriterionView(each["id"], each["label"], each["help"], each["weight"], each["most"])
            for each in criteria
        ),
    )
