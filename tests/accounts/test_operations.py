import asyncio
from datetime import timedelta

import pytest
from tests.factories import PASSWORD, a_person

from marketplace import clock, rate_limits, signing
from marketplace.accounts import operations, passwords, queries, sessions
from marketplace.accounts.rules import CONFIRM_LINK, IDLE, RESET_LINK
from marketplace.db import Once, Replayed
from marketplace.errors import (
    CommandError,
    Conflict,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooMany,
)
from marketplace.ids import new_id
from marketplace.organisations.queries import actor_of_session
from marketplace.permissions import ANONYMOUS, Actor, PlatformRole
from marketplace.signing import LinkBroken, LinkExpired, sign

NEW_PASSWORD = "lantern harbour pickle"


async def sign_up(email="kim@example.org", *, password=PASSWORD, onward="", once=None):
    return await operations.sign_up(
        name="Kim Osei",
        email=email,
        password=password,
        onward=onward,
        client="192.0.2.1",
        once=once,
    )


async def sign_in(email, password=PASSWORD, *, present=ANONYMOUS):
    return await operations.sign_in(
        email=email, password=password, device="Firefox", client="192.0.2.1", present=present
    )


async def signed_in(person) -> Actor:
    """Give the actor of a new session of a person."""
    token = await operations.start_session(person.id, device="Firefox")
    actor = await actor_of_session(sessions.hash_of(token))
    assert actor is not None
    return actor


async def works(token) -> bool:
    return await actor_of_session(sessions.hash_of(token)) is not None


async def events(db, subject=None) -> list[str]:
    rows = await db.fetch("SELECT event, subject_id FROM history ORDER BY seq")
    return [row["event"] for row in rows if subject is None or row["subject_id"] == subject]


def confirm_token(person, version=1) -> str:
    return sign(CONFIRM_LINK, person.id, version)


def reset_token(person, version=1) -> str:
    return sign(RESET_LINK, person.id, version)


# Joining


async def test_signing_up_makes_an_unconfirmed_person(db):
    id = await sign_up(" Kim@Example.org ")
    contact = await queries.contact(id)
    assert contact is not None
    assert (contact.name, contact.email, contact.confirmed) == (
        "Kim Osei",
        "Kim@Example.org",
        False,
    )
    assert await events(db, id) == ["account.signed_up"]


async def test_a_known_address_in_another_case_makes_no_second_account(db):
    id = await sign_up("kim@example.org")
    other = await sign_up("KIM@example.org", password=NEW_PASSWORD)
    assert other != id
    assert await db.fetch_value("SELECT count(*) FROM person") == 1
    assert await events(db, id) == ["account.signed_up", "account.existing_address_used"]
    with pytest.raises(Conflict):
        await sign_in("kim@example.org", NEW_PASSWORD)


async def test_five_simultaneous_sign_ups_make_one_account(db):
    await asyncio.gather(*(sign_up() for _ in range(5)))
    assert await db.fetch_value("SELECT count(*) FROM person") == 1


async def test_a_sign_up_sent_twice_happens_once(db):
    key = str(new_id())

    async def once():
        return await sign_up(once=Once(key, "same", "/sign-up/sent"))

    await once()
    with pytest.raises(Replayed):
        await once()
    assert await events(db) == ["account.signed_up"]


async def test_a_common_password_is_refused_beside_its_field(db):
    with pytest.raises(Conflict) as refused:
        await sign_up(password="password1")
    assert refused.value.field == "password"
    assert await db.fetch_value("SELECT count(*) FROM person") == 0


async def test_signing_up_hashes_once_whether_or_not_the_address_is_known(db):
    before = passwords.runs()
    await sign_up()
    unknown = passwords.runs() - before
    await sign_up()
    known = passwords.runs() - before - unknown
    assert (unknown, known) == (1, 1)


async def test_the_sixth_message_to_an_address_in_an_hour_is_refused(db):
    for _ in range(5):
        await operations.ask_password_reset(email="kim@example.org", client="192.0.2.1")
    with pytest.raises(TooMany):
        await sign_up("kim@example.org")


async def test_looking_for_a_good_password_locks_nobody_out(db):
    for _ in range(6):
        with pytest.raises(Conflict):
            await sign_up(password="password1")
    assert await queries.contact(await sign_up()) is not None


# Signing in


async def test_signing_in_opens_a_session(db):
    person = await a_person(email="Kim@example.org")
    signed = await sign_in("kim@EXAMPLE.org")
    actor = await actor_of_session(sessions.hash_of(signed.token))
    assert actor is not None
    assert actor.person_id == person.id


async def test_the_database_holds_no_token(db):
    await a_person(email="kim@example.org")
    signed = await sign_in("kim@example.org")
    kept = await db.fetch_value("SELECT token_hash FROM session")
    assert kept == sessions.hash_of(signed.token)
    assert signed.token.encode() not in kept


async def test_a_wrong_password_and_an_unknown_address_get_one_answer(db):
    await a_person(email="kim@example.org")
    with pytest.raises(Conflict) as wrong:
        await sign_in("kim@example.org", "not the password")
    with pytest.raises(Conflict) as unknown:
        await sign_in("lee@example.org", "not the password")
    assert (wrong.value.message, wrong.value.field) == (
        unknown.value.message,
        unknown.value.field,
    )


async def test_signing_in_verifies_once_whether_or_not_the_address_is_known(db):
    await a_person(email="kim@example.org")
    counts = []
    for email in ("kim@example.org", "lee@example.org"):
        before = passwords.runs()
        with pytest.raises(Conflict):
            await sign_in(email, "not the password")
        counts.append(passwords.runs() - before)
    assert counts == [1, 1]


async def test_signing_in_ends_the_session_the_browser_had(db):
    person = await a_person(email="kim@example.org")
    before = await sign_in(person.email)
    present = await actor_of_session(sessions.hash_of(before.token))
    after = await sign_in(person.email, present=present)
    assert not await works(before.token)
    assert await works(after.token)


async def test_an_outdated_hash_is_renewed_at_sign_in(db):
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    person = await a_person()
    weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
    await db.execute("UPDATE person SET password_hash = {} WHERE id = {}", weak, person.id)
    await sign_in(person.email)
    kept = await db.fetch_value("SELECT password_hash FROM person WHERE id = {}", person.id)
    assert "m=19456,t=2,p=1" in kept
    assert (await sign_in(person.email)).person_id == person.id


async def test_the_eleventh_try_at_an_account_is_refused_even_with_the_password(db):
    person = await a_person()
    for _ in range(rate_limits.SIGN_IN_BY_ACCOUNT.times):
        with pytest.raises(Conflict):
            await sign_in(person.email, "not the password")
    with pytest.raises(TooMany):
        await sign_in(person.email)


async def test_guesses_from_elsewhere_do_not_lock_the_owner_out(db):
    person = await a_person()
    for _ in range(rate_limits.SIGN_IN_BY_ACCOUNT.times):
        with pytest.raises(Conflict):
            await sign_in(person.email, "not the password")
    signed_in = await operations.sign_in(
        email=person.email, password=PASSWORD, device="", client="198.51.100.7"
    )
    assert signed_in.person_id == person.id


async def test_guesses_from_everywhere_are_refused_in_the_end(db):
    person = await a_person()
    for _ in range(rate_limits.SIGN_IN_ANYWHERE.times):
        await rate_limits.count(rate_limits.SIGN_IN_ANYWHERE, person.email)
    with pytest.raises(TooMany):
        await sign_in(person.email)


async def test_a_suspended_person_learns_so_with_the_right_password_only(db):
    person = await a_person(suspended=True)
    with pytest.raises(Conflict, match="suspended"):
        await sign_in(person.email)
    with pytest.raises(Conflict, match="not right"):
        await sign_in(person.email, "not the password")


async def test_the_loop_stays_free_while_twenty_people_sign_in(db):
    people = [await a_person() for _ in range(20)]
    longest = 0.0
    running = True

    async def watch():
        nonlocal longest
        loop = asyncio.get_running_loop()
        while running:
            before = loop.time()
            await asyncio.sleep(0)
            longest = max(longest, loop.time() - before)

    watcher = asyncio.create_task(watch())
    signed = await asyncio.gather(*(sign_in(person.email) for person in people))
    running = False
    await watcher
    assert len({one.person_id for one in signed}) == 20
    # On the loop itself twenty hashes would take more than a second.
    assert longest < 0.5


# Confirming


async def confirm(token, *, actor=ANONYMOUS, joining=None):
    return await operations.confirm_email(token, actor=actor, joining=joining, device="Firefox")


async def test_the_link_confirms_and_leads_on(db):
    person = await a_person(confirmed=False, onward="/opportunities/7")
    onward, _ = await confirm(confirm_token(person))
    contact = await queries.contact(person.id)
    assert onward == "/opportunities/7"
    assert contact is not None and contact.confirmed


async def test_confirming_signs_in_the_browser_that_signed_up(db):
    id = await sign_up()
    _, signed = await confirm(sign(CONFIRM_LINK, id, 1), joining=id)
    assert signed is not None
    assert await works(signed.token)


async def test_confirming_in_another_browser_signs_nobody_in(db):
    person = await a_person(confirmed=False)
    _, signed = await confirm(confirm_token(person), joining=new_id())
    assert signed is None
    assert await db.fetch_value("SELECT count(*) FROM session") == 0


async def test_the_link_signs_in_once(db):
    id = await sign_up()
    await confirm(sign(CONFIRM_LINK, id, 1), joining=id)
    _, again = await confirm(sign(CONFIRM_LINK, id, 1), joining=id)
    assert again is None


async def test_a_confirming_link_dies_with_the_password_it_was_sent_for(db):
    person = await a_person(confirmed=False)
    await db.execute("UPDATE person SET credential_version = 2 WHERE id = {}", person.id)
    with pytest.raises(LinkExpired):
        await confirm(confirm_token(person, 1))


async def test_a_link_of_another_purpose_confirms_nothing(db):
    person = await a_person(confirmed=False)
    with pytest.raises(LinkBroken):
        await confirm(reset_token(person))


async def test_asking_again_for_a_confirmed_address_sends_nothing_to_it(db):
    person = await a_person(email="kim@example.org")
    await operations.ask_confirmation_at(email="kim@example.org", client="192.0.2.1")
    assert await events(db, person.id) == []
    # The same work is done, about nobody.
    assert await events(db) == ["account.confirmation_asked"]


# A forgotten password


async def test_asking_for_a_reset_does_the_same_for_known_and_unknown(db):
    person = await a_person(email="kim@example.org")
    await operations.ask_password_reset(email="Kim@example.org", client="192.0.2.1")
    await operations.ask_password_reset(email="lee@example.org", client="192.0.2.1")
    assert await events(db) == ["account.password_reset_asked"] * 2
    assert await events(db, person.id) == ["account.password_reset_asked"]


async def test_a_reset_changes_the_password_and_signs_out_everywhere(db):
    person = await a_person()
    session = await operations.start_session(person.id, device="")
    await operations.reset_password(reset_token(person), password=NEW_PASSWORD, client="192.0.2.1")
    assert not await works(session)
    assert (await sign_in(person.email, NEW_PASSWORD)).person_id == person.id
    with pytest.raises(Conflict):
        await sign_in(person.email, PASSWORD)


async def test_a_reset_link_works_once(db):
    person = await a_person()
    link = reset_token(person)
    await operations.reset_password(link, password=NEW_PASSWORD, client="192.0.2.1")
    with pytest.raises(LinkExpired):
        await operations.reset_password(link, password=PASSWORD, client="192.0.2.1")


async def test_two_simultaneous_resets_by_one_link_make_one_change(db):
    person = await a_person()
    link = reset_token(person)
    done = await asyncio.gather(
        *(
            operations.reset_password(link, password=password, client="192.0.2.1")
            for password in (NEW_PASSWORD, "pebble umbrella train")
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["LinkExpired", "NoneType"]
    assert await events(db, person.id) == ["account.password_changed"]


async def test_a_reset_link_is_good_for_an_hour(db):
    person = await a_person()
    link = reset_token(person)
    with pytest.raises(signing.LinkExpired):
        signing.unsign(RESET_LINK, link, within=timedelta(seconds=-1))
    assert (await queries.reset_link(link)).id == person.id


async def test_a_reset_confirms_the_address(db):
    person = await a_person(confirmed=False)
    await operations.reset_password(reset_token(person), password=NEW_PASSWORD, client="192.0.2.1")
    contact = await queries.contact(person.id)
    assert contact is not None and contact.confirmed


# Changing the password


async def test_changing_the_password_keeps_this_browser_and_ends_the_others(db):
    person = await a_person()
    other = await operations.start_session(person.id, device="")
    here = await operations.start_session(person.id, device="")
    actor = await actor_of_session(sessions.hash_of(here))
    assert actor is not None
    token = await operations.change_password(actor, present=PASSWORD, password=NEW_PASSWORD)
    assert not await works(other)
    assert not await works(here)
    assert await works(token)
    after = await actor_of_session(sessions.hash_of(token))
    assert after is not None and after.session_id == actor.session_id


async def test_changing_the_password_asks_for_the_present_one(db):
    actor = await signed_in(await a_person())
    with pytest.raises(Conflict) as refused:
        await operations.change_password(actor, present="a wrong one", password=NEW_PASSWORD)
    assert refused.value.field == "present"


async def test_changing_the_password_kills_links_in_older_mail(db):
    person = await a_person()
    link = reset_token(person)
    await operations.change_password(
        await signed_in(person), present=PASSWORD, password=NEW_PASSWORD
    )
    with pytest.raises(LinkExpired):
        await queries.reset_link(link)


async def test_a_sign_in_under_way_while_the_password_changes_gets_no_session(db):
    person = await a_person()
    actor = await signed_in(person)
    results = await asyncio.gather(
        operations.change_password(actor, present=PASSWORD, password=NEW_PASSWORD),
        *(sign_in(person.email) for _ in range(3)),
        return_exceptions=True,
    )
    kept = [one.token for one in results[1:] if not isinstance(one, BaseException)]
    # Whichever came first: no session begun with the old password outlives the change.
    assert not any([await works(token) for token in kept])


# Sessions


async def test_signing_out_everywhere_ends_every_session(db):
    person = await a_person()
    other = await operations.start_session(person.id, device="")
    await operations.sign_out_everywhere(await signed_in(person))
    assert not await works(other)
    assert await db.fetch_value("SELECT count(*) FROM session") == 0


async def test_nobody_signs_out_somebody_else(db):
    victim, thief = await a_person(), await a_person()
    theirs = await signed_in(victim)
    with pytest.raises(NotFound):
        await operations.revoke_session(await signed_in(thief), theirs.session_id)
    assert len(await queries.open_sessions(theirs)) == 1


async def test_sessions_are_listed_this_one_first(db):
    person = await a_person()
    await operations.start_session(person.id, device="Chrome on Android")
    actor = await signed_in(person)
    await operations.start_session(person.id, device="Safari on an iPad")
    listed = await queries.open_sessions(actor)
    assert [(one.device, one.current) for one in listed] == [
        ("Firefox", True),
        ("Safari on an iPad", False),
        ("Chrome on Android", False),
    ]


async def test_a_session_unused_for_two_weeks_is_over(db):
    person = await a_person()
    token = await operations.start_session(person.id, device="")
    await db.execute("UPDATE session SET expires_at = {}", clock.now() - timedelta(seconds=1))
    assert not await works(token)


async def test_using_a_session_prolongs_it(db):
    person = await a_person()
    token = await operations.start_session(person.id, device="")
    week_ago = clock.now() - timedelta(days=7)
    await db.execute(
        "UPDATE session SET created_at = {}, seen_at = {}, expires_at = {}",
        week_ago,
        week_ago,
        week_ago + IDLE,
    )
    await sessions.touch(sessions.hash_of(token))
    row = await db.fetch_one("SELECT seen_at, expires_at FROM session")
    assert row["expires_at"] == row["seen_at"] + IDLE
    assert row["seen_at"] > week_ago


async def test_using_a_session_never_prolongs_it_beyond_sixty_days(db):
    person = await a_person()
    token = await operations.start_session(person.id, device="")
    made = clock.now() - timedelta(days=59)
    await db.execute(
        "UPDATE session SET created_at = {}, seen_at = {}", made, clock.now() - timedelta(days=1)
    )
    await sessions.touch(sessions.hash_of(token))
    row = await db.fetch_one("SELECT expires_at FROM session")
    assert row["expires_at"] == made + timedelta(days=60)


async def test_a_session_seen_a_minute_ago_is_not_written_to(db):
    person = await a_person()
    token = await operations.start_session(person.id, device="")
    seen = clock.now() - timedelta(minutes=1)
    await db.execute("UPDATE session SET seen_at = {}", seen)
    await sessions.touch(sessions.hash_of(token))
    assert await db.fetch_value("SELECT seen_at FROM session") == seen


# The profile


async def test_a_profile_knows_where_its_person_is(db):
    person = await a_person()
    await operations.change_profile(
        person.actor, name="Kim O", where="cm11aa", skills=["driving"], causes=["heritage"]
    )
    profile = await queries.profile(person.actor)
    assert (profile.name, profile.postcode) == ("Kim O", "CM1 1AA")
    assert (profile.skills, profile.causes) == (["driving"], ["heritage"])
    point = await db.fetch_value("SELECT point FROM person")
    assert (round(point.x, -4), round(point.y, -4)) == (570000, 210000)


async def test_an_unknown_place_is_refused_beside_its_field(db):
    person = await a_person()
    with pytest.raises(Conflict) as refused:
        await operations.change_profile(
            person.actor, name="Kim", where="Atlantis-on-Sea", skills=[], causes=[]
        )
    assert refused.value.field == "postcode"


async def test_a_place_can_be_taken_back(db):
    person = await a_person(postcode="CM1 1AA")
    await operations.change_profile(person.actor, name="Kim", where="", skills=[], causes=[])
    assert (await queries.profile(person.actor)).postcode == ""
    assert await db.fetch_value("SELECT point FROM person") is None


async def test_nobody_has_no_profile(db):
    with pytest.raises(SignInRequired):
        await queries.profile(ANONYMOUS)


async def test_names_of_those_who_left_are_not_told(db):
    here, gone = await a_person(name="Kim"), await a_person(name="Lee")
    await db.execute("UPDATE person SET anonymised_at = now() WHERE id = {}", gone.id)
    nobody = new_id()
    assert await queries.names([here.id, gone.id, nobody]) == {
        here.id: "Kim",
        gone.id: "Somebody who left",
        nobody: "Somebody who left",
    }
    assert await queries.contact(gone.id) is None


# Administration


async def test_the_first_administrator_can_sign_in_at_once(db):
    id = await operations.create_administrator("Root@example.org", "Robin", PASSWORD)
    signed = await sign_in("root@example.org")
    actor = await actor_of_session(sessions.hash_of(signed.token))
    assert actor is not None
    assert (actor.person_id, actor.platform) == (id, {PlatformRole.ADMINISTRATOR})
    assert actor.email_confirmed


async def test_there_is_no_second_first_administrator(db):
    done = await asyncio.gather(
        *(
            operations.create_administrator(f"root{n}@example.org", "Robin", PASSWORD)
            for n in range(3)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, CommandError) for one in done) == 2
    assert await db.fetch_value("SELECT count(*) FROM platform_role") == 1


async def test_a_weak_password_makes_no_administrator(db):
    with pytest.raises(CommandError, match="Many people"):
        await operations.create_administrator("root@example.org", "Robin", "password1")


async def test_a_taken_address_makes_no_administrator(db):
    await a_person(email="root@example.org")
    with pytest.raises(CommandError, match="has an account"):
        await operations.create_administrator("root@example.org", "Robin", PASSWORD)


async def test_a_new_role_ends_the_sessions_from_before(db):
    admin = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    person = await a_person()
    token = await operations.start_session(person.id, device="")
    await operations.grant_platform_role(admin.actor, person.id, PlatformRole.MODERATOR)
    assert not await works(token)
    again = await operations.start_session(person.id, device="")
    actor = await actor_of_session(sessions.hash_of(again))
    assert actor is not None and actor.platform == {PlatformRole.MODERATOR}


async def test_a_role_given_twice_is_given_once(db):
    admin = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    person = await a_person()
    for _ in range(2):
        await operations.grant_platform_role(admin.actor, person.id, PlatformRole.BROKER)
    assert await events(db, person.id) == ["account.platform_role_granted"]


async def test_a_moderator_gives_no_roles(db):
    moderator = await a_person(platform=(PlatformRole.MODERATOR,))
    with pytest.raises(NotAllowed):
        await operations.grant_platform_role(
            moderator.actor, moderator.id, PlatformRole.ADMINISTRATOR
        )


async def test_the_last_administrator_stays(db):
    admin = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    with pytest.raises(Conflict):
        await operations.withdraw_platform_role(admin.actor, admin.id, PlatformRole.ADMINISTRATOR)


async def test_a_role_can_be_withdrawn_while_another_administrator_stays(db):
    admin = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    other = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    token = await operations.start_session(other.id, device="")
    await operations.withdraw_platform_role(admin.actor, other.id, PlatformRole.ADMINISTRATOR)
    assert not await works(token)
    assert await db.fetch_value("SELECT count(*) FROM platform_role") == 1


async def test_suspending_ends_sessions_and_reinstating_lets_in_again(db):
    admin = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    person = await a_person()
    token = await operations.start_session(person.id, device="")
    await operations.suspend(admin.actor, person.id)
    assert not await works(token)
    # Even a session made in spite of it lets nobody in.
    assert not await works(await operations.start_session(person.id, device=""))
    await operations.reinstate(admin.actor, person.id)
    assert await works((await sign_in(person.email)).token)


async def test_nobody_suspends_without_the_right_or_themselves(db):
    admin = await a_person(platform=(PlatformRole.ADMINISTRATOR,))
    person = await a_person()
    with pytest.raises(NotAllowed):
        await operations.suspend(person.actor, admin.id)
    with pytest.raises(NotAllowed):
        await operations.suspend(admin.actor, admin.id)
