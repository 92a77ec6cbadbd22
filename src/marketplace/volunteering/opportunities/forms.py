"""The shape of an opportunity as a coordinator writes it, and of the filters of the list."""

from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from marketplace import taxonomies
from marketplace.volunteering.opportunities.operations import Details
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.opportunities.rules import NEEDS, Expenses
from marketplace.volunteering.rules import OpportunityState, Timing
from marketplace.web.forms import Count, Form, Line, LocalDate, ShortLine, Text, Tick

Title = Annotated[Line, Field(max_length=120)]
Summary = Annotated[Text, Field(max_length=300)]
Short = Annotated[Text, Field(max_length=1000)]
Slugs = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=40)]


class OpportunityForm(Form):
    """What an opportunity says; only its title is needed for a draft."""

    labels: ClassVar = {
        "title": "a title",
        "summary": "the summary",
        "place_name": "the name of the place",
        "minimum_age": "the minimum age",
        "contact_name": "the name of the contact",
        "contact_how": "how to reach the contact",
        "where": "where it takes place",
        "timing": "how the times are arranged",
        "deadline": "the last day",
        "expenses_paid": "what of their costs people get back",
        "access": "what there is",
        "support": "how people are supported",
        "causes": "the causes",
        "skills": "the skills",
    }

    title: Title
    summary: Summary = ""
    description: Text = ""
    causes: Slugs = Field(default_factory=list)
    skills: Slugs = Field(default_factory=list)
    where: Literal["site", "home", "both"] = "site"
    place_name: Line = ""
    postcode: ShortLine = ""
    place_private: Tick = False
    getting_there: Short = ""
    expenses_paid: Expenses = Expenses.UNSAID
    expenses: Line = ""
    access: Slugs = Field(default_factory=list)
    support: Slugs = Field(default_factory=list)
    contact_name: ShortLine = ""
    contact_how: Line = ""
    minimum_age: Annotated[Count, Field(le=99)] = 18
    timing: Literal["shifts", "flexible", "arranged", "logged"] = "shifts"
    availability: Line = ""
    deadline: LocalDate | None = None

    def details(self) -> Details:
        """Give what operations ask for; done from home means that no place is kept."""
        on_site = self.where != "home"
        return Details(
            title=self.title,
            summary=self.summary,
            description=self.description,
            causes=self.causes,
            skills=self.skills,
            remote=self.where != "site",
            place_name=self.place_name if on_site else "",
            postcode=self.postcode if on_site else "",
            place_private=self.place_private and on_site,
            getting_there=self.getting_there if on_site else "",
            expenses=self.expenses,
            expenses_paid=self.expenses_paid,
            # Only a place has steps, seats and a bus stop.
            access=self.access if on_site else [],
            support=self.support,
            contact_name=self.contact_name,
            contact_how=self.contact_how,
            minimum_age=self.minimum_age,
            timing=Timing(self.timing),
            availability=self.availability,
            # Shifts and visits say themselves when they end.
            deadline=self.deadline if self.timing in {"flexible", "logged"} else None,
        )


def typed(opportunity: OpportunityView) -> dict[str, Any]:
    """Give what stands in the form when an opportunity is edited."""
    fields = {
        name: getattr(opportunity, name) for name in OpportunityForm.model_fields if name != "where"
    }
    if not opportunity.remote:
        fields["where"] = "site"
    else:
        fields["where"] = "both" if opportunity.point else "home"
    return fields


class FilterForm(Form):
    """What narrows the list beside words and place; what is unknown narrows nothing."""

    cause: Annotated[str, Field(max_length=80)] = ""
    remote: Tick = False
    when: Annotated[str, Field(max_length=20)] = ""
    need: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)] = Field(
        default_factory=list
    )

    def needs(self) -> list[str]:
        """Give what somebody cannot do without, as tags, of those that are offered."""
        return [tag for tag in NEEDS if tag in self.need]


WHEN = {"today": "Today", "week": "In the next 7 days", "weekend": "This weekend"}


def days(when: str, today: date) -> list[date]:
    """Give the days that "today", "week" or "weekend" means; none for anything else."""
    match when:
        case "today":
            return [today]
        case "week":
            return [today + timedelta(days=number) for number in range(7)]
        case "weekend":
            saturday = today + timedelta(days=5 - today.weekday())
            return [day for day in (saturday, saturday + timedelta(days=1)) if day >= today]
        case _:
            return []


def cause_choices() -> list[tuple[str, str]]:
    """Give the widest causes, for the filter of the list."""
    return [(top.slug, top.label) for top, _ in taxonomies.groups(taxonomies.CAUSES)]


class OwnForm(Form):
    """Which of its own opportunities an organisation looks at."""

    state: Literal[""] | OpportunityState = ""
    page: Annotated[Count, Field(ge=1, le=10_000)] = 1

    def wanted(self) -> OpportunityState | None:
        """Give the state, None for all."""
        return self.state or None
