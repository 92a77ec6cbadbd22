"""Our part of the ONS Postcode Directory: where each live postcode lies.

Of its fifty columns we keep three: the postcode, the point, and the council's code. It is
replaced by each import (Open Government Licence v3.0; contains Royal Mail and OS data).
"""

from marketplace.places.directory.operations import import_postcodes

__all__ = ["import_postcodes"]
