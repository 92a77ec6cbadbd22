"""Addresses, methods, cookies and headers that no page of ours leads to."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from tests import factories
from tests.browser import Browser
from tests.hostile.fixtures import Ground, names
from tests.hostile.reading import Reader, broken_out, wrong

from marketplace import signing

ROUTES = names()

BAD_PARTS = [
    "0",
    "-1",
    "none",
    "9" * 400,
    "00000000-0000-0000-0000-000000000000",
    "018f2f6e-0000-7000-8000-00000000000g",
    "urn:uuid:018f2f6e-0000-7000-8000-000000000000",
    "%00",
    "a%00b",
    "%ff%fe",
    "%ed%a0%80",
    "%zz",
    "%",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "..;",
    "%5c..%5c",
    "%0d%0aSet-Cookie:%20a=b",
    "%E2%80%AE",
    "%F0%9F%8C%B1",
    "%D9%A1%D9%A2",
    "'%20OR%201=1--",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "x" * 8_000,
    "a.b.c",
    "W10.aaaa.bbbb",
    "99999999999999999999999999",
]


async def test_bad_parts_of_addresses_are_not_found(ground: Ground):
    browsers = {who: await ground.browser(who) for who in ("owner", "administrator")}
    tokens = {who: token_of((await b.client.get("/about")).text) for who, b in browsers.items()}
    faults, seen = [], set()
    for name in ROUTES:
        method, path = name.split(" ", 1)
        if "{" not in path:
            continue
        # The last parameter is bad, those before it are real.
        head, _, tail = path.rpartition("{")
        kind = (method, tail.split("}")[0])
        parts = BAD_PARTS if kind not in seen else [*BAD_PARTS[:1], "a%00b", "%ff", str(uuid4())]
        seen.add(kind)
        who = "owner" if head.startswith("/manage") else "administrator"
        for bad in parts:
            address = ground.world.address(f"{method} {head}") + bad + tail.split("}", 1)[1]
            headers = {"x-csrf-token": tokens[who]}
            if method == "POST":
                headers |= {"content-type": "application/x-www-form-urlencoded"}
            answer = await browsers[who].client.request(method, address, headers=headers)
            # The gate's own refusal has no page.
            fault = wrong(answer) if answer.status_code != 400 else ""
            if answer.status_code in {200, 303}:
                fault = f"is accepted: {answer.status_code}"
            if fault or broken_out(answer.text):
                faults.append(f"{name} with {bad[:40]}: {fault}")
    assert not faults, "\n".join(faults)


def token_of(text: str) -> str:
    found = re.search(r'X-CSRF-Token": "(\w+)"', text)
    assert found
    return found[1]


async def test_nothing_of_others_is_reached_through_ones_own(ground: Ground):
    """An id of another organisation behind one's own organisation's id."""
    owner = await ground.browser("owner")
    here = ground.world.ids["organisation_id"]
    elsewhere = await factories.an_organisation(name="Far Away")
    stranger = elsewhere.owner.id
    invitation = uuid4()
    await ground.db.execute(
        "INSERT INTO invitation (id, organisation_id, email, role, state, invited_by, expires_at)"
        " VALUES ({}, {}, 'far@example.org', 'member', 'open', {}, now() + interval '1 day')",
        invitation,
        elsewhere.id,
        stranger,
    )
    token = token_of((await owner.client.get("/about")).text)
    for method, address in (
        ("GET", f"/manage/{here}/people/{stranger}"),
        ("POST", f"/manage/{here}/people/{stranger}/role"),
        ("POST", f"/manage/{here}/people/{stranger}/removal"),
        ("POST", f"/manage/{here}/invitations/{invitation}/resend"),
        ("POST", f"/manage/{here}/invitations/{invitation}/withdrawal"),
        ("POST", f"/account/sessions/{ground.world.ids['session_id']}/revocation"),
    ):
        answer = await owner.client.request(
            method, address, data={"role": "owner", "_csrf": token} if method == "POST" else None
        )
        assert answer.status_code == 404, address
        assert "Far Away" not in answer.text and "far@" not in answer.text
    marked = await owner.client.post(
        f"/manage/shifts/{ground.world.ids['past']}/attendance",
        data={"mark": "attended", "booking": str(ground.foreign["booking"]), "_csrf": token},
    )
    assert 400 <= marked.status_code < 500
    states = await ground.db.fetch(
        "SELECT state FROM booking WHERE id = {}", ground.foreign["booking"]
    )
    assert states == [{"state": "confirmed"}]


SHAPES = [
    "{}/",
    "{}//",
    "/{}",
    "{}/..",
    "{}/../..",
    "{}/..;/",
    "{};a=b",
    "{}/.",
    "{}%2f",
    "{}%00",
    "{}%20",
    "{}/%2e%2e/%2e%2e/etc/passwd",
    "{}.json",
    "{}~",
    "{}?" + "a" * 9_000,
    "{}?%",
    "{}?a=%ff",
    "{}?%00=%00",
    "{}#x",
    "http://evil.example{}",
]


async def test_bent_addresses_are_pages_or_sentences(browser: Browser, ground: Ground):
    browser = await ground.browser("owner")
    faults = []
    for path in (
        "/",
        "/sign-in",
        "/opportunities",
        "/manage",
        "/static",
        "/static/app.css",
        "/healthz",
    ):
        for shape in SHAPES:
            address = shape.format(path)
            if address.startswith("http:"):
                continue
            answer = await raw(browser, address)
            if answer.status_code >= 500:
                faults.append(f"{address[:80]} is a {answer.status_code}")
            if "root:x" in answer.text or "[project]" in answer.text:
                faults.append(f"{address[:80]} shows a file")
            location = answer.headers.get("location", "/")
            if not re.match(r"/(?![/\\])", location):
                faults.append(f"{address[:80]} leads to {location}")
    assert not faults, "\n".join(faults)


async def raw(browser: Browser, target: str, method: str = "GET") -> httpx.Response:
    """Ask for an address exactly as written; clients tidy what servers must stand."""
    path, _, query = target.split("#")[0].partition("?")
    got: dict[str, Any] = {"body": b""}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            got.update(status=message["status"], headers=message.get("headers", []))
        else:
            got["body"] += message.get("body", b"")

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    await browser.client._transport.app(  # type: ignore[attr-defined]
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            # As servers decode it.
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"marketplace.test")],
            "client": ("10.0.0.1", 1),
            "server": ("marketplace.test", 443),
            "state": {},
        },
        receive,
        send,
    )
    return httpx.Response(got["status"], headers=got["headers"], content=got["body"])


async def test_other_methods_are_refused_everywhere(ground: Ground):
    browser = await ground.browser("owner")
    faults = []
    for path in sorted({name.split(" ", 1)[1] for name in ROUTES}):
        address = ground.world.address(f"GET {path}")
        for method in (
            "TRACE",
            "PUT",
            "PATCH",
            "DELETE",
            "BREW",
            "CONNECT",
            "get",
            "A" * 3_000,
            "OPTIONS",
        ):
            answer = await raw(browser, address, method)
            fine = {204, 400, 403, 404, 405} if method == "OPTIONS" else set(range(400, 500))
            if answer.status_code not in fine:
                faults.append(f"{method[:9]} {path} is a {answer.status_code}")
    assert not faults, "\n".join(faults)


COOKIES = {
    "garbage": b"__Host-session=garbage",
    "a made-up session": b"__Host-session=" + b"a" * 43,
    "not ASCII": "__Host-session=é🌱; notice=é".encode(),
    "bytes": b"__Host-session=\xff\xfe\x80; \xff=\xfe",
    "NUL": b"__Host-session=a\x00b; notice=\x00",
    "huge": b"__Host-session=" + b"x" * 60_000,
    "hundreds": b"; ".join(b"c%d=%d" % (number, number) for number in range(900)),
    "hundreds of sessions": b"; ".join([b"__Host-session=x"] * 500),
    "no names": b"=;=;;;==; ;",
    "quotes": b'__Host-session="a;b\\"; notice="\\777"; where="\\x00',
    "a forged notice": b"notice=Ijxzb21ldGhpbmc-Ig.abcdef",
    "a notice of markup": b"notice=<script>alert(1)</script>",
    "a place of markup": b"where=<script>alert(1)</script>",
    "a place nobody knows": "where=%00\u202e".encode(),
    "a seed of markup": b"__Host-seed=<script>alert(1)</script>",
    "attributes": b"$Version=1; __Host-session=x; $Path=/; Secure; HttpOnly",
}


@pytest.mark.parametrize("what", COOKIES)
async def test_bad_cookies_are_nobodys(browser: Browser, what: str):
    for path in ("/", "/opportunities", "/sign-in", "/account", "/healthz", "/static/app.css"):
        answer = await browser.client.get(path, headers=[(b"cookie", COOKIES[what])])
        assert answer.status_code == (303 if path == "/account" else 200), path
        assert not broken_out(answer.text)
        assert "Sign out" not in answer.text


async def test_every_page_answers_htmx_with_a_page_or_a_part(ground: Ground):
    faults = []
    for who in ("owner", "administrator"):
        browser = await ground.browser(who)
        for address in ground.addresses:
            for kind in ("partial", "full", "\xff", "x" * 500):
                answer = await browser.client.get(
                    address,
                    headers=[
                        (b"hx-request", b"true"),
                        (b"hx-request-type", kind.encode("latin-1")),
                        (b"hx-target", b"<script>alert(1)</script>"),
                        (b"hx-source", b"\xff"),
                        (b"hx-current-url", b"https://["),
                    ],
                )
                if answer.status_code >= 500 or broken_out(answer.text):
                    faults.append(f"{address} is a {answer.status_code} for {kind[:9]!r}")
                if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
                    vary = answer.headers.get("vary", "").lower()
                    if "/html" not in address and not {"cookie", "hx-request-type"} <= set(
                        vary.replace(" ", "").split(",")
                    ):
                        faults.append(f"{address} varies by {vary!r}")
                if kind != "partial":
                    break
    assert not faults, "\n".join(faults)


HEADERS: list[list[tuple[bytes, bytes]]] = [
    [(b"range", b"bytes=0-0")],
    [(b"range", b"bytes=-1,5-2,999999999999999-")],
    [(b"range", b"\xff")],
    [(b"if-none-match", b"*")],
    [(b"if-none-match", b'"x"' * 2_000)],
    [(b"if-modified-since", b"Fri, 99 Feb 99999 99:99:99 GMT")],
    [(b"accept", b"\xff/*;q=x")],
    [(b"accept-encoding", b"br;q=NaN, \xff")],
    [(b"accept-language", b"x" * 9_000)],
    [(b"user-agent", b"")],
    [(b"user-agent", b"<script>alert(1)</script>" * 500)],
    [(b"referer", b"javascript:alert(1)")],
    [(b"referer", b"https://[")],
    [(b"x-forwarded-for", b"\xff, 1.2.3.4, ::g")],
    [(b"x-forwarded-host", b"evil.example"), (b"x-forwarded-proto", b"gopher")],
    [(b"forwarded", b"host=evil.example")],
    [(b"x-original-url", b"/admin/jobs"), (b"x-rewrite-url", b"/admin/jobs")],
    [(b"authorization", b"Basic \xff")],
    [(b"content-type", b"\xff")],
    [(b"content-length", b"-5")],
    [(b"transfer-encoding", b"chunked, gzip")],
    [(b"expect", b"nonsense")],
    [(b"x" * 5_000, b"y" * 5_000)],
    [(b"cookie", b"a=b"), (b"cookie", b"c=d")],
]


async def test_odd_headers_change_nothing(browser: Browser):
    for headers in HEADERS:
        for path in ("/", "/static/app.css", "/sign-in"):
            answer = await browser.client.get(path, headers=headers)
            assert answer.status_code in {200, 206, 304, 400, 416}, (headers[0][0][:40], path)
            assert "evil.example" not in answer.text and not broken_out(answer.text)


@pytest.mark.parametrize(
    ("host", "fine"),
    [
        (b"marketplace.test", True),
        (b"marketplace.test:443", True),
        (b"MARKETPLACE.TEST", True),
        (b"marketplace.test.", False),
        (b"marketplace.test:99999999", None),
        (b"marketplace.test@evil.example", False),
        (b"evil.example#marketplace.test", False),
        (b"evil.example?marketplace.test", False),
        (b"marketplace.test, evil.example", False),
        (b"marketplace.test/evil", None),
        (b"\xff", False),
        (b"a\x00b", False),
        (b"[::1]", False),
        (b"x" * 9_000, False),
    ],
)
async def test_the_host_is_ours_or_nothing(browser: Browser, host: bytes, fine: bool | None):
    answer = await browser.client.get("/", headers=[(b"host", host)])
    expected = {200, 400} if fine is None else {200} if fine else {400}
    assert answer.status_code in expected
    assert "evil" not in answer.text


async def test_two_hosts_are_no_host(browser: Browser):
    answer = await browser.client.get(
        "/", headers=[(b"host", b"marketplace.test"), (b"host", b"evil.example")]
    )
    assert "evil" not in answer.text and answer.status_code in {200, 400}


OFF_SITE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\r\nLocation: https://evil.example",
    "https://evil.example",
    "https:evil.example",
    "HTTPS://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "/\u2028/evil.example",
    "/\u2215evil.example",
    "／／evil.example",
    "/／evil.example",
    "/%0d%0aSet-Cookie:a=b",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/./\\evil.example",
    "/\x00/evil.example",
    "/\x7f/evil.example",
    "/\ud800"[:1] + "x" * 5_000,
    "/sign-in?next=//evil.example",
]


def leaves(location: str) -> bool:
    """Tell whether a browser at our site would go elsewhere; as the URL standard reads it."""
    tidy = re.sub(r"[\t\n\r]", "", location).strip("".join(map(chr, range(33)))).replace("\\", "/")
    parts = urlsplit(urljoin("https://marketplace.test/a/b", tidy))
    return parts.scheme != "https" or parts.netloc != "marketplace.test" or len(location) > 4_000


def test_the_judge_of_redirects_knows_them():
    assert leaves("//evil.example") and leaves("/\\evil.example") and leaves("/\t/evil.example")
    assert leaves("javascript:alert(1)") and leaves(" https://evil.example")
    assert not leaves("/account?a=//b") and not leaves("/")


@pytest.mark.parametrize("onward", OFF_SITE)
async def test_nobody_is_led_off_the_site(browsers: Any, db: Any, onward: str):
    person = await factories.a_person(email="kim@example.org")
    locations = []
    # Signing in, by the address and by the hidden field.
    for where, field in ((onward, None), (None, onward)):
        guest = browsers()
        page = await guest.client.get("/sign-in", params={"next": where} if where else {})
        assert page.status_code == 200
        form = Reader(page.text).posts("/sign-in")["/sign-in"]
        fields = {each.name: each.value for each in form.fields.values()}
        fields |= {"email": "kim@example.org", "password": factories.PASSWORD}
        fields |= {"next": field} if field else {}
        for link in re.findall(r'(?:href|action)="([^"]*)"', page.text):
            assert not leaves(link.replace("&amp;", "&")) or link.startswith("data:"), link
        answer = await guest.client.post("/sign-in", data=fields)
        assert answer.status_code == 303, answer.text
        locations.append(answer.headers["location"])
    # Somebody signed in already is led on at once.
    known = await browsers().sign_in_as(person.id)
    for path in ("/sign-in", "/sign-up"):
        locations.append(
            (await known.client.get(path, params={"next": onward})).headers["location"]
        )
    # Signing up keeps it until the address is confirmed.
    locations += await confirmed(browsers(), db, onward)
    assert not [each for each in locations if leaves(each)]


async def confirmed(guest: Browser, db: Any, onward: str) -> list[str]:
    """Join and confirm; gives where that led."""
    page = await guest.client.get("/sign-up")
    fields = {
        each.name: each.value for each in Reader(page.text).posts()["/sign-up"].fields.values()
    }
    fields |= {"name": "New", "email": "new@example.org", "password": "violin harbour cactus"}
    joined = await guest.client.post("/sign-up", data=fields | {"next": onward})
    assert joined.headers["location"] == "/sign-up/sent"
    person: UUID = await db.fetch_value("SELECT id FROM person WHERE email = 'new@example.org'")
    # Also where a row of the past holds what is refused today.
    await db.execute(
        "UPDATE person SET onward = {} WHERE id = {}", onward.replace("\0", ""), person
    )
    address = f"/confirm-email/{signing.sign('confirm-email', person, 1)}"
    page = await guest.client.get(address)
    fields = {
        each.name: each.value for each in Reader(page.text).posts(address)[address].fields.values()
    }
    done = [await guest.client.post(address, data=fields) for _ in (1, 2)]
    assert done[0].status_code == 303
    return [each.headers["location"] for each in done if each.status_code == 303]
