"""Where things are: postcodes and towns to points, and the areas that councils and the NHS plan by.

Glossary: an *outward code* is the first half of a postcode (CM1). A *neighbourhood*, a *place*
(a district, an alliance) and a *system* are rows with dates, because boundaries change. A point
is OSGB36 easting and northing in metres.
"""

from marketplace.places.gazetteer import (
    Located,
    OutwardCode,
    outward_code,
    outward_codes,
    resolve,
    split,
    town_names,
)
from marketplace.places.postcodes import Postcode, miles
from marketplace.places.queries import locate

__all__ = [
    "Located",
    "OutwardCode",
    "Postcode",
    "locate",
    "miles",
    "outward_code",
    "outward_codes",
    "resolve",
    "split",
    "town_names",
]
