"""What search engines read of an opportunity: schema.org JobPosting as JSON-LD."""

import json
import re
from datetime import timedelta

import pytest
from tests.factories import a_role, a_shift, an_opportunity

from marketplace import clock


def posted(page):
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.S)
    return json.loads(found[1]) if found else None


async def test_a_public_opportunity_is_a_posting_for_volunteers(db, browser):
    id = await an_opportunity(
        access=["step-free"], expenses_paid="travel", skills=["logistics"], causes=["environment"]
    )
    await a_role(id, title="Cook")
    last = (clock.now() + timedelta(days=9)).replace(microsecond=0)
    await a_shift(id, starts_at=last)
    found = posted(await browser.get(f"/opportunities/{id}"))
    assert (found["@type"], found["employmentType"]) == ("JobPosting", "VOLUNTEER")
    assert found["url"] == f"https://marketplace.test/opportunities/{id}"
    assert found["jobLocation"]["address"]["postalCode"] == "CM2 9AQ"
    assert found["validThrough"] == last.isoformat()
    assert found["jobBenefits"] == "Travel is paid. Step-free all the way"
    assert "jobLocationType" not in found


async def test_what_is_done_from_home_has_no_place(db, browser):
    id = await an_opportunity(
        remote=True, point=None, place_name="", town="", postcode="", timing="flexible"
    )
    found = posted(await browser.get(f"/opportunities/{id}"))
    assert found["jobLocationType"] == "TELECOMMUTE"
    assert "jobLocation" not in found


async def test_words_cannot_leave_the_block(db, browser):
    title = "</script><script>alert(1)</script>"
    page = await browser.get(f"/opportunities/{await an_opportunity(title=title)}")
    assert posted(page)["title"] == title
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("how", [{"state": "paused"}, {"faded_at": clock.now()}])
async def test_what_may_take_nobody_is_no_posting(db, browser, how):
    id = await an_opportunity(**how)
    assert posted(await browser.get(f"/opportunities/{id}")) is None
