"""Kinds of questions, words, money, and what becomes of a text that is sent. No database."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace import money
from marketplace.questions.rules import (
    MOST_CHARACTERS,
    Asked,
    Kind,
    Meaning,
    Outcome,
    Stored,
    clean,
    count_words,
    moved,
    outcome,
    problem,
    spoken,
    unstorable,
)


def asked(kind: Kind, **fields) -> Asked:
    return Asked(id=uuid4(), kind=kind, label="?", **fields)


# --- words


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("  ", 0), ("one", 1), ("one two", 2), ("one\n\ntwo", 2), ("well-being — now", 3)],
)
def test_words_are_what_stands_between_spaces(text, words):
    assert count_words(text) == words


@given(st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1), max_size=30))
def test_as_many_words_are_counted_as_were_joined(words):
    assert count_words(" \n".join(words)) == len(words)


# --- money


@given(st.integers(min_value=0, max_value=10_000_000_000_000))
def test_money_that_is_written_is_read_as_it_was(pence):
    assert money.parse(money.pounds(pence)) == pence


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("£1,250", 125_000),
        ("1250.50", 125_050),
        ("1250.5", 125_050),
        (" £ 1 250 ", 125_000),
        ("0.07", 7),
        ("1,25", None),
        ("1.234", None),
        ("-5", None),
        ("1e3", None),
        ("£", None),
        ("", None),
        ("ten", None),
        ("١٢", None),
        ("9" * 30, None),
        ("999999999999.99", None),
    ],
)
def test_money_is_read_as_people_type_it(text, pence):
    assert money.parse(text) == pence


@given(st.text(max_size=40))
def test_no_text_makes_reading_money_fail(text):
    found = money.parse(text)
    assert found is None or found >= 0


# --- answers


@pytest.mark.parametrize(
    ("question", "good", "bad"),
    [
        (asked(Kind.LINE), "A garden", "two\nlines"),
        (asked(Kind.LINE), "x" * 140, "x" * 141),
        (asked(Kind.LINE, word_limit=2), "two words", "three words now"),
        (asked(Kind.TEXT, word_limit=2), "two\nwords", "three words now"),
        (asked(Kind.TEXT), "x" * MOST_CHARACTERS, "x" * (MOST_CHARACTERS + 1)),
        (asked(Kind.NUMBER), "1,200", "many"),
        (asked(Kind.MONEY), "£1,250", "lots"),
        (asked(Kind.MONEY), "0.01", "0"),
        (asked(Kind.DATE), "2027-02-28", "2027-02-29"),
        (asked(Kind.YES_NO), "no", "perhaps"),
        (asked(Kind.CHOICE, options=("a", "b")), "a", "c"),
        (asked(Kind.CHOICES, options=("a", "b")), "a\nb", "a\nc"),
    ],
)
def test_each_kind_takes_what_it_is_and_says_what_else_to_do(question, good, bad):
    assert problem(question, good) is None
    assert problem(question, bad)


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_is_an_answer_only_where_none_is_required(kind):
    assert problem(asked(kind, options=("a", "b")), " ")
    assert problem(asked(kind, options=("a", "b"), required=False), "") is None


@pytest.mark.parametrize("meaning", [Meaning.TITLE, Meaning.AMOUNT])
def test_what_the_product_reads_is_asked_for_by_name(meaning):
    assert "Say " in (problem(asked(Kind.LINE, meaning=meaning), "") or "")


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "a\x07b"])
def test_what_no_database_takes_is_refused_with_a_sentence(text):
    assert unstorable(text)


def test_line_ends_are_of_one_kind():
    assert clean(" a\r\nb\rc \n") == "a\nb\nc"


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (Kind.MONEY, "1250", "£1,250"),
        (Kind.DATE, "2027-03-04", "Thursday 4 March 2027"),
        (Kind.NUMBER, "1200", "1,200"),
        (Kind.YES_NO, "yes", "Yes"),
        (Kind.TEXT, "as it is", "as it is"),
        (Kind.MONEY, "lots", "lots"),
    ],
)
def test_answers_are_read_as_people_say_them(kind, text, said):
    assert spoken(kind, text) == said


# --- two tabs

PAGE, OTHER = uuid4(), uuid4()
THERE = Stored(version=3, value="there", page=PAGE)


@pytest.mark.parametrize(
    ("seen", "before", "typed", "page", "becomes"),
    [
        (3, None, "new", OTHER, Outcome.WRITE),
        (3, None, "there", OTHER, Outcome.KEEP),
        (2, "before", "new", OTHER, Outcome.CLASH),
        (2, "before", "before", OTHER, Outcome.KEEP),
        (2, "before", "there", OTHER, Outcome.KEEP),
        (2, "before", "new", PAGE, Outcome.WRITE),
        (2, "before", "before", PAGE, Outcome.WRITE),
        (0, "", "", OTHER, Outcome.KEEP),
        (0, "", "new", None, Outcome.CLASH),
        (9, None, "new", OTHER, Outcome.CLASH),
    ],
)
def test_what_becomes_of_a_text_that_is_sent(seen, before, typed, page, becomes):
    assert outcome(THERE, seen, before, typed, page) is becomes


def test_the_first_answer_is_written():
    assert outcome(Stored(), 0, "", "new", None) is Outcome.WRITE
    assert outcome(Stored(), 0, "", "", None) is Outcome.KEEP


# --- order


def test_a_question_moves_one_place_and_stops_at_the_ends():
    a, b, c = uuid4(), uuid4(), uuid4()
    assert moved([a, b, c], c, -1) == [a, c, b]
    assert moved([a, b, c], a, 1) == [b, a, c]
    assert moved([a, b, c], a, -1) == [a, b, c]
    assert moved([a, b, c], c, 1) == [a, b, c]
