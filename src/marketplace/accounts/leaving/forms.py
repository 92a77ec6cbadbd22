"""The shape of leaving."""

from typing import Annotated, ClassVar

from pydantic import Field

from marketplace.accounts.forms import Tried
from marketplace.web.forms import Form, Tick


class LeaveForm(Form):
    """Leave for good: with the password, and a tick."""

    labels: ClassVar = {"password": "your password", "sure": "that you are sure"}
    password: Annotated[Tried, Field(min_length=1)]
    sure: Tick = False
