"""Every route x method x kind of person, generated from the app: an undeclared route fails.

What each kind of person gets, on things of one organisation that exist:

    ok    the page, the deed, or a sentence about what is still wrong with the form
    in    sent to sign in
    403   may see it but not do it
    404   may not know that it exists

A GET writes nothing, except to the append-only tables named in `MAY_GROW`.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tests import (
    factories,
    factories_credentials,
    factories_grants,
    factories_messages,
    factories_minors,
    factories_moving_in,
    factories_safety,
    factories_screening,
    factories_things,
)
from tests.browser import Browser
from tests.grants.scene import a_judged_round, a_tie

from marketplace import audit, clock, settings, signing
from marketplace.accounts import operations
from marketplace.accounts.address.tables import AddressChange
from marketplace.accounts.rules import Event
from marketplace.app import create_app
from marketplace.credentials.rules import Kind
from marketplace.files import store
from marketplace.files.rules import object_name
from marketplace.permissions import OrgRole, PlatformRole
from marketplace.volunteering.attendance.tables import ShiftLeader, WalkIn
from marketplace.volunteering.desk.tables import FillAsk
from marketplace.volunteering.expenses.tables import Expense
from marketplace.volunteering.hours import claims
from marketplace.volunteering.opportunities import queries as opportunities
from marketplace.volunteering.opportunities import still_open

PEOPLE = (
    "nobody",
    "volunteer",
    "unconfirmed",
    "stranger",  # owner of another organisation
    "member",
    "trustee",
    "coordinator",
    "owner",
    "moderator",
    "broker",
    "administrator",
)
MAY_GROW = {"message_seen", "personal_view", "session", "rate_bucket"}

# In the order of PEOPLE; one word stands for all of them.
PUBLIC = "ok"
SIGNED_IN = "in ok ok ok ok ok ok ok ok ok ok"
OWN = "in ok 404 404 404 404 404 404 404 404 404"  # the volunteer's own thing
#              nobody vol  unc  str  mem  tru  coo  own  mod  bro  adm
WORKSPACE = "in 404 404 404 ok ok ok ok ok ok ok"
DRAFTS = "in 404 404 404 403 ok ok ok ok ok ok"
PEOPLE_LIST = "in 404 404 404 403 ok ok ok 403 403 403"
WRITES = "in 404 404 404 403 403 ok ok 403 403 403"
# An open opportunity and its shifts are public, so nobody is told that they do not exist.
ON_PUBLIC = "in 403 403 403 403 403 ok ok 403 403 403"
BOOKED = "in 404 404 404 404 404 ok ok 404 404 404"  # who has booked is the organisation's
# The owner wrote it; the volunteer and the owner's colleague can read it.
GIVEN = "in ok 404 404 404 404 ok 404 404 404 404"
PAYS = "in 404 404 404 404 404 403 ok 404 404 404"  # a coordinator reads of expenses only
OWNS = "in 404 404 404 403 403 403 ok 403 403 403"
# A published thing is known to everybody; owners and librarians write it, coordinators lend it.
THING = "in 403 403 403 403 403 403 ok 403 403 403"
SITE = "in 404 404 404 404 403 403 ok 403 403 403"
LENDS = "in 404 404 404 404 404 ok ok 404 404 404"
NOT_INVITED = "in 403 403 403 403 403 403 403 403 403 403"  # the link is somebody else's
MODERATES = "in 404 404 404 404 404 404 404 ok 404 ok"
NOT_HERE = "404"  # outside the demo
# Of a funder: what it gives and what came in, seen by those who oversee, changed by few.
OVERSEES = "in 404 404 404 404 ok 404 ok 404 404 404"
GIVES = "in 404 404 404 404 403 404 ok 404 404 404"
# Of an applicant: nobody else knows of a draft, the funder and moderators neither.
APPLICANTS = "in 404 404 404 404 ok ok ok 404 404 404"
# Whoever assesses or decides a round; nobody else knows what was sent to it.
DECIDES = "in 404 404 404 404 404 404 ok 404 404 404"
APPLIES = "in 404 404 404 404 403 ok ok 404 404 404"
#              nobody vol  unc  str  mem  tru  coo  own  mod  bro  adm
CAMPAIGNS = "in 404 404 404 404 404 404 404 404 ok ok"
ASSISTS = "in 404 404 404 404 404 404 404 404 ok 404"
ADMINISTERS = "in 404 404 404 404 404 404 404 404 404 ok"

# A concern comes to the safeguarding lead, who is the coordinator here, and to nobody above them.
HEARS = "in 404 404 404 404 404 ok 404 404 404 404"

WHO: dict[str, str] = {
    "GET /": PUBLIC,
    "GET /about": PUBLIC,
    "GET /accessibility": PUBLIC,
    "GET /account": SIGNED_IN,
    "POST /account/confirmation": SIGNED_IN,
    "GET /account/email": SIGNED_IN,
    "POST /account/email": SIGNED_IN,
    "GET /account/email/{token:str}": PUBLIC,
    "POST /account/email/{token:str}": PUBLIC,
    "GET /account/leaving": SIGNED_IN,
    "POST /account/leaving": SIGNED_IN,
    "GET /account/leaving/done": PUBLIC,
    "GET /account/safety": SIGNED_IN,
    "POST /account/safety": SIGNED_IN,
    "POST /account/safety/sharing": SIGNED_IN,
    "GET /manage/shifts/{id:uuid}/safety": BOOKED,
    "POST /manage/shifts/{id:uuid}/lone": ON_PUBLIC,
    "GET /manage/visits/{id:uuid}/lone": BOOKED,
    "POST /manage/visits/{id:uuid}/lone": BOOKED,
    "GET /my/lone/{id:uuid}": OWN,
    "POST /my/lone/{id:uuid}/check-in": OWN,
    "POST /my/lone/{id:uuid}/check-out": OWN,
    "POST /my/lone/{id:uuid}/safe": OWN,
    "GET /manage/lone/{id:uuid}": BOOKED,
    "POST /manage/lone/{id:uuid}/safe": BOOKED,
    "GET /lone/safe/{token:str}": PUBLIC,
    "POST /lone/safe/{token:str}": PUBLIC,
    "GET /concerns/new": PUBLIC,
    "POST /concerns/new": PUBLIC,
    "GET /concerns/answers": PUBLIC,
    "POST /concerns/answers": PUBLIC,
    "POST /concerns/answers/additions": PUBLIC,
    "GET /concerns": HEARS,
    "GET /concerns/{id:uuid}": HEARS,
    "POST /concerns/{id:uuid}/notes": HEARS,
    "POST /concerns/{id:uuid}/in-hand": HEARS,
    "POST /concerns/{id:uuid}/closure": HEARS,
    "GET /manage/{organisation_id:uuid}/safeguarding-leads": WORKSPACE,
    "POST /manage/{organisation_id:uuid}/safeguarding-leads": OWNS,
    "GET /admin/safeguarding": ADMINISTERS,
    "POST /admin/safeguarding": ADMINISTERS,
    "POST /admin/safeguarding/{person_id:uuid}/removal": ADMINISTERS,
    "GET /account/availability": SIGNED_IN,
    "POST /account/availability": SIGNED_IN,
    "GET /my/matches": SIGNED_IN,
    "GET /shifts/{id:uuid}/group": SIGNED_IN,
    "POST /shifts/{id:uuid}/group": SIGNED_IN,
    "GET /my/groups": SIGNED_IN,
    "GET /my/groups/{id:uuid}": OWN,
    "POST /my/groups/{id:uuid}/seats": OWN,
    "POST /my/groups/{id:uuid}/seats/{seat_id:uuid}/removal": OWN,
    "POST /my/groups/{id:uuid}/return": OWN,
    "GET /seats/{token:str}": PUBLIC,
    "POST /seats/{token:str}": SIGNED_IN,
    "POST /seats/{token:str}/refusal": PUBLIC,
    "GET /account/birth-date": SIGNED_IN,
    "POST /account/birth-date": SIGNED_IN,
    "GET /guardians/{token:str}": PUBLIC,
    "POST /guardians/{token:str}": SIGNED_IN,
    "POST /guardians/{token:str}/refusal": PUBLIC,
    "GET /my/guardian": SIGNED_IN,
    "GET /my/guardian/roles/{id:uuid}": SIGNED_IN,
    "POST /my/guardian/roles/{id:uuid}": SIGNED_IN,
    "GET /my/young-people": SIGNED_IN,
    "POST /my/young-people/{id:uuid}/withdrawal": OWN,
    "GET /manage/roles/{id:uuid}/named-adult": ON_PUBLIC,
    "POST /manage/roles/{id:uuid}/named-adult": ON_PUBLIC,
    "GET /manage/{organisation_id:uuid}/young-people": BOOKED,
    "POST /manage/doubts/{id:uuid}/release": BOOKED,
    "POST /manage/doubts/{id:uuid}/keeping": BOOKED,
    "GET /moderation/birth-dates": MODERATES,
    "POST /moderation/birth-dates": MODERATES,
    "GET /manage/{organisation_id:uuid}/today": BOOKED,
    "POST /manage/{organisation_id:uuid}/away": BOOKED,
    "POST /manage/shifts/{id:uuid}/asks": BOOKED,
    "GET /shift-asks/{token:str}": PUBLIC,
    "POST /shift-asks/{token:str}": PUBLIC,
    "GET /broker/reach": CAMPAIGNS,
    "POST /manage/{organisation_id:uuid}/acting": OWNS,
    "POST /manage/{organisation_id:uuid}/acting/removal": OWNS,
    "GET /broker/people": ASSISTS,
    "GET /broker/organisations": ASSISTS,
    "GET /broker/people/new": ASSISTS,
    "POST /broker/people/new": ASSISTS,
    "GET /broker/people/{assisted_id:uuid}": ASSISTS,
    "GET /broker/people/{assisted_id:uuid}/letter": ASSISTS,
    "POST /broker/people/{assisted_id:uuid}/bookings": ASSISTS,
    "POST /broker/people/{assisted_id:uuid}/bookings/{booking_id:uuid}/cancellation": ASSISTS,
    "POST /broker/people/{assisted_id:uuid}/address": ASSISTS,
    "POST /broker/told/{tell_id:uuid}": ASSISTS,
    "GET /broker/imports": CAMPAIGNS,
    "POST /broker/imports": CAMPAIGNS,
    "GET /broker/imports/feed": CAMPAIGNS,
    "POST /broker/imports/feed": CAMPAIGNS,
    "GET /broker/imports/{import_id:uuid}": CAMPAIGNS,
    "GET /broker/imports/{import_id:uuid}/lines.csv": CAMPAIGNS,
    "POST /broker/imports/{import_id:uuid}/decision": CAMPAIGNS,
    "POST /broker/imports/{import_id:uuid}/start": CAMPAIGNS,
    "POST /broker/imports/{import_id:uuid}/stop": CAMPAIGNS,
    "POST /broker/imports/{import_id:uuid}/undo": CAMPAIGNS,
    "POST /broker/imports/{import_id:uuid}/invitations": CAMPAIGNS,
    "GET /claim/{token:str}": PUBLIC,
    "POST /claim/{token:str}": PUBLIC,
    "POST /claim/{token:str}/removal": PUBLIC,
    "GET /broker/campaigns": CAMPAIGNS,
    "POST /broker/campaigns": CAMPAIGNS,
    "GET /campaigns": PUBLIC,
    "GET /campaigns/{id:uuid}": PUBLIC,
    "GET /campaigns/{id:uuid}/hours": PUBLIC,
    "GET /campaigns/{id:uuid}/opportunities": PUBLIC,
    "GET /manage/{organisation_id:uuid}/campaigns": OWNS,
    "POST /manage/{organisation_id:uuid}/campaigns/{campaign_id:uuid}/team": OWNS,
    "POST /manage/{organisation_id:uuid}/campaigns/{campaign_id:uuid}/team/end": OWNS,
    "GET /account/calendar": SIGNED_IN,
    "POST /account/calendar": SIGNED_IN,
    "POST /account/calendar/revocation": SIGNED_IN,
    "GET /bookings/{id:uuid}/calendar.ics": OWN,
    "GET /calendars/{token:str}": PUBLIC,
    "GET /account/consents": SIGNED_IN,
    "POST /account/consents/digest": SIGNED_IN,
    "POST /account/consents/withdrawal": SIGNED_IN,
    "GET /consents/withdrawal/{token:str}": PUBLIC,
    "POST /consents/withdrawal/{token:str}": PUBLIC,
    "GET /account/password": SIGNED_IN,
    "POST /account/password": SIGNED_IN,
    "GET /account/profile": SIGNED_IN,
    "POST /account/profile": SIGNED_IN,
    "GET /account/sessions": SIGNED_IN,
    "POST /account/sessions/{session_id:uuid}/revocation": OWN,
    "POST /account/sign-out-everywhere": SIGNED_IN,
    "GET /admin/history": ADMINISTERS,
    "GET /admin/people": ADMINISTERS,
    "POST /admin/people": ADMINISTERS,
    "GET /admin/people/{person_id:uuid}": ADMINISTERS,
    "POST /admin/people/{person_id:uuid}/suspension": ADMINISTERS,
    "POST /admin/people/{person_id:uuid}/reinstatement": ADMINISTERS,
    "POST /admin/people/{person_id:uuid}/roles": ADMINISTERS,
    "POST /admin/people/{person_id:uuid}/roles/removal": ADMINISTERS,
    "POST /admin/people/{person_id:uuid}/erasure": ADMINISTERS,
    "GET /admin/jobs": ADMINISTERS,
    "POST /admin/jobs/{id:int}/attempt": ADMINISTERS,
    "GET /admin/jobs/{id:int}/removal": ADMINISTERS,
    "POST /admin/jobs/{id:int}/removal": ADMINISTERS,
    "GET /applications/{id:uuid}": APPLICANTS,
    "GET /applications/{id:uuid}/answers": APPLIES,
    "POST /applications/{id:uuid}/answers": APPLIES,
    "GET /applications/{id:uuid}/answers/{asked_id:uuid}": APPLIES,
    "POST /applications/{id:uuid}/answers/{asked_id:uuid}": APPLIES,
    "GET /applications/{id:uuid}/check": APPLICANTS,
    "POST /applications/{id:uuid}/submission": APPLIES,
    "GET /applications/{id:uuid}/withdrawal": APPLIES,
    "POST /applications/{id:uuid}/withdrawal": APPLIES,
    "GET /assess": SIGNED_IN,
    "GET /assess/rounds/{round_id:uuid}/ties": DECIDES,
    "POST /assess/rounds/{round_id:uuid}/ties": DECIDES,
    "GET /assess/{application_id:uuid}": DECIDES,
    "POST /assess/{application_id:uuid}": DECIDES,
    "POST /assess/{application_id:uuid}/declaration": DECIDES,
    "GET /awards": PUBLIC,
    "GET /awards/{award_id:uuid}": PUBLIC,
    "GET /bookings/cancel/{token:str}": PUBLIC,
    "POST /bookings/cancel/{token:str}": PUBLIC,
    "POST /bookings/{id:uuid}/cancellation": OWN,
    "GET /brand.css": PUBLIC,
    "GET /confirm-email": PUBLIC,
    "POST /confirm-email": PUBLIC,
    "GET /confirm-email/sent": PUBLIC,
    "GET /confirm-email/{token:str}": PUBLIC,
    "POST /confirm-email/{token:str}": SIGNED_IN,
    "GET /demo": NOT_HERE,
    "GET /demo/mailbox": NOT_HERE,
    "GET /demo/mailbox/{id:str}": NOT_HERE,
    "GET /demo/mailbox/{id:str}/html": NOT_HERE,
    "POST /demo/sign-in": NOT_HERE,
    "GET /files/{id:uuid}/{name:str}": PUBLIC,
    "GET /funds": PUBLIC,
    "GET /funds/{id:uuid}": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /invitations/{token:str}": PUBLIC,
    "POST /invitations/{token:str}/acceptance": NOT_INVITED,
    "POST /invitations/{token:str}/refusal": NOT_INVITED,
    "POST /manage/bookings/{id:uuid}/hours": BOOKED,
    "GET /manage/funds/{id:uuid}": OVERSEES,
    "POST /manage/funds/{id:uuid}/closure": GIVES,
    "GET /manage/funds/{id:uuid}/edit": GIVES,
    "POST /manage/funds/{id:uuid}/edit": GIVES,
    "GET /manage/funds/{id:uuid}/rounds/new": GIVES,
    "POST /manage/funds/{id:uuid}/rounds/new": GIVES,
    "GET /manage/opportunities/{id:uuid}": DRAFTS,
    "GET /manage/opportunities/{id:uuid}/cancellation": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/cancellation": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/closure": ON_PUBLIC,
    "GET /manage/opportunities/{id:uuid}/edit": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/edit": ON_PUBLIC,
    "GET /manage/opportunities/{id:uuid}/picture": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/picture": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/picture/removal": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/confirmation": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/pause": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/publication": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/submission": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/submission/removal": ON_PUBLIC,
    "GET /manage/opportunities/{id:uuid}/roles/new": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/roles/new": ON_PUBLIC,
    "GET /manage/opportunities/{id:uuid}/shifts": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/shifts": ON_PUBLIC,
    "GET /manage/roles/{id:uuid}": ON_PUBLIC,
    "POST /manage/roles/{id:uuid}": ON_PUBLIC,
    "POST /manage/roles/{id:uuid}/restoration": ON_PUBLIC,
    "POST /manage/roles/{id:uuid}/retirement": ON_PUBLIC,
    "GET /manage/rounds/{id:uuid}": OVERSEES,
    "GET /manage/rounds/{id:uuid}/cancellation": GIVES,
    "POST /manage/rounds/{id:uuid}/cancellation": GIVES,
    "GET /manage/rounds/{id:uuid}/criteria/new": GIVES,
    "POST /manage/rounds/{id:uuid}/criteria/new": GIVES,
    "GET /manage/rounds/{id:uuid}/criteria/{criterion_id:uuid}": GIVES,
    "POST /manage/rounds/{id:uuid}/criteria/{criterion_id:uuid}": GIVES,
    "POST /manage/rounds/{id:uuid}/criteria/{criterion_id:uuid}/position": GIVES,
    "POST /manage/rounds/{id:uuid}/criteria/{criterion_id:uuid}/removal": GIVES,
    "GET /manage/rounds/{id:uuid}/correction": GIVES,
    "POST /manage/rounds/{id:uuid}/correction": GIVES,
    "GET /manage/rounds/{id:uuid}/deadline": GIVES,
    "POST /manage/rounds/{id:uuid}/deadline": GIVES,
    "GET /manage/rounds/{id:uuid}/edit": GIVES,
    "POST /manage/rounds/{id:uuid}/edit": GIVES,
    "GET /manage/rounds/{id:uuid}/preview": OVERSEES,
    "POST /manage/rounds/{id:uuid}/publication": GIVES,
    "GET /manage/rounds/{id:uuid}/questions/new": GIVES,
    "POST /manage/rounds/{id:uuid}/questions/new": GIVES,
    "GET /manage/rounds/{id:uuid}/questions/{question_id:uuid}": GIVES,
    "POST /manage/rounds/{id:uuid}/questions/{question_id:uuid}": GIVES,
    "POST /manage/rounds/{id:uuid}/questions/{question_id:uuid}/position": GIVES,
    "POST /manage/rounds/{id:uuid}/questions/{question_id:uuid}/retirement": GIVES,
    # Recognition.
    "GET /manage/bookings/{id:uuid}/thanks": BOOKED,
    "POST /manage/bookings/{id:uuid}/thanks": BOOKED,
    "GET /my/recognition": SIGNED_IN,
    "GET /my/statements/new": SIGNED_IN,
    "POST /my/statements/new": SIGNED_IN,
    "GET /my/statements/{id:uuid}": OWN,
    "POST /my/statements/{id:uuid}/revocation": OWN,
    "GET /my/statements/{id:uuid}/statement.pdf": OWN,
    "GET /verify": PUBLIC,
    "GET /verify/{code:str}": PUBLIC,
    # Expenses.
    "GET /expenses/{id:uuid}/receipt": "in ok 404 404 404 404 ok ok 404 404 404",
    "GET /manage/{organisation_id:uuid}/expenses": BOOKED,
    "GET /manage/{organisation_id:uuid}/expenses.csv": BOOKED,
    "GET /manage/{organisation_id:uuid}/expenses/{expense_id:uuid}": BOOKED,
    "POST /manage/{organisation_id:uuid}/expenses/{expense_id:uuid}/approval": PAYS,
    "POST /manage/{organisation_id:uuid}/expenses/{expense_id:uuid}/payment": PAYS,
    "POST /manage/{organisation_id:uuid}/expenses/{expense_id:uuid}/return": PAYS,
    "GET /my/expenses": SIGNED_IN,
    "GET /my/expenses/new": SIGNED_IN,
    "POST /my/expenses/new": SIGNED_IN,
    "GET /my/expenses/{id:uuid}": OWN,
    "POST /my/expenses/{id:uuid}": OWN,
    "POST /my/expenses/{id:uuid}/withdrawal": OWN,
    # Hours.
    "GET /manage/{organisation_id:uuid}/hours/new": BOOKED,
    "POST /manage/{organisation_id:uuid}/hours/new": BOOKED,
    "POST /manage/{organisation_id:uuid}/hours/{hours_id:uuid}/withdrawal": BOOKED,
    "GET /manage/{organisation_id:uuid}/hours": BOOKED,
    "GET /manage/{organisation_id:uuid}/hours.csv": BOOKED,
    "GET /manage/{organisation_id:uuid}/hours/{hours_id:uuid}": BOOKED,
    "POST /manage/{organisation_id:uuid}/hours/{hours_id:uuid}/agreement": BOOKED,
    "POST /manage/{organisation_id:uuid}/hours/{hours_id:uuid}/correction": BOOKED,
    "POST /manage/{organisation_id:uuid}/hours/{hours_id:uuid}/dispute": BOOKED,
    "GET /my/hours": SIGNED_IN,
    "GET /my/hours/new": SIGNED_IN,
    "GET /my/hours/new/{role_id:uuid}": SIGNED_IN,
    "POST /my/hours/new/{role_id:uuid}": SIGNED_IN,
    "GET /my/hours/{hours_id:uuid}": OWN,
    "POST /my/hours/{hours_id:uuid}/agreement": OWN,
    "POST /my/hours/{hours_id:uuid}/correction": OWN,
    "POST /my/hours/{hours_id:uuid}/dispute": OWN,
    "POST /my/hours/{hours_id:uuid}/withdrawal": OWN,
    # On the day.
    "GET /bookings/{id:uuid}/attendance": OWN,
    "POST /bookings/{id:uuid}/check-out": OWN,
    "GET /check-in/{token:str}": SIGNED_IN,
    "POST /check-in/{token:str}": SIGNED_IN,
    "POST /manage/bookings/{id:uuid}/check-out": BOOKED,
    "GET /manage/shifts/{id:uuid}/check-in": ON_PUBLIC,
    "GET /manage/shifts/{id:uuid}/leaders": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/leaders": ON_PUBLIC,
    "GET /manage/shifts/{id:uuid}/walk-in": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/walk-in": ON_PUBLIC,
    "POST /manage/shift-leaders/{id:uuid}/removal": BOOKED,
    "POST /manage/walk-ins/{id:uuid}/removal": BOOKED,
    "GET /my/leading": SIGNED_IN,
    "GET /manage/opportunities/{id:uuid}/series": ON_PUBLIC,
    "POST /manage/opportunities/{id:uuid}/series": ON_PUBLIC,
    "GET /manage/series/{id:uuid}/edit": ON_PUBLIC,
    "POST /manage/series/{id:uuid}/edit": ON_PUBLIC,
    "GET /manage/series/{id:uuid}/cancellation": ON_PUBLIC,
    "POST /manage/series/{id:uuid}/cancellation": ON_PUBLIC,
    "GET /manage/shifts/{id:uuid}/following": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/following": ON_PUBLIC,
    "GET /manage/shifts/{id:uuid}/following/cancellation": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/following/cancellation": ON_PUBLIC,
    "GET /manage/opportunities/{id:uuid}/visits": BOOKED,
    "GET /manage/opportunities/{id:uuid}/visits/new": BOOKED,
    "POST /manage/opportunities/{id:uuid}/visits/new": BOOKED,
    "GET /manage/visits/{id:uuid}": BOOKED,
    "POST /manage/visits/{id:uuid}/end": BOOKED,
    "POST /manage/visits/{id:uuid}/withdrawal": BOOKED,
    "GET /my/visits": SIGNED_IN,
    "GET /my/visits/{id:uuid}": OWN,
    "POST /my/visits/{id:uuid}/agreement": OWN,
    "POST /my/visits/{id:uuid}/end": OWN,
    "POST /my/visits/{id:uuid}/refusal": OWN,
    "GET /manage/shifts/{id:uuid}/places": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/places": ON_PUBLIC,
    "GET /manage/shifts/{id:uuid}": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/attendance": ON_PUBLIC,
    "GET /manage/shifts/{id:uuid}/cancellation": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/cancellation": ON_PUBLIC,
    "GET /manage/shifts/{id:uuid}/edit": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/edit": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/hours": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/offers": ON_PUBLIC,
    "GET /manage/shifts/{id:uuid}/eligibility": BOOKED,
    "GET /manage/shifts/{id:uuid}/waitlist": ON_PUBLIC,
    "POST /manage/shifts/{id:uuid}/waitlist": ON_PUBLIC,
    "GET /manage/bookings/{id:uuid}/removal": BOOKED,
    "POST /manage/bookings/{id:uuid}/removal": BOOKED,
    "GET /manage/{organisation_id:uuid}": WORKSPACE,
    "GET /manage/{organisation_id:uuid}/applications": APPLICANTS,
    "GET /manage/{organisation_id:uuid}/closure": OWNS,
    "POST /manage/{organisation_id:uuid}/closure": OWNS,
    "GET /manage/{organisation_id:uuid}/details": OWNS,
    "POST /manage/{organisation_id:uuid}/details": OWNS,
    "GET /manage/{organisation_id:uuid}/funds": OVERSEES,
    "GET /manage/{organisation_id:uuid}/funds/new": GIVES,
    "POST /manage/{organisation_id:uuid}/funds/new": GIVES,
    "POST /manage/{organisation_id:uuid}/invitations": OWNS,
    "POST /manage/{organisation_id:uuid}/invitations/{invitation_id:uuid}/resend": OWNS,
    "POST /manage/{organisation_id:uuid}/invitations/{invitation_id:uuid}/withdrawal": OWNS,
    "GET /manage/{organisation_id:uuid}/opportunities": DRAFTS,
    "GET /manage/{organisation_id:uuid}/opportunities/new": WRITES,
    "POST /manage/{organisation_id:uuid}/opportunities/new": WRITES,
    "GET /manage/{organisation_id:uuid}/people": PEOPLE_LIST,
    "GET /manage/{organisation_id:uuid}/people/{person_id:uuid}": PEOPLE_LIST,
    "POST /manage/{organisation_id:uuid}/people/{person_id:uuid}/removal": OWNS,
    "POST /manage/{organisation_id:uuid}/people/{person_id:uuid}/role": OWNS,
    "GET /manage/{organisation_id:uuid}/picture": OWNS,
    "POST /manage/{organisation_id:uuid}/picture": OWNS,
    "POST /manage/{organisation_id:uuid}/picture/removal": OWNS,
    "POST /manage/{organisation_id:uuid}/rounds/{round_id:uuid}/assessment": GIVES,
    "GET /manage/{organisation_id:uuid}/rounds/{round_id:uuid}/assessors": GIVES,
    "POST /manage/{organisation_id:uuid}/rounds/{round_id:uuid}/assessors": GIVES,
    "POST /manage/{organisation_id:uuid}/rounds/{round_id:uuid}"
    "/assessors/{person_id:uuid}/removal": GIVES,
    "GET /manage/{organisation_id:uuid}/rounds/{round_id:uuid}/decision": GIVES,
    "GET /manage/{organisation_id:uuid}/rounds/{round_id:uuid}"
    "/decision/{application_id:uuid}": GIVES,
    "POST /manage/{organisation_id:uuid}/rounds/{round_id:uuid}"
    "/decision/{application_id:uuid}/assessments/{person_id:uuid}/reopening": GIVES,
    "POST /manage/{organisation_id:uuid}/rounds/{round_id:uuid}"
    "/decision/{application_id:uuid}/award": GIVES,
    "POST /manage/{organisation_id:uuid}/rounds/{round_id:uuid}"
    "/decision/{application_id:uuid}/refusal": GIVES,
    "POST /manage/{organisation_id:uuid}/rounds/{round_id:uuid}"
    "/decision/{application_id:uuid}/withdrawal": GIVES,
    "GET /manage/{organisation_id:uuid}/rounds/{round_id:uuid}/ties": GIVES,
    "GET /manage/{organisation_id:uuid}/rounds/{round_id:uuid}/ties/{tie_id:uuid}": GIVES,
    "POST /manage/{organisation_id:uuid}/rounds/{round_id:uuid}/ties/{tie_id:uuid}": GIVES,
    "GET /manage/{organisation_id:uuid}/rounds/{round_id:uuid}/release": GIVES,
    "POST /manage/{organisation_id:uuid}/rounds/{round_id:uuid}/release": GIVES,
    "POST /manage/{organisation_id:uuid}/submission": OWNS,
    "GET /moderation": MODERATES,
    "GET /moderation/opportunities": MODERATES,
    "GET /moderation/opportunities/{id:uuid}": MODERATES,
    "POST /moderation/opportunities/{id:uuid}/acceptance": MODERATES,
    "POST /moderation/opportunities/{id:uuid}/return": MODERATES,
    "GET /moderation/organisations/{organisation_id:uuid}": MODERATES,
    "POST /moderation/organisations/{organisation_id:uuid}/approval": MODERATES,
    "POST /moderation/organisations/{organisation_id:uuid}/refusal": MODERATES,
    "POST /moderation/organisations/{organisation_id:uuid}/reinstatement": MODERATES,
    "POST /moderation/organisations/{organisation_id:uuid}/return": MODERATES,
    "POST /moderation/organisations/{organisation_id:uuid}/suspension": MODERATES,
    "POST /moderation/organisations/{organisation_id:uuid}/trust": MODERATES,
    "POST /moderation/organisations/{organisation_id:uuid}/trust/removal": MODERATES,
    "GET /my/offers/{id:uuid}": OWN,
    "POST /my/offers/{id:uuid}": OWN,
    "GET /my/volunteering": SIGNED_IN,
    "GET /offer": PUBLIC,
    "GET /open-data/360giving.json": PUBLIC,
    "GET /open-data/volunteering.jsonld": PUBLIC,
    "GET /opportunities": PUBLIC,
    "GET /opportunities/still-open/{token:str}": PUBLIC,
    "POST /opportunities/still-open/{token:str}": PUBLIC,
    "GET /opportunities/{id:uuid}": PUBLIC,
    "GET /organisations": PUBLIC,
    "GET /organisations/register": SIGNED_IN,
    "GET /organisations/register/charity/{number:str}": SIGNED_IN,
    "POST /organisations/register/charity/{number:str}": SIGNED_IN,
    "GET /organisations/register/find": SIGNED_IN,
    "GET /organisations/register/group": SIGNED_IN,
    "POST /organisations/register/group": SIGNED_IN,
    "GET /organisations/{organisation_id:uuid}": PUBLIC,
    "GET /password-reset": PUBLIC,
    "POST /password-reset": PUBLIC,
    "GET /password-reset/sent": PUBLIC,
    "GET /password-reset/{token:str}": PUBLIC,
    "POST /password-reset/{token:str}": PUBLIC,
    "GET /privacy": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /robots.txt": PUBLIC,
    "GET /rounds/{id:uuid}/application": SIGNED_IN,
    "POST /rounds/{id:uuid}/application": SIGNED_IN,
    "GET /search": PUBLIC,
    "GET /shift-offers/{token:str}": PUBLIC,
    "POST /shift-offers/{token:str}": PUBLIC,
    "GET /shifts/{id:uuid}/booking": SIGNED_IN,
    "POST /shifts/{id:uuid}/booking": SIGNED_IN,
    "GET /shifts/{id:uuid}/waiting": SIGNED_IN,
    "POST /shifts/{id:uuid}/waiting": SIGNED_IN,
    # Whoever is not on the list finds nothing to leave.
    "POST /shifts/{id:uuid}/waiting/end": "in 404 404 404 404 404 404 404 404 404 404",
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "POST /sign-out": PUBLIC,
    "GET /sign-up": PUBLIC,
    "POST /sign-up": PUBLIC,
    "GET /sign-up/sent": PUBLIC,
    # Checks and training.
    "GET /account/credentials": SIGNED_IN,
    "POST /account/credentials/{training_id:uuid}/sharing": OWN,
    "GET /manage/roles/{id:uuid}/safeguarding": BOOKED,
    "POST /manage/roles/{id:uuid}/safeguarding": BOOKED,
    "POST /manage/roles/{id:uuid}/training": BOOKED,
    "POST /manage/{organisation_id:uuid}/check-requests/{request_id:uuid}/closure": BOOKED,
    "GET /manage/{organisation_id:uuid}/credentials": BOOKED,
    "GET /manage/{organisation_id:uuid}/credentials/{person_id:uuid}": BOOKED,
    "GET /manage/{organisation_id:uuid}/credentials/{person_id:uuid}/check": BOOKED,
    "POST /manage/{organisation_id:uuid}/credentials/{person_id:uuid}/check": BOOKED,
    "GET /manage/{organisation_id:uuid}/credentials/{person_id:uuid}/training": BOOKED,
    "POST /manage/{organisation_id:uuid}/credentials/{person_id:uuid}/training": BOOKED,
    "POST /manage/{organisation_id:uuid}/credentials/{person_id:uuid}"
    "/{credential_id:uuid}/revocation": BOOKED,
    "GET /roles/{id:uuid}/check": SIGNED_IN,
    "POST /roles/{id:uuid}/check": SIGNED_IN,
    # Applying for roles.
    "GET /manage/applications/{id:uuid}": BOOKED,
    "POST /manage/applications/{id:uuid}/approval": BOOKED,
    "POST /manage/applications/{id:uuid}/refusal": BOOKED,
    "POST /manage/applications/{id:uuid}/revocation": BOOKED,
    "GET /manage/roles/{id:uuid}/applications": BOOKED,
    "GET /manage/roles/{id:uuid}/questions": BOOKED,
    "GET /manage/roles/{id:uuid}/questions/new": BOOKED,
    "POST /manage/roles/{id:uuid}/questions/new": BOOKED,
    "GET /manage/roles/{id:uuid}/questions/{question_id:uuid}": BOOKED,
    "POST /manage/roles/{id:uuid}/questions/{question_id:uuid}": BOOKED,
    "POST /manage/roles/{id:uuid}/questions/{question_id:uuid}/position": BOOKED,
    "POST /manage/roles/{id:uuid}/questions/{question_id:uuid}/retirement": BOOKED,
    "GET /manage/roles/{id:uuid}/questions/{question_id:uuid}/rule": BOOKED,
    "POST /manage/roles/{id:uuid}/questions/{question_id:uuid}/rule": BOOKED,
    "POST /manage/roles/{id:uuid}/rules/{rule_id:uuid}/removal": BOOKED,
    "POST /manage/roles/{id:uuid}/screening": BOOKED,
    "GET /manage/{organisation_id:uuid}/volunteers": BOOKED,
    "GET /my/applications": SIGNED_IN,
    "GET /my/applications/{id:uuid}": OWN,
    "POST /my/applications/{id:uuid}/review": OWN,
    "POST /my/applications/{id:uuid}/withdrawal": OWN,
    "GET /my/applications/{id:uuid}/referees/{referee_id:uuid}": OWN,
    "POST /my/applications/{id:uuid}/referees/{referee_id:uuid}": OWN,
    "GET /opportunities/{id:uuid}/roles/{role_id:uuid}/application": PUBLIC,
    "POST /opportunities/{id:uuid}/roles/{role_id:uuid}/application": PUBLIC,
    "GET /opportunities/{id:uuid}/roles/{role_id:uuid}/application/check": PUBLIC,
    "POST /opportunities/{id:uuid}/roles/{role_id:uuid}/application/submission": SIGNED_IN,
    "GET /references/{token:str}": PUBLIC,
    "POST /references/{token:str}": PUBLIC,
    "POST /references/{token:str}/refusal": PUBLIC,
    # Messages.
    "GET /bookings/{id:uuid}/messages": OWN,
    "POST /bookings/{id:uuid}/messages": OWN,
    "GET /manage/bookings/{id:uuid}/messages": BOOKED,
    "POST /manage/bookings/{id:uuid}/messages": BOOKED,
    "GET /manage/roles/{id:uuid}/messages": BOOKED,
    "POST /manage/roles/{id:uuid}/messages": BOOKED,
    "GET /manage/shifts/{id:uuid}/messages": BOOKED,
    "POST /manage/shifts/{id:uuid}/messages": BOOKED,
    "GET /manage/{organisation_id:uuid}/messages": BOOKED,
    "GET /manage/{organisation_id:uuid}/messages/{thread_id:uuid}": BOOKED,
    "POST /manage/{organisation_id:uuid}/messages/{thread_id:uuid}": BOOKED,
    "POST /manage/{organisation_id:uuid}/messages/{thread_id:uuid}/blocks": BOOKED,
    "POST /manage/{organisation_id:uuid}/messages/{thread_id:uuid}/blocks/removal": BOOKED,
    "GET /messages/{message_id:uuid}/report": GIVEN,
    "POST /messages/{message_id:uuid}/report": GIVEN,
    "GET /moderation/reports": MODERATES,
    "GET /moderation/reports/{report_id:uuid}": MODERATES,
    "POST /moderation/reports/{report_id:uuid}": MODERATES,
    "GET /my/messages": SIGNED_IN,
    "GET /my/messages/{thread_id:uuid}": OWN,
    "POST /my/messages/{thread_id:uuid}": OWN,
    "POST /my/messages/{thread_id:uuid}/blocks": OWN,
    "POST /my/messages/{thread_id:uuid}/blocks/removal": OWN,
    # The library of things.
    "POST /manage/reservations/{id:uuid}/absence": LENDS,
    "GET /manage/reservations/{id:uuid}/cancellation": LENDS,
    "POST /manage/reservations/{id:uuid}/cancellation": LENDS,
    "GET /manage/reservations/{id:uuid}/handover": LENDS,
    "POST /manage/reservations/{id:uuid}/handover": LENDS,
    "GET /manage/reservations/{id:uuid}/return": LENDS,
    "POST /manage/reservations/{id:uuid}/return": LENDS,
    "GET /manage/sites/{id:uuid}": SITE,
    "POST /manage/sites/{id:uuid}": SITE,
    "POST /manage/sites/{id:uuid}/days": SITE,
    "POST /manage/sites/{id:uuid}/days/removal": SITE,
    "GET /manage/things/{id:uuid}": DRAFTS,
    "GET /manage/things/{id:uuid}/edit": THING,
    "POST /manage/things/{id:uuid}/edit": THING,
    "GET /manage/things/{id:uuid}/picture": THING,
    "POST /manage/things/{id:uuid}/picture": THING,
    "POST /manage/things/{id:uuid}/picture/removal": THING,
    "POST /manage/things/{id:uuid}/publication": THING,
    "POST /manage/things/{id:uuid}/units": THING,
    "POST /manage/things/{id:uuid}/withdrawal": THING,
    "GET /manage/units/{id:uuid}/edit": THING,
    "POST /manage/units/{id:uuid}/edit": THING,
    "POST /manage/units/{id:uuid}/state": THING,
    "GET /manage/{organisation_id:uuid}/desk": WRITES,
    "GET /manage/{organisation_id:uuid}/sites": DRAFTS,
    "GET /manage/{organisation_id:uuid}/sites/new": OWNS,
    "POST /manage/{organisation_id:uuid}/sites/new": OWNS,
    "GET /manage/{organisation_id:uuid}/things": DRAFTS,
    "GET /manage/{organisation_id:uuid}/things/new": OWNS,
    "POST /manage/{organisation_id:uuid}/things/new": OWNS,
    "GET /my/borrowing": SIGNED_IN,
    "POST /reservations/{id:uuid}/cancellation": OWN,
    "GET /things": PUBLIC,
    "GET /things/{id:uuid}": PUBLIC,
    "GET /things/{id:uuid}/reservation": SIGNED_IN,
    "POST /things/{id:uuid}/reservation": SIGNED_IN,
}


# What makes a form whole where an empty one would be refused before its deed.
FILLED: dict[str, dict[str, str]] = {
    "POST /manage/shifts/{id:uuid}/attendance": {"state": "attended", "mark": "attended"},
    "POST /manage/shifts/{id:uuid}/waitlist": {"mode": "choose"},
    "POST /manage/{organisation_id:uuid}/invitations": {
        "email": "new@example.org",
        "role": "member",
    },
    "POST /manage/{organisation_id:uuid}/people/{person_id:uuid}/role": {"role": "trustee"},
    "POST /manage/units/{id:uuid}/state": {"state": "in_repair"},
    "POST /manage/sites/{id:uuid}/days/removal": {"day": "2027-01-01"},
}


@cache
def routes() -> list[tuple[str, Any]]:
    """Every route of the app and of the demo, as "METHOD /path"."""
    before = settings.current()
    settings.amend(demo=True)
    try:
        app = create_app()
    finally:
        settings.use(before)
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                found.append((f"{method} {route.path}", handler))
    return found


def test_every_route_is_declared():
    names = {name for name, _ in routes() if not name.startswith("GET /static/")}
    assert names - set(WHO) == set(), "declare who may use these routes"
    assert set(WHO) - names == set(), "these routes are gone"


@dataclass
class World:
    """One organisation with everything in it, and one person of each kind."""

    people: dict[str, factories.APerson]
    ids: dict[str, UUID | str]

    def address(self, name: str) -> str:
        """Fill in the ids of a route's path."""
        path = name.split(" ", 1)[1]

        def fill(match: re.Match[str]) -> str:
            key = match[1]
            if key in {"id", "token"}:
                stem = next(word for word in PREFIXES if path.startswith(word))
                key = PREFIXES[stem]
            if key == "question_id" and path.startswith("/manage/roles/"):
                key = "role_question"
            return str(self.ids[key])

        return re.sub(r"{(\w+):\w+}", fill, path)


# What `id` and `token` stand for, by the beginning of the path.
PREFIXES = {
    "/manage/things/": "thing",
    "/manage/units/": "unit",
    "/manage/sites/": "site",
    "/manage/reservations/": "reservation",
    "/things/": "thing",
    "/reservations/": "reservation",
    "/files/": "image",
    "/manage/opportunities/": "opportunity",
    "/manage/series/": "series",
    "/manage/visits/": "visit",
    "/my/visits/": "visit",
    "/manage/roles/": "role",
    "/manage/applications/": "role_application",
    "/my/applications/": "role_application",
    "/references/": "reference_token",
    "/guardians/": "guardian_token",
    "/my/guardian/roles/": "role",
    "/my/young-people/": "consent",
    "/my/groups/": "group",
    "/seats/": "seat_token",
    "/roles/": "guarded",
    "/manage/shifts/": "shift",
    "/manage/bookings/": "booking",
    "/manage/doubts/": "doubt",
    "/moderation/opportunities/": "submitted",
    "/opportunities/still-open/": "still_open_token",
    "/opportunities/": "opportunity",
    "/shifts/": "shift",
    "/my/offers/": "offer",
    "/shift-offers/": "offer_token",
    "/shift-asks/": "ask_token",
    "/campaigns/": "campaign_id",
    "/manage/shift-leaders/": "leader",
    "/manage/walk-ins/": "walk_in",
    "/check-in/": "check_in_token",
    "/expenses/": "expense",
    "/my/expenses/": "expense",
    "/my/statements/": "statement",
    "/bookings/cancel/": "cancel_token",
    "/consents/withdrawal/": "consent_token",
    "/claim/": "claim_token",
    "/calendars/": "feed_token",
    "/bookings/": "booking",
    "/confirm-email/": "confirm_token",
    "/account/email/": "change_token",
    "/password-reset/": "reset_token",
    "/invitations/": "invitation_token",
    "/funds/": "fund",
    "/manage/funds/": "fund",
    "/manage/rounds/": "round",
    "/rounds/": "open_round",
    "/applications/": "application",
    "/concerns/": "concern",
    "/my/lone/": "lone",
    "/manage/lone/": "lone",
    "/lone/safe/": "lone_token",
    "/demo/mailbox/": "mail",
    "/admin/jobs/": "job",
}


async def make_world(db: Any) -> World:
    """Make one of everything."""
    volunteer = await factories.a_person(name="Vi Volunteer")
    roles = {
        role: await factories.a_person(name=f"{role.value} person")
        for role in (OrgRole.MEMBER, OrgRole.TRUSTEE, OrgRole.COORDINATOR, OrgRole.OWNER)
    }
    someone = await factories.a_person(name="Sam Someone")
    here = await factories.an_organisation(
        owner=roles.pop(OrgRole.OWNER), members={**roles, OrgRole.FINANCE: someone}, name="Here"
    )
    elsewhere = await factories.an_organisation(name="Elsewhere")
    people = {
        "volunteer": volunteer,
        "unconfirmed": await factories.a_person(name="New Here", confirmed=False),
        "stranger": elsewhere.owner,
        "member": roles[OrgRole.MEMBER],
        "trustee": roles[OrgRole.TRUSTEE],
        "coordinator": roles[OrgRole.COORDINATOR],
        "owner": here.owner,
        **{
            role.value: await factories.a_person(name=role.value, platform=(role,))
            for role in PlatformRole
        },
    }
    opportunity = await factories.an_opportunity(here.id)
    role = await factories.a_role(opportunity)
    asked_about = await factories.an_opportunity(here.id, asked_at=clock.now())
    submitted = await factories.an_opportunity(
        elsewhere.id,
        state="submitted",
        submitted_at=clock.now(),
        timing="flexible",
        contact_how="01245 000000",
    )
    shift = await factories.a_shift(opportunity)
    series = await factories.a_series(shift)
    visit = await factories.a_visit(opportunity, volunteer.id)
    booking = await factories.a_booking(shift, volunteer.id)
    offer = await factories.an_offer(await factories.a_shift(opportunity, places=1), volunteer)
    of_shift = await db.fetch_value("SELECT role_id FROM shift WHERE id = {}", shift)
    leader = ShiftLeader(person_id=someone.id, organisation_id=here.id, role_id=of_shift)
    await leader.save()
    claimed = await claims.claim(volunteer.actor, of_shift, clock.today(), 60)
    expense = Expense(
        person_id=volunteer.id,
        organisation_id=here.id,
        on_date=clock.today(),
        what="Bus",
        pence=450,
        receipt_id=uuid4(),
        receipt_at=clock.now(),
    )
    await expense.save()
    await store.put(f"receipts/{expense.receipt_id}.webp", b"a receipt")
    statement = await factories.a_statement(volunteer.id, here.id, of_shift)
    walk_in = WalkIn(shift_id=shift, name="Wally")
    await walk_in.save()
    guarded = await factories.a_role(opportunity, title="Tutor", minimum_age=18)
    await factories_credentials.a_decision(guarded, here.owner.id)
    training = await factories_credentials.a_credential(
        here.id, volunteer.id, here.owner.id, kind=Kind.FIRST_AID
    )
    seen = await factories_credentials.a_credential(here.id, someone.id, here.owner.id)
    check_request = await factories_credentials.a_request(guarded, someone.id, here.id)
    asking_role = await factories.a_role(opportunity, title="Van driver")
    await factories_screening.a_screening(asking_role, references=1)
    role_question = await factories_screening.a_question(role)
    screening_rule = await factories_screening.a_rule(role, role_question)
    role_application = await factories_screening.an_application(asking_role, volunteer.id)
    referee = await factories_screening.a_referee(role_application)
    talked = await factories.a_shift(opportunity, starts_at=clock.now() + timedelta(days=40))
    talk = await factories_messages.a_thread(await factories.a_booking(talked, volunteer.id))
    consent = await factories_messages.a_consent(volunteer, here.id)
    asked_to_fill = FillAsk(
        shift_id=await factories.a_shift(opportunity, starts_at=clock.now() + timedelta(days=50)),
        person_id=someone.id,
        organisation_id=here.id,
    )
    await asked_to_fill.save()
    campaign = await factories.a_campaign()
    await factories.a_team(campaign, here.id)
    alone = await factories_safety.a_lone_booking(opportunity, volunteer.id)
    concern = await factories_safety.a_concern(here.id, people["coordinator"].id)
    young = await factories_minors.a_young_person()
    guarding = await factories_minors.a_consent(young, role, volunteer)
    doubt = await factories_minors.a_doubt(opportunity, someone.id)
    group, seat = await factories_minors.a_group(volunteer, opportunity)
    asked_guardian = await factories_minors.a_consent(young, role, email="guest@example.org")
    site = await factories_things.a_site(here.id)
    thing = await factories_things.a_thing(site)
    reservation = await factories_things.a_reservation(thing, volunteer.id, first=clock.today())
    unit = await db.fetch_value("SELECT id FROM unit ORDER BY label LIMIT 1")
    fund = await factories_grants.a_fund(here.id)
    round = await factories_grants.a_round(fund, state="draft")
    (*_, question) = await factories_grants.asked(round)
    criterion = await db.fetch_value("SELECT id FROM criterion WHERE round_id = {}", round)
    open_round = await factories_grants.a_round(await factories_grants.a_fund(elsewhere.id))
    application, _ = await factories_grants.a_draft(open_round, here)
    (*_, asked) = await factories_grants.asked(open_round)
    judged, judged_application, award = await a_judged_round(here.id, here.owner.id, someone.id)
    declared_tie = await a_tie(judged_application, roles[OrgRole.TRUSTEE].id)
    invitation, guest = uuid4(), await factories.a_person(email="guest@example.org")
    await db.execute(
        "INSERT INTO invitation (id, organisation_id, email, role, state, invited_by, expires_at)"
        " VALUES ({}, {}, 'guest@example.org', 'member', 'open', {}, now() + interval '1 day')",
        invitation,
        here.id,
        here.owner.id,
    )
    await db.execute(
        "INSERT INTO register_charity (organisation_number, registered_number, linked_number, name,"
        " search_name, charity_type, status, reporting_status, address, postcode, web,"
        " company_number, activities) VALUES (9900001, 9900001, 0, 'Stour Valley Lunch Club',"
        " 'stour valley lunch club', '', 'Registered', '', '{{}}', 'CO1 1AA', '', '', '')"
    )
    change = AddressChange(
        person_id=volunteer.id, email="vi@example.com", email_typed="vi@example.com"
    )
    await change.save()
    await operations.start_session(volunteer.id, device="Another phone")
    session = await db.fetch_value("SELECT id FROM session")
    async with db.transaction():
        await audit.record(Event.SIGNED_UP, "person", volunteer.id, by=volunteer.actor)
    job = await db.fetch_value("SELECT id FROM pgqueuer")
    image = uuid4()
    await store.put(object_name(image, "small"), b"a picture")
    return World(
        people=people,
        ids={
            "organisation_id": here.id,
            "person_id": someone.id,
            "invitation_id": invitation,
            "session_id": session,
            "opportunity": opportunity,
            "role": role,
            "submitted": submitted,
            "still_open_token": still_open.link(
                await opportunities.opportunity(here.owner.actor, asked_about), here.owner.id
            ),
            "concern": concern,
            "lone": alone,
            "lone_token": signing.sign("lone-safe", alone),
            "shift": shift,
            "series": series,
            "visit": visit,
            "booking": booking,
            "guarded": guarded,
            "training_id": training,
            "credential_id": seen,
            "request_id": check_request,
            "role_id": asking_role,
            "role_question": role_question,
            "rule_id": screening_rule,
            "role_application": role_application,
            "referee_id": referee,
            "consent": guarding,
            "doubt": doubt,
            "group": group,
            "seat_id": seat,
            "seat_token": signing.sign("group-seat", seat),
            "guardian_token": signing.sign("guardian-consent", asked_guardian, 1),
            "reference_token": signing.sign("reference", referee),
            "consent_token": consent.rsplit("/", 1)[-1],
            **await factories_moving_in.an_assisted(people["broker"].actor, opportunity),
            "import_id": await factories_moving_in.an_import(people["broker"].actor),
            "claim_token": await factories_moving_in.a_claim(),
            "feed_token": await factories_messages.a_feed(volunteer),
            "thread_id": talk.thread,
            "message_id": talk.message,
            "report_id": talk.report,
            "site": site,
            "thing": thing,
            "unit": unit,
            "reservation": reservation,
            "fund": fund,
            "round": round,
            "question_id": question.id,
            "criterion_id": criterion,
            "open_round": open_round,
            "application": application,
            "asked_id": asked.id,
            "round_id": judged,
            "application_id": judged_application,
            "award_id": award,
            "tie_id": declared_tie,
            "number": "9900001",
            "mail": "anything",
            "image": image,
            "name": "small.webp",
            "job": job,
            "hours_id": claimed,
            "statement": statement,
            "code": await db.fetch_value("SELECT code FROM statement"),
            "expense": expense.id,
            "expense_id": expense.id,
            "leader": leader.id,
            "walk_in": walk_in.id,
            "check_in_token": signing.sign("check-in", shift),
            "campaign_id": campaign,
            "ask_token": signing.sign("fill-ask", asked_to_fill.id),
            "offer": offer,
            "offer_token": signing.sign("shift-offer", offer),
            "cancel_token": signing.sign("cancel-booking", booking),
            "confirm_token": signing.sign("confirm-email", people["unconfirmed"].id, 1),
            "change_token": signing.sign("change-email", change.id),
            "reset_token": signing.sign("password-reset", guest.id, 1),
            "invitation_token": signing.sign("invitation", invitation, 1),
        },
    )


@dataclass
class Key:
    """What somebody's browser has after one page: its cookies, and the token of its forms."""

    cookies: dict[str, str]
    token: str


async def make_world_and_keys(db: Any, browsers: Any) -> tuple[World, dict[str, Key]]:
    """Make one of everything, and a browser of everybody: once, not for each route."""
    world = await make_world(db)
    keys = {}
    for who in PEOPLE:
        browser = browsers()
        if who != "nobody":
            await browser.sign_in_as(world.people[who].id)
        home = await browser.get("/about")
        found = re.search(r'X-CSRF-Token": "(\w+)"', home.text)
        assert found
        keys[who] = Key(dict(browser.client.cookies), found[1])
    return world, keys


async def ask(browser: Browser, name: str, address: str, token: str = "") -> str:
    """Ask for an address as a page of ours would, and say what came of it."""
    if name.startswith("GET"):
        page = await browser.get(address, follow=False)
    else:
        fields = {"_csrf": token, "_key": str(uuid4()), **FILLED.get(name, {})}
        page = await browser.post(address, fields, follow=False)
    assert page.status < 500, f"{name}: {page.words()}"
    if page.status == 303 and page.response.headers["location"].startswith("/sign-in?next="):
        return "in"
    return str(page.status) if page.status in {403, 404} else "ok"


@pytest.mark.parametrize("name", sorted(WHO))
async def test_each_kind_of_person_gets_what_is_declared(
    name: str, db: Any, browsers: Any, kept: Any
):
    world, keys = await kept.get("a_world", lambda: make_world_and_keys(db, browsers))
    expected = dict(zip(PEOPLE, (WHO[name].split() * len(PEOPLE))[: len(PEOPLE)], strict=True))
    address = world.address(name)
    got: dict[str, str] = {}
    # Those who may come last: what they do changes what the others would find.
    for who in sorted(PEOPLE, key=lambda person: expected[person] == "ok"):
        browser = browsers()
        browser.client.cookies.update(keys[who].cookies)
        got[who] = await ask(browser, name, address, keys[who].token)
    wrong = {who: f"{got[who]}, not {expected[who]}" for who in PEOPLE if got[who] != expected[who]}
    assert not wrong, f"{name}: {wrong}"


@pytest_asyncio.fixture
async def read_only(db: Any, owner: Any) -> AsyncIterator[Any]:
    """Make every write to any table fail, from when it is called until the test ends."""
    tables = [
        row["name"]
        for row in await owner.fetch(
            "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n"
            " ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'"
        )
        if row["name"] not in MAY_GROW
    ]

    async def shut() -> None:
        await owner.execute(
            "CREATE OR REPLACE FUNCTION test_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'a GET wrote to %', TG_TABLE_NAME; END $$"
        )
        for table in tables:
            await owner.execute(
                f"CREATE TRIGGER test_refuse BEFORE INSERT OR UPDATE OR DELETE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION test_refuse()"
            )

    yield shut
    await owner.execute("DROP FUNCTION IF EXISTS test_refuse() CASCADE")


async def test_a_get_never_writes(db: Any, browsers: Any, read_only: Any):
    world = await make_world(db)
    opened = {}
    for who in ("nobody", "volunteer", "administrator", "owner"):
        opened[who] = browsers()
        if who != "nobody":
            await opened[who].sign_in_as(world.people[who].id)
    await read_only()
    for name in sorted(WHO):
        if name.startswith("GET"):
            got = dict(zip(PEOPLE, (WHO[name].split() * len(PEOPLE))[: len(PEOPLE)], strict=True))
            let_in = [who for who in opened if got[who] == "ok"]
            refused = [who for who in opened if got[who] != "ok"]
            # The least and the most of those who are let in, and one who is not: a third who
            # sees the same page writes no more than they do.
            for who in dict.fromkeys([*let_in[:1], *let_in[-1:], *refused[:1]]):
                await ask(opened[who], name, world.address(name))


async def test_the_write_guard_of_this_test_would_notice(db: Any, read_only: Any):
    await read_only()
    with pytest.raises(Exception, match="a GET wrote to person"):
        await factories.a_person()
