"""Rows that carry a key, wherever in a table it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812

_TEXT_KINDS = ("text", "character varying", "uuid", "bigint", "integer", "smallint")
_RUN, _EXTRACTED = "_bizops_run_id", "_sdc_extracted_at"


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row that has the key.

    Attributes:
        table: `schema.table`.
        columns: The columns the key stands in.
        run_id: The run that brought it; None if the table does not keep that.
        extracted_at: When the source gave it.
        values: The whole row.
    """

    table: str
    columns: tuple[str, ...]
    run_id: str | None
    extracted_at: Any
    values: dict[str, Any]


def find_rows(
    connection: Connection, schema: str, table: str, key: str, *, limit: int
) -> list[FoundRow] | None:
    """Return rows in which a column of text or whole numbers is the key.

    Args:
        connection: In autocommit mode.
        schema: Of the table or view.
        table: Its name.
        key: What to look for, exactly.
        limit: How many rows to return.

    Returns:
        None if there is no such table.
    """
    from psycopg2 import sql

    kinds = _columns(connection, schema, table)
    if not kinds:
        return None
    names = [
        name
        for name, kind in kinds.items()
        if kind.startswith(_TEXT_KINDS) and not name.startswith("_sdc_")
    ]
    if not names:
        return []
    matches = sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(name)) for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "select row_to_json(found) from {} as found where %s in ({}) limit %s"
            ).format(sql.Identifier(schema, table), matches),
            (key, limit),
        )
        rows = [row for (row,) in cursor.fetchall()]
    return [
        FoundRow(
            table=f"{schema}.{table}",
            columns=tuple(n for n in names if str(row.get(n)) == key),
            run_id=row.get(_RUN),
            extracted_at=row.get(_EXTRACTED),
            values=row,
        )
        for row in rows
    ]


def _columns(connection: Connection, schema: str, table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select part.attname, format_type(part.atttypid, part.atttypmod)"
            " from pg_catalog.pg_attribute as part"
            " join pg_catalog.pg_class as relation on relation.oid = part.attrelid"
            " join pg_catalog.pg_namespace as schema"
            " on schema.oid = relation.relnamespace"
            " where schema.nspname = %s and relation.relname = %s"
            " and part.attnum > 0 and not part.attisdropped order by part.attnum",
            (schema, table),
        )
        return dict(cursor.fetchall())
