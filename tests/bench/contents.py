"""Whether a table holds what was loaded: speed without that does not count.

Programs choose types of their own, so each column is summed up by an expression that
fits both what the column means and how it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from psycopg2 import sql

from tests.bench.workload import ColumnFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from tests.bench.shape import Column

_TEXT_DIGEST = "('x' || left(md5({}), 8))::bit(32)::bigint"
_MOST_COLUMNS = 20
_LISTED_FAULTS = 3


@dataclass(frozen=True, slots=True)
class ContentCheck:
    """What is wrong with the tables of one load; nothing when `faults` is empty."""

    faults: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Tell whether all that was looked at is right."""
        return not self.faults

    def __str__(self) -> str:
        """Name the first faults."""
        shown = "; ".join(self.faults[:_LISTED_FAULTS])
        more = len(self.faults) - _LISTED_FAULTS
        return f"{shown}; {more} more" if more > 0 else shown


def checked_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns to look at: all of them, of a wide table every n-th."""
    if len(columns) <= _MOST_COLUMNS:
        return tuple(columns)
    # A step that is prime to the mix of nineteen meets every kind of column.
    step = len(columns) // _MOST_COLUMNS
    return (columns[0], *columns[1 :: step if step % 19 else step + 1], columns[-1])


def check_contents(
    connection: Connection,
    *,
    schema: str,
    columns: Sequence[Column],
    expected: Mapping[str, Mapping[str, ColumnFacts]],
) -> ContentCheck:
    """Compare tables with what they must hold.

    Args:
        connection: To the database loaded into.
        schema: Schema of the tables.
        columns: Columns of each table.
        expected: For each table, facts of its columns.
    """
    looked_at = checked_columns(columns)
    faults: list[str] = []
    for table, facts_of in expected.items():
        found = table_facts(connection, schema=schema, table=table, columns=looked_at)
        if found is None:
            faults.append(f"{table} is not there")
            continue
        faults.extend(
            f"{table}.{column.name} {_difference(found.get(column.name), facts)}"
            for column in looked_at
            if found.get(column.name) != (facts := facts_of[column.name])
        )
    return ContentCheck(tuple(faults))


def table_facts(
    connection: Connection, *, schema: str, table: str, columns: Sequence[Column]
) -> dict[str, ColumnFacts] | None:
    """Read the facts of a table's columns; None when there is no such table."""
    stored = _stored_types(connection, schema, table)
    if not stored:
        return None
    present = [column for column in columns if column.name in stored]
    parts = [
        sql.SQL("count({0}), coalesce(sum({1}), 0)::numeric").format(
            sql.Identifier(column.name), _digest_of(column, stored[column.name])
        )
        for column in present
    ]
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(parts), sql.Identifier(schema, table)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone() or ()
    return {
        column.name: ColumnFacts(row[2 * i], Decimal(row[2 * i + 1]))
        for i, column in enumerate(present)
    }


def _stored_types(connection: Connection, schema: str, table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name, data_type from information_schema.columns"
            " where table_schema = %s and table_name = %s",
            (schema, table),
        )
        return dict(cursor.fetchall())


def _digest_of(column: Column, stored_type: str) -> sql.Composed:
    match column.kind:
        case "key" | "text":
            expression = _TEXT_DIGEST
        case "boolean":
            expression = "{}::boolean::int"
        case "datetime" if stored_type.startswith("timestamp"):
            expression = "extract(epoch from {})"
        case "datetime":
            expression = "extract(epoch from {}::text::timestamptz)"
        case "object":
            expression = _TEXT_DIGEST.format("({}::jsonb ->> 'city')")
        case "array" if stored_type == "ARRAY":
            expression = "cardinality({})"
        case "array":
            expression = "jsonb_array_length({}::jsonb)"
        case _:
            expression = "{}::numeric"
    return sql.SQL(expression).format(sql.Identifier(column.name))


def _difference(found: ColumnFacts | None, expected: ColumnFacts) -> str:
    if found is None:
        return "is missing"
    if found.filled != expected.filled:
        return f"has {found.filled:,} values instead of {expected.filled:,}"
    return "has other values"
