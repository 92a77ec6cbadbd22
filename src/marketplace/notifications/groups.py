"""Mail about groups: links to those who are named, and word to captains and coordinators."""

from marketplace import mail
from marketplace.accounts.queries import names
from marketplace.audit import Entry, Reaction
from marketplace.errors import NotFound
from marketplace.mail import Mail, Recipient
from marketplace.notifications.telling import coordinators, key, tell
from marketplace.signing import sign
from marketplace.volunteering.groups import queries
from marketplace.volunteering.groups.queries import GroupView
from marketplace.volunteering.groups.rules import LINK, Event, SeatState


async def reserved(entry: Entry) -> None:
    """Tell the coordinators that a group comes."""
    group = await _group(entry)
    if group is not None:
        people = await coordinators(group.organisation_id)
        await tell(entry, people, "groups/reserved", group=group)


async def named(entry: Entry) -> None:
    """Send somebody who was named their link."""
    seat = await queries.seat(entry.subject_id)
    if seat is None or seat.state is not SeatState.NAMED or seat.email is None:
        return
    group = await queries.group(seat.group_id)
    await mail.send(
        Mail(
            key(entry, "groups/named"),
            Recipient(seat.email, seat.name),
            "groups/named",
            {
                "group": group,
                "captain": (await names([group.captain_id]))[group.captain_id],
                "path": f"/seats/{sign(LINK, seat.id)}",
            },
        )
    )


async def answered(entry: Entry) -> None:
    """Tell the captain what somebody who was named answered."""
    seat = await queries.seat(entry.subject_id)
    if seat is not None:
        group = await queries.group(seat.group_id)
        await tell(entry, [group.captain_id], "groups/answered", group=group, seat=seat)


async def lapsing(entry: Entry) -> None:
    """Tell the captain a week ahead that places without a name lapse."""
    group = await _group(entry)
    if group is not None and group.unnamed:
        await tell(entry, [group.captain_id], "groups/lapsing", group=group, places=group.unnamed)


async def lapsed(entry: Entry) -> None:
    """Tell the captain that places are everybody's again."""
    group = await _group(entry)
    if group is not None:
        places = entry.data.get("seats", 0)
        await tell(entry, [group.captain_id], "groups/lapsed", group=group, places=places)


async def _group(entry: Entry) -> GroupView | None:
    try:
        found = await queries.group(entry.subject_id)
    except NotFound:
        return None
    return None if found.cancelled else found


REACTIONS = [
    Reaction(Event.RESERVED, "mail: a group keeps places", reserved),
    Reaction(Event.SEAT_NAMED, "mail: a place is kept for you in a group", named),
    Reaction(Event.SEAT_ACCEPTED, "mail: somebody of your group said yes", answered),
    Reaction(Event.SEAT_DECLINED, "mail: somebody of your group said no", answered),
    Reaction(Event.LAPSING, "mail: places of your group lapse soon", lapsing),
    Reaction(Event.LAPSED, "mail: places of your group lapsed", lapsed),
]
