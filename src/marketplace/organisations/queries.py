"""Reads of organisations: what you may not see is not found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace import clock, db, listing_index
from marketplace.errors import Conflict, NotFound
from marketplace.organisations import register
from marketplace.organisations.rules import Details, Kind, State, answers_words
from marketplace.permissions import Actor, OrgRole, Permission, PlatformRole

_GONE = "We cannot find that organisation. It may have closed, or the address is not complete."


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as it stands; `point` is where its postcode lies, in OSGB36 metres."""

    id: UUID
    name: str
    kind: Kind
    state: State
    charity_number: str | None
    company_number: str | None
    moderator_note: str
    summary: str
    description: str
    causes: tuple[str, ...]
    address: str
    town: str
    postcode: str
    point: tuple[float, float] | None
    website: str
    contact_email: str
    contact_phone: str
    created_by: UUID | None
    created_at: datetime
    submitted_at: datetime | None
    approved_at: datetime | None
    image_id: UUID | None = None
    trusted_at: datetime | None = None
    away_until: date | None = None
    replies: int = 0
    reply_minutes: int | None = None

    @property
    def approved(self) -> bool:
        """Tell whether the public may see it."""
        return self.state is State.APPROVED

    @property
    def answers(self) -> str:
        """Say how fast it replies, or until when nobody does; "" where that is not known yet."""
        return answers_words(self.replies, self.reply_minutes, self.away_until, clock.today())

    @property
    def details(self) -> Details:
        """Give what it says of itself."""
        return Details(**{name: getattr(self, name) for name in Details.__dataclass_fields__})


# Named one by one: a column added later must not reach this class by accident.
_SELECT = (
    "SELECT id, name, kind, state, charity_number, company_number, moderator_note, summary,"
    " description, causes, address, town, postcode, point, website, contact_email,"
    " contact_phone, created_by, created_at, submitted_at, approved_at, image_id,"
    " trusted_at, away_until, replies, reply_minutes FROM organisation"
)
# Not FOR UPDATE: that would wait for every row that refers to this one, and they for it.
_LOCK = " FOR NO KEY UPDATE"


def organisation_of(row: dict[str, Any]) -> Organisation:
    """Make an organisation of a row with all its columns."""
    point = row["point"]
    return Organisation(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "state": State(row["state"]),
            "causes": tuple(row["causes"]),
            "point": (point.x, point.y) if point else None,
        }
    )


async def organisation(actor: Actor, id: UUID, *, lock: bool = False) -> Organisation:
    """Give an organisation that the actor may see: approved, or their own to work on.

    `lock` holds its row against other changes until the transaction ends.

    Raises:
        NotFound: there is none, or it is not public and not theirs.
    """
    sql = _SELECT + " WHERE id = {}" + (_LOCK if lock else "")
    row = await db.fetch_one(sql, id)
    if row is None:
        raise NotFound(_GONE)
    found = organisation_of(row)
    if not (found.approved or actor.system or actor.can(Permission.VIEW_WORKSPACE, id)):
        raise NotFound(_GONE)
    return found


async def workspace(actor: Actor, id: UUID, *, lock: bool = False) -> Organisation:
    """Give an organisation whose workspace the actor may enter, in any state.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or they may not enter.
    """
    actor.require_person()
    if not actor.can(Permission.VIEW_WORKSPACE, id):
        raise NotFound(_GONE)
    return await organisation(actor, id, lock=lock)


async def holder_of_charity(number: str) -> UUID | None:
    """Give the organisation that registered with a charity number and has not ended, if any."""
    return await db.fetch_value(
        "SELECT id FROM organisation WHERE charity_number = {}"
        " AND state NOT IN ('refused', 'closed')",
        number,
    )


async def find_charities(text: str) -> list[register.Charity]:
    """Look charities up by number, removed ones too, or by words of their name.

    Raises:
        Conflict: the number belongs to a register that is not mirrored; names the field `q`.
    """
    try:
        found = await register.find_charity(text)
    except Conflict as elsewhere:
        raise Conflict(elsewhere.message, field="q") from elsewhere
    return [found] if found else await register.search_charities(text)


async def owners(organisation_id: UUID) -> list[UUID]:
    """Give the people who own an organisation, for messages about it."""
    rows = await db.fetch(
        "SELECT person_id FROM membership WHERE organisation_id = {} AND role = 'owner'"
        " ORDER BY since",
        organisation_id,
    )
    return [row["person_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organisation that the actor belongs to, and as what."""

    id: UUID
    name: str
    state: State
    role: OrgRole


async def mine(actor: Actor) -> list[Belonging]:
    """Give the organisations that the actor belongs to, by name; none for the anonymous."""
    if not actor.memberships:
        return []
    rows = await db.fetch(
        "SELECT id, name, state FROM organisation WHERE id = ANY({}::uuid[])"
        " ORDER BY lower(unaccent(name)), id",
        list(actor.memberships),
    )
    return [
        Belonging(row["id"], row["name"], State(row["state"]), actor.memberships[row["id"]])
        for row in rows
    ]


async def names(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Name organisations; for messages and lists whose readers may see them."""
    rows = await db.fetch(
        "SELECT id, name FROM organisation WHERE id = ANY({}::uuid[])", list(set(ids))
    )
    return {row["id"]: row["name"] for row in rows}


# More things than this are looked through in the list of things.
THINGS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Offers:
    """What an organisation offers the public now, the soonest first; `more` things than these."""

    opportunities: list[listing_index.Row]
    things: list[listing_index.Row]
    funds: list[listing_index.Row]
    more: bool


async def offers(organisation_id: UUID) -> Offers:
    """Read what an organisation offers, of each kind by itself."""
    things = await listing_index.of_organisation(organisation_id, ["thing"], THINGS_SHOWN + 1)
    return Offers(
        await listing_index.of_organisation(organisation_id, ["opportunity"]),
        things[:THINGS_SHOWN],
        await listing_index.of_organisation(organisation_id, ["fund"]),
        len(things) > THINGS_SHOWN,
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of the dashboard."""

    members: int
    invitations: int
    opportunities: int
    things: int
    funds: int

    @property
    def offers(self) -> int:
        """Count all that it offers the public."""
        return self.opportunities + self.things + self.funds


async def counts(organisation_id: UUID) -> Counts:
    """Count what the dashboard shows, in one statement."""
    row = await db.fetch_one(
        "SELECT (SELECT count(*) FROM membership WHERE organisation_id = {}) AS members,"
        " (SELECT count(*) FROM invitation WHERE organisation_id = {} AND state = 'open'"
        "  AND expires_at > {}) AS invitations,"
        " l.* FROM (SELECT count(*) FILTER (WHERE kind = 'opportunity') AS opportunities,"
        "  count(*) FILTER (WHERE kind = 'thing') AS things,"
        "  count(*) FILTER (WHERE kind = 'fund') AS funds FROM listing"
        "  WHERE organisation_id = {} AND (until IS NULL OR until > now())) AS l",
        organisation_id,
        organisation_id,
        clock.now(),
        organisation_id,
    )
    assert row is not None
    return Counts(**row)


_ACTOR = """
    SELECT s.id AS session_id, p.id AS person_id, p.name,
        p.email_confirmed_at IS NOT NULL AS email_confirmed,
        ARRAY(SELECT r.role FROM platform_role r WHERE r.person_id = p.id) AS platform,
        m.organisations, m.roles, m.names,
        CASE WHEN EXISTS (SELECT FROM platform_role r
                WHERE r.person_id = p.id AND r.role = 'broker') THEN
            ARRAY(SELECT c.organisation_id FROM (SELECT DISTINCT ON (organisation_id) *
                FROM acting_consent ORDER BY organisation_id, number DESC) AS c WHERE c.given)
            ELSE ARRAY[]::uuid[] END AS acting_for
    FROM session s
    JOIN person p ON p.id = s.person_id
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(b.organisation_id ORDER BY b.since, b.id), ARRAY[]::uuid[])
                AS organisations,
            coalesce(array_agg(b.role ORDER BY b.since, b.id), ARRAY[]::text[]) AS roles,
            coalesce(array_agg(g.name ORDER BY b.since, b.id), ARRAY[]::text[]) AS names
        FROM membership b JOIN organisation g ON g.id = b.organisation_id
        WHERE b.person_id = p.id
    ) AS m
    WHERE s.token_hash = {} AND s.expires_at > now()
        AND p.suspended_at IS NULL AND p.anonymised_at IS NULL
"""


async def actor_of_session(token_hash: bytes) -> Actor | None:
    """Find whoever a live session belongs to, with all their roles, in one statement.

    None for a session that is unknown or expired, and for people who are suspended or gone.
    """
    row = await db.fetch_one(_ACTOR, token_hash)
    if row is None:
        return None
    return Actor(
        person_id=row["person_id"],
        name=row["name"],
        email_confirmed=row["email_confirmed"],
        platform=frozenset(PlatformRole(role) for role in row["platform"]),
        memberships={
            organisation: OrgRole(role)
            for organisation, role in zip(row["organisations"], row["roles"], strict=True)
        },
        belongs_to=dict(zip(row["organisations"], row["names"], strict=True)),
        session_id=row["session_id"],
        acting_for=frozenset(row["acting_for"]),
    )
