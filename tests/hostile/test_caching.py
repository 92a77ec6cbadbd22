"""Nothing about a person is kept by a cache; every cookie is ours alone."""

from __future__ import annotations

import httpx
from tests.hostile.fixtures import Ground
from tests.hostile.reading import Reader

# The same for everybody, and nothing of a person in it.
KEPT = ("/static/", "/brand.css", "/files/", "/open-data/")
# Kept by the one program that holds the address, and asked for again each time.
REVALIDATED = ("/calendars/",)
# Read by scripts? None is.
COOKIES = {
    "__Host-session",
    "__Host-seed",
    "__Host-joining",
    "__Host-application",
    "notice",
    "where",
}


def faults_of(answer: httpx.Response, address: str) -> list[str]:
    """Say what is wrong with how an answer may be kept, and with its cookies."""
    found = []
    if "no-store" not in answer.headers.get("cache-control", ""):
        revalidated = answer.headers.get("cache-control") == "private, no-cache"
        if not address.startswith(KEPT) and not (revalidated and address.startswith(REVALIDATED)):
            found.append(f"{address} may be kept: {answer.headers.get('cache-control')!r}")
        elif "set-cookie" in answer.headers:
            found.append(f"{address} may be kept and sets a cookie")
    for cookie in answer.headers.get_list("set-cookie"):
        name, *flags = cookie.split(";")
        name, has = name.split("=")[0], {flag.strip().lower() for flag in flags}
        wanted = {"secure", "httponly", "samesite=lax", "path=/"}
        if name not in COOKIES or not wanted <= has or any(f.startswith("domain") for f in has):
            found.append(f"{address} sets {cookie[:80]!r}")
    return found


async def test_no_page_may_be_kept_and_every_cookie_is_guarded(ground: Ground):
    faults: list[str] = []
    seen = set()
    for who in ("nobody", "owner", "administrator", "moderator", "volunteer"):
        browser = await ground.browser(who)
        for address in [*ground.addresses, "/nowhere", "/static/app.css", "/static/none.css"]:
            answer = await browser.client.get(address, headers={"x-csrf-token": "none"})
            faults += faults_of(answer, address)
            seen |= {c.split("=")[0] for c in answer.headers.get_list("set-cookie")}
            if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
                page = Reader(answer.text)
                for form in page.posts(address).values():
                    if "_csrf" not in form.fields or "_key" not in form.fields:
                        faults.append(f"{address} has a form to {form.action} without token or key")
                for form in page.forms:
                    if form.action.startswith(("http:", "https:", "//")):
                        faults.append(f"{address} sends a form to {form.action}")
                    if form.method == "get" and "_csrf" in form.fields:
                        faults.append(f"{address} puts a token into the address")
    assert not faults, "\n".join(sorted(set(faults)))
    assert "__Host-seed" in seen


async def test_what_signing_in_and_out_sets_is_guarded(ground: Ground):
    browser = await ground.browser("nobody")
    page = await browser.client.get("/sign-up")
    fields = {f.name: f.value for f in Reader(page.text).posts()["/sign-up"].fields.values()}
    answer = await browser.client.post(
        "/sign-up",
        data=fields
        | {"name": "Jo", "email": "jo@example.org", "password": "violin harbour cactus"},
    )
    assert faults_of(answer, "/sign-up") == []
    names = {cookie.split("=")[0] for cookie in answer.headers.get_list("set-cookie")}
    assert {"__Host-joining", "notice"} <= names
    page = await browser.client.get("/search", params={"near": "CM1"})
    assert "where=" in str(page.headers) and faults_of(page, "/search") == []
    out = await ground.browser("volunteer")
    form = Reader((await out.client.get("/account")).text).posts()["/sign-out"]
    gone = await out.client.post("/sign-out", data={f.name: f.value for f in form.fields.values()})
    assert faults_of(gone, "/sign-out") == []
    ended = [c for c in gone.headers.get_list("set-cookie") if c.startswith("__Host-session")]
    assert len(ended) == 1 and "max-age=0" in ended[0].lower()


def test_this_test_would_notice():
    assert faults_of(httpx.Response(200), "/account")
    bare = httpx.Response(200, headers={"cache-control": "no-store", "set-cookie": "notice=1"})
    assert faults_of(bare, "/")
