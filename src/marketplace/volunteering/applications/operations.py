"""Writing an application, sending it, and taking it back: verbs of whoever applies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from marketplace import clock, db
from marketplace.accounts.sessions import hash_of, new_token
from marketplace.db import Once
from marketplace.errors import Conflict
from marketplace.permissions import Actor
from marketplace.questions import operations as questions
from marketplace.questions import queries as stored
from marketplace.questions.rules import Subject
from marketplace.rate_limits import Limit, count
from marketplace.volunteering.applications import queries, references, sent, steps
from marketplace.volunteering.applications.deciding import by_rules
from marketplace.volunteering.applications.queries import Screened
from marketplace.volunteering.applications.references import REFERENCES, Named
from marketplace.volunteering.applications.rules import (
    MOVES,
    OWN_DRAFT,
    VISITORS_DRAFT,
    ApplicationState,
    Event,
    Outcome,
    misnamed,
    unfinished,
)
from marketplace.volunteering.applications.tables import Referee, RoleApplication

DRAFTS = Limit("application drafts address", 120, timedelta(hours=1))
_SUBJECT = Subject.ROLE_APPLICATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a page sent: answers by question; `referees` None leaves those that stand."""

    answers: Mapping[UUID, str]
    referees: Sequence[Named] | None = None


async def keep(
    actor: Actor,
    role: Screened,
    typed: Typed,
    *,
    token: str = "",
    client: str = "",
    once: Once | None = None,
) -> str:
    """Keep what was typed as a draft, complete or not.

    Gives the token of a visitor's draft, for the cookie of their browser; "" for a person.

    Raises:
        Conflict: the person's application is with the organisation or decided already; or a text
            cannot be kept at all.
        TooMany: a visitor's address keeps too many drafts.
    """
    if not actor.signed_in:
        await count(DRAFTS, client)
        token = token or new_token()
    async with db.transaction(once):
        draft = await (_own_draft(actor, role) if actor.signed_in else _visitors(token, role))
        versions = await stored.answers(_SUBJECT, draft)
        for question_id, text in typed.answers.items():
            there = versions.get(question_id)
            await questions.save(
                _SUBJECT,
                draft,
                question_id,
                text,
                seen=there.version if there else 0,
                page=None,
                by=actor.person_id,
                at=clock.now(),
            )
        if typed.referees is not None:
            await _name(draft, typed.referees)
    return "" if actor.signed_in else token


async def _own_draft(actor: Actor, role: Screened) -> UUID:
    person = actor.require_person()
    await steps.one_at_a_time(person)
    standing = await queries.standing(person, role.id)
    if standing is not None:
        if standing.state is ApplicationState.DRAFT:
            await _hold(standing.id)
            return standing.id
        if standing.state is ApplicationState.SUBMITTED or standing.holds(clock.now()):
            raise Conflict(
                "You have applied for this role already. See it under your applications."
            )
        if standing.state is ApplicationState.DECLINED:
            raise Conflict(
                f"{role.organisation_name} said no to you for this role. Your applications say why"
                " and what you can do."
            )
    return await _start(role, RoleApplication.person_id, person, OWN_DRAFT)


async def _visitors(token: str, role: Screened) -> UUID:
    found = await db.fetch_value(
        "SELECT id FROM role_application WHERE token_hash = {} AND role_id = {} FOR NO KEY UPDATE",
        hash_of(token),
        role.id,
    )
    if found is None:
        return await _start(role, RoleApplication.token_hash, hash_of(token), VISITORS_DRAFT)
    await _prolong(found, VISITORS_DRAFT)
    return found


async def _start(role: Screened, column: object, value: object, life: timedelta) -> UUID:
    draft = RoleApplication(
        {column: value},  # type: ignore[dict-item]
        role_id=role.id,
        organisation_id=role.organisation_id,
        expires_at=clock.now() + life,
    )
    with db.clashes(
        {
            "role_application_visitors": Conflict("This was saved a moment ago. Go on from there."),
            "role_application_one_open": Conflict("This was saved a moment ago. Go on from there."),
        }
    ):
        await draft.save()
    return draft.id


async def _hold(id: UUID) -> None:
    await db.execute("SELECT FROM role_application WHERE id = {} FOR NO KEY UPDATE", id)
    await _prolong(id, OWN_DRAFT)


async def _prolong(id: UUID, life: timedelta) -> None:
    await RoleApplication.update({RoleApplication.expires_at: clock.now() + life}).where(
        RoleApplication.id == id
    )


async def _name(draft: UUID, named: Sequence[Named]) -> None:
    await Referee.delete().where(Referee.application_id == draft)
    for position, each in enumerate(named, 1):
        if not each.empty:
            await Referee(
                application_id=draft,
                position=position,
                name=each.name,
                email=each.email,
                relationship=each.relationship,
            ).save()


async def submit(
    actor: Actor, role: Screened, *, own_email: str, once: Once | None = None
) -> tuple[UUID, Outcome | None]:
    """Send the actor's draft; gives its id and what the rules decided at once, if anything.

    Referees are asked unless it is blocked.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: the actor's address is not confirmed, there is nothing to send, or something is
            missing.
        TooMany: too many references were asked for today.
    """
    person = actor.require_person()
    if not actor.email_confirmed:
        raise Conflict(
            "Confirm your e-mail address first: open the link in the message we sent you."
            " Your answers are kept."
        )
    if role.references_wanted:
        await count(REFERENCES, str(person))
    async with db.transaction(once):
        await steps.one_at_a_time(person)
        standing = await queries.standing(person, role.id)
        if standing is None or standing.state is not ApplicationState.DRAFT:
            raise Conflict("There is nothing to send. “Your applications” shows what you sent.")
        id = standing.id
        await _hold(id)
        draft = await queries.draft_of(role.id, person=person)
        if draft is None:
            raise Conflict("What you typed was kept for too long and is gone. Apply again.")
        named = [(each.name, each.email, each.relationship) for each in draft.referees]
        if unfinished(await queries.asked(role.id), draft.answers) or (
            role.references_wanted
            and (len(named) < role.references_wanted or misnamed(named, own_email))
        ):
            raise Conflict("Something is still missing. Go back and finish it first.")
        if not role.references_wanted:
            await _name(id, ())
        await RoleApplication.update(
            {
                RoleApplication.state: MOVES.check(standing.state, ApplicationState.SUBMITTED),
                RoleApplication.submitted_at: clock.now(),
                RoleApplication.expires_at: None,
            }
        ).where(RoleApplication.id == id)
        application = await sent.own(actor, id)
        await steps.record(Event.SUBMITTED, actor, application)
        outcome = await by_rules(id)
        if outcome is None:
            await references.ask_all(actor, application)
        if once:
            once.answer(f"/my/applications/{id}")
    return id, outcome


async def withdraw(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Take back an application that is not decided.

    Raises:
        SignInRequired, NotFound: see `sent.own`.
        IllegalMove: it is decided, or withdrawn already.
    """
    async with db.transaction(once):
        application = await sent.own(actor, id, lock=True)
        await steps.withdraw(actor, application)


async def ask_review(actor: Actor, id: UUID, *, once: Once | None = None) -> None:
    """Have a person look at what a rule decided; no rule decides on it again.

    Raises:
        SignInRequired, NotFound: see `sent.own`.
        Conflict: no rule declined it.
    """
    async with db.transaction(once):
        application = await sent.own(actor, id, lock=True)
        if not application.reviewable:
            raise Conflict("A person decided on this application, or has still to decide.")
        with db.clashes(
            {"role_application_one_open": Conflict("You have begun another application for it.")}
        ):
            await RoleApplication.update(
                {
                    RoleApplication.state: MOVES.check(
                        application.state, ApplicationState.SUBMITTED
                    ),
                    RoleApplication.decided_at: None,
                    RoleApplication.by_hand_only: True,
                }
            ).where(RoleApplication.id == id)
        await steps.record(Event.REVIEW_ASKED, actor, application)
        await references.ask_all(actor, application)


async def adopt(person: UUID, *, token: str = "", draft_id: UUID | None = None) -> int:
    """Hand drafts that were typed before signing in to a person; gives how many.

    They are those of a browser's token, or the one that a signed address names. What was typed
    last wins over an older draft of the same person, whose texts stay as versions. Where the
    person has applied already, the draft is left to run out.
    """
    async with db.transaction():
        await steps.one_at_a_time(person)
        rows = await db.fetch(
            "SELECT id, role_id FROM role_application WHERE person_id IS NULL"
            " AND expires_at > now() AND (token_hash = {} OR id = {}) ORDER BY id FOR UPDATE",
            hash_of(token) if token else None,
            draft_id,
        )
        adopted = 0
        for row in rows:
            standing = await queries.standing(person, row["role_id"])
            if standing is not None and standing.state is ApplicationState.DRAFT:
                await _hold(standing.id)
                await _merge(person, row["id"], standing.id)
            elif standing is None or not (
                standing.state in {ApplicationState.SUBMITTED, ApplicationState.DECLINED}
                or standing.holds(clock.now())
            ):
                await RoleApplication.update(
                    {
                        RoleApplication.person_id: person,
                        RoleApplication.token_hash: None,
                        RoleApplication.expires_at: clock.now() + OWN_DRAFT,
                    }
                ).where(RoleApplication.id == row["id"])
            else:
                continue
            adopted += 1
    return adopted


async def _merge(person: UUID, visitors: UUID, own: UUID) -> None:
    before = await stored.answers(_SUBJECT, own)
    for question_id, typed in (await stored.answers(_SUBJECT, visitors)).items():
        if typed.value:
            there = before.get(question_id)
            await questions.save(
                _SUBJECT,
                own,
                question_id,
                typed.value,
                seen=there.version if there else 0,
                page=None,
                by=person,
                at=clock.now(),
            )
    if named := await sent.referees(visitors):
        await _name(own, [Named(each.name, each.email, each.relationship) for each in named])
    await steps.delete_draft(visitors)


async def forget_drafts(limit: int = 500) -> int:
    """Delete drafts that nobody sent in time, with all that was typed; gives how many."""
    async with db.transaction():
        rows = await db.fetch(
            "SELECT id FROM role_application WHERE state = 'draft' AND expires_at <= {}"
            " ORDER BY expires_at LIMIT {} FOR UPDATE SKIP LOCKED",
            clock.now(),
            limit,
        )
        for row in rows:
            await steps.delete_draft(row["id"])
    return len(rows)
