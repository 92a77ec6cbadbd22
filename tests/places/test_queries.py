from datetime import date

import asyncpg
import pytest

from marketplace.db import connection, execute, fetch_value, transaction
from marketplace.ids import new_id
from marketplace.places import outward_codes
from marketplace.places.queries import areas
from marketplace.places.seed import place_id, seed_statements
from marketplace.places.tables import OutwardCodeRow, Place

TODAY = date(2026, 11, 22)
LAST, FIRST = date(2028, 3, 31), date(2028, 4, 1)


class Undo(Exception):
    pass


async def reorganise() -> None:
    """End Chelmsford and Maldon and put one council of both in their place."""
    await execute(
        "UPDATE place SET valid_to = {} WHERE name IN ('Chelmsford', 'Maldon')"
        " AND scheme = 'council'",
        FIRST,
    )
    new = new_id()
    await execute(
        "INSERT INTO place (id, kind, scheme, name, parent_id, gss, valid_from)"
        " VALUES ({}, 'place', 'council', 'Mid Essex Council', {}, 'E06999999', {})",
        new,
        place_id("council", "Essex"),
        FIRST,
    )
    await execute(
        "INSERT INTO place_outward (id, place_id, outward_code, main)"
        " SELECT gen_random_uuid(), {}, outward_code, main FROM place_outward"
        " WHERE place_id IN ({}, {}) AND main",
        new,
        place_id("council", "Chelmsford"),
        place_id("council", "Maldon"),
    )


async def place_at(code: str, on: date, scheme: str = "council") -> str | None:
    """Name the area most of an outward code lies in on a day."""
    return await fetch_value(
        "SELECT p.name FROM place p JOIN place_outward o ON o.place_id = p.id"
        " WHERE o.outward_code = {} AND o.main AND p.scheme = {} AND p.kind = 'place'"
        " AND p.valid_from <= {} AND (p.valid_to IS NULL OR p.valid_to > {})",
        code,
        scheme,
        on,
        on,
    )


async def test_what_is_seeded(db):
    councils = await areas(TODAY)
    assert len(councils) == 14
    assert [each.name for each in councils][:2] == ["Basildon", "Braintree"]
    assert all(each.gss for each in councils)
    assert len(await areas(TODAY, scheme="nhs")) == 4
    (system,) = await areas(TODAY, scheme="nhs", kind="system")
    assert system.name == "Mid and South Essex"
    assert await fetch_value("SELECT count(*) FROM outward_code") == len(outward_codes())


async def test_seeding_again_keeps_what_was_changed(db):
    with pytest.raises(Undo):
        async with transaction():
            await execute("UPDATE place SET valid_to = {} WHERE name = 'Harlow'", FIRST)
            await execute("UPDATE outward_code SET town = 'x' WHERE code = 'CM1'")
            for statement in seed_statements():
                await connection().execute(statement)
            assert await fetch_value("SELECT valid_to FROM place WHERE name = 'Harlow'") == FIRST
            town = "SELECT town FROM outward_code WHERE code = 'CM1'"
            assert await fetch_value(town) == "Chelmsford"
            raise Undo


async def test_an_outward_code_has_its_district_and_its_alliance(db):
    assert await place_at("CM1", TODAY) == "Chelmsford"
    assert await place_at("CM1", TODAY, scheme="nhs") == "Mid Essex"
    assert await place_at("RM17", TODAY, scheme="nhs") == "Thurrock"
    assert (await place_at("CO1", TODAY, scheme="nhs")) is None
    # Most of CM23 lies in Hertfordshire.
    assert await place_at("CM23", TODAY) is None
    assert await place_at("M1", TODAY) is None


async def test_the_alliance_began_in_2022(db):
    assert await place_at("CM1", date(2022, 6, 30), scheme="nhs") is None
    assert await place_at("CM1", date(2022, 7, 1), scheme="nhs") is not None


async def test_a_district_that_ends_has_a_successor(db):
    with pytest.raises(Undo):
        async with transaction():
            await reorganise()
            assert await place_at("CM1", LAST) == "Chelmsford"
            assert await place_at("CM1", FIRST) == "Mid Essex Council"
            assert await place_at("CM9", FIRST) == "Mid Essex Council"
            assert await place_at("CM7", FIRST) == "Braintree"
            before, after = await areas(LAST), await areas(FIRST)
            assert len(before) == 14 and len(after) == 13
            raise Undo
    assert await place_at("CM1", FIRST) == "Chelmsford"


@pytest.mark.parametrize(
    ("gss", "since", "until", "constraint"),
    [
        ("E07000070", date(2027, 1, 1), None, "place_gss_once"),
        ("E07999999", date(2027, 1, 1), date(2027, 1, 1), "place_lasts"),
        ("E07999999", date(2027, 1, 1), date(2026, 1, 1), None),
    ],
)
async def test_impossible_dates_are_refused(db, gss, since, until, constraint):
    with pytest.raises(asyncpg.PostgresError) as refused:
        async with transaction():
            await execute(
                "INSERT INTO place (id, kind, scheme, name, gss, valid_from, valid_to)"
                " VALUES ({}, 'place', 'council', 'Twice', {}, {}, {})",
                new_id(),
                gss,
                since,
                until,
            )
    if constraint:
        assert refused.value.constraint_name == constraint


async def test_tables_read_points(db):
    row = await OutwardCodeRow.objects().get(OutwardCodeRow.code == "CM1")
    assert tuple(row.point) == (569600, 208000)
    place = await Place.objects().get(Place.gss == "E07000070")
    assert (place.name, place.valid_to) == ("Chelmsford", None)


async def test_tables_write_points(db):
    with pytest.raises(Undo):
        async with transaction():
            await OutwardCodeRow(code="QQ1", point=asyncpg.Point(1.5, 2.5), town="Nowhere").save()
            row = await OutwardCodeRow.objects().get(OutwardCodeRow.code == "QQ1")
            assert tuple(row.point) == (1.5, 2.5)
            raise Undo
