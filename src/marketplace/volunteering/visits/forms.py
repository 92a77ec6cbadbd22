"""The shape of a proposal of visits, and of its answers."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from marketplace.errors import Conflict
from marketplace.volunteering.series.rules import Every, Pattern, Terms
from marketplace.volunteering.visits.operations import Proposal
from marketplace.web.forms import Form, Line, LocalDate, LocalTime, ShortLine, Text, Tick

Short = Annotated[Text, Field(max_length=1000)]


class ProposalForm(Form):
    """Who is asked, when, whom they would visit, and where."""

    labels: ClassVar = {
        "volunteer": "a volunteer",
        "day": "the first day",
        "start": "the start",
        "end": "the end",
        "every": "how often",
        "weekdays": "the days",
        "until": "the last day",
        "whom": "whom they visit",
        "address": "the address",
        "instructions": "what to know on the day",
        "message": "the message",
    }
    sentences: ClassVar = {("volunteer", "missing"): "Choose a volunteer"}

    volunteer: UUID
    role: UUID | None = None
    day: LocalDate
    start: LocalTime
    end: LocalTime
    every: Every = Every.WEEK
    weekdays: Annotated[list[Literal["0", "1", "2", "3", "4", "5", "6"]], Field(max_length=7)] = (
        Field(default_factory=list)
    )
    ends: Literal["never", "until"] = "never"
    until: LocalDate | None = None
    skip_holidays: Tick = False
    whom: ShortLine
    address: Annotated[Line, Field(min_length=5)]
    instructions: Short = ""
    message: Short = ""

    def proposal(self) -> Proposal:
        """Give what operations ask for.

        Raises:
            Conflict: it ends, and nobody said when.
        """
        if self.ends == "until" and self.until is None:
            raise Conflict("Enter the last day, or choose “Without end”", field="until")
        days = tuple(sorted({int(day) for day in self.weekdays})) or (self.day.weekday(),)
        return Proposal(
            volunteer=self.volunteer,
            first_day=self.day,
            terms=Terms(
                pattern=Pattern(self.every, days),
                start=self.start,
                end=self.end,
                places=1,
                least_needed=1,
                until=self.until if self.ends == "until" else None,
                skip_holidays=self.skip_holidays,
            ),
            whom=self.whom,
            address=self.address,
            instructions=self.instructions,
            message=self.message,
            role=self.role,
        )


class AgreementForm(Form):
    """The volunteer's word that they have the role's age, where it has one."""

    old_enough: Tick = False


class RefusalForm(Form):
    """Why not, for the coordinator; nothing need be said."""

    labels: ClassVar = {"answer": "what you say"}

    answer: Short = ""
