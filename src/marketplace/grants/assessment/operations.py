"""Naming assessors, opening a round to them, declaring ties, scoring, finishing, reopening."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.grants.assessment import panel, queries
from marketplace.grants.assessment.rules import (
    ASSESSING_ROLES,
    ASSESSMENT_MOVES,
    Nature,
    Sheet,
    may_start,
    points_problem,
    unfinished,
)
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import ROUND_MOVES, AssessmentState, Event, RoundState
from marketplace.grants.tables import Assessment, Round, RoundAssessor, Score
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM, Actor, Permission

NATURE_OF_MEMBERS = Nature.MEMBER.value


# --- the panel


async def name_assessor(
    actor: Actor, round_id: UUID, person_id: UUID, *, once: Once | None = None
) -> None:
    """Name somebody of the funder to assess a round; twice is the same as once.

    Raises:
        NotFound, NotAllowed: see `rounds.queries.to_manage`.
        Conflict: the round is over, or their role in the funder is none that assesses.
    """
    async with db.transaction(once):
        round = await rounds.to_manage(actor, round_id, lock=True)
        if round.state in {RoundState.DECIDED, RoundState.CANCELLED}:
            raise Conflict("This round is over, so it needs no more assessors.")
        role = await db.fetch_value(
            "SELECT role FROM membership WHERE organisation_id = {} AND person_id = {}",
            round.organisation_id,
            person_id,
        )
        if role not in ASSESSING_ROLES:
            raise Conflict(
                "Choose somebody who is an assessor, a grants officer or an owner here. You can"
                " invite people as assessors under “People”",
                field="person",
            )
        made = await db.fetch_value(
            "INSERT INTO round_assessor (id, round_id, person_id) VALUES ({}, {}, {})"
            " ON CONFLICT (round_id, person_id) DO NOTHING RETURNING id",
            new_id(),
            round_id,
            person_id,
        )
        if made is None:
            return
        await _notice_ties(round_id, round.organisation_id)
        await _record(actor, Event.ASSESSOR_NAMED, "round", round, round_id, person=str(person_id))


async def remove_assessor(
    actor: Actor, round_id: UUID, person_id: UUID, *, once: Once | None = None
) -> None:
    """Take somebody off a round, unless they have scored in it.

    Raises:
        NotFound, NotAllowed: see `rounds.queries.to_manage`; or they are not on it.
        Conflict: they have begun to score.
    """
    async with db.transaction(once):
        round = await rounds.to_manage(actor, round_id, lock=True)
        if await begun(round_id, person_id):
            raise Conflict("They have begun to score, so their name stays with this round.")
        await take_off(actor, round, person_id)


async def begun(round_id: UUID, person_id: UUID) -> bool:
    """Tell whether somebody has begun to score in a round."""
    return await db.fetch_value(
        "SELECT EXISTS (SELECT FROM assessment s JOIN application a ON a.id = s.application_id"
        " WHERE a.round_id = {} AND s.person_id = {})",
        round_id,
        person_id,
    )


async def take_off(actor: Actor, round: RoundView, person_id: UUID) -> None:
    """Take an assessor off a round: a step.

    Raises:
        NotFound: they are not on it.
    """
    db.require_transaction()
    gone = (
        await RoundAssessor.delete()
        .where((RoundAssessor.round_id == round.id) & (RoundAssessor.person_id == person_id))
        .returning(RoundAssessor.id)
    )
    if not gone:
        raise NotFound("They do not assess this round.")
    await _record(actor, Event.ASSESSOR_REMOVED, "round", round, round.id, person=str(person_id))


async def start(actor: Actor, round_id: UUID, *, once: Once | None = None) -> None:
    """Open the applications of a round to its assessors, after the deadline.

    Raises:
        NotFound, NotAllowed: see `rounds.queries.to_manage`.
        IllegalMove: the round is not published.
        Conflict: its deadline has not passed.
    """
    async with db.transaction(once):
        round = await rounds.to_manage(actor, round_id, lock=True)
        ROUND_MOVES.check(round.state, RoundState.ASSESSING)
        if not may_start(round.state, round.deadline, clock.now()):
            raise Conflict(
                f"Assessment begins after the deadline, {round.deadline_words}. Applications may"
                " still come in until then."
            )
        await _start(actor, round_id, round.organisation_id)


async def _start(actor: Actor, round_id: UUID, funder_id: UUID) -> None:
    await Round.update({Round.state: RoundState.ASSESSING}).where(Round.id == round_id)
    await _notice_ties(round_id, funder_id)
    await audit.record(Event.ROUND_ASSESSING, "round", round_id, by=actor, organisation=funder_id)


async def start_due() -> int:
    """Open every round whose deadline has passed; gives how many. For the worker's schedule."""
    opened = 0
    for round_id in await panel.due_rounds():
        async with db.transaction():
            # Asked again under the lock: its deadline may have been moved meanwhile.
            row = await db.fetch_one(
                "SELECT state, deadline, organisation_id FROM round WHERE id = {}"
                " FOR NO KEY UPDATE",
                round_id,
            )
            if row and may_start(RoundState(row["state"]), row["deadline"], clock.now()):
                await _start(SYSTEM, round_id, row["organisation_id"])
                opened += 1
    return opened


async def _notice_ties(round_id: UUID, funder_id: UUID) -> None:
    """Write down who of the funder belongs to an applicant, so that leaving it changes nothing."""
    db.require_transaction()
    await db.execute(
        "INSERT INTO declaration (id, application_id, person_id, conflict, nature, found)"
        " SELECT uuidv7(), a.id, theirs.person_id, true, {}, true FROM application a"
        " JOIN membership theirs ON theirs.organisation_id = a.organisation_id"
        " JOIN membership ours ON ours.person_id = theirs.person_id"
        "  AND ours.organisation_id = {}"
        " WHERE a.round_id = {} AND a.state = 'submitted'"
        " ON CONFLICT (application_id, person_id) DO UPDATE"
        " SET conflict = true, nature = excluded.nature, found = true",
        NATURE_OF_MEMBERS,
        funder_id,
        round_id,
    )


# --- ties


async def declare(
    actor: Actor,
    round_id: UUID,
    ties: Mapping[UUID, Nature | None],
    *,
    once: Once | None = None,
) -> int:
    """Write down which applicants the actor has a tie to (None: none); gives how many have one.

    A tie may be declared at any time and is never taken back by the one who has it (`ties.lift`).

    Raises:
        NotFound: the actor neither assesses nor decides this round, an application is not of it,
            or they have a tie to it already.
    """
    person = actor.require_person()
    if not await queries.may_read_round(actor, round_id):
        raise NotFound(queries.NO_SUCH)
    async with db.transaction(once):
        rows = await db.fetch(
            "SELECT a.id, r.organisation_id FROM application a JOIN round r ON r.id = a.round_id"
            " WHERE a.round_id = {} AND a.id = ANY({}::uuid[])"
            " AND r.state IN ('assessing', 'decided')"
            " AND a.state IN ('submitted', 'awarded', 'declined')"
            " AND NOT tied(a.id, a.organisation_id, {})",
            round_id,
            list(ties),
            person,
        )
        if len(rows) != len(ties):
            raise NotFound(queries.NO_SUCH)
        for row in rows:
            nature = ties[row["id"]]
            await db.execute(
                "INSERT INTO declaration (id, application_id, person_id, conflict, nature)"
                " VALUES ({}, {}, {}, {}, {}) ON CONFLICT (application_id, person_id) DO UPDATE"
                " SET conflict = excluded.conflict, nature = excluded.nature, declared_at = now()"
                " WHERE NOT declaration.conflict",
                new_id(),
                row["id"],
                person,
                nature is not None,
                nature.value if nature else "",
            )
            await audit.record(
                Event.NO_CONFLICT_DECLARED if nature is None else Event.CONFLICT_DECLARED,
                "application",
                row["id"],
                by=actor,
                organisation=row["organisation_id"],
                data={"nature": nature.value} if nature else {},
            )
    return sum(nature is not None for nature in ties.values())


# --- points


class Stale(Conflict):
    """Another page of the same assessor saved something else first, so nothing was written."""


async def save(
    actor: Actor,
    application_id: UUID,
    sheet: Sheet,
    *,
    seen: int = 0,
    comment: str = "",
    finish: bool = False,
    once: Once | None = None,
) -> None:
    """Keep points and reasons; `finish` makes them final, and shows the others' to this assessor.

    `seen` is the version that the page showed: 0 before the first save.

    Raises:
        Stale: another version stands, and it says something else.
        NotFound: see `queries.reading`; also before they declared.
        NotAllowed: they decide the round but do not assess it.
        Conflict: the round is not being assessed, points are out of range, or something is
            missing that finishing needs; names the first field.
        IllegalMove: it is finished already.
    """
    person = actor.require_person()
    async with db.transaction(once):
        reading = await queries.reading(actor, application_id)
        if not reading.declared:
            raise NotFound(queries.NO_SUCH)
        if not reading.named:
            raise NotAllowed("You are not named as an assessor of this round.")
        # Shared, so that assessors do not wait for each other, yet none is later than the release.
        state = await db.fetch_value(
            "SELECT state FROM round WHERE id = {} FOR SHARE", reading.round.id
        )
        if state == RoundState.PUBLISHED:
            raise Conflict("The deadline was moved on, so nothing is scored before it has passed.")
        if state != RoundState.ASSESSING:
            raise Conflict("This round has been decided, so its scores stay as they are.")
        known = {criterion.id: criterion for criterion in reading.criteria}
        for id, given in sheet.items():
            if id not in known:
                raise NotFound("We cannot find that criterion.")
            if problem := points_problem(known[id], given):
                raise Conflict(problem, field=f"points-{id}")
        row = await db.fetch_one(
            "INSERT INTO assessment (id, application_id, person_id, state, version)"
            " VALUES ({}, {}, {}, 'started', 0) ON CONFLICT (application_id, person_id)"
            " DO UPDATE SET person_id = excluded.person_id RETURNING id, state, version",
            new_id(),
            application_id,
            person,
        )
        assert row is not None
        state = AssessmentState(row["state"])
        if state is AssessmentState.FINISHED:
            raise IllegalMove("Your scores were finished on another page, so they stay.")
        if row["version"] != seen and not await _stands(actor, reading, sheet, comment):
            raise Stale("Another page of yours saved something else meanwhile.")
        if finish and (lacks := unfinished(reading.criteria, sheet)):
            field, sentence = next(iter(lacks.items()))
            raise Conflict(sentence, field=field)
        await Score.delete().where(Score.assessment_id == row["id"])
        if sheet:
            await Score.insert(*(_score(row["id"], id, given) for id, given in sheet.items()))
        changes: dict[Any, Any] = {
            Assessment.comment: comment,
            Assessment.version: row["version"] + 1,
        }
        if finish:
            changes |= {
                Assessment.state: ASSESSMENT_MOVES.check(state, AssessmentState.FINISHED),
                Assessment.finished_at: clock.now(),
            }
        await Assessment.update(changes).where(Assessment.id == row["id"])
        if finish:
            await _record(
                actor, Event.ASSESSMENT_FINISHED, "application", reading.round, application_id
            )


async def _stands(actor: Actor, reading: queries.Reading, sheet: Sheet, comment: str) -> bool:
    """Tell whether what the actor sends is what they saved already; their row is locked."""
    judged = await queries.judgements(actor, reading.round.id, application_id=reading.id)
    mine = [each for each in judged.get(reading.id, []) if actor.is_self(each.person_id)]
    return any(each.sheet == sheet and each.comment == comment for each in mine)


def _score(assessment_id: UUID, criterion_id: UUID, given: Any) -> Score:
    return Score(
        assessment_id=assessment_id,
        criterion_id=criterion_id,
        points=given.points,
        abstained=given.abstained,
        reason=given.reason,
    )


async def reopen(
    actor: Actor, application_id: UUID, person_id: UUID, *, once: Once | None = None
) -> None:
    """Let an assessor change a finished assessment; until they finish again it does not count.

    Raises:
        NotFound: see `queries.reading`; or they have finished none.
        NotAllowed: the actor may not decide awards of the funder.
        Conflict: the round is decided, or this application is.
    """
    async with db.transaction(once):
        reading = await queries.reading(actor, application_id)
        round = await rounds.to_manage(actor, reading.round.id, lock=True)
        actor.require(Permission.DECIDE_AWARDS, round.organisation_id)
        if not reading.declared:
            raise NotFound(queries.NO_SUCH)
        if round.state is not RoundState.ASSESSING:
            raise Conflict("This round has been decided, so its scores stay as they are.")
        decided = await db.fetch_value(
            "SELECT EXISTS (SELECT FROM decision WHERE application_id = {})", application_id
        )
        if decided:
            raise Conflict("Take the decision back first: it was made on these scores.")
        reopened = await db.fetch_value(
            "UPDATE assessment SET state = 'started', finished_at = NULL"
            " WHERE application_id = {} AND person_id = {} AND state = 'finished' RETURNING id",
            application_id,
            person_id,
        )
        if reopened is None:
            raise NotFound("There is no finished assessment to open again.")
        await _record(
            actor,
            Event.ASSESSMENT_REOPENED,
            "application",
            round,
            application_id,
            person=str(person_id),
        )


async def _record(
    actor: Actor, event: Event, subject_type: str, round: RoundView, subject: UUID, **data: str
) -> None:
    await audit.record(
        event, subject_type, subject, by=actor, organisation=round.organisation_id, data=data
    )
