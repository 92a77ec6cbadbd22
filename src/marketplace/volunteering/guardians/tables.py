"""The tables of consents and named adults; their constraints are in migration 0023."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id
from marketplace.volunteering.guardians.rules import FORGOTTEN_AFTER, ConsentState
from marketplace.volunteering.tables import Booking, Role

_guardian = personal(
    "third-party", keep=f"{FORGOTTEN_AFTER.days} days after the consent is over or unanswered"
)


class GuardianConsent(Table, tablename="guardian_consent"):
    """What a guardian is asked or agreed to, for one role or all of its organisation's.

    `version` makes older links die; `until` is the first day it does not count for.
    """

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(default=None)
    role_id = ForeignKey(Role, null=False)
    organisation_id = UUID(default=None)
    all_roles = Boolean(default=False)
    guardian_name = _guardian(Text())
    guardian_email = _guardian(Text(null=True, default=None))
    guardian_id = UUID(null=True, default=None)
    state = Text(choices=ConsentState, default=ConsentState.ASKED)
    version = Integer(default=1)
    asked_at = Timestamptz(default=clock.now)
    answered_at = Timestamptz(null=True, default=None)
    until = not_personal("when a consent ends; whose it is, the row's ids say")(
        Date(null=True, default=None)
    )
    warned_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)


class PlaceDoubt(Table, tablename="place_doubt"):
    """A place that age or consent did not allow since a change; `because` is why it was kept.

    It was kept for this minimum age and this day: a stricter change asks again.
    """

    id = UUID(primary_key=True, default=new_id)
    booking_id = ForeignKey(Booking, null=False)
    minimum_age = Integer()
    day = not_personal("the day of the shift")(Date())
    raised_at = Timestamptz(default=clock.now)
    kept_at = Timestamptz(null=True, default=None)
    kept_by = UUID(null=True, default=None)
    because = personal("subject", keep="account")(Text(default=""))


class NamedAdult(Table, tablename="named_adult"):
    """The member of an organisation who answers for the young people of a role."""

    id = UUID(primary_key=True, default=new_id)
    role_id = ForeignKey(Role, null=False)
    organisation_id = UUID(default=None)
    person_id = UUID(default=None)
    named_by = UUID(null=True, default=None)
    named_at = Timestamptz(default=clock.now)
    ended_at = Timestamptz(null=True, default=None)
