"""A regular visit that the coordinator proposed to one volunteer."""

from datetime import date, time, timedelta

from marketplace import clock
from marketplace.demo.scene import GARDEN, Scene, words
from marketplace.volunteering.series.rules import Every, Pattern
from marketplace.volunteering.visits.rules import Event, VisitState

_TUESDAY = 1


def propose(scene: Scene) -> None:
    """Ask Priya to look after one garden, every first Tuesday of the month."""
    posted = scene.programme.find(GARDEN, "handy")
    at = scene.daytime(scene.days(26 / 24))
    tom = scene.coordinator(GARDEN).id
    row = scene.maker.add(
        "visit",
        id=scene.maker.id(at),
        opportunity_id=posted.opportunity["id"],
        role_id=posted.row["id"],
        organisation_id=posted.organisation_id,
        volunteer_id=scene.priya.id,
        state=VisitState.PROPOSED.value,
        rule=Pattern(Every.FIRST, (_TUESDAY,)).rule,
        zone=clock.LONDON.key,
        first_day=_first_tuesday(scene.maker.today + timedelta(days=6)),
        start_time=time(14),
        end_time=time(15),
        **words()["visit"],
        proposed_by=tom,
        proposed_at=at,
    )
    scene.tell(Event.VISIT_PROPOSED, "visit", row, at, tom)


def _first_tuesday(day: date) -> date:
    """Give the first Tuesday of a month, on that day or later."""
    while day.weekday() != _TUESDAY or day.day > 7:
        day += timedelta(days=1)
    return day
