"""Administrators see what the worker could not do, and what happened; nobody else does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from tests.browser import Browser
from tests.factories import APerson, a_person
from tests.mail.sink import eventually

from marketplace import audit, clock, db, job_queue
from marketplace.accounts.rules import Event as Account
from marketplace.audit import Reaction
from marketplace.permissions import SYSTEM, PlatformRole
from marketplace.worker import Pace, run
from marketplace.worker.registry import Registry


class Unruly:
    """A reaction that fails until it is told not to."""

    def __init__(self) -> None:
        self.failing = True
        self.done = 0

    async def run(self, entry: audit.Entry) -> None:
        if self.failing:
            raise RuntimeError("anna@example.org could not be reached")
        self.done += 1


@contextlib.asynccontextmanager
async def working(unruly: Unruly) -> AsyncIterator[None]:
    registry = Registry([Reaction(Account.SIGNED_UP, "greet Anna's group", unruly.run)], [])
    stop = asyncio.Event()
    pace = Pace(first_delay=0.01, longest_delay=0.01, attempts=1, poll=0.2)
    task = asyncio.create_task(run(stop, registry=registry, pace=pace))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)


async def happen(event: Account = Account.SIGNED_UP, subject: UUID | None = None) -> UUID:
    async with db.transaction():
        return await audit.record(
            event, "person", subject or UUID(int=7), by=SYSTEM, data={"version": 3}
        )


async def jobs(status: str) -> list[int]:
    rows = await db.fetch("SELECT id FROM pgqueuer WHERE status::text = {}", status)
    return [row["id"] for row in rows]


@pytest_asyncio.fixture
async def ada(db: Any) -> APerson:
    return await a_person(name="Ada", platform=(PlatformRole.ADMINISTRATOR,))


@pytest_asyncio.fixture
async def admin(browser: Browser, ada: APerson) -> Browser:
    return await browser.sign_in_as(ada.id)


@pytest_asyncio.fixture
async def held(db: Any) -> tuple[int, Unruly]:
    """A held job, and the reaction that failed in it."""
    unruly = Unruly()
    async with working(unruly):
        await happen()
        [id] = await eventually(lambda: jobs("failed"))
    return id, unruly


async def test_a_held_job_is_shown_without_personal_data(
    admin: Browser, held: tuple[int, Unruly]
) -> None:
    page = await admin.get("/admin/jobs")
    assert page.status == 200
    words = page.words()
    assert "greet Anna's group" in words and "account.signed_up" in words
    assert "RuntimeError in worker/jobs.py" in words
    assert "anna@example.org" not in page.text
    assert "Nobody is working" in words


async def test_a_held_job_that_is_tried_again_is_done(
    admin: Browser, held: tuple[int, Unruly]
) -> None:
    id, unruly = held
    unruly.failing = False
    page = await admin.get("/admin/jobs")
    after = await admin.submit(page, f"/admin/jobs/{id}/attempt")
    assert "will be tried again" in after.words()

    async def empty() -> bool:
        return not await db.fetch("SELECT FROM pgqueuer")

    async with working(unruly):
        await eventually(empty)
        page = await admin.get("/admin/jobs")
        assert "Nobody is working" not in page.words()
    assert unruly.done == 1
    assert await db.fetch_value("SELECT count(*) FROM history WHERE event = 'job.tried_again'") == 1


async def test_dropping_a_job_asks_once_and_is_recorded(
    admin: Browser, held: tuple[int, Unruly], ada: APerson
) -> None:
    id, _ = held
    page = await admin.get(f"/admin/jobs/{id}/removal")
    assert "cannot be undone" in page.words()
    assert await jobs("failed") == [id]
    after = await admin.submit(page, f"/admin/jobs/{id}/removal")
    assert "is dropped" in after.words()
    assert await jobs("failed") == []
    row = await db.fetch_one("SELECT actor_id, data FROM history WHERE event = 'job.dropped'")
    assert row is not None and row["actor_id"] == ada.id
    assert row["data"]["name"] == "greet Anna's group"


async def test_a_double_click_does_it_once(admin: Browser, held: tuple[int, Unruly]) -> None:
    id, _ = held
    page = await admin.get("/admin/jobs")
    form = page.form(f"/admin/jobs/{id}/attempt")
    for _ in range(2):
        answer = await admin.post(f"/admin/jobs/{id}/attempt", form.fields)
        assert answer.status == 200
    assert await db.fetch_value("SELECT count(*) FROM history WHERE event = 'job.tried_again'") == 1


async def test_a_running_job_is_left_alone(admin: Browser, db: Any) -> None:
    await happen()
    await db.execute("UPDATE pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid()")
    [id] = await jobs("picked")
    page = await admin.get(f"/admin/jobs/{id}/removal")
    answer = await admin.submit(page, f"/admin/jobs/{id}/removal")
    assert answer.status == 409
    assert await jobs("picked") == [id]


@pytest.mark.parametrize("id", ["0", "7", "-3", str(2**63), str(10**30)])
async def test_a_job_that_is_not_there_is_not_found(admin: Browser, id: str) -> None:
    page = await admin.get(f"/admin/jobs/{id}/removal")
    assert page.status == 404


@pytest.mark.parametrize("written", ["{arabic}", "0{id}", "%2B{id}", "%20{id}", "0_{id}"])
async def test_an_id_is_known_as_links_write_it_alone(
    admin: Browser, held: tuple[int, Unruly], written: str
) -> None:
    id, _ = held
    assert (await admin.get(f"/admin/jobs/{id}/removal")).status == 200
    arabic = "".join(chr(0x660 + int(digit)) for digit in str(id))
    other = written.format(id=id, arabic=arabic)
    assert (await admin.get(f"/admin/jobs/{other}/removal")).status == 404


PAGES = ("/admin/jobs", "/admin/history", "/admin/jobs/1/removal")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [None, PlatformRole.MODERATOR, PlatformRole.BROKER])
async def test_to_others_the_pages_do_not_exist(
    browser: Browser, path: str, role: PlatformRole | None
) -> None:
    person = await a_person(platform=(role,) if role else ())
    await browser.sign_in_as(person.id)
    assert (await browser.get(path)).status == 404
    assert "/admin" not in (await browser.get("/about")).text


@pytest.mark.parametrize("path", PAGES)
async def test_nobody_signed_in_is_sent_to_sign_in(browser: Browser, path: str) -> None:
    page = await browser.get(path, follow=False)
    assert page.status == 303


async def test_refused_mail_is_shown_by_name(admin: Browser, ada: APerson) -> None:
    await db.execute(
        "INSERT INTO delivery (id, key, person_id, template, refused_at, refusal)"
        " VALUES ({}, 'k', {}, 'volunteering/booked', {}, '550 5.1.1')",
        UUID(int=1),
        ada.id,
        clock.now() - timedelta(days=1),
    )
    words = (await admin.get("/admin/jobs")).words()
    assert "Ada" in words and "550 5.1.1" in words and "volunteering/booked" in words


async def test_history_is_newest_first_and_filtered(admin: Browser, ada: APerson) -> None:
    await happen(Account.SIGNED_UP, UUID(int=1))
    await happen(Account.PASSWORD_CHANGED, UUID(int=2))
    words = (await admin.get("/admin/history")).words()
    assert words.index("account.password_changed") < words.index("account.signed_up")
    assert "version: 3" in words
    only = (await admin.get(f"/admin/history?about={UUID(int=1)}")).words()
    assert "account.signed_up" in only and "account.password_changed" not in only
    assert "account.signed_up" in (await admin.get("/admin/history?event=account")).words()
    assert "account.signed_up" not in (await admin.get("/admin/history?event=acc")).words()
    one = (await admin.get("/admin/history?event=account.password_changed")).words()
    assert "account.signed_up" not in one


async def test_history_is_paged_by_keyset(admin: Browser) -> None:
    for number in range(60):
        await happen(subject=UUID(int=number + 1))
    first = await admin.get("/admin/history?event=account")
    [older] = [link for link in first.links() if "before=" in link]
    second = await admin.get("/admin/history" + older)
    assert first.text.count("account.signed_up") == 50
    assert second.text.count("account.signed_up") == 10
    assert "event=account" in older


@pytest.mark.parametrize(
    ("query", "field"),
    [("about=nonsense", "about"), ("event=%25", "event"), ("event=Robert%27);--", "event")],
)
async def test_a_bad_filter_is_explained_beside_its_field(
    admin: Browser, query: str, field: str
) -> None:
    page = await admin.get(f"/admin/history?{query}")
    assert page.status == 422
    assert page.field_error(field)


async def test_the_queue_answers(db: Any) -> None:
    assert await job_queue.queue_answers()
    assert await job_queue.workers() == 0


# --- people


async def test_an_administrator_finds_one_person_and_every_deed_is_written_down(db, browsers):
    root = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    kim = await a_person(name="Kim Osei", email="kim@example.org")
    browser = browsers()
    await browser.sign_in_as(root.id)
    page = await browser.get("/admin/people")
    nobody = await browser.submit(page, "/admin/people", who="nobody@example.org")
    assert nobody.field_error("who")
    home = f"/admin/people/{kim.id}"
    page = await browser.submit(page, "/admin/people", who="KIM@example.org ")
    assert page.path == home and "Kim Osei" in page.words()

    page = await browser.submit(page, f"{home}/suspension", reason="spam")
    assert "cannot sign in" in page.words()
    page = await browser.submit(page, f"{home}/reinstatement")
    page = await browser.submit(page, f"{home}/roles", role="broker")
    page = await browser.submit(page, f"{home}/roles/removal")
    refused = await browser.submit(page, f"{home}/erasure")
    assert refused.field_error("sure")
    done = await browser.submit(page, f"{home}/erasure", sure="yes")
    assert done.path == "/admin/people" and "deleted" in done.text

    rows = await db.fetch(
        "SELECT event, data->>'reason' AS reason FROM history WHERE subject_id = {}"
        " AND actor_id = {} ORDER BY seq",
        kim.id,
        root.id,
    )
    assert [(row["event"], row["reason"]) for row in rows] == [
        ("account.suspended", "spam"),
        ("account.reinstated", None),
        ("account.platform_role_granted", None),
        ("account.platform_role_withdrawn", None),
        ("person.left", None),
    ]
    looks = await db.fetch_value(
        "SELECT count(*) FROM personal_view WHERE viewer_id = {} AND subject_id = {}",
        root.id,
        kim.id,
    )
    assert looks > 0
    page = await browser.get("/admin/people")
    by_number = await browser.submit(page, "/admin/people", who=f"{root.id}")
    assert by_number.path == f"/admin/people/{root.id}"
    assert (await browser.get(home)).status == 404
