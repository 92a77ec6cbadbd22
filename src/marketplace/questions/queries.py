"""Reads of questions and answers; whoever calls has decided that the reader may see them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marketplace import db
from marketplace.questions.rules import Asked, Kind, Meaning, Owner, Stored, Subject

# A question as JSON, for pages that read questions with what asks them in one statement.
AS_JSON = (
    "jsonb_build_object('id', q.id, 'kind', q.kind, 'label', q.label, 'help', q.help,"
    " 'required', q.required, 'word_limit', q.word_limit, 'options', to_jsonb(q.options),"
    " 'meaning', q.meaning, 'position', q.position)"
)


def asked_of(row: Mapping[str, Any]) -> Asked:
    """Make a question of a row or of its JSON."""
    return Asked(
        id=UUID(str(row["id"])),
        kind=Kind(row["kind"]),
        label=row["label"],
        help=row["help"],
        required=row["required"],
        word_limit=row["word_limit"],
        options=tuple(row["options"]),
        meaning=Meaning(row["meaning"]),
        position=row["position"],
    )


async def asked(owner: Owner, owner_id: UUID) -> list[Asked]:
    """Give what is asked, in its order; retired questions are not."""
    rows = await db.fetch(
        "SELECT id, kind, label, help, required, word_limit, options, meaning, position"
        " FROM question WHERE owner_type = {} AND owner_id = {} AND retired_at IS NULL"
        " ORDER BY position, id",
        owner.value,
        owner_id,
    )
    return [asked_of(row) for row in rows]


async def answers(subject: Subject, subject_id: UUID) -> dict[UUID, Stored]:
    """Give the answers of a subject by question."""
    rows = await db.fetch(
        "SELECT question_id, version, value, page, answered_by, answered_at FROM answer"
        " WHERE subject_id = {} AND subject_type = {}",
        subject_id,
        subject.value,
    )
    return {row.pop("question_id"): Stored(**row) for row in rows}


async def stored(subject: Subject, subject_id: UUID, question_id: UUID) -> Stored:
    """Give one answer as it stands; version 0 where there is none."""
    row = await db.fetch_one(
        "SELECT version, value, page, answered_by, answered_at FROM answer"
        " WHERE subject_id = {} AND question_id = {} AND subject_type = {}",
        subject_id,
        question_id,
        subject.value,
    )
    return Stored(**row) if row else Stored()


async def earlier(subject_id: UUID, question_id: UUID, version: int) -> str | None:
    """Give the text of an earlier version; None where it is not known, "" before the first."""
    if version == 0:
        return ""
    return await db.fetch_value(
        "SELECT v.value FROM answer_version v JOIN answer a ON a.id = v.answer_id"
        " WHERE a.subject_id = {} AND a.question_id = {} AND v.version = {}",
        subject_id,
        question_id,
        version,
    )
