"""The shape of an invitation and of a change of role."""

from typing import ClassVar

from marketplace.organisations.rules import ROLE_LABELS
from marketplace.permissions import OrgRole
from marketplace.web.forms import Email, Form

ROLES = [(role.value, label, hint) for role, (label, hint) in ROLE_LABELS.items()]


class InviteForm(Form):
    """Whom to invite, and as what."""

    labels: ClassVar = {"email": "the e-mail address of the person", "role": "a role"}
    sentences: ClassVar = {("role", "missing"): "Choose a role", ("role", "enum"): "Choose a role"}

    email: Email
    role: OrgRole


class RoleForm(Form):
    """A member's new role."""

    sentences: ClassVar = {("role", "missing"): "Choose a role", ("role", "enum"): "Choose a role"}

    role: OrgRole
