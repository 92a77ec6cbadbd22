"""Starting, answering, submitting and withdrawing applications.

`received` is the instant at which the server received the request: what a deadline is judged by,
however long the rest takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db, money
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.grants.applications import eligibility, queries
from marketplace.grants.applications.queries import ApplicationView
from marketplace.grants.applications.snapshot import freeze
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import (
    APPLICATION_MOVES,
    ApplicationState,
    Event,
    Phase,
    amount_problem,
    deadline_words,
)
from marketplace.grants.tables import Application
from marketplace.ids import new_id
from marketplace.permissions import Actor, Permission
from marketplace.questions import operations as questions
from marketplace.questions import queries as question_queries
from marketplace.questions.operations import Saved
from marketplace.questions.rules import (
    Asked,
    Meaning,
    Owner,
    Stored,
    Subject,
    clean,
    problem,
    unstorable,
)


class Incomplete(Conflict):
    """Something is still to be put right before it can be submitted: sentences by question."""

    def __init__(self, problems: Mapping[UUID, str]) -> None:
        super().__init__("Some answers are not finished yet.")
        self.problems = problems


async def start(
    actor: Actor,
    round_id: UUID,
    organisation_id: UUID,
    *,
    received: datetime,
    once: Once | None = None,
) -> UUID:
    """Start a draft, or give the one that the organisation has in this round already.

    After a withdrawal the new draft begins with the earlier answers.

    Raises:
        NotFound: there is no such round in public, or the actor may not know the organisation.
        NotAllowed: the actor may not write applications for the organisation.
        Conflict: the round takes no applications now, or the organisation does not fit it.
    """
    actor.require_to_know(Permission.VIEW_OWN_APPLICATIONS, organisation_id)
    actor.require(Permission.WRITE_APPLICATIONS, organisation_id)
    async with db.transaction(once):
        round = await rounds.round(actor, round_id)
        existing = await _existing(round_id, organisation_id)
        if existing is None:
            _refuse_closed(round, received)
            await _refuse_ineligible(round, organisation_id, received)
            existing = await _insert(actor, round, organisation_id, received)
        if once:
            once.answer(f"/applications/{existing}")
    return existing


async def _existing(round_id: UUID, organisation_id: UUID) -> UUID | None:
    return await db.fetch_value(
        "SELECT id FROM application WHERE round_id = {} AND organisation_id = {}"
        " AND state <> 'withdrawn'",
        round_id,
        organisation_id,
    )


def _refuse_closed(round: RoundView, received: datetime) -> None:
    match round.phase(received):
        case Phase.OPEN:
            return
        case Phase.UPCOMING:
            raise Conflict(f"{round.name} opens at {round.opens_words}.")
        case Phase.CANCELLED:
            raise Conflict(f"{round.name} was cancelled.")
        case _:
            raise Conflict(f"{round.name} closed at {round.deadline_words}.")


async def _refuse_ineligible(round: RoundView, organisation_id: UUID, received: datetime) -> None:
    (found,) = await eligibility.candidates(
        [organisation_id], round.id, round.rules, today=clock.local(received, round.zone).date()
    )
    if reasons := found.eligibility.reasons:
        said = " ".join(f"{reason.rule} {reason.standing}" for reason in reasons)
        raise Conflict(f"{found.name} cannot apply to {round.name}. {said}")


async def _insert(
    actor: Actor, round: RoundView, organisation_id: UUID, received: datetime
) -> UUID:
    id = await db.fetch_value(
        "INSERT INTO application (id, round_id, organisation_id, state, started_by, started_at)"
        " VALUES ({}, {}, {}, 'draft', {}, {})"
        " ON CONFLICT (round_id, organisation_id) WHERE state <> 'withdrawn' DO NOTHING"
        " RETURNING id",
        new_id(),
        round.id,
        organisation_id,
        actor.person_id,
        received,
    )
    if id is None:
        # Somebody was quicker. A statement of its own sees the row that made ours give way.
        existing = await _existing(round.id, organisation_id)
        if existing is None:
            raise Conflict("Your organisation has just withdrawn its draft. Start again.")
        return existing
    earlier = await db.fetch_one(
        "SELECT id, title FROM application WHERE round_id = {} AND organisation_id = {}"
        " AND state = 'withdrawn' ORDER BY withdrawn_at DESC LIMIT 1",
        round.id,
        organisation_id,
    )
    if earlier is not None:
        await questions.copy(
            Subject.APPLICATION, earlier["id"], id, by=actor.person_id, at=received
        )
        await Application.update({Application.title: earlier["title"]}).where(Application.id == id)
    await _record(actor, Event.APPLICATION_STARTED, id, organisation_id, round.id)
    return id


@dataclass(frozen=True, slots=True)
class Sent:
    """One answer as a page sends it: the version it saw, and which open page it is."""

    question_id: UUID
    value: str
    seen: int
    page: UUID | None = None


async def save(
    actor: Actor, id: UUID, sent: Sequence[Sent], *, received: datetime
) -> dict[UUID, Saved]:
    """Keep answers of a draft, also after the deadline: what was written is never thrown away.

    Where another came first nothing is written and both texts are given back; what cannot be
    stored at all is left out, so that one bad answer does not lose the others (`unkept` of the
    same texts says which).

    Raises:
        NotFound, NotAllowed: see `queries.to_write`.
        Conflict: it is no draft any more.
    """
    async with db.transaction():
        found = await queries.to_write(actor, id, lock=True)
        _refuse_final(found)
        known = {
            asked.id: asked for asked in await question_queries.asked(Owner.ROUND, found.round_id)
        }
        saved: dict[UUID, Saved] = {}
        for each in sent:
            if each.question_id not in known or unkept(each) is not None:
                continue
            saved[each.question_id] = await questions.save(
                Subject.APPLICATION,
                id,
                each.question_id,
                each.value,
                seen=each.seen,
                page=each.page,
                by=actor.person_id,
                at=received,
            )
            if known[each.question_id].meaning is Meaning.TITLE:
                await _name(id, saved[each.question_id].stored.value)
    return saved


def unkept(sent: Sent) -> str | None:
    """Say why an answer cannot be kept even in a draft; None when it can."""
    return unstorable(clean(sent.value))


async def _name(id: UUID, title: str) -> None:
    line = " ".join(title.split())[:140]
    await Application.update({Application.title: line}).where(Application.id == id)


def _refuse_final(application: ApplicationView) -> None:
    if not application.draft:
        raise Conflict(
            f"This application is {application.state.value}, so its answers stay as they are."
        )


def problems(round: RoundView, answers: Mapping[UUID, Stored]) -> dict[UUID, str]:
    """Say of every question what is still to be put right, in their order."""
    found: dict[UUID, str] = {}
    for asked in round.questions:
        value = answers[asked.id].value if asked.id in answers else ""
        if sentence := _problem(round, asked, value):
            found[asked.id] = sentence
    return found


def _problem(round: RoundView, asked: Asked, value: str) -> str | None:
    if sentence := problem(asked, value):
        return sentence
    if asked.meaning is Meaning.AMOUNT and (amount := money.parse(value)) is not None:
        return amount_problem(amount, round.least, round.most)
    return None


async def submit(
    actor: Actor, id: UUID, *, received: datetime, once: Once | None = None
) -> ApplicationView:
    """Hand an application in: freeze questions and answers. Doing it again changes nothing.

    Raises:
        NotFound, NotAllowed: see `queries.to_write`.
        Conflict: the round does not take applications at `received`, or the organisation does
            not fit it; the draft stays as it is.
        Incomplete: answers are missing or too long.
        IllegalMove: it was withdrawn.
    """
    async with db.transaction(once):
        found = await queries.to_write(actor, id, lock=True)
        if found.state is ApplicationState.SUBMITTED:
            return found
        state = APPLICATION_MOVES.check(found.state, ApplicationState.SUBMITTED)
        # Held against its being cancelled meanwhile; other applicants may hold it beside us.
        await db.execute("SELECT FROM round WHERE id = {} FOR SHARE", found.round_id)
        round = await rounds.asked_in(found.round_id)
        _refuse_late(round, received)
        await _refuse_ineligible(round, found.organisation_id, received)
        answers = await queries.answers(id)
        if wrong := problems(round, answers):
            raise Incomplete(wrong)
        said = {
            asked.meaning: answers[asked.id].value
            for asked in round.questions
            if asked.meaning is not Meaning.NONE
        }
        await db.execute(
            "UPDATE application SET state = {}, title = {}, amount = {}, submitted_by = {},"
            " submitted_at = {}, snapshot = {} WHERE id = {}",
            state.value,
            said[Meaning.TITLE],
            money.parse(said[Meaning.AMOUNT]),
            actor.person_id,
            received,
            freeze(round, await _organisation(found.organisation_id), answers),
            id,
        )
        await _record(actor, Event.APPLICATION_SUBMITTED, id, found.organisation_id, found.round_id)
        return await queries.to_write(actor, id)


def _refuse_late(round: RoundView, received: datetime) -> None:
    match round.phase(received):
        case Phase.OPEN:
            return
        case Phase.CANCELLED:
            raise Conflict(
                f"{round.organisation_name} cancelled this round, so nothing can be submitted to"
                " it. What you wrote stays here."
            )
        case Phase.UPCOMING:
            raise Conflict(f"You can submit this from {round.opens_words}.")
        case _:
            at = clock.local(received, round.zone)
            raise Conflict(
                f"The deadline was {round.deadline_words}, and this reached us at"
                f" {at.strftime('%H:%M:%S')} on {clock.date_words(at.date())}. It was not"
                " submitted. Everything you wrote is kept here as a draft: you can read it, and"
                f" use it in another application. If something held you up, write to"
                f" {round.organisation_name}."
            )


async def _organisation(id: UUID) -> dict[str, str]:
    row: dict[str, Any] | None = await db.fetch_one(
        "SELECT id::text AS id, name, kind, coalesce(charity_number, '') AS charity_number,"
        " coalesce(company_number, '') AS company_number, town FROM organisation WHERE id = {}",
        id,
    )
    assert row is not None
    return row


async def withdraw(
    actor: Actor, id: UUID, *, received: datetime, once: Once | None = None
) -> ApplicationView:
    """Take an application back: a draft at any time, a submitted one before the deadline.

    Raises:
        NotFound, NotAllowed: see `queries.to_write`.
        Conflict: the deadline has passed.
        IllegalMove: it was withdrawn or decided already.
    """
    async with db.transaction(once):
        found = await queries.to_write(actor, id, lock=True)
        state = APPLICATION_MOVES.check(found.state, ApplicationState.WITHDRAWN)
        if not found.may_be_withdrawn(received):
            raise Conflict(
                f"The deadline was {deadline_words(found.deadline, found.zone)}, so"
                f" {found.funder_name} may be reading this already. Write to them if you no"
                " longer need the money."
            )
        await Application.update(
            {Application.state: state, Application.withdrawn_at: received}
        ).where(Application.id == id)
        await _record(actor, Event.APPLICATION_WITHDRAWN, id, found.organisation_id, found.round_id)
        return found


async def _record(
    actor: Actor, event: Event, id: UUID, organisation_id: UUID, round_id: UUID
) -> None:
    await audit.record(
        event,
        "application",
        id,
        by=actor,
        organisation=organisation_id,
        data={"round": str(round_id)},
    )
