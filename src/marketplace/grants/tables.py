"""The tables of grants; their constraints are in migration 0010. Money is integer pence.

Wall times stand beside instants: `opens_local` and `deadline_local` are what the funder said, in
`zone`; `opens_at` and `deadline` are what everything is judged by.
"""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    Text,
    Timestamp,
    Timestamptz,
)
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal
from marketplace.grants.rules import (
    ApplicationState,
    AssessmentState,
    FundState,
    RoundState,
)
from marketplace.ids import new_id

_published = not_personal("the funder writes it to be read by everybody")
_rule = not_personal("a rule of the round")
_said = not_personal("a time of the round, as it was announced")
_project = not_personal("about a project of an organisation")
# What people write about themselves and others stays with the record of the money.
_record = personal("third-party", keep="six years after the decision")


class Fund(Table):
    """What a funder gives money for."""

    id = UUID(primary_key=True, default=new_id)
    organisation_id = UUID(default=None)
    title = _published(Text())
    summary = _published(Text())
    description = _published(Text())
    causes = _published(Array(base_column=Text()))
    area = _published(Text())
    state = Text(choices=FundState, default=FundState.DRAFT)
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz(default=clock.now)
    published_at = Timestamptz(null=True, default=None)


class Round(Table):
    """One call of a fund. `committed` is kept by the database at or under `budget`."""

    id = UUID(primary_key=True, default=new_id)
    fund_id = ForeignKey(Fund, null=False)
    organisation_id = UUID(default=None)
    title = _published(Text())
    state = Text(choices=RoundState, default=RoundState.DRAFT)
    opens_at = Timestamptz(default=None)
    opens_local = _said(Timestamp(default=None))
    deadline = Timestamptz(default=None)
    deadline_local = _said(Timestamp(default=None))
    zone = _said(Text(default="Europe/London"))
    currency = _rule(Text(default="GBP"))
    budget = BigInt(default=None)
    committed = BigInt(default=0)
    least = BigInt(default=0)
    most = BigInt(default=None)
    who_may_apply = _published(Text())
    contact = _published(Text())
    kinds = _rule(Array(base_column=Text()))
    districts = _rule(Array(base_column=Text()))
    income_at_most = BigInt(null=True, default=None)
    years_registered = Integer(default=0)
    approved_only = Boolean(default=True)
    starts_on = _rule(Date(null=True, default=None))
    ends_on = _rule(Date(null=True, default=None))
    published_at = Timestamptz(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)


class RoundAmendment(Table, tablename="round_amendment"):
    """What changed of a round after it was published: append-only, and public."""

    id = UUID(primary_key=True, default=new_id)
    round_id = ForeignKey(Round, null=False)
    at = Timestamptz(default=clock.now)
    by = UUID(null=True, default=None)
    reason = _published(Text())
    deadline_was = Timestamptz(null=True, default=None)
    deadline = Timestamptz(null=True, default=None)
    budget_was = BigInt(null=True, default=None)
    budget = BigInt(null=True, default=None)
    texts = _published(Array(base_column=Text()))


class Criterion(Table):
    """What applications are judged by; `most` points, counted `weight` times."""

    id = UUID(primary_key=True, default=new_id)
    round_id = ForeignKey(Round, null=False)
    position = Integer(default=0)
    label = _published(Text())
    help = _published(Text())
    weight = Integer(default=1)
    most = Integer(default=5)


class Application(Table):
    """What one organisation asks of one round."""

    id = UUID(primary_key=True, default=new_id)
    round_id = ForeignKey(Round, null=False)
    organisation_id = UUID(default=None)
    title = _project(Text())
    amount = BigInt(null=True, default=None)
    state = Text(choices=ApplicationState, default=ApplicationState.DRAFT)
    started_by = UUID(null=True, default=None)
    started_at = Timestamptz(default=clock.now)
    submitted_by = UUID(null=True, default=None)
    submitted_at = Timestamptz(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)
    snapshot = _record(JSONB(null=True, default=None))
    decided_at = Timestamptz(null=True, default=None)
    decision_note = _record(Text())


class RoundAssessor(Table, tablename="round_assessor"):
    """A person named to assess a round."""

    id = UUID(primary_key=True, default=new_id)
    round_id = ForeignKey(Round, null=False)
    person_id = UUID(default=None)
    added_at = Timestamptz(default=clock.now)


class Declaration(Table):
    """What an assessor said of their ties; `found` where membership showed it by itself."""

    id = UUID(primary_key=True, default=new_id)
    application_id = ForeignKey(Application, null=False)
    person_id = UUID(default=None)
    conflict = Boolean(default=False)
    nature = _record(Text())
    found = Boolean(default=False)
    declared_at = Timestamptz(default=clock.now)


class LiftedTie(Table, tablename="lifted_tie"):
    """A tie that was declared or noticed and does not hold: append-only."""

    id = UUID(primary_key=True, default=new_id)
    application_id = ForeignKey(Application, null=False)
    person_id = UUID(default=None)
    nature = _record(Text())
    found = Boolean(default=False)
    reason = _record(Text())
    by = UUID(default=None)
    at = Timestamptz(default=clock.now)


class Assessment(Table):
    """One person's judgement of one application; `version` counts its saves."""

    id = UUID(primary_key=True, default=new_id)
    application_id = ForeignKey(Application, null=False)
    person_id = UUID(default=None)
    state = Text(choices=AssessmentState, default=AssessmentState.STARTED)
    comment = _record(Text())
    version = Integer(default=1)
    finished_at = Timestamptz(null=True, default=None)


class Score(Table):
    """Points for one criterion; None with `abstained` is an abstention, which is not nought."""

    id = UUID(primary_key=True, default=new_id)
    assessment_id = ForeignKey(Assessment, null=False)
    criterion_id = ForeignKey(Criterion, null=False)
    points = Integer(null=True, default=None)
    abstained = Boolean(default=False)
    reason = _record(Text())


class Award(Table):
    """Money promised to an applicant; in public from `published_at`."""

    id = UUID(primary_key=True, default=new_id)
    application_id = ForeignKey(Application, null=False)
    round_id = ForeignKey(Round, null=False)
    fund_id = ForeignKey(Fund, null=False)
    funder_id = UUID(default=None)
    recipient_id = UUID(default=None)
    title = _published(Text())
    description = _published(Text())
    amount = BigInt(default=None)
    currency = _published(Text(default="GBP"))
    awarded_on = _published(Date(default=None))
    starts_on = _published(Date(null=True, default=None))
    ends_on = _published(Date(null=True, default=None))
    published_at = Timestamptz(null=True, default=None)
    modified_at = Timestamptz(default=clock.now)
    decided_by = UUID(null=True, default=None)


class Commitment(Table):
    """An entry of the round's ledger: append-only. What comes back is negative."""

    id = UUID(primary_key=True, default=new_id)
    round_id = ForeignKey(Round, null=False)
    award_id = ForeignKey(Award, null=False)
    amount = BigInt(default=None)
    at = Timestamptz(default=clock.now)
    by = UUID(null=True, default=None)
