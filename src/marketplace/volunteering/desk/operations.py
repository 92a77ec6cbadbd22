"""Looking at one's day, asking somebody to fill a shift, and answering."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from marketplace import audit, clock, db, settings, signing
from marketplace.accounts.consents import queries as consents
from marketplace.accounts.consents.rules import Purpose
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.ids import new_id
from marketplace.offers.rules import quiet
from marketplace.permissions import SYSTEM, Actor, Permission
from marketplace.volunteering.bookings import steps as bookings
from marketplace.volunteering.desk import queries
from marketplace.volunteering.desk.queries import AskView, Today
from marketplace.volunteering.desk.rules import (
    LEAST_NOTICE,
    LOOK_BACK,
    MOST_A_WEEK,
    WEEK,
    Answer,
    Event,
    Leave,
    Question,
    speed,
)
from marketplace.volunteering.eligibility import queries as eligibility
from marketplace.volunteering.eligibility.rules import Reason
from marketplace.volunteering.shifts import queries as shifts

LINK_PURPOSE = "fill-ask"
# The page says what became of it long after the shift.
LINK_LIFE = timedelta(days=90)
MOST_AWAY = timedelta(days=92)


async def look(actor: Actor, organisation_id: UUID) -> Today:
    """Show a coordinator's day, and write down that names were looked at.

    Raises:
        NotFound: the actor does not run this organisation's shifts.
    """
    found = await queries.today(actor, organisation_id)
    if any(short.people for short in found.short):
        await db.execute(
            "INSERT INTO personal_view (id, viewer_id, subject_type, subject_id, at)"
            " VALUES ({}, {}, 'today', {}, {})",
            new_id(),
            actor.require_person(),
            organisation_id,
            clock.now(),
        )
    return found


async def ask(actor: Actor, shift_id: UUID, person_id: UUID, *, once: Once | None = None) -> UUID:
    """Ask somebody who agreed to it whether they can fill a shift; gives the ask's id.

    At night the message waits until the morning.

    Raises:
        NotFound: there is no such shift, or the actor does not run it.
        Conflict: they did not agree, were asked often enough, or could not book it.
    """
    async with db.transaction(once):
        shift, opportunity = await shifts.shift(actor, shift_id)
        actor.require_to_know(Permission.VIEW_ROSTER, opportunity.organisation_id)
        if shift.starts_at < clock.now() + LEAST_NOTICE:
            raise Conflict("This shift starts too soon for a message. Ring somebody instead.")
        # Two organisations that ask the same person at once go one after the other.
        await bookings.lock_person(person_id)
        organisation = opportunity.organisation_id
        if person_id not in await consents.agreed(Purpose.FILL_SHIFT, organisation, [person_id]):
            raise Conflict("They have not agreed to be asked, or not any more. Ask somebody else.")
        asked = await db.fetch_value(
            "SELECT count(*) FROM fill_ask WHERE person_id = {} AND asked_at > {}",
            person_id,
            clock.now() - WEEK,
        )
        if asked >= MOST_A_WEEK:
            raise Conflict(
                f"They were asked {MOST_A_WEEK} times in the last seven days, and nobody is asked"
                " more often. Ask somebody else."
            )
        # Why not is theirs to know. Their age they say themselves when they book.
        if await eligibility.why_not(person_id, shift_id, old_enough=True):
            raise Conflict("They cannot take this shift at the moment. Ask somebody else.")
        id = new_id()
        with db.clashes({"fill_ask_once": Conflict("They were asked about this shift already.")}):
            await db.execute(
                "INSERT INTO fill_ask (id, shift_id, person_id, organisation_id, asked_by,"
                " asked_at) VALUES ({}, {}, {}, {}, {}, {})",
                id,
                shift_id,
                person_id,
                organisation,
                actor.person_id,
                clock.now(),
            )
        if not quiet(clock.now(), settings.current().zone):
            await _tell(actor, id, organisation, shift_id)
    return id


async def _tell(actor: Actor, id: UUID, organisation_id: UUID, shift_id: UUID) -> None:
    await db.execute("UPDATE fill_ask SET told_at = {} WHERE id = {}", clock.now(), id)
    await audit.record(
        Event.ASKED,
        "fill_ask",
        id,
        by=actor,
        organisation=organisation_id,
        data={"shift": str(shift_id)},
    )


async def tell_in_the_morning() -> int:
    """Have the messages sent that waited for the night to end; gives how many."""
    if quiet(clock.now(), settings.current().zone):
        return 0
    async with db.transaction():
        rows = await db.fetch(
            "SELECT f.id, f.organisation_id, f.shift_id FROM fill_ask f"
            " JOIN shift s ON s.id = f.shift_id WHERE f.told_at IS NULL AND f.answer IS NULL"
            " AND s.state = 'planned' AND s.starts_at > {} ORDER BY f.asked_at LIMIT 200"
            " FOR NO KEY UPDATE OF f SKIP LOCKED",
            clock.now() + LEAST_NOTICE,
        )
        for row in rows:
            await _tell(SYSTEM, row["id"], row["organisation_id"], row["shift_id"])
    return len(rows)


async def of_link(token: str) -> AskView:
    """Read the ask that a link in a message names; whoever holds the message may.

    Raises:
        LinkBroken, LinkExpired: it is not one of ours, or too old.
        NotFound: there is no such ask any more.
    """
    return await queries.ask(signing.unsign(LINK_PURPOSE, token, within=LINK_LIFE).id)


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer came to; `reasons` are why the place could not be had after all."""

    answer: Answer | None
    reasons: list[Reason]


async def answer(
    token: str, wanted: Answer, *, old_enough: bool = False, once: Once | None = None
) -> Answered:
    """Book the shift, or say no; whoever answers twice is told what they answered.

    Raises:
        LinkBroken, LinkExpired, NotFound: see `of_link`.
        Conflict: the tick about their age is missing, or somebody was quicker.
    """
    id = (await of_link(token)).id
    async with db.transaction(once):
        found = await queries.ask(id)
        person = Actor(person_id=found.person_id)
        await bookings.lock_person(found.person_id)
        found = await queries.ask(id)
        if found.answer is not None:
            return Answered(found.answer, [])
        if wanted is Answer.BOOKED:
            reasons = await eligibility.why_not(found.person_id, found.shift_id, old_enough=True)
            if reasons:
                return Answered(None, reasons)
            await bookings.book(person, found.shift_id, found.person_id, old_enough=old_enough)
        await db.execute(
            "UPDATE fill_ask SET answer = {}, answered_at = {} WHERE id = {}",
            wanted.value,
            clock.now(),
            id,
        )
        await audit.record(
            Event.ANSWERED,
            "fill_ask",
            id,
            by=person,
            organisation=found.organisation_id,
            data={"shift": str(found.shift_id), "answer": wanted.value},
        )
    return Answered(wanted, [])


async def go_away(
    actor: Actor, organisation_id: UUID, until: date | None, *, once: Once | None = None
) -> None:
    """Say until which day nobody of an organisation answers, or with None that somebody is back.

    Raises:
        NotFound: the actor does not run this organisation's shifts.
        Conflict: the day is past, or months ahead.
    """
    actor.require_to_know(Permission.VIEW_ROSTER, organisation_id)
    today = clock.today()
    if until is not None and not today <= until <= today + MOST_AWAY:
        last = clock.date_words(today + MOST_AWAY)
        raise Conflict(f"Enter a day from today until {last}", field="until")
    now = clock.now()
    async with db.transaction(once):
        known = await db.fetch_value(
            "SELECT id FROM organisation WHERE id = {} FOR NO KEY UPDATE", organisation_id
        )
        if known is None:
            raise NotFound()
        # What was said before ends now, and what is said now begins.
        await db.execute(
            "UPDATE leave SET until = greatest(since, {}) WHERE organisation_id = {}"
            " AND until > {}",
            now,
            organisation_id,
            now,
        )
        if until is not None:
            await db.execute(
                "INSERT INTO leave (id, organisation_id, since, until) VALUES ({}, {}, {}, {})",
                new_id(),
                organisation_id,
                now,
                clock.day_bounds(until)[1],
            )
        await db.execute(
            "UPDATE organisation SET away_until = {} WHERE id = {}", until, organisation_id
        )
        await audit.record(
            Event.AWAY, "organisation", organisation_id, by=actor, organisation=organisation_id
        )


_QUESTIONS = (
    "SELECT a.organisation_id, a.submitted_at AS asked_at, (SELECT min(d.at)"
    "  FROM screening_decision d WHERE d.application_id = a.id AND d.decided_by IS NOT NULL)"
    "  AS answered_at FROM role_application a WHERE a.submitted_at > {} AND NOT a.by_rule"
    "  AND a.state <> 'withdrawn'"
    # The first message of a volunteer after the organisation last had its say.
    " UNION ALL SELECT t.organisation_id, m.sent_at, (SELECT min(r.sent_at) FROM message r"
    "  WHERE r.thread_id = t.id AND r.side = 'organisation' AND r.sent_at > m.sent_at)"
    "  FROM message m JOIN message_thread t ON t.id = m.thread_id"
    "  WHERE m.side = 'person' AND m.sent_at > {} AND m.removed_at IS NULL"
    "  AND coalesce((SELECT b.side FROM message b WHERE b.thread_id = m.thread_id"
    "   AND b.sent_at < m.sent_at ORDER BY b.sent_at DESC LIMIT 1), 'organisation')"
    "   = 'organisation'"
)


async def count_replies() -> int:
    """Write down how fast each organisation replies, for a schedule; gives how many."""
    now = clock.now()
    questions: dict[UUID, list[Question]] = {}
    for row in await db.fetch(_QUESTIONS, now - LOOK_BACK, now - LOOK_BACK):
        questions.setdefault(row["organisation_id"], []).append(
            Question(row["asked_at"], row["answered_at"])
        )
    leaves: dict[UUID, list[Leave]] = {}
    for row in await db.fetch(
        "SELECT organisation_id, since, until FROM leave WHERE until > {}", now - LOOK_BACK
    ):
        leaves.setdefault(row["organisation_id"], []).append(Leave(row["since"], row["until"]))
    speeds = {id: speed(found, leaves.get(id, []), now) for id, found in questions.items()}
    async with db.transaction():
        await db.execute(
            "UPDATE organisation o SET replies = coalesce(n.replies, 0), reply_minutes = n.minutes"
            " FROM organisation every LEFT JOIN unnest({}::uuid[], {}::int[], {}::int[])"
            "  AS n (id, replies, minutes) ON n.id = every.id WHERE o.id = every.id"
            " AND (o.replies, o.reply_minutes)"
            "  IS DISTINCT FROM (coalesce(n.replies, 0), n.minutes)",
            list(speeds),
            [each.replies for each in speeds.values()],
            [each.minutes for each in speeds.values()],
        )
    return len(speeds)
