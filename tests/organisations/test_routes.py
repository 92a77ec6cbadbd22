"""Pages of organisations, as a browser without JavaScript sees them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories import a_person, an_organisation

from marketplace import clock, listing_index
from marketplace.organisations import queries as organisations
from marketplace.organisations.people import operations as people
from marketplace.organisations.rules import Kind, State
from marketplace.permissions import OrgRole, PlatformRole
from marketplace.signing import sign

DETAILS = {
    "name": "Maldon Menders",
    "summary": "Mends what others throw away",
    "causes": ["environment"],
    "postcode": "cm9 5aa",
    "contact_email": "hello@example.org",
}
GROUP = {**DETAILS, "kind": "community_group"}
REGISTER = "/organisations/register"


@pytest.fixture
async def person(browser):
    made = await a_person(name="Kim Osei", email="kim@example.org")
    await browser.sign_in_as(made.id)
    return made


@pytest.fixture
async def moderator(browsers):
    made = await a_person(name="Mo", platform=(PlatformRole.MODERATOR,))
    return await browsers().sign_in_as(made.id)


async def in_register(owner, number=9900001, status="Registered", name="MALDON MENDERS"):
    await owner.execute(
        "INSERT INTO register_charity (organisation_number, registered_number, linked_number, name,"
        " search_name, charity_type, status, reporting_status, address, postcode, web,"
        " company_number, activities) VALUES ($1, $1, 0, $3, lower($3), 'CIO', $2, '',"
        " '{1 HIGH STREET,MALDON}', 'CM9 5AA', 'www.example.org', '', 'MENDS THINGS')",
        number,
        status,
        name,
    )


async def signed_in(browser, made):
    await browser.sign_in_as(made.owner.id)
    return f"/manage/{made.id}"


# Registering


async def test_registering_asks_the_unknown_to_sign_in(browser):
    page = await browser.get(REGISTER, follow=False)
    assert page.response.headers["location"] == f"/sign-in?next={REGISTER}"


async def test_a_charity_is_found_by_name_and_fills_in_the_form(browser, person, owner):
    await in_register(owner)
    page = await browser.get(f"{REGISTER}/find?q=maldon+menders")
    assert f"{REGISTER}/charity/9900001" in page.links()
    page = await browser.get(f"{REGISTER}/charity/9900001")
    fields = dict(page.form(f"{REGISTER}/charity/9900001").fields)
    assert fields["name"] == "Maldon Menders"
    assert fields["postcode"] == "CM9 5AA"
    assert fields["address"] == "1 High Street\nMaldon"
    assert fields["website"] == "www.example.org"


async def test_as_somebody_types_only_the_results_are_sent(browser, person, owner):
    await in_register(owner)
    page = await browser.get(
        f"{REGISTER}/find?q=9900001", HX_Request="true", HX_Request_Type="partial"
    )
    assert "<html" not in page.text
    assert "Maldon Menders" in page.text


async def test_a_charity_registers_with_its_number(browser, person, owner, db):
    await in_register(owner)
    page = await browser.get(f"{REGISTER}/charity/9900001")
    page = await browser.submit(page, f"{REGISTER}/charity/9900001", **DETAILS)
    assert re.fullmatch(r"/manage/[0-9a-f-]{36}", page.path)
    assert "Waiting for approval" in page.words()
    assert await db.fetch_value("SELECT charity_number FROM organisation") == "9900001"


async def test_a_group_without_a_number_registers(browser, person):
    page = await browser.get(f"{REGISTER}/group")
    page = await browser.submit(page, f"{REGISTER}/group", **GROUP)
    assert page.status == 200
    assert "Waiting for approval" in page.words()


async def test_a_draft_is_kept_with_a_name_and_a_kind_only(browser, person):
    page = await browser.get(f"{REGISTER}/group")
    page = await browser.submit(
        page, f"{REGISTER}/group", name="Maldon Menders", kind="other", then="draft"
    )
    assert "This is a draft" in page.words()
    assert "Still missing" in page.words()


async def test_a_double_click_registers_once(browser, person, db):
    page = await browser.get(f"{REGISTER}/group")
    first = await browser.submit(page, f"{REGISTER}/group", **GROUP)
    second = await browser.submit(page, f"{REGISTER}/group", **GROUP)
    assert first.path == second.path
    assert await db.fetch_value("SELECT count(*) FROM organisation") == 1


async def test_what_is_missing_stands_beside_its_field_and_nothing_is_lost(browser, person):
    page = await browser.get(f"{REGISTER}/group")
    page = await browser.submit(page, f"{REGISTER}/group", **{**GROUP, "summary": ""})
    assert page.status == 422
    assert page.field_error("summary") == "Say in a sentence or two what the organisation does"
    assert dict(page.form(f"{REGISTER}/group").fields)["name"] == "Maldon Menders"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", "😀" * 200),
        ("name", "x"),
        ("name", "a\x00b"),
        ("name", "\u200e\ufdd0"),
        ("summary", "x" * 301),
        ("description", "x" * 5001),
        ("causes", "witchcraft"),
        ("causes", ["environment"] * 61),
        ("address", "x" * 301),
        ("town", "x" * 81),
        ("postcode", "nowhere"),
        ("postcode", "ZZ99 9ZZ"),
        ("website", "javascript:alert(1)"),
        ("website", "JaVaScRiPt://example.org/%0aalert(1)"),
        ("website", "data:text/html,x"),
        ("website", "https://user:secret@example.org"),
        ("website", "http://"),
        ("website", "https://exa mple.org"),
        ("website", "https://[::1"),
        ("website", "https://example.org:999999"),
        ("website", "https://" + "x" * 70 + ".org"),
        ("website", "localhost"),
        ("website", 'https://example.org/"onclick="'),
        ("contact_email", "nobody"),
        ("contact_phone", "call me"),
        ("contact_phone", "9" * 81),
        ("kind", "witches"),
        ("kind", ""),
    ],
)
async def test_bad_input_is_answered_beside_its_field(browser, person, field, typed):
    page = await browser.get(f"{REGISTER}/group")
    page = await browser.submit(page, f"{REGISTER}/group", **{**GROUP, field: typed})
    assert page.status == 422
    assert page.field_error(field)


@pytest.mark.parametrize(
    ("kind", "number"),
    [("charity", "12"), ("community_interest_company", ""), ("charity", "9" * 300)],
)
async def test_a_number_has_the_shape_of_its_kind(browser, person, kind, number):
    page = await browser.get(f"{REGISTER}/group")
    page = await browser.submit(
        page, f"{REGISTER}/group", **{**GROUP, "kind": kind, "number": number}
    )
    assert page.status == 422
    assert page.field_error("number")


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "\u202egro.elpmaxe", "جمعية الخير", "{{ 7*7 }}", "O’Brien & Co"],
)
async def test_a_name_is_shown_as_typed_and_never_run(browser, person, name):
    page = await browser.get(f"{REGISTER}/group")
    page = await browser.submit(page, f"{REGISTER}/group", **{**GROUP, "name": name})
    assert page.status == 200
    assert name in page.words()
    assert "<script>alert" not in page.text


async def test_a_web_address_without_a_scheme_is_completed(browser, person, db):
    page = await browser.get(f"{REGISTER}/group")
    await browser.submit(page, f"{REGISTER}/group", **{**GROUP, "website": "www.example.org"})
    assert await db.fetch_value("SELECT website FROM organisation") == "https://www.example.org"


async def test_a_removed_charity_is_explained(browser, person, owner):
    await in_register(owner, status="Removed")
    page = await browser.get(f"{REGISTER}/charity/9900001")
    assert page.status == 409
    assert "was removed from the register" in page.words()
    assert f"{REGISTER}/group" in page.links()


async def test_a_number_that_is_taken_tells_whom_to_ask_and_no_names(browser, person, owner):
    await in_register(owner)
    secret = await a_person(name="Ursula Unnamed")
    await an_organisation(charity_number="9900001", kind=Kind.CHARITY, owner=secret)
    page = await browser.get(f"{REGISTER}/charity/9900001")
    assert "Ask its owner to invite you" in page.words()
    assert "Ursula" not in page.text


@pytest.mark.parametrize("number", ["1", "9" * 40, "%00", "SC012345", "%F0%9F%98%80", "-1"])
async def test_a_number_that_is_not_in_the_register_is_not_found(browser, person, number):
    page = await browser.get(f"{REGISTER}/charity/{number}")
    assert page.status in {400, 404}


@pytest.mark.parametrize("q", ["", "%00", "%ED%A0%80", "SC012345", "9" * 300, "'; --", "%25_%25"])
async def test_any_search_text_is_answered(browser, person, q):
    page = await browser.get(f"{REGISTER}/find?q={q}")
    assert page.status < 500


async def test_an_unconfirmed_person_is_told_to_confirm(browser):
    made = await a_person(confirmed=False)
    await browser.sign_in_as(made.id)
    page = await browser.get(REGISTER)
    assert "Confirm your e-mail address" in page.words()
    page = await browser.get(f"{REGISTER}/group")
    page = await browser.submit(page, f"{REGISTER}/group", **GROUP)
    assert page.status == 403


# The workspace


@pytest.mark.parametrize("state", list(State))
async def test_the_overview_shows_every_state(browser, state):
    made = await an_organisation(state=state, moderator_note="Say where you meet.")
    page = await browser.get(await signed_in(browser, made))
    assert page.status == 200


async def test_a_registration_that_was_sent_back_is_mended_and_sent_again(browser):
    made = await an_organisation(state=State.NEEDS_WORK, moderator_note="Say where you meet.")
    home = await signed_in(browser, made)
    page = await browser.get(home)
    assert "Say where you meet." in page.words()
    page = await browser.get(f"{home}/details")
    page = await browser.submit(page, f"{home}/details", address="The Hall, Witham")
    page = await browser.submit(page, f"{home}/submission")
    assert "Waiting for approval" in page.words()


async def test_details_are_saved_and_public_at_once(browser, browsers):
    made = await an_organisation()
    home = await signed_in(browser, made)
    page = await browser.get(f"{home}/details")
    await browser.submit(page, f"{home}/details", name="Witham Spokes")
    page = await browsers().get(f"/organisations/{made.id}")
    assert "Witham Spokes" in page.words()


async def test_an_approved_organisation_keeps_what_it_needs(browser):
    made = await an_organisation()
    home = await signed_in(browser, made)
    page = await browser.get(f"{home}/details")
    page = await browser.submit(page, f"{home}/details", causes=[], summary="")
    assert page.status == 422
    assert page.field_error("causes")


async def test_a_trustee_does_not_edit(browser):
    person = await a_person()
    made = await an_organisation(members={OrgRole.TRUSTEE: person})
    await browser.sign_in_as(person.id)
    page = await browser.get(f"/manage/{made.id}/details")
    assert page.status == 403


@pytest.mark.parametrize("part", ["", "/details", "/people", "/closure"])
async def test_a_strangers_workspace_is_not_found(browser, person, part):
    made = await an_organisation()
    page = await browser.get(f"/manage/{made.id}{part}")
    assert page.status == 404


async def test_an_organisation_is_closed_after_one_question(browser, browsers):
    made = await an_organisation()
    home = await signed_in(browser, made)
    page = await browser.get(f"{home}/closure")
    page = await browser.submit(page, f"{home}/closure")
    assert "This organisation is closed" in page.words()
    assert (await browsers().get(f"/organisations/{made.id}")).status == 404


# People


async def test_an_owner_invites_by_email(browser):
    made = await an_organisation()
    home = await signed_in(browser, made)
    page = await browser.get(f"{home}/people")
    page = await browser.submit(
        page, f"{home}/invitations", email="sam@example.org", role="coordinator"
    )
    assert page.path == f"{home}/people"
    assert "sam@example.org" in page.words()


@pytest.mark.parametrize(
    ("field", "typed"),
    [("email", "nobody"), ("email", "x" * 300 + "@example.org"), ("role", "king"), ("role", "")],
)
async def test_a_bad_invitation_is_answered_beside_its_field(browser, field, typed):
    made = await an_organisation()
    home = await signed_in(browser, made)
    page = await browser.get(f"{home}/people")
    fields = {"email": "sam@example.org", "role": "member", field: typed}
    page = await browser.submit(page, f"{home}/invitations", **fields)
    assert page.status == 422
    assert page.field_error(field)


async def test_addresses_of_the_invited_are_for_owners_only(browser):
    person = await a_person()
    made = await an_organisation(members={OrgRole.COORDINATOR: person})
    await people.invite(made.owner.actor, made.id, email="sam@example.org", role=OrgRole.MEMBER)
    await browser.sign_in_as(person.id)
    page = await browser.get(f"/manage/{made.id}/people")
    assert page.status == 200
    assert "sam@example.org" not in page.text


async def test_a_role_is_changed(browser):
    person = await a_person(name="Sam Smith")
    made = await an_organisation(members={OrgRole.MEMBER: person})
    home = await signed_in(browser, made)
    page = await browser.get(f"{home}/people/{person.id}")
    page = await browser.submit(page, f"{home}/people/{person.id}/role", role="coordinator")
    assert "Coordinator, since" in page.words()


async def test_the_last_owner_is_told_why_they_cannot_leave(browser):
    made = await an_organisation()
    home = await signed_in(browser, made)
    page = await browser.get(f"{home}/people/{made.owner.id}")
    page = await browser.submit(page, f"{home}/people/{made.owner.id}/removal")
    assert page.status == 409
    assert "always has an owner" in page.words()


async def test_a_member_leaves(browser):
    person = await a_person()
    made = await an_organisation(members={OrgRole.COORDINATOR: person})
    await browser.sign_in_as(person.id)
    page = await browser.get(f"/manage/{made.id}/people/{person.id}")
    await browser.submit(page, f"/manage/{made.id}/people/{person.id}/removal")
    assert (await browser.get(f"/manage/{made.id}")).status == 404


# The invitation's page


async def an_invitation(made, email="kim@example.org"):
    id = await people.invite(made.owner.actor, made.id, email=email, role=OrgRole.COORDINATOR)
    return f"/invitations/{sign('invitation', id, 1)}"


async def test_a_newcomer_sees_who_invites_and_is_led_to_sign_up_and_back(browser):
    link = await an_invitation(await an_organisation())
    page = await browser.get(link)
    assert "Olu Owner invites you to Witham Wheelers as coordinator" in page.words()
    assert f"/sign-up?next={link}" in page.links()
    assert "kim@example.org" not in page.text


async def test_the_invited_accept_and_come_into_the_workspace(browser, person):
    made = await an_organisation()
    link = await an_invitation(made)
    page = await browser.get(link)
    page = await browser.submit(page, f"{link}/acceptance")
    assert page.path == f"/manage/{made.id}"
    assert page.status == 200


async def test_a_double_click_on_accept_joins_once(browser, person, db):
    link = await an_invitation(await an_organisation())
    page = await browser.get(link)
    await browser.submit(page, f"{link}/acceptance")
    again = await browser.submit(page, f"{link}/acceptance")
    assert again.status == 200
    assert await db.fetch_value("SELECT count(*) FROM membership") == 2


async def test_the_invited_decline(browser, person):
    link = await an_invitation(await an_organisation())
    page = await browser.get(link)
    await browser.submit(page, f"{link}/refusal")
    assert "was declined" in (await browser.get(link)).words()


async def test_another_address_is_explained(browser, person):
    page = await browser.get(await an_invitation(await an_organisation(), "sam@example.org"))
    assert "is for another address" in page.words()
    assert "s…@example.org" in page.words()


@pytest.mark.parametrize("token", ["x", "a.b.c", "%F0%9F%98%80", "x" * 2000])
async def test_a_broken_link_is_explained(browser, token):
    assert (await browser.get(f"/invitations/{token}")).status == 404


async def test_a_link_for_another_purpose_opens_no_invitation(browser):
    page = await browser.get(f"/invitations/{sign('confirm-email', uuid4(), 1)}")
    assert page.status == 404


async def test_an_expired_invitation_says_since_when(browser, person, db):
    link = await an_invitation(await an_organisation())
    await db.execute("UPDATE invitation SET expires_at = {}", clock.now() - timedelta(days=1))
    assert "It ran out on" in (await browser.get(link)).words()


# Moderation


async def test_on_a_phone_what_is_not_for_everybody_stands_in_the_menu_of_the_account(moderator):
    def listed(page, kind):
        return [
            (item.get("class", ""), "".join(item.itertext()).strip())
            for ul in page.all("ul")
            if kind in ul.get("class", "")
            for item in ul
        ]

    home, queue = await moderator.get("/"), await moderator.get("/moderation")
    assert "Moderation" in [words for _, words in listed(home, "menu__list")]
    assert ("site-nav__own", "Moderation") in listed(home, "site-nav__list")
    # Where one is, it stays in sight.
    assert ("", "Moderation") in listed(queue, "site-nav__list")
    assert ("", "Borrow") in listed(home, "site-nav__list")


async def test_a_moderator_approves(moderator, browsers):
    made = await an_organisation(state=State.SUBMITTED)
    page = await moderator.get("/moderation")
    address = f"/moderation/organisations/{made.id}"
    assert address in page.links()
    page = await moderator.get(address)
    page = await moderator.submit(page, f"{address}/approval")
    assert "Witham Wheelers is approved" in page.words()
    assert (await browsers().get(f"/organisations/{made.id}")).status == 200


async def test_a_moderator_sends_back_with_a_note(moderator):
    made = await an_organisation(state=State.SUBMITTED)
    address = f"/moderation/organisations/{made.id}"
    page = await moderator.get(address)
    page = await moderator.submit(page, f"{address}/return", note="Say where you meet.")
    found = await organisations.workspace(made.owner.actor, made.id)
    assert found.moderator_note == "Say where you meet."


async def test_a_note_is_needed(moderator):
    made = await an_organisation(state=State.SUBMITTED)
    address = f"/moderation/organisations/{made.id}"
    page = await moderator.get(address)
    page = await moderator.submit(page, f"{address}/return", note=" ")
    assert page.status == 422
    assert page.field_error("note")


async def test_a_reason_is_needed(moderator):
    made = await an_organisation(state=State.SUBMITTED)
    address = f"/moderation/organisations/{made.id}"
    page = await moderator.get(address)
    page = await moderator.submit(page, f"{address}/refusal", reason="")
    assert page.status == 422
    assert page.field_error("reason")


async def test_differences_from_the_register_are_marked(moderator, owner):
    await in_register(owner, name="BRAINTREE MENDERS")
    made = await an_organisation(state=State.SUBMITTED, kind=Kind.CHARITY, charity_number="9900001")
    page = await moderator.get(f"/moderation/organisations/{made.id}")
    assert page.words().count("Differs") == 2


async def test_a_moderator_with_a_stake_is_told_so_and_has_no_button(browser):
    person = await a_person(platform=(PlatformRole.MODERATOR,))
    made = await an_organisation(state=State.SUBMITTED, owner=person)
    await browser.sign_in_as(person.id)
    page = await browser.get(f"/moderation/organisations/{made.id}")
    assert "another moderator has to decide" in page.words()
    assert "/approval" not in page.text


@pytest.mark.parametrize("state", list(State))
async def test_a_moderator_sees_every_state(moderator, state):
    made = await an_organisation(state=state, moderator_note="A note.")
    page = await moderator.get(f"/moderation/organisations/{made.id}")
    assert page.status == 200


async def test_moderation_is_not_for_everybody(browser, person):
    assert (await browser.get("/moderation")).status == 404


@pytest.mark.parametrize("query", ["?state=witch", "?page=0", "?page=99999999999", "?state=%00"])
async def test_any_queue_address_is_answered(moderator, query):
    assert (await moderator.get(f"/moderation{query}")).status == 200


# In public


async def test_organisations_are_found_by_words_and_nearness(browser):
    await an_organisation(name="Chelmsford Menders", postcode="CM1 1AA", town="Chelmsford")
    await an_organisation(name="Southend Menders", postcode="SS1 1AA", town="Southend")
    await an_organisation(name="Clacton Singers", summary="", causes=())
    page = await browser.get("/organisations?q=mending&near=Southend")
    words = page.words()
    assert words.index("Southend Menders") < words.index("Chelmsford Menders")
    assert "Clacton Singers" not in words


async def test_the_public_finds_no_draft(browser):
    made = await an_organisation(state=State.DRAFT)
    assert (await browser.get(f"/organisations/{made.id}")).status == 404


async def test_the_owner_sees_a_preview(browser):
    made = await an_organisation(state=State.DRAFT)
    await signed_in(browser, made)
    page = await browser.get(f"/organisations/{made.id}")
    assert "Only you can see this page" in page.words()


@pytest.mark.parametrize("id", ["00000000-0000-0000-0000-000000000000", "1", "x" * 500])
async def test_an_unknown_organisation_is_not_found(browser, id):
    assert (await browser.get(f"/organisations/{id}")).status == 404


async def many(number):
    for each in range(number):
        made = await an_organisation(name=f"Menders {each}")
    return made


@pytest.mark.parametrize("number", [1, 30])
async def test_the_list_takes_three_queries_however_many_there_are(browser, queries_run, number):
    await many(number)
    with queries_run() as counted:
        assert (await browser.get("/organisations?near=CM1")).status == 200
    assert 0 < counted.count <= 3


@pytest.mark.parametrize("number", [1, 30])
async def test_a_page_takes_as_many_queries_however_much_is_open(browser, queries_run, db, number):
    made = await an_organisation()
    for each in range(number):
        async with db.transaction():
            await listing_index.publish(
                listing_index.Listing(
                    "opportunity",
                    uuid4(),
                    f"/opportunities/{each}",
                    f"Digging {each}",
                    "",
                    organisation_id=made.id,
                )
            )
    with queries_run() as counted:
        page = await browser.get(f"/organisations/{made.id}")
    assert page.words().count("Digging") == number
    assert 0 < counted.count <= 7


async def test_a_lenders_page_shows_what_it_lends_and_leads_to_the_rest(browser, db):
    made = await an_organisation(name="Tools & Toys")
    for each in range(7):
        async with db.transaction():
            await listing_index.publish(
                listing_index.Listing(
                    "thing", uuid4(), f"/things/{each}", f"Tent {each}", "", organisation_id=made.id
                )
            )
    page = await browser.get(f"/organisations/{made.id}")
    assert page.words().count("Tent") == 6
    assert "/things?q=Tools%20%26%20Toys" in page.links()
    assert "Nothing is open here" not in page.words()
    page = await browser.get(await signed_in(browser, made))
    assert "7 things to borrow" in page.words()


@pytest.mark.parametrize("number", [1, 30])
async def test_the_queue_takes_the_same_queries_for_one_and_many(moderator, queries_run, number):
    for _ in range(number):
        await an_organisation(state=State.SUBMITTED)
    with queries_run() as counted:
        await moderator.get("/moderation")
    assert 0 < counted.count <= 4


@pytest.mark.parametrize("number", [1, 30])
async def test_the_people_take_the_same_queries_for_one_and_many(browser, queries_run, db, number):
    made = await an_organisation()
    for _ in range(number):
        person = await a_person()
        await db.execute(
            "INSERT INTO membership (id, organisation_id, person_id, role)"
            " VALUES ({}, {}, {}, 'member')",
            uuid4(),
            made.id,
            person.id,
        )
    home = await signed_in(browser, made)
    with queries_run() as counted:
        await browser.get(f"{home}/people")
    assert 0 < counted.count <= 6


async def test_all_that_is_wrong_is_said_at_once(browser, person):
    page = await browser.get(f"{REGISTER}/group")
    page = await browser.submit(page, f"{REGISTER}/group")
    for field in ("kind", "name", "summary", "causes", "postcode", "contact_email"):
        assert page.field_error(field)
