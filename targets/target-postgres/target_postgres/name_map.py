"""Full names of what had to be shortened: comments, and a table to join with.

`_bizops_names` of the stream's schema has a row for each shortened table (with an empty
column_name) and each shortened column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg2 import sql

from target_postgres.catalog import qualified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_postgres.connection import Cursor
    from target_postgres.tables import TableName

TABLE = "_bizops_names"


def record_full_names(
    cursor: Cursor, name: TableName, columns: Mapping[str, str], *, is_new: bool
) -> None:
    """Write down the full names of a new table, or of new columns.

    Args:
        cursor: A cursor of the transaction that makes them.
        name: The table.
        columns: Full name of each new column whose name was changed.
        is_new: Whether the table is new as well.

    Raises:
        psycopg2.Error: If the database refuses.
    """
    full_names = dict(columns)
    if is_new and name.table != name.full_name:
        full_names[""] = name.full_name
    if not full_names:
        return
    for column, full_name in full_names.items():
        kind, what = (
            (sql.SQL("column"), sql.Identifier(name.schema, name.table, column))
            if column
            else (sql.SQL("table"), qualified(name))
        )
        cursor.execute(
            sql.SQL("comment on {} {} is {}").format(kind, what, _storable(full_name))
        )
    _write_rows(cursor, name, full_names)


def _write_rows(cursor: Cursor, name: TableName, full_names: Mapping[str, str]) -> None:
    table = sql.Identifier(name.schema, TABLE)
    cursor.execute(
        sql.SQL(
            "create table if not exists {} (table_name text not null,"
            " column_name text not null, full_name text not null,"
            " primary key (table_name, column_name))"
        ).format(table)
    )
    rows = sql.SQL(", ").join(
        sql.SQL("({}, {}, {})").format(
            sql.Literal(name.table), sql.Literal(column), _storable(full_name)
        )
        for column, full_name in sorted(full_names.items())
    )
    cursor.execute(
        sql.SQL(
            "insert into {} (table_name, column_name, full_name) values {}"
            " on conflict (table_name, column_name) do update"
            " set full_name = excluded.full_name"
        ).format(table, rows)
    )


def _storable(full_name: str) -> sql.Composable:
    storable = full_name.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return sql.Literal(storable)
