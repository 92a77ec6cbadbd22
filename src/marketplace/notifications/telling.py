"""Who is told, and telling several people so that one bad address does not silence the rest."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from marketplace import db, mail
from marketplace.accounts.consents import queries as consents
from marketplace.accounts.consents.operations import link
from marketplace.accounts.consents.rules import Purpose
from marketplace.accounts.queries import contact
from marketplace.audit import Entry
from marketplace.mail import Attachment, Mail
from marketplace.volunteering.assisted.operations import note


async def tell(
    entry: Entry,
    people: Iterable[UUID],
    template: str,
    *,
    attached: Sequence[Attachment] = (),
    **context: Any,
) -> None:
    """Send one message of an event to each of some people; those who left get none.

    Raises:
        mail.Temporary: one could not be handed over now; the others were tried all the same.
    """
    await each(
        _tell(entry, person, template, context, attached) for person in dict.fromkeys(people)
    )


async def tell_agreed(
    entry: Entry,
    organisation_id: UUID | None,
    purpose: Purpose,
    people: Iterable[UUID],
    template: str,
    **context: Any,
) -> None:
    """Send what needs consent to those of some people who agreed to it, with a way to stop it.

    Without organisation it is the place itself that writes.

    Raises:
        mail.Temporary: one could not be handed over now; the others were tried all the same.
    """
    asked = list(dict.fromkeys(people))
    agreed = await consents.agreed(purpose, organisation_id, asked)
    await each(
        _tell(entry, person, template, context, stop=link(person, organisation_id, purpose))
        for person in asked
        if person in agreed
    )


async def each(sends: Iterable[Awaitable[None]]) -> None:
    """Send one message after the other, also those after one that cannot go now.

    Raises:
        mail.Temporary: at least one cannot go now; the last of those is raised.
    """
    failed: mail.Temporary | None = None
    for send in sends:
        try:
            await send
        except mail.Temporary as error:
            failed = error
    if failed is not None:
        raise failed


async def _tell(
    entry: Entry,
    person: UUID,
    template: str,
    context: Mapping[str, Any],
    attached: Sequence[Attachment] = (),
    stop: str = "",
) -> None:
    to = await contact(person)
    name = key(entry, template, person)
    if to is None:
        # Somebody without e-mail is told by letter or phone; of anybody else nothing is noted.
        booking = context.get("booking")
        await note(person, name, template, getattr(booking, "booking_id", None))
    else:
        await mail.send(Mail(name, to, template, context, attached=attached, unsubscribe=stop))


def key(entry: Entry, template: str, person: UUID | None = None) -> str:
    """Name a message by what caused it, what it says and, where one is known, to whom."""
    return ":".join(filter(None, (str(entry.id), template, str(person or ""))))


async def moderators() -> list[UUID]:
    """Give who moderates this place; its administrators where nobody does."""
    return await _first(
        "SELECT r.person_id, r.role = 'moderator' AS first FROM platform_role r"
        " JOIN person p ON p.id = r.person_id AND p.suspended_at IS NULL"
        " WHERE r.role IN ('moderator', 'administrator') ORDER BY p.created_at, p.id"
    )


async def coordinators(organisation_id: UUID) -> list[UUID]:
    """Give who coordinates an organisation's volunteers; its owners where nobody does."""
    return await _first(
        "SELECT m.person_id, m.role = 'coordinator' AS first FROM membership m"
        " JOIN person p ON p.id = m.person_id AND p.suspended_at IS NULL"
        " WHERE m.organisation_id = {} AND m.role IN ('coordinator', 'owner')"
        " ORDER BY m.since, m.id",
        organisation_id,
    )


async def approvers(organisation_id: UUID) -> list[UUID]:
    """Give who answers for an organisation's money; its owners where nobody else does."""
    return await _first(
        "SELECT m.person_id, m.role = 'finance' AS first FROM membership m"
        " JOIN person p ON p.id = m.person_id AND p.suspended_at IS NULL"
        " WHERE m.organisation_id = {} AND m.role IN ('finance', 'owner')"
        " ORDER BY m.since, m.id",
        organisation_id,
    )


async def _first(sql: str, *values: Any) -> list[UUID]:
    rows = await db.fetch(sql, *values)
    first = [row["person_id"] for row in rows if row["first"]]
    return first or [row["person_id"] for row in rows]
