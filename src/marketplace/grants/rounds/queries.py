"""Reads of rounds, each with its questions, criteria and rules in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.grants.rounds.rules import Amendment
from marketplace.grants.rules import (
    FundState,
    Phase,
    Readiness,
    RoundState,
    Rules,
    amounts_words,
    deadline_words,
    missing,
    phase,
    shares,
)
from marketplace.organisations.rules import Kind as OrganisationKind
from marketplace.permissions import Actor, Permission
from marketplace.questions.queries import AS_JSON, asked_of
from marketplace.questions.rules import Asked, Meaning

NO_SUCH = "We cannot find that round. It may have been taken down."

DISTRICTS = (
    "(SELECT coalesce(jsonb_object_agg(p.gss, p.name), jsonb_build_object()) FROM place p"
    " WHERE p.gss = ANY(r.districts) AND p.scheme = 'council' AND p.kind = 'place')"
)
# Every part of it is written here or in `questions`: nothing typed by people is in it.
_SELECT = (
    "SELECT r.id, r.fund_id, r.organisation_id, r.title, r.state, r.opens_at, r.opens_local,"  # noqa: S608
    " r.deadline, r.deadline_local, r.zone, r.budget, r.committed, r.least, r.most,"
    " r.who_may_apply, r.contact, r.kinds, r.income_at_most, r.years_registered, r.approved_only,"
    " r.starts_on, r.ends_on, r.published_at, r.decided_at,"
    f" {DISTRICTS} AS districts,"
    " f.title AS fund_title, f.summary AS fund_summary, f.state AS fund_state,"
    " g.name AS organisation_name, g.state AS organisation_state,"
    f" (SELECT coalesce(jsonb_agg({AS_JSON} ORDER BY q.position, q.id), jsonb_build_array())"
    "  FROM question q WHERE q.owner_id = r.id AND q.owner_type = 'round'"
    "  AND q.retired_at IS NULL) AS questions,"
    " (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'label', c.label, 'help', c.help,"
    "  'weight', c.weight, 'most', c.most) ORDER BY c.position, c.id), jsonb_build_array())"
    "  FROM criterion c WHERE c.round_id = r.id) AS criteria,"
    " (SELECT coalesce(jsonb_agg(jsonb_build_object('at', m.at, 'reason', m.reason,"
    "  'deadline_was', m.deadline_was, 'deadline', m.deadline, 'budget_was', m.budget_was,"
    "  'budget', m.budget, 'texts', m.texts) ORDER BY m.at DESC, m.id DESC),"
    "  jsonb_build_array()) FROM round_amendment m WHERE m.round_id = r.id) AS amendments"
    " FROM round r JOIN fund f ON f.id = r.fund_id"
    " JOIN organisation g ON g.id = r.organisation_id"
)


@dataclass(frozen=True, slots=True)
class CriterionView:
    """What applications are judged by; `share` of all points in percent."""

    id: UUID
    label: str
    help: str
    weight: int
    most: int
    share: int = 0


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round with everything an applicant reads; amounts in pence."""

    id: UUID
    fund_id: UUID
    organisation_id: UUID
    title: str
    state: RoundState
    opens_at: datetime
    opens_local: datetime
    deadline: datetime
    deadline_local: datetime
    zone: ZoneInfo
    budget: int
    committed: int
    least: int
    most: int
    who_may_apply: str
    contact: str
    rules: Rules
    starts_on: date | None
    ends_on: date | None
    published_at: datetime | None
    decided_at: datetime | None
    fund_title: str
    fund_summary: str
    fund_state: FundState
    organisation_name: str
    organisation_state: str
    questions: tuple[Asked, ...]
    criteria: tuple[CriterionView, ...]
    amendments: tuple[Amendment, ...]

    @property
    def approved(self) -> bool:
        """Tell whether its organisation may appear in public."""
        return self.organisation_state == "approved"

    @property
    def public(self) -> bool:
        """Tell whether anybody may read it."""
        return self.approved and self.state in _PUBLIC

    @property
    def name(self) -> str:
        """Name it with its fund: "Community Fund: spring round"."""
        return f"{self.fund_title}: {self.title}"

    @property
    def deadline_words(self) -> str:
        """Write "noon, Tuesday 4 March, UK time"."""
        return deadline_words(self.deadline, self.zone)

    @property
    def opens_words(self) -> str:
        """Write when it opens, as the deadline is written."""
        return deadline_words(self.opens_at, self.zone)

    @property
    def amounts_words(self) -> str:
        """Write "£500 to £5,000"."""
        return amounts_words(self.least, self.most)

    @property
    def period_words(self) -> str:
        """Write when the money is to be spent; "" where the funder does not say."""
        match self.starts_on, self.ends_on:
            case None, None:
                return ""
            case start, None:
                return f"from {clock.date_words(start, year=True)}"
            case None, end:
                return f"until {clock.date_words(end, year=True)}"
            case start, end:
                return f"{clock.date_words(start, year=True)} to {clock.date_words(end, year=True)}"

    def phase(self, now: datetime) -> Phase:
        """Tell what it is to somebody who might apply."""
        return phase(self.state, self.opens_at, self.deadline, now)

    def lacks(self, now: datetime) -> list[tuple[str, str]]:
        """Name what it needs before it is published, as (what, sentence)."""
        return missing(
            Readiness(
                fund_summary=self.fund_summary,
                questions=sum(each.meaning is Meaning.NONE for each in self.questions),
                criteria=len(self.criteria),
                deadline=self.deadline,
            ),
            now,
        )


_PUBLIC = frozenset({RoundState.PUBLISHED, RoundState.ASSESSING, RoundState.DECIDED})


def rules_of(row: Mapping[str, Any]) -> Rules:
    """Make the rules of who may apply of a round's row."""
    return Rules(
        kinds=tuple(OrganisationKind(kind) for kind in row["kinds"]),
        districts=dict(row["districts"]),
        income_at_most=row["income_at_most"],
        years_registered=row["years_registered"],
        approved_only=row["approved_only"],
    )


def _criteria(rows: Sequence[Mapping[str, Any]]) -> tuple[CriterionView, ...]:
    parts = shares([(row["weight"], row["most"]) for row in rows])
    return tuple(
        CriterionView(**{**row, "id": UUID(row["id"])}, share=share)
        for row, share in zip(rows, parts, strict=True)
    )


def _amendment(row: Mapping[str, Any]) -> Amendment:
    instants = {
        name: datetime.fromisoformat(row[name]) if row[name] else None
        for name in ("at", "deadline_was", "deadline")
    }
    return Amendment(**{**row, **instants})


def _view(row: dict[str, Any]) -> RoundView:
    rules = rules_of(row)
    for name in ("kinds", "districts", "income_at_most", "years_registered", "approved_only"):
        del row[name]
    return RoundView(
        **{
            **row,
            "state": RoundState(row["state"]),
            "zone": ZoneInfo(row["zone"]),
            "fund_state": FundState(row["fund_state"]),
            "questions": tuple(asked_of(each) for each in row["questions"]),
            "criteria": _criteria(row["criteria"]),
            "amendments": tuple(_amendment(each) for each in row["amendments"]),
        },
        rules=rules,
    )


async def round(actor: Actor, id: UUID, *, lock: bool = False) -> RoundView:
    """Read one round; `lock` keeps it still until the open transaction ends.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
    """
    row = await db.fetch_one(
        _SELECT + " WHERE r.id = {}" + (" FOR NO KEY UPDATE OF r" if lock else ""), id
    )
    if row is None:
        raise NotFound(NO_SUCH)
    view = _view(row)
    if not view.public and not actor.can(Permission.VIEW_APPLICATIONS, view.organisation_id):
        raise NotFound(NO_SUCH)
    return view


async def asked_in(id: UUID) -> RoundView:
    """Read the round of an application, in any state: its people may always know what it asks.

    Raises:
        NotFound: there is none.
    """
    row = await db.fetch_one(f"{_SELECT} WHERE r.id = {{}}", id)
    if row is None:
        raise NotFound(NO_SUCH)
    return _view(row)


async def of_funder(actor: Actor, id: UUID) -> RoundView:
    """Read one round for those of the funder.

    Raises:
        NotFound: there is none, or the actor is not of the funder.
    """
    view = await round(actor, id)
    actor.require_to_know(Permission.VIEW_APPLICATIONS, view.organisation_id)
    return view


async def to_manage(actor: Actor, id: UUID, *, lock: bool = False) -> RoundView:
    """Read one round for those who work on it.

    Raises:
        NotFound: there is none, or the actor is not of the funder.
        NotAllowed: the actor may see the funder's work but not change it.
    """
    view = await round(actor, id, lock=lock)
    actor.require_to_know(Permission.VIEW_APPLICATIONS, view.organisation_id)
    actor.require(Permission.WRITE_FUNDS, view.organisation_id)
    return view


async def of_fund(fund_id: UUID) -> list[RoundView]:
    """Give what the public reads of a fund's rounds: the open ones first, then the latest."""
    rows = await db.fetch(
        f"{_SELECT} WHERE r.fund_id = {{}} AND r.state IN ('published', 'assessing', 'decided')"
        " ORDER BY r.deadline <= now(), abs(extract(epoch FROM r.deadline - now())), r.id"
        " LIMIT 50",
        fund_id,
    )
    return [_view(row) for row in rows]


async def judged(id: UUID) -> bool:
    """Tell whether somebody has begun to score an application of a round, or to decide."""
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM assessment s JOIN application a ON a.id = s.application_id"
        " WHERE a.round_id = {}) OR EXISTS (SELECT FROM decision WHERE round_id = {})",
        id,
        id,
    )


# What is set aside for applicants somebody has a tie to is not theirs to know.
COMMITTED = (
    "(r.committed - (SELECT coalesce(sum(c.amount), 0) FROM commitment c"
    " JOIN award w ON w.id = c.award_id JOIN application a ON a.id = w.application_id"
    " WHERE c.round_id = r.id AND tied(a.id, a.organisation_id, {})))::bigint"
)


async def committed_to(actor: Actor, round_id: UUID) -> int:
    """Give what is set aside of a round's budget as the actor may know it, in pence."""
    return await db.fetch_value(
        f"SELECT {COMMITTED} FROM round r WHERE r.id = {{}}",  # noqa: S608
        actor.require_person(),
        round_id,
    )
