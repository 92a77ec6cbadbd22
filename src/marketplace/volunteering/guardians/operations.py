"""Asking a guardian, their answer and its end; naming the adult of a role."""

from datetime import timedelta
from uuid import UUID

from marketplace import audit, clock, db
from marketplace.accounts.ages import ADULT, age
from marketplace.accounts.birth_dates import born
from marketplace.accounts.rules import normalised_email
from marketplace.db import Once
from marketplace.errors import Conflict, NotAllowed
from marketplace.organisations.people.queries import has_address
from marketplace.organisations.rules import masked
from marketplace.permissions import SYSTEM, Actor
from marketplace.rate_limits import Limit, count
from marketplace.volunteering.bookings.steps import lock_person
from marketplace.volunteering.guardians import adults, doubts, queries, rules, steps
from marketplace.volunteering.guardians.queries import ConsentView
from marketplace.volunteering.guardians.rules import CONSENT_MOVES, ConsentState, Event
from marketplace.volunteering.guardians.tables import GuardianConsent, NamedAdult
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.roles import queries as roles

_RAN_OUT = "Your parent’s or guardian’s consent for this role has run out."
# Each sends mail to people who may never have asked for it.
ASKED = Limit("guardians asked person", 10, timedelta(days=1))


async def name_guardian(
    actor: Actor, role_id: UUID, name: str, email: str, *, once: Once | None = None
) -> UUID:
    """Ask somebody's guardian about a role, and give the consent's id.

    What was asked about the role before and not answered is replaced, and its link dies.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is no such role.
        Conflict: no birth date is known or it is an adult's; or it is their own address.
        TooMany: ten were asked today.
    """
    person = actor.require_person()
    role = await roles.public(role_id)
    await count(ASKED, str(person))
    async with db.transaction(once):
        await lock_person(person)
        born_on = await born(person)
        if born_on is None:
            raise Conflict("Give your date of birth first, under “Your account”.")
        if age(born_on, clock.today()) >= ADULT:
            raise Conflict("You are 18 or over, so nobody has to agree for you.")
        email = normalised_email(email)
        if email == await db.fetch_value("SELECT email FROM person WHERE id = {}", person):
            raise Conflict("Enter your parent’s or guardian’s address, not your own", field="email")
        for each in await queries.of_person(person):
            if each.role_id == role_id and each.open:
                await steps.close(each, ConsentState.REPLACED)
        consent = GuardianConsent(
            person_id=person,
            role_id=role_id,
            organisation_id=role.organisation_id,
            guardian_name=name,
            guardian_email=email,
        )
        await consent.save()
        await steps.record(actor, Event.CONSENT_ASKED, consent.id, role.organisation_id)
    return consent.id


async def give(
    actor: Actor,
    token: str,
    *,
    all_roles: bool,
    months: int,
    once: Once | None = None,
) -> ConsentView:
    """Agree, as the guardian whom a link asked, for one role or all of its organisation's.

    Raises:
        LinkBroken, LinkExpired: see `queries.of_link`.
        SignInRequired: nobody is signed in.
        NotAllowed: the link was sent to another address than the actor's confirmed one.
        Conflict: it was answered, or the young person is grown up, or the actor is not.
    """
    guardian = actor.require_person()
    async with db.transaction(once):
        # The young person before their consent: no place slips through meanwhile.
        await lock_person((await queries.of_link(token)).person_id)
        asked = await queries.of_link(token, lock=True)
        await _require_guardian(actor, asked)
        if not asked.open:
            raise Conflict("This was answered already. You can change it under “Young people”.")
        today = clock.today()
        if asked.born_on is None or age(asked.born_on, today) >= ADULT:
            raise Conflict(f"{asked.person_name} is 18 now, so your consent is not needed.")
        own = await born(guardian)
        if own is not None and age(own, today) < ADULT:
            raise Conflict("A guardian has to be 18 or over.")
        CONSENT_MOVES.check(asked.state, ConsentState.GIVEN)
        await GuardianConsent.update(
            {
                GuardianConsent.state: ConsentState.GIVEN,
                GuardianConsent.guardian_id: guardian,
                GuardianConsent.all_roles: all_roles,
                GuardianConsent.answered_at: clock.now(),
                GuardianConsent.until: rules.until(today, asked.born_on, months),
                GuardianConsent.warned_at: None,
            }
        ).where(GuardianConsent.id == asked.id)
        await doubts.recheck(actor, person_id=asked.person_id)
        await steps.record(actor, Event.CONSENT_GIVEN, asked.id, asked.organisation_id)
        return await queries.consent(asked.id)


async def refuse(token: str, *, once: Once | None = None) -> None:
    """Say no, as whoever holds the link; nothing is booked on it.

    Raises:
        LinkBroken, LinkExpired: see `queries.of_link`.
        Conflict: it was answered already.
    """
    async with db.transaction(once):
        asked = await queries.of_link(token, lock=True)
        if not asked.open:
            raise Conflict("This was answered already.")
        await steps.close(asked, ConsentState.REFUSED)
        await steps.record(SYSTEM, Event.CONSENT_REFUSED, asked.id, asked.organisation_id)


async def withdraw(actor: Actor, id: UUID, *, once: Once | None = None) -> int:
    """Take one's consent back: the places that rest on it are given back; gives how many.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none of theirs.
        IllegalMove: it does not stand any more.
    """
    async with db.transaction(once):
        await lock_person((await queries.own(actor, id)).person_id)
        found = await queries.own(actor, id, lock=True)
        return await steps.withdraw(actor, found)


async def end_due(limit: int = 500) -> int:
    """End consents that have run out, and warn two weeks ahead; gives how many ended.

    For the schedule; also takes back places that were moved past the end of a consent.
    """
    today = clock.today()
    ended = 0
    for row in await db.fetch(
        "SELECT id, person_id FROM guardian_consent WHERE state = 'given' AND until <= {}"
        " ORDER BY until, id LIMIT {}",
        today,
        limit,
    ):
        async with db.transaction():
            await lock_person(row["person_id"])
            found = await queries.consent(row["id"], lock=True)
            if not found.stands or found.until is None or found.until > today:
                continue
            await steps.close(found, ConsentState.ENDED)
            released = await steps.release_unfit(found.person_id, _RAN_OUT)
            await steps.record(
                SYSTEM,
                Event.CONSENT_ENDED,
                found.id,
                found.organisation_id,
                bookings=[str(each) for each in released],
            )
            ended += 1
    await _warn(today + rules.WARNED_BEFORE, limit)
    return ended


async def _warn(before: object, limit: int) -> None:
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE guardian_consent SET warned_at = {} FROM (SELECT c.id FROM guardian_consent c"
            "  WHERE c.state = 'given' AND c.warned_at IS NULL AND c.until <= {}"
            "  ORDER BY c.until, c.id LIMIT {} FOR NO KEY UPDATE SKIP LOCKED) AS due"
            " WHERE guardian_consent.id = due.id"
            " RETURNING guardian_consent.id, guardian_consent.organisation_id",
            clock.now(),
            before,
            limit,
        )
        for row in rows:
            await steps.record(SYSTEM, Event.CONSENT_RUNNING_OUT, row["id"], row["organisation_id"])


async def forget_guardians() -> int:
    """Erase names and addresses of guardians whose consent is long over or was never answered."""
    before = clock.now() - rules.FORGOTTEN_AFTER
    async with db.transaction():
        return await db.execute(
            "UPDATE guardian_consent SET guardian_name = '', guardian_email = NULL,"
            " state = CASE state WHEN 'asked' THEN 'ended' ELSE state END"
            " WHERE guardian_email IS NOT NULL AND (closed_at <= {}"
            "  OR state = 'asked' AND asked_at <= {})",
            before,
            before,
        )


async def name_adult(
    actor: Actor, role_id: UUID, person_id: UUID, *, once: Once | None = None
) -> None:
    """Name the member of the organisation who answers for young people in a role.

    Raises:
        NotFound, NotAllowed: see `opportunities.queries.role_to_manage`.
        Conflict: they are no adult member (names the field `person`).
    """
    async with db.transaction(once):
        role, opportunity = await opportunities.role_to_manage(actor, role_id, lock=True)
        organisation = opportunity.organisation_id
        if person_id not in {id for id, _ in await adults.nameable(organisation)}:
            raise Conflict("Choose an adult who belongs to your organisation", field="person")
        await db.execute(
            "UPDATE named_adult SET ended_at = {} WHERE role_id = {} AND ended_at IS NULL",
            clock.now(),
            role.id,
        )
        adult = NamedAdult(
            role_id=role.id,
            organisation_id=organisation,
            person_id=person_id,
            named_by=actor.person_id,
        )
        await adult.save()
        await audit.record(
            Event.ADULT_NAMED,
            "named_adult",
            adult.id,
            by=actor,
            organisation=organisation,
            data={"role": str(role.id), "person": str(person_id)},
        )
        await doubts.recheck_role(actor, role_id)


async def _require_guardian(actor: Actor, asked: ConsentView) -> None:
    if actor.is_self(asked.person_id) or not await has_address(
        actor.require_person(), asked.guardian_email or ""
    ):
        raise NotAllowed(
            f"This was sent to {masked(asked.guardian_email or '')}. Sign in with that address, so"
            " that we know it is you."
        )
