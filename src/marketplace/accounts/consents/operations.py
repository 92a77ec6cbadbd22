"""Agreeing with evidence, and withdrawing without reasons."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts import queries as accounts
from marketplace.accounts.consents import queries
from marketplace.accounts.consents.rules import (
    DIGEST_WORDING,
    Channel,
    Event,
    How,
    Purpose,
    link_version,
    may_have_digest,
    read_link_version,
)
from marketplace.audit import record
from marketplace.db import Once
from marketplace.errors import Conflict, MarketplaceError, NotFound
from marketplace.ids import new_id
from marketplace.permissions import Actor
from marketplace.signing import LinkBroken, sign, unsign

LINK = "stop-writing"
# People keep mail for years, and its button must do what it says.
LINK_LIFE = timedelta(days=20 * 366)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How somebody agreed: `wording` is the version of the words shown, `reference` the proof's.

    `reference` names where the proof lies by ids ("booking <id>", "import <id> row 12"), never by
    a name. `given_at` is when they said so, now where it is None.
    """

    how: How
    wording: str
    reference: str
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a link in a message withdraws; without organisation, from the place itself."""

    person_id: UUID
    organisation_id: UUID | None
    purpose: Purpose
    channel: Channel


async def give(
    actor: Actor,
    person_id: UUID,
    organisation_id: UUID | None,
    purpose: Purpose,
    evidence: Evidence,
    channel: Channel = Channel.MAIL,
) -> None:
    """Write down that somebody agreed: a step of whatever they agreed in.

    The actor may be another, such as a broker with a paper form; both are written down. Whoever
    withdrew after the evidence was given stays withdrawn.

    Raises:
        Conflict: there is no evidence, or it is from the future.
    """
    db.require_transaction()
    now = clock.now()
    given_at = evidence.given_at or now
    if not (evidence.wording.strip() and evidence.reference.strip()):
        raise Conflict(
            "Say which words they agreed to and where that is kept. Without it nobody may be"
            " written to."
        )
    if given_at > now:
        raise Conflict("Nobody has agreed to anything on a day that lies ahead.")
    withdrawn = await db.fetch_one(
        "SELECT agreed, given_at FROM consent WHERE person_id = {}"
        " AND organisation_id IS NOT DISTINCT FROM {} AND purpose = {} AND channel = {}"
        " ORDER BY number DESC LIMIT 1",
        person_id,
        organisation_id,
        purpose.value,
        channel.value,
    )
    if withdrawn and not withdrawn["agreed"] and withdrawn["given_at"] >= given_at:
        return
    what = Withdrawal(person_id, organisation_id, purpose, channel)
    await _write(actor, what, evidence, given_at, agreed=True)


async def ask_for_digest(actor: Actor, *, once: Once | None = None) -> None:
    """Write down on the account that the actor wants the weekly digest.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: they are under 18.
    """
    person = actor.require_person()
    async with db.transaction(once):
        if not may_have_digest((await accounts.profile(actor)).born_on, clock.today()):
            raise Conflict("The weekly mail is for people of 18 or over. Look at what suits you.")
        if not await queries.agreed(Purpose.DIGEST, None, [person]):
            await give_digest(actor, person, How.ACCOUNT)


async def give_digest(actor: Actor, person_id: UUID, how: How) -> None:
    """Write down that somebody wants the weekly digest: a step of whatever they said so in."""
    evidence = Evidence(how, DIGEST_WORDING, f"person {person_id}")
    await give(actor, person_id, None, Purpose.DIGEST, evidence)


async def withdraw(
    actor: Actor,
    organisation_id: UUID | None,
    purpose: Purpose,
    channel: Channel,
    *,
    once: Once | None = None,
) -> None:
    """Take one's own agreement back; nothing happens where there is none.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person = actor.require_person()
    async with db.transaction(once):
        await _withdraw(actor, Withdrawal(person, organisation_id, purpose, channel), How.ACCOUNT)


def link(
    person_id: UUID,
    organisation_id: UUID | None,
    purpose: Purpose,
    channel: Channel = Channel.MAIL,
) -> str:
    """Give the path of the page that withdraws, for the message that needed the agreement."""
    organisation = organisation_id.hex if organisation_id else ""
    token = sign(LINK, person_id, link_version(organisation, purpose, channel))
    return f"/consents/withdrawal/{token}"


def read_link(token: str) -> Withdrawal:
    """Read what a link withdraws.

    Raises:
        LinkBroken, LinkExpired: it is not one of ours, or decades old.
    """
    signed = unsign(LINK, token, within=LINK_LIFE)
    try:
        organisation, purpose, channel = read_link_version(signed.version)
        of = UUID(organisation) if organisation else None
        return Withdrawal(signed.id, of, purpose, channel)
    except ValueError as error:
        raise LinkBroken("This link is not complete. Copy the whole address.") from error


async def withdraw_by_link(
    token: str, *, how: How = How.LINK, once: Once | None = None
) -> Withdrawal:
    """Take back what a link in a message names; whoever holds the message may.

    Raises:
        LinkBroken, LinkExpired: it is not one of ours, or decades old.
        NotFound: the person or the organisation is gone.
    """
    withdrawal = read_link(token)
    async with db.transaction(once):
        await _withdraw(Actor(person_id=withdrawal.person_id), withdrawal, how)
    return withdrawal


async def _withdraw(actor: Actor, what: Withdrawal, how: How) -> None:
    agreed = await queries.agreed(
        what.purpose, what.organisation_id, [what.person_id], what.channel
    )
    if agreed:
        await _write(actor, what, Evidence(how, "", ""), clock.now(), agreed=False)


async def _write(
    actor: Actor, what: Withdrawal, evidence: Evidence, given_at: datetime, *, agreed: bool
) -> None:
    gone: MarketplaceError = NotFound("We cannot find that person or organisation any more.")
    with db.clashes({"consent_person_id_fkey": gone, "consent_organisation_id_fkey": gone}):
        await db.execute(
            "INSERT INTO consent (id, person_id, organisation_id, purpose, channel, agreed, how,"
            " wording, evidence, recorded_by, given_at, at)"
            " VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
            new_id(),
            what.person_id,
            what.organisation_id,
            what.purpose.value,
            what.channel.value,
            agreed,
            evidence.how.value,
            evidence.wording,
            evidence.reference,
            actor.person_id,
            given_at,
            clock.now(),
        )
    await record(
        Event.AGREED if agreed else Event.WITHDRAWN,
        "person",
        what.person_id,
        by=actor,
        organisation=what.organisation_id,
        data={"purpose": what.purpose.value, "channel": what.channel.value},
    )
