"""Somebody leaves: what goes with the account, whichever verb ends it, and what never comes back.

Earlier migrations have their own triggers of the same kind: `forget_words`, `forget_moved_in`,
`forget_safety_details`, `forget_availability`.
"""

from marketplace.db.migrations import sql_migration

ID = "2026-11-23T02:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Leaving"

# Where no row may come to belong to somebody who left: table, column, and when it is looked at.
# Hours and attendance of a shift before that may still be written down for them by others.
_HERE = (
    ("session", "person_id", ""),
    ("platform_role", "person_id", ""),
    ("consent", "person_id", "NEW.agreed"),
    ("membership", "person_id", ""),
    ("place_lead", "person_id", ""),
    ("booking", "person_id", ""),
    ("offer_entry", "person_id", ""),
    ("hours", "person_id", "NEW.proposed_by = 'volunteer'"),
    ("role_application", "person_id", ""),
    ("visit", "volunteer_id", ""),
    ("volunteer_group", "captain_id", ""),
    ("group_seat", "person_id", ""),
    ("guardian_consent", "person_id", ""),
    ("guardian_consent", "guardian_id", ""),
    ("named_adult", "person_id", ""),
    ("shift_leader", "person_id", ""),
    ("fill_ask", "person_id", ""),
    ("check_request", "person_id", ""),
    ("credential", "person_id", ""),
    ("expense", "person_id", ""),
    ("thanks", "person_id", ""),
    ("statement", "person_id", ""),
    ("availability", "person_id", ""),
    ("safety_details", "person_id", ""),
    ("safety_share", "person_id", ""),
    ("calendar_feed", "person_id", ""),
    ("assisted_person", "person_id", ""),
    ("message", "author_id", ""),
    ("message_report", "reporter_id", ""),
    ("reservation", "person_id", ""),
    ("round_assessor", "person_id", ""),
)


def _here(table: str, column: str, when: str) -> str:
    condition = f"NEW.{column} IS NOT NULL" + (f" AND {when}" if when else "")
    return (
        f"CREATE OR REPLACE TRIGGER {column}_is_here BEFORE INSERT OR UPDATE OF {column}"
        f" ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION person_is_here('{column}')"
    )


STATEMENTS = [
    # The name and address for the last message, sealed, until the worker has sent it.
    """
    CREATE TABLE IF NOT EXISTS farewell (
        id uuid PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
        sealed bytea NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
    )
    """,
    # --- what goes: the columns kept as long as the account, and what others keep of the address
    """
    CREATE OR REPLACE FUNCTION forget_account() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM session WHERE person_id = NEW.id;
        UPDATE booking SET reason = '' WHERE person_id = NEW.id AND reason <> '';
        UPDATE offer_entry SET reason = '' WHERE person_id = NEW.id AND reason <> '';
        UPDATE hours SET note = '', dispute = CASE dispute WHEN '' THEN ''
                ELSE 'What was written here went with the account.' END
            WHERE person_id = NEW.id AND (note <> '' OR dispute <> '');
        UPDATE lone_watch w SET note = '' FROM booking b
            WHERE b.id = w.booking_id AND b.person_id = NEW.id AND w.note <> '';
        UPDATE visit SET message = '', answer = '' WHERE volunteer_id = NEW.id;
        DELETE FROM thanks WHERE person_id = NEW.id;
        DELETE FROM statement WHERE person_id = NEW.id;
        -- What was never paid is in nobody's books.
        UPDATE expense SET what = '', note = ''
            WHERE person_id = NEW.id AND state = 'withdrawn';
        UPDATE reservation SET reason = '' WHERE person_id = NEW.id AND reason <> '';
        -- That a check or a training was seen stays, as the organisation's proof.
        UPDATE credential SET reference = '', shared = false WHERE person_id = NEW.id;
        DELETE FROM answer WHERE subject_type = 'role_application'
            AND subject_id IN (SELECT id FROM role_application WHERE person_id = NEW.id);
        DELETE FROM answer WHERE subject_type = 'booking'
            AND subject_id IN (SELECT id FROM booking WHERE person_id = NEW.id);
        -- What others wrote about them as referees, and what they wrote as one.
        UPDATE referee SET name = '', email = '', relationship = '', known = '', remarks = '',
                recommends = '', erased_at = now()
            WHERE erased_at IS NULL AND (email = OLD.email OR application_id IN
                (SELECT id FROM role_application WHERE person_id = NEW.id));
        UPDATE guardian_consent SET guardian_name = '', guardian_email = NULL,
                state = CASE state WHEN 'asked' THEN 'ended' ELSE state END
            WHERE person_id = NEW.id OR guardian_id = NEW.id OR guardian_email = OLD.email;
        UPDATE group_seat SET name = '', email = NULL,
                state = CASE state WHEN 'named' THEN 'declined' ELSE state END
            WHERE person_id = NEW.id OR email = OLD.email OR state <> 'accepted'
                AND group_id IN (SELECT id FROM volunteer_group WHERE captain_id = NEW.id);
        UPDATE invitation SET email = '',
                state = CASE state WHEN 'open' THEN 'withdrawn' ELSE state END
            WHERE email = OLD.email;
        UPDATE csv_import_row SET cells = '{}', label = '' WHERE OLD.email <> ''
            AND label <> '' AND strpos(lower(cells::text), OLD.email) > 0;
        UPDATE csv_import_row SET cells = '{}', label = ''
            WHERE made_id IN (SELECT id FROM hours WHERE person_id = NEW.id);
        UPDATE message_report r SET outcome = '' FROM message m
            WHERE m.id = r.message_id AND m.author_id = NEW.id AND r.outcome <> '';
        -- What a failed job said went with its error.
        UPDATE pgqueuer_log SET traceback = NULL WHERE traceback IS NOT NULL
            AND strpos(lower(traceback::text), OLD.email) > 0;
        DELETE FROM message_block WHERE person_id = NEW.id OR blocked_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER forget_account AFTER UPDATE OF anonymised_at ON person FOR EACH ROW
    WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL)
    EXECUTE FUNCTION forget_account()
    """,
    # --- what never comes back: a page that was open in another tab may still be sent
    """
    CREATE OR REPLACE FUNCTION stays_forgotten() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'This person left.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'person_is_here';
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER stays_forgotten BEFORE UPDATE ON person FOR EACH ROW
    WHEN (OLD.anonymised_at IS NOT NULL AND (NEW.anonymised_at IS NULL
        OR (NEW.email, NEW.email_typed, NEW.name, NEW.password_hash, NEW.postcode, NEW.skills,
            NEW.causes, NEW.onward, NEW.born_on, NEW.point::text)
        IS DISTINCT FROM (OLD.email, OLD.email_typed, OLD.name, OLD.password_hash, OLD.postcode,
            OLD.skills, OLD.causes, OLD.onward, OLD.born_on, OLD.point::text)))
    EXECUTE FUNCTION stays_forgotten()
    """,
    # The row is held as a foreign key holds it, so whoever leaves at this moment is waited for.
    """
    CREATE OR REPLACE FUNCTION person_is_here() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        who uuid;
    BEGIN
        CASE TG_ARGV[0]
            WHEN 'person_id' THEN who := NEW.person_id;
            WHEN 'guardian_id' THEN who := NEW.guardian_id;
            WHEN 'captain_id' THEN who := NEW.captain_id;
            WHEN 'volunteer_id' THEN who := NEW.volunteer_id;
            WHEN 'author_id' THEN who := NEW.author_id;
            WHEN 'reporter_id' THEN who := NEW.reporter_id;
        END CASE;
        PERFORM FROM person WHERE id = who AND anonymised_at IS NULL FOR KEY SHARE;
        IF NOT FOUND AND EXISTS (SELECT FROM person WHERE id = who) THEN
            RAISE EXCEPTION 'This person left.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'person_is_here';
        END IF;
        RETURN NEW;
    END $$
    """,
    *(_here(*each) for each in _HERE),
]

forwards = sql_migration(ID, STATEMENTS, DESCRIPTION)
