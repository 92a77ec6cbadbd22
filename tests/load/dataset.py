"""What the benchmark asks about: so many listings of each kind, made inside the database.

The words are the demo town's, so that cards and documents have the lengths they have in life.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from tests.load import volunteering
from tests.load.sql import (
    APPLICATION,
    CRITERION,
    FUND,
    MEMBER,
    OPPORTUNITY,
    ORGANISATION,
    OTHER,
    PERSON,
    POINT,
    RESERVATION,
    ROLE,
    ROUND,
    SHIFT,
    SITE,
    THING,
    UNIT,
    Signed,
    id_of,
    sign_in,
    without_clash_checks,
)
from tests.load.volunteering import Volunteering

from marketplace import clock
from marketplace.demo.town import make_town

# As many people as the write scenario needs, so that nobody is in two places at once.
PEOPLE = 2000
VOLUNTEERS = 50_000
SLOTS = 40
ASSESSED = 50


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
    volunteering: Volunteering
    counts: dict[str, int]


_TOWN = (
    "(ARRAY['Chelmsford','Witham','Braintree','Colchester','Harlow','Basildon','Grays'])[n % 7 + 1]"
)

_PEOPLE = f"""
    INSERT INTO person (id, email, email_typed, name, email_confirmed_at)
    SELECT {id_of(PERSON, "n")}, 'p' || n || '@example.org', 'p' || n || '@example.org',
        'Person ' || n, now() FROM generate_series(0, $1::int - 1) AS n
"""
_ORGANISATIONS = f"""
    INSERT INTO organisation (id, name, kind, state, summary, description, causes, town, postcode,
        point, created_by, submitted_at, approved_at)
    SELECT {id_of(ORGANISATION, "n")}, w.title || ' ' || n, 'community_group', 'approved',
        w.summary, w.body, ARRAY[w.cause], {_TOWN}, 'CM1 1AA', {POINT}, {id_of(PERSON, "0")},
        now(), now()
    FROM generate_series(0, $1::int - 1) AS n
    JOIN words w ON w.position = n % (SELECT count(*) FROM words)
"""
# As unequal as in life: the first has hundreds of ten thousand, the last thousands one or none.
_WHOSE = "floor($1::int * power((n::bigint * 7919 % $1::int) / $1::float8, 3))"
_OPPORTUNITIES = f"""
    INSERT INTO opportunity (id, organisation_id, title, summary, description, state, causes,
        skills, remote, place_name, town, postcode, point, getting_there, expenses,
        contact_name, timing, created_by, published_at, accepted_at)
    SELECT {id_of(OPPORTUNITY, "n")}, {id_of(ORGANISATION, f"({_WHOSE})::int")}, w.title,
        w.summary, w.body, 'open', ARRAY[w.cause], w.skills, false, w.place_name, {_TOWN},
        'CM1 1AA', {POINT}, w.getting_there, w.expenses, 'Tom Hadley', 'shifts',
        {id_of(PERSON, "0")}, now(), now()
    FROM generate_series(0, $1::int - 1) AS n
    JOIN words w ON w.position = n % (SELECT count(*) FROM words)
"""
_ROLES = f"""
    INSERT INTO role (id, opportunity_id, title, minimum_age)
    SELECT {id_of(ROLE, "n")}, {id_of(OPPORTUNITY, "n")}, 'Volunteer', 0
    FROM generate_series(0, $1::int - 1) AS n
"""
# Four shifts each; shift s of opportunity n is in slot (n + 10 s) % 40, an hour of its own.
_SHIFTS = f"""
    INSERT INTO shift (id, role_id, opportunity_id, state, starts_at, ends_at, local_start,
        local_end, zone, places, taken)
    SELECT {id_of(SHIFT, "n * 4 + s")}, {id_of(ROLE, "n")}, {id_of(OPPORTUNITY, "n")}, 'planned',
        at.utc, at.utc + interval '2 hours', at.utc, at.utc + interval '2 hours', 'Europe/London',
        60, 0
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
    SELECT {id_of(SITE, "n")}, {id_of(ORGANISATION, "n")}, 'Library ' || n, n || ' High Street',
        {_TOWN}, 'CM1 1AA', {POINT}, 'Europe/London' FROM generate_series(0, $1::int - 1) AS n
"""
_HOURS = f"""
    INSERT INTO opening_hours (id, site_id, weekday, opens, closes)
    SELECT {id_of(OTHER, "n * 7 + d")}, {id_of(SITE, "n")}, d, '10:00', '16:00'
    FROM generate_series(0, $1::int - 1) AS n CROSS JOIN generate_series(1, 6) AS d
"""
_THINGS = f"""
    INSERT INTO thing (id, organisation_id, site_id, title, summary, description, category, kind,
        state, created_by, published_at)
    SELECT {id_of(THING, "n")}, {id_of(ORGANISATION, "n % $2::int")}, {id_of(SITE, "n % $2::int")},
        (ARRAY['Cordless drill','Pressure washer','Four-person tent','Gazebo','Carpet cleaner',
        'Sewing machine','Hedge trimmer','Projector','Ladder','Cake tins'])[n % 10 + 1] || ' ' || n,
        w.summary, w.body, (ARRAY['tools','garden','camping','events'])[n % 4 + 1], 'thing',
        'published', {id_of(PERSON, "0")}, now()
    FROM generate_series(0, $1::int - 1) AS n
    JOIN words w ON w.position = n % (SELECT count(*) FROM words)
"""
_UNITS = f"""
    INSERT INTO unit (id, thing_id, organisation_id, label, asset_code, state)
    SELECT {id_of(UNIT, "n * 2 + u")}, t.id, t.organisation_id, 'Unit ' || u,
        'A' || (n * 2 + u), 'available'
    FROM generate_series(0, $1::int - 1) AS n CROSS JOIN generate_series(0, 1) AS u
    JOIN thing t ON t.id = {id_of(THING, "n")}
"""
# The first unit of each thing is out for two days of each of the next three weeks.
_RESERVATIONS = f"""
    INSERT INTO reservation (id, thing_id, organisation_id, person_id, state, first_day, last_day,
        zone, starts_at, ends_at)
    SELECT {id_of(RESERVATION, "n * 3 + w")}, t.id, t.organisation_id,
        {id_of(PERSON, "(n % $2::int)")}, 'reserved', d.day, d.day + 1, 'Europe/London',
        d.day + time '10:00', d.day + 1 + time '16:00'
    FROM generate_series(0, $1::int - 1) AS n CROSS JOIN generate_series(0, 2) AS w
    JOIN thing t ON t.id = {id_of(THING, "n")}
    CROSS JOIN LATERAL (SELECT current_date + 1 + 7 * w + n % 5 AS day) AS d
"""
_OCCUPANCY = f"""
    INSERT INTO occupancy (id, thing_id, unit_id, reservation_id, state, blocked_from,
        blocked_until)
    SELECT {id_of(RESERVATION, "n * 3 + w")}, {id_of(THING, "n")}, {id_of(UNIT, "n * 2")}, r.id,
        'held', r.starts_at, r.ends_at
    FROM generate_series(0, $1::int - 1) AS n CROSS JOIN generate_series(0, 2) AS w
    JOIN reservation r ON r.id = {id_of(RESERVATION, "n * 3 + w")}
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
    SELECT {id_of(FUND, "n")}, {id_of(ORGANISATION, "n % 100")}, 'Fund ' || n || ' for ' || w.title,
        w.summary, w.body, ARRAY[w.cause], 'Essex', 'open', {id_of(PERSON, "0")}, now()
    FROM generate_series(0, $1::int - 1) AS n
    JOIN words w ON w.position = n % (SELECT count(*) FROM words)
"""
_ROUNDS = f"""
    INSERT INTO round (id, fund_id, organisation_id, title, state, opens_at, opens_local, deadline,
        deadline_local, zone, budget, most, published_at)
    SELECT {id_of(ROUND, "n")}, f.id, f.organisation_id, 'Round one',
        CASE WHEN n = 0 THEN 'assessing' ELSE 'published' END, now() - interval '9 days',
        now() - interval '9 days', at.utc, at.utc, 'Europe/London', 5000000, 500000, now()
    FROM generate_series(0, $1::int - 1) AS n JOIN fund f ON f.id = {id_of(FUND, "n")}
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
    SELECT {id_of(APPLICATION, "n")}, {id_of(ROUND, "0")}, {id_of(ORGANISATION, "200 + n")},
        'A project called ' || n, 100000, 'submitted', now(), '{{}}'
    FROM generate_series(0, {ASSESSED - 1}) AS n
"""
_CRITERIA = f"""
    INSERT INTO criterion (id, round_id, position, label)
    SELECT {id_of(CRITERION, "n")}, {id_of(ROUND, "0")}, n, 'Criterion ' || n
    FROM generate_series(0, 4) AS n
"""
_ASSESSOR = f"""
    INSERT INTO round_assessor (id, round_id, person_id)
    VALUES ({id_of(OTHER, "1")}, {id_of(ROUND, "0")}, {id_of(PERSON, "0")})
"""
_DECLARATIONS = f"""
    INSERT INTO declaration (id, application_id, person_id, conflict)
    SELECT {id_of(OTHER, "n")}, {id_of(APPLICATION, "n")}, {id_of(PERSON, "0")}, false
    FROM generate_series(0, {ASSESSED - 1}) AS n
"""
_VOCABULARY = """
    INSERT INTO listing_word SELECT DISTINCT word FROM words,
        regexp_split_to_table(lower(title || ' ' || summary || ' ' || body), '[^a-z]+') AS word
    WHERE length(word) BETWEEN 3 AND 31 ON CONFLICT DO NOTHING
"""


async def fill(url: str, size: int, people: int = PEOPLE, volunteers: int = VOLUNTEERS) -> Dataset:
    """Fill an empty, migrated database as its owner."""
    owner = await asyncpg.connect(url)
    try:
        return await _fill(owner, size, people, volunteers)
    finally:
        await owner.close()


async def _fill(owner: Any, size: int, people: int, volunteers: int) -> Dataset:
    size = max(size, ASSESSED + 250)
    people = min(people, size)
    await owner.execute("SET synchronous_commit = off")
    await _words(owner)
    sites = 250
    await owner.execute(_PEOPLE, people)
    for statement in (_ORGANISATIONS, _OPPORTUNITIES, _ROLES, _SHIFTS):
        await owner.execute(statement, size)
    rows = await owner.fetch("SELECT id FROM person ORDER BY id LIMIT $1", people)
    signed = await sign_in(owner, [row["id"] for row in rows])
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
        await without_clash_checks(
            owner, "occupancy", "occupancy_one_at_a_time", (_OCCUPANCY, size)
        )
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
            f" ({id_of(MEMBER, '0')}, {id_of(ORGANISATION, '0')}, {id_of(PERSON, '0')}, 'assessor')"
        )
        kinds.append("fund")
        assessor = signed[0]
    busy = await volunteering.fill(owner, size, volunteers)
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
        volunteering=busy,
        counts={row["kind"]: row["many"] for row in rows},
    )


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


async def _by_slot(owner: Any) -> list[list[UUID]]:
    """Give the shifts that anybody can book, by the hour they are in: two of one slot overlap."""
    rows = await owner.fetch(
        "SELECT array_agg(id ORDER BY id) AS ids FROM (SELECT s.id, s.starts_at, row_number() OVER"
        " (PARTITION BY s.starts_at ORDER BY s.id) AS place FROM shift s"
        " JOIN opportunity o ON o.id = s.opportunity_id AND o.state = 'open'"
        " WHERE s.starts_at > now() AND s.role_id NOT IN (SELECT role_id FROM role_screening"
        "  UNION SELECT role_id FROM role_check UNION SELECT role_id FROM role_training)) AS s"
        " WHERE place <= 1000 GROUP BY starts_at ORDER BY starts_at"
    )
    return [list(row["ids"]) for row in rows]


async def _last_places(owner: Any) -> list[UUID]:
    """Add shifts with one place each, at hours when nobody has anything else."""
    rows = await owner.fetch(
        f"INSERT INTO shift SELECT {id_of(OTHER, '1000 + n')}, role_id, opportunity_id, state,"
        " at, at + interval '1 hour', at, at + interval '1 hour', zone, 1, 0"
        " FROM shift, generate_series(0, 59) AS n, LATERAL (SELECT date_trunc('day', now())"
        "  + interval '60 days 20 hours' + n * interval '1 day' AS at) AS t"
        f" WHERE shift.id = {id_of(SHIFT, '4')} RETURNING id"
    )
    return [row["id"] for row in rows]
