"""Decisions that nobody outside the funder knows of yet, and who has a tie to an applicant."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T11:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Decisions"

STATEMENTS = [
    # Kept apart from the application, so that no page of the applicant can tell before all
    # decisions of a round are released: until then the application says that it is submitted.
    # A decision that was taken back is deleted; what it set aside came back in the ledger.
    """
    CREATE TABLE IF NOT EXISTS decision (
        id uuid PRIMARY KEY,
        application_id uuid NOT NULL REFERENCES application (id),
        round_id uuid NOT NULL REFERENCES round (id),
        outcome text NOT NULL CHECK (outcome IN ('award', 'decline')),
        note text NOT NULL DEFAULT '',
        decided_by uuid REFERENCES person (id),
        decided_at timestamptz NOT NULL DEFAULT now(),
        released_at timestamptz,
        CONSTRAINT decision_decline_has_reason CHECK (outcome = 'award' OR note <> '')
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS decision_once ON decision (application_id)",
    "CREATE INDEX IF NOT EXISTS decision_round ON decision (round_id)",
    # The one rule of who must not see an application: whoever said so, and the applicant's own
    # people, also those who stopped being so after it was noticed.
    """
    CREATE OR REPLACE FUNCTION tied(application uuid, applicant uuid, person uuid)
    RETURNS boolean LANGUAGE sql STABLE AS $$
        SELECT EXISTS (SELECT FROM declaration d WHERE d.application_id = $1
                AND d.person_id = $3 AND d.conflict)
            OR EXISTS (SELECT FROM membership m WHERE m.organisation_id = $2
                AND m.person_id = $3)
    $$
    """,
    # Without points and not abstained, a score is still to be given.
    "ALTER TABLE score ADD COLUMN IF NOT EXISTS abstained boolean NOT NULL DEFAULT false",
    "ALTER TABLE score DROP CONSTRAINT IF EXISTS score_abstained_has_no_points",
    "ALTER TABLE score ADD CONSTRAINT score_abstained_has_no_points"
    " CHECK (NOT abstained OR points IS NULL)",
    "CREATE INDEX IF NOT EXISTS assessment_person ON assessment (person_id)",
    "CREATE INDEX IF NOT EXISTS declaration_person ON declaration (person_id)",
    "CREATE INDEX IF NOT EXISTS round_assessor_person ON round_assessor (person_id)",
    "CREATE INDEX IF NOT EXISTS award_in_order ON award (awarded_on, id)"
    " WHERE published_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS award_round ON award (round_id)",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
