"""Raw tables as target-postgres leaves them, to be loaded by tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from psycopg2 import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from psycopg2.extensions import cursor as Cursor  # noqa: N812

# What target-postgres makes of the types of the API.
COLUMN_TYPES = {
    "boolean": "boolean",
    "int": "bigint",
    "double": "numeric",
    "currency": "numeric",
    "percent": "numeric",
    "decimal": "numeric",
    "integer": "bigint",
    "date": "date",
    "datetime": "timestamptz",
}
METADATA = {
    "_sdc_extracted_at": "timestamptz",
    "_sdc_received_at": "timestamptz",
    "_sdc_batched_at": "timestamptz",
    "_sdc_deleted_at": "timestamptz",
    "_sdc_sequence": "bigint",
    "_sdc_table_version": "bigint",
    "_bizops_run_id": "text",
}


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table to load: its columns with their types, and its rows."""

    name: str
    columns: dict[str, str]
    rows: tuple[dict[str, Any], ...]
    schema: str = "raw_salesforce"

    def with_rows(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> RawTable:
        """Give the table with each row changed."""
        return replace(self, rows=tuple(change(dict(row)) for row in self.rows))

    def without(self, *columns: str) -> RawTable:
        """Give the table without some columns."""
        kept = {
            name: kind for name, kind in self.columns.items() if name not in columns
        }
        return replace(self, columns=kept)


def loaded_table(
    name: str,
    columns: dict[str, str],
    source_rows: Iterable[Mapping[str, Any]],
    *,
    extracted_at: datetime,
    schema: str = "raw_salesforce",
) -> RawTable:
    """Give a table of rows a tap told, with the columns the target adds.

    Cells that the source's rows do not have are empty; `_sdc_deleted_at` may be among
    them.
    """
    metadata = dict.fromkeys(METADATA) | {
        "_sdc_extracted_at": extracted_at,
        "_sdc_received_at": extracted_at,
        "_sdc_batched_at": extracted_at,
        "_bizops_run_id": "test",
    }
    rows = tuple(
        {column: row.get(column) for column in columns}
        | metadata
        | {"_sdc_sequence": number, "_sdc_deleted_at": row.get("_sdc_deleted_at")}
        for number, row in enumerate(source_rows)
    )
    return RawTable(name, columns | METADATA, rows, schema)


def write_table(cursor: Cursor, table: RawTable) -> None:
    """Make a table, in a schema that is there, with its rows."""
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in table.columns.items()
    ]
    name = sql.Identifier(table.schema, table.name)
    cursor.execute(
        sql.SQL("create table {} ({})").format(name, sql.SQL(", ").join(columns))
    )
    with TemporaryFile("w+", encoding="utf-8", newline="") as file:
        for row in table.rows:
            cells = (_cell(row.get(column)) for column in table.columns)
            file.write("\t".join(cells) + "\n")
        file.seek(0)
        cursor.copy_expert(sql.SQL("copy {} from stdin").format(name), file)


def _cell(value: object) -> str:
    """Give a value as COPY reads it."""
    return "\\N" if value is None else str(value).translate(_ESCAPES)
