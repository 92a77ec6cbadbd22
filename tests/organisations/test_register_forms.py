"""The register's extract in its other forms: as JSON, and either inside a zip archive."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from marketplace.db import fetch
from marketplace.errors import CommandError
from marketplace.organisations.register import find_charity, import_charities
from marketplace.organisations.register import operations as importing
from marketplace.paths import data

SAMPLE = data() / "register_sample.tsv"
HEADER, *LINES = SAMPLE.read_text(encoding="utf-8").splitlines()
NAMES = HEADER.split("\t")
_NUMBERS = {"organisation_number", "registered_charity_number", "linked_charity_number"}


def record(line: str, **fields: Any) -> dict[str, Any]:
    """A line as the JSON form has it: numbers as numbers, nothing as null."""
    made: dict[str, Any] = {}
    for name, text in zip(NAMES, line.split("\t"), strict=True):
        if name in _NUMBERS:
            made[name] = int(text)
        elif name == "latest_income" and text:
            made[name] = float(text)
        else:
            made[name] = text or None
    return made | fields


RECORDS = [record(line) for line in LINES]


def written(folder: Path, records: Any, name: str = "charity.json") -> Path:
    path = folder / name
    # With the mark that the Commission writes, and as many lines as it likes.
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(records, indent=1).encode())
    return path


def zipped(path: Path) -> Path:
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("readme.txt", "What this is.")
        packed.write(path, f"publicextract{path.suffix}")
    return archive


async def mirror() -> list[dict[str, Any]]:
    return await fetch("SELECT * FROM register_charity ORDER BY organisation_number")


def text_form(folder: Path) -> Path:
    path = folder / "publicextract.charity.txt"
    path.write_bytes(SAMPLE.read_bytes())
    return path


FORMS = {
    "text": text_form,
    "JSON": lambda folder: written(folder, RECORDS),
    "text in zip": lambda folder: zipped(text_form(folder)),
    "JSON in zip": lambda folder: zipped(written(folder, RECORDS)),
}


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_gives_the_same_mirror(db: Any, tmp_path: Path, form: str):
    await import_charities(SAMPLE)
    expected = await mirror()
    await db.execute("DELETE FROM register_charity")
    calls: list[Any] = []
    path = FORMS[form](tmp_path)
    report = await import_charities(path, lambda *call: calls.append(call))
    assert (report.read, report.added, report.rejected) == (120, 120, 0)
    assert report.unit == ("record" if "JSON" in form else "line")
    assert await mirror() == expected
    assert calls[0][0] == "Reading" and ("Loading", 120, 120) in calls
    again = await import_charities(path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 120)


async def test_telephone_and_mail_are_never_stored(db: Any, tmp_path: Path):
    told = record(
        LINES[0], charity_contact_phone="01245 000000", charity_contact_email="x@example.org"
    )
    await import_charities(written(tmp_path, [told]))
    assert "x@example.org" not in str(await mirror()) and "01245" not in str(await mirror())


BAD = [
    ({"charity_name": None}, "charity_name is empty."),
    ({"organisation_number": "x"}, "organisation_number is 'x'"),
    ({"organisation_number": 1.5}, "organisation_number is '1.5'"),
    ({"organisation_number": True}, "organisation_number is neither text nor a number."),
    ({"organisation_number": 2**33}, "out of range"),
    ({"charity_name": ["a"]}, "charity_name is neither text nor a number."),
    ({"charity_activities": {"a": 1}}, "charity_activities is neither text nor a number."),
    ({"charity_name": "a\x00b"}, "NUL"),
    ({"latest_income": "lots"}, "latest_income is 'lots', not an amount"),
    ({"charity_activities": "x" * 30_000}, "longer than 20,000"),
]


@pytest.mark.parametrize(("fields", "reason"), BAD)
async def test_a_bad_record_is_listed_with_its_number(
    db: Any, tmp_path: Path, fields: dict[str, Any], reason: str
):
    records = [*RECORDS[:20], record(LINES[20], **fields), *RECORDS[21:40]]
    report = await import_charities(written(tmp_path, records))
    assert (report.added, report.rejected) == (39, 1)
    assert report.bad[0].line == 21 and reason in report.bad[0].reason
    with (tmp_path / "charity.json.errors.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row["line"] == "21" and reason in row["reason"]


@pytest.mark.parametrize("odd", [None, 1, "text", [], {"charity_name": "Only this"}])
async def test_what_is_no_record_is_one_bad_row(db: Any, tmp_path: Path, odd: Any):
    report = await import_charities(written(tmp_path, [*RECORDS[:20], odd, *RECORDS[20:]]))
    assert (report.added, report.rejected, report.bad[0].line) == (120, 1, 21)
    assert report.bad[0].reason == "The record has no date_of_extract."


async def test_half_a_character_is_one_bad_row_or_mended(db: Any, tmp_path: Path):
    records = [*RECORDS[:30], record(LINES[30], charity_name="a\ud800b")]
    report = await import_charities(written(tmp_path, records))
    assert report.added + report.rejected == 31 and report.added >= 30


async def test_the_same_charity_twice_keeps_the_first(db: Any, tmp_path: Path):
    report = await import_charities(written(tmp_path, [*RECORDS[:15], RECORDS[2]]))
    assert (report.added, report.bad[0].line) == (15, 16)
    assert report.bad[0].reason == "Organisation 9900003 is on record 3 already."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[]", "holds no charities"),
        (b"{}", "one JSON object"),
        (b'{"value": [{}]}', "one JSON object"),
        (b"[1, 2]", "no column date_of_extract"),
        (b"[null]", "no column date_of_extract"),
        (b'[{"date_of_extract": ', "cannot be read any further after record 0"),
        (b"[", "cannot be read any further"),
        (b"[" * 5000, r"cannot be read any further|no column"),
        (b'[{"a": "\xff"}]', r"cannot be read any further|no column"),
    ],
)
async def test_what_is_not_the_extract_gets_a_sentence(
    db: Any, tmp_path: Path, content: bytes, sentence: str
):
    path = tmp_path / "charity.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        await import_charities(path)


@pytest.mark.parametrize("end", [b'"', b"}", b"]", b"], junk", b"\xff"])
async def test_json_that_breaks_changes_nothing(db: Any, tmp_path: Path, end: bytes):
    await import_charities(SAMPLE)
    before = await mirror()
    whole = written(tmp_path, RECORDS)
    content = whole.read_bytes().rstrip(b"]\n ")
    whole.write_bytes(content[: len(content) * 3 // 4] + end)
    with pytest.raises(CommandError, match=r"cannot be read any further after record \d+"):
        await import_charities(whole)
    assert await mirror() == before


@pytest.mark.parametrize("form", ["text in zip", "JSON in zip"])
async def test_an_archive_that_breaks_changes_nothing(db: Any, tmp_path: Path, form: str):
    await import_charities(SAMPLE)
    before = await mirror()
    archive = FORMS[form](tmp_path)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match="damaged or not whole"):
        await import_charities(archive)
    for at in range(len(whole) // 4, len(whole) // 2, 997):
        archive.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with pytest.raises(CommandError):
            await import_charities(archive)
    assert await mirror() == before


async def test_an_archive_of_something_else_gets_a_sentence(db: Any, tmp_path: Path):
    archive = tmp_path / "pictures.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("me.jpg", b"\xff\xd8\xff")
    with pytest.raises(CommandError, match=r"no file ending in \.txt or \.tsv or \.json"):
        await import_charities(archive)


async def test_an_archive_with_a_password_gets_a_sentence(db: Any, tmp_path: Path):
    archive = zipped(text_form(tmp_path))
    packed = bytearray(archive.read_bytes())
    # The flag of both headers of every member: nothing else is looked at before it.
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := packed.find(mark, at + 1)) >= 0:
            packed[at + offset] |= 1
    archive.write_bytes(packed)
    with pytest.raises(CommandError, match="asks for a password"):
        await import_charities(archive)


async def test_a_shorter_file_is_refused_in_every_form(
    db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(importing, "GUARDED_ROWS", 100)
    await import_charities(SAMPLE)
    half = written(tmp_path, RECORDS[:50])
    with pytest.raises(CommandError, match="--allow-shrink"):
        await import_charities(half)
    assert (await import_charities(half, allow_shrink=True)).removed == 70


KILLED = """
import os, asyncio, pathlib, signal, sys
from marketplace.organisations.register import operations
operations.SLICE = 10

def progress(stage, done, total):
    if stage == "Loading" and done > 0:
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(operations.import_charities(pathlib.Path(sys.argv[1]), progress))
"""


async def test_killed_midway_nothing_is_loaded_and_it_runs_again(
    db: Any, database_url: str, tmp_path: Path
):
    archive = zipped(written(tmp_path, RECORDS))
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED, str(archive)],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert await mirror() == []
    assert (await import_charities(archive)).added == 120
    assert await find_charity("9900001") is not None


MEASURED = """
import asyncio, pathlib, resource, sys
from marketplace.organisations.register import operations
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = asyncio.run(operations.import_charities(pathlib.Path(sys.argv[1])))
print(report.added, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


async def test_memory_does_not_grow_with_the_file(db: Any, database_url: str, tmp_path: Path):
    padded = {**RECORDS[0], "charity_activities": "x" * 10_000}
    records = [{**padded, "organisation_number": 9_910_000 + number} for number in range(6_000)]
    archive = zipped(written(tmp_path, records))  # 66 MB of JSON in 0.4 MB
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", MEASURED, str(archive)],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    added, megabytes = map(int, run.stdout.split())
    assert added == 6_000 and megabytes < 60


def test_the_command_counts_records(database_url: str, db: Any, tmp_path: Path):
    path = written(tmp_path, [*RECORDS[:30], record(LINES[30], charity_name="")])
    run = subprocess.run(
        [sys.executable, "-m", "marketplace", "import", "charities", str(path)],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "31 rows read" in run.stdout and "Record 31: charity_name is empty." in run.stderr
