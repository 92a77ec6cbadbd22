"""Who was there and when, hours that both sides stand behind, expenses, and what is shown of it."""

from marketplace.db.migrations import sql_migration

ID = "2026-11-22T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "On the day, hours, expenses and recognition"

STATEMENTS = [
    # --- attendance
    """
    CREATE TABLE IF NOT EXISTS attendance (
        id uuid PRIMARY KEY,
        booking_id uuid NOT NULL REFERENCES booking (id),
        in_at timestamptz,
        out_at timestamptz,
        how text NOT NULL CHECK (how IN ('code', 'list', 'walk_in')),
        excused boolean NOT NULL DEFAULT false,
        marked_by uuid REFERENCES person (id),
        CONSTRAINT attendance_in_before_out CHECK (out_at >= in_at)
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS attendance_once ON attendance (booking_id)",
    # Somebody without an account who stood at the door: a place taken, and for a month a name.
    """
    CREATE TABLE IF NOT EXISTS walk_in (
        id uuid PRIMARY KEY,
        shift_id uuid NOT NULL REFERENCES shift (id),
        name text,
        added_by uuid REFERENCES person (id),
        added_at timestamptz NOT NULL DEFAULT now(),
        removed_at timestamptz
    )
    """,
    "CREATE INDEX IF NOT EXISTS walk_in_shift ON walk_in (shift_id)",
    "CREATE INDEX IF NOT EXISTS walk_in_named ON walk_in (added_at) WHERE name IS NOT NULL",
    # A volunteer who may mark who came, on one shift or on every shift of one role.
    """
    CREATE TABLE IF NOT EXISTS shift_leader (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        role_id uuid NOT NULL REFERENCES role (id) ON DELETE CASCADE,
        shift_id uuid REFERENCES shift (id) ON DELETE CASCADE,
        named_by uuid REFERENCES person (id),
        named_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS shift_leader_once"
    " ON shift_leader (role_id, person_id, shift_id) NULLS NOT DISTINCT WHERE ended_at IS NULL",
    "CREATE INDEX IF NOT EXISTS shift_leader_person ON shift_leader (person_id)",
    "CREATE INDEX IF NOT EXISTS shift_leader_shift ON shift_leader (shift_id)",
    # --- hours
    "ALTER TABLE hours ALTER COLUMN booking_id DROP NOT NULL",
    "ALTER TABLE hours ADD COLUMN IF NOT EXISTS role_id uuid REFERENCES role (id)",
    "ALTER TABLE hours ADD COLUMN IF NOT EXISTS on_date date",
    "ALTER TABLE hours ADD COLUMN IF NOT EXISTS proposed_by text NOT NULL DEFAULT 'attendance'",
    "ALTER TABLE hours ADD COLUMN IF NOT EXISTS note text NOT NULL DEFAULT ''",
    "ALTER TABLE hours ADD COLUMN IF NOT EXISTS disputed_by text",
    "ALTER TABLE hours ADD COLUMN IF NOT EXISTS disputed_minutes integer",
    "ALTER TABLE hours ADD COLUMN IF NOT EXISTS dispute text NOT NULL DEFAULT ''",
    "ALTER TABLE hours ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now()",
    "UPDATE hours h SET role_id = s.role_id, on_date = s.local_start::date"
    " FROM booking b JOIN shift s ON s.id = b.shift_id"
    " WHERE b.id = h.booking_id AND h.role_id IS NULL",
    # Hours of a booking are of its shift's role and day; nobody has to say it twice.
    """
    CREATE OR REPLACE FUNCTION hours_of_booking() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.booking_id IS NOT NULL THEN
            SELECT s.role_id, s.local_start::date INTO NEW.role_id, NEW.on_date
                FROM booking b JOIN shift s ON s.id = b.shift_id WHERE b.id = NEW.booking_id;
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE OR REPLACE TRIGGER hours_of_booking BEFORE INSERT ON hours"
    " FOR EACH ROW EXECUTE FUNCTION hours_of_booking()",
    "ALTER TABLE hours DROP CONSTRAINT IF EXISTS hours_of_a_role_and_day",
    "ALTER TABLE hours ADD CONSTRAINT hours_of_a_role_and_day"
    " CHECK (role_id IS NOT NULL AND on_date IS NOT NULL)",
    "ALTER TABLE hours DROP CONSTRAINT IF EXISTS hours_state_check",
    "ALTER TABLE hours ADD CONSTRAINT hours_state_check"
    " CHECK (state IN ('proposed', 'confirmed', 'disputed', 'withdrawn'))",
    "ALTER TABLE hours DROP CONSTRAINT IF EXISTS hours_proposed_by_check",
    "ALTER TABLE hours ADD CONSTRAINT hours_proposed_by_check"
    " CHECK (proposed_by IN ('attendance', 'volunteer', 'organisation'))",
    "ALTER TABLE hours DROP CONSTRAINT IF EXISTS hours_disputed_in_words",
    "ALTER TABLE hours ADD CONSTRAINT hours_disputed_in_words CHECK (state <> 'disputed' OR"
    " disputed_by IN ('volunteer', 'organisation') AND dispute <> ''"
    " AND disputed_minutes BETWEEN 0 AND 1440)",
    # Once a booking (hours_once); without one, once a person, role and day.
    "CREATE UNIQUE INDEX IF NOT EXISTS hours_once_a_day ON hours (person_id, role_id, on_date)"
    " WHERE booking_id IS NULL",
    "CREATE INDEX IF NOT EXISTS hours_by_day ON hours (organisation_id, on_date DESC, id)",
    "CREATE INDEX IF NOT EXISTS hours_of_person_by_day ON hours (person_id, on_date DESC, id)",
    "CREATE INDEX IF NOT EXISTS hours_role ON hours (role_id)",
    "DROP INDEX IF EXISTS hours_person",
    "DROP INDEX IF EXISTS hours_organisation",
    # --- expenses
    """
    CREATE TABLE IF NOT EXISTS expense (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        on_date date NOT NULL,
        kind text NOT NULL CHECK (kind IN ('receipt', 'car', 'motorcycle', 'bicycle')),
        what text NOT NULL,
        pence integer NOT NULL CHECK (pence BETWEEN 1 AND 10000000),
        tenths_of_miles integer CHECK (tenths_of_miles BETWEEN 1 AND 20000),
        state text NOT NULL
            CHECK (state IN ('submitted', 'returned', 'approved', 'paid', 'withdrawn')),
        note text NOT NULL DEFAULT '',
        receipt_id uuid,
        receipt_at timestamptz,
        decided_by uuid REFERENCES person (id),
        decided_at timestamptz,
        paid_at timestamptz,
        submitted_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT expense_miles_of_a_journey
            CHECK ((kind = 'receipt') = (tenths_of_miles IS NULL)),
        CONSTRAINT expense_not_by_its_claimant CHECK (decided_by <> person_id),
        CONSTRAINT expense_decided CHECK
            (state NOT IN ('returned', 'approved', 'paid') OR decided_at IS NOT NULL),
        CONSTRAINT expense_returned_in_words CHECK (state <> 'returned' OR note <> '')
    )
    """,
    "CREATE INDEX IF NOT EXISTS expense_person ON expense (person_id, on_date DESC)",
    "CREATE INDEX IF NOT EXISTS expense_organisation ON expense (organisation_id, state, on_date)",
    "CREATE UNIQUE INDEX IF NOT EXISTS expense_receipt ON expense (receipt_id)",
    # --- recognition
    """
    CREATE TABLE IF NOT EXISTS thanks (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        booking_id uuid REFERENCES booking (id),
        words text NOT NULL,
        said_by uuid REFERENCES person (id),
        said_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX IF NOT EXISTS thanks_person ON thanks (person_id, said_at DESC)",
    "CREATE INDEX IF NOT EXISTS thanks_booking ON thanks (booking_id)",
    # What a volunteer chose to show, as it stood on the day; gone when they say so.
    """
    CREATE TABLE IF NOT EXISTS statement (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person (id),
        code text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('certificate', 'statement')),
        first_day date NOT NULL,
        last_day date NOT NULL,
        shows_name boolean NOT NULL,
        shows_roles boolean NOT NULL,
        shows_hours boolean NOT NULL,
        minutes integer NOT NULL CHECK (minutes > 0),
        made_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS statement_code ON statement (code)",
    "CREATE INDEX IF NOT EXISTS statement_person ON statement (person_id, made_at DESC)",
    """
    CREATE TABLE IF NOT EXISTS statement_line (
        id uuid PRIMARY KEY,
        statement_id uuid NOT NULL REFERENCES statement (id) ON DELETE CASCADE,
        organisation_id uuid NOT NULL REFERENCES organisation (id),
        role_id uuid NOT NULL REFERENCES role (id),
        minutes integer NOT NULL CHECK (minutes > 0)
    )
    """,
    "CREATE INDEX IF NOT EXISTS statement_line_statement ON statement_line (statement_id)",
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
