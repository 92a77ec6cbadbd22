"""The index: found by stem, by place, by tag; corrected against its own words."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from marketplace import clock, listing_index
from marketplace.ids import new_id
from marketplace.listing_index import Find, Found, Listing, reading

CHELMSFORD, COLCHESTER = (569600.0, 208000.0), (600200.0, 225200.0)


async def publish(db: Any, title: str, **more: Any) -> UUID:
    id = new_id()
    async with db.transaction():
        await listing_index.publish(
            Listing(
                kind=more.pop("kind", "opportunity"),
                id=id,
                url=f"/opportunities/{id}",
                title=title,
                summary=more.pop("summary", "Something to do."),
                **more,
            )
        )
    return id


async def find(q: str = "", **more: Any) -> Found:
    return await listing_index.find(Find(kinds=["opportunity"], q=q, **more))


async def titles(q: str = "", **more: Any) -> list[str]:
    return [row.title for row in (await find(q, **more)).rows]


async def test_a_word_is_found_by_its_stem(db: Any):
    await publish(db, "Gardeners wanted")
    assert await titles("gardening") == ["Gardeners wanted"]


async def test_a_misspelt_word_is_corrected_and_said(db: Any):
    await publish(db, "Gardening with friends")
    found = await find("gardning")
    assert [row.title for row in found.rows] == ["Gardening with friends"]
    assert found.corrected == "gardening"


async def test_a_misspelt_ending_finds_the_stem(db: Any):
    await publish(db, "The walled garden")
    assert (await find("gardning")).corrected == "garden"


async def test_only_the_unknown_word_is_corrected(db: Any):
    await publish(db, "Dog walking")
    assert (await find("dog wlking")).corrected == "dog walking"


async def test_a_word_of_a_withdrawn_listing_corrects_nothing(db: Any):
    gone = await publish(db, "Gardening")
    async with db.transaction():
        await listing_index.withdraw("opportunity", gone)
    assert (await find("gardning")).corrected is None


async def test_nothing_like_it_is_an_empty_page(db: Any):
    await publish(db, "Gardening")
    found = await find("zymurgy")
    assert (found.rows, found.total, found.corrected) == ([], 0, None)


async def test_near_sorts_by_distance_and_measures_it(db: Any):
    await publish(db, "Far", point=COLCHESTER)
    await publish(db, "Close", point=CHELMSFORD)
    await publish(db, "From home", remote=True)
    found = await find(near=CHELMSFORD)
    assert [row.title for row in found.rows] == ["Close", "Far", "From home"]
    assert found.rows[0].metres == 0
    assert found.rows[1].metres == pytest.approx(35_100, rel=0.01)
    assert found.rows[2].metres is None


async def test_within_leaves_out_what_is_further(db: Any):
    await publish(db, "Far", point=COLCHESTER)
    await publish(db, "Close", point=CHELMSFORD)
    assert await titles(near=CHELMSFORD, within=10) == ["Close"]
    assert len(await titles(near=CHELMSFORD, within=25)) == 2


async def test_all_asked_tags_must_be_there(db: Any):
    await publish(db, "Both", tags=["cause:animals", "skill:driving"])
    await publish(db, "One", tags=["cause:animals"])
    assert await titles(tags=["cause:animals", "skill:driving"]) == ["Both"]


async def test_what_is_over_is_no_longer_found(db: Any):
    await publish(db, "Over", until=clock.now() - timedelta(minutes=1))
    await publish(db, "Coming", until=clock.now() + timedelta(minutes=1))
    assert await titles() == ["Coming"]


async def test_publishing_again_replaces(db: Any):
    id = await publish(db, "Old title")
    async with db.transaction():
        await listing_index.publish(
            Listing("opportunity", id, f"/opportunities/{id}", "New title", "Something.")
        )
    assert await titles() == ["New title"]


async def test_a_publication_that_is_rolled_back_was_never_there(db: Any):
    with pytest.raises(RuntimeError):
        async with db.transaction():
            await listing_index.publish(
                Listing("opportunity", new_id(), "/opportunities/x", "Ghost", "Never.")
            )
            raise RuntimeError
    assert await titles() == []


async def test_publishing_outside_a_transaction_is_refused():
    with pytest.raises(Exception, match="transaction"):
        await listing_index.publish(Listing("opportunity", new_id(), "/x", "T", "S"))


async def test_pages_are_counted_and_turned(db: Any):
    for number in range(25):
        await publish(db, f"Number {number:02}")
    first, second = await find(), await find(page=2)
    assert (first.total, first.pages, len(first.rows)) == (25, 2, 20)
    assert (second.total, len(second.rows)) == (25, 5)
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}


@pytest.mark.parametrize("hostile", ["'; DROP TABLE listing; --", '"', "%", "a & | ! b", "\\"])
async def test_hostile_words_are_only_words(db: Any, hostile: str):
    await publish(db, "Gardening")
    await find(hostile)
    assert await titles() == ["Gardening"]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make words common that more than six have."""
    monkeypatch.setattr(reading, "COUNT_UP_TO", 6)
    monkeypatch.setattr(reading, "RANKED", 4)


async def gardens(db: Any, number: int = 8, **more: Any) -> list[str]:
    """Publish some alike, the first the nearest and the soonest."""
    named = [f"Garden {chr(65 + each)}" for each in range(number)]
    for each, title in enumerate(named):
        await publish(
            db,
            title,
            starts_at=clock.now() + timedelta(days=each + 1),
            point=(CHELMSFORD[0] + each * 1000, CHELMSFORD[1]),
            **more,
        )
    return named


@pytest.mark.usefixtures("few")
async def test_of_a_common_word_the_soonest_are_ranked(db: Any):
    named = await gardens(db)
    await publish(db, "Garden garden garden", starts_at=clock.now() + timedelta(hours=1))
    pages = [await find("garden", size=2, page=page) for page in (1, 2)]
    shown = [row.title for page in pages for row in page.rows]
    assert shown == ["Garden garden garden", *named[:3]]
    assert (pages[0].many, pages[0].pages, pages[0].total) == (True, 2, 7)


@pytest.mark.usefixtures("few")
async def test_of_a_common_word_the_nearest_are_found(db: Any):
    named = await gardens(db)
    await publish(db, "Cooking", point=CHELMSFORD)
    pages = [await find("garden", near=CHELMSFORD, size=2, page=page) for page in (1, 2)]
    assert [row.title for page in pages for row in page.rows] == named[:4]
    assert (pages[0].many, pages[0].pages) == (True, 2)


@pytest.mark.usefixtures("few")
async def test_a_common_word_is_counted_within_reach(db: Any):
    named = await gardens(db)
    close = await find("garden", near=CHELMSFORD, within=1.5)
    assert ([row.title for row in close.rows], close.total, close.many) == (named[:3], 3, False)
    wide = await find("garden", near=CHELMSFORD, within=20)
    assert (wide.many, wide.total - 1, wide.pages) == (True, 4, 1)


@pytest.mark.usefixtures("few")
async def test_a_kind_with_few_is_not_crowded_out_by_one_with_many(db: Any):
    await gardens(db)
    await publish(db, "Garden gardening", kind="thing")
    asked = Find(kinds=["opportunity", "thing"], q="garden", size=10)
    found = await listing_index.find(asked)
    assert found.rows[0].title == "Garden gardening" and len(found.rows) == 5
    assert (found.many, found.pages) == (True, 1)


async def test_a_word_that_is_not_common_is_ranked_in_all_and_counted_within_reach(db: Any):
    named = await gardens(db)
    found = await find("garden", near=CHELMSFORD, within=1.5, size=2)
    assert ([row.title for row in found.rows], found.total, found.pages) == (named[:2], 3, 2)
    beyond = await find("garden", near=CHELMSFORD, within=1.5, size=2, page=9)
    assert (beyond.rows, beyond.total) == ([], 3)
    best = await find("garden", size=3, page=2)
    assert ([row.title for row in best.rows], best.total) == (named[3:6], 8)
