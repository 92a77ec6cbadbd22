"""The shape of a site, its week, and its dated days."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from marketplace.things import hours
from marketplace.things.hours import Intervals, NotHours
from marketplace.things.sites.operations import Details
from marketplace.things.sites.queries import SiteView
from marketplace.web.forms import Blankable, Form, Line, LocalDate, ShortLine, Text, sentence


def _hours(text: str) -> str:
    try:
        hours.parse(text)
    except NotHours as error:
        raise sentence(str(error)) from error
    return text


HoursText = Annotated[ShortLine, AfterValidator(_hours)]
DAYS = tuple(day.lower() for day in hours.WEEKDAYS)


class SiteForm(Form):
    """A site with its week."""

    labels: ClassVar = {
        "name": "the name of the site",
        "address": "the address",
        "postcode": "the postcode",
        "getting_there": "getting there",
    }

    name: ShortLine
    address: Line = ""
    postcode: ShortLine
    getting_there: Annotated[Text, Field(max_length=1000)] = ""
    monday: HoursText = ""
    tuesday: HoursText = ""
    wednesday: HoursText = ""
    thursday: HoursText = ""
    friday: HoursText = ""
    saturday: HoursText = ""
    sunday: HoursText = ""

    def details(self) -> Details:
        """Give what operations ask for."""
        return Details(
            name=self.name,
            address=self.address,
            postcode=self.postcode,
            getting_there=self.getting_there,
            week=[hours.parse(getattr(self, day)) for day in DAYS],
        )


def typed(site: SiteView, week: list[Intervals]) -> dict[str, Any]:
    """Give what stands in the form when a site is edited."""
    return {
        "name": site.name,
        "address": site.address,
        "postcode": site.postcode,
        "getting_there": site.getting_there,
        **{day: hours.words(each) if each else "" for day, each in zip(DAYS, week, strict=True)},
    }


class DaysForm(Form):
    """Days that differ from the week; without hours the site is closed."""

    labels: ClassVar = {"first": "the first day", "last": "the last day", "note": "the reason"}

    first: LocalDate
    last: Annotated[LocalDate | None, Blankable] = None
    hours: HoursText = ""
    note: ShortLine = ""


class DayForm(Form):
    """One day."""

    day: LocalDate
