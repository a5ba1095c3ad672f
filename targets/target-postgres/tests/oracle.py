"""What the tables should hold after some messages, worked out in plain Python."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import sql
from target_runs import as_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from target_runs import Database, Line

Rows = list[dict[str, Any]]
_EXACT = Context(prec=2000)


def exact(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


def expected_tables(lines: Iterable[Line]) -> dict[str, Rows]:
    """Fold messages into rows: of each key the last record, else every record."""
    keys: dict[str, list[str]] = {}
    tables: dict[str, dict[Any, dict[str, Any]]] = {}
    for line in lines:
        message = exact(as_bytes(line))
        stream = message.get("stream")
        if message["type"] == "SCHEMA":
            keys[stream] = message.get("key_properties") or []
            tables.setdefault(stream, {})
        elif message["type"] == "RECORD":
            rows, record = tables[stream], message["record"]
            names = keys[stream]
            key = (
                json.dumps([record[n] for n in names], default=str)
                if names
                else len(rows)
            )
            rows[key] = record
    return {stream: list(rows.values()) for stream, rows in tables.items()}


def stored_rows(db: Database, stream: str) -> Rows:
    """Read a table, values as JSON with numbers exact, our own columns left out."""
    connection = psycopg2.connect(db.url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("set timezone to 'UTC'")
            cursor.execute(
                sql.SQL("select to_jsonb(t)::text from {} t").format(
                    sql.Identifier("raw", stream)
                )
            )
            rows = [exact(text) for (text,) in cursor.fetchall()]
    finally:
        connection.close()
    return [
        {name: v for name, v in row.items() if not name.startswith("_sdc_")}
        for row in rows
    ]


def check_content(db: Database, lines: Iterable[Line]) -> int:
    """Compare every table with what it should hold.

    Returns:
        How many rows there are in all.
    """
    count = 0
    for stream, rows in expected_tables(lines).items():
        types = db.types(stream)
        stored = stored_rows(db, stream)
        columns = {name for name in types if not name.startswith("_sdc_")}
        expected = [
            {name: _as_stored(row.get(name), types[name]) for name in columns}
            for row in rows
        ]
        found = [{n: _comparable(row[n], types[n]) for n in columns} for row in stored]
        assert _sorted(found) == _sorted(expected), stream
        count += len(rows)
    return count


def _sorted(rows: Rows) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


def _as_stored(value: Any, column_type: str) -> Any:
    if value is None:
        return None
    if column_type == "text" and not isinstance(value, str):
        return json.dumps(value, default=str)
    return _comparable(value, column_type)


def _comparable(value: Any, column_type: str) -> Any:
    if value is None:
        return None
    if column_type.startswith("timestamp"):
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return _normal(value)


def _normal(value: Any) -> Any:
    """Let equal numbers compare equal, whole or not, and in objects too."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return str(Decimal(value).normalize(_EXACT))
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_normal(each) for each in value]
    return {_normal(name): _normal(each) for name, each in value.items()}
