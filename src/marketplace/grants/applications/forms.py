"""The shape of answers: one field a question, with the version it saw, and who applies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from marketplace import clock
from marketplace.grants.applications.operations import Sent
from marketplace.ids import new_id
from marketplace.questions.forms import answer_of, field_name, shown
from marketplace.questions.operations import Saved
from marketplace.questions.rules import MOST_CHARACTERS, Asked, Stored
from marketplace.web.forms import Bound, Form

PAGE_FIELD = "page"


class StartForm(Form):
    """Which organisation applies."""

    labels: ClassVar = {"organisation": "the organisation that applies"}

    organisation: UUID


def version_name(question_id: UUID) -> str:
    """Name the field that says which version a page saw, and that the question was on it."""
    return f"version-{question_id}"


def sent(raw: Mapping[str, Sequence[str]], questions: Sequence[Asked]) -> list[Sent]:
    """Read the answers of the questions that stood on a page."""
    page = _uuid(raw.get(PAGE_FIELD, [""])[-1])
    return [
        Sent(asked.id, answer_of(asked, raw), _version(raw[version_name(asked.id)][-1]), page)
        for asked in questions
        if version_name(asked.id) in raw
    ]


def _version(text: str) -> int:
    # One we never gave out is older than all we did.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def again_name(question_id: UUID) -> str:
    """Name the field that says that an error stands beside the question on the page."""
    return f"again-{question_id}"


@dataclass(frozen=True, slots=True)
class Field:
    """One question on a page: what stands in it, when it was saved, and what it clashes with.

    `wants` says what a saved answer still needs before it can be submitted.
    """

    asked: Asked
    version: int
    saved: str
    wants: str = ""
    theirs: str | None = None
    theirs_by: str = ""

    @property
    def id(self) -> UUID:
        """Give the question's id."""
        return self.asked.id

    @property
    def name(self) -> str:
        """Name its field."""
        return field_name(self.asked.id)

    @property
    def version_name(self) -> str:
        """Name the field of its version."""
        return version_name(self.asked.id)

    @property
    def again_name(self) -> str:
        """Name the field that says that an error stands beside it."""
        return again_name(self.asked.id)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The answers on one page; `page` tells this open page from every other."""

    form: Bound[Any]
    fields: tuple[Field, ...]
    page: str
    longest: int = MOST_CHARACTERS


def sheet(
    questions: Sequence[Asked],
    answers: Mapping[UUID, Stored],
    names: Mapping[UUID, str],
    wrong: Mapping[UUID, str],
) -> Sheet:
    """Give a page as it is first shown, with what is saved in it."""
    values: dict[str, object] = {}
    fields: list[Field] = []
    for asked in questions:
        stored = answers.get(asked.id, Stored())
        values[field_name(asked.id)] = shown(asked, stored.value)
        wants = wrong.get(asked.id, "") if stored.value else ""
        fields.append(Field(asked, stored.version, saved_words(stored, names), wants))
    return Sheet(Form.blank(values), tuple(fields), str(new_id()))


def sheet_again(
    bound: Bound[Any],
    questions: Sequence[Asked],
    saved: Mapping[UUID, Saved],
    unkept: Mapping[UUID, str],
    names: Mapping[UUID, str],
) -> Sheet:
    """Give a page again with all that was typed, and beside a clash what somebody else saved."""
    fields: list[Field] = []
    for asked in questions:
        if version_name(asked.id) not in bound.raw:
            continue
        found = saved.get(asked.id)
        if found is None:
            bound.refuse(field_name(asked.id), unkept.get(asked.id, "Shorten this"))
            version = _version(bound.value(version_name(asked.id)))
            fields.append(Field(asked, version, "Not saved"))
        elif found.clash:
            who = _who(found.stored, names)
            bound.refuse(
                field_name(asked.id),
                f"{who} saved another answer meanwhile. Choose one, or put them together",
            )
            fields.append(
                Field(
                    asked,
                    found.stored.version,
                    "Not saved",
                    theirs=found.stored.value,
                    theirs_by=f"{who}, {saved_words(found.stored, {}).removeprefix('Saved ')}",
                )
            )
        else:
            # Where nothing was changed here but by others, theirs is what stands now.
            bound.raw[field_name(asked.id)] = shown(asked, found.stored.value)
            fields.append(Field(asked, found.stored.version, saved_words(found.stored, names)))
    return Sheet(bound, tuple(fields), bound.value(PAGE_FIELD) or str(new_id()))


def _who(stored: Stored, names: Mapping[UUID, str]) -> str:
    return names.get(stored.answered_by, "Somebody") if stored.answered_by else "Somebody"


def saved_words(stored: Stored, names: Mapping[UUID, str]) -> str:
    """Write "Saved at 3:42pm", with the day where it was not today; "" before the first save."""
    if not stored.version or stored.answered_at is None:
        return ""
    name = names.get(stored.answered_by) if stored.answered_by else None
    by = f" by {name}" if name else ""
    return f"Saved {moment(stored.answered_at)}{by}"


def moment(at: datetime) -> str:
    """Write "at 3:42pm", or "on Tuesday 4 March, 3:42pm" where it was not today."""
    if clock.local(at).date() == clock.today():
        return f"at {clock.time_words(at)}"
    return f"on {clock.moment_words(at)}"
