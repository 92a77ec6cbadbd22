"""The tables of screening; their constraints are in migration 0018."""

from piccolo.columns import (
    JSONB,
    UUID,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import impersonal, not_personal, personal
from marketplace.ids import new_id
from marketplace.questions.tables import Question
from marketplace.volunteering.applications.rules import (
    ApplicationState,
    Compare,
    Effect,
    Outcome,
    Recommends,
    RefereeState,
)
from marketplace.volunteering.tables import Role

_published = not_personal("the organisation writes it for whoever applies")
_referee = personal("third-party", keep="90 days after the application is decided or withdrawn")
# Why somebody was or was not let in: an organisation has to be able to say so later.
_decision = personal(
    "subject", keep="as the record of the decision; the name goes with the account"
)


@impersonal("what a role asks of anybody")
class RoleScreening(Table, tablename="role_screening"):
    """Whether a role asks for an application, and who or what decides on it."""

    id = UUID(primary_key=True, default=new_id)
    role_id = ForeignKey(Role, null=False)
    needs_application = Boolean(default=False)
    by_rules = Boolean(default=False)
    references_wanted = Integer(default=0)
    good_for_months = Integer(null=True, default=None)


class ScreeningRule(Table, tablename="screening_rule"):
    """Approve or block by one answer."""

    id = UUID(primary_key=True, default=new_id)
    role_id = ForeignKey(Role, null=False)
    question_id = ForeignKey(Question, null=False)
    effect = Text(choices=Effect)
    test = Text(choices=Compare)
    value = _published(Text())
    reason = _published(Text())


class RoleApplication(Table, tablename="role_application"):
    """One person's application for one role; a visitor's draft has a token instead."""

    id = UUID(primary_key=True, default=new_id)
    role_id = ForeignKey(Role, null=False)
    organisation_id = UUID(default=None)
    person_id = UUID(null=True, default=None)
    token_hash = personal("secret", keep="14 days, or until the visitor signs in")(
        Bytea(null=True, default=None)
    )
    state = Text(choices=ApplicationState, default=ApplicationState.DRAFT)
    started_at = Timestamptz(default=clock.now)
    expires_at = Timestamptz(null=True, default=None)
    submitted_at = Timestamptz(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    approved_until = Timestamptz(null=True, default=None)
    reason = _decision(Text())
    by_rule = Boolean(default=False)
    by_hand_only = Boolean(default=False)


class Referee(Table):
    """Somebody an applicant named, and what they answered."""

    id = UUID(primary_key=True, default=new_id)
    application_id = ForeignKey(RoleApplication, null=False)
    position = Integer(default=1)
    name = _referee(Text())
    email = _referee(Text())
    relationship = _referee(Text())
    state = Text(choices=RefereeState, default=RefereeState.NAMED)
    asked_at = Timestamptz(null=True, default=None)
    reminded_at = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    known = _referee(Text())
    recommends = _referee(Text(choices=Recommends, default=Recommends.UNSAID))
    remarks = _referee(Text())
    erased_at = Timestamptz(null=True, default=None)


class ScreeningDecision(Table, tablename="screening_decision"):
    """What was decided, by whom or what, and why: append-only."""

    id = UUID(primary_key=True, default=new_id)
    application_id = ForeignKey(RoleApplication, null=False)
    outcome = Text(choices=Outcome)
    decided_by = UUID(null=True, default=None)
    reason = _decision(Text())
    trace = _decision(JSONB(default="[]"))
    at = Timestamptz(default=clock.now)
