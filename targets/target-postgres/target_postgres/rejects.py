"""Records that were set aside: written beside the rows, in the same transaction."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg2 import sql

from target_postgres.evolution import ensure_schema
from target_postgres.exact_values import NULL, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_postgres.connection import Cursor
    from target_postgres.errors import BadInputError

TABLE = "_bizops_rejects"


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that was set aside.

    Attributes:
        stream: Its stream.
        line: Its line number.
        field: The property to blame, if one is.
        reason: What is wrong.
        content: The line as it came, or the row PostgreSQL did not take.
    """

    stream: str | None
    line: int | None
    field: str | None
    reason: str
    content: str

    @classmethod
    def of_line(cls, error: BadInputError, line: bytes) -> Reject:
        """Make one of a line that was refused."""
        return cls.of_text(error, line.decode("utf-8", "replace"))

    @classmethod
    def of_text(cls, error: BadInputError, content: str) -> Reject:
        """Make one of an error and whatever it was about."""
        place = error.place
        return cls(place.stream, place.line, place.field, error.message, content)


def write_rejects(
    cursor: Cursor, rejects: Sequence[Reject], *, schema: str, run_id: str | None
) -> None:
    """Write records that were set aside, inside the caller's transaction.

    Args:
        cursor: A cursor of the transaction.
        rejects: The records.
        schema: Schema of the stream's table; the table of rejects is made there.
        run_id: Which run.

    Raises:
        psycopg2.Error: If the database refuses.
    """
    table = sql.Identifier(schema, TABLE)
    ensure_schema(cursor, schema)
    cursor.execute(
        sql.SQL(
            "create table if not exists {} (rejected_at timestamptz not null"
            " default clock_timestamp(), run_id text, stream text, line bigint,"
            " field text, reason text not null, content text not null)"
        ).format(table)
    )
    rows = io.StringIO()
    for each in rejects:
        line = None if each.line is None else str(each.line)
        fields = (run_id, each.stream, line, each.field, each.reason, each.content)
        rows.write("\t".join(NULL if f is None else _clean(f) for f in fields))
        rows.write("\n")
    rows.seek(0)
    cursor.copy_expert(
        sql.SQL(
            "copy {} (run_id, stream, line, field, reason, content) from stdin"
        ).format(table),
        rows,
    )


def _clean(text: str) -> str:
    storable = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return escape(storable)
