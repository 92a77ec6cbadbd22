"""Imports and those whom they brought."""

from uuid import UUID

from tests import factories

from marketplace import clock, db
from marketplace.accounts.tables import Person
from marketplace.permissions import Actor, PlatformRole
from marketplace.signing import sign
from marketplace.volunteering.assisted import operations as assisted
from marketplace.volunteering.assisted.rules import How
from marketplace.volunteering.moving_in import operations, running
from marketplace.volunteering.moving_in.rules import CLAIM_LINK, Kind


async def a_broker() -> Actor:
    """Make a broker."""
    return (await factories.a_person(name="Bo Broker", platform=(PlatformRole.BROKER,))).actor


async def an_import(
    actor: Actor | None = None,
    table: str = "Organisation,Postcode,Owner email\nHere,SS1 1AA,o@example.org\nNew Hub,,\n",
    kind: Kind = Kind.ORGANISATIONS,
    *,
    run: bool = False,
) -> UUID:
    """Send a table in, and have it run."""
    actor = actor or await a_broker()
    id = await operations.stage(actor, kind, table.encode())
    if run:
        await operations.start(actor, id)
        await running.run(id, actor.person_id)
    return id


async def an_assisted(actor: Actor, opportunity: UUID) -> dict[str, UUID]:
    """Sign somebody up without e-mail, with a place on a shift that they are to be told of."""
    person = await assisted.sign_up(
        actor,
        assisted.Details(
            name="Edna Post",
            phone="01245 000000",
            agreed_how=How.VOICE,
            agreed_on=clock.today(),
        ),
    )
    booking = await assisted.book(actor, person, await factories.a_shift(opportunity))
    await assisted.note(person, f"told:{booking}", "volunteering/booked", booking)
    told = await db.fetch_value("SELECT id FROM to_tell WHERE booking_id = {}", booking)
    return {"assisted_id": person, "booking_id": booking, "tell_id": told}


async def an_unclaimed(email: str = "old.hand@example.org") -> UUID:
    """Make somebody whom an import brought."""
    person = Person(name="Old Hand", email=email, email_typed=email, unclaimed_since=clock.now())
    await person.save()
    return person.id


async def a_claim() -> str:
    """Give the token with which somebody claims what an import brought."""
    person = await an_unclaimed()
    version = await db.fetch_value("SELECT credential_version FROM person WHERE id = {}", person)
    return sign(CLAIM_LINK, person, version)
