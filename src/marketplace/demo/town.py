"""A whole town out of one number: rows of every table, consistent with each other.

Pure: no database, no clock. The same number and instant give the same town.
"""

import random
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.demo import giving
from marketplace.demo.crowd import Crowd, Someone, make_crowd
from marketplace.demo.diaries import Diaries
from marketplace.demo.funding import LONG_HERE, Funding
from marketplace.demo.groups import GROUPS, Group
from marketplace.demo.loans import Loans
from marketplace.demo.maker import Maker, Rows
from marketplace.demo.programme import Programme
from marketplace.demo.scene import Scene
from marketplace.demo.shelves import Shelves
from marketplace.organisations.rules import INVITATION_LASTS, Event, InvitationState, State
from marketplace.permissions import OrgRole

NUMBER = 1189  # the year of the first charter to name a fair at Chelmsford, near enough
# Numbers that the register will not give out in this century.
FIRST_CHARITY = 9_910_001

_STREETS = ("High Street", "Mill Lane", "Church Road", "Station Road", "Quay Street", "The Green")
# What guests are invited as.
_ASKED = (OrgRole.LIBRARIAN, OrgRole.FINANCE, OrgRole.MEMBER, OrgRole.TRUSTEE)
# Parents first.
_ORDER = (
    *("person", "platform_role", "organisation", "membership", "invitation"),
    *("opportunity", "role", "series", "shift", "booking", "hours"),
    *("site", "opening_hours", "site_day", "thing", "unit", "reservation", "occupancy"),
    *("fund", "round", "criterion", "question", "application", "answer", "answer_version"),
    *("round_assessor", "declaration", "assessment", "score", "award", "decision", "commitment"),
    *(table for table in giving.TABLES if table != "series"),
    "history",
)


def make_town(now: datetime, password_hash: str, number: int = NUMBER) -> Rows:
    """Give the rows of every table of the town as it is at `now` (aware UTC), parents first."""
    maker = Maker(now, random.Random(number))  # noqa: S311 - a town, not a secret
    crowd = make_crowd(maker, password_hash)
    programme = Programme(maker)
    chosen = programme.choose()
    organisations: dict[str, dict[str, Any]] = {}
    for position, group in enumerate(GROUPS):
        people = crowd.staff[group.name]
        owner = people[0][0]
        organisation = _organisation(maker, crowd, group, position, owner)
        organisations[group.name] = organisation
        _members(maker, organisation, people)
        _invitations(maker, crowd, organisation, position, owner)
        (coordinator, *_) = crowd.of(group.name, OrgRole.COORDINATOR)
        for role in chosen[group.name]:
            programme.add(group, organisation, role, (coordinator.id, coordinator.name))
    garden = maker.rows["opportunity"][0]["id"]
    flagship = [shift for shift in programme.shifts if shift.opportunity_id == garden]
    flagship.sort(key=lambda shift: shift.row["starts_at"])
    diaries = Diaries(maker, crowd)
    diaries.fill(programme.shifts, flagship)
    Loans(maker, crowd, Shelves(maker, crowd, organisations).stock()).lend()
    Funding(maker, crowd, organisations).open()
    giving.give(Scene(maker, crowd, organisations, programme, diaries))
    maker.rows["history"].sort(key=lambda row: row["at"])
    return {table: maker.rows[table] for table in _ORDER}


def _organisation(
    maker: Maker, crowd: Crowd, group: Group, position: int, owner: Someone
) -> dict[str, Any]:
    chance = maker.chance
    state = State(group.state)
    created_at = maker.ago(5, 20)
    if state is State.APPROVED:
        # Who gave or got a grant was here before.
        created_at = maker.ago(780, 860) if group.name in LONG_HERE else maker.ago(180, 700)
    submitted_at = created_at + timedelta(hours=chance.uniform(1, 60))
    decided_at = submitted_at + timedelta(hours=chance.uniform(3, 50))
    number = group.charity_number or None
    if group.kind == "charity" and state is State.APPROVED:
        number = str(FIRST_CHARITY + position)
    slug = re.sub(r"[^a-z]+", "-", group.name.lower().replace("’", "")).strip("-")
    row = maker.add(
        "organisation",
        id=maker.id(created_at),
        name=group.name,
        kind=group.kind,
        charity_number=number,
        company_number=None,
        state=state.value,
        moderator_note=group.note,
        summary=group.summary,
        description=group.description,
        causes=group.causes,
        address=f"{chance.randint(1, 140)} {chance.choice(_STREETS)}, {group.town}",
        town=group.town,
        postcode=maker.postcode(group.outward),
        point=maker.near(group.town, 900),
        website=f"https://{slug}.example.org" if position % 3 else "",
        contact_email=f"hello@{slug}.example.org",
        # Ofcom keeps these numbers for drama.
        contact_phone=f"01632 960{chance.randint(0, 999):03d}" if position % 4 else "",
        created_by=owner.id,
        created_at=created_at,
        submitted_at=None if state is State.DRAFT else submitted_at,
        approved_at=decided_at if state is State.APPROVED else None,
        trusted_at=decided_at if state is State.APPROVED else None,
    )
    id, moderator = row["id"], crowd.known["Moderator"].id

    def tell(event: Event, at: datetime, by: UUID) -> None:
        maker.happened(event, "organisation", id, at, by=by, organisation=id)

    tell(Event.REGISTERED, created_at, owner.id)
    if state is not State.DRAFT:
        tell(Event.SUBMITTED, submitted_at, owner.id)
    decided = {
        State.APPROVED: Event.APPROVED,
        State.NEEDS_WORK: Event.RETURNED,
        State.REFUSED: Event.REFUSED,
    }.get(state)
    if decided:
        tell(decided, decided_at, moderator)
    return row


def _members(
    maker: Maker, organisation: dict[str, Any], people: list[tuple[Someone, OrgRole]]
) -> None:
    """Give everybody their role; all but the owner were invited."""
    owner = people[0][0]
    for person, role in people:
        since = organisation["created_at"]
        if role is not OrgRole.OWNER:
            asked_at = since + timedelta(hours=maker.chance.uniform(2, 40))
            since = asked_at + timedelta(hours=maker.chance.uniform(1, 48))
            _invitation(
                maker,
                organisation,
                owner,
                person.email,
                role,
                InvitationState.ACCEPTED,
                asked_at,
                (since, person.id),
            )
            maker.happened(
                Event.MEMBERSHIP_CHANGED,
                "organisation",
                organisation["id"],
                since,
                by=person.id,
                organisation=organisation["id"],
                **{"person": str(person.id), "from": None, "to": role.value},
            )
        maker.add(
            "membership",
            id=maker.id(since),
            organisation_id=organisation["id"],
            person_id=person.id,
            role=role.value,
            since=since,
        )


def _invitations(
    maker: Maker, crowd: Crowd, organisation: dict[str, Any], position: int, owner: Someone
) -> None:
    """Leave some invitations open, one too old, one declined, one withdrawn."""
    if organisation["state"] not in {State.APPROVED, State.SUBMITTED}:
        return
    guest = maker.chance.choice(crowd.volunteers)
    state, asked_at = InvitationState.OPEN, maker.ago(0.5, 9)
    match position:
        case 0:
            email = "newcomer@example.org"
        case 3:
            email, asked_at = guest.email, maker.ago(20, 40)
        case 5:
            email, state = guest.email, InvitationState.DECLINED
        case 8:
            email, state = guest.email, InvitationState.WITHDRAWN
        case _ if position % 5 == 1:
            email = guest.email
        case _:
            return
    answered = None
    if state is InvitationState.DECLINED:
        answered = (asked_at + timedelta(hours=5), guest.id)
    elif state is InvitationState.WITHDRAWN:
        answered = (asked_at + timedelta(hours=5), owner.id)
    role = OrgRole.COORDINATOR if position == 0 else _ASKED[position % len(_ASKED)]
    _invitation(maker, organisation, owner, email, role, state, asked_at, answered)


def _invitation(
    maker: Maker,
    organisation: dict[str, Any],
    owner: Someone,
    email: str,
    role: OrgRole,
    state: InvitationState,
    asked_at: datetime,
    answered: tuple[datetime, UUID] | None,
) -> None:
    row = maker.add(
        "invitation",
        id=maker.id(asked_at),
        organisation_id=organisation["id"],
        email=email,
        role=role.value,
        state=state.value,
        version=1,
        invited_by=owner.id,
        created_at=asked_at,
        expires_at=asked_at + INVITATION_LASTS,
    )
    id, place = row["id"], organisation["id"]
    maker.happened(
        Event.INVITATION_MADE,
        "invitation",
        id,
        asked_at,
        by=owner.id,
        organisation=place,
        version=1,
    )
    event = {
        InvitationState.ACCEPTED: Event.INVITATION_ACCEPTED,
        InvitationState.DECLINED: Event.INVITATION_DECLINED,
        InvitationState.WITHDRAWN: Event.INVITATION_WITHDRAWN,
    }.get(state)
    if event and answered:
        at, by = answered
        maker.happened(event, "invitation", id, at, by=by, organisation=place, role=role.value)
