"""Rows and sums of tables, to be held against those of their source."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from psycopg2.extensions import connection as Connection  # noqa: N812

_DELETED = "_sdc_deleted_at"


def table_figures(
    connection: Connection, schema: str, table: str, *, summed: str | None
) -> tuple[int, Decimal | None] | None:
    """Return rows and the sum of a column, deleted rows left out.

    Args:
        connection: In autocommit mode.
        schema: Of the table or view.
        table: Its name.
        summed: A column; None sums nothing.

    Returns:
        None if there is no such table, or no such column.
    """
    from psycopg2 import sql

    columns = _columns(connection, schema, table)
    if not columns or (summed is not None and summed not in columns):
        return None
    total: sql.Composable = sql.SQL("null::numeric")
    if summed is not None:
        column = sql.Identifier(summed)
        total = sql.SQL("coalesce(sum({}::numeric), 0)").format(column)
    where: sql.Composable = sql.SQL("")
    if _DELETED in columns:
        where = sql.SQL(" where {} is null").format(sql.Identifier(_DELETED))
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("select count(*), {} from {}{}").format(
                total, sql.Identifier(schema, table), where
            )
        )
        rows, found = cursor.fetchone() or (0, None)
    return int(rows), found


def _columns(connection: Connection, schema: str, table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select part.attname from pg_catalog.pg_attribute as part"
            " join pg_catalog.pg_class as relation on relation.oid = part.attrelid"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " where schema.nspname = %s and relation.relname = %s"
            " and part.attnum > 0 and not part.attisdropped",
            (schema, table),
        )
        return {name for (name,) in cursor.fetchall()}
