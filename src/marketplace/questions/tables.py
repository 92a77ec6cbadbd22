"""The tables of questions and answers; their constraints are in migration 0009."""

from piccolo.columns import UUID, Array, Boolean, ForeignKey, Integer, Text, Timestamptz
from piccolo.table import Table

from marketplace import clock
from marketplace.db.tags import not_personal, personal
from marketplace.ids import new_id
from marketplace.questions.rules import Kind, Meaning, Owner, Subject

_published = not_personal("whoever asks writes it to be read by everybody")
# People write about themselves and others in an application.
_answer = personal("third-party", keep="as long as the application it belongs to")


class Question(Table):
    """One question; `word_limit` None is no limit, `options` are for choices."""

    id = UUID(primary_key=True, default=new_id)
    owner_type = Text(choices=Owner)
    owner_id = UUID(default=None)
    position = Integer(default=0)
    kind = Text(choices=Kind)
    label = _published(Text())
    help = _published(Text())
    required = Boolean(default=True)
    word_limit = Integer(null=True, default=None)
    options = _published(Array(base_column=Text()))
    meaning = Text(choices=Meaning, default=Meaning.NONE)
    retired_at = Timestamptz(null=True, default=None)


class Answer(Table):
    """What was answered last; the chosen of several options stand one a line."""

    id = UUID(primary_key=True, default=new_id)
    question_id = ForeignKey(Question, null=False)
    subject_type = Text(choices=Subject)
    subject_id = UUID(default=None)
    version = Integer(default=1)
    value = _answer(Text())
    page = UUID(null=True, default=None)
    answered_by = UUID(null=True, default=None)
    answered_at = Timestamptz(default=clock.now)


class AnswerVersion(Table, tablename="answer_version"):
    """What stood there before."""

    id = UUID(primary_key=True, default=new_id)
    answer_id = ForeignKey(Answer, null=False)
    version = Integer(default=1)
    value = _answer(Text())
    answered_by = UUID(null=True, default=None)
    answered_at = Timestamptz(default=clock.now)
