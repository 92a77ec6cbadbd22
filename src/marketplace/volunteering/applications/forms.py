"""The shape of what applicants, coordinators and referees type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field

from marketplace.questions.forms import answer_of, field_name, shown
from marketplace.questions.rules import Asked, Kind, unstorable
from marketplace.volunteering.applications.queries import Draft
from marketplace.volunteering.applications.references import Named, Reference
from marketplace.volunteering.applications.rules import (
    MOST_REFERENCES,
    TESTS,
    Compare,
    Effect,
    Recommends,
    misnamed,
    unfinished,
)
from marketplace.volunteering.applications.screening import Settings, Wanted
from marketplace.web.forms import (
    Blankable,
    Bound,
    Count,
    Email,
    Form,
    Line,
    ShortLine,
    Text,
    Tick,
)

_OptionalEmail = Annotated[Email | None, Blankable]


class ApplicationForm(Form):
    """Referees as an applicant names them; the answers are read by question.

    `then` is "later" where somebody only wants to keep what they typed.
    """

    labels: ClassVar = {
        f"{field}_{number}": label
        for number in range(1, MOST_REFERENCES + 1)
        for field, label in (
            ("name", "the name"),
            ("email", "the e-mail address"),
            ("relationship", "how they know you"),
        )
    }

    name_1: ShortLine = ""
    email_1: _OptionalEmail = None
    relationship_1: Line = ""
    name_2: ShortLine = ""
    email_2: _OptionalEmail = None
    relationship_2: Line = ""
    name_3: ShortLine = ""
    email_3: _OptionalEmail = None
    relationship_3: Line = ""
    then: str = ""

    def named(self, wanted: int) -> list[Named]:
        """Give as many referees as are wanted, in order; some may be empty."""
        return [
            Named(
                getattr(self, f"name_{number}"),
                getattr(self, f"email_{number}") or "",
                getattr(self, f"relationship_{number}"),
            )
            for number in range(1, wanted + 1)
        ]


@dataclass(frozen=True, slots=True)
class Asking:
    """One question on the page; `remembered`: its answer comes from an earlier application."""

    asked: Asked
    remembered: bool = False

    @property
    def name(self) -> str:
        """Name its field."""
        return field_name(self.asked.id)


def as_typed(
    questions: Sequence[Asked], draft: Draft | None, remembered: Mapping[UUID, str]
) -> tuple[Bound[ApplicationForm], list[Asking]]:
    """Give the page with what was typed before, and where nothing was, what is remembered."""
    values: dict[str, object] = {}
    fields: list[Asking] = []
    typed = draft.answers if draft else {}
    for asked in questions:
        from_before = asked.id not in typed and asked.id in remembered
        text = remembered[asked.id] if from_before else typed.get(asked.id, "")
        values[field_name(asked.id)] = shown(asked, text)
        fields.append(Asking(asked, from_before))
    for referee in draft.referees if draft else ():
        values[f"name_{referee.position}"] = referee.name
        values[f"email_{referee.position}"] = referee.email
        values[f"relationship_{referee.position}"] = referee.relationship
    return ApplicationForm.blank(values), fields


def answers(
    form: Bound[ApplicationForm], questions: Sequence[Asked]
) -> tuple[dict[UUID, str], bool]:
    """Read the answers; False where a text cannot be kept at all, which is said beside it."""
    found: dict[UUID, str] = {}
    fine = True
    for asked in questions:
        text = answer_of(asked, form.raw)
        if sentence := unstorable(text):
            form.refuse(field_name(asked.id), sentence)
            fine = False
        else:
            found[asked.id] = text
    return found, fine


def refuse_gaps(
    form: Bound[ApplicationForm],
    questions: Sequence[Asked],
    given: Mapping[UUID, str],
    wanted: int,
    own_email: str,
) -> None:
    """Say beside each field what is missing before the application can be sent."""
    cleaned = {id: text.strip() for id, text in given.items()}
    for id, sentence in unfinished(questions, cleaned).items():
        form.errors.setdefault(field_name(id), sentence)
    if wanted and form.data is not None:
        named = [(each.name, each.email, each.relationship) for each in form.data.named(wanted)]
        for (position, field), sentence in misnamed(named, own_email).items():
            form.errors.setdefault(f"{field}_{position}", sentence)


class RefereeForm(Form):
    """Somebody else to ask for a reference."""

    labels: ClassVar = {
        "name": "the name of somebody who knows you",
        "email": "their e-mail address",
        "relationship": "how they know you",
    }

    name: ShortLine
    email: Email
    relationship: Line

    def named(self) -> Named:
        """Give what operations ask for."""
        return Named(self.name, self.email, self.relationship)


class ReferenceForm(Form):
    """What a referee answers."""

    labels: ClassVar = {
        "known": "how you know them and for how long",
        "recommends": "yes or no",
        "remarks": "what else the organisation should know",
    }
    sentences: ClassVar = {
        ("known", "missing"): "Say how you know them and for how long",
        ("recommends", "missing"): "Choose whether you would have them do this",
    }

    known: Annotated[Text, Field(max_length=1000)]
    recommends: Recommends
    remarks: Annotated[Text, Field(max_length=2000)] = ""

    def reference(self) -> Reference:
        """Give what operations ask for."""
        return Reference(known=self.known, recommends=self.recommends, remarks=self.remarks)


class SettingsForm(Form):
    """Whether one applies for a role, and who or what decides."""

    labels: ClassVar = {
        "references_wanted": "the number of references",
        "good_for_months": "the number of months",
    }

    needs_application: Tick = False
    by_rules: Tick = False
    references_wanted: Annotated[Count, Field(le=MOST_REFERENCES)] = 0
    good_for_months: Annotated[Annotated[Count, Field(ge=1, le=120)] | None, Blankable] = None

    def settings(self) -> Settings:
        """Give what operations ask for."""
        return Settings(
            needs_application=self.needs_application,
            by_rules=self.by_rules,
            references_wanted=self.references_wanted,
            good_for_months=self.good_for_months,
        )


class RuleForm(Form):
    """One rule about one question."""

    labels: ClassVar = {
        "effect": "what the rule does",
        "test": "how the answer is compared",
        "value": "the answer it looks for",
        "reason": "the reason",
    }
    sentences: ClassVar = {
        ("effect", "missing"): "Choose whether the rule blocks or approves",
        ("value", "missing"): "Say which answer the rule looks for",
    }

    effect: Effect
    test: Annotated[Compare | None, Blankable] = None
    value: Annotated[str, Field(max_length=4000)]
    reason: Annotated[Text, Field(max_length=500)] = ""

    def wanted(self, asked: Asked) -> Wanted:
        """Give what operations ask for; only numbers leave open how they are compared."""
        test = self.test if asked.kind is Kind.NUMBER else None
        return Wanted(
            effect=self.effect,
            test=test or TESTS.get(asked.kind, (Compare.IS,))[0],
            value=self.value,
            reason=self.reason,
        )


class ApprovalForm(Form):
    """A welcome, or nothing."""

    labels: ClassVar = {"welcome": "the word of welcome"}

    welcome: Annotated[Text, Field(max_length=1000)] = ""


class ReasonForm(Form):
    """Why not."""

    labels: ClassVar = {"reason": "the reason"}
    sentences: ClassVar = {
        ("reason", "missing"): "Say in plain words why: the applicant reads this",
    }

    reason: Annotated[Text, Field(max_length=1000)]


def typed_settings(role: Any) -> dict[str, object]:
    """Give what stands in the form of a role's screening."""
    return {name: getattr(role, name) for name in SettingsForm.model_fields}
