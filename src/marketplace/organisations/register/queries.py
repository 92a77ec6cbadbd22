"""Finding a charity by its number or its name."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace import db
from marketplace.organisations.register.rules import parse_number, search_key


@dataclass(frozen=True, slots=True)
class Charity:
    """A charity as the register has it; `income_pence` is of the year to `period_end`."""

    organisation_number: int
    registered_number: int
    linked_number: int
    name: str
    charity_type: str
    status: str
    registered_on: date | None
    removed_on: date | None
    reporting_status: str
    period_end: date | None
    income_pence: int | None
    address: tuple[str, ...]
    postcode: str
    web: str
    company_number: str
    activities: str
    extracted_on: date | None

    @property
    def number(self) -> str:
        """Write the number people quote: 1234567, or 1234567-2 for a linked charity."""
        linked = f"-{self.linked_number}" if self.linked_number else ""
        return f"{self.registered_number}{linked}"

    @property
    def registered(self) -> bool:
        """Tell whether it is on the register now."""
        return self.status == "Registered"

    @property
    def overdue(self) -> bool:
        """Tell whether its annual return is late."""
        return "overdue" in self.reporting_status.casefold()

    @property
    def page(self) -> str:
        """Give the address of its page on the Commission's site."""
        return (
            "https://register-of-charities.charitycommission.gov.uk/charity-search/-/"
            f"charity-details/{self.organisation_number}"
        )


# Of the names that hold the words, how many are ranked by likeness.
RANKED = 1_000

_COLUMNS = ", ".join(f"c.{name}" for name in Charity.__dataclass_fields__)


def _charity(row: dict[str, Any]) -> Charity:
    return Charity(**{**row, "address": tuple(row["address"])})


async def find_charity(number: str) -> Charity | None:
    """Find a charity by the number people quote; None when it is not in the mirror.

    Raises:
        Conflict: the number belongs to a register that is not mirrored; names the field
            `charity_number`.
    """
    parsed = parse_number(number)
    if parsed is None:
        return None
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM register_charity c"  # noqa: S608
        " WHERE c.registered_number = {} AND c.linked_number = {}"
        " ORDER BY (c.status = 'Registered') DESC, c.organisation_number DESC LIMIT 1",
        *parsed,
    )
    return _charity(row) if row else None


async def search_charities(text: str, limit: int = 10) -> list[Charity]:
    """Find charities on the register now by name, the most alike first.

    Names hold every word, as typed or unfinished; failing that, words that no name has are
    mended; failing that, one word may be missing. Removed charities are only found by number.
    """
    key = search_key(text[:120])
    limit = max(1, min(limit, 50))
    if len(key) < 2:
        return []
    if found := await _named(key, _all(key), limit):
        return found
    if (mended := await _mended(key)) and (found := await _named(mended, _all(mended), limit)):
        return found
    return await _named(key, _all_but_one(mended or key), limit)


def _all(key: str) -> str:
    # Quoted, so that whatever a word holds is no operator; `search_key` left no quotes in it.
    return " & ".join(f"'{word}':*" if len(word) > 1 else f"'{word}'" for word in key.split())


def _all_but_one(key: str) -> str:
    """People add a word the register does not have: "Braintree Food Bank Trust"."""
    words = key.split()[:8]
    each = [_all(" ".join(words[:out] + words[out + 1 :])) for out in range(len(words))]
    return " | ".join(f"({one})" for one in each if one)


async def _named(key: str, words: str, limit: int) -> list[Charity]:
    if not words:
        return []
    rows = await db.fetch(
        # First the names that begin so, read off the index; then those with the words, of which
        # a common one has tens of thousands: only some of these are ranked.
        "WITH beginning AS (SELECT organisation_number FROM register_charity"  # noqa: S608
        "  WHERE status = 'Registered' AND search_name COLLATE \"C\" >= {}"
        '  AND search_name COLLATE "C" < {} ORDER BY search_name COLLATE "C" LIMIT {}),'
        " holding AS (SELECT organisation_number FROM register_charity"
        "  WHERE status = 'Registered' AND document @@ {}::tsquery LIMIT {})"
        f" SELECT {_COLUMNS} FROM register_charity c WHERE c.organisation_number IN"
        "  (SELECT organisation_number FROM beginning"
        "   UNION SELECT organisation_number FROM holding)"
        " ORDER BY (c.search_name = {}) DESC, similarity(c.search_name, {}) DESC,"
        " c.linked_number, c.organisation_number LIMIT {}",
        key,
        key + "\U0010ffff",
        limit,
        words,
        RANKED,
        key,
        key,
        limit,
    )
    return [_charity(row) for row in rows]


async def _mended(key: str) -> str | None:
    """Replace each word that no name has by the nearest that one has; None if nothing changes."""
    asked = key.split()[:8]
    rows = await db.fetch(
        "SELECT asked.word AS asked, near.word AS mended"
        ' FROM (SELECT DISTINCT unnest({}::text[]) COLLATE "C" AS word) AS asked'
        " CROSS JOIN LATERAL (SELECT w.word FROM register_word w WHERE w.word % asked.word"
        "  AND levenshtein_less_equal(w.word, asked.word, 2) <= 2"
        "  ORDER BY levenshtein_less_equal(w.word, asked.word, 2), w.names DESC, w.word LIMIT 1"
        " ) AS near"
        " WHERE NOT EXISTS (SELECT FROM register_word known"
        "  WHERE known.word >= asked.word AND known.word < asked.word || {})",
        [word for word in asked if 3 < len(word) <= 40],
        "\U0010ffff",
    )
    mended = {row["asked"]: row["mended"] for row in rows}
    return " ".join(mended.get(word, word) for word in asked) if mended else None
