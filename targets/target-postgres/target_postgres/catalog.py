"""What is in the database: tables, columns and keys, read from pg_catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg2 import sql

from target_postgres.column_types import ColumnType, parse_catalog_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_postgres.connection import Cursor
    from target_postgres.tables import TableName

_COLUMNS = """
select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
  pg_catalog.pg_get_expr(d.adbin, d.adrelid)
from pg_catalog.pg_attribute a
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = %s and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""
_UNIQUE_INDEXES = """
select i.indisprimary, c.conname, array(
  select a.attname::text from pg_catalog.pg_attribute a
  where a.attrelid = i.indrelid and a.attnum = any (i.indkey[0:i.indnkeyatts - 1])
)
from pg_catalog.pg_index i
left join pg_catalog.pg_constraint c
  on c.conindid = i.indexrelid and c.contype = 'p' and c.conrelid = i.indrelid
where i.indrelid = %s and i.indisunique and i.indisvalid and i.indimmediate
  and i.indpred is null and i.indexprs is null
"""
_TABLE = """
select c.oid, c.relkind::text
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = %s and c.relname = %s
"""
TABLE_KINDS = ("r", "p")


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A unique index that can carry an upsert.

    Attributes:
        columns: The columns it covers.
        primary_key: Name of the constraint, if it is the primary key.
    """

    columns: frozenset[str]
    primary_key: str | None


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table as it is.

    Attributes:
        oid: Its id.
        kind: `r` for a table, `v` for a view and so on.
        columns: Type of each column.
        not_null: Columns that refuse NULL.
        unique: Its unique indexes.
        defaults: Default expression of each column that has one.
    """

    oid: int
    kind: str
    columns: Mapping[str, ColumnType]
    not_null: frozenset[str]
    unique: tuple[UniqueIndex, ...]
    defaults: Mapping[str, str]

    def has_unique(self, keys: frozenset[str]) -> bool:
        """Tell whether some unique index covers exactly these columns."""
        return any(index.columns == keys for index in self.unique)


def read_table(cursor: Cursor, name: TableName) -> TableInfo | None:
    """Read a table, or None when there is none."""
    cursor.execute(_TABLE, (name.schema, name.table))
    found = cursor.fetchone()
    if found is None:
        return None
    oid, kind = found
    cursor.execute(_COLUMNS, (oid,))
    columns = cursor.fetchall()
    cursor.execute(_UNIQUE_INDEXES, (oid,))
    unique = tuple(
        UniqueIndex(frozenset(names), constraint if is_primary else None)
        for is_primary, constraint, names in cursor.fetchall()
    )
    return TableInfo(
        oid=oid,
        kind=kind,
        columns={name: parse_catalog_type(spelled) for name, spelled, *_ in columns},
        not_null=frozenset(name for name, _, not_null, _ in columns if not_null),
        unique=unique,
        defaults={name: default for name, *_, default in columns if default},
    )


def has_schema(cursor: Cursor, schema: str) -> bool:
    """Tell whether a schema exists.

    Asked before CREATE SCHEMA IF NOT EXISTS, which wants the right to create one even
    when there is nothing to do.
    """
    cursor.execute(
        "select exists(select from pg_catalog.pg_namespace where nspname = %s)",
        (schema,),
    )
    row = cursor.fetchone()
    return bool(row and row[0])


def is_empty(cursor: Cursor, name: TableName) -> bool:
    """Tell whether a table has no row."""
    cursor.execute(sql.SQL("select not exists(select from {})").format(qualified(name)))
    row = cursor.fetchone()
    return bool(row and row[0])


def qualified(name: TableName) -> sql.Identifier:
    """Give a table's name for a statement."""
    return sql.Identifier(name.schema, name.table)
