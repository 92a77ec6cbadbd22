"""Reading about people without e-mail: for brokers alone."""
# Statements are put together from constants of the code alone.

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.assisted.rules import WHAT, How
from marketplace.volunteering.queries import place_words
from marketplace.volunteering.tables import PersonalView

SHOWN = 20
# Of somebody without an address, or with one that nobody has claimed yet.
UNREACHABLE = "p.anonymised_at IS NULL AND (p.email IS NULL OR p.unclaimed_since IS NOT NULL)"


@dataclass(frozen=True, slots=True)
class AssistedView:
    """Somebody who was signed up by a broker; `email` is "" until they gave one."""

    id: UUID
    name: str
    email: str
    claimed: bool
    phone: str
    address: str
    agreed_to: str
    agreed_how: How
    agreed_on: date
    assisted_by: str
    assisted_at: datetime


@dataclass(frozen=True, slots=True)
class TellView:
    """Something that somebody is to be told; `title` and `period` are "" without a booking."""

    id: UUID
    person_id: UUID
    person_name: str
    phone: str
    what: str
    title: str
    period: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A booking as it stands on a letter, or a shift that could be booked."""

    id: UUID
    title: str
    organisation_name: str
    starts_at: datetime
    ends_at: datetime
    place: str
    getting_there: str
    contact: str
    note: str
    minimum_age: int

    @property
    def period(self) -> str:
        """Write when it is."""
        return clock.period_words(self.starts_at, self.ends_at)


_PEOPLE = (
    "SELECT p.id, p.name, coalesce(p.email_typed, '') AS email,"
    " p.email IS NOT NULL AND p.unclaimed_since IS NULL AS claimed, a.phone, a.address,"
    " a.agreed_to, a.agreed_how, a.agreed_on, b.name AS assisted_by, p.assisted_at"
    " FROM assisted_person a JOIN person p ON p.id = a.person_id AND p.anonymised_at IS NULL"
    " JOIN person b ON b.id = p.assisted_by"
)


def _person(row: dict[str, Any]) -> AssistedView:
    return AssistedView(**{**row, "agreed_how": How(row["agreed_how"])})


async def people(actor: Actor, q: str = "") -> list[AssistedView]:
    """List the people who were signed up, by name, those whose name has `q` in it.

    Raises:
        SignInRequired, NotFound: the actor is no broker.
    """
    actor.require_to_know(Permission.ASSIST_PEOPLE)
    rows = await db.fetch(
        _PEOPLE + " WHERE strpos(lower(unaccent(p.name)), lower(unaccent({}))) > 0"
        " ORDER BY lower(unaccent(p.name)), p.id LIMIT 200",
        q,
    )
    return [_person(row) for row in rows]


async def person(actor: Actor, id: UUID, *, look: bool = True) -> AssistedView:
    """Give one of them; a `look` at how they are reached is written down.

    Raises:
        SignInRequired, NotFound: the actor is no broker, or there is none.
    """
    actor.require_to_know(Permission.ASSIST_PEOPLE)
    row = await db.fetch_one(_PEOPLE + " WHERE p.id = {}", id)
    if row is None:
        raise NotFound("We cannot find that person among those who were signed up here.")
    if look:
        await PersonalView(
            viewer_id=actor.require_person(), subject_type="assisted_person", subject_id=id
        ).save()
    return _person(row)


async def to_tell(actor: Actor) -> list[TellView]:
    """List what is to be told, the oldest first.

    Raises:
        SignInRequired, NotFound: the actor is no broker.
    """
    actor.require_to_know(Permission.ASSIST_PEOPLE)
    rows = await db.fetch(
        "SELECT t.id, t.person_id, p.name AS person_name, coalesce(a.phone, '') AS phone, t.what,"
        " coalesce(o.title, '') AS title, s.starts_at, s.ends_at, t.at"
        " FROM to_tell t JOIN person p ON p.id = t.person_id"
        " LEFT JOIN assisted_person a ON a.person_id = p.id"
        " LEFT JOIN booking b ON b.id = t.booking_id LEFT JOIN shift s ON s.id = b.shift_id"
        " LEFT JOIN opportunity o ON o.id = s.opportunity_id"
        " WHERE t.told_at IS NULL ORDER BY t.at, t.id LIMIT 200"
    )
    found: list[TellView] = []
    for row in rows:
        start, end = row.pop("starts_at"), row.pop("ends_at")
        row["what"] = WHAT.get(row["what"], "News")
        found.append(TellView(**row, period=clock.period_words(start, end) if start else ""))
    return found


_PLACE = (
    "SELECT {} AS id, o.title, g.name AS organisation_name, s.starts_at, s.ends_at, o.place_name,"
    " o.town, o.postcode, o.getting_there, o.contact_name, o.contact_how, s.note, r.minimum_age"
    " FROM shift s JOIN role r ON r.id = s.role_id JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN organisation g ON g.id = o.organisation_id"
)


def _place(row: dict[str, Any]) -> PlaceView:
    place = place_words(row.pop("place_name"), row.pop("town"), row.pop("postcode"))
    contact = ", ".join(filter(None, (row.pop("contact_name"), row.pop("contact_how"))))
    return PlaceView(**row, place=place or "From home", contact=contact)


async def bookings(person_id: UUID) -> list[PlaceView]:
    """Give somebody's bookings to come, the soonest first."""
    rows = await db.fetch(
        _PLACE.replace("{}", "b.id") + " JOIN booking b ON b.shift_id = s.id"
        " WHERE b.person_id = {} AND b.state = 'confirmed' AND s.ends_at > now()"
        " ORDER BY s.starts_at LIMIT 50",
        person_id,
    )
    return [_place(row) for row in rows]


async def shifts(person_id: UUID, q: str) -> list[PlaceView]:
    """Find shifts with free places when somebody has nothing booked, the soonest first."""
    rows = await db.fetch(
        _PLACE.replace("{}", "s.id") + " LEFT JOIN series e ON e.id = s.series_id"
        " WHERE s.state = 'planned' AND s.starts_at > now() AND s.taken + s.held < s.places"
        " AND o.state = 'open' AND g.state = 'approved' AND e.for_visits IS NOT TRUE"
        " AND strpos(lower(unaccent(o.title || ' ' || o.town || ' ' || g.name)),"
        "  lower(unaccent({}))) > 0"
        " AND NOT EXISTS (SELECT FROM booking b WHERE b.person_id = {} AND b.state <> 'cancelled'"
        "  AND b.period && tstzrange(s.starts_at, s.ends_at)) ORDER BY s.starts_at, s.id LIMIT {}",
        q,
        person_id,
        SHOWN,
    )
    return [_place(row) for row in rows]
