"""The demo's mailbox: what would have been sent, shown safely."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.browser import Browser

from marketplace import clock, mail, settings
from marketplace.app import create_app
from marketplace.mail import Mail, Recipient, messages

NAME = 'Eve <script>alert(1)</script> https://evil.example/"onclick=x'


@pytest_asyncio.fixture
async def reader(db: Any, chosen: Any, tmp_path: Path) -> AsyncIterator[Browser]:
    settings.amend(mailbox=tmp_path / "mailbox", demo=True)
    browser = Browser(create_app())
    yield browser
    await browser.close()


async def post(key: str, name: str = "Anna") -> str:
    await mail.send(
        Mail(
            key,
            Recipient(f"{key}@example.org", name),
            "accounts/password_changed",
            {"at": clock.now()},
        )
    )
    return messages.digest(key)


async def test_it_is_empty_at_first(reader: Browser) -> None:
    page = await reader.get("/demo/mailbox")
    assert page.status == 200 and "No mail yet" in page.words()


async def test_the_newest_message_stands_first(reader: Browser) -> None:
    await post("one")
    newest = await post("two")
    page = await reader.get("/demo/mailbox")
    letters = [link for link in page.links() if link.startswith("/demo/mailbox/")]
    assert letters[0] == f"/demo/mailbox/{newest}" and len(letters) == 2
    assert "two@example.org" in page.words()


async def test_mail_of_somebody_is_found_among_others(reader: Browser) -> None:
    await post("one", name="Anna Ash")
    hers = await post("two", name="Berta Birch")
    page = await reader.get("/demo/mailbox?q=changed+BERTA")
    letters = [link for link in page.links() if link.startswith("/demo/mailbox/")]
    assert letters == [f"/demo/mailbox/{hers}"]
    page = await reader.get("/demo/mailbox?q=nobody")
    assert "Nothing to or about" in page.words() and "/demo/mailbox" in page.links()


async def test_a_message_shows_its_links(reader: Browser) -> None:
    id = await post("one")
    page = await reader.get(f"/demo/mailbox/{id}")
    assert "https://marketplace.test/password-reset" in page.links()
    assert "frame-src 'self'" in page.response.headers["content-security-policy"]
    assert "unsafe-inline" not in page.response.headers["content-security-policy"]


async def test_what_a_person_typed_stays_text(reader: Browser) -> None:
    id = await post("one", NAME)
    for path in (f"/demo/mailbox/{id}", f"/demo/mailbox/{id}/html", "/demo/mailbox"):
        page = await reader.get(path)
        assert "<script>alert" not in page.text
        assert not [element for element in page.all("a") if element.get("onclick")]


async def test_only_the_frame_may_have_styles_and_it_can_run_nothing(reader: Browser) -> None:
    id = await post("one")
    page = await reader.get(f"/demo/mailbox/{id}/html")
    [policy] = page.response.headers.get_list("content-security-policy")
    assert "style-src 'unsafe-inline'" in policy
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert "sandbox" in policy and "allow-scripts" not in policy
    assert page.response.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
    assert "Your password was changed" in page.text


@pytest.mark.parametrize("id", ["0" * 40, "..%2f..%2fetc%2fpasswd", "x", "%00", "a" * 5000])
async def test_what_is_no_message_is_not_found(reader: Browser, id: str) -> None:
    for path in (f"/demo/mailbox/{id}", f"/demo/mailbox/{id}/html"):
        assert (await reader.get(path)).status in {400, 404}


async def test_outside_the_demo_there_is_no_mailbox(db: Any, chosen: Any) -> None:
    settings.amend(demo=False)
    browser = Browser(create_app())
    assert (await browser.get("/demo/mailbox")).status == 404
    await browser.close()
