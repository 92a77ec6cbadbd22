"""Awarding, declining, taking back, and telling everybody at once.

The budget is decided under the lock of the round's row; the database refuses whatever would pass
it all the same. The ledger of commitments is append-only: what comes back is a negative entry.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, IllegalMove, NotFound
from marketplace.grants.assessment import queries as assessment
from marketplace.grants.awards.rules import MOST_NOTE, Grant, Limits, Outcome, check, left_words
from marketplace.grants.awards.tables import Decision
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import (
    APPLICATION_MOVES,
    ROUND_MOVES,
    ApplicationState,
    Event,
    RoundState,
)
from marketplace.grants.tables import Application, Award, Commitment, Round
from marketplace.ids import new_id
from marketplace.permissions import Actor, Permission

_TAKEN = "Somebody has decided about this application meanwhile. See what they decided first."


async def _round(actor: Actor, organisation_id: UUID, round_id: UUID) -> RoundView:
    """Lock the round for deciding."""
    db.require_transaction()
    round = await rounds.to_manage(actor, round_id, lock=True)
    if round.organisation_id != organisation_id:
        raise NotFound(rounds.NO_SUCH)
    actor.require(Permission.DECIDE_AWARDS, organisation_id)
    return round


async def _application(actor: Actor, round: RoundView, application_id: UUID) -> dict[str, Any]:
    """Lock an application that the actor may decide about, and give what bounds it."""
    person = actor.require_person()
    row = await db.fetch_one(
        "SELECT a.id, a.organisation_id, a.amount, a.state FROM application a"
        " WHERE a.id = {} AND a.round_id = {} AND NOT tied(a.id, a.organisation_id, {})"
        " AND EXISTS (SELECT FROM declaration d WHERE d.application_id = a.id"
        "  AND d.person_id = {}) FOR NO KEY UPDATE OF a",
        application_id,
        round.id,
        person,
        person,
    )
    if row is None:
        raise NotFound(assessment.NO_SUCH)
    if round.state is not RoundState.ASSESSING:
        raise IllegalMove(
            "Decisions of this round are released."
            if round.state is RoundState.DECIDED
            else "This round is not being assessed yet."
        )
    if row["state"] != ApplicationState.SUBMITTED:
        raise IllegalMove("This application was withdrawn by the applicant.")
    return row


async def award(
    actor: Actor,
    organisation_id: UUID,
    round_id: UUID,
    application_id: UUID,
    grant: Grant,
    *,
    once: Once | None = None,
) -> UUID:
    """Decide to award, and set the money aside; nobody outside knows before the release.

    Raises:
        NotFound: there is no such round or application, or the actor has not said that they have
            no tie to the applicant.
        NotAllowed: the actor may not decide awards of the funder.
        IllegalMove: the round is not being assessed, or the application was withdrawn.
        Conflict: beside its field: out of bounds, not for the public, more than is left; or
            it is decided already.
    """
    async with db.transaction(once):
        round = await _round(actor, organisation_id, round_id)
        row = await _application(actor, round, application_id)
        check(grant, Limits(asked=row["amount"], least=round.least, most=round.most))
        if round.committed + grant.amount > round.budget:
            raise Conflict(await _short(actor, round), field="amount")
        await _decide(actor, round, application_id, Outcome.AWARD, grant.note)
        with db.clashes(
            {"round_within_budget": Conflict(await _short(actor, round), field="amount")}
        ):
            await db.execute(
                "UPDATE round SET committed = committed + {} WHERE id = {}",
                grant.amount,
                round_id,
            )
        award_id = await _award(actor, round, row, grant)
        await Commitment(
            round_id=round_id, award_id=award_id, amount=grant.amount, by=actor.person_id
        ).save()
        await _record(actor, Event.AWARD_MADE, round, application_id, award=str(award_id))
    return award_id


async def _short(actor: Actor, round: RoundView) -> str:
    """Say what is left; to somebody with a tie in this round only that it is not enough."""
    if await has_tie(actor, round.id):
        return (
            "This round’s budget does not reach that far. Award less, or ask another grants"
            " officer to decide about this application"
        )
    return left_words(round.budget - round.committed)


async def has_tie(actor: Actor, round_id: UUID) -> bool:
    """Tell whether the actor has a tie to any applicant of a round."""
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM application a WHERE a.round_id = {}"
        " AND a.state IN ('submitted', 'awarded', 'declined')"
        " AND tied(a.id, a.organisation_id, {}))",
        round_id,
        actor.require_person(),
    )


async def _decide(
    actor: Actor, round: RoundView, application_id: UUID, outcome: Outcome, note: str
) -> None:
    if len(note) > MOST_NOTE:
        raise Conflict(f"Shorten this to {MOST_NOTE:,} characters", field="note")
    with db.clashes({"decision_once": Conflict(_TAKEN)}):
        await Decision(
            application_id=application_id,
            round_id=round.id,
            outcome=outcome,
            note=note,
            decided_by=actor.person_id,
        ).save()


async def _award(actor: Actor, round: RoundView, row: dict[str, Any], grant: Grant) -> UUID:
    """Write the award; one that was taken back keeps its id, which the ledger names."""
    found = await db.fetch_one(
        "INSERT INTO award (id, application_id, round_id, fund_id, funder_id, recipient_id, title,"
        " description, amount, awarded_on, starts_on, ends_on, decided_by)"
        " VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})"
        " ON CONFLICT (application_id) DO UPDATE SET title = excluded.title,"
        " description = excluded.description, amount = excluded.amount,"
        " awarded_on = excluded.awarded_on, starts_on = excluded.starts_on,"
        " ends_on = excluded.ends_on, decided_by = excluded.decided_by, modified_at = now()"
        " RETURNING id",
        new_id(),
        row["id"],
        round.id,
        round.fund_id,
        round.organisation_id,
        row["organisation_id"],
        grant.title,
        grant.description,
        grant.amount,
        clock.today(round.zone),
        grant.starts_on,
        grant.ends_on,
        actor.person_id,
    )
    assert found is not None
    return found["id"]


async def decline(
    actor: Actor,
    organisation_id: UUID,
    round_id: UUID,
    application_id: UUID,
    reason: str,
    *,
    once: Once | None = None,
) -> None:
    """Decide not to award; the applicant reads the reason once the round is released.

    Raises:
        NotFound, NotAllowed, IllegalMove: as for `award`.
        Conflict: no reason, beside `reason`; or it is decided already.
    """
    async with db.transaction(once):
        round = await _round(actor, organisation_id, round_id)
        await _application(actor, round, application_id)
        if not reason.strip():
            raise Conflict("Say why, in words the applicant can use", field="reason")
        await _decide(actor, round, application_id, Outcome.DECLINE, reason)
        await _record(actor, Event.DECLINE_DECIDED, round, application_id)


async def take_back(
    actor: Actor,
    organisation_id: UUID,
    round_id: UUID,
    application_id: UUID,
    *,
    once: Once | None = None,
) -> None:
    """Undo a decision that is not released; what it set aside comes back.

    Raises:
        NotFound, NotAllowed, IllegalMove: as for `award`; or there is no decision.
    """
    async with db.transaction(once):
        round = await _round(actor, organisation_id, round_id)
        await _application(actor, round, application_id)
        if not await _undo(actor, round.id, application_id):
            raise NotFound("There is no decision to take back.")
        await _record(actor, Event.DECISION_TAKEN_BACK, round, application_id)


async def _undo(actor: Actor, round_id: UUID, application_id: UUID) -> bool:
    """Delete a decision and put its money back; a step."""
    db.require_transaction()
    outcome = await db.fetch_value(
        "DELETE FROM decision WHERE application_id = {} AND released_at IS NULL RETURNING outcome",
        application_id,
    )
    if outcome == Outcome.AWARD:
        award = await db.fetch_one(
            "SELECT id, amount FROM award WHERE application_id = {}", application_id
        )
        assert award is not None
        await db.execute(
            "UPDATE round SET committed = committed - {} WHERE id = {}", award["amount"], round_id
        )
        await Commitment(
            round_id=round_id, award_id=award["id"], amount=-award["amount"], by=actor.person_id
        ).save()
    return outcome is not None


@dataclass(frozen=True, slots=True)
class Released:
    """How many were told what; nought of both where it was done before."""

    awarded: int = 0
    declined: int = 0


async def release(
    actor: Actor, organisation_id: UUID, round_id: UUID, *, once: Once | None = None
) -> Released:
    """Tell all applicants of a round at once, and publish its awards; again does nothing.

    Raises:
        NotFound, NotAllowed: as for `award`.
        IllegalMove: the round is not being assessed.
        Conflict: something is undecided, or the actor has a tie to an applicant of the round, or
            has not said of all of them that they have none.
    """
    async with db.transaction(once):
        round = await _round(actor, organisation_id, round_id)
        if round.state is RoundState.DECIDED:
            return Released()
        ROUND_MOVES.check(round.state, RoundState.DECIDED)
        if await has_tie(actor, round_id):
            raise Conflict(
                "Ask another grants officer to release this round: not every decision in it is"
                " yours to see."
            )
        if await assessment.undeclared(actor, round_id):
            raise Conflict(
                "Say first whether you have a tie to each applicant: the decision page asks you."
            )
        rows = await db.fetch(
            "SELECT a.id, a.state, d.id AS decision_id, d.outcome, d.note, w.id AS award_id"
            " FROM application a LEFT JOIN decision d ON d.application_id = a.id"
            " LEFT JOIN award w ON w.application_id = a.id"
            " WHERE a.round_id = {} AND (a.state = 'submitted' OR d.id IS NOT NULL)"
            " ORDER BY a.id FOR NO KEY UPDATE OF a",
            round_id,
        )
        undecided = sum(row["decision_id"] is None for row in rows)
        if undecided:
            one = undecided == 1
            raise Conflict(
                f"{undecided} application{'' if one else 's'} still"
                f" {'needs' if one else 'need'} a decision. Everybody is told on the same day, so"
                " decide the rest first."
            )
        now = clock.now()
        counts = {Outcome.AWARD: 0, Outcome.DECLINE: 0}
        for row in rows:
            if row["state"] != ApplicationState.SUBMITTED:
                # Withdrawn after it was decided: nobody is told, and the money is free again.
                await _undo(actor, round_id, row["id"])
                continue
            outcome = Outcome(row["outcome"])
            counts[outcome] += 1
            await _tell(actor, round, row, outcome, now)
        await Round.update({Round.state: RoundState.DECIDED, Round.decided_at: now}).where(
            Round.id == round_id
        )
        await Decision.update({Decision.released_at: now}).where(Decision.round_id == round_id)
        await audit.record(
            Event.ROUND_DECIDED, "round", round_id, by=actor, organisation=organisation_id
        )
    return Released(counts[Outcome.AWARD], counts[Outcome.DECLINE])


async def _tell(
    actor: Actor, round: RoundView, row: dict[str, Any], outcome: Outcome, now: Any
) -> None:
    then = ApplicationState.AWARDED if outcome is Outcome.AWARD else ApplicationState.DECLINED
    await Application.update(
        {
            Application.state: APPLICATION_MOVES.check(ApplicationState(row["state"]), then),
            Application.decided_at: now,
            Application.decision_note: row["note"],
        }
    ).where(Application.id == row["id"])
    if outcome is Outcome.AWARD:
        await Award.update({Award.published_at: now, Award.modified_at: now}).where(
            Award.id == row["award_id"]
        )
        await _record(actor, Event.AWARD_PUBLISHED, round, row["id"], award=str(row["award_id"]))
    else:
        await _record(actor, Event.APPLICATION_DECLINED, round, row["id"])


async def _record(
    actor: Actor, event: Event, round: RoundView, application_id: UUID, **data: str
) -> None:
    await audit.record(
        event,
        "application",
        application_id,
        by=actor,
        organisation=round.organisation_id,
        data={"round": str(round.id), **data},
    )
