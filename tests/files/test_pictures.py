"""Giving listings a picture, end to end: who may, what is kept, what is shown, what is left."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import obstore
import pytest
import pytest_asyncio
from obstore.store import MemoryStore
from tests import factories
from tests.browser import Browser, Page
from tests.files import pictures

from marketplace import clock, files, settings
from marketplace.errors import Conflict, NotAllowed, NotFound, TooMany
from marketplace.files import operations, rules, store
from marketplace.listing_index import Find, find
from marketplace.organisations.pictures import operations as of_organisations
from marketplace.permissions import OrgRole
from marketplace.volunteering.pictures import operations as of_opportunities

ALT = "Four people in wellingtons plant an apple tree"


@dataclass
class World:
    here: Any
    opportunity: UUID

    @property
    def actor(self) -> Any:
        return self.here.owner.actor


@pytest_asyncio.fixture
async def world(db: Any) -> World:
    here = await factories.an_organisation()
    opportunity = await factories.an_opportunity(here.id)
    await factories.a_shift(opportunity)
    return World(here, opportunity)


async def objects() -> list[str]:
    return sorted([each.name async for page in store.every("images") for each in page])


def named(id: UUID | None) -> list[str]:
    return sorted(rules.object_name(id, size) for size in rules.SIZES)


async def image_of(db: Any, world: World) -> UUID | None:
    return await db.fetch_value("SELECT image_id FROM opportunity WHERE id = {}", world.opportunity)


async def card(kind: str = "opportunity") -> Any:
    (row,) = (await find(Find(kinds=[kind]))).rows
    return row


async def send(
    browser: Browser, home: str, content: bytes | None, *, name: str = "me.jpg", **fields: str
) -> Page:
    """Fill in the form of a picture as a browser does, the file included."""
    page = await browser.get(f"{home}/picture")
    typed = dict(page.form(f"{home}/picture").filled(fields))
    # What a browser sends for no file: an empty part without a name.
    file = (name, content, "image/jpeg") if content is not None else ("", b"", "")
    return Page(
        await browser.client.post(
            f"{home}/picture", data=typed, files={"picture": file}, follow_redirects=True
        )
    )


async def test_a_picture_is_shown_on_the_card_and_on_the_page(world: World, browser: Any, db: Any):
    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/opportunities/{world.opportunity}"
    page = await send(browser, home, pictures.jpeg(1600, 1000), alt=ALT)
    assert page.path == home and "Picture saved." in page.text and ALT in page.text
    id = await image_of(db, world)
    row = await card()
    assert (row.image, row.image_alt) == (id, ALT)
    for address, size in (
        ("/opportunities", "small"),
        (f"/opportunities/{world.opportunity}", "large"),
    ):
        shown = [
            img for img in (await browser.get(address)).all("img") if str(id) in img.get("src")
        ]
        assert len(shown) == 1 and shown[0].get("alt") == ALT
        assert shown[0].get("src") == f"/files/{id}/{size}.webp"
        assert shown[0].get("width") and shown[0].get("height")
    assert await objects() == named(id)
    assert await db.fetch_one(
        "SELECT organisation_id, uploaded_by, alt, width, height FROM image WHERE id = {}", id
    ) == {
        "organisation_id": world.here.id, "uploaded_by": world.here.owner.id, "alt": ALT,
        "width": 1200, "height": 750,
    }  # fmt: skip


async def test_an_organisation_has_a_picture_of_its_own(world: World, browser: Any):
    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/{world.here.id}"
    assert (await send(browser, home, pictures.jpeg(), alt=ALT)).path == home
    row = await card("organisation")
    assert row.image_alt == ALT
    for address in ("/organisations", f"/organisations/{world.here.id}", home):
        assert f"/files/{row.image}/" in (await browser.get(address)).text
    assert (await card("opportunity")).image is None
    page = await browser.get(f"{home}/picture")
    await browser.submit(page, f"{home}/picture/removal")
    assert (await card("organisation")).image is None and await objects() == []


async def test_a_picture_in_its_place_is_deleted_when_another_comes(world: World, db: Any):
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), ALT)
    first = await image_of(db, world)
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), "Another")
    second = await image_of(db, world)
    assert first != second and await objects() == named(second)
    assert await db.fetch_value("SELECT count(*) FROM image") == 1
    assert (await card()).image_alt == "Another"


async def test_words_alone_can_be_mended(world: World, browser: Any, db: Any):
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), ALT)
    before = await image_of(db, world)
    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/opportunities/{world.opportunity}"
    assert (await send(browser, home, None, alt="Better words")).path == home
    row = await card()
    assert (row.image, row.image_alt) == (before, "Better words") and await objects() == named(
        before
    )


async def test_it_can_be_removed(world: World, browser: Any, db: Any):
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), ALT)
    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/opportunities/{world.opportunity}"
    page = await browser.submit(await browser.get(f"{home}/picture"), f"{home}/picture/removal")
    assert page.path == home and "Picture removed." in page.text
    assert await objects() == [] and (await card()).image is None
    assert await db.fetch_value("SELECT count(*) FROM image") == 0
    await of_opportunities.remove_picture(world.actor, world.opportunity)


@pytest.mark.parametrize("alt", ["", "   "])
async def test_without_words_it_is_not_taken(world: World, browser: Any, alt: str):
    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/opportunities/{world.opportunity}"
    page = await send(browser, home, pictures.jpeg(), alt=alt)
    assert page.status == 422 and page.field_error("alt") == rules.DESCRIBE
    assert "Choose the picture again" in (page.field_error("picture") or "")
    assert await objects() == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (pictures.SVG, "logo.svg"),
        (pictures.GIF_BOMB, "me.gif"),
        (pictures.PHP, "me.php.jpg"),
        (pictures.png_of(50_000, 50_000), "me.png"),
        (pictures.jpeg()[:2000], "me.jpg"),
        (b"", "me.jpg"),
        (None, ""),
    ],
)  # fmt: skip
async def test_what_was_typed_is_kept_when_the_file_is_refused(
    world: World, browser: Any, content: bytes | None, name: str
):
    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/opportunities/{world.opportunity}"
    page = await send(browser, home, content, name=name, alt=ALT)
    assert page.status == 422 and page.field_error("picture")
    assert dict(page.form(f"{home}/picture").fields)["alt"] == ALT
    assert await objects() == []


async def test_a_jpeg_named_png_is_taken_and_no_name_is_kept(world: World, browser: Any):
    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/opportunities/{world.opportunity}"
    page = await send(browser, home, pictures.jpeg(), name="../../etc/passwd.png", alt=ALT)
    assert page.status == 200 and page.path == home
    assert all(
        re.fullmatch(r"images/[0-9a-f-]{36}/(large|small)\.webp", n) for n in await objects()
    )


async def test_a_body_too_large_gets_a_page_with_a_sentence(world: World, browser: Any):
    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/opportunities/{world.opportunity}"
    page = await send(browser, home, b"\xff\xd8\xff" + b"\0" * 9_000_000, alt=ALT)
    assert page.status == 413 and "Send a smaller file" in page.words()
    assert await objects() == []
    # Everywhere else a megabyte is still the most.
    about = await browser.get(f"{home}/edit")
    other = dict(about.form(f"{home}/edit").filled({"description": "x" * 1_200_000}))
    refused = await browser.client.post(f"{home}/edit", data=other)
    assert refused.status_code == 413


async def test_only_those_who_may_write_may_send_pictures(world: World, db: Any):
    stranger = (await factories.an_organisation(name="Elsewhere")).owner.actor
    member = await factories.a_person()
    for verb, id in (
        (of_opportunities.set_picture, world.opportunity),
        (of_organisations.set_picture, world.here.id),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            await verb(stranger, id, pictures.jpeg(), ALT)
        with pytest.raises(NotAllowed):
            await verb(
                factories.acting(member, **{OrgRole.MEMBER.value: world.here.id}),
                id, pictures.jpeg(), ALT,
            )  # fmt: skip
    assert await objects() == []


async def test_a_cancelled_opportunity_keeps_what_it_has(world: World, db: Any):
    await db.execute("UPDATE opportunity SET state = 'cancelled'")
    with pytest.raises(Conflict):
        await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), ALT)
    assert await objects() == []


async def test_of_many_at_once_one_stays_and_nothing_is_left_over(world: World, db: Any):
    sent = [
        of_opportunities.set_picture(
            world.actor, world.opportunity, pictures.jpeg(300 + each, 200), f"Number {each}"
        )
        for each in range(8)
    ]
    await asyncio.gather(*sent)
    id = await image_of(db, world)
    picture = await files.picture(id)
    assert picture is not None and picture.alt == f"Number {picture.width - 300}"
    assert (await card()).image == id and (await card()).image_alt == picture.alt
    assert await objects() == named(id)
    assert await db.fetch_value("SELECT count(*) FROM image") == 1


async def test_the_same_form_twice_keeps_one_picture(world: World, browser: Any, db: Any):
    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/opportunities/{world.opportunity}"
    page = await browser.get(f"{home}/picture")
    typed = dict(page.form(f"{home}/picture").filled({"alt": ALT}))

    async def again(content: bytes) -> Any:
        return await browser.client.post(
            f"{home}/picture", data=typed, files={"picture": ("a.jpg", content, "image/jpeg")}
        )

    content = pictures.jpeg()
    assert [(await again(content)).status_code for _ in range(2)] == [303, 303]
    assert (await again(pictures.jpeg(500, 500))).status_code == 409, "another file is another form"
    assert await objects() == named(await image_of(db, world))


async def test_when_the_store_fails_nothing_has_changed(
    world: World, browser: Any, db: Any, monkeypatch: pytest.MonkeyPatch
):
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), ALT)
    before = await image_of(db, world)

    async def fail(*_: Any, **__: Any) -> None:
        raise obstore.exceptions.GenericError("no route to host")

    await browser.sign_in_as(world.here.owner.id)
    home = f"/manage/opportunities/{world.opportunity}"
    with monkeypatch.context() as broken:
        broken.setattr(obstore, "put_async", fail)
        page = await send(browser, home, pictures.jpeg(), alt="New")
        assert page.status == 503 and "no route" not in page.text
        assert await image_of(db, world) == before
    with monkeypatch.context() as broken:
        broken.setattr(obstore, "delete_async", fail)
        assert (await send(browser, home, pictures.jpeg(), alt="New")).status == 200
    after = await image_of(db, world)
    assert after != before and await db.fetch_value("SELECT count(*) FROM image") == 1
    assert set(await objects()) == {*named(before), *named(after)}, "for the cleaning"


async def test_a_transaction_that_fails_leaves_no_object(world: World, db: Any):
    with pytest.raises(RuntimeError):
        async with files.replacing(world.actor, pictures.jpeg(), ALT) as new, db.transaction():
            await new.take(world.here.id, None)
            raise RuntimeError("later")
    assert await objects() == []


async def test_an_object_whose_commit_was_told_as_failed_stays(world: World, db: Any):
    with pytest.raises(ConnectionError):
        async with files.replacing(world.actor, pictures.jpeg(), ALT) as new:
            async with db.transaction():
                id = await new.take(world.here.id, None)
                await db.execute("UPDATE organisation SET image_id = {}", id)
            raise ConnectionError("the answer to COMMIT was lost")
    assert await objects() == named(id)


async def test_the_network_is_refused_inside_a_transaction(world: World, db: Any):
    async with db.transaction():
        with pytest.raises(RuntimeError, match="inside replacing"):
            async with files.replacing(world.actor, pictures.jpeg(), ALT):
                pass


async def test_somebody_who_sends_very_many_is_told_to_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        operations.rate_limits, "UPLOADS", operations.rate_limits.Limit("u", 1, timedelta(hours=1))
    )
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(200, 200), ALT)
    with pytest.raises(TooMany):
        await of_opportunities.set_picture(world.actor, world.opportunity, b"", ALT)


# Serving


async def test_a_picture_is_served_to_be_kept_and_as_nothing_else(
    world: World, browser: Any, db: Any
):
    await of_opportunities.set_picture(
        world.actor, world.opportunity, pictures.jpeg(1500, 900), ALT
    )
    id = await image_of(db, world)
    for size in ("large", "small"):
        answer = await browser.client.get(
            f"/files/{id}/{size}.webp", headers={"accept-encoding": "br, gzip"}
        )
        head = answer.headers
        assert answer.status_code == 200 and answer.content[:4] == b"RIFF"
        assert head["content-type"] == "image/webp" and "content-encoding" not in head
        assert head["cache-control"] == "public, max-age=31536000, immutable"
        assert head["x-content-type-options"] == "nosniff"
        assert head["content-disposition"] == "inline"
        assert head["content-security-policy"] == "default-src 'none'; sandbox"
        assert "set-cookie" not in head and int(head["content-length"]) == len(answer.content)
        again = await browser.client.get(
            f"/files/{id}/{size}.webp", headers={"if-none-match": head["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
    assert (await browser.client.head(f"/files/{id}/small.webp")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/files/{id}/huge.webp", "/files/{id}/large.jpg", "/files/{id}/large", "/files/{id}",
        "/files/{id}/..%2f..%2fetc%2fpasswd", "/files/{other}/large.webp", "/files/../large.webp",
        "/files/{id}/large.webp/", "/files/x/large.webp", "/files/{id}/large.webp%00", "/files/",
    ],
)  # fmt: skip
async def test_no_other_address_leads_anywhere(world: World, browser: Any, db: Any, path: str):
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), ALT)
    address = path.format(id=await image_of(db, world), other=uuid4())
    answer = await browser.client.get(address)
    if path == "/files/{id}/large.webp/":
        assert answer.status_code in {200, 404}
    else:
        assert answer.status_code in {400, 404}, answer.status_code


async def test_serving_asks_the_database_nothing(
    world: World, browser: Any, db: Any, queries_run: Any
):
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), ALT)
    id = await image_of(db, world)
    await browser.sign_in_as(world.here.owner.id)
    with queries_run() as counted:
        assert (await browser.client.get(f"/files/{id}/small.webp")).status_code == 200
    assert counted.count == 0


async def test_a_list_with_pictures_asks_no_more_than_one_without(
    world: World, browser: Any, db: Any, queries_run: Any
):
    await browser.get("/opportunities")
    with queries_run() as without:
        await browser.get("/opportunities")
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), ALT)
    with queries_run() as counted:
        await browser.get("/opportunities")
    assert counted.count == without.count


# The daily cleaning


async def test_what_nothing_shows_is_cleaned_up_after_a_day(
    world: World, db: Any, monkeypatch: pytest.MonkeyPatch
):
    await of_opportunities.set_picture(world.actor, world.opportunity, pictures.jpeg(), ALT)
    await of_organisations.set_picture(world.actor, world.here.id, pictures.jpeg(), ALT)
    kept = {*named(await image_of(db, world)), *await objects()}
    async with files.replacing(world.actor, pictures.jpeg(), ALT) as new, db.transaction():
        await new.take(world.here.id, None)
    await store.put(rules.object_name(uuid4(), "large"), b"of a server that was killed")
    for foreign in ("notes/readme.txt", "images/readme.txt", "images/x/large.webp"):
        await store.put(foreign, b"somebody else's")
    assert await operations.clean_up() == (0, 0), "what is young may be in the making"
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(operations.clock, "now", lambda: later)
    assert await operations.clean_up() == (1, 3)
    assert {name for name in await objects() if "readme" not in name and "/x/" not in name} == kept
    assert "images/readme.txt" in await objects() and await store.get("notes/readme.txt")
    assert await operations.clean_up() == (0, 0)


async def test_a_column_of_another_feature_counts_without_being_named(
    world: World, db: Any, owner: Any
):
    async with files.replacing(world.actor, pictures.jpeg(), ALT) as new, db.transaction():
        id = await new.take(world.here.id, None)
    await owner.execute("CREATE TABLE of_later (shown uuid REFERENCES image (id))")
    try:
        await owner.execute("INSERT INTO of_later VALUES ($1)", id)
        assert "of_later" in await operations._unused()
    finally:
        await owner.execute("DROP TABLE of_later")


# The store


@pytest.fixture(params=["memory", "folder"])
def any_store(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    before = settings.current()
    where = str(tmp_path / "new" / "files")
    settings.amend(files=where)
    if request.param == "memory":
        store.use(where, MemoryStore())
    yield tmp_path / "new" / "files"
    settings.use(before)


async def test_every_store_keeps_gives_lists_and_deletes(any_store: Any):
    assert await store.get("images/a/large.webp") is None
    await store.delete(["images/a/large.webp"])
    await store.put("images/a/large.webp", b"one")
    await store.put("images/a/large.webp", b"two")
    assert await store.get("images/a/large.webp") == b"two"
    assert await objects() == ["images/a/large.webp"]
    await store.delete(["images/a/large.webp"])
    assert await objects() == []


async def test_a_folder_that_cannot_be_written_is_an_outage_and_says_nothing_inside(tmp_path: Any):
    before = settings.current()
    settings.amend(files=str(tmp_path))
    (tmp_path / "images").write_text("a file where a folder belongs")
    try:
        with pytest.raises(store.Unreachable):
            await store.put("images/a/large.webp", b"one")
    finally:
        settings.use(before)
