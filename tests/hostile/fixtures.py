"""The ground hostile tests stand on: one of everything, and who is shown which form where."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from tests import (
    factories,
    factories_grants,
    factories_messages,
    factories_minors,
    factories_screening,
)
from tests.browser import Browser
from tests.grants.scene import a_tie
from tests.hostile.reading import Form, posts
from tests.test_every_route import WHO as DECLARED
from tests.test_every_route import World, make_world, routes

from marketplace import clock, settings
from marketplace.app import create_app
from marketplace.offers.rules import Mode
from marketplace.organisations.rules import State
from marketplace.permissions import Actor
from marketplace.volunteering.applications.rules import ApplicationState
from marketplace.volunteering.attendance import operations as attendance
from marketplace.volunteering.attendance import walk_ins
from marketplace.volunteering.bookings import operations as bookings
from marketplace.volunteering.hours import claims
from marketplace.volunteering.rules import BookingState
from marketplace.volunteering.visits import operations as visits
from marketplace.volunteering.waitlist import operations as waitlist

# Whoever may do most first: the form of a route is taken from the first who is shown it.
WHO = (
    "owner",
    "guest",
    "volunteer",
    "unconfirmed",
    "moderator",
    "administrator",
    "broker",
    "coordinator",
    "nobody",
)
# What these pages offer depends on who reads them; others show the same to all whom they let in.
PERSONAL = (
    "/account",
    "/applications",
    "/bookings",
    "/check-in",
    "/claim",
    "/confirm-email",
    "/invitations",
    "/guardians",
    "/messages",
    "/my",
    "/opportunities/",
    "/reservations",
    "/roles",
    "/rounds",
    "/shift-asks",
    "/seats",
    "/shifts",
    "/things/",
)
_KINDS = {"uuid": "[0-9a-f-]{36}", "str": "[^/]+", "int": "[0-9]+", "path": ".*"}


@cache
def names() -> list[str]:
    """Give "METHOD /path" of every route but the static files'.

    One that `test_every_route` does not declare fails there, and has no address here.
    """
    return [name for name, _ in routes() if name in DECLARED]


@cache
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Give each POST route with the pattern of its addresses, the plainest first."""
    found = []
    for name in names():
        method, path = name.split(" ", 1)
        if method == "POST":
            pattern = re.sub(r"{\w+:(\w+)}", lambda match: _KINDS[match[1]], path)
            found.append((name, re.compile(pattern)))
    return sorted(found, key=lambda pair: pair[0].count("{"))


def route_of(path: str) -> str | None:
    """Name the POST route of an address."""
    return next((name for name, pattern in patterns() if pattern.fullmatch(path)), None)


@dataclass
class Ground:
    """A world in every state that has a form of its own, and browsers of who is in it."""

    app: Any
    db: Any
    owner: Any
    kept: Any
    known: Path
    world: World = field(init=False)
    addresses: list[str] = field(default_factory=list)
    foreign: dict[str, Any] = field(default_factory=dict)
    _browsers: dict[str, Browser] = field(default_factory=dict)

    async def build(self) -> Ground:
        """Begin with everything as it was."""
        await self.close()
        made = await self.kept.get("a_ground", self._made)
        self.world, self.foreign, self.addresses, here = made
        # A code is good for some minutes.
        self.addresses = [*self.addresses, f"/check-in/{attendance.code(here)}"]
        return self

    async def _made(self) -> tuple[World, dict[str, Any], list[str], UUID]:
        db = self.db
        self.world = await make_world(db)
        people, ids = self.world.people, self.world.ids
        guest = await db.fetch_one("SELECT id, name FROM person WHERE email = 'guest@example.org'")
        people["guest"] = factories.APerson(guest["id"], guest["name"], "guest@example.org", None)  # type: ignore[arg-type]
        await db.execute(
            "UPDATE person SET born_on = {} WHERE id = {}",
            factories_minors.born(16),
            people["unconfirmed"].id,
        )
        mine = people["owner"]
        drafted = await factories.an_organisation(name="Drafted", owner=mine, state=State.DRAFT)
        waiting = await factories.an_organisation(name="Waiting", state=State.SUBMITTED)
        stopped = await factories.an_organisation(name="Stopped", state=State.SUSPENDED)
        draft = await factories.an_opportunity(ids["organisation_id"], state="draft")
        await factories.a_shift(draft)
        retired = await factories.a_role(ids["opportunity"], retired_at=clock.now())
        sent_in = await factories.an_opportunity(
            ids["organisation_id"], state="submitted", submitted_at=clock.now()
        )
        untrusted = await factories.an_organisation(name="New", owner=mine, trusted=False)
        unsent = await factories.an_opportunity(
            untrusted.id, state="draft", timing="flexible", contact_how="01245 000000"
        )
        asked_about = await factories.an_opportunity(ids["organisation_id"], asked_at=clock.now())
        past = await factories.a_shift(
            ids["opportunity"], starts_at=clock.now().replace(microsecond=0) - timedelta(days=1)
        )
        came, _ = await factories.a_booking(past), await factories.a_booking(past)
        await attendance.mark(mine.actor, past, BookingState.ATTENDED, booking_id=came)
        today = await factories.a_shift(ids["opportunity"], starts_at=clock.now())
        here = await factories.a_booking(today, people["guest"].id)
        code = attendance.code(today)
        people["guest"] = replace(people["guest"], actor=Actor(person_id=people["guest"].id))
        await attendance.check_in(people["guest"].actor, code)
        await walk_ins.add_named(mine.actor, today, "Wally")
        free = await factories.a_shift(
            ids["opportunity"], starts_at=clock.now().replace(microsecond=0) + timedelta(days=9)
        )
        offered = await db.fetch_value(
            "SELECT q.subject_id FROM offer_queue q JOIN offer_entry e ON e.queue_id = q.id"
            " WHERE e.id = {}",
            ids["offer"],
        )
        await waitlist.join(replace(people["guest"].actor, email_confirmed=True), offered)
        chosen = await factories.a_shift(ids["opportunity"], places=1)
        goes, stays = await factories.a_person(), await factories.a_person()
        given_back = await factories.a_booking(chosen, goes.id)
        await waitlist.join(stays.actor, chosen)
        await waitlist.set_mode(mine.actor, chosen, Mode.CHOOSE)
        await bookings.cancel(goes.actor, given_back)
        # Somebody who may be asked to fill that shift.
        await factories_messages.a_consent(await factories.a_person(), ids["organisation_id"])
        theirs = await factories.an_opportunity()
        first_role = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", ids["shift"])
        begun = await factories_screening.a_screening(await factories.a_role(ids["opportunity"]))
        await factories_screening.an_application(
            begun, people["volunteer"].id, ApplicationState.DRAFT
        )
        approved, blocked = [
            await factories_screening.an_application(
                ids["role"], people[who].id, state, by_rule=True, reason="No."
            )
            for who, state in (
                ("unconfirmed", ApplicationState.APPROVED),
                ("volunteer", ApplicationState.DECLINED),
            )
        ]
        self.foreign = {
            "organisation": waiting.id,
            "opportunity": theirs,
            "booking": await factories.a_booking(await factories.a_shift(theirs)),
        }
        await self.owner.execute("UPDATE pgqueuer SET status = 'failed' WHERE id = $1", ids["job"])
        ids["past"] = past
        at = self.world.address
        plain = [at(name) for name in names() if name.startswith("GET ")]
        arranged = await factories.an_opportunity(
            ids["organisation_id"], timing="arranged", minimum_age=0
        )
        volunteer = people["volunteer"]
        proposed = await factories.a_visit(arranged, volunteer.id)
        agreed = await factories.a_visit(
            arranged, volunteer.id, start_time=time(16, 30), end_time=time(17)
        )
        await visits.agree(volunteer.actor, agreed)
        said = await claims.propose(
            mine.actor,
            ids["organisation_id"],
            volunteer.id,
            ids["role"],
            clock.today() - timedelta(days=3),
            45,
        )
        published = await factories_grants.a_round(
            await factories_grants.a_fund(ids["organisation_id"])
        )
        judging = await factories_grants.a_round(
            await factories_grants.a_fund(ids["organisation_id"])
        )
        asks, _ = await factories_grants.a_submission(judging)
        await db.execute("UPDATE round SET state = 'assessing' WHERE id = {}", judging)
        liftable = await a_tie(asks, people["trustee"].id)
        self.addresses = [
            *plain,
            f"/manage/{ids['organisation_id']}/rounds/{judging}/ties/{liftable}",
            f"/manage/rounds/{published}/deadline",
            f"/manage/rounds/{published}/correction",
            f"/manage/{ids['organisation_id']}/hours/{said}",
            f"/manage/opportunities/{arranged}/visits/new",
            f"/manage/visits/{agreed}",
            f"/my/visits/{proposed}",
            f"/my/visits/{agreed}",
            f"/manage/roles/{ids['role']}/safeguarding?nation=england&workforce=children"
            "&duties=teach&frequency=frequently&supervised=no",
            f"/manage/opportunities/{draft}",
            f"/manage/opportunities/{draft}/edit",
            f"/manage/opportunities/{sent_in}",
            f"/manage/opportunities/{unsent}",
            f"/manage/opportunities/{asked_about}",
            f"/moderation/organisations/{untrusted.id}",
            f"/manage/roles/{retired}",
            f"/opportunities/{ids['opportunity']}/roles/{begun}/application/check",
            f"/manage/applications/{approved}",
            f"/my/applications/{blocked}",
            f"/manage/shifts/{past}",
            f"/manage/shifts/{today}",
            f"/manage/shifts/{today}/walk-in",
            f"/manage/shifts/{today}/leaders",
            f"/bookings/{here}/attendance",
            f"/shifts/{free}/booking",
            f"/shifts/{offered}/waiting",
            f"/manage/shifts/{chosen}/waitlist",
            f"/manage/roles/{first_role}/messages",
            f"/manage/{drafted.id}",
            f"/manage/{drafted.id}/closure",
            f"/moderation/organisations/{waiting.id}",
            f"/moderation/organisations/{stopped.id}",
        ]
        return self.world, self.foreign, self.addresses, today

    async def browser(self, who: str) -> Browser:
        """Give the browser of one of `WHO`."""
        if who not in self._browsers:
            self._browsers[who] = Browser(self.app)
            if who != "nobody":
                await self._browsers[who].sign_in_as(self.world.people[who].id)
        return self._browsers[who]

    async def close(self) -> None:
        """Throw the browsers away."""
        for browser in self._browsers.values():
            await browser.close()
        self._browsers.clear()

    async def shown(self) -> dict[str, tuple[str, int]]:
        """Say for each POST route who is shown its form, and on which address.

        Everybody is led over every page once in a run: the first process that asks does it.
        """
        if not _shown:
            with self.known.open("a+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                if text := file.read():
                    _shown.update(json.loads(text))
                else:
                    await self._walk()
                    file.write(json.dumps(_shown))
        return _shown

    async def _walk(self) -> None:
        opened: set[str] = set()
        for who in WHO:
            browser = await self.browser(who)
            for number, address in enumerate(self.addresses):
                if address in opened and not address.startswith(PERSONAL):
                    continue
                answer = await browser.client.get(address)
                if answer.status_code == 200:
                    opened.add(address)
                    for action in posts(answer.text, address):
                        if name := route_of(action):
                            _shown.setdefault(name, (who, number))

    async def open(self, name: str) -> tuple[Browser, str, Form]:
        """Give the browser that is shown the form of a route, its action, and the form."""
        shown = await self.shown()
        assert name in shown, f"No page of the ground shows the form of {name}: add its address."
        who, number = shown[name]
        browser, address = await self.browser(who), self.addresses[number]
        found = posts((await browser.client.get(address)).text, address)
        for action, form in found.items():
            if route_of(action) == name:
                return browser, action, form
        raise LookupError(f"{address} shows no form of {name} to {who}")


# The same in every world of a run.
_shown: dict[str, tuple[str, int]] = {}


@pytest.fixture(scope="session")
def hostile_app(app: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give the app with the demo's pages too."""
    before = settings.current()
    settings.amend(demo=True)
    try:
        return create_app()
    finally:
        settings.use(before)


@pytest_asyncio.fixture
async def ground(
    hostile_app: Any,
    db: Any,
    owner: Any,
    kept: Any,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Ground]:
    """Give a ground with everything on it."""
    before = settings.current()
    settings.amend(demo=True, mailbox=tmp_path)
    # Each process of a run has a folder of its own in the run's.
    run = tmp_path_factory.getbasetemp()
    run = run.parent if run.name.startswith("popen-") else run
    made = Ground(hostile_app, db, owner, kept, run / "shown.json")
    try:
        yield await made.build()
    finally:
        await made.close()
        settings.use(before)
