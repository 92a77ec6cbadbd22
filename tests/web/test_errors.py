"""What went wrong is one status, one sentence and a way on, and never says how we are built."""

from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar, get, post
from litestar.exceptions import ClientException, HTTPException, NotAuthorizedException
from litestar.params import FromPath
from tests.browser import BASE
from tests.hostile.reading import Reader, wrong

from marketplace import settings
from marketplace.db import DatabaseBusy, Replayed
from marketplace.errors import (
    BadInput,
    Conflict,
    IllegalMove,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooMany,
)
from marketplace.signing import LinkBroken, LinkExpired
from marketplace.web.errors import HANDLERS
from marketplace.web.gate import Gate

SENTENCE = "The kettle <b>is</b> empty."

RAISED: dict[str, tuple[Exception, int]] = {
    "not found": (NotFound(SENTENCE), 404),
    "not allowed": (NotAllowed(SENTENCE), 403),
    "a conflict": (Conflict(SENTENCE), 409),
    "an illegal move": (IllegalMove(SENTENCE), 409),
    "bad input": (BadInput(SENTENCE), 400),
    "too many": (TooMany(SENTENCE, retry_after=7), 429),
    "an expired link": (LinkExpired(SENTENCE), 410),
    "a broken link": (LinkBroken(SENTENCE), 404),
}
# The status, and words that the page must say in place of the exception's own.
HIDDEN: dict[str, tuple[Exception, int]] = {
    "a busy database": (DatabaseBusy(), 503),
    "a crash": (RuntimeError("secret"), 500),
    "a deep recursion": (RecursionError("secret"), 500),
    "a key": (KeyError("secret"), 500),
    "a refused value": (asyncpg.DataError("secret"), 400),
    "a NUL": (asyncpg.CharacterNotInRepertoireError("secret"), 400),
    "a surrogate": (UnicodeEncodeError("utf-8", "secret", 0, 1, "secret"), 400),
    "a database that is down": (asyncpg.CannotConnectNowError("secret"), 503),
    "a connection that is gone": (ConnectionResetError("secret"), 503),
    "a database that is slow": (TimeoutError("secret"), 503),
    "a constraint": (asyncpg.UniqueViolationError("secret"), 500),
    "Litestar's own": (ClientException("secret"), 400),
    "Litestar's 401": (NotAuthorizedException("secret"), 401),
    "a teapot": (HTTPException("secret", status_code=418), 418),
    "a gateway": (HTTPException("secret", status_code=502), 502),
}


@get("/raise/{what:str}", opt={"public": True})
async def throw(what: FromPath[str]) -> None:
    raise {**RAISED, **HIDDEN, **ELSEWHERE}[what][0]


@post("/raise/{what:str}", opt={"public": True})
async def throw_at_form(what: FromPath[str]) -> None:
    raise {**RAISED, **HIDDEN, **ELSEWHERE}[what][0]


ELSEWHERE: dict[str, tuple[Exception, str]] = {
    "sign in": (SignInRequired(), "/sign-in?next=/raise/sign%20in%3Fa%3D1%26b%3D2"),
    "a replay": (Replayed("/made/7"), "/made/7"),
}


@pytest.fixture(scope="module")
def thrower(app: Any) -> Any:
    small = Litestar(
        [throw, throw_at_form],
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    small.asgi_handler = Gate(small.asgi_handler)
    return small


async def ask(thrower: Any, what: str, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(thrower, raise_app_exceptions=False)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        return await client.request(method, f"/raise/{what}?a=1&b=2", headers=named)


@pytest.mark.parametrize("what", RAISED)
async def test_a_broken_rule_is_said_as_it_stands(thrower: Any, what: str):
    answer = await ask(thrower, what)
    assert answer.status_code == RAISED[what][1]
    assert "The kettle &lt;b&gt;is&lt;/b&gt; empty." in answer.text
    assert [tag for tag, _ in Reader(answer.text).elements].count("h1") == 1
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("what", HIDDEN)
async def test_what_nobody_foresaw_says_nothing_of_ourselves(thrower: Any, what: str):
    for method in ("GET", "POST"):
        answer = await ask(thrower, what, method)
        assert answer.status_code == HIDDEN[what][1]
        assert "secret" not in answer.text and "Error" not in answer.text
        assert not wrong(answer) or answer.status_code >= 500
        assert "<h1" in answer.text and '<p class="govuk-body' in answer.text
        assert "Traceback" not in answer.text and "secret" not in str(answer.headers)


async def test_too_many_says_when(thrower: Any):
    assert (await ask(thrower, "too many")).headers["retry-after"] == "7"


@pytest.mark.parametrize("what", ELSEWHERE)
async def test_some_lead_elsewhere(thrower: Any, what: str):
    answer = await ask(thrower, what)
    assert (answer.status_code, answer.headers["location"]) == (303, ELSEWHERE[what][1])


@pytest.mark.parametrize(
    ("referer", "onward"),
    [
        ("https://marketplace.test/shifts/7/booking?a=1", "/shifts/7/booking%3Fa%3D1"),
        ("https://evil.example/shifts/7/booking", "/"),
        ("https://marketplace.test@evil.example/x", "/"),
        ("https://[", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
async def test_who_sent_a_form_signed_out_comes_back_to_its_page(
    thrower: Any, referer: str, onward: str
):
    answer = await ask(thrower, "sign in", "POST", referer=referer)
    assert answer.headers["location"] == f"/sign-in?next={onward}"


async def test_a_part_that_fails_replaces_the_main_column(thrower: Any):
    answer = await ask(thrower, "a conflict", hx_request="true", hx_request_type="partial")
    assert answer.headers["hx-retarget"] == "#main" and '<main class="page__main"' in answer.text


async def test_an_error_page_that_cannot_be_made_is_still_an_answer(
    thrower: Any, monkeypatch: pytest.MonkeyPatch
):
    """The brand's settings are wrong, say: nothing is left but the server's own words."""
    monkeypatch.setattr("marketplace.web.errors.render", lambda *a, **k: 1 / 0)
    answer = await ask(thrower, "a crash")
    assert answer.status_code == 500 and "ZeroDivision" not in answer.text


async def test_these_tests_would_notice_a_page_that_tells(thrower: Any):
    assert settings.current().base_url == BASE
    assert wrong(httpx.Response(400, text="<h1>x</h1>")) == "is a 400 without a sentence"
    assert wrong(httpx.Response(500, text="")) == "is a 500"
    assert wrong(httpx.Response(303, headers={"location": "//evil.example"}))
    assert wrong(httpx.Response(303, headers={"location": "/\\evil.example"}))
    assert not wrong(httpx.Response(303, headers={"location": "/a?b=c%20d"}))
