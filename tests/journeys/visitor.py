"""Somebody at a browser, who only does what people can do, and notes what goes wrong meanwhile."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.journeys.post import Post

PHONE, DESK = 390, 1280
# Reflow (WCAG 1.4.10) is asked for at 320 px.
NARROWEST = 320
# Milliseconds. Everything answers at once; machines that test are busy.
PATIENCE = 20_000

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN_AXE = """async ([tags]) => {
  const found = await axe.run(document, {
    runOnly: tags, resultTypes: ["violations"], iframes: false,
  });
  return found.violations.map(v => v.id + ": " + v.nodes.slice(0, 3).map(
    n => n.html.slice(0, 160) + " (" + (n.any[0] || n.all[0] || n.none[0] || {}).message + ")"
  ).join(" | "));
}"""
_TOO_WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter(
    e => e.getBoundingClientRect().right > root.clientWidth + 1);
  return wide.slice(-3).map(e => e.tagName + "." + e.className + " " + e.textContent.slice(0, 40));
}"""


@cache
def _axe() -> str:
    return (Path(__file__).parent / "axe.min.js").read_text("utf-8")


class Visitor:
    """One person's browser window."""

    def __init__(self, site: Post, context: Any, page: Any, *, scripted: bool) -> None:
        self.site = site
        self.context = context
        self.page = page
        self.scripted = scripted
        self.problems: list[str] = []
        self.status = 0
        self._watch(page)

    @classmethod
    async def enter(
        cls,
        chromium: Any,
        site: Post,
        *,
        width: int = DESK,
        scripted: bool = True,
        person: UUID | None = None,
        without_our_script: bool = False,
        inspecting: bool = False,
    ) -> "Visitor":
        """Open a window, signed in as `person` if one is given.

        With `inspecting` every page has axe from the beginning, which takes half as long as
        bringing it to each.
        """
        context = await chromium.new_context(
            java_script_enabled=scripted,
            viewport={"width": width, "height": 900 if width > PHONE else 844},
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(PATIENCE)
        if without_our_script:
            empty = {"body": "", "content_type": "text/javascript"}
            await context.route("**/app.min.js*", lambda route: route.fulfill(**empty))
        if inspecting:
            await context.add_init_script(_axe())
        visitor = cls(site, context, await context.new_page(), scripted=scripted)
        if person is not None:
            await visitor.sign_in_as(person)
        return visitor

    async def sign_in_as(self, person: UUID) -> None:
        """Give this browser a session of that person."""
        from marketplace.accounts import operations

        token = await operations.start_session(person, device="A journey")
        await self.context.add_cookies(
            [{"name": "session", "value": token, "url": self.site.base, "httpOnly": True}]
        )

    async def change_to(self, person: UUID | None) -> None:
        """Make this the browser of somebody else."""
        await self.context.clear_cookies()
        if person is not None:
            await self.sign_in_as(person)

    async def another_tab(self) -> "Visitor":
        """Open a second tab of the same browser."""
        tab = Visitor(
            self.site, self.context, await self.context.new_page(), scripted=self.scripted
        )
        tab.problems = self.problems
        return tab

    async def leave(self) -> None:
        """Close the window."""
        await self.context.close()

    def _watch(self, page: Any) -> None:
        def on_request(request: Any) -> None:
            if not request.url.startswith((self.site.base, "data:", "about:")):
                self.problems.append(f"{page.url} asked a foreign server: {request.url}")

        def on_failed(request: Any) -> None:
            # Aborted is what a request becomes when the next page or keystroke overtakes it.
            if "ERR_ABORTED" not in (request.failure or ""):
                self.problems.append(f"{request.url} failed: {request.failure}")

        def on_response(response: Any) -> None:
            page_itself = response.request.resource_type == "document"
            if page_itself and response.frame == page.main_frame:
                self.status = response.status
            asked = page_itself or response.request.resource_type == "fetch"
            if response.status >= (500 if asked else 400):
                self.problems.append(f"{response.url} answered {response.status}")

        def on_console(message: Any) -> None:
            # A page of status 4xx is reported too; `on_response` judges those.
            if message.type in {"error", "warning"} and "Failed to load" not in message.text:
                self.problems.append(f"{page.url} console: {message.text}")

        page.on("request", on_request)
        page.on("requestfailed", on_failed)
        page.on("response", on_response)
        page.on("console", on_console)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url} threw: {error}"))

    @asynccontextmanager
    async def _looking_for(self, what: object) -> AsyncIterator[None]:
        """Say what page was there instead."""
        from playwright.async_api import TimeoutError as TookTooLong

        try:
            yield
        except (TookTooLong, AssertionError) as error:
            said = (await self.page.locator("body").inner_text())[:3000]
            raise AssertionError(
                f"no {what!r} on {self.path()} ({self.status}), which says:\n{said}"
            ) from error

    # What people do.

    async def open(self, address: str) -> None:
        """Type an address, or follow a link out of a message."""
        whole = address if address.startswith("http") else self.site.base + address
        await self.page.goto(whole)

    async def follow(self, name: str, *, inside: str = "body") -> None:
        """Follow the first link of that name; a workspace's menu that is folded is opened."""
        link = self.page.locator(inside).get_by_role("link", name=name).first
        folded = self.page.locator(f"{inside} > details:not([open]) > summary:visible")
        async with self._looking_for(name):
            if inside == "nav.manage-nav":
                await link.or_(folded).first.wait_for()
                if not await link.is_visible():
                    await folded.click()
            await link.click()

    async def press(self, name: str, *, inside: str = "body") -> None:
        """Press the first button of that name."""
        button = self.page.locator(inside).get_by_role("button", name=name)
        async with self._looking_for(name):
            await button.first.click()

    async def fill(self, **fields: Any) -> None:
        """Type into the fields of these names in the main column.

        True ticks, False unticks, a list chooses; in a field that drops down, the words chosen
        are given.
        """
        main = self.page.locator("main")
        for name, value in fields.items():
            async with self._looking_for(name):
                await self._fill_one(main, name, value)

    async def _fill_one(self, main: Any, name: str, value: Any) -> None:
        field = main.locator(f'[name="{name}"]')
        if value is True:
            await field.first.check()
        elif value is False:
            await field.first.uncheck()
        elif isinstance(value, list):
            for one in value:
                choice = main.locator(f'[name="{name}"][value="{one}"]')
                await _unfold(choice)
                await choice.check()
        elif await field.first.evaluate("field => field.tagName") == "SELECT":
            await field.first.select_option(label=str(value))
        else:
            await field.first.fill(str(value))

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until the text is in sight."""
        from playwright.async_api import expect

        async with self._looking_for(text):
            await expect(self.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)

    async def sees_errors(self, *sentences: str) -> None:
        """Wait for the summary of errors, which names each of these."""
        from playwright.async_api import expect

        summary = self.page.locator(".govuk-error-summary")
        async with self._looking_for(sentences):
            for sentence in sentences:
                await expect(summary).to_contain_text(sentence, timeout=PATIENCE)
        assert self.status == 422

    async def is_on(self, heading: str | re.Pattern[str]) -> None:
        """Wait until the page's heading is this."""
        from playwright.async_api import expect

        async with self._looking_for(heading):
            await expect(self.page.locator("h1").first).to_have_text(
                heading, timeout=PATIENCE, use_inner_text=True
            )

    async def words(self) -> str:
        """Give what the main column says."""
        return " ".join((await self.page.locator("main").inner_text()).split())

    def path(self) -> str:
        """Give the present address without the host."""
        return self.page.url.removeprefix(self.site.base)

    # What an inspector does.

    async def inspect(self, name: str) -> list[str]:
        """Give what is wrong with the page as it stands, and what is too wide for a small phone."""
        found: list[str] = []
        if self.scripted:
            if not await self.page.evaluate("'axe' in window"):
                await self.page.evaluate(_axe())
            found = [f"{name}: {each}" for each in await self.page.evaluate(_RUN_AXE, [_TAGS])]
        found += [f"{name} is too wide: {each}" for each in await self._wide()]
        await self._picture(f"{name}-{DESK}")
        if "SHOTS" in os.environ:
            await self._resize(PHONE)
            await self._picture(f"{name}-{PHONE}")
        await self._resize(NARROWEST)
        found += [f"{name} at 320 px is too wide: {each}" for each in await self._wide()]
        await self._resize(DESK)
        return found

    async def _resize(self, width: int) -> None:
        await self.page.set_viewport_size({"width": width, "height": 900})

    async def _wide(self) -> list[str]:
        return await self.page.evaluate(_TOO_WIDE)

    async def _picture(self, name: str) -> None:
        # For looking at, by hand: SHOTS=/tmp/shots pytest tests/journeys
        if folder := os.environ.get("SHOTS"):
            file = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
            await self.page.screenshot(path=f"{folder}/{file}.png", full_page=True)


async def _unfold(field: Any) -> None:
    """Open the folded part a field is in, as a person would."""
    folded = field.locator("xpath=ancestor::details[not(@open)]/summary")
    if await folded.count():
        await folded.first.click()
