"""Members and invitations, with the real database."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories import a_person, acting, an_organisation

from marketplace import clock
from marketplace.errors import Conflict, IllegalMove, NotAllowed, NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.people import operations, queries
from marketplace.organisations.people.queries import Standing
from marketplace.organisations.rules import InvitationState, State
from marketplace.permissions import ANONYMOUS, OrgRole


async def two_owners():
    """Give an organisation with two owners, and the second one's actor."""
    second = await a_person(name="Second Owner")
    made = await an_organisation(members={OrgRole.OWNER: second})
    return made, second, acting(second, owner=made.id)


async def role_of(organisation, person):
    return (await queries.member(organisation.owner.actor, organisation.id, person.id)).role


async def an_invitation(made, email="sam@example.org", role=OrgRole.COORDINATOR):
    return await operations.invite(made.owner.actor, made.id, email=email, role=role)


# Roles


async def test_an_owner_changes_a_role(db):
    person = await a_person()
    made = await an_organisation(members={OrgRole.MEMBER: person})
    await operations.change_role(made.owner.actor, made.id, person.id, OrgRole.COORDINATOR)
    assert await role_of(made, person) is OrgRole.COORDINATOR


async def test_a_coordinator_changes_no_roles(db):
    person = await a_person()
    made = await an_organisation(members={OrgRole.COORDINATOR: person})
    with pytest.raises(NotAllowed):
        await operations.change_role(
            acting(person, coordinator=made.id), made.id, person.id, OrgRole.OWNER
        )


async def test_the_last_owner_is_not_demoted(db):
    made = await an_organisation()
    with pytest.raises(Conflict, match="always has an owner"):
        await operations.change_role(made.owner.actor, made.id, made.owner.id, OrgRole.MEMBER)


async def test_the_last_owner_does_not_leave(db):
    made = await an_organisation()
    with pytest.raises(Conflict, match="always has an owner"):
        await operations.remove(made.owner.actor, made.id, made.owner.id)


async def test_one_of_two_owners_leaves(db):
    made, second, actor = await two_owners()
    await operations.remove(actor, made.id, second.id)
    assert await organisations.owners(made.id) == [made.owner.id]


async def test_a_member_leaves_without_being_an_owner(db):
    person = await a_person()
    made = await an_organisation(members={OrgRole.MEMBER: person})
    await operations.remove(acting(person, member=made.id), made.id, person.id)
    assert not await queries.is_member(made.id, person.id)


async def test_a_member_removes_nobody_else(db):
    person, other = await a_person(), await a_person()
    made = await an_organisation(members={OrgRole.MEMBER: person, OrgRole.TRUSTEE: other})
    with pytest.raises(NotAllowed):
        await operations.remove(acting(person, member=made.id), made.id, other.id)


async def test_somebody_who_does_not_belong_is_not_found(db):
    made = await an_organisation()
    with pytest.raises(NotFound):
        await operations.change_role(
            made.owner.actor, made.id, (await a_person()).id, OrgRole.MEMBER
        )


async def both_leave(leave):
    """Let both owners of an organisation leave at once; say how many are left."""
    made, second, actor = await two_owners()
    await asyncio.gather(
        leave(made.owner.actor, made.id, made.owner.id),
        leave(actor, made.id, second.id),
        return_exceptions=True,
    )
    return len(await organisations.owners(made.id))


async def test_of_two_owners_who_leave_at_once_one_stays(db):
    for _ in range(10):
        assert await both_leave(operations.remove) == 1


async def test_the_race_is_real_without_the_lock(db):
    both_counted = asyncio.Barrier(2)

    async def unguarded(actor, organisation, person):
        async with db.transaction():
            left = await queries.count_owners(organisation, without=person)
            await both_counted.wait()
            if left:
                await db.execute("DELETE FROM membership WHERE person_id = {}", person)

    assert await both_leave(unguarded) == 0


# Inviting


async def test_an_invitation_is_open_for_fourteen_days(db):
    made = await an_organisation()
    found = await queries.invitation_by_id(await an_invitation(made))
    assert found is not None
    assert found.state is InvitationState.OPEN
    assert found.expires_at - found.created_at == timedelta(days=14)


async def test_history_of_an_invitation_has_no_address(db):
    made = await an_organisation()
    id = await an_invitation(made)
    row = await db.fetch_one("SELECT * FROM history WHERE subject_id = {}", id)
    assert row["data"] == {"version": 1}
    assert "sam@example.org" not in str(row)


async def test_an_address_is_invited_once_however_it_is_written(db):
    made = await an_organisation()
    await an_invitation(made)
    with pytest.raises(Conflict) as refused:
        await an_invitation(made, "Sam@Example.org")
    assert refused.value.field == "email"


async def test_a_member_is_not_invited(db):
    made = await an_organisation()
    with pytest.raises(Conflict, match="belongs"):
        await an_invitation(made, made.owner.email)


async def test_a_trustee_invites_nobody(db):
    person = await a_person()
    made = await an_organisation(members={OrgRole.TRUSTEE: person})
    with pytest.raises(NotAllowed):
        await operations.invite(
            acting(person, trustee=made.id), made.id, email="a@example.org", role=OrgRole.MEMBER
        )


async def test_before_approval_five_are_invited_and_no_more(db):
    made = await an_organisation(state=State.DRAFT)
    for number in range(5):
        await an_invitation(made, f"{number}@example.org")
    with pytest.raises(Conflict, match="Until a moderator"):
        await an_invitation(made)


@pytest.mark.parametrize("state", [State.REFUSED, State.SUSPENDED, State.CLOSED])
async def test_an_inactive_organisation_invites_nobody(db, state):
    made = await an_organisation(state=state)
    with pytest.raises(Conflict):
        await an_invitation(made)


async def test_sending_again_makes_a_new_version(db):
    made = await an_organisation()
    id = await an_invitation(made)
    await operations.send_again(made.owner.actor, made.id, id)
    found = await queries.invitation_by_id(id)
    assert found is not None
    assert found.version == 2


async def test_another_organisations_invitation_is_not_found(db):
    made, other = await an_organisation(), await an_organisation()
    id = await an_invitation(other)
    with pytest.raises(NotFound):
        await operations.withdraw(made.owner.actor, made.id, id)


async def test_a_withdrawn_invitation_is_not_sent_again(db):
    made = await an_organisation()
    id = await an_invitation(made)
    await operations.withdraw(made.owner.actor, made.id, id)
    with pytest.raises(IllegalMove):
        await operations.send_again(made.owner.actor, made.id, id)


# Answering


async def test_accepting_gives_the_role(db):
    made, person = await an_organisation(), await a_person(email="sam@example.org")
    await operations.accept(person.actor, await an_invitation(made), 1)
    assert await role_of(made, person) is OrgRole.COORDINATOR


async def test_accepting_twice_is_accepting_once(db):
    made, person = await an_organisation(), await a_person(email="sam@example.org")
    id = await an_invitation(made)
    await operations.accept(person.actor, id, 1)
    await operations.accept(person.actor, id, 1)
    accepted = await db.fetch_value(
        "SELECT count(*) FROM history WHERE event = 'invitation.accepted'"
    )
    assert accepted == 1


async def test_accepting_at_once_in_two_tabs_joins_once(db):
    made, person = await an_organisation(), await a_person(email="sam@example.org")
    id = await an_invitation(made)
    answers = await asyncio.gather(*(operations.accept(person.actor, id, 1) for _ in range(4)))
    assert {answer.organisation_id for answer in answers} == {made.id}
    assert len(await queries.members(made.owner.actor, made.id)) == 2


async def test_answering_while_it_is_sent_again_never_deadlocks(db):
    for number in range(5):
        made = await an_organisation()
        person = await a_person(email=f"sam{number}@example.org")
        id = await an_invitation(made, person.email)
        results = await asyncio.gather(
            operations.accept(person.actor, id, 1),
            operations.send_again(made.owner.actor, made.id, id),
            return_exceptions=True,
        )
        assert {type(r) for r in results} <= {type(None), Conflict, IllegalMove, queries.Invitation}


async def test_an_old_link_is_dead(db):
    made, person = await an_organisation(), await a_person(email="sam@example.org")
    id = await an_invitation(made)
    await operations.send_again(made.owner.actor, made.id, id)
    with pytest.raises(Conflict, match="newest message"):
        await operations.accept(person.actor, id, 1)


async def test_an_invitation_is_for_its_address_only(db):
    made, person = await an_organisation(), await a_person(email="other@example.org")
    with pytest.raises(NotAllowed, match="s…@"):
        await operations.accept(person.actor, await an_invitation(made), 1)


async def test_an_unconfirmed_address_does_not_accept(db):
    made = await an_organisation()
    person = await a_person(email="sam@example.org", confirmed=False)
    with pytest.raises(NotAllowed):
        await operations.accept(person.actor, await an_invitation(made), 1)


async def test_an_expired_invitation_is_not_accepted(db):
    made, person = await an_organisation(), await a_person(email="sam@example.org")
    id = await an_invitation(made)
    await db.execute("UPDATE invitation SET expires_at = {}", clock.now())
    with pytest.raises(Conflict, match="expired"):
        await operations.accept(person.actor, id, 1)


async def test_nobody_joins_a_suspended_organisation(db):
    made, person = await an_organisation(), await a_person(email="sam@example.org")
    id = await an_invitation(made)
    await db.execute("UPDATE organisation SET state = 'suspended'")
    with pytest.raises(Conflict, match="not active"):
        await operations.accept(person.actor, id, 1)


async def test_a_declined_invitation_is_not_accepted(db):
    made, person = await an_organisation(), await a_person(email="sam@example.org")
    id = await an_invitation(made)
    await operations.decline(person.actor, id, 1)
    with pytest.raises(IllegalMove):
        await operations.accept(person.actor, id, 1)


async def test_declining_twice_is_declining_once(db):
    made, person = await an_organisation(), await a_person(email="sam@example.org")
    id = await an_invitation(made)
    await operations.decline(person.actor, id, 1)
    await operations.decline(person.actor, id, 1)
    assert await db.fetch_value("SELECT state FROM invitation") == "declined"


async def test_an_invitation_never_lowers_an_owner(db):
    made = await an_organisation()
    id = await an_invitation(made, "new@example.org", OrgRole.MEMBER)
    # The owner took this address on after it was invited.
    await db.execute("UPDATE person SET email = 'new@example.org' WHERE id = {}", made.owner.id)
    await operations.accept(made.owner.actor, id, 1)
    assert await organisations.owners(made.id) == [made.owner.id]


async def test_an_unknown_invitation_is_not_found(db):
    with pytest.raises(NotFound):
        await operations.accept((await a_person()).actor, uuid4(), 1)


@pytest.mark.parametrize(
    ("email", "confirmed", "standing"),
    [
        ("sam@example.org", True, Standing.MAY_ANSWER),
        ("sam@example.org", False, Standing.CONFIRM_ADDRESS),
        ("other@example.org", True, Standing.OTHER_ADDRESS),
    ],
)
async def test_what_a_visitor_can_do_about_an_invitation(db, email, confirmed, standing):
    made, person = await an_organisation(), await a_person(email=email, confirmed=confirmed)
    found = await queries.invitation_by_id(await an_invitation(made))
    assert found is not None
    assert await queries.standing(person.actor, found, 1) is standing
    assert await queries.standing(person.actor, found, 2) is Standing.OLD_LINK
    assert await queries.standing(ANONYMOUS, found, 1) is Standing.SIGN_IN
    assert await queries.standing(made.owner.actor, found, 1) is Standing.BELONGS
