"""The list of things as seven days of each."""

from datetime import timedelta

import pytest
from tests.browser import HTML
from tests.factories_things import LIBRARY, a_day, a_reservation, a_site, a_thing

from marketplace import clock
from marketplace.things.catalogue.week import MOST, week_from
from marketplace.things.rules import FURTHEST

DAY = timedelta(days=1)
MONDAY = a_day()


def rows_of(page):
    """Give the rows below the heads."""
    return [row for body in page.all("tbody") for row in body.iter(HTML + "tr")]


def cells(page):
    """Give the words of each row: its head's, then its days'."""
    return [[" ".join(cell.itertext()).split() for cell in row] for row in rows_of(page)]


async def test_each_day_says_in_words_what_is_free(browser):
    site = await a_site(week=LIBRARY, closed=[MONDAY + 3 * DAY])
    tent = await a_thing(site, title="Tent", units=2)
    await a_thing(site, title="Drill", units=1)
    await a_reservation(tent, first=MONDAY)
    for _ in range(2):
        await a_reservation(tent, first=MONDAY + DAY)
    page = await browser.get(f"/things?view=week&start={MONDAY}")
    rows = {row[0][0]: [" ".join(cell) for cell in row[1:]] for row in cells(page)}
    assert rows == {
        "Tent": ["1 of 2", "None", "2 of 2", "Closed", *["2 of 2"] * 2, "Closed"],
        "Drill": ["Free", "Free", "Free", "Closed", "Free", "Free", "Closed"],
    }
    scopes = [head.get("scope") for head in page.all("th")]
    assert scopes == ["col"] * 8 + ["row"] * 2
    assert len(page.all("caption")) == 1


async def test_weeks_are_turned_by_address_and_keep_what_was_asked(browser):
    await a_thing(title="Tent")
    today = clock.today()
    page = await browser.get("/things?q=tent&category=camping")
    (link,) = [link for link in page.links() if "view=week" in link]
    page = await browser.get(f"/things{link}")
    assert page.status == 200 and len(rows_of(page)) == 1
    assert not any(f"start={today - 7 * DAY}" in link for link in page.links())
    (link,) = [link for link in page.links() if f"start={today + 7 * DAY}" in link]
    assert "q=tent" in link and "category=camping" in link and "view=week" in link
    page = await browser.get(f"/things{link}")
    assert any(f"start={today}" in link for link in page.links())
    kept = {field.get("name"): field.get("value") for field in page.all("input")}
    assert (kept["view"], kept["start"]) == ("week", str(today + 7 * DAY))
    assert any("view" not in link and "q=tent" in link for link in page.links())


@pytest.mark.parametrize("start", ["nonsense", "2020-01-01", "9999-12-31", "0001-01-01", ""])
async def test_any_start_gives_a_week_that_can_be_had(browser, start):
    await a_thing()
    assert (await browser.get(f"/things?view=week&start={start}")).status == 200
    today = clock.today()
    week = week_from(start, today)
    assert today <= week.days[0] <= today + FURTHEST * DAY and len(week.days) == 7


async def test_forty_things_are_a_page_and_the_rest_another(browser):
    site = await a_site()
    for number in range(MOST + 1):
        await a_thing(site, title=f"Tent {number}", units=1)
    page = await browser.get("/things?view=week")
    assert len(rows_of(page)) == MOST and len(page.text) < 90_000
    assert len(rows_of(await browser.get("/things?view=week&page=2"))) == 1


async def test_one_row_and_thirty_ask_the_database_equally_often(browser, queries_run):
    site, counts = await a_site(), []
    for rows in (1, 29):
        for number in range(rows):
            await a_thing(site, title=f"Tent {rows} {number}", units=1)
        with queries_run() as counted:
            page = await browser.get("/things?view=week&q=tent&near=CM1")
        counts.append(counted.count)
    assert len(rows_of(page)) == 30
    assert counts[0] == counts[1] <= 3


async def test_a_list_of_none_is_said_and_not_drawn(browser, db):
    page = await browser.get("/things?view=week")
    assert "Nothing matches" in page.words() and not page.all("table")
