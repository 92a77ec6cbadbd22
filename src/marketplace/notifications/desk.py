"""Mail that asks whether somebody can fill a shift: only to those who agreed, with a way out."""

from marketplace import clock
from marketplace.accounts.consents.rules import Purpose
from marketplace.audit import Entry, Reaction
from marketplace.notifications.telling import tell_agreed
from marketplace.signing import sign
from marketplace.volunteering.desk.operations import LINK_PURPOSE
from marketplace.volunteering.desk.queries import ask
from marketplace.volunteering.desk.rules import Event


async def asked(entry: Entry) -> None:
    """Ask somebody, unless they answered meanwhile or the shift has begun."""
    found = await ask(entry.subject_id)
    if found.answer is not None or found.starts_at <= clock.now():
        return
    await tell_agreed(
        entry,
        found.organisation_id,
        Purpose.FILL_SHIFT,
        [found.person_id],
        "desk/ask",
        ask=found,
        path=f"/shift-asks/{sign(LINK_PURPOSE, found.id)}",
    )


REACTIONS = [Reaction(Event.ASKED, "mail: can you fill a shift", asked)]
