"""Write the list of refused passwords from the frequency lists of the PyPI package zxcvbn (MIT).

    uv run --with zxcvbn==4.5.0 scripts/make_common_passwords.py

Only entries of eight characters or more: shorter passwords are refused for their length. Besides
leaked passwords these are common words and names, which are as easily guessed alone.
"""

import gzip
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

SHORTEST = 8
TARGET = Path(__file__).parent.parent / "src/marketplace/data/common_passwords.txt.gz"

words = sorted(
    {
        entry.casefold()
        for entries in FREQUENCY_LISTS.values()
        for entry in entries
        if len(entry) >= SHORTEST
    }
)
# mtime=0: the same input gives the same file.
TARGET.write_bytes(gzip.compress("\n".join(words).encode(), compresslevel=9, mtime=0))
print(f"{len(words)} entries, {TARGET.stat().st_size} bytes")
