"""Bodies nobody's browser sends: a 4xx with a sentence, and the good twin of each is read."""

import gzip
import re
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.browser import Browser
from tests.factories import a_person
from tests.hostile.reading import wrong

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
ACTION = "/account/profile"


@pytest_asyncio.fixture
async def ann(browser: Browser, db: Any) -> Browser:
    """Somebody signed in, whose token is sent as a header, so that only the body is wrong."""
    await browser.sign_in_as((await a_person(name="Ann")).id)
    page = await browser.get("/account/profile")
    found = re.search(r'X-CSRF-Token": "(\w+)"', page.text)
    assert found
    browser.client.headers["x-csrf-token"] = found[1]
    return browser


async def send(
    browser: Browser, content: Any, kind: str | bytes | None, **headers: str
) -> httpx.Response:
    sent: list[tuple[bytes, bytes]] = [
        (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
    ]
    if kind is not None:
        sent.append((b"content-type", kind if isinstance(kind, bytes) else kind.encode()))
    return await browser.client.post(ACTION, content=content, headers=sent)


def part(value: bytes, disposition: bytes = b'form-data; name="name"', more: bytes = b"") -> bytes:
    return (
        b"--b\r\nContent-Disposition: " + disposition + b"\r\n" + more + b"\r\n" + value + b"\r\n"
    )


GOOD = {
    "a form": (b"name=Ann", FORM),
    "with a charset": (b"name=Ann+%C3%A9", FORM + "; charset=UTF-8"),
    "multipart": (part(b"Ann") + b"--b--\r\n", MULTIPART),
    "multipart with a charset": (
        part("Zoë".encode(), more=b"Content-Type: text/plain; charset=utf-8\r\n") + b"--b--\r\n",
        MULTIPART,
    ),
    "multipart with a file beside": (
        part(b"Ann")
        + part(b"\x00\xff", b'form-data; name="photo"; filename="a.png"')
        + b"--b--\r\n",
        MULTIPART,
    ),
    "1,000 fields": (b"name=Ann" + b"&x=1" * 999, FORM),
    "just under a megabyte": (b"name=Ann&x=" + b"y" * 990_000, FORM),
}

BAD: dict[str, tuple[bytes, str | bytes | None]] = {
    "no content type": (b"name=Ann", None),
    "an empty content type": (b"name=Ann", ""),
    "text": (b"name=Ann", "text/plain"),
    "JSON": (b'{"name": "Ann"}', "application/json"),
    "deep JSON": (b"[" * 10_000 + b"]" * 10_000, "application/json"),
    "XML": (b"<name>Ann</name>", "application/xml"),
    "an unknown type": (b"name=Ann", "x" * 5_000),
    "a type in bytes": (b"name=Ann", b"\xff\xfe/\x80"),
    "an unknown charset": (b"name=Ann", FORM + "; charset=klingon"),
    "another charset": (b"name=Ann", FORM + "; charset=utf-16"),
    "bad percent-encoded UTF-8": (b"name=%ff%fe", FORM),
    "a lone surrogate": (b"name=%ed%a0%80", FORM),
    "raw bytes": (b"name=\xe9\xff", FORM),
    "gzip": (gzip.compress(b"name=Ann"), FORM),
    "1,001 fields": (b"name=Ann" + b"&x=1" * 1_001, FORM),
    "100,000 fields": (b"&a" * 100_000, FORM),
    "nothing as a form": (b"", FORM),
    "nothing as multipart": (b"", MULTIPART),
    "no boundary": (part(b"Ann") + b"--b--\r\n", "multipart/form-data"),
    "an empty boundary": (part(b"Ann") + b"--b--\r\n", "multipart/form-data; boundary="),
    "a boundary in bytes": (part(b"Ann") + b"--b--\r\n", b"multipart/form-data; boundary=\xff\x80"),
    "a long boundary": (part(b"Ann"), "multipart/form-data; boundary=" + "b" * 9_000),
    "another boundary": (part(b"Ann") + b"--b--\r\n", "multipart/form-data; boundary=c"),
    "cut off": (part(b"Ann")[:-9], MULTIPART),
    "cut off in a header": (b"--b\r\nContent-Dispo", MULTIPART),
    "an unknown charset for multipart": (part(b"Ann") + b"--b--\r\n", MULTIPART + "; charset=nope"),
    "an unknown charset in a part": (
        part(b"Ann", more=b"Content-Type: text/plain; charset=nope\r\n") + b"--b--\r\n",
        MULTIPART,
    ),
    "a codec that is no charset": (
        part(b"Ann", more=b"Content-Type: text/plain; charset=base64\r\n") + b"--b--\r\n",
        MULTIPART,
    ),
    "surrogates by charset": (
        part(b"\xd8\x00", more=b"Content-Type: text/plain; charset=utf-16-be\r\n") + b"--b--\r\n",
        MULTIPART,
    ),
    "surrogates by UTF-7": (
        part(b"+2AA-", more=b"Content-Type: text/plain; charset=utf-7\r\n") + b"--b--\r\n",
        MULTIPART,
    ),
    "no UTF-8 in a part": (part(b"\xff\xfe") + b"--b--\r\n", MULTIPART),
    "a part without a name": (part(b"Ann", b"form-data") + b"--b--\r\n", MULTIPART),
    "a part that is an attachment": (
        part(b"Ann", b'attachment; name="name"') + b"--b--\r\n",
        MULTIPART,
    ),
    "a part without a disposition": (b"--b\r\n\r\nAnn\r\n--b--\r\n", MULTIPART),
    "a part with a bad header": (b"--b\r\nno colon here\r\n\r\nAnn\r\n--b--\r\n", MULTIPART),
    "a part with an encoding": (
        part(b"QW5u", more=b"Content-Transfer-Encoding: base64\r\n") + b"--b--\r\n",
        MULTIPART,
    ),
    "a name in bytes": (part(b"Ann", b'form-data; name="\xff\xfe"') + b"--b--\r\n", MULTIPART),
    "a name by charset": (
        part(b"Ann", b"form-data; name*=klingon''n%E9me") + b"--b--\r\n",
        MULTIPART,
    ),
    "a file where text belongs": (
        part(b"Ann", b'form-data; name="name"; filename="a.txt"') + b"--b--\r\n",
        MULTIPART,
    ),
    "3,000 parts": (part(b"x", b'form-data; name="x"') * 3_000 + b"--b--\r\n", MULTIPART),
    "a header without end": (b"--b\r\nX-Long: " + b"x" * 200_000, MULTIPART),
    "multipart in multipart": (
        part(b"--c\r\n\r\nAnn\r\n--c--", more=b"Content-Type: multipart/mixed; boundary=c\r\n"),
        MULTIPART,
    ),
}
# What is merely odd, and read as a form that lacks something or has it: 303 or 4xx.
ODD = {
    "an unknown charset for multipart",
    "a part with an encoding",
    "a codec that is no charset",
    "surrogates by UTF-7",
    "a part that is an attachment",
}


@pytest.mark.parametrize("what", GOOD)
async def test_a_good_body_is_read(ann: Browser, what: str):
    answer = await send(ann, *GOOD[what])
    assert answer.status_code == 303, what


async def test_a_bad_body_gets_a_sentence(ann: Browser):
    faults = []
    for what, (content, kind) in BAD.items():
        answer = await send(ann, content, kind)
        fault = wrong(answer)
        if not fault and answer.status_code == 303 and what not in ODD:
            fault = "is accepted"
        if fault:
            faults.append(f"{what}: {fault}")
    assert not faults, "\n".join(faults)


async def test_a_bad_body_without_a_token_gets_a_sentence(ann: Browser):
    """Then it is read before any handler, to look for the token in it."""
    ann.client.headers.pop("x-csrf-token")
    faults = []
    for what, (content, kind) in BAD.items():
        answer = await send(ann, content, kind)
        if fault := wrong(answer) or (answer.status_code == 303 and "is accepted"):
            faults.append(f"{what}: {fault}")
    assert not faults, "\n".join(faults)


async def test_a_body_over_a_megabyte_is_too_large(ann: Browser):
    async def trickle():
        for _ in range(12):
            yield b"x" * 100_000

    for content, kind in (
        (b"name=" + b"x" * 1_000_001, FORM),
        (part(b"x" * 1_000_001) + b"--b--\r\n", MULTIPART),
        (trickle(), FORM),
        (trickle(), MULTIPART),
    ):
        answer = await send(ann, content, kind)
        assert (answer.status_code, wrong(answer)) == (413, "")


@pytest.mark.parametrize(
    "length", ["5", "0", "-1", "999999999999999999999", "abc", "", "8, 8", "1e3"]
)
async def test_a_content_length_that_lies_gets_an_answer(ann: Browser, length: str):
    # The server in front believes the header and cuts the body; here the app sees both.
    answer = await send(ann, b"name=Ann", FORM, content_length=length)
    assert not wrong(answer)


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "nonsense"])
async def test_a_compressed_body_is_not_unpacked(ann: Browser, encoding: str):
    bomb = gzip.compress(b"name=" + b"x" * 5_000_000)
    answer = await send(ann, bomb, FORM, content_encoding=encoding)
    assert answer.status_code == 400 and not wrong(answer)
