"""Ties that do not hold: who has declared which, and lifting one that was declared by mistake.

A tie is lifted by somebody who decides and has none to that applicant themselves, which leaves out
everybody's own. Whoever belongs to the applicant has a tie as long as they do.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import audit, db
from marketplace.db import Once
from marketplace.errors import Conflict, NotFound
from marketplace.grants.assessment.rules import NATURE_LABELS, Nature, why_not_lifted
from marketplace.grants.rounds import queries as rounds
from marketplace.grants.rounds.queries import RoundView
from marketplace.grants.rules import Event
from marketplace.grants.tables import Declaration, LiftedTie
from marketplace.permissions import Actor, Permission

NO_SUCH = "We cannot find that tie. It may have been lifted already."


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie as those who decide read it.

    `found`: membership showed it. `belongs`: they are of the applicant now. `decided`: there is a
    decision about the application.
    """

    id: UUID
    application_id: UUID
    person_id: UUID
    name: str
    applicant: str
    nature: Nature
    found: bool
    declared_at: datetime
    belongs: bool
    decided: bool

    @property
    def words(self) -> str:
        """Write what they said, in their words."""
        if self.found:
            return "Belonged to it when the applications were opened"
        return f"“{NATURE_LABELS[self.nature]}”"

    def why_not(self, round: RoundView) -> str | None:
        """Say why it cannot be lifted; None when it can."""
        return why_not_lifted(
            round.state,
            name=self.name,
            applicant=self.applicant,
            belongs=self.belongs,
            decided=self.decided,
        )


_SELECT = (
    "SELECT d.id, d.application_id, d.person_id, g.name AS applicant, d.nature, d.found,"
    " d.declared_at,"
    " CASE WHEN p.anonymised_at IS NULL THEN p.name ELSE 'Somebody who left' END AS name,"
    " EXISTS (SELECT FROM membership m WHERE m.organisation_id = a.organisation_id"
    "  AND m.person_id = d.person_id) AS belongs,"
    " EXISTS (SELECT FROM decision c WHERE c.application_id = a.id) AS decided"
    " FROM declaration d JOIN application a ON a.id = d.application_id"
    " JOIN organisation g ON g.id = a.organisation_id JOIN person p ON p.id = d.person_id"
    " WHERE d.conflict AND a.round_id = {} AND a.state IN ('submitted', 'awarded', 'declined')"
    " AND NOT tied(a.id, a.organisation_id, {})"
)


async def _round(
    actor: Actor, organisation_id: UUID, round_id: UUID, *, lock: bool = False
) -> RoundView:
    round = await rounds.to_manage(actor, round_id, lock=lock)
    if round.organisation_id != organisation_id:
        raise NotFound(rounds.NO_SUCH)
    actor.require(Permission.DECIDE_AWARDS, organisation_id)
    return round


async def declared(
    actor: Actor, organisation_id: UUID, round_id: UUID
) -> tuple[RoundView, list[Tie]]:
    """Give a round and the ties people have in it, but none to applicants the actor has one to.

    Raises:
        NotFound: there is no such round, or the actor is not of the funder.
        NotAllowed: the actor may not decide awards of the funder.
    """
    round = await _round(actor, organisation_id, round_id)
    rows = await db.fetch(
        _SELECT + " ORDER BY lower(unaccent(p.name)), lower(unaccent(g.name)), d.id LIMIT 1000",
        round_id,
        actor.require_person(),
    )
    return round, [Tie(**{**row, "nature": Nature(row["nature"])}) for row in rows]


async def tie(
    actor: Actor, organisation_id: UUID, round_id: UUID, id: UUID
) -> tuple[RoundView, Tie]:
    """Give one tie.

    Raises:
        NotFound, NotAllowed: see `declared`; there is none; or the actor has a tie to that
            applicant, as to their own.
    """
    round, ties = await declared(actor, organisation_id, round_id)
    for each in ties:
        if each.id == id:
            return round, each
    raise NotFound(NO_SUCH)


async def lift(
    actor: Actor,
    organisation_id: UUID,
    round_id: UUID,
    id: UUID,
    reason: str,
    *,
    once: Once | None = None,
) -> Tie:
    """Let somebody read an application again; what they scored of it counts again.

    Raises:
        NotFound, NotAllowed: see `tie`.
        Conflict: beside `reason`: they belong to the applicant, or it is decided.
    """
    async with db.transaction(once):
        # Held against a decision, which is made without whoever has a tie.
        await _round(actor, organisation_id, round_id, lock=True)
        round, found = await tie(actor, organisation_id, round_id, id)
        if why := found.why_not(round):
            raise Conflict(why, field="reason")
        await Declaration.update(
            {Declaration.conflict: False, Declaration.nature: "", Declaration.found: False}
        ).where(Declaration.id == id)
        lifted = LiftedTie(
            application_id=found.application_id,
            person_id=found.person_id,
            nature=found.nature.value,
            found=found.found,
            reason=reason,
            by=actor.require_person(),
        )
        await lifted.save()
        await audit.record(
            Event.CONFLICT_LIFTED,
            "application",
            found.application_id,
            by=actor,
            organisation=organisation_id,
            data={
                "person": str(found.person_id),
                "nature": found.nature.value,
                "lifted": str(lifted.id),
            },
        )
    return found


@dataclass(frozen=True, slots=True)
class LiftedMail:
    """What a message about a lifted tie says."""

    person_id: UUID
    application_id: UUID
    applicant: str
    name: str
    funder: str
    reason: str


async def lifted_mail(id: UUID) -> LiftedMail | None:
    """Read what a message about a lifted tie says; None when they have one again."""
    row = await db.fetch_one(
        "SELECT t.person_id, t.application_id, g.name AS applicant, t.reason,"
        " f.title || ': ' || r.title AS name, h.name AS funder"
        " FROM lifted_tie t JOIN application a ON a.id = t.application_id"
        " JOIN organisation g ON g.id = a.organisation_id JOIN round r ON r.id = a.round_id"
        " JOIN fund f ON f.id = r.fund_id JOIN organisation h ON h.id = r.organisation_id"
        " WHERE t.id = {} AND NOT tied(a.id, a.organisation_id, t.person_id)",
        id,
    )
    return LiftedMail(**row) if row else None
