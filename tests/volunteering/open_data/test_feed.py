"""The feed, read as others read it: as triples, and held against the standard's own files."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from tests.factories import a_shift, an_opportunity, an_organisation

from marketplace import clock
from marketplace.volunteering.open_data.grid import degrees
from marketplace.volunteering.open_data.rules import NS, part_of_day

V = Namespace(NS)
ADDRESS = "/open-data/volunteering.jsonld"
STANDARD = Path(__file__).parents[4] / "shared" / "standards" / "volunteering"


async def a_town() -> tuple[str, str]:
    organisation = await an_organisation(
        name="Chelmer Gardeners", causes=["environment-and-conservation"]
    )
    opportunity = await an_opportunity(
        organisation.id,
        causes=["environment-and-conservation"],
        skills=["active-listening"],
        access=["step-free", "bus"],
        expenses_paid="travel",
        minimum_age=16,
    )
    starts_at = (clock.now() + timedelta(days=7)).replace(hour=10, minute=0, second=0)
    await a_shift(opportunity, starts_at=starts_at.replace(microsecond=0), hours=2)
    hidden = await an_opportunity(organisation.id, title="Draft of a plan", state="draft")
    return str(opportunity), str(hidden)


def triples(text: str) -> Graph:
    return Graph().parse(data=text, format="json-ld", publicID="https://marketplace.test/")


async def test_an_open_opportunity_is_told_in_the_terms_of_the_standard(browser, db):
    opportunity, hidden = await a_town()
    page = await browser.get(ADDRESS)
    assert page.response.headers["content-type"].startswith("application/ld+json")
    assert page.response.headers["access-control-allow-origin"] == "*"
    graph = triples(page.text)
    activity = URIRef(f"https://marketplace.test/opportunities/{opportunity}")
    assert (activity, RDF.type, V.Activity) in graph
    assert (activity, V.title, Literal("Garden helper")) in graph
    assert hidden not in page.text
    role = graph.value(activity, V.role)
    assert graph.value(role, V.minimumAge).toPython() == 16
    assert str(graph.value(role, V.applyLink)) == str(activity)
    assert str(graph.value(role, V.commitment)) == "2 hours a shift"
    assert set(graph.objects(role, V.roleAccessibility)) == {
        V.BuildingAccessibilityFeatures,
        V.PublicTransportAccess,
        V.ExpensesPaid,
    }
    session = graph.value(activity, V.session)
    assert (session, V.role, role) in graph
    where = graph.value(session, V.location)
    assert float(graph.value(where, V.latitude)) == pytest.approx(51.7258, abs=0.01)
    assert float(graph.value(where, V.longitude)) == pytest.approx(0.4716, abs=0.01)


async def test_every_term_is_one_of_the_standard(browser, db):
    if not STANDARD.is_dir():
        pytest.skip("the standard's files are not beside the project")
    await a_town()
    feed = triples((await browser.get(ADDRESS)).text)
    known = Graph()
    for file in STANDARD.glob("*.ttl"):
        known.parse(file, format="turtle")
    subjects = {str(each) for each in known.subjects()}
    said = {str(term) for triple in feed for term in triple if str(term).startswith(NS)}
    # The standard's publishing page uses these; its ontology describes them nowhere.
    said -= {f"{NS}{name}" for name in ("graph", "skill", "CharityRegistration")}
    assert said
    assert said <= subjects


async def test_without_anything_open_the_feed_is_an_empty_graph(browser, db):
    assert json.loads((await browser.get(ADDRESS)).text)["graph"] == []


@pytest.mark.parametrize(
    ("hour", "said"), [(5, ""), (6, "Morning"), (12, "Afternoon"), (18, "Evening"), (23, "Evening")]
)
def test_parts_of_the_day_are_those_of_the_ontology(hour, said):
    assert part_of_day(datetime(2027, 3, 2, hour)) == said


def test_metres_become_degrees():
    # The Ordnance Survey's own example: Caister water tower, 52.6576 north, 1.7179 east.
    latitude, longitude = degrees((651409.903, 313177.270))
    assert latitude == pytest.approx(52.65798, abs=0.0001)
    assert longitude == pytest.approx(1.71608, abs=0.0002)
