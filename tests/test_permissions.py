"""Roles: denied unless a role allows it, and only where the role is held."""

from uuid import uuid4

import pytest

from marketplace.errors import NotAllowed, SignInRequired
from marketplace.permissions import ANONYMOUS, Actor, OrgRole, Permission, PlatformRole

HERE, ELSEWHERE = uuid4(), uuid4()


def holding(role: OrgRole) -> Actor:
    return Actor(person_id=uuid4(), memberships={HERE: role})


@pytest.mark.parametrize("permission", list(Permission))
def test_somebody_unknown_may_do_nothing(permission: Permission):
    assert not ANONYMOUS.can(permission, HERE)
    with pytest.raises(SignInRequired):
        ANONYMOUS.require(permission, HERE)


@pytest.mark.parametrize("role", list(OrgRole))
@pytest.mark.parametrize("permission", list(Permission))
def test_a_role_in_one_organisation_is_worth_nothing_in_another(
    role: OrgRole, permission: Permission
):
    assert not holding(role).can(permission, ELSEWHERE)
    assert not holding(role).can(permission)


@pytest.mark.parametrize(
    "role", [r for r in OrgRole if r not in {OrgRole.OWNER, OrgRole.COORDINATOR}]
)
def test_only_owners_and_coordinators_see_who_is_coming(role: OrgRole):
    with pytest.raises(NotAllowed):
        holding(role).require(Permission.VIEW_ROSTER, HERE)
    assert holding(OrgRole.COORDINATOR).can(Permission.VIEW_ROSTER, HERE)


def test_a_trustee_only_reads():
    trustee = holding(OrgRole.TRUSTEE)
    allowed = {p for p in Permission if trustee.can(p, HERE)}
    assert allowed == {
        Permission.VIEW_WORKSPACE,
        Permission.VIEW_DRAFTS,
        Permission.VIEW_PEOPLE,
        Permission.VIEW_APPLICATIONS,
        Permission.VIEW_OWN_APPLICATIONS,
    }


@pytest.mark.parametrize("role", [OrgRole.COORDINATOR, OrgRole.TRUSTEE, OrgRole.MEMBER])
def test_only_owners_invite(role: OrgRole):
    assert not holding(role).can(Permission.INVITE_PEOPLE, HERE)
    assert holding(OrgRole.OWNER).can(Permission.INVITE_PEOPLE, HERE)


def test_only_administrators_see_jobs():
    roles = {r for r in PlatformRole if Actor(platform=frozenset({r})).can(Permission.VIEW_JOBS)}
    assert roles == {PlatformRole.ADMINISTRATOR}


def test_where_names_the_organisations_of_a_permission():
    actor = Actor(memberships={HERE: OrgRole.COORDINATOR, ELSEWHERE: OrgRole.TRUSTEE})
    assert actor.where(Permission.WRITE_OPPORTUNITIES) == {HERE}
