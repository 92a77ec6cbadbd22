"""Somebody with a tie against every page of the app: nothing of that application is anywhere.

Each page is fetched twice: with the application, and in the same world without it. What the person
with the tie reads must be the same to the letter.
"""

import difflib
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.grants.scene import a_scene, grant

from marketplace import db
from marketplace.app import create_app
from marketplace.grants.assessment import operations as assessment
from marketplace.grants.assessment.rules import Nature
from marketplace.grants.awards import operations
from marketplace.ids import new_id

CANARY = "Canary Quilting"
SECRETS = (CANARY, "Kanarienvogel", "£4,321", "£3,210", "Secret award", "Chirp because.")
WORDS = ("Canary+Quilting", "Kanarienvogel")
# Where an `id` may be one of these things; elsewhere it is tried with one only.
OURS = ("/manage", "/assess", "/applications", "/rounds", "/funds", "/awards", "/organisations")
SEARCHED = ("/search", "/funds", "/awards", "/organisations", "/")


def get_routes() -> list[str]:
    found = set()
    for route in create_app().routes:
        for handler in getattr(route, "route_handlers", []):
            if "GET" in handler.http_methods and not route.path.startswith("/static"):
                found.add(route.path)
    return sorted(found)


async def a_world() -> Any:
    """A round with one application about which an award is decided, scored, and two others."""
    scene = await a_scene(3, budget=1_000_000)
    canary = scene.applications[0]
    await db.execute(
        "UPDATE application SET title = {}, amount = 432100,"
        " snapshot = replace(snapshot::text, 'Project 0', 'Kanarienvogel')::jsonb WHERE id = {}",
        CANARY,
        canary,
    )
    await scene.declare(scene.ben, scene.olga)
    for number, application in enumerate(scene.applications):
        await scene.score(scene.ben, application, 5 - number, 5 - number)
    await db.execute(
        "UPDATE score SET reason = 'Chirp because.' WHERE assessment_id ="
        " (SELECT id FROM assessment WHERE application_id = {})",
        canary,
    )
    olga = scene.actor(scene.olga)
    await operations.award(
        olga, scene.funder, scene.round, canary, grant(321_000, title="Secret award")
    )
    await operations.decline(olga, scene.funder, scene.round, scene.applications[1], "Not now.")
    return scene


async def tie(scene: Any, who: str, how: str) -> Any:
    person = getattr(scene, who)
    if how == "declared":
        await assessment.declare(
            scene.actor(person), scene.round, {scene.applications[0]: Nature.FINANCIAL}
        )
    else:
        await db.execute(
            "INSERT INTO membership (id, organisation_id, person_id, role, since)"
            " VALUES ({}, {}, {}, 'member', now())",
            new_id(),
            scene.applicants[0].id,
            person.id,
        )
    rest = dict.fromkeys(scene.applications[1:])
    if who in {"ann", "gus", "owner"}:
        await assessment.declare(scene.actor(person), scene.round, rest)
    return person


async def forget(owner: Any, application: UUID) -> None:
    """Make the world as if this application had never been sent."""
    await owner.execute("SET session_replication_role = replica")
    spent = await owner.fetchval(
        "SELECT coalesce(sum(c.amount), 0) FROM commitment c JOIN award w ON w.id = c.award_id"
        " WHERE w.application_id = $1",
        application,
    )
    await owner.execute("UPDATE round SET committed = committed - $1", spent)
    for statement in (
        "DELETE FROM commitment WHERE award_id IN (SELECT id FROM award WHERE application_id = $1)",
        "DELETE FROM award WHERE application_id = $1",
        "DELETE FROM decision WHERE application_id = $1",
        "DELETE FROM score WHERE assessment_id IN"
        " (SELECT id FROM assessment WHERE application_id = $1)",
        "DELETE FROM assessment WHERE application_id = $1",
        "DELETE FROM declaration WHERE application_id = $1",
        "DELETE FROM application WHERE id = $1",
    ):
        await owner.execute(statement, application)
    await owner.execute("SET session_replication_role = origin")


def addresses(scene: Any, award: UUID) -> list[str]:
    """Every GET route with every id that could belong there."""
    canary, other = scene.applications[0], scene.applications[2]
    known = {
        "organisation_id": [scene.funder],
        "round_id": [scene.round],
        "application_id": [canary, other],
        "award_id": [award],
        "person_id": [scene.ann.id, scene.ben.id],
        "id": [scene.fund, scene.round, canary, award],
    }
    found: list[str] = []
    for path in get_routes():
        names = re.findall(r"{(\w+)(?::\w+)?}", path)
        made = [path]
        for name in names:
            values = known.get(name, [uuid4() if "uuid" in path else "x"])
            values = values if path.startswith(OURS) else values[:1]
            made = [
                re.sub(r"{" + name + r"(:\w+)?}", str(value), one, count=1)
                for one in made
                for value in values
            ]
        found += made
        if path in SEARCHED:
            found += [f"{path}?q={word}" for word in WORDS]
    return found


def bare(text: str) -> str:
    """Take out what is new on every page."""
    return re.sub(r'name="_key" value="[^"]*"|[0-9a-f]{60,}', "", text)


def difference(one: str, other: str) -> list[str]:
    lines = difflib.unified_diff(one.splitlines(), other.splitlines(), n=0, lineterm="")
    return [line.strip()[:300] for line in lines][:12]


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize(
    ("who", "how"), [("ann", "declared"), ("gus", "declared"), ("gus", "found"), ("owner", "found")]
)
async def test_somebody_with_a_tie_reads_what_they_would_without_it(
    db: Any, owner: Any, browsers: Any, who: str, how: str
):
    scene = await a_world()
    canary = scene.applications[0]
    award = await db.fetch_value("SELECT id FROM award")
    person = await tie(scene, who, how)
    browser = await browsers().sign_in_as(person.id)
    # The first page of all hands out the cookie that forms are signed with.
    await browser.get("/about")
    paths = addresses(scene, award)
    assert len(paths) > 80
    before: dict[str, tuple[int, str]] = {}
    for path in paths:
        page = await browser.get(path, follow=False)
        assert page.status < 500, path
        echoed = page.text
        if "?q=" in path:
            echoed = re.sub("Canary Quilting|Kanarienvogel", "", echoed)
        assert not leaks(echoed), (path, leaks(echoed))
        before[path] = (page.status, bare(page.text))
    board = before.get(scene.home)
    assert board is not None
    if who != "ann":
        assert board[0] == 200
        assert "Project 2" in board[1]
        assert "£10,000" in board[1]
    assert before[f"/assess/{canary}"][0] == 404
    assert before[f"/assess/{scene.applications[2]}"][0] == 200
    assert before[f"{scene.home}/{canary}"][0] in {403, 404}
    await forget(owner, canary)
    for path, was in before.items():
        page = await browser.get(path, follow=False)
        now = (page.status, bare(page.text))
        assert now == was, f"{path}: {difference(was[1], now[1])}"


async def test_the_walk_would_notice(db: Any, browsers: Any):
    scene = await a_world()
    browser = await browsers().sign_in_as(scene.olga.id)
    award = await db.fetch_value("SELECT id FROM award")
    leaking = [
        path
        for path in addresses(scene, award)
        if path.startswith(("/manage", "/assess"))
        and leaks((await browser.get(path, follow=False)).text)
    ]
    assert f"/assess/{scene.applications[0]}" in leaking
    assert scene.home in leaking
    assert f"/manage/rounds/{scene.round}" in leaking
    assert len(leaking) >= 5
