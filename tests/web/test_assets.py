"""Static files: compressed once as the browser likes, told apart by caches, kept for ever."""

import gzip

import brotli
import pytest
from tests.browser import Browser

from marketplace import paths
from marketplace.web import assets, render

CSS = "/static/site.css"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
async def test_a_file_comes_in_the_coding_that_is_accepted(browser: Browser, accepted, coding):
    request = browser.client.build_request("GET", CSS, headers={"accept-encoding": accepted})
    answer = await browser.client.send(request, stream=True)
    body = b"".join([part async for part in answer.aiter_raw()])
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert unpack(body) == (paths.static() / "site.css").read_bytes()
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_what_a_browser_has_is_not_sent_again(browser: Browser):
    first = await browser.client.get(CSS)
    again = await browser.client.get(CSS, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = {"if-none-match": first.headers["etag"], "accept-encoding": "gzip"}
    assert (await browser.client.get(CSS, headers=other)).status_code == 200


@pytest.mark.parametrize("name", ["none.css", "", "icons", "../pyproject.toml", "vendor/"])
async def test_what_is_no_file_is_not_found(browser: Browser, name):
    assert (await browser.client.get(f"/static/{name}")).status_code == 404


def test_everything_is_read_and_compiled_before_anybody_asks():
    assets.prepare()
    render.compile_all()
    assert assets.body.cache_info().currsize >= 6
    compiled = render.environment().cache
    assert compiled is not None and len(compiled) > 100
