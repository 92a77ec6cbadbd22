"""A private place is in nothing that somebody without a booking can open."""

import json

import pytest
from tests import factories
from tests.test_every_route import routes

from marketplace import db as database
from marketplace.volunteering.bookings import queries as bookings
from marketplace.volunteering.opportunities import queries
from marketplace.volunteering.queries import booking_mail

SECRETS = ("Oaklands Park", "CM2 9AQ", "CM29AQ", "by the side gate", "570800", "205900")


async def a_private_place():
    made = await factories.an_organisation(town="Chelmsford", postcode="CM1 1AA")
    opportunity = await factories.an_opportunity(
        made.id, place_private=True, getting_there="Go in by the side gate"
    )
    return made, opportunity, await factories.a_shift(opportunity)


def public_addresses(ids):
    """Every public GET route that can be opened with these ids, with words and a place asked."""
    for name, handler in routes():
        method, path = name.split(" ", 1)
        if method != "GET" or not handler.opt.get("public") or path.startswith("/static"):
            continue
        for key, id in ids.items():
            path = path.replace(key, str(id))
        if "{" not in path:
            yield path
    yield from (
        f"{path}?q={words}&near=CM2+9AQ"
        for path in ("/opportunities", "/search")
        for words in ("garden", "oaklands", "gate")
    )


@pytest.fixture
def asked_words():
    # What was asked for stands in its own search box.
    return ("CM2 9AQ",)


async def test_no_public_route_tells_it(db, browser, asked_words):
    made, opportunity, shift = await a_private_place()
    ids = {
        "/organisations/{organisation_id:uuid}": f"/organisations/{made.id}",
        "/opportunities/{id:uuid}": f"/opportunities/{opportunity}",
        "/shifts/{id:uuid}": f"/shifts/{shift}",
    }
    opened = set()
    for address in public_addresses(ids):
        page = await browser.get(address)
        if page.status == 200:
            opened.add(address)
            hidden = [each for each in SECRETS if "?" not in address or each not in asked_words]
            assert not [each for each in hidden if each in page.text], address
    assert {f"/opportunities/{opportunity}", "/open-data/volunteering.jsonld"} <= opened


async def test_town_and_outward_code_are_told_and_the_point_is_its_middle(db, browser):
    _, opportunity, _ = await a_private_place()
    page = await browser.get(f"/opportunities/{opportunity}")
    assert "Chelmsford, CM2" in page.words()
    assert "once you have booked" in page.words()
    (posting,) = [
        json.loads(each.text)
        for each in page.all("script")
        if each.get("type", "").endswith("json")
    ]
    assert posting["jobLocation"]["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Chelmsford",
        "postalCode": "CM2",
        "addressCountry": "GB",
    }
    point = await db.fetch_value("SELECT point FROM listing WHERE id = {}", opportunity)
    assert (point.x, point.y) != (570800, 205900)
    assert "oaklands" not in await db.fetch_value(
        "SELECT lower(l::text) FROM listing l WHERE id = {}", opportunity
    )


async def test_who_has_booked_is_told_and_who_gave_it_back_is_not_any_more(db, browsers):
    _, opportunity, shift = await a_private_place()
    volunteer, other = await factories.a_person(), await factories.a_person()
    booking = await factories.a_booking(shift, volunteer.id)
    seen = await queries.opportunity(volunteer.actor, opportunity)
    assert (seen.place_name, seen.postcode) == ("Oaklands Park", "CM2 9AQ")
    mail = await booking_mail(booking)
    assert mail and "Oaklands Park" in mail.place and "gate" in mail.getting_there
    unbooked = await queries.opportunity(other.actor, opportunity)
    assert (unbooked.place_name, unbooked.postcode, unbooked.getting_there) == ("", "CM2", "")
    page = browsers()
    await page.sign_in_as(other.id)
    before = await page.get(f"/shifts/{shift}/booking")
    assert not [each for each in SECRETS if each in before.text]
    await database.execute(
        "UPDATE booking SET state = 'cancelled', cancelled_by = 'organisation',"
        " cancelled_at = now() WHERE id = {}",
        booking,
    )
    (mine,) = (await bookings.mine(volunteer.actor)).upcoming
    assert mine.place == "Chelmsford, CM2"
    assert (await queries.opportunity(volunteer.actor, opportunity)).place_name == ""


async def test_the_organisation_and_moderators_see_all_of_it(db):
    made, opportunity, _ = await a_private_place()
    assert (await queries.opportunity(made.owner.actor, opportunity)).postcode == "CM2 9AQ"
