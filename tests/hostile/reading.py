"""Reading answers fast: what forms a page shows, and whether an answer is one a person can use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use"}


@dataclass
class Field:
    """One field of a form as shown; `choices` are those of radios, boxes and selects."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)

    @property
    def typed(self) -> bool:
        """Tell whether a person types into it."""
        return self.kind in {"text", "email", "search", "date", "time", "textarea"}


@dataclass
class Form:
    """A form as shown; `fields` by name."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)


class Reader(HTMLParser):
    """The forms and elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._open: Field | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag == "form":
            self._form = Form(found.get("action") or "", (found.get("method") or "get").lower())
            self.forms.append(self._form)
        name = found.get("name")
        if self._form is None or (not name and tag != "option"):
            return
        if tag in {"input", "textarea", "select", "button"} and name:
            kind = (found.get("type") or "text") if tag in {"input", "button"} else tag
            this = self._form.fields.setdefault(name, Field(name, kind))
            value = found.get("value") or ""
            if kind in {"checkbox", "radio", "submit"}:
                this.choices.append(value)
                if "checked" in found:
                    this.value = value
            elif tag == "input":
                this.value = value
            self._open = this if tag in {"textarea", "select"} else None
        elif tag == "option" and self._open and self._open.kind == "select":
            value = found.get("value") or ""
            self._open.choices.append(value)
            if "selected" in found or len(self._open.choices) == 1:
                self._open.value = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag in {"textarea", "select"}:
            if self._open and tag == "textarea":
                self._open.value = self._open.value.removeprefix("\n")
            self._open = None

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._open and self._open.kind == "textarea":
            self._open.value += data

    def posts(self, own: str = "") -> dict[str, Form]:
        """Give the forms that post, by the path they post to."""
        found: dict[str, Form] = {}
        for form in self.forms:
            if form.method == "post":
                found.setdefault((form.action or own).split("?")[0], form)
        return found


_FORMS = re.compile(r"<form\b.*?</form>", re.DOTALL | re.IGNORECASE)


def posts(page: str, own: str = "") -> dict[str, Form]:
    """Give the forms of a page that post; nothing else of it is read, which takes longest."""
    return Reader("".join(_FORMS.findall(page))).posts(own)


_SENTENCE = re.compile(r"<main.*?<p[^>]*>[^<]{8,}", re.DOTALL)


def wrong(answer: httpx.Response) -> str:
    """Say why an answer is none that a person can use; "" when it is one."""
    if answer.status_code == 303:
        location = answer.headers.get("location", "")
        fine = re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", location) and "\\" not in location
        return "" if fine else f"leads to {location!r}"
    if not 400 <= answer.status_code < 500:
        return f"is a {answer.status_code}"
    text = answer.text
    if "<h1" not in text:
        return f"is a {answer.status_code} without a heading"
    if not _SENTENCE.search(text) and "govuk-error-message" not in text:
        return f"is a {answer.status_code} without a sentence"
    for leak in ("Traceback", "asyncpg", "pydantic", "litestar", "ctx=", "Error("):
        if leak in text:
            return f"shows {leak}"
    return ""


def broken_out(text: str) -> str:
    """Say what of the hostile marks became markup; "" when nothing did."""
    for raw in ("<script>alert", "<img src=x", "<b data-evil"):
        if raw in text:
            return f"shows {raw} as markup"
    return ""
