"""The tables of the code and those that the migrations make are the same."""

import re
from typing import Any

import pytest
from piccolo.columns import Array, Column, ForeignKey
from piccolo.table import Table

from marketplace.db.tags import every_table

# Both are text to PostgreSQL; Piccolo has no column without a length but Text.
_SAME = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time without time zone": "time",
    "double precision": "float8",
    "real": "float4",
    "integer": "int4",
    "int": "int4",
    "serial": "int4",
    "smallint": "int2",
    "bigint": "int8",
    "bigserial": "int8",
    "boolean": "bool",
    "decimal": "numeric",
    "character varying": "varchar",
    "character": "bpchar",
}


def _type(name: str) -> str:
    """Spell a type as PostgreSQL does inside, without lengths; text and varchar are one."""
    bare = re.sub(r"\(.*?\)", "", name).strip().lower()
    many = bare.endswith("[]")
    bare = bare.removesuffix("[]")
    bare = _SAME.get(bare, bare)
    bare = "text" if bare == "varchar" else bare
    return f"{bare}[]" if many else bare


def _declared(column: Column) -> tuple[str, bool]:
    if isinstance(column, ForeignKey):
        target = column._foreign_key_meta.resolved_target_column
        return _type(target.column_type), column._meta.null
    if isinstance(column, Array):
        return _type(f"{column._get_inner_column().column_type}[]"), column._meta.null
    return _type(column.column_type), column._meta.null


async def _existing(owner: Any, table: type[Table]) -> dict[str, tuple[str, bool]]:
    rows = await owner.fetch(
        "SELECT column_name, data_type, udt_name, is_nullable, is_generated"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1",
        table._meta.tablename,
    )
    return {
        row["column_name"]: (
            _type(
                f"{row['udt_name'].removeprefix('_')}[]"
                if row["data_type"] == "ARRAY"
                else row["udt_name"]
            ),
            row["is_nullable"] == "YES",
        )
        for row in rows
        if row["is_generated"] != "ALWAYS"
    }


@pytest.mark.parametrize("table", every_table(), ids=lambda table: table._meta.tablename)
async def test_a_table_is_what_the_migrations_make(owner, table):
    declared = {column._meta.db_column_name: _declared(column) for column in table._meta.columns}
    existing = await _existing(owner, table)
    assert existing, f"no migration makes {table._meta.tablename}"
    assert declared == existing
