"""Statements that bring a batch's rows into a table.

Values in statements with names of the input are `sql.Literal`, never parameters beside
them: psycopg2 would read a `%` of a name as a placeholder.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from psycopg2 import sql

from target_postgres.catalog import qualified
from target_postgres.tables import DELETED_AT, TABLE_VERSION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from target_postgres.batch import Activation, StreamBatch
    from target_postgres.connection import Cursor
    from target_postgres.tables import TableDesign


_TEMPORARY = "_bizops_batch"


class _CopyPieces(io.RawIOBase):
    """A file for COPY that gives a batch piece by piece, each as it is."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, _size: int = -1) -> bytes:
        return next(self._pieces, b"")


def names(columns: Iterable[str]) -> sql.Composed:
    """List columns for a statement."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def copy_rows(
    cursor: Cursor,
    batch: StreamBatch,
    table: sql.Identifier,
    *,
    omitted: Collection[str] = (),
) -> None:
    """Send a batch's rows to a table by COPY.

    Args:
        cursor: A cursor of the transaction.
        batch: The rows.
        table: The table.
        omitted: Shared columns to leave out.

    Raises:
        psycopg2.Error: If the database refuses; its context names the row.
    """
    columns = [each for each in batch.design.columns if each not in omitted]
    statement = sql.SQL("copy {} ({}) from stdin").format(table, names(columns))
    cursor.copy_expert(statement, _CopyPieces(batch.copy_pieces(omitted)))


def make_temporary(cursor: Cursor, batch: StreamBatch) -> sql.Identifier:
    """Make a temporary table for what differs from row to row."""
    cursor.execute(
        sql.SQL(
            "create temporary table {} on commit drop as select {} from {} with no data"
        ).format(
            sql.Identifier(_TEMPORARY),
            names(batch.row_columns),
            qualified(batch.design.name),
        )
    )
    return sql.Identifier("pg_temp", _TEMPORARY)


def last_rows(batch: StreamBatch, temporary: sql.Identifier) -> sql.Composed:
    """Select the batch's rows, of each key the last one that arrived."""
    columns = _values(batch)
    if not batch.has_repeated_keys:
        return sql.SQL("select {} from {}").format(columns, temporary)
    keys = names(batch.design.keys)
    # Rows lie in a new table in the order they came.
    return sql.SQL("select distinct on ({}) {} from {} order by {}, ctid desc").format(
        keys, columns, temporary, keys
    )


def _values(batch: StreamBatch) -> sql.Composed:
    """Select a batch's columns; those all rows share are not in the table."""
    columns = batch.design.columns
    return sql.SQL(", ").join(
        sql.SQL("{}::{} as {}").format(
            sql.Literal(batch.shared[column]),
            # A type we do not make is spelled, and quoted, by PostgreSQL's catalogue.
            sql.SQL(str(column_type)),
            sql.Identifier(column),
        )
        if column in batch.shared
        else sql.Identifier(column)
        for column, column_type in columns.items()
    )


def merge_statement(batch: StreamBatch, temporary: sql.Identifier) -> sql.Composed:
    """Upsert the batch's table from a table that holds its rows."""
    design = batch.design
    others = [column for column in design.columns if column not in design.keys]
    rows = last_rows(batch, temporary)
    if batch.has_deletions:
        rows = sql.SQL("select {} from ({}) as b where {} is null").format(
            names(design.columns), rows, sql.Identifier(DELETED_AT)
        )
    action: sql.Composable = sql.SQL("do nothing")
    if others:
        action = sql.SQL("do update set {}").format(
            sql.SQL(", ").join(
                sql.SQL("{} = {}").format(
                    sql.Identifier(column), sql.Identifier("excluded", column)
                )
                for column in others
            )
        )
    return sql.SQL("insert into {} ({}) {} on conflict ({}) {}").format(
        qualified(design.name),
        names(design.columns),
        rows,
        names(design.keys),
        action,
    )


def delete_marked(
    cursor: Cursor, batch: StreamBatch, temporary: sql.Identifier
) -> None:
    """Remove the keys whose last row in the batch carries a deletion time."""
    design = batch.design
    cursor.execute(
        sql.SQL(
            "delete from {} as t using ({}) as b where {} and {} is not null"
        ).format(
            qualified(design.name),
            last_rows(batch, temporary),
            sql.SQL(" and ").join(
                sql.SQL("{} = {}").format(
                    sql.Identifier("t", key), sql.Identifier("b", key)
                )
                for key in design.keys
            ),
            sql.Identifier("b", DELETED_AT),
        )
    )


def activate(
    cursor: Cursor, design: TableDesign, activation: Activation, *, removes: bool
) -> None:
    """Remove or mark the rows of older versions, unless a newer one is there."""
    table, version = qualified(design.name), sql.Identifier(TABLE_VERSION)
    number = sql.Literal(activation.version)
    cursor.execute(
        sql.SQL("select exists(select from {} where {} > {})").format(
            table, version, number
        )
    )
    row = cursor.fetchone()
    if row and row[0]:
        return
    older = sql.SQL("{} < {}").format(version, number)
    if activation.wrote_versions:
        older = sql.SQL("({} or {} is null)").format(older, version)
    if removes:
        statement = sql.SQL("delete from {} where {}").format(table, older)
    else:
        statement = sql.SQL(
            "update {} set {} = clock_timestamp() where {} and {} is null"
        ).format(
            table,
            sql.Identifier(DELETED_AT),
            older,
            sql.Identifier(DELETED_AT),
        )
    cursor.execute(statement)
