"""Logs: one JSON line with the request id, and nothing personal in it."""

import io
import json
import logging
from typing import Any

import pytest
import structlog
from tests.browser import Browser
from tests.factories import a_person

from marketplace import logs
from marketplace.web import gate


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give what has been logged since, parsed; other tests' settings come back afterwards."""
    before = structlog.get_config()
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure("info")
    # A logger keeps the settings of its first use.
    monkeypatch.setattr(gate, "_log", logs.get("marketplace.access"))
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.configure(**before)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def test_an_error_is_logged_without_its_text(lines: Any):
    try:
        raise ValueError("Key (email)=(ada@example.org) already exists")
    except ValueError as error:
        logs.get("test").error("unhandled", exc_info=error)
    (line,) = lines()
    assert line["error"] == "ValueError" and "test_logs.py" in line["trace"][-1]
    assert "ada" not in json.dumps(line)


def test_the_logs_of_libraries_lose_their_text_too(lines: Any):
    try:
        raise ValueError("ada@example.org")
    except ValueError:
        logging.getLogger("somebody.else").exception("failed")
    (line,) = lines()
    assert line["event"] == "failed" and "ada" not in json.dumps(line)


async def test_a_constraint_is_named_and_its_row_is_not(lines: Any, db: Any):
    await a_person(email="ada@example.org")
    try:
        await a_person(email="ada@example.org")
    except Exception as error:
        logs.get("test").error("unhandled", exc_info=error)
    (line,) = lines()
    assert line["constraint_name"] == "person_email_unique" and line["sqlstate"] == "23505"
    assert "ada" not in json.dumps(line)


async def test_a_request_is_one_line_with_its_id_and_its_pattern(lines: Any, browser: Browser):
    page = await browser.get("/confirm-email/a-secret-token?next=/private")
    line = next(line for line in lines() if line["event"] == "request")
    assert line["request_id"] == page.response.headers["x-request-id"]
    assert line["route"] == "/confirm-email/{token}"
    assert "secret" not in json.dumps(line) and "private" not in json.dumps(line)
