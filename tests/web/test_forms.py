"""Forms: bad input is a sentence beside its field, and nothing typed is lost."""

from datetime import date, time
from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from marketplace.errors import Conflict
from marketplace.web.forms import (
    Bound,
    Count,
    Email,
    Form,
    Line,
    LocalDate,
    LocalTime,
    Text,
    Tick,
)


class Sample(Form):
    labels: ClassVar = {"name": "your name", "email": "your e-mail address"}
    sentences: ClassVar = {("day", "missing"): "Tell us which day"}

    name: Annotated[Line, Field(max_length=20)]
    email: Email = ""
    story: Text = ""
    places: Count = 1
    day: LocalDate = date(2027, 1, 1)
    at: LocalTime = time(9)
    agreed: Tick = False
    causes: tuple[str, ...] = ()


def bound(**typed: str | list[str]) -> Bound[Sample]:
    raw = {k: v if isinstance(v, list) else [v] for k, v in ({"name": "Ada"} | typed).items()}
    return Sample._validate(raw)  # pyright: ignore[reportPrivateUsage]


def error(**typed: str | list[str]) -> str | None:
    (name,) = typed
    return bound(**typed).error(name)


def test_what_is_typed_becomes_data():
    data = bound(name="  Ada   Lovelace ", places="1,200", day="2028-02-29", at="6:30pm").data
    assert data is not None
    assert (data.name, data.places, data.day, data.at) == (
        "Ada Lovelace",
        1200,
        date(2028, 2, 29),
        time(18, 30),
    )


def test_an_empty_required_field_says_what_to_enter():
    assert error(name="  ") == "Enter your name"


def test_an_empty_optional_field_keeps_its_default():
    data = bound(places="", day=" ").data
    assert data is not None and data.places == 1


def test_over_long_text_says_how_long_it_may_be():
    assert error(name="x" * 21) == "Your name must be 20 characters or fewer"


def test_what_was_typed_is_kept_when_it_is_wrong():
    form = bound(name="x" * 21, places="many")
    assert form.data is None
    assert (form.value("name"), form.value("places")) == ("x" * 21, "many")


@pytest.mark.parametrize("bad", ["a\x00b", "a\x07b", "a\ud800b"])
def test_characters_that_cannot_be_shown_are_refused(bad: str):
    assert (
        error(name=bad) == "Remove the characters that cannot be shown, such as those of a bad copy"
    )
    assert error(story=bad)


@pytest.mark.parametrize("fine", ["Zoë", "李", "👩🏽‍🌾 Ann", "O’Brien-Smith"])
def test_names_of_the_world_are_fine(fine: str):
    assert bound(name=fine).data is not None


def test_line_ends_are_made_one_kind():
    data = bound(story=" one\r\n\r\ntwo\rthree ").data
    assert data is not None and data.story == "one\n\ntwo\nthree"


@pytest.mark.parametrize(
    "bad",
    [
        "ada",
        "ada@",
        "@x.org",
        "ada@x",
        "a b@x.org",
        "ada@x..org",
        "ada@x.org\nBcc: b@x.org",
        "é@x.org",
    ],
)
def test_what_is_no_address_is_refused(bad: str):
    assert bound(email=bad).data is None


@pytest.mark.parametrize("bad", ["2027-02-29", "29/02/2027", "tomorrow", "0000-00-00", "9" * 400])
def test_a_date_that_does_not_exist_is_refused(bad: str):
    assert error(day=bad) == "Enter a real date, such as 2027-03-04"


@pytest.mark.parametrize("bad", ["2147483648", "9" * 30, "1e9", "NaN", "-", "٣"])
def test_huge_and_odd_numbers_are_refused(bad: str):
    assert error(places=bad) is not None


def test_a_negative_number_says_the_least():
    assert error(places="-1") == "Places must be 0 or more"


@pytest.mark.parametrize("bad", ["25:00", "13pm", "18:60", "late", "0pm"])
def test_a_time_that_does_not_exist_is_refused(bad: str):
    assert error(at=bad) == "Enter a time such as 18:30 or 6:30pm"


def test_errors_stand_in_the_order_of_the_fields():
    form = bound(day="x", name="")
    assert list(form.errors) == ["name", "day"]


def test_several_answers_are_kept_apart():
    data = bound(causes=["animals", "", "health"]).data
    assert data is not None and data.causes == ("animals", "health")


def test_a_conflict_that_names_a_field_lands_beside_it():
    form = bound()
    with form.catching():
        raise Conflict("This address is taken", field="email")
    assert form.error("email") == "This address is taken"


def test_a_conflict_without_a_field_passes():
    with pytest.raises(Conflict), bound().catching():
        raise Conflict("Not now")
