"""Make an invented register in exactly the columns of the Charity Commission's public extract.

    python scripts/make_register_sample.py > src/marketplace/data/register_sample.tsv
    python scripts/make_register_sample.py --rows 400000 > /tmp/register.tsv   (to measure with)

Numbers begin at 9,900,001. The Commission gives registered numbers in sequence, has reached about
1,220,000 after sixty years and adds some ten thousand a year, so these will not be given out for
centuries: nobody can mistake an invented charity for a real one.
"""

import argparse
import random
import sys
from datetime import date, timedelta

FIRST = 9_900_001
COLUMNS = [
    "date_of_extract",
    "organisation_number",
    "registered_charity_number",
    "linked_charity_number",
    "charity_name",
    "charity_type",
    "charity_registration_status",
    "date_of_registration",
    "date_of_removal",
    "charity_reporting_status",
    "latest_acc_fin_period_start_date",
    "latest_acc_fin_period_end_date",
    "latest_income",
    "latest_expenditure",
    "charity_contact_address1",
    "charity_contact_address2",
    "charity_contact_address3",
    "charity_contact_address4",
    "charity_contact_address5",
    "charity_contact_postcode",
    "charity_contact_phone",
    "charity_contact_email",
    "charity_contact_web",
    "charity_company_registration_number",
    "charity_insolvent",
    "charity_in_administration",
    "charity_previously_excepted",
    "charity_is_cdf_or_cif",
    "charity_is_cio",
    "cio_is_dissolved",
    "date_cio_dissolution_notice",
    "charity_activities",
    "charity_gift_aid",
    "charity_has_land",
]

# Town and its outward code; the inward halves are invented.
TOWNS = [
    ("Chelmsford", "CM1"), ("Chelmsford", "CM2"), ("Great Baddow", "CM2"), ("Danbury", "CM3"),
    ("Ingatestone", "CM4"), ("Ongar", "CM5"), ("Great Dunmow", "CM6"), ("Braintree", "CM7"),
    ("Witham", "CM8"), ("Maldon", "CM9"), ("Burnham-on-Crouch", "CM0"), ("Billericay", "CM12"),
    ("Brentwood", "CM14"), ("Epping", "CM16"), ("Harlow", "CM20"), ("Colchester", "CO1"),
    ("Colchester", "CO4"), ("Tiptree", "CO5"), ("Wivenhoe", "CO7"), ("Halstead", "CO9"),
    ("Manningtree", "CO11"), ("Harwich", "CO12"), ("Clacton-on-Sea", "CO15"),
    ("Saffron Walden", "CB10"), ("Loughton", "IG10"), ("Waltham Abbey", "EN9"),
    ("Grays", "RM17"), ("Tilbury", "RM18"), ("Southend-on-Sea", "SS1"), ("Rochford", "SS4"),
    ("Rayleigh", "SS6"), ("Benfleet", "SS7"), ("Canvey Island", "SS8"), ("Leigh-on-Sea", "SS9"),
    ("Wickford", "SS11"), ("Basildon", "SS14"),
]  # fmt: skip
WORKS = [
    ("Community Garden", "Growing food and flowers together on shared land, with sessions for"
     " beginners, schools and people who feel isolated."),
    ("Food Bank", "Emergency food parcels and advice for households in need."),
    ("Befriending Circle", "Weekly visits and telephone calls for older people who live alone."),
    ("Youth Club", "Evening activities, holiday trips and mentoring for young people."),
    ("Riverbank Volunteers", "Clearing litter and invasive plants from rivers and their banks."),
    ("Repair Café", "Mending household things with volunteers instead of throwing them away."),
    ("Carers Network", "Breaks, advice and company for unpaid carers of all ages."),
    ("Dementia Café", "Music, crafts and company for people with dementia and their families."),
    ("Toy Library", "Lending toys and play equipment to families and childminders."),
    ("Community Transport", "Lifts to hospital and the shops for people who cannot use a bus."),
    ("Talking Newspaper", "Recordings of local news for blind and partially sighted people."),
    ("Village Hall Trust", "Keeping a hall for meetings, classes and celebrations."),
    ("Refugee Welcome", "Language practice, furniture and friendship for new arrivals."),
    ("Boxing and Fitness Club", "Training and discipline for young people, open to all abilities."),
    ("Animal Rescue", "Rehoming cats, dogs and small animals, with a fostering network."),
    ("Wildlife Watch", "Surveying and improving habitats with families and schools."),
    ("Choir for All", "Singing without auditions, and concerts in care homes."),
    ("Men's Shed", "A workshop where people make and mend side by side."),
    ("Sensory Play Group", "Play sessions for disabled children and their brothers and sisters."),
    ("Heritage Society", "Looking after local records, buildings and stories."),
]  # fmt: skip
PREFIXES = ["", "", "", "Friends of ", "The ", "St Botolph's ", "New "]
STREETS = ["Mill Lane", "High Street", "Church Walk", "Station Road", "Quay Street", "The Green"]
WORDS = [
    "amber",
    "anchor",
    "aspire",
    "beacon",
    "bluebell",
    "bridge",
    "bright",
    "calm",
    "cedar",
    "circle",
    "compass",
    "daisy",
    "dawn",
    "elm",
    "fern",
    "forge",
    "garden",
    "gather",
    "harbour",
    "haven",
    "hazel",
    "hope",
    "horizon",
    "ivy",
    "jubilee",
    "kestrel",
    "lantern",
    "lark",
    "linden",
    "maple",
    "meadow",
    "mosaic",
    "nest",
    "oak",
    "open",
    "orchard",
    "otter",
    "pathway",
    "pebble",
    "pioneer",
    "quarry",
    "quiet",
    "rainbow",
    "ripple",
    "river",
    "rowan",
    "sage",
    "shore",
    "skylark",
    "spring",
    "stepping",
    "sunrise",
    "swift",
    "thistle",
    "tide",
    "together",
    "unity",
    "valley",
    "willow",
    "wren",
    "youth",
]


def names(chance: random.Random, count: int) -> list[tuple[str, str, str, str]]:
    """Give `count` different (name, activities, town, outward code)."""
    found: dict[str, tuple[str, str, str]] = {}
    while len(found) < count:
        town, outward = chance.choice(TOWNS)
        work, activities = chance.choice(WORKS)
        name = f"{chance.choice(PREFIXES)}{town} {work}"
        if count > 1000:
            made = " ".join(chance.sample(WORDS, 2)).title()
            name = f"{made} {name}"
        if name in found:
            continue
        found[name] = (activities, town, outward)
    return [(name, *rest) for name, rest in found.items()]


def row(chance: random.Random, number: int, charity: tuple[str, str, str, str]) -> list[str]:
    """Make one line; about one in eight is removed, one in twelve overdue."""
    name, activities, town, outward = charity
    registered = date(1965, 1, 1) + timedelta(days=chance.randrange(21_500))
    removed = chance.random() < 0.12
    year_end = date(2025, chance.choice((3, 8, 12)), 31)
    income = round(10 ** chance.uniform(3.2, 5.9))
    cio = registered.year >= 2013 and chance.random() < 0.6
    slug = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
    inward = f"9Z{chance.choice('ABDEFGHJLNPQRSTUWXYZ')}"
    status = "Submission Overdue" if chance.random() < 0.08 else "Submission Received"
    field = dict.fromkeys(COLUMNS, "") | {
        "date_of_extract": "2026-11-01",
        "organisation_number": str(number),
        "registered_charity_number": str(number),
        "linked_charity_number": "0",
        "charity_name": name.upper() if chance.random() < 0.5 else name,
        "charity_type": "CIO" if cio else chance.choice(("Trust", "Other", "Charitable company")),
        "charity_registration_status": "Removed" if removed else "Registered",
        "date_of_registration": registered.isoformat(),
        "date_of_removal": "2024-05-14" if removed else "",
        "charity_reporting_status": "Removed" if removed else status,
        "latest_acc_fin_period_start_date": year_end.replace(year=2024).isoformat(),
        "latest_acc_fin_period_end_date": year_end.isoformat(),
        "latest_income": str(income),
        "latest_expenditure": str(round(income * chance.uniform(0.7, 1.1))),
        "charity_contact_address1": f"{chance.randint(1, 120)} {chance.choice(STREETS)}",
        "charity_contact_address2": town.upper(),
        "charity_contact_address3": "Essex" if chance.random() < 0.5 else "",
        "charity_contact_postcode": f"{outward} {inward}",
        "charity_contact_web": f"{slug}.example.org",
        "charity_insolvent": "False",
        "charity_in_administration": "False",
        "charity_previously_excepted": "False",
        "charity_is_cdf_or_cif": "",
        "charity_is_cio": str(cio),
        "cio_is_dissolved": "False",
        "charity_activities": activities,
        "charity_gift_aid": str(chance.random() < 0.5),
        "charity_has_land": str(chance.random() < 0.3),
    }
    return [field[name] for name in COLUMNS]


def main() -> None:
    """Write the file to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=120)
    parser.add_argument("--first", type=int, default=FIRST)
    asked = parser.parse_args()
    chance = random.Random(2026)
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    print("\t".join(COLUMNS))
    for offset, charity in enumerate(names(chance, asked.rows)):
        print("\t".join(row(chance, asked.first + offset, charity)))


if __name__ == "__main__":
    main()
