"""Several roles an opportunity, weekly series, and how many people a shift needs at least."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from marketplace import clock
from marketplace.demo.programme import Planned, Posted
from marketplace.demo.scene import GARDEN, Scene, words
from marketplace.volunteering.rules import Event, OpportunityState, ShiftState
from marketplace.volunteering.series.rules import Event as SeriesEvent
from marketplace.volunteering.series.rules import Every, Pattern, SeriesState

_MOST_SERIES = 40
_LEAST_OF_A_SERIES = 4


def roles(scene: Scene) -> None:
    """Add a second role where the words have one, with shifts of its own at the same times."""
    ahead: dict[UUID, list[Planned]] = defaultdict(list)
    for shift in scene.ahead(1):
        ahead[shift.opportunity_id].append(shift)
    for posted in scene.programme.posted:
        said = words()["further"].get(posted.role.key)
        if said and posted.opportunity["state"] == OpportunityState.OPEN:
            _second(scene, posted, said, ahead[posted.opportunity["id"]])


def _second(scene: Scene, posted: Posted, said: dict[str, Any], ahead: list[Planned]) -> None:
    maker, row = scene.maker, posted.opportunity
    role = maker.add(
        "role",
        id=maker.id(row["created_at"] + timedelta(hours=1)),
        opportunity_id=row["id"],
        title=said["title"],
        description=said["description"],
        position=1,
        minimum_age=said["age"],
        wanted=said["places"],
        least_needed=0,
        skills=said["skills"],
    )
    added = []
    for shift in ahead:
        copy = maker.add(
            "shift",
            **{
                **shift.row,
                "id": maker.id(shift.published_at),
                "role_id": role["id"],
                "places": said["places"],
                "least_needed": 0,
                "taken": 0,
            },
        )
        scene.tell(
            Event.SHIFT_PLANNED,
            "shift",
            copy,
            shift.published_at,
            shift.coordinator,
            shift.organisation_id,
        )
        added.append(replace(shift, row=copy))
    scene.programme.shifts += added
    scene.diaries.join(added)


def least_needed(scene: Scene) -> None:
    """Say of some roles without how many people a shift cannot take place."""
    ahead: dict[UUID, list[Planned]] = defaultdict(list)
    for shift in scene.ahead(0):
        ahead[shift.row["role_id"]].append(shift)
    for posted in scene.programme.posted:
        places = posted.row["wanted"]
        wanted = posted.group.name == GARDEN or scene.maker.chance.random() < 0.35
        if places < 3 or not wanted:
            continue
        least = max(2, places // 3)
        posted.row["least_needed"] = least
        for shift in ahead[posted.row["id"]]:
            shift.row["least_needed"] = least


def series(scene: Scene) -> None:
    """Make weekly shifts one series each, the flagship's first."""
    made = 0
    of_role: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in scene.maker.rows["shift"]:
        of_role[row["role_id"]].append(row)
    for posted in scene.programme.posted:
        if made == _MOST_SERIES:
            return
        if len(posted.role.when) == 1 and posted.role.every == 1:
            rows = sorted(of_role[posted.row["id"]], key=lambda row: row["starts_at"])
            made += _series(scene, posted, rows)


def _series(scene: Scene, posted: Posted, rows: list[dict[str, Any]]) -> int:
    """Make one, where all shifts of the first role are of one weekday and time."""
    times = {
        (row["local_start"].weekday(), row["local_start"].time(), row["local_end"].time())
        for row in rows
    }
    planned = [row for row in rows if row["state"] == ShiftState.PLANNED]
    if posted.opportunity["state"] != OpportunityState.OPEN or len(times) != 1:
        return 0
    if len(planned) < _LEAST_OF_A_SERIES:
        return 0
    ((weekday, start, end),) = times
    at = posted.opportunity["published_at"]
    made = scene.maker.add(
        "series",
        id=scene.maker.id(at),
        opportunity_id=posted.opportunity["id"],
        role_id=posted.row["id"],
        state=SeriesState.RUNNING.value,
        rule=Pattern(Every.WEEK, (weekday,)).rule,
        zone=clock.LONDON.key,
        first_day=rows[0]["local_start"].date(),
        start_time=start,
        end_time=end,
        ends_next_day=rows[0]["local_end"].date() > rows[0]["local_start"].date(),
        places=posted.row["wanted"],
        least_needed=posted.row["least_needed"],
        planned_until=rows[-1]["local_start"].date(),
        created_at=at,
    )
    for row in rows:
        row["series_id"], row["series_start"] = made["id"], row["local_start"]
    by, whose = posted.coordinator, posted.organisation_id
    scene.tell(SeriesEvent.SERIES_PLANNED, "series", made, at, by, whose)
    return 1
