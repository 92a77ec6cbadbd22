"""Organisations, memberships and invitations. The charity register's mirror stands in register."""

from piccolo.columns import UUID, Array, BigInt, Boolean, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id
from marketplace.organisations.rules import InvitationState, Kind, State
from marketplace.permissions import OrgRole
from marketplace.places.columns import GridPoint

_public = not_personal("what an organisation says of itself in public")
# A small group is often reached at somebody's home, so these may be a person's own.
_reach = personal("third-party", keep="while the organisation is listed")


class Organisation(Table):
    """A charity, group or public body that registered here.

    From `trusted_at` on its opportunities are public without a moderator looking first.
    `replies` and `reply_minutes`, their median, are of the last 90 days; a schedule counts them.
    """

    id = UUID(primary_key=True, default=new_id)
    name = _public(Text())
    kind = Text(choices=Kind)
    charity_number = _public(Text(null=True, default=None))
    company_number = _public(Text(null=True, default=None))
    state = Text(choices=State)
    moderator_note = not_personal("about the registration, written to the organisation")(Text())
    summary = _public(Text())
    description = _public(Text())
    causes = _public(Array(base_column=Text()))
    address = _reach(Text())
    town = _public(Text())
    postcode = _reach(Text())
    point = not_personal("where its postcode lies")(GridPoint())
    website = _public(Text())
    contact_email = _reach(Text())
    contact_phone = _reach(Text())
    image_id = UUID(null=True, default=None)
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz()
    submitted_at = Timestamptz(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    trusted_at = Timestamptz(null=True, default=None)
    away_until = _public(Date(null=True, default=None))
    replies = Integer(default=0)
    reply_minutes = Integer(null=True, default=None)


class Membership(Table):
    """One person's one role in one organisation."""

    id = UUID(primary_key=True, default=new_id)
    organisation_id = UUID()
    person_id = UUID()
    role = Text(choices=OrgRole)
    since = Timestamptz()


class ActingConsent(Table):
    """That an organisation lets brokers act for it, or no longer: append-only, the last counts."""

    id = UUID(primary_key=True, default=new_id)
    number = BigInt()
    organisation_id = UUID()
    given = Boolean(default=True)
    by_person = UUID()
    at = Timestamptz()


class Invitation(Table):
    """A membership offered to an e-mail address; `version` kills the links of earlier messages."""

    id = UUID(primary_key=True, default=new_id)
    organisation_id = UUID()
    email = personal("third-party", keep="30 days after it was answered or expired")(Text())
    role = Text(choices=OrgRole)
    state = Text(choices=InvitationState)
    version = Integer(default=1)
    invited_by = UUID(null=True, default=None)
    created_at = Timestamptz()
    expires_at = Timestamptz(default=None)
