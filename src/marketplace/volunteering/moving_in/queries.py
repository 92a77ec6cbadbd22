"""Reading imports: for brokers alone."""
# Statements are put together from constants of the code alone.
# ruff: noqa: S608

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.accounts.queries import Credentials, credentials_of
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.signing import LinkExpired, unsign
from marketplace.volunteering.moving_in.rules import (
    CLAIM_LINK,
    CLAIM_WITHIN,
    Choice,
    Kind,
    RowState,
    State,
    Verdict,
)

SHOWN = 20
_GONE = "We cannot find that import."


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import with its counts: `verdicts` of lines, `states` of what became of them."""

    id: UUID
    kind: Kind
    state: State
    rows: int
    notes: list[str]
    made_by: str
    made_at: datetime
    finished_at: datetime | None
    verdicts: dict[Verdict, int]
    states: dict[RowState, int]
    undecided: int
    made: int
    invitable: int
    invited: int

    @property
    def dealt(self) -> int:
        """Count the lines that were dealt with."""
        return self.rows - self.states.get(RowState.WAITING, 0)

    @property
    def to_make(self) -> int:
        """Count the lines of which something is still to be made."""
        return self.states.get(RowState.WAITING, 0) - self.undecided


@dataclass(frozen=True, slots=True)
class RowView:
    """One line; `match_name` names what it may be the same as."""

    id: UUID
    line: int
    label: str
    verdict: Verdict
    sentence: str
    state: RowState
    choice: Choice | None
    match_name: str
    match_postcode: str
    made_type: str | None
    made_id: UUID | None
    at: str

    @property
    def place(self) -> str:
        """Say where it stands in what was sent in."""
        return self.at or f"Line {self.line}"

    @property
    def href(self) -> str:
        """Give where what was made of it can be looked at, "" for nowhere."""
        if self.state is not RowState.APPLIED or self.made_id is None:
            return ""
        pages = {"organisation": "/manage/", "opportunity": "/manage/opportunities/"}
        page = pages.get(self.made_type or "")
        return f"{page}{self.made_id}" if page else ""


# What people and owners still can be invited by: they were made here, and nobody claimed them.
INVITABLE = (
    "r.state = 'applied' AND r.invited_at IS NULL AND r.made_id IS NOT NULL"
    " AND (EXISTS (SELECT FROM person p WHERE p.id = r.made_id AND p.unclaimed_since IS NOT NULL)"
    "  OR r.made_type = 'organisation' AND r.cells ? 'owner_email'"
    "  AND NOT EXISTS (SELECT FROM membership m WHERE m.organisation_id = r.made_id))"
)
_VIEW = (
    "SELECT i.id, i.kind, i.state, i.rows, i.notes, p.name AS made_by, i.made_at, i.finished_at"
    " FROM csv_import i JOIN person p ON p.id = i.made_by "
)


async def imports(actor: Actor) -> list[dict[str, Any]]:
    """List the imports, the latest first.

    Raises:
        SignInRequired, NotFound: the actor is no broker.
    """
    actor.require_to_know(Permission.MOVE_IN)
    rows = await db.fetch(_VIEW + "ORDER BY i.made_at DESC, i.id LIMIT 100")
    return [{**row, "kind": Kind(row["kind"]), "state": State(row["state"])} for row in rows]


async def one(actor: Actor, id: UUID, *, lock: bool = False) -> ImportView:
    """Give one import with its counts.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is none.
    """
    actor.require_to_know(Permission.MOVE_IN)
    if lock:
        await db.execute("SELECT FROM csv_import WHERE id = {} FOR NO KEY UPDATE", id)
    row = await db.fetch_one(_VIEW + "WHERE i.id = {}", id)
    if row is None:
        raise NotFound(_GONE)
    counts = await db.fetch(
        "SELECT verdict, state, count(*) AS n, count(made_id) AS made,"
        " count(invited_at) AS invited,"
        " count(*) FILTER (WHERE verdict = 'doubtful' AND choice IS NULL AND state = 'waiting')"
        "  AS undecided, count(*) FILTER (WHERE " + INVITABLE + ") AS invitable"
        " FROM csv_import_row r WHERE import_id = {} GROUP BY verdict, state",
        id,
    )
    verdicts: dict[Verdict, int] = {}
    states: dict[RowState, int] = {}
    for count in counts:
        verdict, state = Verdict(count["verdict"]), RowState(count["state"])
        verdicts[verdict] = verdicts.get(verdict, 0) + count["n"]
        states[state] = states.get(state, 0) + count["n"]
    return ImportView(
        **{**row, "kind": Kind(row["kind"]), "state": State(row["state"])},
        verdicts=verdicts,
        states=states,
        undecided=sum(count["undecided"] for count in counts),
        made=sum(count["made"] for count in counts),
        invitable=sum(count["invitable"] for count in counts),
        invited=sum(count["invited"] for count in counts),
    )


_ROWS = (
    "SELECT r.id, r.line, r.label, r.verdict, r.sentence, r.state, r.choice,"
    " coalesce(g.name, o.title, '') AS match_name,"
    " coalesce(g.postcode, o.postcode, '') AS match_postcode,"
    " r.made_type, r.made_id, coalesce(r.cells ->> 'at', '') AS at"
    " FROM csv_import_row r LEFT JOIN organisation g ON g.id = r.match_id"
    " LEFT JOIN opportunity o ON o.id = r.match_id"
)


async def some(import_id: UUID, verdict: Verdict) -> list[RowView]:
    """Give the first lines with a verdict, those to be decided first."""
    rows = await db.fetch(
        _ROWS + " WHERE r.import_id = {} AND r.verdict = {}"
        " ORDER BY r.choice IS NOT NULL, r.line LIMIT {}",
        import_id,
        verdict.value,
        SHOWN,
    )
    return [_row(row) for row in rows]


async def kept_rows(import_id: UUID) -> list[RowView]:
    """Give the first lines whose work stays after an undo, with the reason."""
    rows = await db.fetch(
        _ROWS + " WHERE r.import_id = {} AND r.state = 'kept' ORDER BY r.line LIMIT {}",
        import_id,
        SHOWN,
    )
    return [_row(row) for row in rows]


async def every(import_id: UUID) -> AsyncIterator[RowView]:
    """Give all lines in their order."""
    after = 0
    while rows := await db.fetch(
        _ROWS + " WHERE r.import_id = {} AND r.line > {} ORDER BY r.line LIMIT 500",
        import_id,
        after,
    ):
        for row in rows:
            yield _row(row)
        after = rows[-1]["line"]


def _row(row: dict[str, Any]) -> RowView:
    return RowView(
        **{
            **row,
            "verdict": Verdict(row["verdict"]),
            "state": RowState(row["state"]),
            "choice": Choice(row["choice"]) if row["choice"] else None,
        }
    )


@dataclass(frozen=True, slots=True)
class Claimable:
    """Whose account a link lets somebody claim, and what stands in it.

    `assisted` are those whom a broker signed up, rather than an import brought. `places` are to
    come.
    """

    person: Credentials
    assisted: bool
    postcode: str
    skills: list[str]
    minutes: int
    places: int


async def claimable(token: str) -> Claimable:
    """Read what a link of an invitation lets somebody claim.

    Raises:
        LinkBroken, LinkExpired: it is not one of ours, too old, or used.
    """
    signed = unsign(CLAIM_LINK, token, within=CLAIM_WITHIN)
    found = await credentials_of(signed.id)
    row = await db.fetch_one(
        "SELECT assisted_at IS NOT NULL AS assisted, postcode, skills,"
        " (SELECT coalesce(sum(minutes), 0)::int FROM hours h"
        "  WHERE h.person_id = p.id AND h.state = 'confirmed') AS minutes,"
        " (SELECT count(*)::int FROM booking b WHERE b.person_id = p.id AND b.state = 'confirmed'"
        "  AND upper(b.period) > now()) AS places"
        " FROM person p WHERE id = {} AND unclaimed_since IS NOT NULL",
        signed.id,
    )
    if found is None or row is None or str(found.credential_version) != signed.version:
        raise LinkExpired("This invitation was used already. Sign in with your password.")
    return Claimable(found, **row)


@dataclass(frozen=True, slots=True)
class Invitable:
    """Somebody to invite; `assisted` as with `Claimable`."""

    person: Credentials
    assisted: bool


async def unclaimed(person_id: UUID) -> Invitable | None:
    """Give somebody who may be invited now; None where they claimed the account or are gone."""
    row = await db.fetch_one(
        "SELECT assisted_at IS NOT NULL AS assisted FROM person WHERE id = {}"
        " AND unclaimed_since IS NOT NULL AND suspended_at IS NULL AND email IS NOT NULL",
        person_id,
    )
    person = await credentials_of(person_id) if row else None
    return Invitable(person, row["assisted"]) if row and person else None
