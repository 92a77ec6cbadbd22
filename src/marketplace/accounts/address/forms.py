"""The shape of asking for another address."""

from typing import Annotated, ClassVar

from pydantic import Field

from marketplace.accounts.forms import Tried
from marketplace.web.forms import Email, Form


class AddressChangeForm(Form):
    """The new address, and the password."""

    labels: ClassVar = {"email": "your new e-mail address", "password": "your password"}
    email: Email
    password: Annotated[Tried, Field(min_length=1)]
