"""Loading public data from files: opened plain or out of a zip, staged, merged, reported on.

Glossary: a *source* is one file of rows, read from the beginning to the end once. A *bad row*
cannot be used and is listed for a person; a row that is not meant for us is *skipped*. *Staging*
is a table of this session only, so that a killed import leaves nothing behind.
"""

from marketplace.imports.bad_rows import BadRow, BadRows
from marketplace.imports.sources import Source, opened
from marketplace.imports.staging import Merge, Progress, Report, session

__all__ = [
    "BadRow",
    "BadRows",
    "Merge",
    "Progress",
    "Report",
    "Source",
    "opened",
    "session",
]
