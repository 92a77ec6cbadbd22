"""Taking back what a line made, unless somebody has touched it since: steps."""

from uuid import UUID

import asyncpg

from marketplace import audit, clock, db
from marketplace.accounts.consents.rules import Event, How
from marketplace.accounts.leaving import steps as leaving
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.volunteering.moving_in.rules import Made, evidence

# What tells that somebody did something with it, and the words for that.
_TOUCHED = {
    Made.ORGANISATION: (
        (
            "SELECT EXISTS (SELECT FROM membership WHERE organisation_id = {})",
            "somebody has claimed it",
        ),
        (
            "SELECT EXISTS (SELECT FROM organisation WHERE id = {} AND state <> 'draft')",
            "it was sent in since",
        ),
        (
            "SELECT EXISTS (SELECT FROM opportunity WHERE organisation_id = {})",
            "it has opportunities",
        ),
    ),
    Made.PERSON: (
        (
            "SELECT EXISTS (SELECT FROM person WHERE id = {} AND (unclaimed_since IS NULL"
            " OR password_hash IS NOT NULL))",
            "they have claimed the account",
        ),
        ("SELECT EXISTS (SELECT FROM hours WHERE person_id = {})", "they have hours"),
        ("SELECT EXISTS (SELECT FROM booking WHERE person_id = {})", "they have bookings"),
        (
            "SELECT EXISTS (SELECT FROM membership WHERE person_id = {})",
            "they belong to an organisation",
        ),
    ),
    Made.OPPORTUNITY: (
        (
            "SELECT EXISTS (SELECT FROM opportunity WHERE id = {} AND state <> 'draft')",
            "it was published or sent in",
        ),
        (
            "SELECT EXISTS (SELECT FROM shift s WHERE s.opportunity_id = {} AND NOT EXISTS"
            " (SELECT FROM feed_source f WHERE f.subject_id = s.id AND f.import_id IS NOT NULL))",
            "it has shifts",
        ),
        (
            "SELECT EXISTS (SELECT FROM hours h JOIN role r ON r.id = h.role_id"
            " WHERE r.opportunity_id = {})",
            "hours were given in it",
        ),
        (
            # One role comes with an opportunity; a feed brings all of them.
            "SELECT count(*) FILTER (WHERE f.id IS NULL) > (CASE WHEN count(f.id) > 0 THEN 0"
            " ELSE 1 END) FROM role r LEFT JOIN feed_source f ON f.subject_id = r.id"
            " AND f.import_id IS NOT NULL WHERE r.opportunity_id = {}",
            "it has further roles",
        ),
    ),
    Made.ROLE: (
        ("SELECT EXISTS (SELECT FROM shift WHERE role_id = {})", "it has shifts"),
        ("SELECT EXISTS (SELECT FROM hours WHERE role_id = {})", "hours were given in it"),
    ),
    Made.HOURS: (
        (
            "SELECT EXISTS (SELECT FROM hours WHERE id = {} AND (state <> 'confirmed'"
            " OR disputed_by IS NOT NULL))",
            "they were put in question",
        ),
    ),
}
_DELETE = {
    Made.ORGANISATION: "DELETE FROM organisation WHERE id = {}",
    Made.PERSON: "DELETE FROM person WHERE id = {}",
    Made.OPPORTUNITY: "DELETE FROM opportunity WHERE id = {}",
    Made.ROLE: "DELETE FROM role WHERE id = {}",
    Made.HOURS: "DELETE FROM hours WHERE id = {}",
}
# Of a person the ledgers of consent and history say something, which is no touch of theirs.
_OWN = ("import.", "consent.")


async def undo(actor: Actor, made: Made, id: UUID) -> str:
    """Take one thing back; gives why it stays, "" where it is gone."""
    db.require_transaction()
    for sql, words in _TOUCHED[made]:
        if await db.fetch_value(sql, id):
            return f"It stays: {words}."
    ids = await db.fetch_value(
        "SELECT array(SELECT {}::uuid UNION ALL SELECT id FROM shift WHERE opportunity_id = {}"
        " UNION ALL SELECT id FROM role WHERE opportunity_id = {})",
        id,
        id,
        id,
    )
    events = await db.fetch(
        "SELECT DISTINCT event FROM history WHERE subject_id = ANY({}::uuid[])"
        # A feed that is read again changes what it made, as nobody.
        " AND (actor_id IS NOT NULL OR event NOT IN ('opportunity.changed', 'shift.cancelled'))",
        ids,
    )
    if any(not row["event"].startswith(_OWN) for row in events):
        return "It stays: somebody has changed it since."
    if made is Made.ORGANISATION:
        await db.execute("DELETE FROM invitation WHERE organisation_id = {}", id)
    try:
        async with db.savepoint():
            await db.execute(_DELETE[made], id)
            await db.execute("DELETE FROM feed_source WHERE subject_id = ANY({}::uuid[])", ids)
    except asyncpg.ForeignKeyViolationError:
        if made is not Made.PERSON:
            return "It stays: something else refers to it by now."
        # What was agreed, and by whom it was written down, is kept without a name.
        await leaving.erase(id)
    return ""


async def forget_source(import_id: UUID, id: UUID) -> None:
    """Forget that an import found something to be what a feed publishes."""
    await db.execute(
        "DELETE FROM feed_source WHERE import_id = {} AND subject_id = {}", import_id, id
    )


async def withdraw(actor: Actor, import_id: UUID, line: int) -> None:
    """Take back the consent that a line brought, unless the person has said more since; a step."""
    db.require_transaction()
    row = await db.fetch_one(
        "SELECT c.* FROM consent c WHERE c.evidence = {} AND c.how = 'import' AND c.agreed"
        " AND NOT EXISTS (SELECT FROM consent n WHERE n.person_id = c.person_id"
        "  AND n.number > c.number"
        "  AND n.organisation_id = c.organisation_id AND n.purpose = c.purpose"
        "  AND n.channel = c.channel) ORDER BY c.number DESC LIMIT 1",
        evidence(import_id, line),
    )
    if row is None:
        return
    await db.execute(
        "INSERT INTO consent (id, person_id, organisation_id, purpose, channel, agreed, how,"
        " recorded_by, given_at, at) VALUES ({}, {}, {}, {}, {}, false, {}, {}, {}, {})",
        new_id(),
        row["person_id"],
        row["organisation_id"],
        row["purpose"],
        row["channel"],
        How.IMPORT.value,
        actor.person_id,
        clock.now(),
        clock.now(),
    )
    await audit.record(
        Event.WITHDRAWN,
        "person",
        row["person_id"],
        by=actor,
        organisation=row["organisation_id"],
        data={"purpose": row["purpose"], "channel": row["channel"]},
    )
