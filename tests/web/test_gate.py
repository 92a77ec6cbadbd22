"""What stands before every request: host, headers, HEAD, and addresses nobody wrote."""

import pytest
from tests.browser import Browser

PAGES = ["/", "/search", "/things", "/funds", "/offer", "/about", "/accessibility", "/privacy"]


@pytest.mark.parametrize("path", PAGES)
async def test_public_pages_open(browser: Browser, path: str):
    page = await browser.get(path)
    assert page.status == 200 and len(page.all("h1")) == 1


@pytest.mark.parametrize(
    "host", ["evil.example", "marketplace.test.evil.example", "", "[::1", "a b"]
)
async def test_a_foreign_host_gets_nothing(browser: Browser, host: str):
    response = await browser.client.get("/", headers={"host": host})
    assert response.status_code == 400 and "cookie" not in str(response.headers).lower()


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/app.css", "/healthz"])
async def test_every_answer_carries_the_safe_headers(browser: Browser, path: str):
    headers = (await browser.get(path)).response.headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert headers["x-request-id"]


async def test_pages_are_not_stored_and_static_files_are(browser: Browser):
    assert (await browser.get("/")).response.headers["cache-control"] == "no-store"
    static = (await browser.get("/static/app.css")).response.headers
    assert "immutable" in static["cache-control"]


async def test_head_is_get_without_a_body(browser: Browser):
    response = await browser.client.head("/")
    assert (response.status_code, response.content) == (200, b"")


async def test_an_unknown_address_leads_on(browser: Browser):
    page = await browser.get("/no/such/page")
    assert page.status == 404
    assert any(link == "/" for link in page.links())


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pyproject.toml",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e/app.py",
        "/static/app.css%00.html",
    ],
)
async def test_static_files_stay_in_their_folder(browser: Browser, path: str):
    page = await browser.get(path)
    assert page.status in {400, 404} and "[project]" not in page.text


@pytest.mark.parametrize(
    "query",
    [
        "q=%ff",
        "q=%ed%a0%80",
        "page=abc",
        "page=-1",
        "page=99999999999",
        "within=1e9",
        "q=" + "a" * 5000,
        "near=" + "x" * 500,
        "&".join(f"a{i}=1" for i in range(2000)),
    ],
)
@pytest.mark.parametrize(
    "path", ["/", "/search", "/opportunities", "/things", "/funds", "/organisations"]
)
async def test_hostile_addresses_get_a_sentence(browser: Browser, path: str, query: str):
    page = await browser.get(f"{path}?{query}")
    assert page.status == 400 and page.all("h1")


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%F0%9F%8C%B1", "q=%27%22%3Cscript%3E", "kind=nonsense"]
)
async def test_odd_but_readable_addresses_never_crash(browser: Browser, query: str):
    page = await browser.get(f"/search?{query}")
    assert page.status in {200, 400} and "<script>" not in page.text


async def test_a_page_has_no_inline_script_or_style(browser: Browser):
    page = await browser.get("/")
    assert all(script.get("src") for script in page.all("script"))
    assert not page.all("style")
    assert not [e for e in page.tree.iter() if e.get("style") or e.get("onclick")]


async def test_nothing_on_a_page_comes_from_another_site(browser: Browser):
    page = await browser.get("/")
    sources = [e.get("src") or e.get("href") for e in page.tree.iter() if e.get("src")]
    sources += [e.get("href") for e in page.all("link")]
    assert sources and all(source.startswith(("/", "data:")) for source in sources)


async def test_the_first_view_is_five_requests_and_sixty_kilobytes(browser: Browser):
    page = await browser.get("/", accept_encoding="br")
    needed = {e.get("src") for e in page.all("script")} | {
        e.get("href") for e in page.all("link") if e.get("rel") == "stylesheet"
    }
    sizes = [int(page.response.headers.get("content-length", 0))]
    for address in needed:
        answer = await browser.get(address, accept_encoding="br")
        sizes.append(int(answer.response.headers["content-length"]))
    assert 1 + len(needed) <= 5 and sum(sizes) <= 60_000, (needed, sizes)
