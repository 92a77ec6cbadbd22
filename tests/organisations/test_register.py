import asyncio
import csv
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from marketplace.db import connect, fetch, fetch_value
from marketplace.errors import CommandError, Conflict
from marketplace.organisations.register import (
    find_charity,
    import_charities,
    search_charities,
)
from marketplace.organisations.register import operations as importing
from marketplace.organisations.register.rules import parse_number, search_key
from marketplace.paths import data

SAMPLE = data() / "register_sample.tsv"
HEADER, *LINES = SAMPLE.read_text(encoding="utf-8").splitlines()
NAMES = HEADER.split("\t")


def changed(line: str, **fields: str) -> str:
    parts = line.split("\t")
    for name, value in fields.items():
        parts[NAMES.index(name)] = value
    return "\t".join(parts)


def written(folder: Path, *lines: str, header: str = HEADER, name: str = "charity.txt") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


async def mirror() -> list[dict]:
    return await fetch("SELECT * FROM register_charity ORDER BY organisation_number")


# Numbers and names


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1234567", (1234567, 0)),
        (" 1 234 567 ", (1234567, 0)),
        ("1234567-2", (1234567, 2)),
        ("1234567/12", (1234567, 12)),
        ("GB-CHC-1234567", (1234567, 0)),
        ("Registered charity number: 1234567", (1234567, 0)),
        ("No. 1234567", (1234567, 0)),
        ("", None),
        ("Nothing", None),
        ("1234567890123", None),
        ("-1", None),
        ("١٢٣٤٥٦٧", None),
        ("12\x0034", None),
    ],
)
def test_numbers_are_read_as_people_type_them(typed, read):
    assert parse_number(typed) == read


@pytest.mark.parametrize("typed", ["SC012345", "sc 012345", "NI123456", "NIC100123"])
def test_other_registers_are_answered_with_a_sentence(typed):
    with pytest.raises(Conflict, match="cannot look up") as refused:
        parse_number(typed)
    assert refused.value.field == "charity_number"


def test_names_are_folded_for_comparing():
    assert search_key("  ST. BOTOLPH'S Café & Garden ") == "st botolphs cafe and garden"
    assert search_key("%_'\\") == ""


# Importing


async def test_the_sample_loads_and_loads_again_unchanged(db, tmp_path):
    calls = []
    report = await import_charities(SAMPLE, lambda *call: calls.append(call))
    assert (report.read, report.added, report.rejected) == (120, 120, 0)
    assert report.errors is None
    size = SAMPLE.stat().st_size
    assert ("Reading", size, size) in calls and ("Loading", 120, 120) in calls
    again = await import_charities(SAMPLE)
    assert (again.added, again.changed, again.unchanged, again.removed) == (0, 0, 120, 0)


def test_no_number_of_the_sample_can_be_real():
    column = NAMES.index("registered_charity_number")
    assert all(int(line.split("\t")[column]) > 9_900_000 for line in LINES)


async def test_telephone_and_mail_are_never_stored(db, tmp_path):
    line = changed(
        LINES[0],
        charity_contact_phone="01245 000000",
        charity_contact_email="someone@example.org",
    )
    await import_charities(written(tmp_path, line))
    assert "someone@example.org" not in str(await mirror())
    assert "01245" not in str(await mirror())


async def test_each_column_lands_where_it_belongs(db, tmp_path):
    line = changed(
        LINES[0],
        charity_name="Café  & Garden",
        date_of_registration="2001-02-03 00:00:00",
        latest_income="1234.5",
        charity_contact_address1="1 Mill Lane",
        charity_contact_address2="",
        charity_contact_address3="Essex",
        charity_contact_postcode="cm11aa",
        charity_registration_status="Registered",
    )
    await import_charities(written(tmp_path, line))
    charity = await find_charity("9900001")
    assert charity is not None
    assert charity.name == "Café & Garden"
    assert charity.registered_on == date(2001, 2, 3)
    assert charity.income_pence == 123450
    assert charity.address == ("1 Mill Lane", "Essex")
    assert charity.postcode == "CM1 1AA"
    assert charity.number == "9900001" and charity.registered


BAD = [
    ({"organisation_number": "x"}, "organisation_number is 'x', not a whole number."),
    ({"organisation_number": "0"}, "organisation_number is 0, which is out of range."),
    ({"organisation_number": "9999999999"}, "is out of range"),
    ({"linked_charity_number": ""}, "linked_charity_number is '', not a whole number."),
    ({"charity_name": " "}, "charity_name is empty."),
    ({"charity_registration_status": "Gone"}, "neither Registered nor Removed"),
    ({"date_of_registration": "2027-02-29"}, "date_of_registration is '2027-02-29', not a day"),
    ({"date_of_removal": "soon"}, "date_of_removal is 'soon'"),
    ({"latest_income": "lots"}, "latest_income is 'lots', not an amount"),
    ({"latest_income": "NaN"}, "not an amount"),
    ({"latest_income": "1e400"}, "not an amount"),
    ({"charity_activities": "x" * 30_000}, "longer than 20,000"),
    ({"charity_name": "a\x00b"}, "NUL"),
]


@pytest.mark.parametrize(("fields", "reason"), BAD)
async def test_a_bad_row_is_reported_with_its_line(db, tmp_path, fields, reason):
    lines = [*LINES[:20], changed(LINES[20], **fields), *LINES[21:40]]
    report = await import_charities(written(tmp_path, *lines))
    assert (report.added, report.rejected) == (39, 1)
    assert report.bad[0].line == 22
    assert reason in report.bad[0].reason
    with (tmp_path / "charity.txt.errors.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row["line"] == "22" and reason in row["reason"]


async def test_bytes_that_are_not_utf8_are_one_bad_row(db, tmp_path):
    path = tmp_path / "charity.txt"
    lines = [HEADER, *LINES[:30]]
    raw = [line.encode() for line in lines]
    raw[5] = raw[5].replace(b"Essex", b"\xff\xfe") + b"\xff"
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(raw))
    report = await import_charities(path)
    assert (report.added, report.bad[0].line) == (29, 6)
    assert "not UTF-8" in report.bad[0].reason


async def test_a_text_with_line_breaks_is_put_together(db, tmp_path):
    broken = changed(LINES[3], charity_activities="First line.\nSecond line.\n\nLast.")
    report = await import_charities(written(tmp_path, *LINES[:3], broken, *LINES[4:30]))
    assert (report.added, report.rejected) == (30, 0)
    found = await find_charity(LINES[3].split("\t")[1])
    assert found is not None and found.activities == "First line. Second line. Last."


async def test_a_line_cut_short_does_not_swallow_the_next(db, tmp_path):
    short = "\t".join(LINES[3].split("\t")[:12])
    junk = "what is this"
    report = await import_charities(written(tmp_path, *LINES[:3], short, *LINES[4:30], junk))
    assert report.added == 29
    assert [bad.line for bad in report.bad] == [5, 32]
    assert "12 columns where the header has 34" in report.bad[0].reason


async def test_the_same_charity_twice_keeps_the_first(db, tmp_path):
    report = await import_charities(written(tmp_path, *LINES[:15], LINES[2]))
    assert report.added == 15 and report.read == 16
    assert report.bad[0].line == 17
    assert report.bad[0].reason == "Organisation 9900003 is on line 4 already."


async def test_the_first_bad_rows_are_shown_and_all_are_in_the_file(db, tmp_path):
    bad = [changed(line, charity_name="") for line in LINES[:30]]
    many = [changed(LINES[0], organisation_number=str(i)) for i in range(9_910_000, 9_910_400)]
    errors = tmp_path / "elsewhere.csv"
    report = await import_charities(written(tmp_path, *bad, *many), errors=errors)
    assert (report.rejected, len(report.bad), report.errors) == (30, 20, errors)
    assert len(errors.read_text().splitlines()) == 31


async def test_the_list_of_an_earlier_run_is_taken_away(db, tmp_path):
    path = written(tmp_path, *LINES)
    stale = tmp_path / "charity.txt.errors.csv"
    stale.write_text("old")
    await import_charities(path)
    assert not stale.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "damaged or not whole"),
        (b'\xef\xbb\xbf[{"a": 1}]', "first record has no column date_of_extract"),
        (b"\xff\xfeh\x00", "not text in UTF-8"),
        (b"a,b,c\n1,2,3\n", "no column date_of_extract"),
        (HEADER.replace("charity_name", "name").encode() + b"\n", "no column charity_name"),
        (HEADER.encode() + b"\n", "no charities"),
    ],
)
async def test_what_is_not_the_extract_gets_a_sentence(db, tmp_path, content, sentence):
    path = tmp_path / "charity.txt"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        await import_charities(path)


async def test_a_missing_file_and_a_folder_get_a_sentence(db, tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        await import_charities(tmp_path / "nothing.txt")
    with pytest.raises(CommandError, match="is a folder"):
        await import_charities(tmp_path)


async def test_a_file_that_is_mostly_bad_changes_nothing(db, tmp_path):
    await import_charities(SAMPLE)
    before = await mirror()
    lines = [changed(line, charity_name="") for line in LINES[:60]] + LINES[60:]
    with pytest.raises(CommandError, match="60 of 120 rows cannot be used"):
        await import_charities(written(tmp_path, *lines))
    assert await mirror() == before


async def test_a_download_that_broke_off_is_refused(db, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "GUARDED_ROWS", 100)
    await import_charities(SAMPLE)
    half = written(tmp_path, *LINES[:50])
    with pytest.raises(CommandError, match="--allow-shrink"):
        await import_charities(half)
    assert await fetch_value("SELECT count(*) FROM register_charity") == 120
    report = await import_charities(half, allow_shrink=True)
    assert (report.unchanged, report.removed) == (50, 70)


async def test_changes_and_losses_are_counted(db, tmp_path):
    await import_charities(SAMPLE)
    lines = [changed(LINES[0], charity_name="Renamed"), *LINES[1:110]]
    report = await import_charities(written(tmp_path, *lines))
    assert (report.added, report.changed, report.unchanged, report.removed) == (0, 1, 109, 10)


async def test_a_failure_in_the_middle_of_the_merge_loads_nothing(db, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "SLICE", 10)

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "Loading" and done >= 50:
            raise RuntimeError("the disk is full, say")

    with pytest.raises(RuntimeError):
        await import_charities(SAMPLE, progress)
    assert await mirror() == []


async def test_slices_lose_nothing_at_their_edges(db, monkeypatch):
    monkeypatch.setattr(importing, "SLICE", 7)
    assert (await import_charities(SAMPLE)).added == 120
    assert len(await mirror()) == 120


async def test_of_two_imports_at_once_one_is_refused(db, monkeypatch):
    monkeypatch.setattr(importing, "LOCK_WAIT_SECONDS", 0.3)
    holder = await connect()
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", importing.LOCK)
        with pytest.raises(CommandError, match="Another import"):
            await import_charities(SAMPLE)
    finally:
        await holder.close()
    first, second = await asyncio.gather(import_charities(SAMPLE), import_charities(SAMPLE))
    assert sorted((first.added, second.added)) == [0, 120]


KILLED = """
import asyncio, os, pathlib, signal, sys
from marketplace.organisations.register import operations
operations.SLICE = 10

def progress(stage, done, total):
    if stage == sys.argv[2] and done > 0:
        print("here", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(operations.import_charities(pathlib.Path(sys.argv[1]), progress))
"""


@pytest.mark.parametrize("stage", ["Reading", "Loading"])
async def test_killed_midway_nothing_is_loaded_and_it_runs_again(db, database_url, stage):
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED, str(SAMPLE), stage],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert b"here" in killed.stdout
    assert await mirror() == []
    report = await import_charities(SAMPLE)
    assert report.added == 120
    left = "SELECT count(*) FROM pg_class WHERE relname = 'register_staging'"
    assert await fetch_value(left) == 0


# The command


def test_the_command_says_what_it_did(database_url, db, tmp_path):
    path = written(tmp_path, *LINES[:30], changed(LINES[30], charity_name=""))
    environment = {**os.environ, "DATABASE_URL": database_url}
    code = (
        "from marketplace.organisations.register.command import import_charities_command as c; c()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "31 rows read" in run.stdout and "30 added" in run.stdout
    assert "Line 32: charity_name is empty." in run.stderr
    missing = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "nothing")],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert missing.returncode == 1
    assert missing.stderr.strip().endswith("nothing.") and "Traceback" not in missing.stderr


# Finding


async def test_a_removed_charity_is_found_by_number_and_says_so(db):
    await import_charities(SAMPLE)
    charity = await find_charity("9900002")
    assert charity is not None
    assert charity.status == "Removed" and not charity.registered
    assert charity.removed_on == date(2024, 5, 14)
    assert await find_charity("9999999") is None


async def test_a_linked_charity_has_its_own_number(db, tmp_path):
    linked = changed(
        LINES[0],
        organisation_number="9900500",
        linked_charity_number="3",
        charity_name="The Bell Fund",
    )
    await import_charities(written(tmp_path, LINES[0], linked))
    assert (await find_charity("9900001")).name != "The Bell Fund"
    found = await find_charity("9900001-3")
    assert (found.name, found.number) == ("The Bell Fund", "9900001-3")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("braintree talking newspaper", "THE BRAINTREE TALKING NEWSPAPER"),
        ("Braintree Talking News", "THE BRAINTREE TALKING NEWSPAPER"),
        ("braintre talking newspapper", "THE BRAINTREE TALKING NEWSPAPER"),
        ("new basildon boxng", "NEW BASILDON BOXING AND FITNESS CLUB"),
        ("Braintree Talking Newspaper Trust", "THE BRAINTREE TALKING NEWSPAPER"),
    ],
)
async def test_names_are_found_with_slips_and_unfinished(db, typed, first):
    await import_charities(SAMPLE)
    assert (await search_charities(typed, 5))[0].name == first


@pytest.mark.parametrize(
    "typed", ["", "%", "%%%", "_", "a", "\x00", "';--", "| !", ":*", "zz:*", "\ud800x", "²´ ⁊", "ก็"]
)
async def test_odd_text_finds_nothing_and_breaks_nothing(db, typed):
    await import_charities(SAMPLE)
    assert await search_charities(typed, 5) == []


async def test_a_search_gives_no_more_than_asked_and_none_twice(db):
    await import_charities(SAMPLE)
    found = await search_charities("food bank", 3)
    assert len(found) == 3
    many = await search_charities("community garden", 50)
    assert len({each.organisation_number for each in many}) == len(many)
    assert all(each.registered for each in many)
    assert len(await search_charities("community", 10**9)) <= 50
