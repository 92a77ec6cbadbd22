"""The one index of what is open to the public.

A feature publishes or withdraws a listing in the transaction that changes what it describes;
readers search one table. Words are stemmed by PostgreSQL; a word nobody ever wrote is corrected
against the words of the index itself.
"""

from marketplace.listing_index.reading import find, of_organisation
from marketplace.listing_index.rows import (
    COUNT_UP_TO,
    METRES_A_MILE,
    PAGE,
    RANKED,
    Find,
    Found,
    Listing,
    Row,
)
from marketplace.listing_index.spelling import words
from marketplace.listing_index.writing import (
    publish,
    rename_organisation,
    withdraw,
    withdraw_organisation,
)

__all__ = [
    "COUNT_UP_TO",
    "METRES_A_MILE",
    "PAGE",
    "RANKED",
    "Find",
    "Found",
    "Listing",
    "Row",
    "find",
    "of_organisation",
    "publish",
    "rename_organisation",
    "withdraw",
    "withdraw_organisation",
    "words",
]
