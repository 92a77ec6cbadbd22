"""Pictures: chosen and described in the workspace, seen on the card and on the page."""

from pathlib import Path
from typing import Any

from tests.factories import an_organisation
from tests.factories_things import a_site, a_thing
from tests.files.pictures import telling
from tests.journeys.post import Post
from tests.journeys.test_borrowing import WAYS

ALT = "A green gazebo on a village lawn"
LOADED = "image => image.complete && image.naturalWidth > 0"


@WAYS
async def test_a_photograph_is_seen_on_the_card_and_on_the_page(
    enter: Any, site: Post, db: Any, tmp_path: Path, scripted: bool, width: int
) -> None:
    library = await an_organisation(name="Chelmer Library of Things")
    thing = await a_thing(await a_site(library.id), title="Gazebo")
    photograph, words = tmp_path / "gazebo.jpg", tmp_path / "notes.jpg"
    photograph.write_bytes(telling())
    words.write_bytes(b"These are words and no picture.")
    owner = await enter(scripted=scripted, width=width, person=library.owner.id)
    await owner.open(f"/manage/things/{thing}")
    await owner.follow("Add a picture")
    found = await owner.inspect("picture")
    file = owner.page.locator("main [name=picture]")
    await file.set_input_files(photograph)
    await owner.press("Save", inside="main")
    await owner.sees_errors("Describe")
    await owner.fill(alt=ALT)
    await file.set_input_files(words)
    await owner.press("Save", inside="main")
    await owner.sees_errors("JPEG")
    found += await owner.inspect("picture errors")
    await file.set_input_files(photograph)
    await owner.press("Save", inside="main")
    await owner.sees("Picture saved.")
    found += await owner.inspect("manage thing with a picture")

    visitor = await enter(scripted=scripted, width=width)
    await visitor.open("/things")
    card = visitor.page.locator("article.card").get_by_alt_text(ALT)
    await card.scroll_into_view_if_needed()
    address = await card.get_attribute("src")
    found += await visitor.inspect("things with a picture")
    await visitor.follow("Gazebo", inside="article.card")
    await visitor.is_on("Gazebo")
    assert await visitor.page.get_by_alt_text(ALT).count() == 1
    if scripted:
        assert await visitor.page.get_by_alt_text(ALT).evaluate(LOADED)
    found += await visitor.inspect("thing with a picture")
    assert not found, "\n" + "\n".join(found)

    # Nothing of where and with what it was taken is left in it.
    served = await visitor.page.request.get(f"{site.base}{address}")
    assert served.headers["x-content-type-options"] == "nosniff"
    assert b"SECRET" not in await served.body()

    await owner.follow("Change", inside=".picture-row")
    await owner.press("Remove the picture")
    await owner.sees("Picture removed.")
