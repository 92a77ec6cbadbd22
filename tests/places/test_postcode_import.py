"""The postcode directory: what is kept of it, what is refused, and what it makes exact."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests import factories
from tests.places.onspd import HEADER, LIVE, NAMES, RENAMED, SAMPLE, line, written, zipped

from marketplace import places
from marketplace.accounts import operations as accounts
from marketplace.errors import CommandError
from marketplace.places.directory import import_postcodes
from marketplace.places.directory import operations as importing

GOOD = [line(f"CM3 {n}A{letter}", 570000 + n, 200000) for n in range(10) for letter in "ABDEF"]


async def held(db: Any) -> dict[str, tuple[float, float, str]]:
    rows = await db.fetch("SELECT code, point, district FROM postcode ORDER BY code")
    return {row["code"]: (row["point"].x, row["point"].y, row["district"]) for row in rows}


async def test_live_postcodes_are_kept_and_the_others_are_counted(db: Any, tmp_path: Path):
    calls: list[Any] = []
    path = written(tmp_path, *SAMPLE)
    report = await import_postcodes(path, lambda *call: calls.append(call))
    assert (report.read, report.added, report.skipped, report.rejected) == (20, LIVE, 7, 0)
    kept = await held(db)
    assert kept["CM11AA"] == (570500, 206900, "E07000070")
    assert kept["ZE10AA"] == (447800, 1141500, "S12000027") and len(kept) == LIVE
    assert not {"CM19ZZ", "CM19ZY", "JE23AB", "GY11AA", "IM11AA", "BT11AA"} & set(kept)
    size = path.stat().st_size
    assert ("Reading", size, size) in calls and ("Loading", LIVE, LIVE) in calls
    again = await import_postcodes(path)
    assert (again.added, again.changed, again.unchanged, again.removed) == (0, 0, LIVE, 0)


def test_the_columns_are_those_the_office_publishes():
    published = Path(__file__).parents[3] / "shared" / "data" / "onspd_columns.json"
    if not published.exists():
        pytest.skip("the list of columns is not beside the project")
    assert [column["code"] for column in json.loads(published.read_text())] == NAMES


async def test_a_later_file_changes_adds_and_takes_out(db: Any, tmp_path: Path):
    await import_postcodes(written(tmp_path, *SAMPLE))
    moved = line("CM1 1AA", 570501, 206900)
    ended = line("CM1 1AB", 570510, 206910, doterm="202608")
    report = await import_postcodes(
        written(tmp_path, moved, ended, *SAMPLE[2:], line("CM1 1AE", 570530, 206930))
    )
    assert (report.added, report.changed, report.removed) == (1, 1, 1)
    assert (await held(db))["CM11AA"][0] == 570501


@pytest.mark.parametrize("renamed", [{}, RENAMED, {"pcds": "PCDS", "doterm": " DOTERM"}])
async def test_columns_are_found_by_their_old_and_new_names(
    db: Any, tmp_path: Path, renamed: dict[str, str]
):
    header = ",".join(renamed.get(name, name) for name in NAMES)
    report = await import_postcodes(written(tmp_path, *SAMPLE, header="\ufeff" + header))
    assert (report.added, report.rejected) == (LIVE, 0)


async def test_the_archive_is_read_as_it_is(db: Any, tmp_path: Path):
    archive = zipped(written(tmp_path, *SAMPLE))
    calls: list[Any] = []
    report = await import_postcodes(archive, lambda *call: calls.append(call))
    assert report.added == LIVE
    done = [(at, of) for stage, at, of in calls if stage == "Reading"]
    assert done[-1][0] == done[-1][1] > 0
    assert sorted(os.listdir(tmp_path)) == ["ONSPD.csv", "ONSPD.zip"]


BAD = [
    (line("CM1 1AA").replace("CM1 1AA", "NOT A POSTCODE"), "'NOT A POSTCODE' is not a postcode."),
    (line("CM1 1AA", "57O5OO"), "easting is '57O5OO', not metres"),
    (line("CM1 1AA", 700_001), "easting is '700001'"),
    (line("CM1 1AA", 570500, -5), "northing is '-5'"),
    (line("CM1 1AA", 570500, ""), "northing is ''"),
    (line("CM1 1AA", oslaua="Chelmsford"), "The district is 'Chelmsford'"),
    (line("CM1 1AA") + ',"more"', "54 columns where the header has 53"),
    ('"CM1 1AA","CM1  1AA"', "2 columns where the header has 53"),
    (line("CM1 1AA") + ',"', "A quotation mark is missing."),
    (line("CM1 1AA", parish="\x00", oseast1m="\x00"), "easting is"),
    ("x" * 150_000, "longer than 100,000 bytes"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "reason"), BAD)
async def test_a_bad_row_is_listed_with_its_line(db: Any, tmp_path: Path, bad: str, reason: str):
    report = await import_postcodes(written(tmp_path, *GOOD[:20], bad, *GOOD[20:]))
    assert (report.added, report.rejected) == (len(GOOD), 1)
    assert report.bad[0].line == 22 and reason in report.bad[0].reason
    with (tmp_path / "ONSPD.csv.errors.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row["line"] == "22" and reason in row["reason"]


async def test_bytes_that_are_not_utf8_and_commas_inside_quotes(db: Any, tmp_path: Path):
    path = written(tmp_path, *GOOD, line("CM4 1AA", parish="Stock, Essex"))
    path.write_bytes(path.read_bytes() + b'"\xff"\r\n\r\n')
    report = await import_postcodes(path)
    assert (report.added, report.rejected) == (len(GOOD) + 1, 1)
    assert "not UTF-8" in report.bad[0].reason and "CM41AA" in await held(db)


async def test_the_same_postcode_twice_keeps_the_first(db: Any, tmp_path: Path):
    report = await import_postcodes(written(tmp_path, *GOOD, line("CM3 0AA", 1, 1)))
    assert report.rejected == 1 and report.bad[0].reason == "CM30AA is on line 2 already."
    assert (await held(db))["CM30AA"][:2] == (570000, 200000)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\xff\xfeh\x00", "not text"),
        (b"a,b,c\r\n1,2,3\r\n", "no column pcds"),
        (HEADER.replace("oslaua", "council").encode(), "no column oslaua"),
        (HEADER.encode() + b"\r\n", "no live postcodes"),
        (b"PK\x03\x04rest", "damaged or not whole"),
        (b"PK\x05\x06" + b"\0" * 18, "holds no file ending in .csv"),
    ],
)
async def test_what_is_not_the_directory_gets_a_sentence(
    db: Any, tmp_path: Path, content: bytes, sentence: str
):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        await import_postcodes(path)
    for missing in (tmp_path / "nothing", tmp_path):
        with pytest.raises(CommandError, match=r"There is no file|is a folder"):
            await import_postcodes(missing)


async def test_an_archive_that_broke_off_changes_nothing(db: Any, tmp_path: Path):
    await import_postcodes(written(tmp_path, *SAMPLE))
    before = await held(db)
    archive = zipped(written(tmp_path, *GOOD, name="new.csv"))
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match="damaged or not whole"):
        await import_postcodes(archive)
    # A byte changed in the packed rows is found by the archive's own sum, after they were read.
    at = whole.index(b"ONSPD_UK.csv") + 400
    archive.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    with pytest.raises(CommandError, match=r"damaged|cannot be used|not the ONS"):
        await import_postcodes(archive)
    assert await held(db) == before


async def test_a_file_that_is_mostly_bad_or_too_short_changes_nothing(
    db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    await import_postcodes(written(tmp_path, *GOOD))
    before = await held(db)
    with pytest.raises(CommandError, match="12 of 52 rows cannot be used"):
        wrong = [line("CM5 1AA", "x") for _ in range(12)]
        await import_postcodes(written(tmp_path, *GOOD[:40], *wrong))
    monkeypatch.setattr(importing, "GUARDED_ROWS", 10)
    half = written(tmp_path, *GOOD[:20])
    with pytest.raises(CommandError, match="--allow-shrink"):
        await import_postcodes(half)
    assert await held(db) == before
    assert (await import_postcodes(half, allow_shrink=True)).removed == 30


async def test_slices_lose_nothing_and_a_failure_loads_nothing(
    db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = written(tmp_path, *GOOD)
    monkeypatch.setattr(importing, "SLICE", 7)

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "Loading" and done >= 21:
            raise RuntimeError("the disk is full, say")

    with pytest.raises(RuntimeError):
        await import_postcodes(path, progress)
    assert await held(db) == {}
    for size in (1, 7, 49, 50, 51):
        monkeypatch.setattr(importing, "SLICE", size)
        await import_postcodes(written(tmp_path, *GOOD[:25], name="part.csv"), allow_shrink=True)
        await import_postcodes(path)
        assert len(await held(db)) == len(GOOD)


async def test_two_imports_at_once_do_it_one_after_the_other(db: Any, tmp_path: Path):
    path = written(tmp_path, *SAMPLE)
    first, second = await asyncio.gather(import_postcodes(path), import_postcodes(path))
    assert sorted((first.added, second.added)) == [0, LIVE]


KILLED = """
import asyncio, os, pathlib, signal, sys
from marketplace.places.directory import operations
operations.SLICE = 10

def progress(stage, done, total):
    if stage == sys.argv[2] and (done > 0 or stage == "Reading"):
        print("here", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(operations.import_postcodes(pathlib.Path(sys.argv[1]), progress))
"""


@pytest.mark.parametrize("stage", ["Reading", "Loading"])
async def test_killed_midway_nothing_is_loaded_and_it_runs_again(
    db: Any, database_url: str, tmp_path: Path, stage: str
):
    path = written(tmp_path, *GOOD)
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED, str(path), stage],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert await held(db) == {}
    assert (await import_postcodes(path)).added == len(GOOD)


def test_the_command_says_what_it_did(database_url: str, db: Any, tmp_path: Path):
    path = written(tmp_path, *GOOD, *SAMPLE, line("CM5 1AA", "x"))
    environment = {**os.environ, "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "marketplace", "import", "postcodes"]
    run = subprocess.run(
        [*command, str(path)], env=environment, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert "71 rows read" in run.stdout and f"{50 + LIVE} added" in run.stdout
    assert "7 are not for us" in run.stdout and "Line 72: easting is 'x'" in run.stderr
    missing = subprocess.run(
        [*command, str(tmp_path / "nothing")],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert missing.returncode == 1 and "Traceback" not in missing.stderr


# What it makes exact


async def test_a_postcode_lies_at_its_own_place_once_it_is_known(db: Any, tmp_path: Path):
    before = await places.locate("cm12qa")
    assert before == places.resolve("cm12qa")
    await import_postcodes(written(tmp_path, *SAMPLE))
    found = await places.locate("cm12qa")
    assert found is not None and found.point == (569100, 207400) != before.point
    assert (found.label, found.outward, found.district) == ("CM1 2QA", "CM1", "Chelmsford")
    witham = await places.locate("CM8 1AA")
    assert witham is not None and witham.district == "Braintree"
    assert (await places.locate("E1 6AN")).district is None
    for text in ("CM1", "Chelmsford", "chelmsfrd", "CM1 1ZZ", "BT1 1AA", "nowhere at all", ""):
        assert await places.locate(text) == places.resolve(text)


async def test_a_new_outward_code_is_known_by_its_postcodes(db: Any, tmp_path: Path):
    assert places.resolve("CM99 1AA") is None
    await import_postcodes(written(tmp_path, line("CM99 1AA", 570123, 206123)))
    found = await places.locate("CM99 1AA")
    assert found is not None and (found.point, found.outward) == ((570123, 206123), "CM99")


@pytest.mark.parametrize("text", ["", "x" * 5000, "CM1 1A\x00", "\ud800", "'; --", "CM1 1AA" * 20])
async def test_odd_text_is_no_place_and_breaks_nothing(db: Any, text: str):
    assert await places.locate(text) is None


async def test_what_stores_a_point_stores_the_postcodes_own(db: Any, tmp_path: Path):
    from marketplace.organisations import operations as organisations
    from marketplace.organisations.rules import Details as Registration
    from marketplace.organisations.rules import Kind
    from marketplace.volunteering.opportunities import operations as opportunities

    await import_postcodes(written(tmp_path, *SAMPLE))
    person = await factories.a_person()
    await accounts.change_profile(person.actor, name="Kim", where="cm1 2qa", skills=[], causes=[])
    here = await factories.an_organisation(owner=person)
    await opportunities.draft(
        here.owner.actor, here.id, opportunities.Details(title="Help", postcode="CM1 2QA")
    )
    own = await organisations.register_organisation(
        person.actor,
        Registration(
            name="Chelmer Gardeners", summary="", description="", causes=(), address="", town="",
            postcode="CM1 2QA", website="", contact_email="", contact_phone="",
        ),
        kind=Kind.COMMUNITY_GROUP,
        send=False,
    )  # fmt: skip
    for table, column, id in (
        ("person", "id", person.id), ("opportunity", "organisation_id", here.id),
        ("organisation", "id", own),
    ):  # fmt: skip
        point = await db.fetch_value(f"SELECT point FROM {table} WHERE {column} = {{}}", id)
        assert (point.x, point.y) == (569100, 207400), table


async def test_a_list_measures_from_the_postcode_itself(
    db: Any, browser: Any, tmp_path: Path, queries_run: Any
):
    opportunity = await factories.an_opportunity(point=factories.Point(569100, 207400))
    await factories.a_shift(opportunity)
    address = "/opportunities?near=CM1+2QA"
    assert "under 0.1 miles" not in (await browser.get(address)).text
    await import_postcodes(written(tmp_path, *SAMPLE))
    for where in (address, "/?near=CM1+2QA", "/search?q=garden+near+CM1+2QA"):
        assert "under 0.1 miles" in (await browser.get(where)).text, where
    with queries_run() as exact:
        await browser.get(address)
    with queries_run() as outward:
        await browser.get("/opportunities?near=CM1")
    assert exact.count == outward.count + 1
