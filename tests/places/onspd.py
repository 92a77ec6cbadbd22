"""Small files in the shape of the ONS Postcode Directory, invented but for the columns' names."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from pathlib import Path

NAMES = [
    "pcd", "pcd2", "pcds", "dointr", "doterm", "oscty", "ced", "oslaua", "osward", "parish",
    "usertype", "oseast1m", "osnrth1m", "osgrdind", "oshlthau", "nhser", "ctry", "rgn", "streg",
    "pcon", "eer", "teclec", "ttwa", "pct", "nuts", "statsward", "oa01", "casward", "park",
    "lsoa01", "msoa01", "ur01ind", "oac01", "oa11", "lsoa11", "msoa11", "wz11", "ccg", "bua22",
    "ru11ind", "oac11", "lat", "long", "lep1", "lep2", "pfa", "imd", "calncv", "icb", "oa21",
    "lsoa21", "msoa21", "ru21ind",
]  # fmt: skip
# Of 2025: some columns have other names, and hold the year of the boundaries.
RENAMED = {
    "pcd": "pcd7", "pcd2": "pcd8", "oslaua": "lad25cd", "oseast1m": "east1m",
    "osnrth1m": "north1m", "osgrdind": "gridind", "ctry": "ctry25cd",
}  # fmt: skip
HEADER = ",".join(f'"{name}"' for name in NAMES)
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def line(postcode: str, east: object = 570800, north: object = 205900, **fields: str) -> str:
    """One line as the Office writes it: all in quotation marks but the two coordinates."""
    outward, inward = postcode.split(" ")
    given = {
        "pcd": outward.ljust(7 - len(inward)) + inward,
        "pcd2": f"{outward.ljust(4)} {inward}",
        "pcds": postcode,
        "dointr": "198001",
        "oslaua": "E07000070",
        "oseast1m": str(east),
        "osnrth1m": str(north),
        "osgrdind": "1",
        "ctry": "E92000001",
        "lat": "51.735",
        "long": "0.471",
    } | fields
    return ",".join(
        f'"{given.get(name, "S99999999" if name == "oscty" else "")}"' for name in NAMES
    )


SAMPLE = [
    line("CM1 1AA", 570500, 206900),
    line("CM1 1AB", 570510, 206910),
    line("CM1 1AD", 570520, 206920),
    line("CM1 2QA", 569100, 207400),
    line("CM2 9AQ", 570810, 205920),
    line("CM8 1AA", 581900, 214500, oslaua="E07000067"),
    line("CM8 2ZZ", 582000, 214600, oslaua="E07000067"),
    line("CO1 1AA", 599700, 225200, oslaua="E07000071"),
    line("SS0 7AA", 587300, 185700, oslaua="E06000033"),
    line("E1 6AN", 533500, 181800, oslaua="E09000030"),
    line("EH1 1AA", 325900, 673900, oslaua="S12000036", ctry="S92000003"),
    line("CF10 1AA", 318400, 176100, oslaua="W06000015", ctry="W92000004"),
    line("ZE1 0AA", 447800, 1141500, oslaua="S12000027", ctry="S92000003"),
    line("CM1 9ZZ", 570000, 206000, doterm="200506"),
    line("CM1 9ZY", "", "", osgrdind="9"),
    line("JE2 3AB", "", "", osgrdind="9", ctry="L93000001", oslaua="L99999999"),
    line("GY1 1AA", "", "", osgrdind="9", ctry="L93000001", oslaua="L99999999"),
    line("IM1 1AA", 237900, 475700, ctry="M83000003", oslaua="M99999999"),
    line("BT1 1AA", 333700, 374400, ctry="N92000002", oslaua="N09000003"),
    line("BT2 7AA", 333800, 373700, ctry="N92000002", oslaua="N09000003"),
]
LIVE = 13


def written(folder: Path, *lines: str, header: str = HEADER, name: str = "ONSPD.csv") -> Path:
    """Write a directory file."""
    path = folder / name
    path.write_bytes("\r\n".join([header, *lines, ""]).encode())
    return path


def zipped(path: Path, **others: str) -> Path:
    """Pack it as the Office does, among lists of codes."""
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("Documents/LAD names and codes.csv", "code,name\nE07000070,Chelmsford\n")
        packed.write(path, "Data/ONSPD_UK.csv")
        packed.writestr("User Guide/guide.pdf", b"%PDF" + b"x" * 200_000)
    return archive


def many(path: Path, rows: int, seed: int = 1) -> Path:
    """Write a large one, a third of it ended, for measuring."""
    chance = random.Random(seed)
    areas = ["CM", "CO", "SS", "RM", "IG", "B", "M", "LS", "EH", "CF", "PO", "TN", "NR", "IP"]
    inward = [f"{digit}{one}{two}" for digit in range(10) for one in _LETTERS for two in _LETTERS]
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(HEADER + "\r\n")
        for number in range(rows):
            unit, district = number % len(inward), number // len(inward)
            outward = f"{areas[district % len(areas)]}{district // len(areas) + 1}"
            ended = {"doterm": "200506"} if chance.random() < 0.34 else {}
            east, north = chance.randrange(100_000, 655_000), chance.randrange(10_000, 1_200_000)
            file.write(line(f"{outward} {inward[unit]}", east, north, **ended) + "\r\n")
    return path


def as_csv(rows: list[list[str]]) -> str:
    """Write rows by the rules of quoting."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()
