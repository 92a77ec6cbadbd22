"""What people choose by: said in the form, shown on the page, found by the filters."""

import pytest
from tests.factories import a_shift, an_opportunity, an_organisation

from marketplace.taxonomies import ACCESSIBILITY
from marketplace.volunteering.opportunities import rules
from marketplace.volunteering.opportunities.forms import OpportunityForm
from marketplace.volunteering.opportunities.rules import ACCESS, NEEDS, SUPPORT, Expenses


@pytest.mark.parametrize("fact", [*ACCESS.values(), *SUPPORT.values()], ids=lambda each: each.slug)
def test_each_fact_has_a_term_of_the_standard(fact):
    assert fact.term == "accessibility" or fact.term in ACCESSIBILITY


def test_each_filter_is_a_tag_that_some_opportunity_may_have():
    every = rules.tags(ACCESS, SUPPORT, Expenses.ALL)
    assert set(NEEDS) <= set(every)


def test_an_accessible_toilet_is_a_toilet():
    assert "access:toilets" in rules.tags(["accessible-toilet"], [], "")


@pytest.mark.parametrize(("said", "paid"), [("all", True), ("travel", True), ("no", False)])
def test_only_paid_expenses_are_paid(said, paid):
    assert ("expenses:paid" in rules.tags([], [], said)) is paid


def test_what_is_not_on_the_list_is_dropped():
    assert rules.known(["bus", "helipad", "step-free"], ACCESS) == ["step-free", "bus"]


async def test_what_is_ticked_is_shown_and_found(db, browsers):
    organisation = await an_organisation()
    browser = await browsers().sign_in_as(organisation.owner.id)
    for title, ticked in (("With a ramp", ["step-free", "bus"]), ("Up the stairs", ["bus"])):
        id = await an_opportunity(organisation.id, title=title)
        await a_shift(id)
        edit = f"/manage/opportunities/{id}/edit"
        page = await browser.submit(
            await browser.get(edit),
            edit,
            access=ticked,
            support=["buddy"],
            expenses_paid="travel",
            minimum_age="18",
        )
        assert "Saved." in page.words()
        page = await browsers().get(f"/opportunities/{id}")
        assert "Somebody beside you the first time" in page.words()
        assert "Travel is paid" in page.words()
    visitor = browsers()
    page = await visitor.get("/opportunities?need=access:step-free&need=expenses:paid")
    assert "With a ramp" in page.words()
    assert "Up the stairs" not in page.words()
    page = await visitor.get("/opportunities?need=access:bus&need=made-up")
    assert "Up the stairs" in page.words()


def test_only_a_place_has_steps():
    form = OpportunityForm(title="By phone", where="home", access=["step-free"])
    assert form.details().access == []
