"""The areas and outward codes every installation starts with.

Codes and names of districts are those of the Office for National Statistics. Newer boundaries
are new rows: when a district ends, its `valid_to` is set and its successors get rows and outward
codes of their own.
"""

from collections.abc import Iterable
from uuid import UUID, uuid5

from marketplace.places.gazetteer import outward_codes

# Fixed, so that seeding twice finds the same rows.
_NAMESPACE = UUID("6f1d3c52-6a0e-5d0b-9a57-0f6f6f2f1c11")

# The districts were made by the Local Government Act 1972; two left the county in 1998.
_DISTRICTS = "1974-04-01"
_UNITARIES = "1998-04-01"
DISTRICTS: dict[str, tuple[str, str]] = {
    "Southend-on-Sea": ("E06000033", _UNITARIES),
    "Thurrock": ("E06000034", _UNITARIES),
    "Basildon": ("E07000066", _DISTRICTS),
    "Braintree": ("E07000067", _DISTRICTS),
    "Brentwood": ("E07000068", _DISTRICTS),
    "Castle Point": ("E07000069", _DISTRICTS),
    "Chelmsford": ("E07000070", _DISTRICTS),
    "Colchester": ("E07000071", _DISTRICTS),
    "Epping Forest": ("E07000072", _DISTRICTS),
    "Harlow": ("E07000073", _DISTRICTS),
    "Maldon": ("E07000074", _DISTRICTS),
    "Rochford": ("E07000075", _DISTRICTS),
    "Tendring": ("E07000076", _DISTRICTS),
    "Uttlesford": ("E07000077", _DISTRICTS),
}

# The integrated care board began on 1 July 2022 (Health and Care Act 2022).
_ALLIANCES = "2022-07-01"
ALLIANCES: dict[str, tuple[str, ...]] = {
    "Basildon and Brentwood": ("Basildon", "Brentwood"),
    "Mid Essex": ("Braintree", "Chelmsford", "Maldon"),
    "South East Essex": ("Castle Point", "Rochford", "Southend-on-Sea"),
    "Thurrock": ("Thurrock",),
}


def place_id(scheme: str, name: str) -> UUID:
    """Give the fixed id of a seeded place."""
    return uuid5(_NAMESPACE, f"{scheme}:{name}")


def _text(value: str | UUID | None) -> str:
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def _insert(table: str, columns: str, rows: Iterable[str], conflict: str) -> str:
    values = ",\n".join(f"({row})" for row in rows)
    return f"INSERT INTO {table} ({columns}) VALUES\n{values}\nON CONFLICT {conflict}"


def _places() -> list[str]:
    essex, care = place_id("council", "Essex"), place_id("nhs", "Mid and South Essex")
    rows = [
        ("council", "system", "Essex", None, None, _DISTRICTS),
        ("nhs", "system", "Mid and South Essex", None, None, _ALLIANCES),
        *(
            ("council", "place", name, essex, gss, since)
            for name, (gss, since) in DISTRICTS.items()
        ),
        *(("nhs", "place", name, care, None, _ALLIANCES) for name in ALLIANCES),
    ]
    return [
        ", ".join(map(_text, (place_id(scheme, name), scheme, kind, name, parent, gss, since)))
        for scheme, kind, name, parent, gss, since in rows
    ]


def _coverage() -> list[str]:
    alliance_of = {part: name for name, parts in ALLIANCES.items() for part in parts}
    covered: dict[tuple[UUID, str], bool] = {}
    for code in outward_codes().values():
        for rank, district in enumerate(code.districts):
            areas = []
            if district in DISTRICTS:
                areas.append(place_id("council", district))
            if district in alliance_of:
                areas.append(place_id("nhs", alliance_of[district]))
            for area in areas:
                # The first district is the main one, and so is its alliance.
                covered.setdefault((area, code.code), rank == 0)
    return [
        f"{_text(uuid5(area, code))}, {_text(area)}, {_text(code)}, {str(main).lower()}"
        for (area, code), main in covered.items()
    ]


def seed_statements() -> list[str]:
    """Give the SQL that puts the shipped places there; running it again changes nothing.

    What an administrator has changed since, such as an end date, is kept.
    """
    return [
        _insert(
            "place",
            "id, scheme, kind, name, parent_id, gss, valid_from",
            _places(),
            "DO NOTHING",
        ),
        _insert(
            "outward_code",
            "code, point, town",
            (
                f"{_text(code.code)}, point({code.point[0]}, {code.point[1]}), {_text(code.town)}"
                for code in outward_codes().values()
            ),
            "(code) DO UPDATE SET point = excluded.point, town = excluded.town"
            " WHERE NOT outward_code.point ~= excluded.point"
            " OR outward_code.town <> excluded.town",
        ),
        _insert("place_outward", "id, place_id, outward_code, main", _coverage(), "DO NOTHING"),
    ]
