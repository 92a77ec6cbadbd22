"""Steps of whoever asks or answers; each needs the transaction and the permission of its caller.

The caller holds a lock on what owns the questions, or on the subject that answers, so that no two
of these steps run beside each other on the same rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import Conflict, NotFound
from marketplace.ids import new_id
from marketplace.questions import queries
from marketplace.questions.rules import (
    CHOOSING,
    COUNTED,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    Asked,
    Kind,
    Meaning,
    Outcome,
    Owner,
    Stored,
    Subject,
    clean,
    moved,
    outcome,
    unstorable,
)
from marketplace.questions.tables import Answer, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What somebody asks."""

    kind: Kind
    label: str
    help: str = ""
    required: bool = True
    word_limit: int | None = None
    options: Sequence[str] = ()

    def checked(self) -> "Wording":
        """Give the wording with what its kind does not use left out.

        Raises:
            Conflict: beside its field: a choice without at least two options, or too many.
        """
        options = tuple(dict.fromkeys(filter(None, (text.strip() for text in self.options))))
        if self.kind not in CHOOSING:
            options = ()
        elif len(options) < 2:
            raise Conflict("Write at least two options, one a line", field="options")
        elif len(options) > MOST_OPTIONS:
            raise Conflict(f"Write {MOST_OPTIONS} options or fewer", field="options")
        limit = self.word_limit if self.kind in COUNTED else None
        return Wording(
            kind=self.kind,
            label=self.label,
            help=self.help,
            required=self.required,
            word_limit=limit,
            options=options,
        )


def _columns(wording: Wording) -> dict[Any, Any]:
    checked = wording.checked()
    return {
        Question.kind: checked.kind,
        Question.label: checked.label,
        Question.help: checked.help,
        Question.required: checked.required,
        Question.word_limit: checked.word_limit,
        Question.options: list(checked.options),
    }


async def ask(
    owner: Owner, owner_id: UUID, wording: Wording, *, meaning: Meaning = Meaning.NONE
) -> UUID:
    """Put a question at the end, and give its id.

    Raises:
        Conflict: its options do not do, or there are too many questions.
    """
    db.require_transaction()
    row = await db.fetch_one(
        "SELECT count(*) AS many, coalesce(max(position), 0) AS last FROM question"
        " WHERE owner_type = {} AND owner_id = {} AND retired_at IS NULL",
        owner.value,
        owner_id,
    )
    assert row is not None
    if row["many"] >= MOST_QUESTIONS:
        raise Conflict(f"There are {MOST_QUESTIONS} questions already. Remove one first.")
    question = Question(
        _columns(wording),
        owner_type=owner,
        owner_id=owner_id,
        position=row["last"] + 1,
        meaning=meaning,
    )
    await question.save()
    return question.id


async def question(owner: Owner, owner_id: UUID, id: UUID) -> Asked:
    """Give one question that is asked.

    Raises:
        NotFound: it is not asked there, or no more.
    """
    for each in await queries.asked(owner, owner_id):
        if each.id == id:
            return each
    raise NotFound("This question is no longer asked.")


async def reword(owner: Owner, owner_id: UUID, id: UUID, wording: Wording) -> None:
    """Change a question; of one that the product reads, only label, help and word limit.

    Raises:
        NotFound: it is not asked there.
        Conflict: its options do not do.
    """
    db.require_transaction()
    before = await question(owner, owner_id, id)
    columns = _columns(wording)
    if before.meaning is not Meaning.NONE:
        columns |= {Question.kind: before.kind, Question.required: True}
    await Question.update(columns).where(Question.id == id)


async def replace(owner: Owner, owner_id: UUID, id: UUID, wording: Wording) -> UUID:
    """Ask a question anew in its place, and give its new id.

    What was answered so far stays under the words that were asked.

    Raises:
        NotFound: it is not asked there.
        Conflict: its options do not do.
    """
    db.require_transaction()
    before = await question(owner, owner_id, id)
    after = Question(
        _columns(wording), owner_type=owner, owner_id=owner_id, position=before.position
    )
    await after.save()
    await Question.update({Question.retired_at: clock.now()}).where(Question.id == id)
    return after.id


async def move(owner: Owner, owner_id: UUID, id: UUID, by: int) -> None:
    """Move a question one place up (-1) or down (1); nothing happens at an end.

    Raises:
        NotFound: it is not asked there.
    """
    db.require_transaction()
    order = [each.id for each in await queries.asked(owner, owner_id)]
    if id not in order:
        raise NotFound("This question is no longer asked.")
    await db.execute(
        "UPDATE question SET position = new.position"
        " FROM unnest({}::uuid[]) WITH ORDINALITY AS new (id, position)"
        " WHERE question.id = new.id",
        moved(order, id, by),
    )


async def retire(owner: Owner, owner_id: UUID, id: UUID) -> None:
    """Ask a question no more.

    Raises:
        NotFound: it is not asked there.
        Conflict: the product reads its answer.
    """
    db.require_transaction()
    if (await question(owner, owner_id, id)).meaning is not Meaning.NONE:
        raise Conflict("Every application says what it is called and how much it asks for.")
    await Question.update({Question.retired_at: clock.now()}).where(Question.id == id)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one text: the answer as it stands, and whether `typed` clashed with it."""

    stored: Stored
    typed: str
    clash: bool = False


async def save(
    subject: Subject,
    subject_id: UUID,
    question_id: UUID,
    typed: str,
    *,
    seen: int,
    page: UUID | None,
    by: UUID | None,
    at: datetime,
) -> Saved:
    """Keep one answer of somebody who saw version `seen`; what stood there is kept as a version.

    Where another came first nothing is written, and both texts are given back.

    Raises:
        Conflict: the text cannot be kept at all.
    """
    db.require_transaction()
    typed = clean(typed)
    if (reason := unstorable(typed)) is not None:
        raise Conflict(reason)
    there = await queries.stored(subject, subject_id, question_id)
    before = None
    if 0 <= seen < there.version:
        before = await queries.earlier(subject_id, question_id, seen)
    match outcome(there, seen, before, typed, page):
        case Outcome.KEEP:
            return Saved(there, typed)
        case Outcome.CLASH:
            return Saved(there, typed, clash=True)
        case Outcome.WRITE:
            return Saved(
                await _write(subject, subject_id, question_id, there, typed, page, by, at), typed
            )


async def _write(
    subject: Subject,
    subject_id: UUID,
    question_id: UUID,
    there: Stored,
    typed: str,
    page: UUID | None,
    by: UUID | None,
    at: datetime,
) -> Stored:
    if there.version:
        await db.execute(
            "INSERT INTO answer_version (id, answer_id, version, value, answered_by, answered_at)"
            " SELECT {}, id, version, value, answered_by, answered_at FROM answer"
            " WHERE subject_id = {} AND question_id = {}",
            new_id(),
            subject_id,
            question_id,
        )
        await Answer.update(
            {
                Answer.version: there.version + 1,
                Answer.value: typed,
                Answer.page: page,
                Answer.answered_by: by,
                Answer.answered_at: at,
            }
        ).where((Answer.subject_id == subject_id) & (Answer.question_id == question_id))
    else:
        await Answer(
            question_id=question_id,
            subject_type=subject,
            subject_id=subject_id,
            value=typed,
            page=page,
            answered_by=by,
            answered_at=at,
        ).save()
    return Stored(there.version + 1, typed, page, by, at)


async def forget(subject: Subject, subject_id: UUID) -> None:
    """Delete what a subject answered, with the versions before."""
    db.require_transaction()
    await Answer.delete().where(
        (Answer.subject_id == subject_id) & (Answer.subject_type == subject)
    )


async def copy(subject: Subject, since: UUID, to: UUID, *, by: UUID | None, at: datetime) -> None:
    """Give a new subject the answers of an earlier one, for questions that are still asked."""
    db.require_transaction()
    found: Mapping[UUID, Stored] = await queries.answers(subject, since)
    for question_id, there in found.items():
        await _write(subject, to, question_id, Stored(), there.value, None, by, at)
