"""Mail about opportunities: to moderators, and to those who run them."""

from uuid import UUID

from marketplace.audit import Entry, Reaction
from marketplace.errors import NotFound
from marketplace.notifications.telling import coordinators, each, moderators, tell
from marketplace.organisations.queries import organisation, owners
from marketplace.organisations.rules import Event as Organisations
from marketplace.permissions import SYSTEM
from marketplace.volunteering.opportunities import queries, still_open
from marketplace.volunteering.opportunities.queries import OpportunityView
from marketplace.volunteering.rules import Event, OpportunityState


async def submitted(entry: Entry) -> None:
    """Tell the moderators that an opportunity waits for them."""
    found = await _in(entry, OpportunityState.SUBMITTED)
    if found is not None:
        await _tell_moderators(entry, found, "opportunities/submitted")


async def changed(entry: Entry) -> None:
    """Tell the moderators that what they accepted says something else now."""
    found = await _in(entry, OpportunityState.OPEN)
    if found is not None and found.recheck_since is not None and not found.trusted:
        await _tell_moderators(entry, found, "opportunities/changed")


async def accepted(entry: Entry) -> None:
    """Tell those who run it that it is public; a change that stands is no news."""
    found = await _in(entry, OpportunityState.OPEN)
    if found is not None and not entry.data.get("again"):
        await _tell_coordinators(entry, found, "opportunities/accepted")


async def returned(entry: Entry) -> None:
    """Tell those who run it what a moderator asks them to change."""
    found = await _in(entry, OpportunityState.NEEDS_WORK)
    if found is not None:
        await _tell_coordinators(entry, found, "opportunities/returned")


async def asked_about(entry: Entry) -> None:
    """Ask each of those who run it whether it is still open, with a link of their own."""
    found = await _in(entry, OpportunityState.OPEN)
    if found is not None and found.asked_at is not None:
        await each(
            _ask(entry, found, person) for person in await coordinators(found.organisation_id)
        )


async def _ask(entry: Entry, found: OpportunityView, person: UUID) -> None:
    path = f"/opportunities/still-open/{still_open.link(found, person)}"
    await tell(entry, [person], "opportunities/still_open", opportunity=found, path=path)


async def expired(entry: Entry) -> None:
    """Tell those who run it that it was taken down, and how it comes back."""
    found = await _in(entry, OpportunityState.EXPIRED)
    if found is not None:
        await _tell_coordinators(entry, found, "opportunities/expired")


async def trusted(entry: Entry) -> None:
    """Tell the owners that what they post is public at once."""
    await _tell_owners(entry, trusted=True, template="opportunities/trusted")


async def trust_ended(entry: Entry) -> None:
    """Tell the owners that a moderator looks first from now on."""
    await _tell_owners(entry, trusted=False, template="opportunities/trust_ended")


async def _in(entry: Entry, state: OpportunityState) -> OpportunityView | None:
    """Give the opportunity an event is about, None where it has moved on meanwhile."""
    try:
        found = await queries.opportunity(SYSTEM, entry.subject_id)
    except NotFound:
        return None
    return found if found.state is state else None


async def _tell_moderators(entry: Entry, found: OpportunityView, template: str) -> None:
    await tell(entry, await moderators(), template, opportunity=found)


async def _tell_coordinators(entry: Entry, found: OpportunityView, template: str) -> None:
    people = await coordinators(found.organisation_id)
    await tell(entry, people, template, opportunity=found)


async def _tell_owners(entry: Entry, *, trusted: bool, template: str) -> None:
    found = await organisation(SYSTEM, entry.subject_id)
    if (found.trusted_at is not None) is trusted:
        await tell(entry, await owners(found.id), template, organisation=found)


REACTIONS = [
    Reaction(Event.OPPORTUNITY_SUBMITTED, "mail: an opportunity waits", submitted),
    Reaction(Event.OPPORTUNITY_RECHECK_WANTED, "mail: an accepted one changed", changed),
    Reaction(Event.OPPORTUNITY_ACCEPTED, "mail: the opportunity is accepted", accepted),
    Reaction(Event.OPPORTUNITY_RETURNED, "mail: the opportunity needs work", returned),
    Reaction(Event.OPPORTUNITY_ASKED_ABOUT, "mail: is it still open", asked_about),
    Reaction(Event.OPPORTUNITY_EXPIRED, "mail: the opportunity expired", expired),
    Reaction(Organisations.TRUSTED, "mail: the organisation is trusted", trusted),
    Reaction(Organisations.TRUST_ENDED, "mail: a moderator looks first again", trust_ended),
]
