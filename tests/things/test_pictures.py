"""Giving a thing a picture, as a librarian's browser does it, and who may not."""

import pytest
from tests.browser import Page
from tests.factories import a_person, an_organisation
from tests.factories_things import a_site, a_thing
from tests.files import pictures

from marketplace import db
from marketplace.files import rules, store
from marketplace.listing_index import Find, find
from marketplace.organisations.tables import Membership

ALT = "A green tent for four stands on a lawn"


@pytest.fixture
async def lender(db):
    return await an_organisation(name="Chelmer Library of Things")


@pytest.fixture
async def thing(lender):
    return await a_thing(await a_site(lender.id))


@pytest.fixture
async def works(browsers, lender):
    async def as_(role):
        person = await a_person()
        await Membership(organisation_id=lender.id, person_id=person.id, role=role).save()
        return await browsers().sign_in_as(person.id)

    return as_


async def send(browser, thing, content, **fields):
    """Fill in the form of a picture as a browser does, the file included."""
    address = f"/manage/things/{thing}/picture"
    typed = dict((await browser.get(address)).form(address).filled(fields))
    # What a browser sends for no file: an empty part without a name.
    file = ("tent.jpg", content, "image/jpeg") if content is not None else ("", b"", "")
    return Page(
        await browser.client.post(
            address, data=typed, files={"picture": file}, follow_redirects=True
        )
    )


async def image_of(thing):
    return await db.fetch_value("SELECT image_id FROM thing WHERE id = {}", thing)


async def objects():
    return [each.name async for page in store.every("images") for each in page]


async def card():
    (row,) = (await find(Find(kinds=["thing"]))).rows
    return row


async def test_a_picture_is_shown_on_the_card_and_on_both_pages(works, browser, thing):
    librarian, home = await works("librarian"), f"/manage/things/{thing}"
    before = await librarian.get(home)
    assert f"{home}/picture" in before.links() and "Add a picture" in before.words()
    page = await send(librarian, thing, pictures.jpeg(1600, 1000), alt=ALT)
    assert page.path == home and "Picture saved." in page.text
    assert "Change the picture" in page.words() and ALT in page.words()
    id, row = await image_of(thing), await card()
    assert (row.image, row.image_alt) == (id, ALT)
    for address, size in (("/things", "small"), (f"/things/{thing}", "large")):
        shown = [
            img for img in (await browser.get(address)).all("img") if str(id) in img.get("src")
        ]
        assert [img.get("src") for img in shown] == [f"/files/{id}/{size}.webp"]
        assert shown[0].get("alt") == ALT and shown[0].get("width") and shown[0].get("height")
    assert sorted(await objects()) == sorted(rules.object_name(id, size) for size in rules.SIZES)


async def test_words_alone_can_be_mended_and_what_was_edited_keeps_it(works, thing):
    librarian = await works("librarian")
    await send(librarian, thing, pictures.jpeg(), alt=ALT)
    id, home = await image_of(thing), f"/manage/things/{thing}"
    await send(librarian, thing, None, alt="Better words")
    assert (await card()).image_alt == "Better words"
    await librarian.submit(await librarian.get(f"{home}/edit"), f"{home}/edit", title="Big tent")
    row = await card()
    assert (row.title, row.image, row.image_alt) == ("Big tent", id, "Better words")


@pytest.mark.parametrize(
    ("content", "alt", "field", "sentence"),
    [
        (pictures.jpeg(), "", "alt", rules.DESCRIBE),
        (pictures.jpeg(), "   ", "alt", rules.DESCRIBE),
        (None, ALT, "picture", rules.CHOOSE),
        (pictures.PHP, ALT, "picture", rules.NOT_A_PICTURE),
    ],
)
async def test_what_is_not_whole_is_not_taken(works, thing, content, alt, field, sentence):
    page = await send(await works("librarian"), thing, content, alt=alt)
    assert page.status == 422 and page.field_error(field) == sentence
    assert await image_of(thing) is None and await objects() == []


async def test_only_those_who_write_things_reach_it(works, browsers, lender, thing):
    owner = await browsers().sign_in_as(lender.owner.id)
    await send(owner, thing, pictures.jpeg(), alt=ALT)
    address, before = f"/manage/things/{thing}/picture", await image_of(thing)
    lends, stranger = await works("coordinator"), await browsers().sign_in_as((await a_person()).id)
    draft = await a_thing(await a_site(lender.id), state="draft")
    assert (await lends.get(address)).status == 403
    assert (await stranger.get(address)).status in {403, 404}
    assert (await stranger.get(f"/manage/things/{draft}/picture")).status == 404
    manage = await lends.get(f"/manage/things/{thing}")
    assert ALT in manage.words() and address not in manage.links()
    for browser, elsewhere in ((lends, "/account/profile"), (stranger, "/account/profile")):
        hidden = dict((await browser.get(elsewhere)).form(elsewhere).filled({}))
        for path, sent in ((address, {"alt": ""}), (f"{address}/removal", {})):
            answer = await browser.client.post(path, data={**hidden, **sent})
            assert answer.status_code in {403, 404}, path
    assert await image_of(thing) == before


async def test_it_can_be_removed(works, thing):
    librarian, home = await works("librarian"), f"/manage/things/{thing}"
    await send(librarian, thing, pictures.jpeg(), alt=ALT)
    page = await librarian.submit(await librarian.get(f"{home}/picture"), f"{home}/picture/removal")
    assert page.path == home and "Picture removed." in page.text
    assert await image_of(thing) is None and (await card()).image is None
    assert await objects() == []
    assert await db.fetch_value("SELECT count(*) FROM image") == 0
