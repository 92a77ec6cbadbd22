"""Reading the ledger: the last row of each kind is what counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import db
from marketplace.accounts.consents.rules import Channel, How, Purpose
from marketplace.permissions import Actor


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a person agrees to now, and how they said so; to the place where no organisation is."""

    organisation_id: UUID | None
    purpose: Purpose
    channel: Channel
    how: How
    wording: str
    given_at: datetime


async def agreed(
    purpose: Purpose,
    organisation_id: UUID | None,
    person_ids: Iterable[UUID],
    channel: Channel = Channel.MAIL,
) -> set[UUID]:
    """Give who of some people agrees now that an organisation writes to them about something.

    None stands for the place itself. People who left agree to nothing, whatever they said.
    """
    rows = await db.fetch(
        "SELECT DISTINCT ON (c.person_id) c.person_id, c.agreed FROM consent c"
        " JOIN person p ON p.id = c.person_id AND p.anonymised_at IS NULL"
        " WHERE c.organisation_id IS NOT DISTINCT FROM {} AND c.purpose = {} AND c.channel = {}"
        " AND c.person_id = ANY({}::uuid[]) ORDER BY c.person_id, c.number DESC",
        organisation_id,
        purpose.value,
        channel.value,
        list(person_ids),
    )
    return {row["person_id"] for row in rows if row["agreed"]}


async def mine(actor: Actor) -> list[Agreed]:
    """List what the actor agrees to now, the latest first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        "SELECT organisation_id, purpose, channel, how, wording, given_at FROM"
        " (SELECT DISTINCT ON (organisation_id, purpose, channel) * FROM consent"
        "  WHERE person_id = {} ORDER BY organisation_id, purpose, channel, number DESC) AS last"
        " WHERE agreed ORDER BY number DESC",
        actor.require_person(),
    )
    return [
        Agreed(
            **{
                **row,
                "purpose": Purpose(row["purpose"]),
                "channel": Channel(row["channel"]),
                "how": How(row["how"]),
            }
        )
        for row in rows
    ]
