"""What the parts of volunteering share: the town as far as it is made, and its words."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from marketplace import paths
from marketplace.clock import LONDON
from marketplace.demo.crowd import Crowd, Someone
from marketplace.demo.diaries import Diaries
from marketplace.demo.groups import GROUPS
from marketplace.demo.maker import Maker
from marketplace.demo.programme import Planned, Posted, Programme
from marketplace.permissions import OrgRole
from marketplace.volunteering.rules import OpportunityState, ShiftState

GARDEN = GROUPS[0].name


@cache
def words() -> dict[str, Any]:
    """Read the words of volunteering."""
    return tomllib.loads((paths.PACKAGE / "demo" / "words" / "giving.toml").read_text("utf-8"))


@dataclass(slots=True)
class Scene:
    """The town with its shifts and diaries, for what is added to them."""

    maker: Maker
    crowd: Crowd
    organisations: dict[str, dict[str, Any]]
    programme: Programme
    diaries: Diaries

    @property
    def priya(self) -> Someone:
        """Give the volunteer to sign in as."""
        return self.crowd.known["Volunteer"]

    def coordinator(self, group: str) -> Someone:
        """Give who looks after an organisation's volunteers."""
        return self.crowd.of(group, OrgRole.COORDINATOR)[0]

    def person(self, id: UUID) -> Someone:
        """Give a person who books."""
        people = [*self.crowd.known.values(), *self.crowd.volunteers]
        return next(each for each in people if each.id == id)

    def days(self, days: float) -> datetime:
        """Give the instant so many days ago."""
        return self.maker.now - timedelta(days=days)

    def daytime(self, at: datetime) -> datetime:
        """Move an instant of the night to the evening before."""
        hour = at.astimezone(LONDON).hour
        return at - timedelta(hours=hour + 4 if hour < 8 else max(0, hour - 20))

    def shifts(self, posted: Posted) -> list[dict[str, Any]]:
        """Give the shifts of an opportunity, in order."""
        rows = (row for row in self.maker.rows["shift"] if self._is_of(row, posted))
        return sorted(rows, key=lambda row: row["starts_at"])

    @staticmethod
    def _is_of(row: dict[str, Any], posted: Posted) -> bool:
        return row["opportunity_id"] == posted.opportunity["id"]

    def bookings(self, posted: Posted) -> list[dict[str, Any]]:
        """Give the bookings of an opportunity's first role that were not cancelled, in order."""
        mine = {row["id"] for row in self.shifts(posted) if row["role_id"] == posted.row["id"]}
        rows = (
            row
            for row in self.maker.rows["booking"]
            if row["shift_id"] in mine and row["state"] != "cancelled"
        )
        return sorted(rows, key=lambda row: row["booked_at"])

    def ahead(self, days: float) -> list[Planned]:
        """Give the shifts that begin in so many days or later and can be booked, in order."""
        open_ = {
            each.opportunity["id"]
            for each in self.programme.posted
            if each.opportunity["state"] == OpportunityState.OPEN
        }
        found = [
            shift
            for shift in self.programme.shifts
            if shift.row["starts_at"] > self.days(-days)
            and shift.row["state"] == ShiftState.PLANNED
            and shift.opportunity_id in open_
        ]
        return sorted(found, key=lambda shift: (shift.row["starts_at"], shift.row["id"]))

    def tell(
        self,
        event: StrEnum,
        kind: str,
        row: dict[str, Any],
        at: datetime,
        by: UUID | None,
        organisation: UUID | None = None,
        /,
        **data: str | int,
    ) -> None:
        """Note what happened to a row, for history."""
        self.maker.happened(
            event,
            kind,
            row["id"],
            at,
            by=by,
            organisation=organisation or row.get("organisation_id"),
            **data,
        )

    def strangers(self, near: Planned | None, known: Sequence[UUID], wanted: int) -> list[Someone]:
        """Choose people who are none of those already known, next to a shift or anywhere."""
        pool = self.diaries.near(near) if near else self.crowd.volunteers
        pool = [person for person in pool if person.id not in set(known)]
        return self.maker.chance.sample(pool, min(wanted, len(pool)))
