"""Who may do what: denied unless a role below allows it.

A permission asks *who*; `Moves` asks *when*. Handlers, operations and templates all ask the same
`Actor.can`, so that a button is never shown that would be refused, nor a refusal forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from marketplace.errors import NotAllowed, NotFound, SignInRequired


class OrgRole(StrEnum):
    """What a person is in one organisation; one role a person and organisation."""

    OWNER = "owner"
    COORDINATOR = "coordinator"
    LIBRARIAN = "librarian"
    GRANTS_OFFICER = "grants_officer"
    ASSESSOR = "assessor"
    FINANCE = "finance"
    TRUSTEE = "trustee"
    MEMBER = "member"


class PlatformRole(StrEnum):
    """What a person is for the whole place."""

    MODERATOR = "moderator"
    BROKER = "broker"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """Everything that is not open to anybody."""

    VIEW_WORKSPACE = "workspace:view"
    VIEW_PEOPLE = "people:view"
    INVITE_PEOPLE = "people:invite"
    EDIT_ORGANISATION = "organisation:edit"
    VIEW_DRAFTS = "opportunities:view-drafts"
    WRITE_OPPORTUNITIES = "opportunities:write"
    VIEW_ROSTER = "roster:view"
    CONFIRM_HOURS = "hours:confirm"
    SCREEN_VOLUNTEERS = "volunteers:screen"
    RECORD_CHECKS = "checks:record"
    WRITE_TO_VOLUNTEERS = "volunteers:write-to"
    VIEW_EXPENSES = "expenses:view"
    APPROVE_EXPENSES = "expenses:approve"
    WRITE_THINGS = "things:write"
    LEND_THINGS = "things:lend"
    WRITE_FUNDS = "funds:write"
    VIEW_APPLICATIONS = "applications:view"
    DECIDE_AWARDS = "awards:decide"
    WRITE_APPLICATIONS = "applications:write"
    VIEW_OWN_APPLICATIONS = "applications:view-own"

    MODERATE_ORGANISATIONS = "organisations:moderate"
    MODERATE_OPPORTUNITIES = "opportunities:moderate"
    MOVE_IN = "imports:run"
    ASSIST_PEOPLE = "people:assist"
    RUN_CAMPAIGNS = "campaigns:run"
    CORRECT_BIRTH_DATES = "people:correct-birth-date"
    VIEW_JOBS = "jobs:view"
    VIEW_HISTORY = "history:view"
    GRANT_PLATFORM_ROLES = "platform-roles:grant"
    SUSPEND_PEOPLE = "people:suspend"


_READ = frozenset({Permission.VIEW_WORKSPACE, Permission.VIEW_DRAFTS, Permission.VIEW_PEOPLE})
# An organisation may give grants and ask for them: what it received, and what it sent.
_APPLY = frozenset({Permission.WRITE_APPLICATIONS, Permission.VIEW_OWN_APPLICATIONS})
_OVERSEE_GRANTS = frozenset({Permission.VIEW_APPLICATIONS, Permission.VIEW_OWN_APPLICATIONS})
_GIVE_GRANTS = frozenset(
    {Permission.WRITE_FUNDS, Permission.VIEW_APPLICATIONS, Permission.DECIDE_AWARDS}
)
_LEAD_VOLUNTEERS = frozenset(
    {
        Permission.WRITE_OPPORTUNITIES,
        Permission.VIEW_ROSTER,
        Permission.CONFIRM_HOURS,
        Permission.SCREEN_VOLUNTEERS,
        Permission.RECORD_CHECKS,
        Permission.WRITE_TO_VOLUNTEERS,
        Permission.VIEW_EXPENSES,
    }
)
_ORG_ROLES: Mapping[OrgRole, frozenset[Permission]] = MappingProxyType(
    {
        OrgRole.OWNER: _READ
        | _GIVE_GRANTS
        | _APPLY
        | _LEAD_VOLUNTEERS
        | {
            Permission.INVITE_PEOPLE,
            Permission.EDIT_ORGANISATION,
            Permission.APPROVE_EXPENSES,
            Permission.WRITE_THINGS,
            Permission.LEND_THINGS,
        },
        OrgRole.COORDINATOR: _READ | _APPLY | _LEAD_VOLUNTEERS | {Permission.LEND_THINGS},
        OrgRole.LIBRARIAN: _READ | {Permission.WRITE_THINGS, Permission.LEND_THINGS},
        OrgRole.GRANTS_OFFICER: _READ | _GIVE_GRANTS | _APPLY,
        OrgRole.ASSESSOR: frozenset({Permission.VIEW_WORKSPACE}),
        OrgRole.FINANCE: _READ
        | _OVERSEE_GRANTS
        | {Permission.VIEW_EXPENSES, Permission.APPROVE_EXPENSES},
        # Trustees answer for the organisation: they read all of it but no volunteer's details.
        OrgRole.TRUSTEE: _READ | _OVERSEE_GRANTS,
        OrgRole.MEMBER: frozenset({Permission.VIEW_WORKSPACE}),
    }
)
_PLATFORM_ROLES: Mapping[PlatformRole, frozenset[Permission]] = MappingProxyType(
    {
        PlatformRole.MODERATOR: frozenset(
            {
                Permission.MODERATE_ORGANISATIONS,
                Permission.MODERATE_OPPORTUNITIES,
                Permission.CORRECT_BIRTH_DATES,
                Permission.VIEW_WORKSPACE,
                Permission.VIEW_DRAFTS,
            }
        ),
        PlatformRole.BROKER: frozenset(
            {
                Permission.VIEW_WORKSPACE,
                Permission.VIEW_DRAFTS,
                Permission.MOVE_IN,
                Permission.ASSIST_PEOPLE,
                Permission.RUN_CAMPAIGNS,
            }
        ),
        PlatformRole.ADMINISTRATOR: frozenset(
            {
                Permission.MODERATE_ORGANISATIONS,
                Permission.MODERATE_OPPORTUNITIES,
                Permission.CORRECT_BIRTH_DATES,
                Permission.VIEW_WORKSPACE,
                Permission.VIEW_DRAFTS,
                Permission.MOVE_IN,
                Permission.RUN_CAMPAIGNS,
                Permission.VIEW_JOBS,
                Permission.VIEW_HISTORY,
                Permission.GRANT_PLATFORM_ROLES,
                Permission.SUSPEND_PEOPLE,
            }
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks: a person with roles, somebody unknown, or the system itself.

    `belongs_to` names the organisations of `memberships`, for menus. In those of `acting_for` a
    broker may do what a coordinator may; `on_behalf_of` is the person somebody acts for.
    """

    person_id: UUID | None = None
    name: str = ""
    email_confirmed: bool = False
    platform: frozenset[PlatformRole] = frozenset()
    memberships: Mapping[UUID, OrgRole] = field(default_factory=dict[UUID, OrgRole])
    belongs_to: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    session_id: UUID | None = None
    system: bool = False
    acting_for: frozenset[UUID] = frozenset()
    on_behalf_of: UUID | None = None

    @property
    def signed_in(self) -> bool:
        """Tell whether we know who this is."""
        return self.person_id is not None

    def can(self, permission: Permission, organisation: UUID | None = None) -> bool:
        """Tell whether a role of this actor allows it, there or for the whole place."""
        if any(permission in _PLATFORM_ROLES[role] for role in self.platform):
            return True
        role = self.memberships.get(organisation) if organisation else None
        if role is None and organisation in self.acting_for:
            role = OrgRole.COORDINATOR
        return role is not None and permission in _ORG_ROLES[role]

    def acts_for(self, organisation: UUID | None) -> UUID | None:
        """Give whom an act in an organisation is done for, beside the actor; None for nobody."""
        if organisation in self.acting_for and organisation not in self.memberships:
            return organisation
        return self.on_behalf_of

    def require(self, permission: Permission, organisation: UUID | None = None) -> None:
        """Refuse unless allowed.

        Raises:
            SignInRequired: we do not know who this is.
            NotAllowed: no role of theirs allows it.
        """
        if self.can(permission, organisation):
            return
        self.require_person()
        raise NotAllowed()

    def require_to_know(self, permission: Permission, organisation: UUID | None = None) -> None:
        """Refuse unless allowed, without telling that there is anything to be refused.

        Raises:
            SignInRequired: we do not know who this is.
            NotFound: no role of theirs allows it.
        """
        if not self.can(permission, organisation):
            self.require_person()
            raise NotFound()

    def require_person(self) -> UUID:
        """Give the person's id.

        Raises:
            SignInRequired: nobody is signed in.
        """
        if self.person_id is None:
            raise SignInRequired()
        return self.person_id

    def is_self(self, person_id: UUID) -> bool:
        """Tell whether this actor is that person."""
        return self.person_id is not None and self.person_id == person_id

    def where(self, permission: Permission) -> frozenset[UUID]:
        """Give the organisations in which a role of this actor allows it."""
        own = {
            organisation
            for organisation, role in self.memberships.items()
            if permission in _ORG_ROLES[role]
        }
        acting = permission in _ORG_ROLES[OrgRole.COORDINATOR]
        return frozenset(own | (self.acting_for - set(self.memberships) if acting else set()))


ANONYMOUS = Actor()
SYSTEM = Actor(name="The marketplace", system=True)
