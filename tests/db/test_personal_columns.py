"""Every column says whether it is personal data; one that could be and does not say so fails."""

from piccolo.columns import UUID, Date, Text, Varchar
from piccolo.table import Table

from marketplace.db.tags import (
    every_table,
    impersonal,
    not_personal,
    personal,
    personal_columns,
    tag_of,
    undeclared,
)


class TaggedPerson(Table):
    id = UUID(primary_key=True)
    name = personal("subject", keep="account")(Varchar(200))
    slug = not_personal("made from a number")(Varchar(20))


@impersonal("reference data")
class ReferenceRow(Table):
    name = Varchar(200)


class UntaggedPerson(Table):
    name = Varchar(200)
    born = Date()
    note = Text()


def test_every_column_is_declared():
    missing = [name for table in every_table() for name in undeclared(table)]
    assert not missing, "say personal(...) or not_personal(...) of db/tags.py at: " + ", ".join(
        missing
    )


def test_tables_of_the_features_are_found():
    assert {"place"} & {table._meta.tablename for table in every_table()}


def test_a_tag_survives_piccolos_copy_of_the_column():
    tag = tag_of(TaggedPerson.name)
    assert tag is not None and (tag.whose, tag.text) == ("subject", "account")
    assert undeclared(TaggedPerson) == []


def test_a_table_may_be_declared_as_a_whole():
    assert undeclared(ReferenceRow) == []


def test_an_untagged_column_is_named():
    assert undeclared(UntaggedPerson) == [
        "untagged_person.name",
        "untagged_person.born",
        "untagged_person.note",
    ]


def test_personal_columns_are_listed_with_their_term():
    for table, column, tag in personal_columns():
        assert tag.whose in {"subject", "third-party", "secret"}, (table, column)
        assert tag.text
