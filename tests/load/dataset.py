"""What the benchmark asks about: so many listings of each kind, made inside the database.

The words are the demo town's, so that cards and documents have the lengths they have in life.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from marketplace import clock
from marketplace.demo.town import make_town

# As many people as the write scenario needs, so that nobody is in two places at once.
PEOPLE = 2000
SLOTS = 40
ASSESSED = 50
# Somewhere in Essex; listings lie evenly in this square of OSGB36 metres.
WEST, SOUTH, WIDE = 545_000, 185_000, 60_000


@dataclass(frozen=True)
class Signed:
    """Somebody signed in: what a client needs to be them."""

    person: UUID
    session: UUID
    token: str


@dataclass(frozen=True)
class Dataset:
    """What was made, as far as addresses need it."""

    kinds: list[str]
    opportunities: list[UUID]
    things: list[UUID]
    people: list[Signed]
    assessor: Signed | None
    shifts: list[list[UUID]]
    last_place: list[UUID]
    counts: dict[str, int]


def _id(prefix: int, number: str) -> str:
    """Write an id that any statement can work out: of which table, and the how manieth."""
    parts = (
        f"lpad(to_hex({prefix}), 8, '0') || '-0000-7000-8000-' || lpad(to_hex({number}), 12, '0')"
    )
    return f"({parts})::uuid"


PERSON, ORGANISATION, OPPORTUNITY, ROLE, SHIFT, SESSION, MEMBER = range(1, 8)
SITE, THING, UNIT, RESERVATION, FUND, ROUND, APPLICATION, CRITERION, OTHER = range(10, 19)

_POINT = f"point({WEST} + (n::bigint * 7919 % {WIDE}), {SOUTH} + (n::bigint * 104729 % {WIDE}))"
_TOWN = (
    "(ARRAY['Chelmsford','Witham','Braintree','Colchester','Harlow','Basildon','Grays'])[n % 7 + 1]"
)

_PEOPLE = f"""
    INSERT INTO person (id, email, email_typed, name, email_confirmed_at)
    SELECT {_id(PERSON, "n")}, 'p' || n || '@example.org', 'p' || n || '@example.org',
        'Person ' || n, now() FROM generate_series(0, $1::int - 1) AS n
"""
_ORGANISATIONS = f"""
    INSERT INTO organisation (id, name, kind, state, summary, description, causes, town, postcode,
        point, created_by, submitted_at, approved_at)
    SELECT {_id(ORGANISATION, "n")}, w.title || ' ' || n, 'community_group', 'approved', w.summary,
        w.body, ARRAY[w.cause], {_TOWN}, 'CM1 1AA', {_POINT}, {_id(PERSON, "0")}, now(), now()
    FROM generate_series(0, $1::int - 1) AS n
    JOIN words w ON w.position = n % (SELECT count(*) FROM words)
"""
_OPPORTUNITIES = f"""
    INSERT INTO opportunity (id, organisation_id, title, summary, description, state, causes,
        skills, remote, place_name, town, postcode, point, getting_there, expenses,
        contact_name, timing,
        created_by, published_at)
    SELECT {_id(OPPORTUNITY, "n")}, {_id(ORGANISATION, "(n * 31) % $1::int")}, w.title, w.summary,
        w.body, 'open', ARRAY[w.cause], w.skills, false, w.place_name, {_TOWN}, 'CM1 1AA', {_POINT},
        w.getting_there, w.expenses, 'Tom Hadley', 'shifts', {_id(PERSON, "0")}, now()
    FROM generate_series(0, $1::int - 1) AS n
    JOIN words w ON w.position = n % (SELECT count(*) FROM words)
"""
_ROLES = f"""
    INSERT INTO role (id, opportunity_id, title, minimum_age)
    SELECT {_id(ROLE, "n")}, {_id(OPPORTUNITY, "n")}, 'Volunteer', 0
    FROM generate_series(0, $1::int - 1) AS n
"""
# Four shifts each; shift s of opportunity n is in slot (n + 10 s) % 40, an hour of its own.
_SHIFTS = f"""
    INSERT INTO shift (id, role_id, opportunity_id, state, starts_at, ends_at, local_start,
        local_end, zone, places, taken)
    SELECT {_id(SHIFT, "n * 4 + s")}, {_id(ROLE, "n")}, {_id(OPPORTUNITY, "n")}, 'planned', at.utc,
        at.utc + interval '2 hours', at.utc, at.utc + interval '2 hours', 'Europe/London', 60, 0
    FROM generate_series(0, $1::int - 1) AS n CROSS JOIN generate_series(0, 3) AS s
    CROSS JOIN LATERAL (SELECT date_trunc('day', now()) + interval '3 days 10 hours'
        + ((n + 10 * s) % {SLOTS}) * interval '1 day' AS utc) AS at
"""
_LISTED = """
    INSERT INTO listing (kind, id, url, title, summary, body, organisation_id, organisation_name,
        town, point, remote, icon, tags, synonyms, starts_at, until)
"""
_LIST_OPPORTUNITIES = f"""{_LISTED}
    SELECT 'opportunity', o.id, '/opportunities/' || o.id, o.title, o.summary,
        o.description || ' ' || o.getting_there || ' ' || o.expenses, o.organisation_id, g.name,
        o.town, o.point, false, w.icon,
        ARRAY['cause:' || w.cause]
            || (SELECT array_agg(DISTINCT 'skill:' || k) FROM unnest(w.skills) k)
            || (SELECT array_agg(DISTINCT 'on:' || x.local_start::date) FROM shift x
                WHERE x.opportunity_id = o.id), w.synonyms, s.first, s.last
    FROM opportunity o JOIN organisation g ON g.id = o.organisation_id
    JOIN words w ON w.title = o.title AND w.summary = o.summary
    CROSS JOIN LATERAL (SELECT min(starts_at) AS first, max(starts_at) AS last FROM shift
        WHERE opportunity_id = o.id) AS s
    ON CONFLICT DO NOTHING
"""
_LIST_ORGANISATIONS = f"""{_LISTED}
    SELECT 'organisation', g.id, '/organisations/' || g.id, g.name, g.summary, g.description, g.id,
        '', g.town, g.point, false, 'users', ARRAY['cause:' || g.causes[1]], '', NULL, NULL
    FROM organisation g
"""
_SITES = f"""
    INSERT INTO site (id, organisation_id, name, address, town, postcode, point, zone)
    SELECT {_id(SITE, "n")}, {_id(ORGANISATION, "n")}, 'Library ' || n, n || ' High Street',
        {_TOWN}, 'CM1 1AA', {_POINT}, 'Europe/London' FROM generate_series(0, $1::int - 1) AS n
"""
_HOURS = f"""
    INSERT INTO opening_hours (id, site_id, weekday, opens, closes)
    SELECT {_id(OTHER, "n * 7 + d")}, {_id(SITE, "n")}, d, '10:00', '16:00'
    FROM generate_series(0, $1::int - 1) AS n CROSS JOIN generate_series(1, 6) AS d
"""
_THINGS = f"""
    INSERT INTO thing (id, organisation_id, site_id, title, summary, description, category, kind,
        state, created_by, published_at)
    SELECT {_id(THING, "n")}, {_id(ORGANISATION, "n % $2::int")}, {_id(SITE, "n % $2::int")},
        (ARRAY['Cordless drill','Pressure washer','Four-person tent','Gazebo','Carpet cleaner',
        'Sewing machine','Hedge trimmer','Projector','Ladder','Cake tins'])[n % 10 + 1] || ' ' || n,
        w.summary, w.body, (ARRAY['tools','garden','camping','events'])[n % 4 + 1], 'thing',
        'published', {_id(PERSON, "0")}, now()
    FROM generate_series(0, $1::int - 1) AS n
    JOIN words w ON w.position = n % (SELECT count(*) FROM words)
"""
_UNITS = f"""
    INSERT INTO unit (id, thing_id, organisation_id, label, asset_code, state)
    SELECT {_id(UNIT, "n * 2 + u")}, t.id, t.organisation_id, 'Unit ' || u,
        'A' || (n * 2 + u), 'available'
    FROM generate_series(0, $1::int - 1) AS n CROSS JOIN generate_series(0, 1) AS u
    JOIN thing t ON t.id = {_id(THING, "n")}
"""
# The first unit of each thing is out for two days of each of the next three weeks.
_RESERVATIONS = f"""
    INSERT INTO reservation (id, thing_id, organisation_id, person_id, state, first_day, last_day,
        zone, starts_at, ends_at)
    SELECT {_id(RESERVATION, "n * 3 + w")}, t.id, t.organisation_id,
        {_id(PERSON, "(n % $2::int)")}, 'reserved', d.day, d.day + 1, 'Europe/London',
        d.day + time '10:00', d.day + 1 + time '16:00'
    FROM generate_series(0, $1::int - 1) AS n CROSS JOIN generate_series(0, 2) AS w
    JOIN thing t ON t.id = {_id(THING, "n")}
    CROSS JOIN LATERAL (SELECT current_date + 1 + 7 * w + n % 5 AS day) AS d
"""
_OCCUPANCY = f"""
    INSERT INTO occupancy (id, thing_id, unit_id, reservation_id, state, blocked_from,
        blocked_until)
    SELECT {_id(RESERVATION, "n * 3 + w")}, {_id(THING, "n")}, {_id(UNIT, "n * 2")}, r.id, 'held',
        r.starts_at, r.ends_at
    FROM generate_series(0, $1::int - 1) AS n CROSS JOIN generate_series(0, 2) AS w
    JOIN reservation r ON r.id = {_id(RESERVATION, "n * 3 + w")}
"""
_LIST_THINGS = f"""{_LISTED}
    SELECT 'thing', t.id, '/things/' || t.id, t.title, t.summary, t.description, t.organisation_id,
        g.name, s.town, s.point, false, 'hammer', ARRAY['category:' || t.category, 'kind:thing'],
        '', NULL, NULL
    FROM thing t JOIN site s ON s.id = t.site_id JOIN organisation g ON g.id = t.organisation_id
"""
_FUNDS = f"""
    INSERT INTO fund (id, organisation_id, title, summary, description, causes, area, state,
        created_by, published_at)
    SELECT {_id(FUND, "n")}, {_id(ORGANISATION, "n % 100")}, 'Fund ' || n || ' for ' || w.title,
        w.summary, w.body, ARRAY[w.cause], 'Essex', 'open', {_id(PERSON, "0")}, now()
    FROM generate_series(0, $1::int - 1) AS n
    JOIN words w ON w.position = n % (SELECT count(*) FROM words)
"""
_ROUNDS = f"""
    INSERT INTO round (id, fund_id, organisation_id, title, state, opens_at, opens_local, deadline,
        deadline_local, zone, budget, most, published_at)
    SELECT {_id(ROUND, "n")}, f.id, f.organisation_id, 'Round one',
        CASE WHEN n = 0 THEN 'assessing' ELSE 'published' END, now() - interval '9 days',
        now() - interval '9 days', at.utc, at.utc, 'Europe/London', 5000000, 500000, now()
    FROM generate_series(0, $1::int - 1) AS n JOIN fund f ON f.id = {_id(FUND, "n")}
    CROSS JOIN LATERAL (SELECT now() + CASE WHEN n = 0 THEN interval '-1 day'
        ELSE (n % 60 + 1) * interval '1 day' END AS utc) AS at
"""
_LIST_FUNDS = f"""{_LISTED}
    SELECT 'fund', f.id, '/funds/' || f.id, f.title, f.summary, f.description, f.organisation_id,
        g.name, 'Essex', g.point, false, 'hand-coins',
        ARRAY['cause:' || f.causes[1], 'in:anywhere'], '', r.deadline, r.deadline
    FROM fund f JOIN round r ON r.fund_id = f.id JOIN organisation g ON g.id = f.organisation_id
    WHERE r.state = 'published'
"""
_APPLICATIONS = f"""
    INSERT INTO application (id, round_id, organisation_id, title, amount, state, submitted_at,
        snapshot)
    SELECT {_id(APPLICATION, "n")}, {_id(ROUND, "0")}, {_id(ORGANISATION, "200 + n")},
        'A project called ' || n, 100000, 'submitted', now(), '{{}}'
    FROM generate_series(0, {ASSESSED - 1}) AS n
"""
_CRITERIA = f"""
    INSERT INTO criterion (id, round_id, position, label)
    SELECT {_id(CRITERION, "n")}, {_id(ROUND, "0")}, n, 'Criterion ' || n
    FROM generate_series(0, 4) AS n
"""
_ASSESSOR = f"""
    INSERT INTO round_assessor (id, round_id, person_id)
    VALUES ({_id(OTHER, "1")}, {_id(ROUND, "0")}, {_id(PERSON, "0")})
"""
_DECLARATIONS = f"""
    INSERT INTO declaration (id, application_id, person_id, conflict)
    SELECT {_id(OTHER, "n")}, {_id(APPLICATION, "n")}, {_id(PERSON, "0")}, false
    FROM generate_series(0, {ASSESSED - 1}) AS n
"""
_VOCABULARY = """
    INSERT INTO listing_word SELECT DISTINCT word FROM words,
        regexp_split_to_table(lower(title || ' ' || summary || ' ' || body), '[^a-z]+') AS word
    WHERE length(word) BETWEEN 3 AND 31 ON CONFLICT DO NOTHING
"""


def token_of(number: int) -> str:
    """Give the session token of a person of the benchmark."""
    return hashlib.sha256(f"benchmark {number}".encode()).hexdigest()[:43]


async def fill(url: str, size: int, people: int = PEOPLE) -> Dataset:
    """Fill an empty, migrated database as its owner."""
    owner = await asyncpg.connect(url)
    try:
        return await _fill(owner, size, people)
    finally:
        await owner.close()


async def _fill(owner: Any, size: int, people: int) -> Dataset:
    size = max(size, ASSESSED + 250)
    people = min(people, size)
    await owner.execute("SET synchronous_commit = off")
    await _words(owner)
    sites = 250
    await owner.execute(_PEOPLE, people)
    for statement in (_ORGANISATIONS, _OPPORTUNITIES, _ROLES, _SHIFTS):
        await owner.execute(statement, size)
    signed = await _sessions(owner, people)
    await owner.execute("ANALYZE words")
    kinds = ["opportunity", "organisation"]
    for statement in (_LIST_OPPORTUNITIES, _LIST_ORGANISATIONS, _VOCABULARY):
        await owner.execute(statement)
    things: list[UUID] = []
    assessor = None
    if await owner.fetchval("SELECT to_regclass('thing')"):
        await owner.execute(_SITES, sites)
        await owner.execute(_HOURS, sites)
        await owner.execute(_THINGS, size, sites)
        await owner.execute(_UNITS, size)
        await owner.execute(_RESERVATIONS, size, people)
        await _without_clash_checks(owner, _OCCUPANCY, size)
        await owner.execute(_LIST_THINGS)
        kinds.append("thing")
        rows = await owner.fetch("SELECT id FROM thing ORDER BY id LIMIT 1000")
        things = [row["id"] for row in rows]
    if await owner.fetchval("SELECT to_regclass('fund')"):
        for statement in (_FUNDS, _ROUNDS):
            await owner.execute(statement, size)
        for statement in (_LIST_FUNDS, _APPLICATIONS, _CRITERIA, _ASSESSOR, _DECLARATIONS):
            await owner.execute(statement)
        await owner.execute(
            "INSERT INTO membership (id, organisation_id, person_id, role) VALUES"
            f" ({_id(MEMBER, '0')}, {_id(ORGANISATION, '0')}, {_id(PERSON, '0')}, 'assessor')"
        )
        kinds.append("fund")
        assessor = signed[0]
    shifts = await _by_slot(owner)
    last_place = await _last_places(owner)
    await owner.execute("VACUUM ANALYZE")
    rows = await owner.fetch(
        "SELECT kind, count(*) AS many FROM listing GROUP BY kind ORDER BY kind"
    )
    ids = await owner.fetch("SELECT id FROM opportunity ORDER BY id LIMIT 1000")
    return Dataset(
        kinds=kinds,
        opportunities=[row["id"] for row in ids],
        things=things,
        people=signed,
        assessor=assessor,
        shifts=shifts,
        last_place=last_place,
        counts={row["kind"]: row["many"] for row in rows},
    )


async def _without_clash_checks(owner: Any, statement: str, size: int) -> None:
    """Run a statement on occupancy and check it once after: row by row takes minutes."""
    name = "occupancy_one_at_a_time"
    rule = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", name
    )
    await owner.execute(f"ALTER TABLE occupancy DROP CONSTRAINT {name}")
    await owner.execute(statement, size)
    await owner.execute(f"ALTER TABLE occupancy ADD CONSTRAINT {name} {rule}")


async def _words(owner: Any) -> None:
    """Give the database the wording of the demo's opportunities, as a table of this session."""
    from marketplace import taxonomies

    rows: dict[tuple[str, str], tuple[Any, ...]] = {}
    for row in make_town(clock.now(), "")["opportunity"]:
        cause = row["causes"][0]
        words = (row["title"], row["summary"], row["description"], cause, row["skills"])
        more = (taxonomies.icon(cause), taxonomies.synonyms([*row["causes"], *row["skills"]]))
        where = (row["place_name"], row["getting_there"], row["expenses"])
        rows.setdefault(
            (row["title"], row["summary"]), (*words, more[0], " ".join(more[1]), *where)
        )
    await owner.execute(
        "CREATE TEMPORARY TABLE words (position int PRIMARY KEY, title text, summary text,"
        " body text, cause text, skills text[], icon text, synonyms text, place_name text,"
        " getting_there text,"
        " expenses text)"
    )
    records = [(position, *row) for position, row in enumerate(rows.values())]
    await owner.copy_records_to_table("words", records=records)


async def _sessions(owner: Any, people: int) -> list[Signed]:
    persons = [
        row["id"] for row in await owner.fetch("SELECT id FROM person ORDER BY id LIMIT $1", people)
    ]
    now = clock.now()
    signed = [
        Signed(person, UUID(int=(SESSION << 96) + (7 << 76) + (2 << 62) + number), token_of(number))
        for number, person in enumerate(persons)
    ]
    await owner.copy_records_to_table(
        "session",
        columns=["id", "person_id", "token_hash", "device", "seen_at", "expires_at"],
        records=[
            (
                each.session,
                each.person,
                hashlib.sha256(each.token.encode()).digest(),
                "benchmark",
                now,
                now + timedelta(days=7),
            )
            for each in signed
        ],
    )
    return signed


async def _by_slot(owner: Any) -> list[list[UUID]]:
    """Give the shifts that can be booked, by the hour they are in: two of one slot overlap."""
    rows = await owner.fetch(
        "SELECT array_agg(id ORDER BY id) AS ids FROM (SELECT id, starts_at, row_number() OVER"
        " (PARTITION BY starts_at ORDER BY id) AS place FROM shift) AS s WHERE place <= 1000"
        " GROUP BY starts_at ORDER BY starts_at"
    )
    return [list(row["ids"]) for row in rows]


async def _last_places(owner: Any) -> list[UUID]:
    """Add shifts with one place each, at hours when nobody has anything else."""
    rows = await owner.fetch(
        f"INSERT INTO shift SELECT {_id(OTHER, '1000 + n')}, role_id, opportunity_id, state,"
        " at, at + interval '1 hour', at, at + interval '1 hour', zone, 1, 0"
        " FROM shift, generate_series(0, 59) AS n, LATERAL (SELECT date_trunc('day', now())"
        "  + interval '60 days 20 hours' + n * interval '1 day' AS at) AS t"
        f" WHERE shift.id = {_id(SHIFT, '0')} RETURNING id"
    )
    return [row["id"] for row in rows]
