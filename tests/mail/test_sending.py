"""One message: its parts and headers, that it goes once, and what a server's answers mean."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.mail.sink import Sink, html_of, text_of

from marketplace import clock, mail, settings
from marketplace.errors import CommandError
from marketplace.ids import new_id
from marketplace.mail import Mail, Recipient, messages, transports

ANNA = Recipient("anna@example.org", "Anna", new_id())


def a_mail(key: str = "account.password_changed:1", to: Recipient = ANNA) -> Mail:
    return Mail(key, to, "accounts/password_changed", {"at": clock.now()})


async def delivery(db: Any, key: str) -> dict[str, Any] | None:
    return await db.fetch_one("SELECT * FROM delivery WHERE key = {}", key)


async def test_both_parts_and_headers_arrive(db: Any, sink: Sink) -> None:
    await mail.send(a_mail())
    [message] = await sink.arrived()
    assert message["Subject"] == "Your password was changed"
    assert message["To"] == "Anna <anna@example.org>"
    assert message["From"] == "Essex Together <hello@marketplace.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == messages.message_id(a_mail().key)
    assert message["Message-ID"].endswith("@marketplace.test>")
    assert "https://marketplace.test/password-reset" in text_of(message)
    assert 'href="https://marketplace.test/password-reset"' in html_of(message)


async def test_only_the_html_part_is_escaped(db: Any, sink: Sink) -> None:
    await mail.send(a_mail(to=Recipient("a@example.org", "Bo <b> & O'Neil")))
    [message] = await sink.arrived()
    assert "Hello Bo <b> & O'Neil" in text_of(message)
    assert "<b>" not in html_of(message)
    assert "Bo &lt;b&gt; &amp;" in html_of(message)


async def test_html_asks_nobody_else_for_anything(db: Any, sink: Sink) -> None:
    await mail.send(a_mail())
    [message] = await sink.arrived()
    html = html_of(message)
    assert "src=" not in html and "@import" not in html and "<link" not in html


async def test_a_name_cannot_add_headers(db: Any, sink: Sink) -> None:
    name = "Eve\r\nBcc: victim@example.org\r\n\r\nBuy \u202ethis"
    await mail.send(a_mail(to=Recipient("eve@example.org", name)))
    [message] = await sink.arrived()
    assert message["Bcc"] is None
    assert message["To"].addresses[0].addr_spec == "eve@example.org"
    assert "\u202e" not in str(message["To"])


async def test_a_message_is_sent_once(db: Any, sink: Sink) -> None:
    await mail.send(a_mail())
    await mail.send(a_mail())
    assert list(sink.copies.values()) == [1]


async def test_a_delivery_keeps_neither_text_nor_address(db: Any, sink: Sink) -> None:
    await mail.send(a_mail())
    row = await delivery(db, a_mail().key)
    assert row is not None and row["sent_at"] and row["person_id"] == ANNA.id
    assert "anna" not in json.dumps(row, default=str).lower()


async def test_two_senders_at_once_leave_one_delivery(db: Any, sink: Sink) -> None:
    await asyncio.gather(*(mail.send(a_mail()) for _ in range(5)))
    assert len(sink.messages) == 1
    assert await db.fetch_value("SELECT count(*) FROM delivery") == 1


@pytest.mark.parametrize("answer", ["451 4.7.1 greylisted", "452 4.2.2 full", "421 busy"])
async def test_a_temporary_answer_is_raised_and_not_written_down(
    db: Any, sink: Sink, answer: str
) -> None:
    sink.refusals.append(answer)
    with pytest.raises(mail.Temporary) as raised:
        await mail.send(a_mail())
    assert "example.org" not in str(raised.value)
    assert await delivery(db, a_mail().key) is None
    await mail.send(a_mail())
    await sink.arrived()


@pytest.mark.parametrize("where", ["refusals", "data_refusals"])
async def test_a_refusal_for_good_is_written_down_and_not_tried_again(
    db: Any, sink: Sink, where: str
) -> None:
    getattr(sink, where).append("550 5.1.1 <anna@example.org> unknown")
    await mail.send(a_mail())
    await mail.send(a_mail())
    row = await delivery(db, a_mail().key)
    assert row is not None and row["refused_at"] and row["refusal"] == "550 5.1.1"
    assert sink.tries == 1 and not sink.messages


@pytest.mark.parametrize("answer", ["554 5.7.1 relay access denied", "530 5.7.0 sign in first"])
async def test_a_refusal_that_is_about_us_is_not_the_addressees(
    db: Any, sink: Sink, answer: str
) -> None:
    sink.refusals.append(answer)
    with pytest.raises(mail.Temporary):
        await mail.send(a_mail())
    assert await delivery(db, a_mail().key) is None


async def test_no_server_is_a_temporary_failure(db: Any, sink: Sink) -> None:
    await sink.stop()
    with pytest.raises(mail.Temporary):
        await mail.send(a_mail())


@pytest.mark.parametrize(
    "email", ["zoë@example.org", "a b@example.org", "nobody", "x@", "a@b\r\nc.org", "a@-..org"]
)
async def test_an_address_that_mail_cannot_carry_is_refused_politely(
    db: Any, sink: Sink, email: str
) -> None:
    await mail.send(a_mail(to=Recipient(email, "Zoë")))
    row = await delivery(db, a_mail().key)
    assert row is not None and row["refused_at"] and "zo" not in row["refusal"]
    assert sink.tries == 0


async def test_an_international_domain_is_carried(db: Any, sink: Sink) -> None:
    await mail.send(a_mail(to=Recipient("a@bücher.example", "Anna")))
    [message] = await sink.arrived()
    assert message["To"].addresses[0].domain == "xn--bcher-kva.example"


async def test_mail_is_not_sent_inside_a_transaction(db: Any, sink: Sink) -> None:
    with pytest.raises(RuntimeError):
        async with db.transaction():
            await mail.send(a_mail())
    assert sink.tries == 0


async def test_the_folder_keeps_one_file_a_message(db: Any, chosen: Any, tmp_path: Path) -> None:
    box = tmp_path / "not" / "there yet"
    settings.amend(mailbox=box)
    await mail.send(a_mail())
    await db.execute("DELETE FROM delivery")  # as after a crash between the two
    await mail.send(a_mail())
    [file] = box.iterdir()
    assert file.name == messages.digest(a_mail().key) + ".eml"
    assert b"Subject: Your password was changed\r\n" in file.read_bytes()


async def test_without_a_transport_mail_is_dropped_and_may_go_later(
    db: Any, chosen: Any, capsys: Any
) -> None:
    await mail.send(a_mail())
    assert await delivery(db, a_mail().key) is None
    said = capsys.readouterr()
    assert "mail dropped" in said.err + said.out
    assert "anna" not in (said.err + said.out).lower()


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls"),
    [
        ("smtp://relay", 25, False, None),
        ("smtp+starttls://u:p%40ss@relay", 587, False, True),
        ("smtps://u:p%40ss@relay:2465", 2465, True, False),
    ],
)
def test_smtp_urls(url: str, port: int, tls: bool, starttls: bool | None) -> None:
    server = transports.Server.of(url)
    assert (server.host, server.port) == ("relay", port)
    assert (server.implicit_tls, server.starttls) == (tls, starttls)
    assert server.password in {None, "p@ss"}


@pytest.mark.parametrize("url", ["http://relay", "smtp://", "smtp://u:secret@h:port", "relay:25"])
def test_a_bad_smtp_url_is_refused_without_its_password(chosen: Any, url: str) -> None:
    settings.amend(smtp_url=url)
    with pytest.raises(CommandError) as raised:
        transports.check()
    assert "SMTP_URL" in raised.value.message and "secret" not in raised.value.message


def test_a_bad_sender_is_refused_at_the_start(chosen: Any) -> None:
    settings.amend(mail_from="nobody")
    with pytest.raises(CommandError, match="MAIL_FROM"):
        transports.check()
