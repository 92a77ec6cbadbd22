"""Writing, reading and reporting, as a browser without JavaScript does it."""

from datetime import timedelta
from typing import Any

from tests.factories import a_booking, a_person, a_shift, an_opportunity, an_organisation
from tests.factories_messages import a_thread

from marketplace import clock
from marketplace.messages import queries
from marketplace.permissions import PlatformRole


async def test_a_conversation_from_a_booking_to_an_answer(browsers: Any, db: Any):
    organisation = await an_organisation(name="Chelmer Gardeners")
    vera = await a_person(name="Vera")
    booking = await a_booking(await a_shift(await an_opportunity(organisation.id)), vera.id)
    hers = await browsers().sign_in_as(vera.id)
    theirs = await browsers().sign_in_as(organisation.owner.id)
    assert f"/bookings/{booking}/messages" in (await hers.get("/my/volunteering")).links()
    address = f"/bookings/{booking}/messages"
    page = await hers.submit(await hers.get(address), address, text="Is there a <bike> shed?")
    assert "Your message is sent." in page.words() and "Is there a <bike> shed?" in page.words()
    # Once there is a thread, the same link leads to it.
    assert (await hers.get(address)).path == page.path
    inbox = await theirs.get(f"/manage/{organisation.id}/messages")
    assert "Vera" in inbox.words() and "New" in inbox.words()
    thread = next(link for link in inbox.links() if "/messages/" in link)
    page = await theirs.submit(await theirs.get(thread), thread, text="There is.")
    assert "New" not in (await theirs.get(f"/manage/{organisation.id}/messages")).words()
    assert "1 conversation with something new" in (await hers.get("/my/volunteering")).words()
    assert "There is." in (await hers.get(address)).words()
    assert "something new" not in (await hers.get("/my/volunteering")).words()
    assert vera.email not in page.text


async def test_a_long_message_comes_back_and_the_same_form_sends_once(browser: Any, db: Any):
    vera = await a_person()
    talk = await a_thread(
        await a_booking(await a_shift(await an_opportunity((await an_organisation()).id)), vera.id)
    )
    await browser.sign_in_as(vera.id)
    address = f"/my/messages/{talk.thread}"
    page = await browser.get(address)
    refused = await browser.submit(page, address, text="x" * 4001)
    assert refused.status == 422
    assert "4,000 characters or fewer" in (refused.field_error("text") or "")
    assert "x" * 4001 in refused.text
    for _ in range(2):
        await browser.submit(page, address, text="Once.")
    assert await db.fetch_value("SELECT count(*) FROM message WHERE text = 'Once.'") == 1


async def test_blocking_and_letting_write_again(browser: Any, db: Any):
    vera = await a_person()
    organisation = await an_organisation()
    talk = await a_thread(
        await a_booking(await a_shift(await an_opportunity(organisation.id)), vera.id)
    )
    await browser.sign_in_as(vera.id)
    address = f"/my/messages/{talk.thread}"
    page = await browser.submit(await browser.get(address), f"{address}/blocks")
    assert "can no longer write to you" in page.words()
    assert await queries.blockers(organisation.owner.actor, [vera.id]) == {vera.id}
    page = await browser.submit(page, f"{address}/blocks/removal")
    assert await queries.blockers(organisation.owner.actor, [vera.id]) == set()


async def test_a_reported_message_comes_to_the_moderators(browsers: Any, db: Any):
    vera = await a_person(name="Vera")
    talk = await a_thread(
        await a_booking(await a_shift(await an_opportunity((await an_organisation()).id)), vera.id),
        "Send me your number.",
    )
    await db.execute("DELETE FROM message_report")
    hers = await browsers().sign_in_as(vera.id)
    address = f"/messages/{talk.message}/report"
    page = await hers.submit(await hers.get(address), address, reason="private", note="No.")
    assert "A moderator will look at it" in page.words()
    moses = await a_person(platform=(PlatformRole.MODERATOR,))
    theirs = await browsers().sign_in_as(moses.id)
    queue = await theirs.get("/moderation/reports")
    (report,) = (link for link in queue.links() if link.startswith("/moderation/reports/"))
    page = await theirs.get(report)
    assert "Send me your number." in page.words() and "Vera" in page.words()
    page = await theirs.submit(page, report, outcome="Spoke with them.", take_down="yes")
    assert "Nothing is waiting" in page.words()
    assert (
        "A moderator took this message down"
        in (await hers.get(f"/my/messages/{talk.thread}")).words()
    )


async def test_an_inbox_asks_as_much_for_thirty_as_for_one(browser: Any, db: Any, queries_run: Any):
    organisation = await an_organisation()
    opportunity = await an_opportunity(organisation.id)
    vera = await a_person()
    await browser.sign_in_as(organisation.owner.id)
    address = f"/manage/{organisation.id}/messages"
    counts = []
    for number in (1, 29):
        for day in range(number):
            shift = await a_shift(
                opportunity, starts_at=clock.now() + timedelta(days=1 + len(counts) * 40 + day)
            )
            await a_thread(await a_booking(shift, vera.id))
        await browser.get(address)
        with queries_run() as counted:
            await browser.get(address)
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 7
