"""Feeds of other platforms, read into drafts; and our own, there and back."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.factories import a_person, a_role, a_shift, an_opportunity, an_organisation

from marketplace import audit, clock, db
from marketplace.errors import CommandError
from marketplace.volunteering.feeds import rules, steps
from marketplace.volunteering.feeds.operations import import_feed
from marketplace.volunteering.feeds.rules import Bad
from marketplace.volunteering.rules import Event

OTHER = "https://other.test"
OPPORTUNITY = (
    "SELECT title, summary, description, skills, place_name, town, postcode, point FROM opportunity"
)
SESSIONS = (
    "SELECT r.title, s.starts_at, s.ends_at, s.local_start FROM shift s"
    " JOIN role r ON r.id = s.role_id ORDER BY s.starts_at, r.title"
)


def activity(number: int = 1, **changes: Any) -> dict[str, Any]:
    start = (clock.now() + timedelta(days=9)).replace(microsecond=0)
    return {
        "id": f"{OTHER}/a/{number}",
        "type": "Activity",
        "title": "Garden",
        "description": "Weed and plant.\n\nBring boots.",
        "role": [{"id": f"{OTHER}/a/{number}#r", "type": "Role", "title": "Weeder"}],
        "session": [interval(start)],
    } | changes


def interval(start: Any, hours: int = 2) -> dict[str, Any]:
    def instant(at: Any) -> Any:
        stamp = {"@type": "xsd:dateTimeStamp", "value": at.isoformat()}
        return {"type": "owltime:Instant", "owltime:inXSDDateTimeStamp": stamp}

    ends = start + timedelta(hours=hours)
    time = {"owltime:hasBeginning": instant(start), "owltime:hasEnd": instant(ends)}
    return {"type": "Session", "time": [time]}


def feed(path: Path, *activities: Any, **changes: Any) -> Path:
    entry = {
        "id": f"{OTHER}/o/1",
        "type": "Organisation",
        "name": "Other Gardeners",
        "activity": list(activities),
    } | changes
    file = path / "feed.jsonld"
    file.write_text(json.dumps({"graph": [entry]}))
    return file


async def count(table: str) -> int:
    return await db.fetch_value(f"SELECT count(*) FROM {table}")


async def test_our_own_feed_makes_the_same_opportunities_elsewhere(
    db: Any, browser: Any, tmp_path: Path, _cleaner: Any
):
    here = await an_organisation(name="Chelmer Gardeners", causes=("animals",))
    made = await an_opportunity(
        here.id, skills=["active-listening"], minimum_age=16, description="More of it."
    )
    tea = await a_role(made, title="Tea maker", minimum_age=14)
    starts = clock.now().replace(microsecond=0) + timedelta(days=7)
    # Both roles at once on the first day: their sessions differ in the role alone.
    first = await db.fetch_value("SELECT id FROM role WHERE id <> {}", tea)
    for role, days in ((first, 0), (tea, 0), (first, 1), (tea, 2)):
        await a_shift(made, starts_at=starts + timedelta(days=days), role_id=role)
    text = (await browser.get("/open-data/volunteering.jsonld")).text
    before = await db.fetch_one(OPPORTUNITY)
    sessions = await db.fetch(SESSIONS)
    assert len(sessions) == 4
    await _cleaner.clean()
    file = tmp_path / "feed.jsonld"
    file.write_text(text.replace("https://marketplace.test", OTHER))
    report = await import_feed(file)
    assert (report.added, report.rejected) == (1, 0)
    after = await db.fetch_one(f"{OPPORTUNITY} WHERE state = 'draft'")
    for name in ("title", "summary", "description", "place_name", "town", "postcode"):
        assert after[name] == before[name]
    assert "active-listening" in after["skills"]
    assert abs(after["point"].x - before["point"].x) < 20
    roles = await db.fetch("SELECT title, minimum_age FROM role ORDER BY position")
    assert [tuple(row.values()) for row in roles] == [("Garden helper", 16), ("Tea maker", 14)]
    assert await db.fetch(SESSIONS) == sessions
    assert await db.fetch_value("SELECT state FROM organisation") == "draft"
    again = await import_feed(file)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)
    assert await count("shift") == 4


@pytest.mark.parametrize("nested", [False, True])
async def test_a_session_is_planned_for_the_role_it_names_or_stands_in(
    db: Any, tmp_path: Path, nested: bool
):
    start = (clock.now() + timedelta(days=9)).replace(microsecond=0)
    first, second = ({"id": f"{OTHER}/a/1#{name}", "type": "Role", "title": name} for name in "AB")
    if nested:
        told = activity(role=[first, second | {"session": [interval(start)]}], session=[])
    else:
        told = activity(role=[first, second], session=[interval(start) | {"role": second["id"]}])
    await import_feed(feed(tmp_path, told))
    assert [row["title"] for row in await db.fetch(SESSIONS)] == ["B"]


async def test_a_changed_feed_changes_the_draft_and_makes_nothing_twice(db: Any, tmp_path: Path):
    await import_feed(feed(tmp_path, activity()))
    later = (clock.now() + timedelta(days=20)).replace(microsecond=0)
    changed = activity(title="Park", session=[interval(later)])
    report = await import_feed(feed(tmp_path, changed, activity(2)))
    assert (report.added, report.changed) == (1, 1)
    assert await count("organisation") == 1
    titles = await db.fetch("SELECT title FROM opportunity ORDER BY title")
    assert [row["title"] for row in titles] == ["Garden", "Park"]
    planned = await db.fetch(
        "SELECT s.starts_at FROM shift s JOIN opportunity o ON o.id = s.opportunity_id"
        " WHERE o.title = 'Park' AND s.state = 'planned'"
    )
    assert [row["starts_at"] for row in planned] == [later]


async def test_what_its_organisation_published_is_left_as_it_is(db: Any, tmp_path: Path):
    await import_feed(feed(tmp_path, activity()))
    await db.execute("UPDATE opportunity SET state = 'closed', remote = true")
    report = await import_feed(feed(tmp_path, activity(title="Other words")))
    assert report.unchanged == 1
    assert await db.fetch_value("SELECT title FROM opportunity") == "Garden"


async def test_a_draft_that_somebody_here_edited_is_left_as_it_is(db: Any, tmp_path: Path):
    await import_feed(feed(tmp_path, activity()))
    role = await db.fetch_value("SELECT id FROM role")
    async with db.transaction():
        await audit.record(Event.ROLE_CHANGED, "role", role, by=(await a_person()).actor)
    report = await import_feed(feed(tmp_path, activity(title="Other words")))
    assert (report.changed, report.unchanged) == (0, 1)
    assert await db.fetch_value("SELECT title FROM opportunity") == "Garden"


@pytest.mark.parametrize(
    ("start", "hours", "refused"),
    [
        (datetime(2027, 6, 1, 9, tzinfo=UTC), 24, False),
        (datetime(2027, 6, 1, 9, tzinfo=UTC), 25, True),
        # The day on which the clocks go back has 25 hours.
        (datetime(2027, 10, 30, 11, tzinfo=UTC), 25, False),
    ],
)
def test_a_session_lasts_a_day_at_most(start: datetime, hours: int, refused: bool):
    told = activity(session=[interval(start, hours)])
    with pytest.raises(Bad, match="longer than 24 hours") if refused else nullcontext():
        rules.activity(told, {})


async def test_an_organisation_is_recognised_by_its_charity_number(db: Any, tmp_path: Path):
    here = await an_organisation(charity_number="1234567")
    number = {"id": "http://org-id.guide/GB-CHC-1234567", "type": "CharityRegistration"}
    await import_feed(feed(tmp_path, activity(), charityRegistration=number))
    assert await db.fetch_value("SELECT organisation_id FROM opportunity") == here.id


async def test_bad_entries_are_listed_and_the_others_loaded(db: Any, tmp_path: Path):
    start = clock.now() + timedelta(days=9)
    bad = [
        "no object",
        {"type": "Person", "name": "X"},
        {"id": "x", "type": "Organisation", "name": "X"},
        {
            "id": f"{OTHER}/o/2",
            "type": "Organisation",
            "name": "Half",
            "activity": [activity(3), activity(4, session=[interval(start, -1)])],
        },
        {"id": f"{OTHER}/o/3", "type": "Organisation", "name": "No title", "activity": [{}]},
    ]
    file = feed(tmp_path, activity())
    whole = json.loads(file.read_text())
    file.write_text(json.dumps({"graph": [*bad, *whole["graph"]]}))
    report = await import_feed(file)
    assert (report.read, report.rejected, report.added) == (6, 5, 1)
    assert report.errors is not None
    assert "ends before it starts" in report.errors.read_text("utf-8-sig")
    # Of an organisation all is loaded or nothing.
    assert await count("opportunity") == 1
    assert await count("organisation") == 1


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"graph": 1}', "nonsense"])
async def test_what_is_no_feed_is_refused_in_a_sentence(db: Any, tmp_path: Path, text: str):
    file = tmp_path / "feed.jsonld"
    file.write_text(text)
    with pytest.raises(CommandError):
        await import_feed(file)


async def test_killed_half_way_it_goes_on(db: Any, tmp_path: Path, monkeypatch: Any):
    file = feed(tmp_path, activity())
    whole = json.loads(file.read_text())
    second = whole["graph"][0] | {"id": f"{OTHER}/o/9", "activity": [activity(9), activity(10)]}
    file.write_text(json.dumps([*whole["graph"], second]))
    real = steps.remember

    async def dying(source: str, *rest: Any, **more: Any) -> None:
        if source.endswith("/a/10"):
            raise KeyboardInterrupt
        await real(source, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(steps, "remember", dying)
        with pytest.raises(KeyboardInterrupt):
            await import_feed(file)
    assert await count("opportunity") == 1
    report = await import_feed(file)
    assert (report.added, report.unchanged) == (2, 1)
