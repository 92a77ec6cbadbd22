"""Asking referees, their answers, and forgetting them."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from marketplace import audit, clock, db, signing
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import SYSTEM, Actor
from marketplace.rate_limits import Limit, count
from marketplace.volunteering.applications import sent
from marketplace.volunteering.applications.deciding import by_rules
from marketplace.volunteering.applications.rules import (
    FORGET_REFEREES_AFTER,
    REFERENCE_LINK,
    REFERENCE_WITHIN,
    REMIND_AFTER,
    ApplicationState,
    Event,
    Recommends,
    RefereeState,
    misnamed,
)
from marketplace.volunteering.applications.sent import ApplicationView, RefereeView
from marketplace.volunteering.applications.tables import Referee

# Each sends mail to people who never asked for it.
REFERENCES = Limit("references person", 10, timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Named:
    """A referee as the applicant names them; parts of a draft may be empty."""

    name: str = ""
    email: str = ""
    relationship: str = ""

    @property
    def empty(self) -> bool:
        """Tell whether nothing was typed."""
        return not (self.name or self.email or self.relationship)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a referee answers."""

    known: str
    recommends: Recommends
    remarks: str = ""


async def ask_all(actor: Actor, application: ApplicationView) -> None:
    """Have all that were named asked by mail; a step of submitting."""
    db.require_transaction()
    for referee in await sent.referees(application.id):
        if referee.state is RefereeState.NAMED:
            await _ask(actor, application, referee.id)


async def _ask(actor: Actor, application: ApplicationView, referee_id: UUID) -> None:
    await Referee.update({Referee.state: RefereeState.ASKED, Referee.asked_at: clock.now()}).where(
        Referee.id == referee_id
    )
    await audit.record(
        Event.REFERENCE_ASKED,
        "referee",
        referee_id,
        by=actor,
        organisation=application.organisation_id,
    )


async def name_another(
    actor: Actor,
    application_id: UUID,
    referee_id: UUID,
    named: Named,
    *,
    own_email: str,
    once: Once | None = None,
) -> None:
    """Ask somebody else instead of a referee who declined or does not answer.

    The one before is forgotten at once, and their link stops working.

    Raises:
        SignInRequired, NotFound: see `sent.own`.
        Conflict: beside its field: something is missing; or the reference came meanwhile, or
            none is wanted any more.
        TooMany: too many references were asked for today.
    """
    await sent.own(actor, application_id)
    others = [
        (each.name, each.email, each.relationship)
        for each in await sent.referees(application_id)
        if each.id != referee_id
    ]
    typed = (named.name, named.email, named.relationship)
    for (position, field), sentence in misnamed([*others, typed], own_email).items():
        if position == len(others) + 1:
            raise Conflict(sentence, field=field)
    await count(REFERENCES, str(actor.require_person()))
    async with db.transaction(once):
        application = await sent.own(actor, application_id, lock=True)
        referee = await sent.referee(referee_id, lock=True)
        if referee is None or referee.application_id != application_id:
            raise Conflict("This referee is no longer there.")
        if application.state is not ApplicationState.SUBMITTED:
            raise Conflict("Your application does not wait for references any more.")
        if referee.state not in {RefereeState.ASKED, RefereeState.DECLINED}:
            raise Conflict("The reference came meanwhile, so nobody else is needed.")
        await db.execute(
            "UPDATE referee SET state = 'replaced', name = '', email = '', relationship = '',"
            " erased_at = {} WHERE id = {}",
            clock.now(),
            referee_id,
        )
        another = Referee(
            application_id=application_id,
            position=referee.position,
            name=named.name,
            email=named.email,
            relationship=named.relationship,
        )
        await another.save()
        await _ask(actor, application, another.id)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link in a message to a referee stands for."""

    referee: RefereeView
    application: ApplicationView

    @property
    def open(self) -> bool:
        """Tell whether an answer is still wanted."""
        return (
            self.referee.state is RefereeState.ASKED
            and self.application.state is ApplicationState.SUBMITTED
        )


async def of_link(token: str, *, lock: bool = False) -> Asked:
    """Read what a referee was asked; `lock` keeps the application still, then the referee.

    Raises:
        LinkExpired: it is too old, or somebody else was named instead.
        LinkBroken: it is not one of ours.
    """
    signed = signing.unsign(REFERENCE_LINK, token, within=REFERENCE_WITHIN)
    referee = await sent.referee(signed.id)
    if referee is None or referee.state is RefereeState.REPLACED or referee.erased:
        raise signing.LinkExpired("This reference is no longer needed. Thank you for your time.")
    application = await sent.application(referee.application_id, lock=lock)
    if lock:
        referee = await sent.referee(signed.id, lock=True)
        assert referee is not None
    return Asked(referee, application)


async def give(token: str, reference: Reference, *, once: Once | None = None) -> None:
    """Keep what a referee answers, once, and let the rules decide.

    Raises:
        LinkExpired, LinkBroken: see `of_link`.
        Conflict: it was answered or declined already, or is not needed any more.
    """
    async with db.transaction(once):
        asked = await _still_asked(token)
        await Referee.update(
            {
                Referee.state: RefereeState.GIVEN,
                Referee.answered_at: clock.now(),
                Referee.known: reference.known,
                Referee.recommends: reference.recommends,
                Referee.remarks: reference.remarks,
            }
        ).where(Referee.id == asked.referee.id)
        await _answered(Event.REFERENCE_GIVEN, asked)
        await by_rules(asked.application.id)


async def refuse(token: str, *, once: Once | None = None) -> None:
    """Note that a referee would rather not.

    Raises:
        LinkExpired, LinkBroken, Conflict: see `give`.
    """
    async with db.transaction(once):
        asked = await _still_asked(token)
        await Referee.update(
            {Referee.state: RefereeState.DECLINED, Referee.answered_at: clock.now()}
        ).where(Referee.id == asked.referee.id)
        await _answered(Event.REFERENCE_DECLINED, asked)


async def _still_asked(token: str) -> Asked:
    asked = await of_link(token, lock=True)
    if not asked.open:
        raise Conflict("This reference was answered already, or is not needed any more.")
    return asked


async def _answered(event: Event, asked: Asked) -> None:
    await audit.record(
        event,
        "referee",
        asked.referee.id,
        by=SYSTEM,
        organisation=asked.application.organisation_id,
        data={"application": str(asked.application.id)},
    )


async def remind(limit: int = 500) -> int:
    """Have referees who did not answer for a week asked once more, once; gives how many."""
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE referee SET reminded_at = {} FROM (SELECT f.id, a.organisation_id"
            "  FROM referee f JOIN role_application a ON a.id = f.application_id"
            "  WHERE f.state = 'asked' AND f.reminded_at IS NULL AND f.asked_at <= {}"
            "  AND a.state = 'submitted' ORDER BY f.asked_at LIMIT {}"
            "  FOR NO KEY UPDATE OF f SKIP LOCKED) AS due"
            " WHERE referee.id = due.id RETURNING due.id, due.organisation_id",
            clock.now(),
            clock.now() - REMIND_AFTER,
            limit,
        )
        for row in rows:
            await audit.record(
                Event.REFERENCE_REMINDED,
                "referee",
                row["id"],
                by=SYSTEM,
                organisation=row["organisation_id"],
            )
    return len(rows)


async def forget_referees() -> int:
    """Erase referees, and what they wrote, some time after the decision; gives how many."""
    async with db.transaction():
        return await db.execute(
            "UPDATE referee SET name = '', email = '', relationship = '', known = '',"
            " remarks = '', recommends = '', erased_at = {} FROM role_application a"
            " WHERE a.id = referee.application_id AND referee.erased_at IS NULL"
            " AND a.state IN ('approved', 'declined', 'withdrawn') AND a.decided_at <= {}",
            clock.now(),
            clock.now() - FORGET_REFEREES_AFTER,
        )
