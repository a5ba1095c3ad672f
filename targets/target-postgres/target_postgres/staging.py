"""`load_method: overwrite`: new rows wait beside the table until all are there.

They go to a staging table of the same schema. The last transaction of the run brings
them over by INSERT and DELETE, which is what PostgreSQL shows to others all at once:
a reader sees the old rows until the commit and the new rows after it, in a repeatable
read transaction too, and is never blocked. (TRUNCATE and an exchange by renaming would
show an older snapshot an empty table.) The table itself stays: its grants, comments,
indexes, policies and the views that stand on it are not touched.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from psycopg2 import errors, sql

from target_postgres.batch import StreamBatch
from target_postgres.catalog import qualified, read_table
from target_postgres.errors import LockedError
from target_postgres.evolution import ensure_table
from target_postgres.identifiers import legal_name
from target_postgres.statements import merge_statement, names
from target_postgres.tables import TableName

if TYPE_CHECKING:
    from collections.abc import Collection

    from target_postgres.connection import Cursor
    from target_postgres.tables import TableDesign

_PREFIX = "_bizops_new_"


def staging_name(name: TableName) -> TableName:
    """Give the place where a table's new rows wait."""
    table = legal_name(f"{_PREFIX}{name.full_name}")
    return TableName(name.schema, table, table)


def prepare_staging(
    cursor: Cursor, design: TableDesign, *, known_oid: int | None
) -> tuple[TableDesign, int]:
    """Make the staging table, or make the one of this run fit.

    Args:
        cursor: A cursor of the transaction.
        design: The stream's table.
        known_oid: Id of this run's staging table, once it is there. What a killed run
            left goes.

    Returns:
        Design and id of the staging table.

    Raises:
        LockedError: If another run has taken the staging table's place.
        psycopg2.Error: If the database refuses.
    """
    staged = replace(design, name=staging_name(design.name), full_names={})
    if known_oid is None:
        drop_staging(cursor, staged.name)
    else:
        _hold(cursor, staged.name)
        found = read_table(cursor, staged.name)
        if found is None or found.oid != known_oid:
            raise LockedError(f"another run overwrites {design.name} too")
    ensure_table(cursor, staged)
    made = read_table(cursor, staged.name)
    if made is None:
        raise LockedError(f"another run overwrites {design.name} too")
    return staged, made.oid


def _hold(cursor: Cursor, name: TableName) -> None:
    """Keep another run from dropping the staging table while rows go there."""
    try:
        cursor.execute(
            sql.SQL("lock table {} in row exclusive mode").format(qualified(name))
        )
    except errors.UndefinedTable:
        raise LockedError(f"another run has removed {name}") from None


def drop_staging(cursor: Cursor, name: TableName) -> None:
    """Drop a staging table if it is there."""
    cursor.execute(sql.SQL("drop table if exists {}").format(qualified(name)))


def swap(
    cursor: Cursor,
    design: TableDesign,
    staged: TableDesign,
    *,
    rebuilt_view_schemas: Collection[str],
) -> None:
    """Let the staged rows take the place of all rows of the table.

    Args:
        cursor: A cursor of the transaction that ends the run.
        design: The stream's table; made or widened here if need be.
        staged: The staging table with all new rows; dropped here.
        rebuilt_view_schemas: Schemas whose views may be made again.

    Raises:
        DatabaseRefusedError: If the table cannot become what is needed.
        psycopg2.Error: If the database refuses.
    """
    ready = ensure_table(cursor, design, rebuilt_view_schemas=rebuilt_view_schemas)
    table, staging = qualified(design.name), qualified(staged.name)
    # Readers go on; another writer waits.
    cursor.execute(sql.SQL("lock table {} in share row exclusive mode").format(table))
    if design.keys and not ready.is_empty:
        cursor.execute(sql.SQL("analyze {}").format(staging))
        cursor.execute(merge_statement(StreamBatch(design, ()), staging))
        cursor.execute(
            sql.SQL(
                "delete from {} as t where not exists (select from {} as s where {})"
            ).format(table, staging, _same_key(design))
        )
    else:
        cursor.execute(sql.SQL("delete from {}").format(table))
        if design.columns:
            cursor.execute(
                sql.SQL("insert into {} ({}) select {} from {}").format(
                    table, names(design.columns), names(design.columns), staging
                )
            )
    drop_staging(cursor, staged.name)


def _same_key(design: TableDesign) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier("s", key), sql.Identifier("t", key))
        for key in design.keys
    )
