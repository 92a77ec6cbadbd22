"""What every verb does that writes down a credential, or a look at one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.credentials.rules import (
    Check,
    Event,
    Kind,
    Outcome,
    Rung,
    Workforce,
    check_dates,
)
from marketplace.credentials.tables import Credential
from marketplace.errors import Conflict
from marketplace.ids import new_id
from marketplace.permissions import Actor, Permission

VIEW = "credentials"


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw; `holds_until` is the last day, None for no end."""

    kind: Kind
    issued_on: date
    holds_until: date | None
    outcome: Outcome = Outcome.SATISFACTORY
    check: Check | None = None
    workforce: Workforce = Workforce.NEITHER
    reference: str = ""


async def record(actor: Actor, organisation_id: UUID, person_id: UUID, seen: Seen) -> UUID:
    """Write down what the actor saw of somebody, and give the credential's id.

    Raises:
        NotFound: the actor does not record checks there.
        Conflict: the dates cannot be, the workforce is missing, or it is their own.
    """
    db.require_transaction()
    actor.require_to_know(Permission.RECORD_CHECKS, organisation_id)
    if actor.is_self(person_id):
        raise Conflict(
            "Nobody sees their own. Ask somebody else who records checks here to look at yours."
        )
    check_dates(seen.issued_on, seen.holds_until, clock.today())
    workforce = Workforce.NEITHER
    if seen.check is not None and seen.check.rung >= Rung.ENHANCED:
        workforce = seen.workforce
        if workforce is Workforce.NEITHER:
            raise Conflict("Choose whom the certificate is for", field="workforce")
    credential = Credential(
        person_id=person_id,
        organisation_id=organisation_id,
        kind=seen.kind,
        level=seen.check,
        workforce=workforce,
        reference=seen.reference,
        issued_on=seen.issued_on,
        holds_until=seen.holds_until,
        outcome=seen.outcome,
        seen_by=actor.require_person(),
    )
    await credential.save()
    await audit.record(
        Event.RECORDED,
        "credential",
        credential.id,
        by=actor,
        organisation=organisation_id,
        data={"person": str(person_id), "kind": seen.kind.value},
    )
    return credential.id


async def note_look(actor: Actor, people: Sequence[UUID]) -> None:
    """Write down that the actor looked at what is held about some people."""
    db.require_transaction()
    viewer, now = actor.require_person(), clock.now()
    await db.execute(
        "INSERT INTO personal_view (id, viewer_id, subject_type, subject_id, at)"
        " SELECT v.id, {}, {}, v.subject, {} FROM unnest({}::uuid[], {}::uuid[]) AS v(id, subject)",
        viewer,
        VIEW,
        now,
        [new_id() for _ in people],
        list(people),
    )
