"""What tables and columns there are, and how many rows runs have brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

_LOOKED_AT = 5


def read_columns(
    connection: Connection, schemas: Sequence[str], *, with_views: bool = False
) -> dict[tuple[str, str], dict[str, str]]:
    """Return the columns of every table of schemas, by schema and table.

    Args:
        connection: To the warehouse.
        schemas: Those to look into; one that is not there has no tables.
        with_views: Views and materialized views too.

    Returns:
        Column name to its type as the server prints it, e.g. `timestamp with time
        zone`, in the table's order.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select schema.nspname, relation.relname, part.attname,"
            " format_type(part.atttypid, part.atttypmod)"
            " from pg_catalog.pg_attribute as part"
            " join pg_catalog.pg_class as relation on relation.oid = part.attrelid"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " where schema.nspname = any(%s) and relation.relkind = any(%s)"
            " and part.attnum > 0 and not part.attisdropped"
            " order by 1, 2, part.attnum",
            (list(schemas), ["r", "p", *(("v", "m") if with_views else ())]),
        )
        found: dict[tuple[str, str], dict[str, str]] = {}
        for schema, table, column, kind in cursor.fetchall():
            found.setdefault((schema, table), {})[column] = kind
    return found


def has_columns(
    connection: Connection, schema: str, table: str, names: Collection[str]
) -> bool:
    """Tell whether there is a table or view with all of these columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_catalog.pg_attribute as part"
            " join pg_catalog.pg_class as relation on relation.oid = part.attrelid"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " where schema.nspname = %s and relation.relname = %s"
            " and part.attname = any(%s) and part.attnum > 0"
            " and not part.attisdropped",
            (schema, table, list(names)),
        )
        (found,) = cursor.fetchone() or (0,)
    return bool(found == len(names))


def usual_rows(
    connection: Connection, *, project: str, environment: str
) -> dict[tuple[str, str], int]:
    """Return the median rows of the last runs that went well, by tap and stream."""
    with connection.cursor() as cursor:
        cursor.execute(
            "with latest as (select streams.tap, streams.stream, streams.rows,"
            " row_number() over (partition by streams.tap, streams.stream"
            " order by runs.started_at desc) as place"
            " from bizops.run_streams as streams join bizops.runs as runs"
            " using (run_id) where runs.project = %s and runs.environment = %s"
            " and runs.status = 'succeeded')"
            " select tap, stream, percentile_disc(0.5) within group (order by rows)"
            " from latest where place <= %s group by 1, 2",
            (project, environment, _LOOKED_AT),
        )
        return {(tap, stream): int(rows) for tap, stream, rows in cursor.fetchall()}
