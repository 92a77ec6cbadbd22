import asyncio

from tests.factories import a_person

from marketplace import settings
from marketplace.accounts import operations, sessions
from marketplace.accounts.middleware import SessionMiddleware, cookie_name, session_cookie
from marketplace.organisations.queries import actor_of_session
from marketplace.permissions import ANONYMOUS


class Loader:
    """Loads actors as the app does, and counts how often it was asked."""

    def __init__(self):
        self.asked = 0

    async def __call__(self, token_hash):
        self.asked += 1
        return await actor_of_session(token_hash)


class Inner:
    """The app behind the middleware: keeps whom it was told of, and may be held up."""

    def __init__(self):
        self.actor = None
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def __call__(self, scope, receive, send):
        self.actor = scope["actor"]
        self.entered.set()
        await self.go_on.wait()


def request_of(path="/", token=None):
    headers = [(b"cookie", f"{cookie_name()}={token}".encode())] if token else []
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "state": {},
        "client": ("192.0.2.1", 1),
        "server": ("marketplace.test", 443),
        "scheme": "https",
    }


async def nothing(*_):
    raise AssertionError("the middleware neither reads nor answers itself")


async def pass_through(token=None, path="/"):
    loader, inner = Loader(), Inner()
    await SessionMiddleware(inner, loader)(request_of(path, token), nothing, nothing)
    return inner.actor, loader.asked


async def test_without_a_cookie_nobody_is_there_and_nothing_is_asked(db):
    assert await pass_through() == (ANONYMOUS, 0)


async def test_with_a_cookie_the_person_is_there(db):
    person = await a_person()
    token = await operations.start_session(person.id, device="")
    actor, _ = await pass_through(token)
    assert actor.person_id == person.id


async def test_a_cookie_of_another_shape_asks_nothing(db):
    for token in ("short", "x" * 44, "x" * 42 + "%", "x" * 5000):
        assert await pass_through(token) == (ANONYMOUS, 0)


async def test_a_token_nobody_has_is_nobody(db):
    assert await pass_through("x" * 43) == (ANONYMOUS, 1)


async def test_static_files_ask_nothing(db):
    token = await operations.start_session((await a_person()).id, device="")
    for path in ("/static/app.css", "/healthz", "/brand.css"):
        assert await pass_through(token, path) == (ANONYMOUS, 0)


async def test_a_session_ended_during_a_request_stays_ended(db):
    person = await a_person()
    token = await operations.start_session(person.id, device="")
    actor = await actor_of_session(sessions.hash_of(token))
    inner = Inner()
    inner.go_on.clear()
    middleware = SessionMiddleware(inner, actor_of_session)
    under_way = asyncio.create_task(middleware(request_of("/", token), nothing, nothing))
    await inner.entered.wait()
    await operations.sign_out(actor)
    inner.go_on.set()
    await under_way
    assert await db.fetch_value("SELECT count(*) FROM session") == 0
    assert await pass_through(token) == (ANONYMOUS, 1)


async def test_touching_an_ended_session_does_not_bring_it_back(db):
    person = await a_person()
    token = await operations.start_session(person.id, device="")
    await db.execute("DELETE FROM session")
    await sessions.touch(sessions.hash_of(token))
    assert await db.fetch_value("SELECT count(*) FROM session") == 0


async def test_a_database_that_does_not_answer_is_said_in_a_sentence(db):
    sent = []

    async def unreachable(token_hash):
        raise ConnectionError

    async def send(message):
        sent.append(message)

    middleware = SessionMiddleware(Inner(), unreachable)
    await middleware(request_of("/", "x" * 43), nothing, send)
    assert sent[0]["status"] == 503
    assert b"cannot reach our own records" in sent[1]["body"]


def test_the_cookie_is_for_this_host_only_on_https():
    before = settings.current()
    try:
        settings.amend(base_url="https://marketplace.test")
        safe = session_cookie("t")
        settings.amend(base_url="http://127.0.0.1:8000")
        plain = session_cookie("t")
    finally:
        settings.use(before)
    assert (safe.key, safe.secure) == ("__Host-session", True)
    assert (plain.key, plain.secure) == ("session", False)
    for cookie in (safe, plain):
        assert (cookie.httponly, cookie.samesite, cookie.path, cookie.domain) == (
            True,
            "lax",
            "/",
            None,
        )
