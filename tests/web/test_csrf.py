"""Forged requests are refused, each beside a good twin that is not."""

import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from tests.browser import Browser
from tests.factories import a_person
from tests.hostile.reading import wrong

ACTION = "/account/profile"
HERE = "https://marketplace.test"


def token_on(text: str) -> str:
    found = re.search(r'X-CSRF-Token": "(\w+)"', text)
    assert found
    return found[1]


async def send(
    browser: Browser,
    token: str | None,
    *,
    body: bytes | None = None,
    action: str = ACTION,
    headers: dict[str, str | bytes] | None = None,
) -> httpx.Response:
    if body is None:
        body = b"name=Ann" + (b"" if token is None else b"&_csrf=" + quote(token).encode())
    sent: list[tuple[bytes, bytes]] = [(b"content-type", b"application/x-www-form-urlencoded")]
    for name, value in (headers or {}).items():
        sent.append((name.encode(), value if isinstance(value, bytes) else value.encode()))
    return await browser.client.post(action, content=body, headers=sent)


@pytest_asyncio.fixture
async def ann(browser: Browser, db: Any) -> Browser:
    return await browser.sign_in_as((await a_person(name="Ann")).id)


@pytest_asyncio.fixture
async def token(ann: Browser) -> str:
    return token_on((await ann.get("/account")).text)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": HERE},
        {"origin": HERE, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"referer": "https://evil.example/"},
    ],
)
async def test_a_form_of_ours_is_accepted(ann: Browser, token: str, headers: dict[str, str]):
    assert (await send(ann, token, headers=headers)).status_code == 303


async def test_a_token_in_the_header_is_accepted(ann: Browser, token: str):
    assert (await send(ann, None, headers={"x-csrf-token": token})).status_code == 303


async def test_tokens_differ_from_page_to_page_and_all_are_good(ann: Browser, token: str):
    another = token_on((await ann.get("/account")).text)
    assert another != token
    assert [(await send(ann, each)).status_code for each in (token, another)] == [303, 303]


FOREIGN: list[dict[str, str | bytes]] = [
    {"origin": "https://evil.example"},
    {"origin": "https://marketplace.test.evil.example"},
    {"origin": "https://marketplace.test@evil.example"},
    {"origin": "https://evil.example@marketplace.test"},
    {"origin": "https://marketplace.test:444"},
    {"origin": "http://marketplace.test"},
    {"origin": "null"},
    {"origin": "file://"},
    {"origin": "https://["},
    {"origin": "https://[::1"},
    {"origin": "https://marketplace.test:99999999"},
    {"origin": b"https://\xff\xfe"},
    {"origin": "x" * 10_000},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "nonsense"},
    {"sec-fetch-site": b"\xff"},
    {"origin": HERE, "sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
]


async def test_a_form_of_another_site_is_refused_even_with_a_token(ann: Browser, token: str):
    for headers in FOREIGN:
        answer = await send(ann, token, headers=headers)
        assert (answer.status_code, wrong(answer)) == (403, ""), headers
    assert (await send(ann, token)).status_code == 303


BAD_TOKENS = {
    "missing": None,
    "empty": "",
    "short": "a" * 79,
    "long": "a" * 81,
    "made up": "a" * 80,
    "not ASCII": "é" * 80,
    "NUL": "\0" * 80,
    "emoji": "🌱" * 20,
    "huge": "a" * 100_000,
    "other letters": "Ａ" * 80,
}


@pytest.mark.parametrize("what", BAD_TOKENS)
async def test_a_bad_token_is_refused(ann: Browser, token: str, what: str):
    bad = BAD_TOKENS[what]
    answers = [await send(ann, bad)]
    if bad:
        answers.append(await send(ann, None, headers={"x-csrf-token": bad.encode()}))
    for answer in answers:
        assert answer.status_code in {400, 403} and not wrong(answer)
    assert (await send(ann, token)).status_code == 303


async def test_a_token_with_one_other_letter_is_refused(ann: Browser, token: str):
    for place in (0, 15, 16, 79):
        changed = token[:place] + ("0" if token[place] != "0" else "1") + token[place + 1 :]
        assert (await send(ann, changed)).status_code == 403


async def test_the_last_of_several_tokens_counts(ann: Browser, token: str):
    body = b"name=Ann&_csrf=bad&_csrf=" + token.encode()
    assert (await send(ann, None, body=body)).status_code == 303
    body = b"name=Ann&_csrf=" + token.encode() + b"&_csrf=bad"
    assert (await send(ann, None, body=body)).status_code == 403


async def test_a_token_of_somebody_else_is_refused(ann: Browser, browsers: Any):
    bo = browsers()
    await bo.sign_in_as((await a_person(name="Bo")).id)
    theirs = token_on((await bo.get("/account")).text)
    assert (await send(ann, theirs)).status_code == 403
    assert (await send(bo, theirs)).status_code == 303


async def test_a_token_of_the_same_browser_before_it_signed_in_is_refused(
    browser: Browser, db: Any
):
    early = token_on((await browser.get("/about")).text)
    await browser.sign_in_as((await a_person()).id)
    assert (await send(browser, early)).status_code == 403
    assert (await send(browser, token_on((await browser.get("/account")).text))).status_code == 303


async def test_a_token_after_signing_out_is_refused(ann: Browser, token: str):
    assert (await send(ann, token, action="/sign-out")).status_code == 303
    answer = await send(ann, token, action="/sign-up")
    assert answer.status_code == 403 and not wrong(answer)


@pytest.mark.parametrize("seed", [None, "", "x", "a" * 43, "é" * 43, "a" * 9_000])
async def test_a_token_without_its_seed_is_refused(ann: Browser, token: str, seed: str | None):
    session = ann.client.cookies["__Host-session"]
    cookies = f"__Host-session={session}" + ("" if seed is None else f"; __Host-seed={seed}")
    ann.client.cookies.clear()
    answer = await send(ann, token, headers={"cookie": cookies.encode()})
    assert answer.status_code == 403 and not wrong(answer)


async def test_a_refused_form_changes_nothing(ann: Browser, db: Any):
    await send(ann, None, body=b"name=Mallory")
    assert await db.fetch_value("SELECT count(*) FROM person WHERE name = 'Mallory'") == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW", "post"])
async def test_other_methods_are_no_way_round(ann: Browser, method: str):
    answer = await ann.client.request(method, ACTION, content=b"name=Mallory")
    assert 400 <= answer.status_code < 500
    assert "Mallory" not in (await ann.get("/account")).text


async def test_a_method_named_in_the_form_is_not_believed(ann: Browser):
    answer = await ann.client.get(
        ACTION,
        params={"_method": "POST", "name": "Mallory"},
        headers={"x-http-method-override": "POST"},
    )
    assert answer.status_code == 200
    assert "Mallory" not in (await ann.get("/account")).text
