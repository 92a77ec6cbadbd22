"""Reading campaigns: all of it is public, and nothing is about fewer than five people."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.campaigns.rules import (
    Hours,
    Medal,
    Progress,
    Standing,
    league,
    medals,
    running,
)

PAGE = 50
NO_SUCH = "We cannot find that campaign."


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign; `baseline` is None until it begins."""

    id: UUID
    name: str
    summary: str
    place_id: UUID
    place_name: str
    whole: bool
    first_day: date
    last_day: date
    baseline: int | None
    frozen_at: datetime | None
    counted: int
    counted_at: datetime | None

    @property
    def progress(self) -> Progress | None:
        """Give how far it is; None until it begins."""
        return None if self.baseline is None else Progress(self.baseline, self.counted)

    @property
    def running(self) -> bool:
        """Tell whether it is on."""
        return running(self.first_day, self.last_day, clock.today())

    @property
    def over(self) -> bool:
        """Tell whether it has ended."""
        return self.last_day < clock.today()

    @property
    def days(self) -> str:
        """Write from when to when."""
        return f"{clock.date_words(self.first_day)} to {clock.date_words(self.last_day)}"


_SELECT = (
    "SELECT c.id, c.name, c.summary, c.place_id, p.name AS place_name, p.kind = 'system' AS whole,"
    " c.first_day, c.last_day, c.baseline, c.frozen_at, c.counted, c.counted_at"
    " FROM campaign c JOIN place p ON p.id = c.place_id"
)


async def campaigns(limit: int = 50) -> list[CampaignView]:
    """List campaigns, the latest first."""
    rows = await db.fetch(f"{_SELECT} ORDER BY c.first_day DESC, c.id LIMIT {{}}", limit)
    return [CampaignView(**row) for row in rows]


async def campaign(id: UUID) -> CampaignView:
    """Read one.

    Raises:
        NotFound: there is none.
    """
    row = await db.fetch_one(f"{_SELECT} WHERE c.id = {{}}", id)
    if row is None:
        raise NotFound(NO_SUCH)
    return CampaignView(**row)


async def days(id: UUID) -> list[tuple[date, int]]:
    """Give how many there were day by day."""
    rows = await db.fetch(
        "SELECT day, counted FROM campaign_day WHERE campaign_id = {} ORDER BY day", id
    )
    return [(row["day"], row["counted"]) for row in rows]


async def places(of: CampaignView) -> list[Standing]:
    """Give the league of districts; empty for a campaign of one district."""
    if not of.whole:
        return []
    rows = await db.fetch(
        "SELECT p.gss, count(i.id) FILTER (WHERE i.counted)::int AS now,"
        " count(i.id) FILTER (WHERE i.at_start)::int AS start FROM place p"
        " LEFT JOIN campaign_item i ON i.place_id = p.id AND i.campaign_id = {}"
        " WHERE p.parent_id = {} AND p.kind = 'place' AND p.valid_to IS NULL GROUP BY p.gss",
        of.id,
        of.place_id,
    )
    return league({row["gss"]: (row["now"], row["start"]) for row in rows})


@dataclass(frozen=True, slots=True)
class Team:
    """An organisation that takes part, and its hours as far as they may be shown."""

    organisation_id: UUID
    name: str
    hours: Hours
    medal: Medal | None = None


async def teams(of: CampaignView) -> list[Team]:
    """Give the teams by hours a head, those without a figure last, by name."""
    rows = await db.fetch(
        "SELECT t.organisation_id, g.name, t.goal_hours, coalesce(sum(h.minutes), 0)::int"
        " AS minutes, count(DISTINCT h.person_id)::int AS people FROM campaign_team t"
        " JOIN organisation g ON g.id = t.organisation_id AND g.state = 'approved'"
        " LEFT JOIN hours h ON h.organisation_id = t.organisation_id AND h.state = 'confirmed'"
        "  AND h.on_date BETWEEN {} AND {} WHERE t.campaign_id = {}"
        " GROUP BY t.organisation_id, g.name, t.goal_hours",
        of.first_day,
        of.last_day,
        of.id,
    )
    found = [
        Team(
            row["organisation_id"],
            row["name"],
            Hours(row["minutes"], row["people"], row["goal_hours"]),
        )
        for row in rows
    ]
    found.sort(key=lambda team: (-(team.hours.a_head or 0), team.name.casefold()))
    won = medals([team.hours.a_head or 0 for team in found])
    return [
        Team(team.organisation_id, team.name, team.hours, medal)
        for team, medal in zip(found, won, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Item:
    """One opportunity as counted; `open` where its page still is."""

    title: str
    organisation_id: UUID
    organisation_name: str
    opportunity_id: UUID
    outward: str
    place_name: str
    at_start: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class Items:
    """A page of what a figure counts, and how many there are."""

    rows: list[Item]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Tell how many pages there are."""
        return -(-self.total // PAGE)


async def items(of: CampaignView, *, start: bool, gss: str = "", page: int = 1) -> Items:
    """List what is counted: at the start, or now; of one district where one is named."""
    where = (
        " WHERE i.campaign_id = {} AND i.at_start"
        if start
        else (" WHERE i.campaign_id = {} AND i.counted")
    )
    values: list[Any] = [of.id]
    if gss:
        where += " AND p.gss = {}"
        values.append(gss)
    rows = await db.fetch(
        "SELECT i.title, i.organisation_id, i.organisation_name, i.opportunity_id, i.outward,"  # noqa: S608
        " p.name AS place_name, i.at_start, i.counted, count(*) OVER ()::int AS total"
        f" FROM campaign_item i JOIN place p ON p.id = i.place_id{where}"
        " ORDER BY lower(i.organisation_name), lower(i.title), i.id LIMIT {} OFFSET {}",
        *values,
        PAGE,
        (page - 1) * PAGE,
    )
    total = rows[0]["total"] if rows else 0
    return Items(
        [Item(**{name: row[name] for name in row if name != "total"}) for row in rows], total, page
    )


@dataclass(frozen=True, slots=True)
class Own:
    """A campaign as an organisation sees it: whether it takes part."""

    campaign: CampaignView
    goal_hours: int | None


async def of_organisation(actor: Actor, organisation_id: UUID) -> list[Own]:
    """List the campaigns that are not over, for those who may enter an organisation in them.

    Raises:
        NotFound: the actor may not know that there is anything to decide.
        NotAllowed: the actor does not decide for this organisation.
    """
    actor.require_to_know(Permission.VIEW_WORKSPACE, organisation_id)
    actor.require(Permission.EDIT_ORGANISATION, organisation_id)
    rows = await db.fetch(
        f"{_SELECT.replace(' FROM campaign', ', t.goal_hours FROM campaign')}"
        " LEFT JOIN campaign_team t ON t.campaign_id = c.id AND t.organisation_id = {}"
        " WHERE c.last_day >= {} ORDER BY c.first_day, c.id",
        organisation_id,
        clock.today(),
    )
    return [Own(goal_hours=row.pop("goal_hours"), campaign=CampaignView(**row)) for row in rows]
