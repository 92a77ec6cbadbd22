"""Names are text wherever they are shown: on every page, in mail, and in the headers of mail."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import SMTP
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from jinja2 import meta
from tests.hostile.fixtures import Ground
from tests.hostile.reading import Reader, broken_out

from marketplace import clock, paths
from marketplace.mail import messages
from marketplace.web.render import environment

MARK = "Mallory"
HOSTILE = (
    f"{MARK} \"'><img src=x onerror=alert(1)><script>alert(1)</script><b data-evil=1 hx-get=/x>"
    "{{31337*31337}}${31337*31337} </title></textarea>' hx-on:click='x' --> \u202e"
)
COLUMNS = {
    "organisation": (
        "name",
        "summary",
        "description",
        "address",
        "town",
        "contact_phone",
        "moderator_note",
    ),
    "person": ("name",),
    "opportunity": (
        "title",
        "summary",
        "description",
        "place_name",
        "town",
        "getting_there",
        "expenses",
        "contact_name",
        "contact_how",
        "availability",
    ),
    "role": ("title",),
    "shift": ("note",),
    "listing": ("title", "summary", "organisation_name", "town"),
    "register_charity": ("name", "activities"),
    "session": ("device",),
}


async def rename(ground: Ground) -> None:
    """Put the hostile text wherever people put text."""
    for table, columns in COLUMNS.items():
        # Lengths are the forms' business; what a column refuses is left as it is.
        for column in columns:
            limit = 300 if column not in {"name", "town", "title", "device"} else 280
            try:
                await ground.owner.execute(f"UPDATE {table} SET {column} = $1", HOSTILE[:limit])
            except Exception as error:
                assert "check" in str(error), (table, column, error)


def evil(answer: Any, address: str) -> list[str]:
    """Say what of the names became markup, or got where markup is read."""
    found = [broken_out(answer.text)] if broken_out(answer.text) else []
    if "982007569" in answer.text:
        found.append("is calculated")
    for tag, attributes in Reader(answer.text).elements:
        for name, value in attributes.items():
            if name.startswith(("on", "data-evil")) and name != "one":
                found.append(f"has <{tag} {name}>")
            told = MARK in (value or "") or "alert(1)" in (value or "")
            if told and (
                name.startswith("hx-") or name in {"style", "class", "id", "src", "action"}
            ):
                found.append(f"has names in <{tag} {name}>")
            if name in {"href", "src", "action"} and (value or "").lstrip().lower().startswith(
                ("javascript:", "vbscript:", "data:text")
            ):
                found.append(f"leads to {value!r}")
    return [f"{address} {each}" for each in found]


async def test_names_are_text_on_every_page(ground: Ground):
    await rename(ground)
    faults, shown, parts = [], set(), set()
    # Names in answers to questions too.
    more = [f"{path}?q={MARK}" for path in ("/search", "/opportunities", "/organisations")]
    more += [
        f"{path}?q=%22%3E%3Cscript%3Ealert(1)&near=%22%3E%3Cimg+src%3Dx"
        for path in ("/search", "/")
    ]
    more += ["/organisations/register/find?q=mallory", "/organisations/register/find?q=9900001"]
    for who in ("owner", "volunteer", "moderator", "administrator", "guest", "nobody"):
        browser = await ground.browser(who)
        for address in [*ground.addresses, *more]:
            answer = await browser.client.get(address)
            assert answer.status_code < 500, address
            if "text/html" in answer.headers.get("content-type", ""):
                faults += evil(answer, address)
                if "&lt;img src=x" in answer.text:
                    shown.add(address)
            # The part is made of the same templates: whoever sees the page first asks for it.
            if address in parts or answer.status_code != 200:
                continue
            parts.add(address)
            part = await browser.client.get(address, headers={"hx-request-type": "partial"})
            if "text/html" in part.headers.get("content-type", ""):
                faults += evil(part, f"part of {address}")
    assert not faults, "\n".join(sorted(set(faults)))
    # Otherwise the walk above saw no names at all.
    assert len(shown) > 25, shown


async def test_the_walk_would_notice():
    page = SimpleNamespace(text=f'<p hx-get="{MARK}">{HOSTILE}</p>')
    assert len(evil(page, "/")) >= 4


class Anything:
    """Whatever a mail asks for, in hostile words."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith(("_at", "_on", "_by", "day", "date")) or name in {
            "starts",
            "ends",
            "until",
        }:
            return clock.now()
        if name.endswith(("minutes", "places", "seats", "amount", "pence", "deposit", "count")):
            return 90
        if name.endswith("id") or name == "id":
            return uuid4()
        if name in {"approved", "remote", "registered"}:
            return True
        return self.text

    def __str__(self) -> str:
        return self.text


TEMPLATES = sorted(
    str(file.relative_to(paths.templates() / "email").with_suffix(""))
    for file in (paths.templates() / "email").glob("*/*.txt")
)


def given(template: str, text: str) -> dict[str, Any]:
    """Give every name that a mail reads, as hostile text, or as a thing that is made of it."""
    made = environment()
    wanted: set[str] = set()
    for ending in ("txt", "html"):
        source = (paths.templates() / "email" / f"{template}.{ending}").read_text()
        wanted |= meta.find_undeclared_variables(made.parse(source))
    context: dict[str, Any] = {
        "to": SimpleNamespace(id=uuid4(), name=text, email="kim@example.org")
    }
    for name in wanted - set(made.globals) - {"to", "brand", "link", "zone", "subject"}:
        if name in {"at", "until", "starts", "ends"}:
            context[name] = clock.now()
        elif name in {"path", "cancel", "address", "onward", "link_safe", "ask_path"}:
            context[name] = "/somewhere"
        elif name in {"about", "words", "why", "button"}:
            context[name] = text
        elif name == "items":
            context[name] = [Anything(text)]
        elif name == "reasons":
            context[name] = [text]
        elif name == "places":
            context[name] = 90
        else:
            context[name] = Anything(text)
    return context


@pytest.mark.parametrize("template", TEMPLATES)
def test_names_are_text_in_mail(template: str):
    name = HOSTILE + "\r\nBcc: everybody@example.org\r\n\r\nHello\x00\x0b\x85\u2028Subject: x"
    to = messages.address(name, "kim@example.org")
    message = messages.compose(
        "key",
        to,
        template,
        given(template, name),
    )
    sent = email.message_from_bytes(message.as_bytes(policy=SMTP), policy=SMTP)
    assert set(sent.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
    }
    assert [each.addr_spec for each in sent["To"].addresses] == ["kim@example.org"]
    for header in ("To", "Subject", "From"):
        assert len(sent.get_all(header)) == 1
        assert not any(ord(c) < 32 or c in "\u2028\u202e" for c in str(sent[header]))
    html = sent.get_body(("html",)).get_content()
    assert not evil(SimpleNamespace(text=html), template)
    text = sent.get_body(("plain",)).get_content()
    assert "&lt;" not in text and "982007569" not in text


@pytest.mark.parametrize(
    "name",
    [
        "a@evil.example, " * 6,
        "Zoë, everybody@evil.example, bob@evil.example and many more people here <x@evil.example>",
        '"quoted" <x@evil.example>, ' * 4,
        "=?utf-8?q?a=40evil=2Eexample=2C?= " * 4,
        "a@evil.example\r\nBcc: b@evil.example",
        "group: a@evil.example;" * 4,
        "(a comment) " * 9,
        "x" * 500,
        "🌱" * 200,
        "",
    ],
)
def test_a_name_adds_no_addressees(name: str):
    message = EmailMessage(policy=SMTP)
    message["To"] = messages.address(name, "kim@example.org")
    sent = email.message_from_bytes(message.as_bytes(), policy=SMTP)
    assert [each.addr_spec for each in sent["To"].addresses] == ["kim@example.org"]
    assert list(sent.keys()) == ["To"]


def test_mail_shows_names():
    """Control: at least half of the templates show what they were given."""
    shown = 0
    for template in TEMPLATES:
        message = messages.compose(
            "key",
            messages.address("Kim", "kim@example.org"),
            template,
            given(template, "Quite a name"),
        )
        shown += "Quite a name" in message.get_body(("html",)).get_content()
    assert shown * 2 >= len(TEMPLATES)
