"""Make the shipped table of outward codes from the postcodes.csv of gibbs/uk-postcodes (CC0 1.0).

    python scripts/make_outcodes.py outcodes.csv > src/marketplace/data/outcodes.csv

Only easting and northing are taken: some latitudes and longitudes of the source are wrong (E20
lies seven kilometres off). Guernsey, Jersey and the Isle of Man are left out: they are not in the
United Kingdom, and five codes of Guernsey share one made-up point.
"""

import csv
import sys


def main(source: str) -> None:
    """Write code, easting, northing, town in the order of the codes."""
    with open(source, encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["country"] not in {"GG", "JE", "IM"}]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["code", "easting", "northing", "town"])
    for row in sorted(rows, key=lambda row: row["postcode"]):
        # Unparished towns have no town in the source, but their region is named after them.
        town = (row["town"] or row["region"]).strip()
        out.writerow([row["postcode"], int(row["eastings"]), int(row["northings"]), town])


if __name__ == "__main__":
    main(sys.argv[1])
