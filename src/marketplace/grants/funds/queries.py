"""Reads of funds: one, a funder's own, and what lists show of their rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.errors import NotFound
from marketplace.grants.rounds.queries import COMMITTED
from marketplace.grants.rules import (
    FundState,
    Phase,
    RoundState,
    amounts_words,
    deadline_words,
    phase,
)
from marketplace.permissions import Actor, Permission

NO_SUCH = "We cannot find that fund. It may have been taken down."

_SELECT = (
    "SELECT f.id, f.organisation_id, f.title, f.summary, f.description, f.causes, f.area, f.state,"
    " f.published_at, g.name AS organisation_name, g.state AS organisation_state,"
    " g.summary AS organisation_summary"
    " FROM fund f JOIN organisation g ON g.id = f.organisation_id"
)


@dataclass(frozen=True, slots=True)
class FundView:
    """A fund and who gives it."""

    id: UUID
    organisation_id: UUID
    title: str
    summary: str
    description: str
    causes: Sequence[str]
    area: str
    state: FundState
    published_at: datetime | None
    organisation_name: str
    organisation_state: str
    organisation_summary: str

    @property
    def approved(self) -> bool:
        """Tell whether its organisation may appear in public."""
        return self.organisation_state == "approved"

    @property
    def public(self) -> bool:
        """Tell whether anybody may read it; a closed one stays, with its awards."""
        return self.published_at is not None and self.approved


async def fund(actor: Actor, id: UUID, *, lock: bool = False) -> FundView:
    """Read one fund; `lock` keeps it still until the open transaction ends.

    Raises:
        NotFound: there is none, or the actor may not know that there is.
    """
    row = await db.fetch_one(
        _SELECT + " WHERE f.id = {}" + (" FOR NO KEY UPDATE OF f" if lock else ""), id
    )
    if row is None:
        raise NotFound(NO_SUCH)
    view = FundView(**{**row, "state": FundState(row["state"])})
    if not view.public and not actor.can(Permission.VIEW_APPLICATIONS, view.organisation_id):
        raise NotFound(NO_SUCH)
    return view


async def to_manage(actor: Actor, id: UUID, *, lock: bool = False) -> FundView:
    """Read one fund for those who work on it.

    Raises:
        NotFound: there is none, or the actor is not of the funder.
        NotAllowed: the actor may see the funder's work but not change it.
    """
    view = await fund(actor, id, lock=lock)
    actor.require_to_know(Permission.VIEW_APPLICATIONS, view.organisation_id)
    actor.require(Permission.WRITE_FUNDS, view.organisation_id)
    return view


@dataclass(frozen=True, slots=True)
class Ahead:
    """The round of a fund that closes next, and how many more take or will take applications."""

    fund_id: UUID
    round_id: UUID
    title: str
    opens_at: datetime
    deadline: datetime
    least: int
    most: int
    rounds: int

    def words(self, now: datetime) -> str:
        """Write what a list says: "£500 to £5,000, closes noon, Tuesday 4 March, UK time"."""
        amounts = amounts_words(self.least, self.most)
        when = (
            f"opens {deadline_words(self.opens_at)}"
            if now < self.opens_at
            else f"closes {deadline_words(self.deadline)}"
        )
        return f"{amounts[:1].upper()}{amounts[1:]}, {when}"


async def ahead(ids: Sequence[UUID]) -> dict[UUID, Ahead]:
    """Give the next round to close of those funds that have one."""
    if not ids:
        return {}
    rows = await db.fetch(
        "SELECT DISTINCT ON (fund_id) fund_id, id AS round_id, title, opens_at, deadline, least,"
        " most, count(*) OVER (PARTITION BY fund_id) AS rounds FROM round"
        " WHERE fund_id = ANY({}::uuid[]) AND state = 'published' AND deadline > now()"
        " ORDER BY fund_id, deadline",
        list(ids),
    )
    return {row["fund_id"]: Ahead(**row) for row in rows}


@dataclass(frozen=True, slots=True)
class AwardRow:
    """An award as the public reads it; the amount in pence."""

    id: UUID
    round_id: UUID
    recipient_id: UUID
    recipient: str
    title: str
    description: str
    amount: int
    awarded_on: date


async def published_awards(fund_id: UUID, size: int = 500) -> list[AwardRow]:
    """Give the published awards of a fund, the latest first."""
    rows = await db.fetch(
        "SELECT a.id, a.round_id, a.recipient_id, g.name AS recipient, a.title, a.description,"
        " a.amount, a.awarded_on FROM award a JOIN organisation g ON g.id = a.recipient_id"
        " WHERE a.fund_id = {} AND a.published_at IS NOT NULL"
        " ORDER BY a.awarded_on DESC, a.amount DESC, a.id LIMIT {}",
        fund_id,
        size,
    )
    return [AwardRow(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class OwnRound:
    """A round in the funder's list."""

    id: UUID
    title: str
    phase: Phase
    opens_at: datetime
    deadline: datetime
    budget: int
    committed: int
    submitted: int


@dataclass(frozen=True, slots=True)
class OwnFund:
    """A fund in the funder's list, with its rounds, the latest deadline first."""

    id: UUID
    title: str
    summary: str
    state: FundState
    rounds: list[OwnRound]


async def of_organisation(
    actor: Actor, organisation_id: UUID, now: datetime, *, fund_id: UUID | None = None
) -> list[OwnFund]:
    """List a funder's own funds with their rounds: open first; `fund_id` gives only that one.

    Applicants the actor has a tie to are counted nowhere.

    Raises:
        NotFound: the actor is not of the funder.
    """
    actor.require_to_know(Permission.VIEW_APPLICATIONS, organisation_id)
    person = actor.require_person()
    rows = await db.fetch(
        "SELECT f.id AS fund_id, f.title AS fund_title, f.summary, f.state AS fund_state,"  # noqa: S608
        f" r.id, r.title, r.state, r.opens_at, r.deadline, r.budget, {COMMITTED} AS committed,"
        " (SELECT count(*) FROM application a WHERE a.round_id = r.id"
        "  AND a.state IN ('submitted', 'awarded', 'declined')"
        "  AND NOT tied(a.id, a.organisation_id, {})) AS submitted"
        " FROM fund f LEFT JOIN round r ON r.fund_id = f.id"
        " WHERE f.organisation_id = {} AND ({}::uuid IS NULL OR f.id = {})"
        " ORDER BY array_position(ARRAY['open', 'draft', 'closed'], f.state), f.created_at DESC,"
        " f.id, r.deadline DESC LIMIT 1000",
        person,
        person,
        organisation_id,
        fund_id,
        fund_id,
    )
    funds: dict[UUID, OwnFund] = {}
    for row in rows:
        own = funds.setdefault(
            row["fund_id"],
            OwnFund(
                row["fund_id"], row["fund_title"], row["summary"], FundState(row["fund_state"]), []
            ),
        )
        if row["id"] is not None:
            own.rounds.append(_own_round(row, now))
    return list(funds.values())


def _own_round(row: dict[str, Any], now: datetime) -> OwnRound:
    state = RoundState(row["state"])
    return OwnRound(
        id=row["id"],
        title=row["title"],
        phase=phase(state, row["opens_at"], row["deadline"], now),
        opens_at=row["opens_at"],
        deadline=row["deadline"],
        budget=row["budget"],
        committed=row["committed"],
        submitted=row["submitted"],
    )
