"""Tables of accounts; migrations/marketplace_0003_accounts.py makes them."""

from piccolo.columns import UUID, Array, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from marketplace.db.tags import personal
from marketplace.ids import new_id
from marketplace.permissions import PlatformRole
from marketplace.places.columns import GridPoint


class Person(Table):
    """Somebody with an account.

    `email` is normalised and unique, `email_typed` is how mail is addressed; both are None for
    somebody who left. `point` is that of `postcode`, which may also be a town's name. `born_on` is
    shown to nobody else; `born_corrected_at` is when they used their one own correction of it.
    `unclaimed_since` is set for whom an import brought; `assisted_by` signed up somebody who may
    have no e-mail address.
    """

    id = UUID(primary_key=True, default=new_id)
    email = personal("subject", keep="account")(Text(null=True, default=None))
    email_typed = personal("subject", keep="account")(Text(null=True, default=None))
    name = personal("subject", keep="account")(Text())
    password_hash = personal("secret", keep="account")(Text(null=True, default=None, secret=True))
    email_confirmed_at = Timestamptz(null=True, default=None)
    credential_version = Integer(default=1)
    postcode = personal("subject", keep="account")(Text())
    point = personal("subject", keep="account")(GridPoint())
    skills = personal("subject", keep="account")(Array(Text()))
    causes = personal("subject", keep="account")(Array(Text()))
    onward = personal("subject", keep="until the address is confirmed")(Text())
    born_on = personal("subject", keep="account")(Date(null=True, default=None))
    born_corrected_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    suspended_at = Timestamptz(null=True, default=None)
    anonymised_at = Timestamptz(null=True, default=None)
    unclaimed_since = Timestamptz(null=True, default=None)
    assisted_by = UUID(null=True, default=None)
    assisted_at = Timestamptz(null=True, default=None)


class Session(Table):
    """A browser in which a person is signed in; `token_hash` is SHA-256 of the cookie's token."""

    id = UUID(primary_key=True, default=new_id)
    person_id = ForeignKey(Person, null=False, default=None)
    token_hash = personal("secret", keep="60 days at most")(Bytea(secret=True))
    device = personal("subject", keep="60 days at most")(Text())
    created_at = Timestamptz(default=TimestamptzNow())
    seen_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=None)


class PlatformRoleRow(Table, tablename="platform_role"):
    """What a person is for the whole place."""

    id = UUID(primary_key=True, default=new_id)
    person_id = ForeignKey(Person, null=False, default=None)
    role = Text(choices=PlatformRole)
