"""The tables of messages; their constraints are in migration 0020."""

from piccolo.columns import UUID, Boolean, ForeignKey, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id
from marketplace.messages.rules import Reason, ReportState, Side


class MessageThread(Table):
    """What is said about one subject; its row is locked while anything is."""

    id = UUID(primary_key=True, default=new_id)
    subject_type = not_personal("a kind of row, such as booking")(Text())
    subject_id = UUID(default=None)
    organisation_id = UUID(default=None)
    person_id = UUID(default=None)
    created_at = Timestamptz(default=clock.now)
    last_at = Timestamptz(default=clock.now)


class Message(Table):
    """One message; the text goes with its author's account, or when a moderator takes it down."""

    id = UUID(primary_key=True, default=new_id)
    thread_id = ForeignKey(MessageThread, null=False)
    author_id = UUID(default=None)
    side = Text(choices=Side, default=Side.PERSON)
    text = personal("subject", keep="account of its author")(Text())
    safety = Boolean(default=False)
    broadcast_id = UUID(null=True, default=None)
    sent_at = Timestamptz(default=clock.now)
    removed_at = Timestamptz(null=True, default=None)


class MessageCopy(Table):
    """Somebody who was given a message to another person."""

    id = UUID(primary_key=True, default=new_id)
    message_id = ForeignKey(Message, null=False)
    person_id = UUID(default=None)


class MessageSeen(Table):
    """That a side has read a thread: append-only, because pages that are opened write nothing."""

    id = UUID(primary_key=True, default=new_id)
    thread_id = ForeignKey(MessageThread, null=False)
    person_id = UUID(default=None)
    side = Text(choices=Side, default=Side.PERSON)
    at = Timestamptz(default=clock.now)


class MessageBlock(Table):
    """The wish of a person, or of an organisation, that somebody writes to them no more."""

    id = UUID(primary_key=True, default=new_id)
    person_id = UUID(null=True, default=None)
    organisation_id = UUID(null=True, default=None)
    blocked_id = UUID(default=None)
    created_by = UUID(default=None)
    created_at = Timestamptz(default=clock.now)


class MessageReport(Table):
    """A message that somebody showed to the moderators."""

    id = UUID(primary_key=True, default=new_id)
    message_id = ForeignKey(Message, null=False)
    reporter_id = UUID(default=None)
    reason = Text(choices=Reason, default=Reason.OTHER)
    note = personal("subject", keep="account of the reporter")(Text())
    state = Text(choices=ReportState, default=ReportState.OPEN)
    created_at = Timestamptz(default=clock.now)
    dealt_by = UUID(null=True, default=None)
    dealt_at = Timestamptz(null=True, default=None)
    outcome = personal("third-party", keep="account of its author")(Text())
