"""The open data against the shipped schemas of the 360Giving Data Standard, and its own traps."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.grants.scene import a_scene, grant

from marketplace import db
from marketplace.grants.awards import operations
from marketplace.grants.awards.rules import contact_in
from marketplace.grants.open_data import rules
from marketplace.grants.open_data.rules import Body, Facts

BASE = "https://marketplace.test"
# What the package schema names its grant schema by, a version behind its own.
REMOTE = (
    "https://raw.githubusercontent.com/ThreeSixtyGiving/standard/1.4.2/schema/"
    "360-giving-schema.json"
)
REQUIRED = {
    "id",
    "title",
    "description",
    "currency",
    "amountAwarded",
    "awardDate",
    "recipientOrganization",
    "fundingOrganization",
}


def shipped(name: str) -> dict[str, Any]:
    folder = resources.files("marketplace") / "data" / "360giving"
    return json.loads((folder / name).read_text(encoding="utf-8"))


@cache
def validator() -> Any:
    """The 2020-12 validator, chosen by hand: the schemas write its address with http."""
    # Imported here and below, for it takes three seconds, and every process collects this file.
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    grants = Resource.from_contents(
        shipped("360-giving-schema.json") | {"$schema": Draft202012Validator.META_SCHEMA["$schema"]}
    )
    package = shipped("360-giving-package-schema.json")
    assert package["properties"]["grants"]["items"]["$ref"] == REMOTE
    registry = Registry().with_resource(REMOTE, grants)
    return Draft202012Validator(
        package, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def faults(package: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator().iter_errors(package)]


def package_of(*facts: Facts) -> dict[str, Any]:
    head = rules.envelope(
        publisher="Essex Together",
        base_url=BASE,
        modified_at=max(each.modified_at for each in facts),
    )
    found = [rules.grant(each, prefix="essextogether", base_url=BASE) for each in facts]
    return json.loads(json.dumps(head | {"grants": found}))


def some_facts(**changes: Any) -> Facts:
    return Facts(
        **{
            "id": UUID(int=7),
            "title": "A warm room",
            "description": "Heating for a winter.",
            "asked": 500_000,
            "amount": 125_050,
            "awarded_on": date(2026, 11, 2),
            "starts_on": date(2026, 12, 1),
            "ends_on": None,
            "modified_at": datetime(2026, 11, 3, 9, 30, tzinfo=UTC),
            "fund_id": UUID(int=8),
            "fund_title": "Warm Rooms",
            "round_title": "Autumn",
            "funder": Body(UUID(int=1), "The Foundation", charity_number="0123456"),
            "recipient": Body(UUID(int=2), "Knitters", company_number="01234567"),
            "area": ("E07000070", "Chelmsford"),
        }
        | changes
    )


# --- the harness itself


def test_the_schemas_we_ship_are_whole():
    from jsonschema import Draft202012Validator

    for name in ("360-giving-schema.json", "360-giving-package-schema.json"):
        Draft202012Validator.check_schema(shipped(name))
        assert "1.4.3" in shipped(name)["$id"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda grant: grant.pop("title"),
        lambda grant: grant.pop("recipientOrganization"),
        lambda grant: grant.update(awardDate="2 November 2026"),
        lambda grant: grant.update(dateModified="yesterday"),
        lambda grant: grant.update(url="not an address"),
        lambda grant: grant.update(currency="pounds"),
        lambda grant: grant.update(amountAwarded="1250"),
        lambda grant: grant.update(recipientIndividual={"id": "x", "name": "Jo"}),
    ],
)
def test_the_check_would_notice(harm):
    package = package_of(some_facts())
    assert faults(package) == []
    harm(package["grants"][0])
    assert faults(package) != []


def test_formats_are_checked_and_not_only_noted():
    from jsonschema import FormatChecker

    assert {"date-time", "uri"} <= set(FormatChecker.checkers)


def test_a_package_without_grants_is_none():
    assert faults(package_of(some_facts()) | {"grants": []}) != []


# --- what it says


def test_money_is_in_pounds_and_whole_where_it_is_whole():
    assert rules.pounds(125_050) == 1250.5
    assert json.dumps(rules.pounds(125_000)) == "1250"
    assert json.dumps(rules.pounds(9_999_999_999_99)) == "9999999999.99"


@pytest.mark.parametrize(
    ("body", "id"),
    [
        (Body(UUID(int=2), "A", charity_number="0123456"), "GB-CHC-0123456"),
        (Body(UUID(int=2), "A", charity_number="1123456-2"), "GB-CHC-1123456"),
        (Body(UUID(int=2), "A", charity_number="SC012345"), "GB-SC-SC012345"),
        (Body(UUID(int=2), "A", charity_number="NIC100123"), "GB-NIC-100123"),
        (Body(UUID(int=2), "A", company_number="01234567"), "GB-COH-01234567"),
        (Body(UUID(int=2), "A", company_number="1234567"), "GB-COH-01234567"),
        (Body(UUID(int=2), "A"), f"360G-p-ORG:{UUID(int=2)}"),
    ],
)
def test_organisations_go_by_their_register_or_by_our_prefix(body, id):
    assert rules.organisation_id("p", body) == id


def test_numbers_stand_beside_the_identifiers():
    found = package_of(some_facts())["grants"][0]
    assert found["fundingOrganization"][0]["charityNumber"] == "0123456"
    assert found["recipientOrganization"][0]["companyNumber"] == "01234567"


def test_a_district_is_a_code_of_the_standards_list():
    found = package_of(some_facts())["grants"][0]
    assert found["beneficiaryLocation"] == [
        {
            "name": "Chelmsford",
            "countryCode": "GB",
            "geoCode": "E07000070",
            "geoCodeType": "NMD",
        }
    ]
    assert "beneficiaryLocation" not in package_of(some_facts(area=None))["grants"][0]


def test_titles_are_one_line_of_140_characters_at_most():
    title = package_of(some_facts(title="a\n" + "long " * 60))["grants"][0]["title"]
    assert len(title) <= 140
    assert "\n" not in title


def test_people_are_not_in_it():
    found = package_of(
        some_facts(title="Ask jo@example.org", description="Ring 01245 123456 or jo@example.org")
    )
    assert contact_in(json.dumps(found)) is None


_words = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=300
).filter(str.strip)
_days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
_bodies = st.builds(
    Body,
    id=st.uuids(),
    name=_words,
    charity_number=st.none()
    | st.from_regex(r"[0-9]{6,7}(-[0-9])?|SC[0-9]{6}|NIC[0-9]{6}", fullmatch=True),
    company_number=st.none() | st.from_regex(r"[0-9]{8}|[A-Z]{2}[0-9]{6}", fullmatch=True),
)
_facts = st.builds(
    Facts,
    id=st.uuids(),
    title=_words,
    description=_words,
    asked=st.none() | st.integers(1, 10**13),
    amount=st.integers(1, 10**13),
    awarded_on=_days,
    starts_on=st.none() | _days,
    ends_on=st.none() | _days,
    modified_at=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    fund_id=st.uuids(),
    fund_title=_words,
    round_title=_words,
    funder=_bodies,
    recipient=_bodies,
    area=st.none()
    | st.tuples(st.from_regex(r"[EW]0[5-9][0-9]{6}|SW1A 1AA", fullmatch=True), _words),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_facts, min_size=1, max_size=4, unique_by=lambda each: each.id))
def test_whatever_is_awarded_the_package_is_valid(facts):
    package = package_of(*facts)
    assert faults(package) == []
    for found in package["grants"]:
        assert set(found) >= REQUIRED
        assert "/" not in found["id"]
        assert found["id"].startswith("360G-essextogether-")
        assert len(found["title"]) <= 140
        assert "@" not in found["title"] or contact_in(found["title"]) is None
        for location in found.get("beneficiaryLocation", []):
            assert "SW1A 1AA" not in location.values()


# --- the address


async def released(browser: Any, *amounts: int) -> Any:
    scene = await a_scene(len(amounts) + 1)
    await scene.declare(scene.olga)
    olga = scene.actor(scene.olga)
    for application, amount in zip(scene.applications, amounts, strict=False):
        await operations.award(olga, scene.funder, scene.round, application, grant(amount))
    await operations.decline(
        olga, scene.funder, scene.round, scene.applications[-1], "Not this time, sorry."
    )
    return scene, olga


async def test_without_awards_there_is_nothing_to_publish(browser):
    page = await browser.get("/open-data/360giving.json")
    assert page.status == 404
    assert "No grants have been published yet" in page.text


async def test_awards_are_in_it_from_their_release_and_not_before(browser):
    scene, olga = await released(browser, 100_000, 123_456)
    assert (await browser.get("/open-data/360giving.json")).status == 404
    await operations.release(olga, scene.funder, scene.round)
    page = await browser.get("/open-data/360giving.json")
    package = json.loads(page.text)
    assert faults(package) == []
    assert [each["amountAwarded"] for each in package["grants"]] == [1000, 1234.56]
    assert package["grants"][0]["beneficiaryLocation"][0]["geoCode"] == "E07000067"
    assert "Not this time" not in page.text
    assert "@" not in page.text
    assert "CM8" not in page.text
    headers = page.response.headers
    assert headers["access-control-allow-origin"] == "*"
    assert headers["content-type"].startswith("application/json")


async def test_it_is_the_same_until_something_changes(browser):
    scene, olga = await released(browser, 100_000)
    await operations.release(olga, scene.funder, scene.round)
    first = await browser.get("/open-data/360giving.json")
    tag = first.response.headers["etag"]
    again = await browser.get("/open-data/360giving.json")
    assert again.text == first.text
    same = await browser.get("/open-data/360giving.json", if_none_match=f'"other", {tag}')
    assert (same.status, same.text) == (304, "")
    assert same.response.headers["etag"] == tag
    await db.execute(
        "UPDATE organisation SET name = 'Renamed' WHERE id = {}", scene.applicants[0].id
    )
    changed = await browser.get("/open-data/360giving.json", if_none_match=tag)
    assert changed.status == 200
    assert "Renamed" in changed.text
    later = first.response.headers["etag"]
    await db.execute("UPDATE award SET modified_at = modified_at + {}::interval", timedelta(1))
    page = await browser.get("/open-data/360giving.json", if_none_match=later)
    assert page.status == 200


async def test_many_awards_come_in_pages_and_in_one_order(browser, monkeypatch):
    from marketplace.grants.open_data import queries

    scene, olga = await released(browser, *range(100_000, 100_700, 100))
    await operations.release(olga, scene.funder, scene.round)
    whole = (await browser.get("/open-data/360giving.json")).text
    monkeypatch.setattr(queries, "PAGE", 3)
    paged = (await browser.get("/open-data/360giving.json")).text
    assert json.loads(paged) == json.loads(whole)
    assert faults(json.loads(paged)) == []
