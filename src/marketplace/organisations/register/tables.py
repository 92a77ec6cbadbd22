"""The mirror of the register of charities."""

from piccolo.columns import Array, BigInt, Date, Integer, Text
from piccolo.table import Table

from marketplace.db.tags import impersonal, not_personal, personal

_register = not_personal("what the public register says of a charity")
# A small charity's address is often a trustee's home.
_reach = personal("third-party", keep="until the next import without it")


class RegisterCharity(Table, tablename="register_charity"):
    """One entry of the register; the column that the database makes itself is left out."""

    organisation_number = Integer(primary_key=True, default=None)
    registered_number = Integer(default=None)
    linked_number = Integer(default=None)
    name = _register(Text())
    search_name = _register(Text())
    charity_type = _register(Text())
    status = _register(Text())
    registered_on = _register(Date(null=True, default=None))
    removed_on = _register(Date(null=True, default=None))
    reporting_status = _register(Text())
    period_end = _register(Date(null=True, default=None))
    income_pence = BigInt(null=True, default=None)
    address = _reach(Array(base_column=Text()))
    postcode = _reach(Text())
    web = _register(Text())
    company_number = _register(Text())
    activities = _register(Text())
    extracted_on = _register(Date(null=True, default=None))


@impersonal("single words of charities' names")
class RegisterWord(Table, tablename="register_word"):
    """A word of the names on the register, and how many names have it."""

    word = Text(primary_key=True)
    names = Integer(default=0)
