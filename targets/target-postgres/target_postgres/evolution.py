"""From the table that is to the table a stream needs: add, widen, index, never drop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg2 import sql

from target_postgres.catalog import (
    TABLE_KINDS,
    TableInfo,
    has_schema,
    is_empty,
    qualified,
    read_table,
)
from target_postgres.column_types import ColumnType, cast_expression, widest
from target_postgres.errors import DatabaseRefusedError
from target_postgres.name_map import record_full_names
from target_postgres.views import make_views_again, set_views_aside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from target_postgres.connection import Cursor
    from target_postgres.tables import TableDesign

COLUMN_LIMIT = 1600
# The same for every target of this database, so that two may start at once.
_DDL_LOCK = "bizops.ddl"


def reconcile_types(
    design: TableDesign, table: TableInfo | None
) -> Mapping[str, ColumnType]:
    """Find the type each column has once the table serves old and new rows.

    Raises:
        DatabaseRefusedError: If the name is taken by something that is no table, or a
            column's type cannot hold both.
    """
    if table is None:
        return dict(design.columns)
    if table.kind not in TABLE_KINDS:
        raise DatabaseRefusedError(f"{design.name} exists and is not a table")
    types: dict[str, ColumnType] = {}
    for column, wanted in design.columns.items():
        existing = table.columns.get(column)
        both = wanted if existing is None else widest(existing, wanted)
        if both is None:
            raise DatabaseRefusedError(
                f"column {column!r} of {design.name} is {existing} and cannot become"
                f" {wanted}"
            )
        types[column] = both
    return types


def check_frozen(design: TableDesign, table: TableInfo | None) -> None:
    """Refuse every change of an existing table, for `schema_changes: freeze`.

    Raises:
        DatabaseRefusedError: Naming the columns that would change.
    """
    if table is None:
        return
    changed = [
        column
        for column, wanted in design.columns.items()
        if table.columns.get(column) != wanted
    ]
    if changed:
        raise DatabaseRefusedError(
            f"schema_changes is freeze and {design.name} would change in"
            f" {', '.join(sorted(changed))}"
        )


@dataclass(frozen=True, slots=True)
class ReadyTable:
    """A table that fits its design.

    Attributes:
        is_empty: Whether it has no row yet.
        defaults: Default expression of each column that has one.
    """

    is_empty: bool
    defaults: Mapping[str, str]


def ensure_table(
    cursor: Cursor, design: TableDesign, *, rebuilt_view_schemas: Collection[str] = ()
) -> ReadyTable:
    """Make the table as designed, inside the caller's transaction.

    Args:
        cursor: A cursor of the transaction.
        design: The table with its reconciled types.
        rebuilt_view_schemas: Schemas whose views may be made again.

    Returns:
        What its rows can rely on.

    Raises:
        DatabaseRefusedError: If the table cannot become what is needed.
        psycopg2.Error: If the database refuses a statement.
    """
    if len(design.columns) > COLUMN_LIMIT:
        raise DatabaseRefusedError(
            f"stream {design.stream!r} has {len(design.columns)} columns;"
            f" a table has at most {COLUMN_LIMIT}"
        )
    table = read_table(cursor, design.name)
    if table is None:
        _lock_ddl(cursor)
        table = read_table(cursor, design.name)
    if table is None:
        _create(cursor, design)
        return ReadyTable(is_empty=True, defaults=design.defaults)
    _alter(cursor, design, table, rebuilt_view_schemas)
    return ReadyTable(is_empty=is_empty(cursor, design.name), defaults=table.defaults)


def _lock_ddl(cursor: Cursor) -> None:
    cursor.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", (_DDL_LOCK,)
    )


def ensure_schema(cursor: Cursor, schema: str) -> None:
    """Make a schema if there is none."""
    if not has_schema(cursor, schema):
        cursor.execute(
            sql.SQL("create schema if not exists {}").format(sql.Identifier(schema))
        )


def _create(cursor: Cursor, design: TableDesign) -> None:
    ensure_schema(cursor, design.name.schema)
    defaults = design.defaults
    parts: list[sql.Composable] = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(column),
            column_type.as_sql(),
            # Our own texts, none of the input.
            sql.SQL(f" default {defaults[column]}" if column in defaults else ""),
        )
        for column, column_type in design.columns.items()
    ]
    if design.keys:
        parts.append(sql.SQL("primary key ({})").format(_names(design.keys)))
    cursor.execute(
        sql.SQL("create table {} ({})").format(
            qualified(design.name), sql.SQL(", ").join(parts)
        )
    )
    record_full_names(cursor, design.name, design.full_names, is_new=True)


def _alter(
    cursor: Cursor,
    design: TableDesign,
    table: TableInfo,
    rebuilt_view_schemas: Collection[str],
) -> None:
    types = reconcile_types(design, table)
    changes = list(_column_changes(design.columns, table))
    if types != dict(design.columns):
        # Someone else widened a column after this run had looked.
        raise DatabaseRefusedError(
            f"{design.name} was changed by someone else during the run"
        )
    if changes:
        widened = [
            column
            for column, existing in table.columns.items()
            if design.columns.get(column, existing) != existing
        ]
        views = set_views_aside(
            cursor, table, widened, rebuilt_schemas=rebuilt_view_schemas
        )
        cursor.execute(
            sql.SQL("alter table {} {}").format(
                qualified(design.name), sql.SQL(", ").join(changes)
            )
        )
        make_views_again(cursor, views)
        new = {
            column: full_name
            for column, full_name in design.full_names.items()
            if column not in table.columns
        }
        record_full_names(cursor, design.name, new, is_new=False)
    _ensure_key(cursor, design, table)


def _column_changes(
    columns: Mapping[str, ColumnType], table: TableInfo
) -> Iterator[sql.Composable]:
    for column, wanted in columns.items():
        existing = table.columns.get(column)
        if existing is None:
            yield sql.SQL("add column {} {}").format(
                sql.Identifier(column), wanted.as_sql()
            )
        elif existing != wanted:
            yield sql.SQL("alter column {} type {} using {}").format(
                sql.Identifier(column),
                wanted.as_sql(),
                cast_expression(column, old=existing, new=wanted),
            )


def _ensure_key(cursor: Cursor, design: TableDesign, table: TableInfo) -> None:
    keys = frozenset(design.keys)
    primary = next((index for index in table.unique if index.primary_key), None)
    if not keys:
        if primary is not None and primary.columns <= set(design.property_by_column):
            raise DatabaseRefusedError(
                f"{design.name} has a key and stream {design.stream!r} no longer names"
                " one; rename the table, or give the stream its key_properties"
            )
        return
    if not table.has_unique(keys):
        _replace_key(cursor, design, primary=primary)
    nullable = [key for key in design.keys if key not in table.not_null]
    if nullable:
        cursor.execute(
            sql.SQL("alter table {} {}").format(
                qualified(design.name),
                sql.SQL(", ").join(
                    sql.SQL("alter column {} set not null").format(sql.Identifier(key))
                    for key in nullable
                ),
            )
        )


def _replace_key(cursor: Cursor, design: TableDesign, *, primary: object) -> None:
    """Give the table a unique index on the keys; an old key of the stream goes."""
    name = getattr(primary, "primary_key", None)
    old_columns: frozenset[str] = getattr(primary, "columns", frozenset())
    is_stream_key = bool(name) and old_columns <= set(design.property_by_column)
    if name and not is_stream_key:
        cursor.execute(
            sql.SQL("create unique index on {} ({})").format(
                qualified(design.name), _names(design.keys)
            )
        )
        return
    drop = [sql.SQL("drop constraint {}").format(sql.Identifier(name))] if name else []
    add = sql.SQL("add primary key ({})").format(_names(design.keys))
    cursor.execute(
        sql.SQL("alter table {} {}").format(
            qualified(design.name), sql.SQL(", ").join([*drop, add])
        )
    )


def _names(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
