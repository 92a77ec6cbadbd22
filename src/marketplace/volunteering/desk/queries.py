"""Reading a coordinator's day: in few statements, however large the place is."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.messages.inboxes import NEW_TO_ORGANISATION
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.desk.rules import (
    AHEAD,
    MOST_A_WEEK,
    WEEK,
    Answer,
    missing,
    short_name,
)
from marketplace.volunteering.hours.queries import WAITING
from marketplace.volunteering.matching.rules import METRES_A_MILE, USUAL_MILES, miles_words, slots
from marketplace.volunteering.private_places import hide
from marketplace.volunteering.queries import place_words
from marketplace.volunteering.rules import places_words

SHORT_SHOWN = 6
EACH = 3
# So many are looked at more closely for a shift, the best first.
CONSIDERED = 40
EXPIRING_DAYS = 30


@dataclass(frozen=True, slots=True)
class Waits:
    """So many things of one kind that wait for somebody of the organisation."""

    count: int
    words: str
    href: str
    icon: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """Somebody who may be asked; `name` is as short as choosing allows."""

    person_id: UUID
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Short:
    """A shift to come that has too few people; `asked` were asked and have not answered yet."""

    id: UUID
    opportunity_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    places: int
    gone: int
    missing: int
    asked: int
    declined: int
    people: list[Suggested]

    @property
    def period(self) -> str:
        """Write when it is."""
        return clock.period_words(self.starts_at, self.ends_at)

    @property
    def places_words(self) -> str:
        """Write how many places are left."""
        return places_words(self.places, self.gone)


@dataclass(frozen=True, slots=True)
class Today:
    """What needs an answer, and what is short."""

    waits: list[Waits]
    short: list[Short]


_TO_MARK = (
    "FROM booking WHERE organisation_id = ORGANISATION AND state = 'confirmed'"
    " AND upper(period) < now()"
)
_TO_CHOOSE = (
    "FROM offer_queue q JOIN shift s ON s.id = q.subject_id"
    " WHERE q.organisation_id = ORGANISATION AND q.subject_type = 'shift'"
    " AND q.mode = 'choose' AND s.state = 'planned' AND s.starts_at > now()"
    " AND s.taken + s.held < s.places AND EXISTS (SELECT FROM offer_entry e"
    "  WHERE e.queue_id = q.id AND e.state = 'waiting')"
)
# Each is one number. Where a shift is to be opened, the last is which: the next comes after it.
_WAITS = (
    (
        "SELECT count(*) FROM role_application"
        " WHERE organisation_id = ORGANISATION AND state = 'submitted'",
        ("application to decide", "applications to decide"),
        "/manage/{id}/volunteers",
        "users",
    ),
    (
        "SELECT count(*) FROM message_thread t"  # noqa: S608
        f" WHERE t.organisation_id = ORGANISATION AND {NEW_TO_ORGANISATION}",
        ("conversation with something new", "conversations with something new"),
        "/manage/{id}/messages",
        "message-circle",
    ),
    (
        f"SELECT count(*) {_TO_MARK}",
        ("person to mark as there or not", "people to mark as there or not"),
        "/manage/shifts/{first}",
        "list-checks",
        f"SELECT shift_id {_TO_MARK} ORDER BY period, id LIMIT 1",
    ),
    (
        "SELECT count(*) FROM hours h"  # noqa: S608
        f" WHERE h.organisation_id = ORGANISATION AND {WAITING}",
        ("record of hours to confirm or settle", "records of hours to confirm or settle"),
        "/manage/{id}/hours?state=waiting",
        "clock",
    ),
    (
        "SELECT count(*) FROM expense WHERE organisation_id = ORGANISATION AND state = 'submitted'",
        ("expense claim to decide", "expense claims to decide"),
        "/manage/{id}/expenses?state=submitted",
        "coins",
    ),
    (
        f"SELECT count(*) {_TO_CHOOSE}",
        ("shift where you choose who gets a place", "shifts where you choose who gets a place"),
        "/manage/shifts/{first}/waitlist",
        "hourglass",
        f"SELECT s.id {_TO_CHOOSE} ORDER BY s.starts_at, s.id LIMIT 1",
    ),
    (
        "SELECT count(*) FROM place_doubt d JOIN booking b ON b.id = d.booking_id"
        " AND b.state = 'confirmed' JOIN shift s ON s.id = b.shift_id AND s.starts_at > now()"
        " WHERE b.organisation_id = ORGANISATION AND d.kept_at IS NULL",
        ("young person’s place to decide about", "places of young people to decide about"),
        "/manage/{id}/young-people",
        "users",
    ),
    (
        "SELECT count(*) FROM check_request"
        " WHERE organisation_id = ORGANISATION AND closed_at IS NULL",
        ("person who asks you to see a check", "people who ask you to see a check"),
        "/manage/{id}/credentials",
        "shield",
    ),
    (
        "SELECT count(*) FROM credential c WHERE c.organisation_id = ORGANISATION"  # noqa: S608
        " AND c.revoked_at IS NULL AND c.outcome = 'satisfactory'"
        f" AND c.holds_until BETWEEN current_date AND current_date + {EXPIRING_DAYS}"
        " AND NOT EXISTS (SELECT FROM credential newer WHERE newer.person_id = c.person_id"
        "  AND newer.organisation_id = c.organisation_id AND newer.kind = c.kind"
        "  AND newer.revoked_at IS NULL AND newer.seen_at > c.seen_at)",
        ("check or training that runs out soon", "checks or trainings that run out soon"),
        "/manage/{id}/credentials",
        "shield",
    ),
    (
        "SELECT count(*) FROM opportunity WHERE organisation_id = ORGANISATION AND state = 'open'"
        " AND asked_at IS NOT NULL",
        ("listing that may be over: still open?", "listings that may be over: still open?"),
        "/manage/{id}/opportunities",
        "megaphone",
    ),
)
# Whoever is free for it and near, the longest not asked first. What a role asks is judged here as
# far as one statement can; `eligibility` has the last word before anybody is asked.
_PEOPLE = (
    "WITH agreed AS (SELECT DISTINCT ON (person_id) person_id, agreed FROM consent"
    "  WHERE organisation_id = {} AND purpose = 'fill_shift' AND channel = 'mail'"
    "  ORDER BY person_id, number DESC),"
    " lately AS (SELECT person_id, max(asked_at) AS last,"
    "   count(*) FILTER (WHERE asked_at > {}) AS week FROM fill_ask"
    "  WHERE asked_at > now() - interval '90 days' GROUP BY person_id),"
    " people AS MATERIALIZED (SELECT p.id, p.point, l.last,"
    "  nullif(a.free, ARRAY[]::text[]) AS free, coalesce(a.miles, {}) * {}::float8 AS reach"
    "  FROM agreed JOIN person p ON p.id = agreed.person_id"
    "  LEFT JOIN availability a ON a.person_id = p.id LEFT JOIN lately l ON l.person_id = p.id"
    "  WHERE agreed.agreed AND p.anonymised_at IS NULL AND p.suspended_at IS NULL"
    "  AND NOT EXISTS (SELECT FROM membership m WHERE m.person_id = p.id"
    "   AND m.organisation_id = {})"
    "  AND p.email_confirmed_at IS NOT NULL AND coalesce(l.week, 0) < {}),"
    # What is the same for everybody is worked out once a shift.
    " wanted AS MATERIALIZED (SELECT s.id, s.role_id, s.starts_at, s.ends_at,"
    "  tstzrange(s.starts_at, s.ends_at) AS period, s.local_end::date AS last_day,"
    "  o.organisation_id, o.point, string_to_array(w.slots, ',') AS slots,"
    "  coalesce(q.needs_application, false) AS screened, needed.level IS NOT NULL AS checked"
    "  FROM unnest({}::uuid[], {}::text[]) AS w (id, slots)"
    "  JOIN shift s ON s.id = w.id JOIN opportunity o ON o.id = s.opportunity_id"
    "  LEFT JOIN role_screening q ON q.role_id = s.role_id"
    "  LEFT JOIN LATERAL (SELECT level FROM role_check c WHERE c.role_id = s.role_id"
    "   ORDER BY c.decided_at DESC, c.id DESC LIMIT 1) AS needed ON true)"
    " SELECT w.id AS shift_id, one.id, p.name, one.free_then, one.metres, one.last FROM wanted w"
    " CROSS JOIN LATERAL (SELECT near.* FROM (SELECT p.id, p.last, p.point <-> w.point AS metres,"
    "   p.free IS NOT NULL AS free_then FROM people p"
    # Distances are compared quicker than lists, and leave few.
    "   WHERE (w.point IS NULL OR p.point IS NULL OR p.point <-> w.point <= p.reach)"
    "   AND (p.free IS NULL OR p.free @> w.slots)"
    "   ORDER BY free_then DESC, p.last NULLS FIRST, metres, p.id LIMIT {}) AS near"
    "  WHERE NOT EXISTS (SELECT FROM fill_ask f JOIN shift x ON x.id = f.shift_id"
    "   WHERE f.person_id = near.id AND (x.id = w.id OR f.answer IS NULL"
    "    AND x.starts_at < w.ends_at AND x.ends_at > w.starts_at))"
    "  AND NOT EXISTS (SELECT FROM booking b WHERE b.person_id = near.id"
    "   AND b.state IN ('confirmed', 'attended') AND b.period && w.period)"
    "  AND NOT EXISTS (SELECT FROM offer_queue v JOIN offer_entry e ON e.queue_id = v.id"
    "   WHERE v.subject_type = 'shift' AND v.subject_id = w.id AND e.person_id = near.id"
    "   AND e.state IN ('waiting', 'offered'))"
    "  AND (NOT w.screened OR EXISTS (SELECT FROM role_application a WHERE a.role_id = w.role_id"
    "   AND a.person_id = near.id AND a.state = 'approved'"
    "   AND (a.approved_until IS NULL OR a.approved_until > now())))"
    "  AND (NOT w.checked OR EXISTS (SELECT FROM credential c"
    "   WHERE c.person_id = near.id AND c.organisation_id = w.organisation_id"
    "   AND c.kind = 'criminal_record_check' AND c.outcome = 'satisfactory'"
    "   AND c.revoked_at IS NULL AND c.holds_until >= w.last_day))"
    "  AND NOT EXISTS (SELECT FROM role_training t WHERE t.role_id = w.role_id"
    "   AND NOT EXISTS (SELECT FROM credential c WHERE c.person_id = near.id"
    "    AND c.organisation_id = w.organisation_id AND c.kind = t.kind"
    "    AND c.outcome = 'satisfactory' AND c.revoked_at IS NULL"
    "    AND (c.holds_until IS NULL OR c.holds_until >= w.last_day)))"
    "  ORDER BY near.free_then DESC, near.last NULLS FIRST, near.metres, near.id LIMIT {}) AS one"
    " JOIN person p ON p.id = one.id"
    " ORDER BY w.id, one.free_then DESC, one.last NULLS FIRST, one.metres, one.id"
)
_SHORT = (
    "SELECT s.*, r.title AS role_title,"
    " (SELECT count(*) FROM fill_ask f WHERE f.shift_id = s.id AND f.answer IS NULL)::int AS asked,"
    " (SELECT count(*) FROM fill_ask f WHERE f.shift_id = s.id AND f.answer = 'declined')::int"
    "  AS declined"
    # The first of each opportunity by its index: a fortnight's shifts are those of the county.
    " FROM (SELECT o.title, s.* FROM opportunity o CROSS JOIN LATERAL (SELECT id, opportunity_id,"
    "   role_id, starts_at, ends_at, local_start, local_end, places, taken + held AS gone,"
    "   least_needed FROM shift WHERE opportunity_id = o.id AND state = 'planned'"
    "   AND starts_at > {} AND starts_at <= {}"
    "   AND taken + held < coalesce(nullif(least_needed, 0), (places + 1) / 2)"
    "   ORDER BY starts_at, id LIMIT {}) AS s"
    "  WHERE o.organisation_id = {} AND o.state = 'open' AND o.timing = 'shifts'"
    "  ORDER BY s.starts_at, s.id LIMIT {}) AS s JOIN role r ON r.id = s.role_id"
    " ORDER BY s.starts_at, s.id"
)


async def today(actor: Actor, organisation_id: UUID) -> Today:
    """Read what a coordinator has to do; showing it goes through `operations.look`.

    Raises:
        NotFound: the actor does not run this organisation's shifts.
    """
    actor.require_to_know(Permission.VIEW_ROSTER, organisation_id)
    return Today(await _waits(organisation_id), await _short(organisation_id))


async def _waits(organisation_id: UUID) -> list[Waits]:
    columns = ", ".join(
        f"({sql.replace('ORGANISATION', 'o.id')}) AS {name}{number}"
        for number, (count, _, _, _, *first) in enumerate(_WAITS)
        for name, sql in (("n", count), *(("first", one) for one in first))
    )
    row = await db.fetch_one(
        f"SELECT {columns} FROM organisation o WHERE o.id = {{}}",  # noqa: S608
        organisation_id,
    )
    assert row is not None
    return [
        Waits(
            count,
            words[count != 1],
            href.format(id=organisation_id, first=row.get(f"first{number}")),
            icon,
        )
        for number, (_, words, href, icon, *_) in enumerate(_WAITS)
        if (count := row[f"n{number}"])
    ]


async def _short(organisation_id: UUID) -> list[Short]:
    now = clock.now()
    rows = await db.fetch(_SHORT, now, now + AHEAD, SHORT_SHOWN, organisation_id, SHORT_SHOWN)
    people = await _people(organisation_id, rows) if rows else {}
    return [
        Short(
            id=row["id"],
            opportunity_id=row["opportunity_id"],
            title=row["title"]
            if row["role_title"] == row["title"]
            else f"{row['role_title']}, {row['title']}",
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            places=row["places"],
            gone=row["gone"],
            missing=missing(row["places"], row["gone"], row["least_needed"]),
            asked=row["asked"],
            declined=row["declined"],
            people=people.get(row["id"], []),
        )
        for row in rows
    ]


async def _people(
    organisation_id: UUID, shifts: list[dict[str, Any]]
) -> dict[UUID, list[Suggested]]:
    rows = await db.fetch(
        _PEOPLE,
        organisation_id,
        clock.now() - WEEK,
        USUAL_MILES,
        METRES_A_MILE,
        organisation_id,
        MOST_A_WEEK,
        [row["id"] for row in shifts],
        [",".join(sorted(slots(row["local_start"], row["local_end"]))) for row in shifts],
        CONSIDERED,
        EACH,
    )
    found: defaultdict[UUID, list[Suggested]] = defaultdict(list)
    for row in rows:
        why = ["usually free then" if row["free_then"] else "has not said when they are free"]
        if row["metres"] is not None:
            why.append(f"{miles_words(row['metres'])} away")
        why.append(
            f"last asked on {clock.date_words(clock.local(row['last']).date())}"
            if row["last"]
            else "not asked lately"
        )
        found[row["shift_id"]].append(Suggested(row["id"], short_name(row["name"]), ", ".join(why)))
    return found


@dataclass(frozen=True, slots=True)
class AskView:
    """An ask as the person who was asked reads it."""

    id: UUID
    person_id: UUID
    shift_id: UUID
    opportunity_id: UUID
    organisation_id: UUID
    organisation_name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    note: str
    place: str
    getting_there: str
    minimum_age: int
    answer: Answer | None

    @property
    def period(self) -> str:
        """Write when it is."""
        return clock.period_words(self.starts_at, self.ends_at)


async def ask(id: UUID) -> AskView:
    """Read one ask, for its own page and its message.

    Raises:
        NotFound: there is none.
    """
    row = await db.fetch_one(
        "SELECT f.id, f.person_id, f.shift_id, s.opportunity_id, f.organisation_id,"
        " g.name AS organisation_name, o.title, s.starts_at, s.ends_at, s.note, o.place_name,"
        " o.town, o.postcode, o.place_private, o.getting_there, r.minimum_age,"
        " f.answer FROM fill_ask f"
        " JOIN shift s ON s.id = f.shift_id JOIN role r ON r.id = s.role_id"
        " JOIN opportunity o ON o.id = s.opportunity_id"
        " JOIN organisation g ON g.id = f.organisation_id WHERE f.id = {}",
        id,
    )
    if row is None:
        raise NotFound("We cannot find that question any more.")
    hide(row)
    place = place_words(row.pop("place_name"), row.pop("town"), row.pop("postcode"))
    row["answer"] = Answer(row["answer"]) if row["answer"] else None
    return AskView(**row, place=place)
