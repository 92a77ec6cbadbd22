"""Every form x every field x hostile values, generated from the app.

The answer is a redirect inside the site, or a page with a heading and a sentence; what was typed
is kept on a 422; nothing hostile becomes markup. The good twin of each form is accepted.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4
from zlib import crc32

import httpx
import pytest
from tests.factories import PASSWORD
from tests.hostile.fixtures import Ground, patterns
from tests.hostile.reading import Field, Form, Reader, broken_out, posts, wrong

from marketplace import clock
from marketplace.places.seed import place_id

# As they stand in the body: percent-encoded, also what no browser would send.
HOSTILE = {
    "nothing": "",
    "blanks": "+++%09",
    "NUL": "a%00b",
    "no UTF-8": "%ff%fe",
    "a lone surrogate": "a%ed%a0%80b",
    "an overlong slash": "..%c0%af",
    "bad percent": "%zz%",
    "a raw byte": "caf\xe9",
    "10,000 letters": "x" * 10_000,
    "a megabyte": "z" * 1_000_001,
    "9 digits": "999999999",
    "30 digits": "9" * 30,
    "below nought": "-1",
    "no number": "NaN",
    "no leap year": "2027-02-29",
    "year 0": "0000-01-01",
    "a week date": "2027-W01-1",
    "25 o'clock": "25:00",
    "another's digits": quote_plus("١٢٣"),
    "markup and SQL": quote_plus(
        "\"'><script>alert(1)</script></textarea></title><img src=x onerror=alert(1)>"
        "'; DROP TABLE person; -- %_\\' {} {0} {{31337*31337}} ${31337*31337} <%= 7*7 %>"
    ),
    "year 9999": "9999-12-31",
    "turned and unseen": quote_plus("\u202egro.live\u202c\u2066\u200b\ufeff e" + "\u0301" * 300),
    "line separators": quote_plus("a\u2028b\u2029c"),
    "emoji": quote_plus("👩🏽‍🌾" * 300),
    "a header": quote_plus("a@example.org\r\nBcc: b@example.org"),
    "unassigned": quote_plus("\U000e0fff\uffff"),
    "a path": quote_plus("../../etc/passwd"),
    "an unknown choice": "no_such_choice",
    "a random id": str(uuid4()),
}

# What a person who means well types into empty fields.
GOOD: dict[str, Any] = {
    "because": "Somebody they know comes along.",
    "of_age": "yes",
    "sure": "yes",
    "name": "Ann Well",
    "email": "ann.well@example.org",
    "password": "violin harbour cactus",
    "present": PASSWORD,
    "reason": "It is not what it says.",
    "note": "Please say more about yourselves.",
    "kind": "community_group",
    "summary": "We meet and mend what is broken.",
    "description": "We meet every week and mend what is broken.",
    "causes": "animals",
    "town": "Maldon",
    "address": "1 High Street",
    "postcode": "CM9 5AA",
    "contact_email": "hello@example.org",
    "title": "Bench painter",
    "day": lambda: f"{clock.today() + timedelta(days=20)}",
    "start": "10:00",
    "end": "12:00",
    "places": "3",
    "text": "Is there somewhere to leave a bicycle?",
    "outcome": "We spoke with both of them.",
    "role": "member",
    "mark": "attended",
    "whom": "Mrs Bell",
}
# By route where the name alone does not say it.
ALSO_GOOD: dict[str, dict[str, Any]] = {
    "POST /broker/people/new": {"phone": "01245 000000"},
    "POST /manage/roles/{id:uuid}/safeguarding": {"level": "none", "why": "They teach."},
    "POST /manage/{organisation_id:uuid}/credentials/{person_id:uuid}/check": {
        "level": "dbs_basic",
        "issued_on": lambda: f"{clock.today()}",
        "holds_until": lambda: f"{clock.today() + timedelta(days=900)}",
        "outcome": "satisfactory",
    },
    "POST /manage/{organisation_id:uuid}/credentials/{person_id:uuid}/training": {
        "kind": "first_aid",
        "issued_on": lambda: f"{clock.today()}",
    },
    "POST /my/offers/{id:uuid}": {"answer": "decline"},
    "POST /shift-offers/{token:str}": {"answer": "decline"},
    "POST /shift-asks/{token:str}": {"answer": "declined"},
    "POST /broker/campaigns": {
        "place": str(place_id("council", "Essex")),
        "first_day": lambda: f"{clock.today()}",
        "last_day": lambda: f"{clock.today() + timedelta(days=30)}",
    },
    "POST /sign-in": {"email": "guest@example.org", "password": PASSWORD},
    "POST /account/leaving": {"password": PASSWORD},
    "POST /account/email": {"password": PASSWORD},
    "POST /admin/people": {"who": "guest@example.org"},
    "POST /admin/people/{person_id:uuid}/roles": {"role": "broker"},
    "POST /organisations/register/group": {"name": "The Maldon Menders"},
    "POST /organisations/register/charity/{number:str}": {"name": "Maldon Menders"},
    "POST /manage/{organisation_id:uuid}/details": {"name": "Here and Now"},
    "POST /manage/shifts/{id:uuid}/walk-in": {"email": ""},
}
# Shown by no page of this ground, and where it is tested instead.
NOT_SHOWN = {
    "POST /admin/people/{person_id:uuid}/reinstatement": "with the people of the administrators",
    "POST /admin/people/{person_id:uuid}/roles/removal": "there too",
    "POST /broker/imports/{import_id:uuid}/undo": "with the imports, once one was run",
    "POST /broker/imports/{import_id:uuid}/invitations": "there too",
    "POST /manage/{organisation_id:uuid}/acting/removal": "with acting, once it is allowed",
    "POST /broker/imports/{import_id:uuid}/stop": "with the imports, while one runs",
    "POST /my/messages/{thread_id:uuid}/blocks/removal": "with the messages",
    "POST /manage/{organisation_id:uuid}/messages/{thread_id:uuid}/blocks/removal": "there too",
    "POST /manage/{organisation_id:uuid}/picture/removal": "with the pictures",
    "POST /manage/opportunities/{id:uuid}/picture/removal": "with the pictures",
    "POST /manage/things/{id:uuid}/picture/removal": "with the pictures",
}
# The good twin is a refusal here.
REFUSED = {
    "POST /broker/imports": "it takes a file, tested with the imports",
    "POST /broker/imports/feed": "it takes a file or the network, tested with the imports",
    "POST /manage/series/{id:uuid}/edit": "somebody has booked: it asks what becomes of it",
    "POST /manage/series/{id:uuid}/cancellation": "the same",
    "POST /manage/shifts/{id:uuid}/following": "the same",
    "POST /manage/shifts/{id:uuid}/following/cancellation": "the same",
    "POST /manage/{organisation_id:uuid}/hours/new": "nobody is chosen yet, tested with the hours",
    "POST /demo/sign-in": "nobody of the demo's town lives here",
    "POST /manage/{organisation_id:uuid}/picture": "it takes a file, tested with the pictures",
    "POST /manage/opportunities/{id:uuid}/picture": "it takes a file, tested with the pictures",
    "POST /manage/things/{id:uuid}/picture": "it takes a file, tested with the pictures",
}

# What the one reader of bodies refuses or mends before any form sees it, and what the kinds of
# field in `web.forms` judge, the same wherever they stand: each form gets a third.
SHARED = {
    "NUL",
    "no UTF-8",
    "a lone surrogate",
    "an overlong slash",
    "bad percent",
    "a raw byte",
    "a megabyte",
    "900,000 letters",
    "980 times",
    "1,001 times",
    "blanks",
    "9 digits",
    "no number",
    "no leap year",
    "year 0",
    "a week date",
    "25 o'clock",
    "another's digits",
    "turned and unseen",
    "line separators",
    "a header",
    "unassigned",
    "a path",
}
THIRDS = 3

# In one field alone, the others filled in well: what passes the form and could break behind it.
TYPED_ALONE = ("30 digits", "below nought", "markup and SQL", "emoji")
CHOSEN_ALONE = ("markup and SQL", "a random id")
# A form that can be done once is made anew so often, to see what is behind it.
MOST_WORLDS = 4
# Whose good twins stand in the tests of their own features.
THEIR_OWN = re.compile(
    r"POST .*/(screening|questions|rules|references|application|referees|rounds|funds"
    r"|things|reservations|applications|assess|sites|loans|library|leaders"
    r"|shift-leaders|my/hours|hours/{hours_id:uuid|expenses|statements"
    r"|thanks|verify|visits|guardians?|young-people|birth-dates?|named-adult|groups?|seats|concerns|lone|safety|admin/safeguarding)\b.*"
)

# Values in place of what stands in fields.
Changes = list[tuple[Field, str]]

NAMES = [name for name, _ in patterns() if name not in NOT_SHOWN]


def good(name: str, form: Form) -> dict[str, str]:
    """Fill in what stands empty."""
    typed = {}
    for each in form.fields.values():
        value = each.value
        wanted = ALSO_GOOD.get(name, {}).get(each.name, GOOD.get(each.name, ""))
        if not value or each.name in ALSO_GOOD.get(name, {}):
            value = wanted() if callable(wanted) else wanted
            if each.choices and value not in each.choices:
                value = each.choices[0] if each.kind == "radio" else ""
        if each.kind == "checkbox" and wanted and not each.value:
            value = each.choices[0]
        if value and (each.kind != "checkbox" or each.value or each.name in GOOD):
            typed[each.name] = value
    return {field: quote_plus(value) for field, value in typed.items()} | {"_key": str(uuid4())}


def body(fields: dict[str, str], *more: tuple[str, str]) -> bytes:
    pairs = [*fields.items(), *more]
    return "&".join(f"{quote_plus(name)}={value}" for name, value in pairs).encode("latin-1")


async def send(browser: Any, action: str, content: bytes) -> httpx.Response:
    return await browser.client.post(
        action,
        content=content,
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "accept-encoding": "identity",
        },
    )


def as_shown(text: str) -> str:
    """Give text as a parser gives it back: one kind of line end, and no NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def not_kept(answer: httpx.Response, action: str, changes: Changes) -> str:
    """Say how a page that asks again falls short; "" if it does not."""
    if 'error-message"' not in answer.text:
        return "is a 422 with no error beside a field"
    forms = posts(answer.text, action)
    if action not in forms:
        return "is a 422 without the form"
    for each, value in changes:
        shown = forms[action].fields.get(each.name)
        typed = httpx.QueryParams(f"v={value}").get("v", "")
        if each.kind == "password" and shown and shown.value:
            return "is a 422 that repeats a password"
        if each.typed and (shown is None or as_shown(shown.value) != as_shown(typed)):
            return f"is a 422 that keeps {shown and shown.value[:40]!r} of {typed[:40]!r}"
    return ""


def tries(
    name: str, form: Form, foreign: dict[str, Any]
) -> list[tuple[str, list[tuple[Field, str]]]]:
    """Give what to send in place of what: in every field at once, then in each alone."""
    fields = [each for each in form.fields.values() if each.name[:1] != "_"]
    found: list[tuple[str, Changes]] = []
    if fields:
        found += [
            (f"everywhere: {w}", [(f, value) for f in fields]) for w, value in HOSTILE.items()
        ]
    for each in fields:
        alone = TYPED_ALONE if each.typed or each.kind == "password" else CHOSEN_ALONE
        found += [(f"{each.name}: {what}", [(each, HOSTILE[what])]) for what in alone]
        if each.kind == "hidden":
            found += [(f"{each.name}: others' {k}", [(each, str(v))]) for k, v in foreign.items()]
    for each in fields[:1]:
        found += [(f"{each.name}: 900,000 letters", [(each, "y" * 900_000)])]
        found += [(f"{each.name}: {n:,} times", [(each, "x")] * n) for n in (980, 1_001)]
    found = [each for each in found if has_part(name, each[0].partition(": ")[2])]
    key = Field("_key", "hidden")
    found += [(f"the key: {value[:9]}", [(key, value)]) for value in ("a%00", "", "x" * 9_000)]
    return found


def has_part(name: str, what: str) -> bool:
    """Tell whether it is this form's turn to be sent this."""
    return what not in SHARED or crc32(f"{name} {what}".encode()) % THIRDS == 0


def test_everything_hostile_is_sent_to_many_forms():
    assert set(HOSTILE) | {"900,000 letters", "980 times", "1,001 times"} > SHARED
    assert all(sum(has_part(name, what) for name in NAMES) > 50 for what in SHARED)


@pytest.mark.parametrize("name", NAMES)
async def test_a_form_survives(name: str, ground: Ground):
    if THEIR_OWN.match(name) and name not in await ground.shown():
        pytest.skip("shown in a state that this ground is not in")
    browser, action, form = await ground.open(name)
    faults, done, worlds = [], False, 0
    for what, changes in tries(name, form, ground.foreign):
        content = good(name, form)
        for each, _ in changes:
            content.pop(each.name, None)
        sent = body(content, *[(each.name, value) for each, value in changes])
        answer = await send(browser, action, sent)
        gone = answer.status_code in {403, 404, 409, 410, 429}
        unkept = answer.status_code == 422 and bool(not_kept(answer, action, changes))
        if done and (gone or unkept) and (unkept or worlds < MOST_WORLDS):
            worlds += 1
            # Some of it was fine after all, and what can be done once is done.
            await ground.build()
            browser, action, form = await ground.open(name)
            answer = await send(browser, action, sent.replace(b"_csrf=", b"_old=") + again(form))
        if answer.status_code == 303:
            done = True
            await ground.db.execute("DELETE FROM rate_bucket")
        fault = wrong(answer) or broken_out(answer.text)
        if not fault and answer.status_code == 422:
            fault = not_kept(answer, action, changes)
        if fault:
            faults.append(f"{what}: {fault}")
    assert not faults, "\n".join(faults)
    await ground.db.execute("DELETE FROM rate_bucket")
    # The good twin: what was refused above was refused for what it says.
    if done:
        await ground.build()
        browser, action, form = await ground.open(name)
    answer = await send(browser, action, body(good(name, form)))
    if not THEIR_OWN.match(name):
        assert (answer.status_code == 303) is (name not in REFUSED), Reader(answer.text).words


def again(form: Form) -> bytes:
    """Give the token of a form that was opened anew."""
    return b"&_csrf=" + form.fields["_csrf"].value.encode()
