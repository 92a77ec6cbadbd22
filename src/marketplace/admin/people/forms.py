"""The shape of what administrators do about somebody."""

from typing import ClassVar

from marketplace.accounts.rules import Suspension
from marketplace.permissions import PlatformRole
from marketplace.web.forms import Form, ShortLine, Tick


class FindForm(Form):
    """Whose address or number it is."""

    labels: ClassVar = {"who": "their e-mail address"}
    who: ShortLine


class SuspendForm(Form):
    """Why somebody is kept out; no words of one's own, because history holds none."""

    sentences: ClassVar = {
        ("reason", "missing"): "Choose why",
        ("reason", "enum"): "Choose why from the list",
    }
    reason: Suspension


class RoleForm(Form):
    """A role for the whole place."""

    sentences: ClassVar = {
        ("role", "missing"): "Choose a role",
        ("role", "enum"): "Choose a role from the list",
    }
    role: PlatformRole


class EraseForm(Form):
    """That they asked for it, and that it is meant."""

    sure: Tick = False
