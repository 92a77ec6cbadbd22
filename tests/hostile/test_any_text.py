"""Any text at all: binding never raises, and what is shown in a field reads back the same."""

from __future__ import annotations

from datetime import date, time
from types import SimpleNamespace
from typing import Annotated, Any
from urllib.parse import urlencode

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.connection import Request
from pydantic import Field

from marketplace.accounts.forms import ProfileForm, SignInForm, SignUpForm
from marketplace.admin.forms import HistoryForm
from marketplace.credentials.forms import CheckForm, TrainingForm
from marketplace.errors import BadInput
from marketplace.finding import FindForm
from marketplace.organisations.forms import GroupForm
from marketplace.organisations.people.forms import InviteForm
from marketplace.volunteering.attendance.forms import MarkForm, WalkInForm
from marketplace.volunteering.expenses.forms import ExpenseForm
from marketplace.volunteering.hours.forms import ClaimForm, DisputeForm, HoursForm, ProposeForm
from marketplace.volunteering.opportunities.forms import OpportunityForm
from marketplace.volunteering.recognition.forms import StatementForm, VerifyForm
from marketplace.volunteering.safeguarding.forms import DecisionForm, RoleTrainingForm
from marketplace.volunteering.shifts.forms import ShiftForm
from marketplace.web.forms import (
    Count,
    Email,
    Form,
    Line,
    LocalDate,
    LocalTime,
    Password,
    Text,
    Tick,
)
from marketplace.web.render import environment

FORMS: list[type[Form]] = [
    ProfileForm,
    SignInForm,
    SignUpForm,
    HistoryForm,
    FindForm,
    GroupForm,
    InviteForm,
    HoursForm,
    MarkForm,
    WalkInForm,
    ClaimForm,
    DisputeForm,
    ProposeForm,
    ExpenseForm,
    StatementForm,
    VerifyForm,
    OpportunityForm,
    CheckForm,
    TrainingForm,
    DecisionForm,
    RoleTrainingForm,
    ShiftForm,
]

# All of Unicode without halves of letters, and what breaks parsers more often than chance would.
ODD = st.sampled_from(
    [
        "\0",
        "\r",
        "\n",
        "\t",
        "\x85",
        "\u2028",
        "\ufeff",
        "\ufffe",
        "\u202e",
        '"',
        "'",
        "<",
        ">",
        "&",
        "&amp;",
        "&#0;",
        "&#x110000;",
        "</textarea>",
        "<!--",
        "]]>",
        "{{",
        "{%",
        "%",
        "\\",
        "$",
        "+",
        "-",
        ",",
        ".",
        "9" * 30,
        "1e9",
        "2027-02-29",
        "0000-00-00",
        "24:00",
        "://",
        "@",
        "x" * 400,
    ]
)
LETTERS = st.characters(exclude_categories=("Cs",))
ANY = st.one_of(st.text(LETTERS, max_size=60), st.lists(ODD, max_size=6).map("".join))
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Every(Form):
    """Each kind of field."""

    line: Line = ""
    text: Text = ""
    email: Email = ""
    password: Password = ""
    count: Count = 0
    day: LocalDate = date(2027, 1, 1)
    at: LocalTime = time(9)
    tick: Tick = False
    many: Annotated[list[Line], Field(max_length=5)] = Field(default_factory=list)


def posted(body: bytes) -> Request[Any, Any, Any]:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    scope: Any = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "state": {},
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
        "route_handler": SimpleNamespace(resolve_request_max_body_size=lambda: 1_000_000),
        "litestar_app": None,
    }
    return Request(scope, receive=receive)


@QUICK
@given(st.sampled_from([*FORMS, Every]), st.data())
def test_binding_any_text_gives_data_or_sentences(shape: type[Form], data: st.DataObject):
    names = st.sampled_from(sorted(shape.model_fields))
    raw = data.draw(st.dictionaries(names, st.lists(ANY, min_size=1, max_size=3)))
    bound = shape._validate(raw)
    assert (bound.data is None) == bool(bound.errors)
    for name, typed in raw.items():
        assert bound.values(name) == typed
    for name, sentence in bound.errors.items():
        assert name in shape.model_fields and 8 < len(sentence) < 300
        assert not sentence.startswith(("Value", "Input", "String"))


@QUICK
@given(
    st.one_of(
        st.binary(max_size=80), st.lists(st.tuples(ANY, ANY)).map(lambda p: urlencode(p).encode())
    )
)
async def test_binding_any_body_raises_nothing_but_bad_input(body: bytes):
    try:
        bound = await Every.bind(posted(body))
    except BadInput as refusal:
        assert refusal.message.endswith(".")
    else:
        assert (bound.data is None) == bool(bound.errors)


async def test_a_plain_body_is_bound():
    bound = await Every.bind(posted(b"line=a+b&many=c&many=d&count=7"))
    assert bound.data is not None
    assert (bound.data.line, bound.data.many, bound.data.count) == ("a b", ["c", "d"], 7)


FIELDS = environment().from_string(
    '{% from "components/form.html" import text_field, textarea_field, select_field with context %}'
    '<!DOCTYPE html><title>x</title><form>{{ text_field(form, "line", "Line") }}'
    '{{ textarea_field(form, "text", "Text") }}'
    '{{ textarea_field(form, "count", "Count", maxlength=9) }}'
    '<input name="plain" value="{{ form.value("line") }}"></form>'
)


def shown(form: Any) -> dict[str, str]:
    tree = html5lib.parse(
        FIELDS.render(form=form, csrf_token="x"), treebuilder="etree", namespaceHTMLElements=False
    )
    found = {}
    for element in tree.iter():
        if element.tag == "input":
            found[element.get("name")] = element.get("value", "")
        if element.tag == "textarea":
            found[element.get("name")] = "".join(element.itertext())
    return found


def as_read(text: str) -> str:
    """Give text as any browser reads it: NUL and line ends are not its to keep."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


@QUICK
@given(ANY, ANY)
def test_what_is_shown_in_a_field_reads_back_the_same(line: str, text: str):
    form = Every._validate({"line": [line], "text": [text], "count": [text]})
    found = shown(form)
    assert as_read(found["plain"]) == as_read(line)
    assert as_read(found["line"]) == as_read(line)
    # The first line end after <textarea> belongs to the markup.
    assert as_read(found["text"]) in {as_read(text), as_read(text).removeprefix("\n")}
    assert as_read(found["count"]) in {as_read(text), as_read(text).removeprefix("\n")}


@pytest.mark.parametrize("template", ["x.html", "x.svg", None])
def test_the_environment_escapes(template: str | None):
    source = environment().from_string("{{ name }}")
    assert source.render(name="<b>") == "&lt;b&gt;"
    chosen = environment().autoescape
    assert chosen(template) if callable(chosen) else chosen
