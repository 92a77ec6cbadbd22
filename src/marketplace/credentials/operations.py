"""Looking at credentials, taking them back, showing training, and letting details go."""

from uuid import UUID

from marketplace import audit, clock, db
from marketplace.credentials import queries, steps
from marketplace.credentials.queries import CredentialView
from marketplace.credentials.rules import DETAILS_KEPT, Event
from marketplace.credentials.tables import Credential
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.ids import new_id
from marketplace.permissions import SYSTEM, Actor, Permission


async def look(actor: Actor, organisation_id: UUID, person_id: UUID) -> list[CredentialView]:
    """Show what an organisation saw of somebody, and write down who looked.

    Raises:
        NotFound: the actor does not record checks there.
    """
    async with db.transaction():
        found = await queries.of_person(actor, organisation_id, person_id)
        await steps.note_look(actor, [person_id])
    return found


async def revoke(
    actor: Actor,
    organisation_id: UUID,
    person_id: UUID,
    credential_id: UUID,
    *,
    once: Once | None = None,
) -> CredentialView:
    """Take a credential back: it clears nobody any more, and its number is deleted at once.

    Raises:
        NotFound: there is none of that person there, or the actor does not record checks there.
        Conflict: it was taken back already.
    """
    async with db.transaction(once):
        actor.require_to_know(Permission.RECORD_CHECKS, organisation_id)
        found = await queries.to_change(credential_id)
        if (found.organisation_id, found.person_id) != (organisation_id, person_id):
            raise NotFound(queries.GONE)
        if found.revoked_at is not None:
            raise Conflict("This was taken back already.")
        now = clock.now()
        await Credential.update(
            {
                Credential.revoked_by: actor.require_person(),
                Credential.revoked_at: now,
                Credential.reference: "",
                Credential.details_deleted_at: now,
                Credential.shared: False,
            }
        ).where(Credential.id == credential_id)
        await audit.record(
            Event.REVOKED,
            "credential",
            credential_id,
            by=actor,
            organisation=organisation_id,
            data={"person": str(person_id), "kind": found.kind.value},
        )
    return found


async def share(
    actor: Actor, credential_id: UUID, shared: bool, *, once: Once | None = None
) -> CredentialView:
    """Show one's own training to the organisations one helps, or stop showing it.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none of theirs.
        Conflict: it is a check, which is never passed on, or it does not hold.
    """
    person = actor.require_person()
    async with db.transaction(once):
        found = await queries.to_change(credential_id)
        if found.person_id != person:
            raise NotFound(queries.GONE)
        if shared and found.is_check:
            raise Conflict(
                "A criminal record check is never passed on: each organisation sees its own."
            )
        if shared and (found.revoked_at is not None or not found.satisfactory):
            raise Conflict("This does not hold any more, so there is nothing to show.")
        await Credential.update({Credential.shared: shared}).where(Credential.id == credential_id)
        await audit.record(
            Event.SHARED if shared else Event.KEPT_PRIVATE,
            "credential",
            credential_id,
            by=actor,
            organisation=found.organisation_id,
        )
    return found


async def delete_details() -> int:
    """Delete the numbers of checks that were seen 180 days ago; gives how many.

    Source: DBS code of practice, certificate information is kept six months at most.
    """
    rows = await db.fetch(
        "UPDATE credential SET reference = '', details_deleted_at = now()"
        " WHERE kind = 'criminal_record_check' AND details_deleted_at IS NULL AND seen_at <= {}"
        " RETURNING id",
        clock.now() - DETAILS_KEPT,
    )
    return len(rows)


async def warn_of_expiry() -> int:
    """Tell once of each credential that runs out within 30 days; gives how many."""
    told = 0
    for found in await queries.expiring():
        async with db.transaction():
            first = await db.fetch_value(
                "INSERT INTO credential_notice (id, about, subject_id, holds_until)"
                " VALUES ({}, 'expiring', {}, {}) ON CONFLICT DO NOTHING RETURNING id",
                new_id(),
                found.id,
                found.holds_until,
            )
            if first is None:
                continue
            await audit.record(
                Event.EXPIRING,
                "credential",
                found.id,
                by=SYSTEM,
                organisation=found.organisation_id,
                data={"person": str(found.person_id), "kind": found.kind.value},
            )
            told += 1
    return told
