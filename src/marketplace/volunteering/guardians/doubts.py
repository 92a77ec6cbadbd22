"""Places of young people that do not fit any more, since a role or a shift changed.

Nobody loses a place by itself: it is listed by name, its people are told, and somebody of the
organisation gives it back or, where that is theirs to decide, keeps it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.ids import new_id
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.bookings import steps as bookings
from marketplace.volunteering.eligibility.rules import Asking, Reason
from marketplace.volunteering.guardians import queries, rules
from marketplace.volunteering.guardians.rules import Code, Event
from marketplace.volunteering.guardians.tables import PlaceDoubt
from marketplace.volunteering.rules import CancelledBy
from marketplace.volunteering.tables import PersonalView

_OVER = "Nothing is in question here any more: it was decided, or is over."
_FITS = "Nothing stands in the way any more: they keep their place."
_PLACES = (
    "SELECT b.id AS booking_id, b.person_id, b.shift_id, b.organisation_id, s.role_id,"
    " s.opportunity_id, s.starts_at, s.ends_at, r.minimum_age, p.name, r.title AS role_title,"
    " o.title, d.id AS doubt_id, d.raised_at, d.kept_at, d.because,"
    " d.minimum_age AS minimum_then, d.day, k.name AS kept_by FROM booking b"
    " JOIN shift s ON s.id = b.shift_id JOIN role r ON r.id = s.role_id"
    " JOIN opportunity o ON o.id = s.opportunity_id JOIN person p ON p.id = b.person_id"
    " LEFT JOIN LATERAL (SELECT * FROM place_doubt one WHERE one.booking_id = b.id"
    "  ORDER BY one.kept_at IS NOT NULL, one.kept_at DESC LIMIT 1) AS d ON true"
    " LEFT JOIN person k ON k.id = d.kept_by"
    " WHERE b.state = 'confirmed' AND p.born_on IS NOT NULL"
)
_BOOKED = f"{_PLACES} AND s.starts_at > now()"


def page(organisation_id: UUID) -> str:
    """Give the address where an organisation decides."""
    return f"/manage/{organisation_id}/young-people"


def notice(saved: str, unfit: int) -> str:
    """Say what was saved, and that somebody has to decide."""
    who = "1 young person does" if unfit == 1 else f"{unfit} young people do"
    return f"{saved} {who} not fit it any more: decide about each." if unfit else saved


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A place in question, or one that was kept; `reasons` are empty once nothing is wrong."""

    id: UUID
    booking_id: UUID
    person_id: UUID
    name: str
    shift_id: UUID
    role_id: UUID
    organisation_id: UUID
    what: str
    period: str
    minimum_age: int
    day: date
    raised_at: datetime
    kept_at: datetime | None
    kept_by: str | None
    because: str
    reasons: Sequence[Reason]

    @property
    def words(self) -> list[str]:
        """Say what is wrong, to those who decide: they know no birth date."""
        return [rules.doubt_words(Code(e.code), self.minimum_age, self.day) for e in self.reasons]

    @property
    def may_keep(self) -> bool:
        """Tell whether the organisation may decide to keep it."""
        return rules.may_keep(self.reasons)


async def recheck(
    actor: Actor,
    *,
    role_id: UUID | None = None,
    shift_id: UUID | None = None,
    person_id: UUID | None = None,
) -> int:
    """Note which places of a role, a shift or a person do not fit any more; gives how many.

    A step: the caller has locked the shifts. Those concerned are told once of each change; what
    fits again is forgotten.
    """
    db.require_transaction()
    rows = await db.fetch(
        f"{_BOOKED} AND (s.role_id = {{}} OR b.shift_id = {{}} OR b.person_id = {{}})"
        " ORDER BY b.id",
        role_id,
        shift_id,
        person_id,
    )
    found = 0
    for row in rows:
        reasons = await _reasons(row)
        day = clock.local(row["starts_at"]).date()
        open_one = row["doubt_id"] is not None and row["kept_at"] is None
        same = open_one and (row["minimum_then"], row["day"]) == (row["minimum_age"], day)
        if open_one and not (same and reasons):
            await PlaceDoubt.delete().where(PlaceDoubt.id == row["doubt_id"])
        if reasons:
            found += 1
            if not same:
                await _raise(actor, row, day)
    return found


async def recheck_role(actor: Actor, role_id: UUID) -> int:
    """Note which places of a role do not fit any more, with its shifts locked in order of id.

    Whoever books at this moment waits for the shift, and is asked again: none slips through.
    """
    await db.execute(
        "SELECT FROM shift WHERE role_id = {} AND state = 'planned' AND starts_at > now()"
        " ORDER BY id FOR NO KEY UPDATE",
        role_id,
    )
    return await recheck(actor, role_id=role_id)


async def _raise(actor: Actor, row: dict[str, Any], day: date) -> None:
    doubt = await db.fetch_value(
        "INSERT INTO place_doubt (id, booking_id, minimum_age, day) VALUES ({}, {}, {}, {})"
        " ON CONFLICT (booking_id) WHERE kept_at IS NULL DO NOTHING RETURNING id",
        new_id(),
        row["booking_id"],
        row["minimum_age"],
        day,
    )
    if doubt is None:
        return  # Somebody else noted it at this very moment.
    await audit.record(
        Event.PLACE_DOUBTED,
        "booking",
        row["booking_id"],
        by=actor,
        organisation=row["organisation_id"],
        data={"doubt": str(doubt), "person": str(row["person_id"])},
    )


async def _reasons(row: dict[str, Any]) -> list[Reason]:
    return await queries.doubts(Asking(**{name: row[name] for name in Asking.__slots__}))


async def _doubt(row: dict[str, Any]) -> Doubt:
    role, title = row["role_title"], row["title"]
    return Doubt(
        id=row["doubt_id"],
        what=title if role == title else f"{role}, {title}",
        period=clock.period_words(row["starts_at"], row["ends_at"]),
        day=clock.local(row["starts_at"]).date(),
        reasons=await _reasons(row),
        **{
            name: row[name]
            for name in [
                "booking_id",
                "person_id",
                "name",
                "shift_id",
                "role_id",
                "organisation_id",
                "minimum_age",
                "raised_at",
                "kept_at",
                "kept_by",
                "because",
            ]
        },
    )


async def of_booking(booking_id: UUID) -> Doubt | None:
    """Read for the worker what is or was in question about a place; None where nothing is."""
    row = await db.fetch_one(f"{_BOOKED} AND b.id = {{}} AND d.id IS NOT NULL", booking_id)
    return await _doubt(row) if row else None


async def in_question(shift_id: UUID) -> set[UUID]:
    """Give the bookings of a shift that nobody has decided about, for its list; also once it began.

    It tells no reason: whoever leads a shift is no more told of a young person than that.
    """
    rows = await db.fetch(
        f"{_PLACES} AND b.shift_id = {{}} AND d.id IS NOT NULL AND d.kept_at IS NULL", shift_id
    )
    return {row["booking_id"] for row in rows if await _reasons(row)}


async def look(actor: Actor, organisation_id: UUID) -> list[Doubt]:
    """List the places in question, and those that were kept, and write down who looked.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: the actor does not run this organisation's shifts.
    """
    actor.require_to_know(Permission.VIEW_ROSTER, organisation_id)
    async with db.transaction():
        rows = await db.fetch(
            f"{_BOOKED} AND b.organisation_id = {{}} AND d.id IS NOT NULL"
            " ORDER BY s.starts_at, b.id LIMIT 200",
            organisation_id,
        )
        if rows:
            await PersonalView(
                viewer_id=actor.require_person(),
                subject_type="young people",
                subject_id=organisation_id,
            ).save()
        found = [await _doubt(row) for row in rows]
    return [each for each in found if each.reasons or each.kept_at]


async def organisation_of(actor: Actor, id: UUID) -> UUID:
    """Give whose it is to decide, also when it was decided.

    Raises:
        NotFound: there is none, or the actor does not run the shifts.
    """
    organisation = await db.fetch_value(
        "SELECT b.organisation_id FROM place_doubt d JOIN booking b ON b.id = d.booking_id"
        " WHERE d.id = {}",
        id,
    )
    if organisation is None:
        raise NotFound(_OVER)
    actor.require_to_know(Permission.VIEW_ROSTER, organisation)
    return organisation


async def to_decide(actor: Actor, id: UUID) -> Doubt:
    """Read one place in question, for those who decide about it.

    Raises:
        NotFound: there is none, or the actor does not run the shifts.
        Conflict: somebody decided it, or the shift has started.
    """
    await organisation_of(actor, id)
    row = await db.fetch_one(f"{_BOOKED} AND d.id = {{}} AND d.kept_at IS NULL", id)
    if row is None:
        raise Conflict(_OVER)
    return await _doubt(row)


async def release(actor: Actor, id: UUID, *, once: Once | None = None) -> Doubt:
    """Give back a place that does not fit; the reason is told to them.

    Raises:
        NotFound: see `to_decide`.
        Conflict: see `to_decide`; or nothing stands in the way any more.
    """
    async with db.transaction(once):
        doubt = await _locked(actor, id)
        await bookings.release(
            actor,
            doubt.booking_id,
            CancelledBy.ORGANISATION,
            reason=doubt.reasons[0].sentence,
        )
    return doubt


async def keep(actor: Actor, id: UUID, because: str, *, once: Once | None = None) -> Doubt:
    """Keep a place for somebody younger than the role asks, and say why.

    Raises:
        NotFound: see `to_decide`.
        Conflict: see `to_decide`; or it fits again; or it is not the organisation's to decide.
    """
    async with db.transaction(once):
        doubt = await _locked(actor, id)
        if not doubt.may_keep:
            raise Conflict(
                "This is not yours to decide alone: "
                + " ".join(
                    rules.doubt_words(Code(each.code), doubt.minimum_age, doubt.day)
                    for each in doubt.reasons
                    if each.code != Code.TOO_YOUNG
                )
            )
        await PlaceDoubt.update(
            {
                PlaceDoubt.kept_at: clock.now(),
                PlaceDoubt.kept_by: actor.require_person(),
                PlaceDoubt.because: because,
                PlaceDoubt.minimum_age: doubt.minimum_age,
                PlaceDoubt.day: doubt.day,
            }
        ).where(PlaceDoubt.id == id)
        await audit.record(
            Event.PLACE_KEPT,
            "booking",
            doubt.booking_id,
            by=actor,
            organisation=doubt.organisation_id,
            data={"doubt": str(id), "person": str(doubt.person_id)},
        )
    return doubt


async def _locked(actor: Actor, id: UUID) -> Doubt:
    doubt = await to_decide(actor, id)
    # The person before their shift, as everywhere: a consent is given or withdrawn meanwhile.
    await bookings.lock_person(doubt.person_id)
    await db.execute("SELECT FROM shift WHERE id = {} FOR NO KEY UPDATE", doubt.shift_id)
    doubt = await to_decide(actor, id)
    if not doubt.reasons:
        raise Conflict(_FITS)
    return doubt
