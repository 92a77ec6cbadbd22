"""Mending words that nobody ever wrote."""

import re

from marketplace import db

_WORD = re.compile(r"[a-z][a-z'’]{2,30}")


def words(*texts: str) -> set[str]:
    """Give the words that a text is corrected to, of texts that are listed."""
    return set(_WORD.findall(" ".join(texts).casefold()))


async def corrected(text: str) -> str | None:
    """Replace each unknown word by the nearest word of the index; None if nothing changes."""
    asked = _WORD.findall(text.casefold())
    if not asked:
        return None
    # Trigrams narrow the candidates through the index, edit distance chooses among them: the
    # two rank "gardning" beside "gardening" where similarity alone stays under its threshold.
    # Stems are compared too, so that it finds "garden" where nobody wrote "gardening".
    rows = await db.fetch(
        "SELECT asked.word AS asked, near.word AS found FROM"
        " (SELECT word, coalesce((ts_lexize('english_stem', word))[1], word) AS stem"
        "  FROM unnest({}::text[]) AS word) AS asked"
        " CROSS JOIN LATERAL (SELECT w.word, least("
        "   levenshtein_less_equal(w.word, asked.word, 2),"
        "   levenshtein_less_equal(coalesce((ts_lexize('english_stem', w.word))[1], w.word),"
        "    asked.stem, 2)) AS slips FROM listing_word w"
        "  WHERE w.word % asked.word"
        "  AND EXISTS (SELECT FROM listing WHERE document @@ plainto_tsquery('english', w.word))"
        "  ORDER BY slips, similarity(w.word, asked.word) DESC, w.word LIMIT 1) AS near"
        " WHERE near.slips <= 2 AND length(asked.word) > 3 AND NOT EXISTS (SELECT FROM listing"
        "  WHERE document @@ plainto_tsquery('english', asked.word))",
        sorted(set(asked)),
    )
    better = {row["asked"]: row["found"] for row in rows}
    if not better:
        return None
    return _WORD.sub(lambda match: better.get(match.group(), match.group()), text.casefold())
