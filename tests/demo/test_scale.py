"""The town several times over is as consistent as the town."""

import pytest
from tests.demo import test_seed

from marketplace import clock, listing_index
from marketplace.accounts import passwords
from marketplace.demo import built, people, scale, seed
from marketplace.demo.town import make_town


@pytest.fixture(scope="module")
def rows():
    return make_town(clock.now(), passwords.HASHER.hash(people.PASSWORD))


CHECKS = (
    test_seed._bookings_and_hours_agree,
    test_seed._listings_are_the_open_opportunities_of_approved_organisations,
    test_seed._listings_are_what_can_be_borrowed_and_applied_for,
    test_seed._no_unit_is_promised_twice_and_a_broken_one_is_blocked_for_good,
    test_seed._money_adds_up,
    test_seed._no_jobs_wait_for_a_past_that_never_was,
    test_seed._its_charities_are_in_the_register_beside_the_sample,
    test_seed._the_password_that_is_printed_is_the_password,
)


async def test_the_town_three_times_over_is_consistent(db, rows):
    told: list[int] = []
    await seed.load(rows, times=3, done=told.append)
    await built.analyse(much=True)
    assert len(told) == 3 and len(set(told)) == 1
    assert sum(told) == await db.fetch_value("SELECT count(*) FROM listing")
    assert await built.times() == 3
    for check in CHECKS:
        await check(db)
    for table, found in rows.items():
        once = {
            "platform_role": len(found),
            "place_lead": len(found),
            "person": 3 * len(found) - 6,
            "image": len(found),
            **dict.fromkeys(("concern", "concern_note", "personal_view", "to_tell"), len(found)),
        }
        many = await db.fetch_value(f"SELECT count(*) FROM {table}")
        # The marker, and the beginning of the campaign, are written once.
        marker = 3 if table == "history" else 0
        assert many == once.get(table, 3 * len(found)) + marker, table
    # Listed where it is, by the name of whoever asks, at its own address.
    wrong = await db.fetch(
        "SELECT l.url, l.organisation_name, g.name FROM listing l"
        " JOIN opportunity o ON o.id = l.id JOIN organisation g ON g.id = o.organisation_id"
        " WHERE l.kind = 'opportunity' AND (l.organisation_name <> g.name OR l.town <> o.town"
        "  OR coalesce(l.point <-> o.point, 0) > 0.5"
        "  OR l.url <> '/opportunities/' || o.id OR l.title <> o.title)"
    )
    assert wrong == []
    names = await db.fetch_value("SELECT count(DISTINCT name) FROM organisation")
    assert names == await db.fetch_value("SELECT count(*) FROM organisation")
    found = await listing_index.find(listing_index.Find(kinds=["opportunity"], q="gardning"))
    assert found.corrected == "gardening" and found.total >= 3


async def test_a_copy_that_fails_leaves_nothing(db, rows, monkeypatch):
    def break_off(self: scale.Copy) -> set[str]:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(scale.Copy, "words", break_off)
        with pytest.raises(RuntimeError):
            await seed.load(rows, times=2)
    assert await db.fetch_value("SELECT count(*) FROM person") == 0
    assert not await built.times()


def test_the_largest_town_has_charity_numbers_for_all(rows):
    own = [int(row["charity_number"] or 0) - scale.FIRST_CHARITY for row in rows["organisation"]]
    assert max(own) < scale.CHARITIES_EACH
    assert scale.FIRST_CHARITY + scale.MOST * scale.CHARITIES_EACH < 10_000_000
