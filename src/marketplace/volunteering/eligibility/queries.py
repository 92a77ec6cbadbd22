"""The one answer to "why can't I book?": every reason, asked of everybody who may have one."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.ages import ADULT, age
from marketplace.errors import NotFound
from marketplace.offers.rules import EntryState
from marketplace.permissions import Actor, Permission
from marketplace.volunteering.applications import queries as applications
from marketplace.volunteering.eligibility.rules import (
    OF_THE_SHIFT,
    Asking,
    Facts,
    Reason,
    against,
    hopeless,
)
from marketplace.volunteering.guardians import queries as guardians
from marketplace.volunteering.rules import OpportunityState, ShiftState
from marketplace.volunteering.safeguarding import clearance as safeguarding
from marketplace.volunteering.shifts import queries as shifts


@dataclass(frozen=True, slots=True)
class Answer:
    """Why somebody cannot book a shift, the worst first; empty reasons: they can."""

    asking: Asking
    facts: Facts
    reasons: list[Reason] = field(default_factory=list)

    @property
    def codes(self) -> set[str]:
        """Give the codes of the reasons."""
        return {reason.code for reason in self.reasons}


_FACTS = (
    "SELECT s.id AS shift_id, o.id AS opportunity_id, o.organisation_id, o.state AS opportunity,"
    " g.state = 'approved' AS approved, s.role_id, s.state AS shift, s.starts_at, s.ends_at,"
    # What was offered and has run out is free again, also before anybody noted it.
    " s.places - s.taken - s.held + queue.run_out AS free, queue.others, queue.entry,"
    " queue.entry_id, r.minimum_age,"
    # Which of the rooms below may have a reason: most roles ask for nothing.
    " EXISTS (SELECT FROM role_screening q WHERE q.role_id = r.id AND q.needs_application)"
    "  AS screened,"
    " (EXISTS (SELECT FROM role_check c WHERE c.role_id = r.id)"
    "  OR EXISTS (SELECT FROM role_training t WHERE t.role_id = r.id)) AS checked,"
    " (SELECT p.born_on FROM person p WHERE p.id = {}) AS born_on,"
    " EXISTS (SELECT FROM booking b WHERE b.shift_id = s.id AND b.person_id = {}"
    "  AND b.state <> 'cancelled') AS booked_already,"
    # Whoever has no address, because somebody signs them up on paper, has none to confirm.
    " coalesce((SELECT p.email IS NULL OR p.email_confirmed_at IS NOT NULL FROM person p"
    "  WHERE p.id = {}), false) AS email_confirmed,"
    " other.title AS other_title, other.starts_at AS other_start, other.ends_at AS other_end,"
    " next.id AS alternative_id, next.starts_at AS alternative_at"
    " FROM shift s JOIN role r ON r.id = s.role_id"
    " JOIN opportunity o ON o.id = s.opportunity_id"
    " JOIN organisation g ON g.id = o.organisation_id"
    " CROSS JOIN LATERAL (SELECT"
    "  count(*) FILTER (WHERE e.state = 'offered' AND e.expires_at <= now())::int AS run_out,"
    "  count(*) FILTER (WHERE e.state = 'waiting' AND e.person_id IS DISTINCT FROM {}) AS others,"
    "  min(e.state) FILTER (WHERE e.person_id = {}"
    "   AND (e.state = 'waiting' OR e.expires_at > now())) AS entry,"
    "  (array_agg(e.id) FILTER (WHERE e.person_id = {}))[1] AS entry_id"
    "  FROM offer_queue q JOIN offer_entry e ON e.queue_id = q.id"
    "   AND e.state IN ('waiting', 'offered')"
    "  WHERE q.subject_type = 'shift' AND q.subject_id = s.id) AS queue"
    " LEFT JOIN LATERAL (SELECT oo.title, os.starts_at, os.ends_at FROM booking ob"
    "  JOIN shift os ON os.id = ob.shift_id JOIN opportunity oo ON oo.id = os.opportunity_id"
    "  WHERE ob.person_id = {} AND ob.state IN ('confirmed', 'attended')"
    "  AND ob.shift_id <> s.id AND ob.period && tstzrange(s.starts_at, s.ends_at)"
    "  ORDER BY os.starts_at LIMIT 1) AS other ON true"
    # OFFSET 0: in their order first, so that the first that will do ends the search.
    " LEFT JOIN LATERAL (SELECT n.id, n.starts_at FROM (SELECT id, starts_at, ends_at FROM shift"
    "   WHERE opportunity_id = o.id AND id <> s.id AND state = 'planned' AND starts_at > now()"
    "   AND taken + held < places AND o.state = 'open' ORDER BY starts_at OFFSET 0) AS n"
    "  WHERE NOT EXISTS (SELECT FROM offer_queue nq JOIN offer_entry ne ON ne.queue_id = nq.id"
    "   WHERE nq.subject_type = 'shift' AND nq.subject_id = n.id AND ne.state = 'waiting')"
    "  AND NOT EXISTS (SELECT FROM booking mine WHERE mine.person_id = {}"
    "   AND mine.state IN ('confirmed', 'attended')"
    "   AND mine.period && tstzrange(n.starts_at, n.ends_at))"
    "  ORDER BY n.starts_at LIMIT 1) AS next ON true"
    " WHERE s.id = "
)
# Of one shift PostgreSQL plans once and for all; of any number it would plan each time, which
# takes longer than the answer.
_OF_ONE = f"{_FACTS} {{}}"
_OF_SOME = f"{_FACTS} ANY({{}}::uuid[])"


async def why_not(
    person_id: UUID, shift_id: UUID, *, old_enough: bool = True, offered: bool = False
) -> list[Reason]:
    """Give every reason why a person cannot book a shift, the worst first; empty: they can.

    See `ask` for what else can be said.
    """
    return (await ask(person_id, shift_id, old_enough=old_enough, offered=offered)).reasons


async def ask(
    person_id: UUID,
    shift_id: UUID,
    *,
    old_enough: bool = True,
    offered: bool = False,
    discreet: bool = False,
) -> Answer:
    """Ask everybody who may have a reason against a booking.

    `old_enough` is the person's word that they have the role's age. `offered`: a place is held
    for them, so that it does not matter who else waits. `discreet` names no other booking: for
    readers who may not know of it.

    Raises:
        NotFound: there is no such shift.
    """
    found = await _ask(
        person_id, [shift_id], old_enough=old_enough, offered=offered, discreet=discreet
    )
    if not found:
        raise NotFound(shifts.NO_SUCH)
    return found[0]


async def _ask(
    person_id: UUID,
    shift_ids: list[UUID],
    *,
    old_enough: bool = True,
    offered: bool = False,
    discreet: bool = False,
) -> list[Answer]:
    """Ask about some shifts, in one statement where their roles ask for nothing."""
    one = len(shift_ids) == 1
    rows = await db.fetch(
        _OF_ONE if one else _OF_SOME, *[person_id] * 8, shift_ids[0] if one else shift_ids
    )
    answers: list[Answer] = []
    for row in sorted(rows, key=lambda each: shift_ids.index(each["shift_id"])):
        asking = Asking(
            person_id=person_id,
            shift_id=row["shift_id"],
            role_id=row["role_id"],
            opportunity_id=row["opportunity_id"],
            organisation_id=row["organisation_id"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
        )
        facts = _facts(row, old_enough=old_enough, offered=offered, discreet=discreet)
        reasons = against(facts, clock.now())
        if not hopeless(reasons):
            if row["screened"]:
                reasons += await applications.reasons(asking)
            if row["checked"]:
                reasons += await safeguarding.reasons(asking)
            if _young(row):
                reasons += await guardians.reasons(asking)
        answers.append(Answer(asking, facts, reasons))
    return answers


def _young(row: dict[str, Any]) -> bool:
    """Tell whether somebody is known to be under 18 on the day, or under the role's age."""
    day = clock.local(row["starts_at"]).date()
    return bool(row["born_on"]) and age(row["born_on"], day) < max(ADULT, row["minimum_age"])


def _facts(row: dict[str, Any], *, old_enough: bool, offered: bool, discreet: bool) -> Facts:
    other, age_known = row["other_start"], row["born_on"] is not None
    return Facts(
        shift_id=row["shift_id"],
        opportunity=OpportunityState(row["opportunity"]),
        organisation_approved=row["approved"],
        shift=ShiftState(row["shift"]),
        starts_at=row["starts_at"],
        free=row["free"],
        minimum_age=row["minimum_age"],
        others_wait=row["others"] > 0,
        entry=EntryState(row["entry"]) if row["entry"] else None,
        entry_id=row["entry_id"],
        booked_already=row["booked_already"],
        other_title="" if discreet else row["other_title"] or "",
        other_period=clock.period_words(other, row["other_end"]) if other else "",
        email_confirmed=row["email_confirmed"],
        # Of whom a birth date is known, the date decides: see `guardians`.
        age_known=age_known,
        old_enough=old_enough or age_known,
        alternative_id=row["alternative_id"],
        alternative_at=row["alternative_at"],
        offered=offered,
    )


async def before_booking(actor: Actor, shift_ids: list[UUID]) -> list[Reason]:
    """Give what the actor has to do before any of these shifts, one of each role; once each.

    For the page of an opportunity: what is about one shift alone is said beside it.
    """
    if actor.person_id is None or not shift_ids:
        return []
    found: dict[str, Reason] = {}
    for answer in await _ask(actor.person_id, shift_ids):
        for reason in answer.reasons:
            if reason.code not in OF_THE_SHIFT:
                found.setdefault(f"{reason.code} {reason.sentence}", reason)
    return list(found.values())


_KNOWN = (
    "FROM person p WHERE p.anonymised_at IS NULL AND p.id IN ("
    " SELECT person_id FROM booking WHERE organisation_id = {}"
    " UNION SELECT person_id FROM role_application WHERE organisation_id = {}"
    "  AND state <> 'draft' AND person_id IS NOT NULL"
    " UNION SELECT e.person_id FROM offer_entry e JOIN offer_queue q ON q.id = e.queue_id"
    "  WHERE q.subject_type = 'shift' AND q.organisation_id = {})"
)


async def known(actor: Actor, organisation_id: UUID, limit: int = 500) -> list[tuple[UUID, str]]:
    """List who has booked, waited or applied at an organisation, as (id, name) by name.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: the actor does not screen volunteers for it.
    """
    actor.require_to_know(Permission.SCREEN_VOLUNTEERS, organisation_id)
    rows = await db.fetch(
        f"SELECT p.id, p.name {_KNOWN} ORDER BY p.created_at DESC LIMIT {{}}",
        *[organisation_id] * 3,
        limit,
    )
    return sorted(((row["id"], row["name"]) for row in rows), key=lambda row: row[1].casefold())


async def of_person(actor: Actor, shift_id: UUID, person_id: UUID) -> tuple[str, Answer]:
    """Tell those who screen volunteers why somebody they know cannot book, with the name.

    A booking elsewhere is not named.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such shift, the actor does not screen for its organisation, or the
            person never booked, waited or applied there.
    """
    _, opportunity = await shifts.shift(actor, shift_id)
    actor.require_to_know(Permission.SCREEN_VOLUNTEERS, opportunity.organisation_id)
    organisation = opportunity.organisation_id
    name = await db.fetch_value(
        f"SELECT p.name {_KNOWN} AND p.id = {{}}", *[organisation] * 3, person_id
    )
    if name is None:
        raise NotFound("Nobody you know of by that name: they have to book or apply first.")
    return name, await ask(person_id, shift_id, discreet=True)
