import re
from math import dist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.places import (
    Postcode,
    miles,
    outward_code,
    outward_codes,
    resolve,
    split,
    town_names,
)
from marketplace.places.gazetteer import _near_names, _rows
from marketplace.places.seed import ALLIANCES, DISTRICTS, seed_statements

ESSEX = set(DISTRICTS)

# Postcodes

OUTWARDS = st.from_regex(r"[A-Z]{1,2}[0-9][A-Z0-9]?", fullmatch=True)
INWARDS = st.from_regex(r"[0-9][ABD-HJLNP-UW-Z]{2}", fullmatch=True)


@given(OUTWARDS, INWARDS, st.sampled_from(["", " ", "  ", "\u00a0"]), st.booleans())
def test_a_postcode_survives_case_and_spacing(outward, inward, space, lower):
    text = f" {outward}{space}{inward} "
    postcode = Postcode.parse(text.lower() if lower else text)
    assert postcode == Postcode(outward, inward)
    assert Postcode.parse(str(postcode)) == postcode


@given(st.text(max_size=40))
def test_no_text_breaks_parsing_resolving_or_splitting(text):
    parsed = Postcode.parse(text)
    if parsed is not None:
        assert re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}", str(parsed))
    resolve(text)
    what, where = split(text)
    assert not where or resolve(where) is not None
    assert len(what) + len(where) <= len(text)


@pytest.mark.parametrize(
    "text",
    ["", "CM1", "CM1 1A", "CM1 1AAA", "1CM 1AA", "CM1 1CI", "CMM1 1AA", "CM1 AA1", "CM123 1AA"],
)
def test_what_is_not_a_postcode_is_not_read_as_one(text):
    assert Postcode.parse(text) is None


def test_postcodes_are_written_as_people_do():
    assert str(Postcode.parse("cm11aa")) == "CM1 1AA"
    assert str(Postcode.parse("cm111aa")) == "CM11 1AA"


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (0, "0 miles"),
        (50, "0 miles"),
        (200, "0.1 miles"),
        (1609.344, "1 mile"),
        (1931, "1.2 miles"),
        (15_900, "9.9 miles"),
        (16_093.44, "10 miles"),
        (40_000, "25 miles"),
    ],
)
def test_distances(metres, words):
    assert miles(metres) == words


# The tables by hand, held against the tables of others


def test_every_outward_code_of_the_united_kingdom_is_there():
    codes = outward_codes()
    assert len(codes) == 2834
    assert codes["E20"].point == (538350, 184500)
    assert all(0 < code.point[0] < 700_000 for code in codes.values())
    assert all(0 < code.point[1] < 1_300_000 for code in codes.values())
    assert not [code for code in codes if code[:2] in {"GY", "JE", "IM"}]


def test_every_essex_code_is_known_by_hand():
    by_hand = {row["code"] for row in _rows("essex_outcodes.csv")}
    essex = {code for code in outward_codes() if re.match(r"(CM|CO|SS)\d", code)}
    assert essex <= by_hand
    assert {"EN9", "CB10", "CB11", "IG7", "IG9", "IG10", "RM4", "RM20", "CM23"} <= by_hand
    assert by_hand <= set(outward_codes())


def test_every_district_is_the_main_one_of_some_code():
    mains = {code.districts[0] for code in outward_codes().values() if code.districts}
    assert mains >= ESSEX


def test_every_post_town_is_a_town():
    for row in _rows("essex_outcodes.csv"):
        assert resolve(row["post_town"]) is not None, row


def test_each_town_lies_among_codes_of_its_district():
    codes = [code for code in outward_codes().values() if code.districts]
    for row in _rows("towns.csv"):
        if row["district"] not in ESSEX:
            continue
        point = (int(row["easting"]), int(row["northing"]))
        nearest = sorted(codes, key=lambda code: dist(code.point, point))[:4]
        assert dist(nearest[0].point, point) < 11_000, row
        assert row["district"] in {each for code in nearest for each in code.districts}, row


def test_each_code_with_a_town_of_its_own_lies_near_it():
    # Middles of rural codes lie far from their post town; those of towns do not.
    for code, town in {
        "CM1": "Chelmsford", "CM20": "Harlow", "CO1": "Colchester", "SS1": "Southend-on-Sea",
        "SS8": "Canvey Island", "RM17": "Grays", "CO15": "Clacton-on-Sea", "CM8": "Witham",
        "IG10": "Loughton", "CB10": "Saffron Walden", "CO12": "Harwich", "SS6": "Rayleigh",
        "CM16": "Epping", "EN9": "Waltham Abbey", "CM24": "Stansted Mountfitchet",
    }.items():  # fmt: skip
        assert dist(outward_codes()[code].point, resolve(town).point) < 2_600, code


# Resolving


@pytest.mark.parametrize(
    ("text", "label", "district"),
    [
        ("CM1 1AA", "CM1 1AA", "Chelmsford"),
        ("cm11aa", "CM1 1AA", "Chelmsford"),
        ("cm1", "CM1", "Chelmsford"),
        (" cm 1 ", "CM1", "Chelmsford"),
        ("CM1 1", "CM1", "Chelmsford"),
        ("CM11", "CM11", "Basildon"),
        ("EN9", "EN9", "Epping Forest"),
        ("CM23", "CM23", "East Hertfordshire"),
        ("W1D 4AA", "W1D 4AA", None),
        ("Chelmsford", "Chelmsford", "Chelmsford"),
        ("CHELMSFORD", "Chelmsford", "Chelmsford"),
        ("chelmsfrd", "Chelmsford", "Chelmsford"),
        ("chlemsford", "Chelmsford", "Chelmsford"),
        ("colcester", "Colchester", "Colchester"),
        ("harlw", "Harlow", "Harlow"),
        ("brian tree", "Braintree", "Braintree"),
        ("saffron waldon", "Saffron Walden", "Uttlesford"),
        ("leigh on sea", "Leigh-on-Sea", "Southend-on-Sea"),
        ("Southend", "Southend-on-Sea", "Southend-on-Sea"),
        ("clacton", "Clacton-on-Sea", "Tendring"),
        ("Witham, Essex", "Witham", "Braintree"),
        ("the Witham area", "Witham", "Braintree"),
        ("Bishops Stortford", "Bishop's Stortford", "East Hertfordshire"),
        ("bishop’s stortford", "Bishop's Stortford", "East Hertfordshire"),
        ("Newport", "Newport", "Uttlesford"),
        ("Hadleigh", "Hadleigh", "Castle Point"),
        ("Birmingham", "Birmingham", None),
        ("Tendring", "Tendring", "Tendring"),
    ],
)
def test_resolving(text, label, district):
    located = resolve(text)
    assert located is not None
    assert (located.label, located.district) == (label, district)


@pytest.mark.parametrize(
    "text",
    ["", " ", "me", "here", "nowhere", "xx1", "CM99 1AA", "ZZ9 9ZZ", "kitchen", "misses", "grey",
     "a" * 500, "\x00", "\ud800", "CM1; DROP TABLE", "12", "the", "area"],
)  # fmt: skip
def test_what_is_no_place_resolves_to_none(text):
    assert resolve(text) is None


def test_a_mended_name_says_so():
    assert resolve("chelmsfrd").corrected
    assert not resolve("chelmsford").corrected


def test_a_whole_county_or_district_reaches_far():
    assert resolve("Essex").reach > 50_000
    assert 0 < resolve("Castle Point").reach < 10_000
    assert resolve("Chelmsford").reach == 0
    reach = resolve("Essex")
    for row in _rows("towns.csv"):
        if row["district"] in ESSEX:
            point = (int(row["easting"]), int(row["northing"]))
            assert dist(reach.point, point) < reach.reach
            if row["district"] in {"Castle Point", "Epping Forest", "Tendring", "Thurrock",
                                   "Uttlesford"}:  # fmt: skip
                whole = resolve(row["district"])
                assert dist(whole.point, point) < whole.reach, row


def test_no_two_towns_are_one_slip_apart():
    """A slip that fits two towns mends neither, so a dropped letter must mend to its own town."""
    for name, located in _near_names().items():
        if len(name) > 6:
            found = resolve(name[:3] + name[4:])
            assert found is None or found.label == located.label, name


def test_town_names_are_in_reading_order():
    assert town_names() == sorted(town_names(), key=str.casefold)
    assert "Chelmsford" in town_names()


def test_an_unlisted_london_code_falls_back():
    assert outward_code("w1d").code == "W1D"
    assert outward_code("W1Z").code == "W1"
    assert outward_code("CM1Z") is None
    assert outward_code("") is None


# Splitting


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("gardening near CM1", ("gardening", "CM1")),
        ("gardening near cm1 1aa", ("gardening", "cm1 1aa")),
        ("gardening  NEAR   Chelmsford", ("gardening", "Chelmsford")),
        ("gardening near chelmsfrd", ("gardening", "chelmsfrd")),
        ("dog walking in Witham", ("dog walking", "Witham")),
        ("help in kitchens in Witham", ("help in kitchens", "Witham")),
        ("litter picking CM2", ("litter picking", "CM2")),
        ("litter picking, CM2", ("litter picking", "CM2")),
        ("CM2 litter picking", ("litter picking", "CM2")),
        ("gardening CM1 1AA", ("gardening", "CM1 1AA")),
        ("cooking, near Colchester?", ("cooking", "Colchester")),
        ("walks around Epping Forest", ("walks", "Epping Forest")),
        ("reading near Reading", ("reading", "Reading")),
        ("gardening in Essex", ("gardening", "Essex")),
        ("near CM1", ("", "CM1")),
        ("CM1", ("", "CM1")),
        ("", ("", "")),
        # Whole
        ("in-kind near misses", ("in-kind near misses", "")),
        ("near me", ("near me", "")),
        ("near the sea", ("near the sea", "")),
        ("things in stock", ("things in stock", "")),
        ("help in schools", ("help in schools", "")),
        ("children in need", ("children in need", "")),
        ("volunteer in care", ("volunteer in care", "")),
        ("help with reading", ("help with reading", "")),
        ("help in reading", ("help in reading", "")),
        ("litter pick beside the M25", ("litter pick beside the M25", "")),
        ("vitamin B12", ("vitamin B12", "")),
        ("games for PS5", ("games for PS5", "")),
        ("GCSE E3", ("GCSE E3", "")),
        ("help with my CV1", ("help with my CV1", "")),
        ("Friends of Witham", ("Friends of Witham", "")),
        ("Colchester Castle tours", ("Colchester Castle tours", "")),
        ("inWitham", ("inWitham", "")),
    ],
)
def test_splitting(text, parts):
    assert split(text) == parts


@pytest.mark.parametrize("name", ["Chelmsford", "Harlow", "Leigh-on-Sea", "Stanford-le-Hope"])
@pytest.mark.parametrize("word", ["near", "in", "close to", "around", "at"])
def test_each_way_to_say_where(name, word):
    assert split(f"gardening {word} {name}") == ("gardening", name)


# What is seeded


def test_the_seed_has_every_district_and_alliance():
    places, codes, coverage = seed_statements()
    for gss, _ in DISTRICTS.values():
        assert f"'{gss}'" in places
    assert set(ALLIANCES) == {"Basildon and Brentwood", "Mid Essex", "South East Essex", "Thurrock"}
    assert {part for parts in ALLIANCES.values() for part in parts} <= ESSEX
    assert codes.count("point(") == 2834
    assert "'CM1'" in coverage
