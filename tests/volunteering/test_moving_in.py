"""Importing tables: previewed, matched, run, undone; and claiming what was brought."""

import re
from typing import Any
from uuid import UUID

import pytest
from tests.factories import a_person, an_opportunity, an_organisation
from tests.factories_moving_in import a_broker, a_claim, an_import, an_unclaimed

from marketplace import audit, db, settings
from marketplace.accounts import queries as accounts
from marketplace.accounts.consents.queries import agreed
from marketplace.accounts.consents.rules import Purpose
from marketplace.errors import Conflict, NotFound
from marketplace.notifications import moving_in as mail
from marketplace.volunteering.moving_in import claiming, operations, queries, running
from marketplace.volunteering.moving_in.rules import Choice, Kind, State, Verdict


async def rows(id: UUID) -> list[tuple[str, str]]:
    found = await db.fetch(
        "SELECT verdict, state FROM csv_import_row WHERE import_id = {} ORDER BY line", id
    )
    return [(row["verdict"], row["state"]) for row in found]


async def test_organisations_are_matched_by_number_then_by_name_and_area(db: Any):
    await an_organisation(name="By Number", charity_number="1234567", postcode="CM1 1AA")
    await an_organisation(name="Witham Wheelers", postcode="CM8 1AA")
    table = (
        "Organisation,Charity number,Postcode\n"
        "Another Name,1234567,\n"
        "The Witham Wheelers Ltd,,CM8 2BB\n"
        "Witham Wheelers,,SS1 1AA\n"
        "Brand New,,CM1 1AA\n"
        "Brand New CIO,,CM1 2AA\n"
        "Bad number,12,\n"
    )
    id = await an_import(table=table)
    verdicts = ["matched", "matched", "doubtful", "new", "matched", "refused"]
    assert [verdict for verdict, _ in await rows(id)] == verdicts


async def test_nothing_is_made_before_it_is_run_and_only_once(db: Any):
    broker = await a_broker()
    id = await an_import(broker)
    assert await db.fetch_value("SELECT count(*) FROM organisation") == 0
    await operations.start(broker, id)
    await running.run(id, broker.person_id)
    await running.run(id, broker.person_id)
    again = await an_import(broker, run=True)
    assert await db.fetch_value("SELECT count(*) FROM organisation") == 2
    assert {verdict for verdict, _ in await rows(again)} == {"doubtful", "matched"}
    states = await db.fetch("SELECT DISTINCT state FROM organisation")
    assert [row["state"] for row in states] == ["draft"]


async def test_a_doubtful_line_waits_for_the_broker(db: Any):
    broker = await a_broker()
    await an_organisation(name="Witham Wheelers", postcode="CM8 1AA")
    id = await an_import(broker, "Organisation,Postcode\nWitham Wheelers,SS1 1AA\n")
    with pytest.raises(Conflict, match="Nothing is left"):
        await operations.start(broker, id)
    await operations.decide(broker, id, 2, Choice.NEW)
    await operations.start(broker, id)
    await running.run(id, broker.person_id)
    assert await db.fetch_value("SELECT count(*) FROM organisation") == 2


async def test_people_come_without_password_and_are_reached_by_nobody(db: Any):
    known = await a_person(email="Known@example.org")
    table = f"Name,Email\nNew One,New@Example.org\nAlias,{known.email.upper()}\nNo Mail,\n"
    id = await an_import(table=table, kind=Kind.PEOPLE, run=True)
    assert [verdict for verdict, _ in await rows(id)] == ["new", "matched", "refused"]
    row = await db.fetch_one("SELECT * FROM person WHERE email = 'new@example.org'")
    assert row["password_hash"] is None
    assert row["email_confirmed_at"] is None
    assert await accounts.contact(row["id"]) is None
    assert await accounts.contact(known.id) is not None


async def test_consent_needs_its_evidence(db: Any):
    here = await an_organisation(name="Here")
    table = (
        "Name,Email,Organisation,Consent,Consent date,Consent how\n"
        "A,a@example.org,Here,yes,01/02/2026,paper form\n"
        "B,b@example.org,Here,yes,,paper form\n"
        "C,c@example.org,Here,yes,01/02/2026,\n"
        "D,d@example.org,Elsewhere,yes,01/02/2026,paper form\n"
        "E,e@example.org,Here,no,01/02/2026,paper form\n"
    )
    id = await an_import(table=table, kind=Kind.PEOPLE, run=True)
    people = await db.fetch("SELECT id, name FROM person WHERE unclaimed_since IS NOT NULL")
    may = await agreed(Purpose.NEWS, here.id, [row["id"] for row in people])
    assert [row["name"] for row in people if row["id"] in may] == ["A"]
    evidence = await db.fetch_value("SELECT evidence FROM consent")
    assert evidence == f"import {id} line 2"


async def test_roles_become_drafts_and_hours_find_them(db: Any):
    broker = await a_broker()
    here = await an_organisation(name="Here")
    person = await a_person(email="v@example.org")
    await an_opportunity(here.id, title="Public already")
    roles = (
        "Organisation,Opportunity,Role\n"
        "Here,Garden,Digger\nHere,Garden,Waterer\nHere,Garden,Digger\n"
        "Here,Public already,Another\nNowhere,Garden,Digger\n"
    )
    id = await an_import(broker, roles, Kind.ROLES, run=True)
    got = [verdict for verdict, _ in await rows(id)]
    assert got == ["new", "new", "matched", "refused", "refused"]
    assert await db.fetch_value("SELECT state FROM opportunity WHERE title = 'Garden'") == "draft"
    assert await db.fetch_value("SELECT count(*) FROM role WHERE title = 'Waterer'") == 1
    hours = (
        "Organisation,Email,Role,Date,Hours\n"
        "Here,V@example.org,Digger,01/02/2026,2:30\n"
        "Here,V@example.org,Digger,01/02/2026,2.5\n"
        "Here,V@example.org,Digger,01/02/2026,3\n"
        "Here,V@example.org,Digger,01/02/2126,3\n"
        "Here,w@example.org,Digger,01/02/2026,3\n"
        "Here,V@example.org,Unknown,01/02/2026,3\n"
    )
    id = await an_import(broker, hours, Kind.HOURS, run=True)
    got = [verdict for verdict, _ in await rows(id)]
    assert got == ["new", "matched", "refused", "refused", "refused", "refused"]
    row = await db.fetch_one("SELECT person_id, minutes, state FROM hours")
    assert row == {"person_id": person.id, "minutes": 150, "state": "confirmed"}
    again = await an_import(broker, hours, Kind.HOURS, run=True)
    assert (await rows(again))[0] == ("matched", "applied")
    assert await db.fetch_value("SELECT count(*) FROM hours") == 1


async def test_a_stopped_import_goes_on_where_it_was(db: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    broker = await a_broker()
    lines = "".join(f"P{n},p{n}@example.org\n" for n in range(5))
    id = await an_import(broker, f"Name,Email\n{lines}", Kind.PEOPLE)
    await operations.start(broker, id)
    async with db.transaction():
        assert await running._apply(broker, id)
    await operations.stop(broker, id)
    await running.run(id, broker.person_id)
    found = await queries.one(broker, id)
    assert (found.state, found.made, found.to_make) == (State.STOPPED, 2, 3)
    await operations.start(broker, id)
    await running.run(id, broker.person_id)
    assert (await queries.one(broker, id)).made == 5


async def test_a_chunk_that_fails_leaves_nothing(db: Any, monkeypatch: pytest.MonkeyPatch):
    broker = await a_broker()
    id = await an_import(broker, "Name,Email\nA,a@example.org\nB,b@example.org\n", Kind.PEOPLE)
    await operations.start(broker, id)

    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(audit, "record", fail)
        with pytest.raises(RuntimeError):
            await running.run(id, broker.person_id)
    unclaimed = "SELECT count(*) FROM person WHERE unclaimed_since IS NOT NULL"
    assert await db.fetch_value(unclaimed) == 0
    await running.run(id, broker.person_id)
    assert await db.fetch_value(unclaimed) == 2


async def test_undo_takes_back_what_nobody_touched_and_says_what_stays(db: Any):
    broker = await a_broker()
    here = await an_organisation(name="Here")
    table = (
        "Name,Email,Organisation,Consent,Consent date,Consent how\n"
        "A,a@example.org,,,,\nB,b@example.org,,,,\n"
        "C,c@example.org,Here,yes,01/02/2026,paper\n"
    )
    id = await an_import(broker, table, Kind.PEOPLE, run=True)
    claimed = await db.fetch_value("SELECT id FROM person WHERE email = 'b@example.org'")
    await db.execute(
        "UPDATE person SET email_confirmed_at = now(), password_hash = 'x' WHERE id = {}", claimed
    )
    await operations.undo(broker, id)
    await running.run_undo(id, broker.person_id)
    left = await db.fetch("SELECT email FROM person WHERE email LIKE '_@example.org'")
    assert [row["email"] for row in left] == ["b@example.org"]
    # The ledger keeps that there was consent, of nobody any more.
    assert (
        await db.fetch_value("SELECT p.name FROM consent c JOIN person p ON p.id = person_id")
        == "Somebody who left"
    )
    (kept,) = await queries.kept_rows(id)
    assert "claimed" in kept.sentence
    assert await db.fetch_value("SELECT count(*) FROM organisation WHERE id = {}", here.id) == 1


async def test_undo_takes_back_the_consent_it_brought(db: Any):
    broker, known = await a_broker(), await a_person(email="v@example.org")
    here = await an_organisation(name="Here")
    table = (
        "Name,Email,Organisation,Consent,Consent date,Consent how\n"
        "V,v@example.org,Here,yes,01/02/2026,paper\n"
    )
    id = await an_import(broker, table, Kind.PEOPLE, run=True)
    assert await agreed(Purpose.NEWS, here.id, [known.id])
    await operations.undo(broker, id)
    await running.run_undo(id, broker.person_id)
    assert not await agreed(Purpose.NEWS, here.id, [known.id])
    assert await accounts.contact(known.id) is not None


async def test_undoing_organisations_spares_those_with_opportunities(db: Any):
    broker = await a_broker()
    id = await an_import(broker, "Organisation\nOne\nTwo\n", run=True)
    await an_import(broker, "Organisation,Opportunity\nTwo,Garden\n", Kind.ROLES, run=True)
    await operations.undo(broker, id)
    await running.run_undo(id, broker.person_id)
    left = await db.fetch("SELECT name FROM organisation")
    assert [row["name"] for row in left] == ["Two"]


async def test_an_invitation_claims_the_account(db: Any, browsers: Any, tmp_path: Any):
    settings.amend(mailbox=tmp_path)
    broker = await a_broker()
    id = await an_import(broker, "Name,Email\nAnn,ann@example.org\n", Kind.PEOPLE, run=True)
    await operations.invite(broker, id)
    entry = await audit.entry(
        await db.fetch_value("SELECT id FROM history WHERE event = 'import.invited'")
    )
    assert entry is not None
    await mail.invited(entry)
    await mail.invited(entry)
    (letter,) = tmp_path.iterdir()
    text = letter.read_text().replace("=\n", "").replace("=\r\n", "")
    assert "Subject: Your volunteering has moved to" in text
    found = re.search(r"(/claim/[\w.\-]+)", text)
    assert found
    browser = browsers()
    page = await browser.get(found[1])
    assert "Ann" in page.words() and "brought what it knew" in page.words()
    page = await browser.submit(page, found[1], password="violin harbour cactus")
    assert "The account is yours" in page.words()
    person = await db.fetch_one("SELECT * FROM person WHERE email = 'ann@example.org'")
    assert person["unclaimed_since"] is None
    assert person["email_confirmed_at"]
    assert (await browser.get(found[1])).status == 410
    with pytest.raises(Conflict):
        await operations.invite(broker, id)


async def test_whoever_wants_no_account_is_forgotten(db: Any):
    await claiming.decline(await a_claim())
    assert await db.fetch_value("SELECT name FROM person") == "Somebody who left"


async def test_an_address_that_was_brought_can_still_join(db: Any, tmp_path: Any):
    settings.amend(mailbox=tmp_path)
    person = await an_unclaimed()
    await accounts_operations_reset("old.hand@example.org")
    entry = await audit.entry(
        await db.fetch_value("SELECT id FROM history WHERE subject_id = {}", person)
    )
    assert entry is not None
    await mail.asked(entry)
    (letter,) = tmp_path.iterdir()
    text = " ".join(letter.read_text().replace("=\n", "").split())
    assert "You asked to join" in text and "your record along" in text


async def accounts_operations_reset(email: str) -> None:
    from marketplace.accounts import operations as verbs

    await verbs.ask_password_reset(email=email, client="x")


async def test_the_owner_is_offered_the_organisation_only_when_invited(db: Any):
    broker = await a_broker()
    id = await an_import(broker, run=True)
    assert await db.fetch_value("SELECT count(*) FROM invitation") == 0
    await operations.invite(broker, id)
    await running.invite_owners(id, broker.person_id)
    await running.invite_owners(id, broker.person_id)
    found = await db.fetch("SELECT email, role, state FROM invitation")
    assert found == [{"email": "o@example.org", "role": "owner", "state": "open"}]


async def test_a_broker_sends_a_table_in_and_imports_it(db: Any, browsers: Any):
    broker = await a_broker()
    browser = browsers()
    await browser.sign_in_as(broker.person_id)
    page = await browser.get("/broker/imports")
    form = page.form("/broker/imports")
    table = b"Organisation,DISABILITY\n=1+1,x\nB,y\n"
    answer = await browser.client.post(
        "/broker/imports",
        data={**dict(form.fields), "kind": "organisations"},
        files={"file": ("a.csv", table)},
    )
    address = answer.headers["location"]
    page = await browser.get(address)
    assert "Never stored: DISABILITY" in page.words()
    lines = await browser.client.get(f"{address}/lines.csv")
    # What a spreadsheet would run is text.
    assert "2,'=1+1,new" in lines.text
    page = await browser.submit(page, f"{address}/start")
    assert "0 of 2 lines" in page.words()
    id = UUID(address.rsplit("/", 1)[-1])
    await running.run(id, broker.person_id)
    page = await browser.get(address)
    assert "2 organisations made" in page.words()


@pytest.mark.parametrize("size", [10_000_001, 11_500_000])
async def test_a_file_that_is_too_large_gets_a_sentence(size: int, db: Any, browsers: Any):
    browser = browsers()
    await browser.sign_in_as((await a_broker()).person_id)
    form = (await browser.get("/broker/imports")).form("/broker/imports")
    answer = await browser.client.post(
        "/broker/imports",
        data={**dict(form.fields), "kind": "people"},
        files={"file": ("a.csv", b"x" * size)},
    )
    assert answer.status_code == 422
    assert "10 MB at most" in answer.text


async def test_only_brokers_know_of_imports(db: Any):
    id = await an_import()
    with pytest.raises(NotFound):
        await queries.one((await a_person()).actor, id)
    assert (await queries.some(id, Verdict.NEW))[0].label == "Here"


async def test_the_menu_knows_all_pages_of_brokers(db: Any, browsers: Any):
    browser = browsers()
    await browser.sign_in_as((await a_broker()).person_id)
    for address in ("/broker/imports/feed", "/broker/people", "/broker/campaigns"):
        page = await browser.get(address)
        assert 'aria-current="true">Broker</a>' in page.text
