"""Volunteering at size: people with what they say of themselves, history, and one busy morning.

Organisations are as unequal as in life: the first has hundreds of opportunities. Everything else
hangs on what `dataset` made: three past shifts an opportunity, and the first organisation's roster
of sixty on a shift that runs now.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.load.sql import (
    ORGANISATION,
    PERSON,
    POINT,
    ROLE,
    SHIFT,
    Signed,
    id_of,
    sign_in,
    without_clash_checks,
)

from marketplace.volunteering.matching.rules import SLOTS

VOLUNTEER, PAST, BOOKING, NOW, WAITS = range(30, 35)
ON_THE_SHIFT = 60
# How the volunteers are spoken of below: those after the sixty are somebody in particular.
LEADER, COORDINATOR, MODERATOR, ANYBODY = range(ON_THE_SHIFT, ON_THE_SHIFT + 4)
A_SIZE = 5  # volunteers for each opportunity, at most


@dataclass(frozen=True)
class Volunteering:
    """Who looks at what."""

    organisation: UUID
    shift: UUID
    leader: Signed
    coordinator: Signed
    moderator: Signed
    volunteer: Signed


_VOLUNTEERS = f"""
    INSERT INTO person (id, email, email_typed, name, email_confirmed_at, postcode, point, skills,
        causes, born_on)
    SELECT {id_of(VOLUNTEER, "n")}, 'v' || n || '@example.org', 'v' || n || '@example.org',
        (ARRAY['Amara','Ben','Chidi','Dolores','Ewa','Farouk','Grace','Harpreet','Ivan','Joan',
            'Kofi','Lena','Mary','Nadia','Omar','Priya','Ruth','Sam','Tom','Zoë'])[n % 20 + 1]
        || ' ' || (ARRAY['Okafor','Smith','Kowalska','Patel','Jones','Ahmed','Brown','Nguyen',
            'Taylor','Rossi','Khan','Evans','Silva'])[n / 20 % 13 + 1],
        now(), 'CM1 1AA', CASE WHEN n % 10 > 0 THEN {POINT} END,
        CASE WHEN n % 3 > 0 THEN w.skills ELSE ARRAY[]::text[] END, ARRAY[w.cause],
        CASE WHEN n % 20 = 7 THEN current_date - 6100 WHEN n % 4 = 0 THEN date '1975-05-17' END
    FROM generate_series(0, $1::int - 1) AS n
    JOIN words w ON w.position = n % (SELECT count(*) FROM words)
"""
_AVAILABILITY = f"""
    INSERT INTO availability (id, person_id, free, miles)
    SELECT {id_of(WAITS, "n")}, {id_of(VOLUNTEER, "n")},
        ARRAY(SELECT slot FROM unnest($2::text[]) WITH ORDINALITY AS s (slot, i)
            WHERE (n * 7 + i * i * 3) % 3 = 0), (ARRAY[2,5,5,10,15])[n % 5 + 1]
    FROM generate_series(0, $1::int - 1) AS n WHERE n % 5 > 1 OR n = {ANYBODY}
"""
_SECOND_ROLES = f"""
    INSERT INTO role (id, opportunity_id, title, minimum_age, position)
    SELECT {id_of(ROLE, "1000000 + n")}, opportunity_id, 'Driver', 18, 1
    FROM generate_series(0, $1::int - 1, 10) AS n JOIN role r ON r.id = {id_of(ROLE, "n")}
"""
# Three past shifts each, in three different weeks, at which five people were.
_PAST = f"""
    INSERT INTO shift (id, role_id, opportunity_id, state, starts_at, ends_at, local_start,
        local_end, zone, places, taken)
    SELECT {id_of(PAST, "n * 3 + s")}, r.id, r.opportunity_id, 'planned', at.utc,
        at.utc + interval '2 hours', at.utc, at.utc + interval '2 hours', 'Europe/London', 60, 0
    FROM generate_series(0, $1::int - 1) AS n JOIN role r ON r.id = {id_of(ROLE, "n")}
    CROSS JOIN generate_series(0, 2) AS s
    CROSS JOIN LATERAL (SELECT date_trunc('day', now()) + (9 + n % 10) * interval '1 hour'
        - (7 * (s + 1) + n % 7) * interval '1 day' AS utc) AS at
"""
_BOOKED = f"""
    INSERT INTO booking (id, shift_id, person_id, organisation_id, state, period, booked_at,
        cancelled_by, cancelled_at)
    SELECT {id_of(BOOKING, "v * 4 + s")}, x.id, {id_of(VOLUNTEER, "v")}, o.organisation_id,
        d.state, tstzrange(x.starts_at, x.ends_at), least(x.starts_at, now()) - interval '9 days',
        CASE WHEN d.state = 'cancelled' THEN 'volunteer' END,
        CASE WHEN d.state = 'cancelled' THEN least(x.starts_at, now()) - interval '1 day' END
    FROM generate_series(0, $1::int - 1) AS v CROSS JOIN generate_series(0, 3) AS s
    CROSS JOIN LATERAL (SELECT (v::bigint * 7919 + s * 3571) % $2::int AS opportunity) AS p
    JOIN shift x ON x.id = CASE WHEN s < 3 THEN {id_of(PAST, "opportunity * 3 + s")}
        ELSE {id_of(SHIFT, "opportunity * 4 + v % 4")} END
    JOIN opportunity o ON o.id = x.opportunity_id
    CROSS JOIN LATERAL (SELECT CASE WHEN (v + s) % 20 = 0 THEN 'cancelled'
        WHEN s = 3 THEN 'confirmed' WHEN (v + s) % 20 = 1 THEN 'no_show'
        WHEN s = 0 AND (v + s) % 20 = 2 THEN 'confirmed' ELSE 'attended' END AS state) AS d
"""
_TAKEN = """
    UPDATE shift SET taken = b.taken FROM (SELECT shift_id, count(*) AS taken FROM booking
        WHERE state <> 'cancelled' GROUP BY shift_id) AS b WHERE b.shift_id = shift.id
"""
_CAME = f"""
    INSERT INTO attendance (id, booking_id, in_at, how)
    SELECT {id_of(WAITS, "row_number() OVER ()")}, id, lower(period), 'list' FROM booking
    WHERE state = 'attended'
"""
_HOURS = f"""
    INSERT INTO hours (id, booking_id, person_id, organisation_id, minutes, state, proposed_by,
        confirmed_at, disputed_by, disputed_minutes, dispute)
    SELECT {id_of(WAITS, "n")}, id, person_id, organisation_id, 120, state, 'attendance',
        CASE WHEN state = 'confirmed' THEN now() END,
        CASE WHEN state = 'disputed' THEN 'volunteer' END,
        CASE WHEN state = 'disputed' THEN 180 END,
        CASE WHEN state = 'disputed' THEN 'It was three hours' ELSE '' END
    FROM (SELECT id, person_id, organisation_id, n, CASE WHEN period @> now() OR n % 12 = 0
            THEN 'proposed' WHEN n % 50 = 1 THEN 'disputed' ELSE 'confirmed' END AS state
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM booking
            WHERE state = 'attended') AS b) AS b
"""
# Whoever booked was asked whether they may be asked again; some said no since.
_CONSENTS = f"""
    INSERT INTO consent (id, person_id, organisation_id, purpose, channel, agreed, how, wording,
        evidence, given_at)
    SELECT {id_of(WAITS, "row_number() OVER (ORDER BY again, b.id)")}, person_id,
        organisation_id, 'fill_shift', 'mail', NOT again, 'form', 'booking-1', 'Ticked', booked_at
    FROM booking b CROSS JOIN (VALUES (false), (true)) AS twice (again)
    WHERE (lower(period) > now() - interval '14 days'
            OR organisation_id = {id_of(ORGANISATION, "0")})
        AND (NOT again OR right(person_id::text, 1) = '0')
"""
_ASKS = f"""
    INSERT INTO fill_ask (id, shift_id, person_id, organisation_id, asked_at, told_at, answer,
        answered_at)
    SELECT {id_of(WAITS, "v")}, s.id, {id_of(VOLUNTEER, "v")}, o.organisation_id, at, at,
        CASE WHEN v % 3 = 0 THEN 'declined' END, CASE WHEN v % 3 = 0 THEN at END
    FROM generate_series(4, $1::int - 1, 8) AS v
    JOIN shift s ON s.id = {id_of(SHIFT, "(v::bigint * 31) % ($2::int * 4)")}
    JOIN opportunity o ON o.id = s.opportunity_id
    CROSS JOIN LATERAL (SELECT now() - (v % 80) * interval '1 day' AS at) AS t
"""
# What roles ask for: every tenth an application, every fifteenth a check, every 25th training.
_SCREENING = f"""
    INSERT INTO role_screening (id, role_id, needs_application)
    SELECT {id_of(WAITS, "n")}, {id_of(ROLE, "n")}, true
    FROM generate_series(3, $1::int - 1, 10) AS n
"""
_CHECKS = f"""
    INSERT INTO role_check (id, role_id, organisation_id, level, nation, workforce, duties,
        frequency, supervised, rules, judged_on, why, decided_by)
    SELECT {id_of(WAITS, "n")}, r.id, o.organisation_id, 'dbs_enhanced', 'england', 'children',
        ARRAY[]::text[], 'often', false, ARRAY[]::text[], current_date, 'Works with children',
        {id_of(PERSON, "0")}
    FROM generate_series(0, $1::int - 1, 15) AS n JOIN role r ON r.id = {id_of(ROLE, "n")}
    JOIN opportunity o ON o.id = r.opportunity_id
"""
_TRAINING = f"""
    INSERT INTO role_training (id, role_id, kind)
    SELECT {id_of(WAITS, "n")}, {id_of(ROLE, "n")}, 'first_aid'
    FROM generate_series(0, $1::int - 1, 25) AS n
"""
_CREDENTIALS = f"""
    INSERT INTO credential (id, person_id, organisation_id, kind, level, workforce, issued_on,
        holds_until, outcome, seen_by)
    SELECT {id_of(WAITS, "row_number() OVER ()")}, b.person_id, b.organisation_id, k.kind, k.level,
        k.workforce, current_date - 700, current_date + 10 + abs(hashtext(b.id::text)) % 700,
        'satisfactory', {id_of(PERSON, "0")}
    FROM booking b CROSS JOIN (VALUES ('criminal_record_check', 'dbs_enhanced', 'children'),
        ('first_aid', NULL, 'neither')) AS k (kind, level, workforce)
    WHERE right(b.person_id::text, 1) IN ('1', '2', '3')
"""
_APPLICATIONS = f"""
    INSERT INTO role_application (id, role_id, organisation_id, person_id, state, submitted_at,
        decided_at)
    SELECT {id_of(WAITS, "v")}, r.id, o.organisation_id, {id_of(VOLUNTEER, "v")}, d.state, d.at,
        CASE WHEN d.state = 'approved' THEN d.at END
    FROM generate_series(1, $1::int - 1, 4) AS v
    JOIN role r ON r.id = {id_of(ROLE, "(v::bigint * 7919) % $2::int / 10 * 10 + 3")}
    JOIN opportunity o ON o.id = r.opportunity_id CROSS JOIN LATERAL (SELECT
        CASE WHEN v % 40 = 1 THEN 'submitted' ELSE 'approved' END AS state,
        now() - (v % 90) * interval '1 day' AS at) AS d
"""
_THREADS = f"""
    INSERT INTO message_thread (id, subject_type, subject_id, organisation_id, person_id)
    SELECT b.id, 'booking', b.id, b.organisation_id, b.person_id
    FROM generate_series(0, $1::int - 1, 5) AS v JOIN booking b ON b.id = {id_of(BOOKING, "v * 4")}
"""
_MESSAGES = f"""
    INSERT INTO message (id, thread_id, author_id, side, text, sent_at)
    SELECT {id_of(WAITS, "row_number() OVER ()")}, t.id, t.person_id, 'person',
        'Where do we meet, and should I bring gloves?', now() - m * interval '1 day'
    FROM message_thread t CROSS JOIN generate_series(1, 3) AS m
"""
_SEEN = f"""
    INSERT INTO message_seen (id, thread_id, person_id, side)
    SELECT {id_of(WAITS, "row_number() OVER ()")}, id, {id_of(PERSON, "0")}, 'organisation'
    FROM message_thread WHERE right(person_id::text, 1) <> '0'
"""
_EXPENSES = f"""
    INSERT INTO expense (id, person_id, organisation_id, on_date, kind, what, pence, state)
    SELECT {id_of(WAITS, "v")}, b.person_id, b.organisation_id, current_date - 7, 'receipt',
        'Bus', 450, 'submitted' FROM generate_series(0, $1::int - 1, 20) AS v
    JOIN booking b ON b.id = {id_of(BOOKING, "v * 4 + 1")}
"""
# Sent to the moderators, changed since they accepted it, sent back.
_QUEUE = f"""
    UPDATE opportunity o SET state = q.state, submitted_at = now(), touched_at = now(),
        recheck_since = CASE WHEN q.state = 'open' THEN now() END, moderator_note = 'More, please'
    FROM (SELECT id, (ARRAY['submitted','open','needs_work'])[n % 3 + 1] AS state FROM (
        SELECT id, row_number() OVER (ORDER BY id DESC) AS n FROM opportunity
        WHERE organisation_id <> {id_of(ORGANISATION, "0")} LIMIT 150) AS last) AS q
    WHERE q.id = o.id
"""
_UNLISTED = """
    DELETE FROM listing l USING opportunity o
    WHERE l.kind = 'opportunity' AND o.id = l.id AND o.state <> 'open'
"""
# --- the shift that runs now: sixty people, a group among them, two who came without an account
_SHIFT = f"""
    INSERT INTO shift (id, role_id, opportunity_id, state, starts_at, ends_at, local_start,
        local_end, zone, places, taken, held)
    SELECT {id_of(NOW, "0")}, r.id, r.opportunity_id, 'planned', now() - interval '30 minutes',
        now() + interval '8 hours', now() - interval '30 minutes', now() + interval '8 hours',
        'Europe/London', 80, {ON_THE_SHIFT} + 2, 4 FROM role r WHERE r.id = {id_of(ROLE, "0")}
"""
_ROSTER = f"""
    INSERT INTO booking (id, shift_id, person_id, organisation_id, state, period)
    SELECT {id_of(NOW, "v")}, s.id, {id_of(VOLUNTEER, "v")}, {id_of(ORGANISATION, "0")},
        (ARRAY['confirmed','attended'])[v % 2 + 1], tstzrange(s.starts_at, s.ends_at)
    FROM generate_series(0, {ON_THE_SHIFT - 1}) AS v JOIN shift s ON s.id = {id_of(NOW, "0")}
"""
_WALK_INS = f"""
    INSERT INTO walk_in (id, shift_id, name)
    SELECT {id_of(NOW, "n")}, {id_of(NOW, "0")}, 'Guest ' || n FROM generate_series(1, 2) AS n
"""
_GROUP = f"""
    INSERT INTO volunteer_group (id, shift_id, organisation_id, captain_id, name, kind, held,
        lapses_at)
    VALUES ({id_of(NOW, "0")}, {id_of(NOW, "0")}, {id_of(ORGANISATION, "0")},
        {id_of(VOLUNTEER, "0")}, 'Essex Water', 'employer', 4, now() + interval '9 hours')
"""
_SEATS = f"""
    INSERT INTO group_seat (id, group_id, name, state, person_id, booking_id)
    SELECT {id_of(NOW, "n")}, {id_of(NOW, "0")}, 'Colleague ' || n,
        CASE WHEN n < 6 THEN 'accepted' ELSE 'named' END,
        CASE WHEN n < 6 THEN {id_of(VOLUNTEER, "n")} END, CASE WHEN n < 6 THEN {id_of(NOW, "n")} END
    FROM generate_series(0, 9) AS n
"""
_LEADER = f"""
    INSERT INTO shift_leader (id, person_id, organisation_id, role_id, shift_id)
    SELECT {id_of(NOW, "0")}, {id_of(VOLUNTEER, str(LEADER))}, {id_of(ORGANISATION, "0")},
        {id_of(ROLE, "0")}, {id_of(NOW, "0")}
"""
_COORDINATOR = f"""
    INSERT INTO membership (id, organisation_id, person_id, role) VALUES ({id_of(NOW, "0")},
        {id_of(ORGANISATION, "0")}, {id_of(VOLUNTEER, str(COORDINATOR))}, 'coordinator')
"""
_MODERATOR = f"""
    INSERT INTO platform_role (id, person_id, role) VALUES ({id_of(NOW, "0")},
        {id_of(VOLUNTEER, str(MODERATOR))}, 'moderator')
"""


async def fill(owner: Any, size: int, volunteers: int) -> Volunteering:
    """Add it to what `dataset` made, whose words and opportunities are there already."""
    people = max(min(volunteers, size * A_SIZE), ANYBODY + 1)
    await owner.execute(_VOLUNTEERS, people)
    await owner.execute(_AVAILABILITY, people, list(SLOTS))
    for statement in (_SECOND_ROLES, _PAST):
        await owner.execute(statement, size)
    await owner.execute("ANALYZE person, shift, opportunity, role")
    clashes = ("booking", "booking_one_place_at_a_time")
    await without_clash_checks(owner, *clashes, (_BOOKED, people, size), (_SHIFT,), (_ROSTER,))
    await owner.execute("ANALYZE booking")
    for statement in (_TAKEN, _CAME, _HOURS, _CONSENTS):
        await owner.execute(statement)
    for statement in (_ASKS, _APPLICATIONS):
        await owner.execute(statement, people, size)
    for statement in (_SCREENING, _CHECKS, _TRAINING):
        await owner.execute(statement, size)
    for statement in (_THREADS, _EXPENSES):
        await owner.execute(statement, people)
    for statement in (_CREDENTIALS, _MESSAGES, _SEEN, _QUEUE, _UNLISTED):
        await owner.execute(statement)
    for statement in (_WALK_INS, _GROUP, _SEATS, _LEADER, _COORDINATOR, _MODERATOR):
        await owner.execute(statement)
    numbers = (LEADER, COORDINATOR, MODERATOR, ANYBODY)
    row = await owner.fetchrow(
        "SELECT "
        + ", ".join(f"{id_of(VOLUNTEER, str(number))} AS n{number}" for number in numbers)
        + f", {id_of(ORGANISATION, '0')} AS organisation, {id_of(NOW, '0')} AS shift"
    )
    signed = await sign_in(owner, [row[f"n{number}"] for number in numbers], first=1_000_000)
    return Volunteering(row["organisation"], row["shift"], *signed)
