"""A browser without JavaScript: follows redirects, keeps cookies, posts the forms of a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import html5lib
import httpx

HTML = "{http://www.w3.org/1999/xhtml}"
BASE = "https://marketplace.test"


class Page:
    """One answer; parsed as HTML when somebody looks into it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.text
        self.url = str(response.url)
        self.path = response.url.raw_path.decode()

    @cached_property
    def tree(self) -> Any:
        """The document as a browser would build it, None when this is no page."""
        kind = self.response.headers.get("content-type", "")
        if not (kind.startswith("text/html") and self.text):
            return None
        return html5lib.HTMLParser(strict=False).parse(self.text)

    def all(self, tag: str) -> list[Any]:
        """Every element of a tag."""
        return list(self.tree.iter(HTML + tag)) if self.tree is not None else []

    def forms(self) -> list[Form]:
        """Every form of the page."""
        return [Form.of(element) for element in self.all("form")]

    def form(self, action: str) -> Form:
        """The first form that posts to `action` (its own address when the form names none)."""
        own = self.path.split("?")[0]
        for form in self.forms():
            if form.method == "post" and (form.action or own).split("?")[0] == action:
                return form
        actions = [f"{form.method} {form.action or own}" for form in self.forms()]
        raise AssertionError(f"{self.path} ({self.status}) has no form to {action}, only {actions}")

    def words(self) -> str:
        """What a person reads in the main column, white space folded."""
        mains = self.all("main") or self.all("body")
        return " ".join("".join(mains[0].itertext()).split()) if mains else self.text

    def links(self) -> list[str]:
        """Every address linked to."""
        return [element.get("href", "") for element in self.all("a")]

    def field_error(self, name: str) -> str | None:
        """The sentence beside a field."""
        for element in self.all("p"):
            if element.get("id") == f"{name}-error":
                return " ".join("".join(element.itertext()).split()).removeprefix("Error: ")
        return None


@dataclass
class Form:
    """A form as a browser would send it if nothing were changed."""

    action: str
    method: str
    fields: list[tuple[str, str]]

    @classmethod
    def of(cls, element: Any) -> Form:
        """Read a form element."""
        fields: list[tuple[str, str]] = []
        for field in element.iter():
            name = field.get("name")
            if not name or field.get("disabled") is not None:
                continue
            tag = str(field.tag).removeprefix(HTML)
            if tag == "input":
                kind = field.get("type", "text")
                ticked = field.get("checked") is not None
                if kind in {"checkbox", "radio"} and not ticked:
                    continue
                if kind in {"submit", "button", "file"}:
                    continue
                fields.append((name, field.get("value", "")))
            elif tag == "textarea":
                fields.append((name, "".join(field.itertext())))
            elif tag == "select":
                options = list(field.iter(HTML + "option"))
                chosen = [o for o in options if o.get("selected") is not None] or options[:1]
                fields += [(name, o.get("value", "")) for o in chosen]
        return cls(element.get("action") or "", element.get("method", "get").lower(), fields)

    def filled(self, changes: dict[str, Any]) -> list[tuple[str, str]]:
        """The fields with `changes` typed over them; a list gives several values, None none."""
        kept = [(name, value) for name, value in self.fields if name not in changes]
        for name, value in changes.items():
            if isinstance(value, list | tuple | set):
                kept += [(name, str(item)) for item in value]
            elif value is not None:
                kept.append((name, str(value)))
        return kept


class Browser:
    """One person's browser over the app itself, without a network."""

    def __init__(self, app: Any, base: str = BASE) -> None:
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False, client=("10.0.0.1", 1)),
            base_url=base,
        )

    async def get(self, path: str, *, follow: bool = True, **headers: str) -> Page:
        """Open an address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Page(await self.client.get(path, follow_redirects=follow, headers=named))

    async def submit(self, page: Page, action: str, *, follow: bool = True, **changes: Any) -> Page:
        """Fill in and send the form of `page` that posts to `action`."""
        form = page.form(action)
        return await self.post(action, form.filled(changes), follow=follow)

    async def post(
        self,
        action: str,
        fields: list[tuple[str, str]] | dict[str, str],
        *,
        follow: bool = True,
    ) -> Page:
        """Send fields as a form, exactly these."""
        pairs = list(fields.items()) if isinstance(fields, dict) else fields
        body = str(httpx.QueryParams(pairs)) if pairs else ""
        response = await self.client.post(
            action,
            content=body.encode(),
            headers={"content-type": "application/x-www-form-urlencoded"},
            follow_redirects=follow,
        )
        return Page(response)

    async def sign_in_as(self, person_id: UUID) -> Browser:
        """Give this browser a session of that person."""
        from marketplace.accounts import operations

        token = await operations.start_session(person_id, device="A test")
        self.client.cookies.set("__Host-session", token)
        return self

    async def close(self) -> None:
        """Throw the browser away."""
        await self.client.aclose()
