"""The shapes of agreeing and of a withdrawal."""

from typing import ClassVar
from uuid import UUID

from marketplace.accounts.consents.rules import Channel, Purpose
from marketplace.web.forms import Form


class WithdrawalForm(Form):
    """Which agreement is taken back."""

    labels: ClassVar = {"organisation": "the organisation"}

    organisation: UUID | None = None
    purpose: Purpose
    channel: Channel
