"""The public pages of things: the list and each one with its calendar."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from marketplace import clock, files, listing_index
from marketplace.errors import BadInput
from marketplace.finding import asked
from marketplace.permissions import Actor, Permission
from marketplace.things import availability, categories, hours, rules
from marketplace.things.catalogue import queries, week
from marketplace.things.catalogue.forms import FilterForm
from marketplace.things.listing import KIND
from marketplace.things.reservations import calendar
from marketplace.things.reservations import queries as reservations
from marketplace.things.reservations.forms import DaysForm, MonthForm
from marketplace.things.rules import ThingState
from marketplace.things.sites import queries as sites
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, render

# How far the list looks for a free day: what is further off is seen on the thing's own page.
LOOK_AHEAD = 14


@get("/things", name="things.list", opt=PUBLIC)
async def index(request: Request[Any, Any, Any]) -> Page:
    """List what can be borrowed, nearest first: as cards, or seven days of each."""
    question = asked(request)
    filters = FilterForm.read(request).data or FilterForm()
    category = filters.category if filters.category in categories.CATEGORIES else ""
    today = clock.today()
    shown = week.week_from(filters.start, today) if filters.view == "week" else None
    found = await question.find(
        [KIND],
        tags=[f"category:{category}"] if category else [],
        size=week.MOST if shown else listing_index.PAGE,
    )
    ahead = await availability.availability(
        [row.id for row in found.rows],
        shown.days[0] if shown else today,
        week.DAYS if shown else LOOK_AHEAD,
    )
    return question.remember(
        render(
            request,
            "things/things.html",
            fragment="things/_results.html",
            asked=question,
            found=found,
            week=shown,
            grid=ahead,
            word=week.word,
            free={} if shown else {id: _first_free(days) for id, days in ahead.items()},
            category=category,
            categories=categories.choices(),
            look_ahead=LOOK_AHEAD,
        )
    )


def _first_free(days: list[availability.Day]) -> str:
    """Say when a thing is free next; today only counts for those who look at its page."""
    free = next((day for day in days[1:] if day.free > 0 and day.hours), None)
    if free is None:
        return f"Nothing free in the next {LOOK_AHEAD} days"
    number = "" if free.units == 1 else f", {free.free} of {free.units}"
    return f"Free {clock.date_words(free.day)}{number}"


@get("/things/{id:uuid}", name="things.show", opt=PUBLIC)
async def show(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], id: FromPath[UUID]
) -> Page:
    """Show all that people choose by, and a calendar to choose days from."""
    form = DaysForm.read(request)
    if form.data is None:
        raise BadInput(f"{next(iter(form.errors.values()))}.")
    wanted = MonthForm.read(request).data or MonthForm()
    first = form.data.first
    if first is None:
        thing = await queries.thing(actor, id)
        today = clock.today(thing.tz)
        earliest, latest = rules.bookable(
            today,
            notice_days=thing.notice_days,
            ahead_days=thing.ahead_days,
            closed_for_today=False,
        )
        bounds = reservations.Bounds(today, earliest, latest)
        returns: list[date] = []
    else:
        facts = await reservations.in_the_way(actor, id, first, first)
        thing, bounds = facts.thing, facts.bounds
        returns = [loan.last for loan in facts.returns]
        if not bounds.earliest <= first <= bounds.latest or not returns:
            first = None
    shown = calendar.shown_month(wanted.month, bounds, first, returns)
    following = calendar.next_month(shown)
    days = (await availability.availability([id], shown, (following - shown).days))[id]
    if bounds.earliest == bounds.today:
        bounds = _after_closing(bounds, days, thing)
    return render(
        request,
        "things/thing.html",
        fragment="things/_days.html",
        thing=thing,
        picture=await files.picture(thing.image_id),
        month=calendar.month(
            id,
            shown,
            days,
            bounds,
            max_days=thing.max_days,
            collected=first,
            returns=frozenset(returns),
        )
        if days
        else None,
        first=first,
        gone=form.data.first if first is None else None,
        bounds=bounds,
        week=hours.week_words(await sites.week(thing.site_id)) if thing.site_id else [],
        mine=await reservations.mine_of(actor, id),
        works_on_it=actor.can(Permission.VIEW_DRAFTS, thing.organisation_id),
        State=ThingState,
        days_words=rules.number_words,
    )


def _after_closing(
    bounds: reservations.Bounds, days: list[availability.Day], thing: queries.ThingView
) -> reservations.Bounds:
    """Begin tomorrow where the site has closed for today."""
    todays = next((day.hours for day in days if day.day == bounds.today), ())
    if todays and todays[-1][1] <= clock.local(clock.now(), thing.tz).time():
        return replace(bounds, earliest=bounds.today + timedelta(days=1))
    return bounds


HANDLERS: list[Any] = [index, show]
