"""STATE values in the database: merged by stream, kept as JSON text to the letter.

Statements with names of the configuration take their values as `sql.Literal`, never
beside them as parameters: psycopg2 would read a `%` of a name as a placeholder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import psycopg2
from psycopg2 import sql

from target_postgres.evolution import ensure_schema

if TYPE_CHECKING:
    from target_postgres.connection import Connection, Cursor

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_DDL_LOCK = "bizops.schema"
# Two processes may still make the same thing at once: the other side's lock may differ.
_MADE_BY_OTHERS = ("23505", "42P06", "42P07")


def merge_state(stored: str | None, new: str) -> str:
    """Merge a STATE into what is stored.

    When both have a `bookmarks` object, the new one's streams replace theirs whole and
    other streams stay. Everything else is the new value's. Numbers, keys and order are
    not touched, because values are never decoded.

    Args:
        stored: JSON text of the stored value, if there is one.
        new: JSON text of the new value.
    """
    old_fields, new_fields = _object(stored), _object(new)
    if old_fields is None or new_fields is None:
        return new
    old_bookmarks = _object(old_fields.get("bookmarks"))
    new_bookmarks = _object(new_fields.get("bookmarks"))
    if old_bookmarks is None or new_bookmarks is None:
        return new
    merged = {**old_bookmarks, **new_bookmarks}
    new_fields["bookmarks"] = msgspec.Raw(msgspec.json.encode(merged))
    return msgspec.json.encode(new_fields).decode()


def _object(value: Any) -> dict[str, msgspec.Raw] | None:  # noqa: ANN401 - str, Raw
    if value is None:
        return None
    try:
        return _OBJECT.decode(value)
    except msgspec.MsgspecError:
        return None


def prepare_state_tables(connection: Connection, schema: str) -> None:
    """Make the state tables if they are not there.

    Args:
        connection: A connection without an open transaction.
        schema: Their schema.

    Raises:
        psycopg2.Error: If the database refuses.
    """
    try:
        with connection.cursor() as cursor:
            _create_state_tables(cursor, schema)
        connection.commit()
    except psycopg2.Error as error:
        connection.rollback()
        if error.pgcode not in _MADE_BY_OTHERS:
            raise
        with connection.cursor() as cursor:
            _create_state_tables(cursor, schema)
        connection.commit()


def _create_state_tables(cursor: Cursor, schema: str) -> None:
    cursor.execute(
        "select pg_catalog.to_regclass(%s), pg_catalog.to_regclass(%s)",
        (_quoted(cursor, schema, "state"), _quoted(cursor, schema, "state_history")),
    )
    found = cursor.fetchone()
    if found and all(found):
        return
    cursor.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", (_DDL_LOCK,)
    )
    ensure_schema(cursor, schema)
    cursor.execute(
        sql.SQL(
            "create table if not exists {} (state_id text primary key,"
            " value json not null, run_id text, updated_at timestamptz not null)"
        ).format(sql.Identifier(schema, "state"))
    )
    cursor.execute(
        sql.SQL(
            "create table if not exists {} (state_id text not null,"
            " run_id text not null, value json not null,"
            " committed_at timestamptz not null, primary key (state_id, run_id))"
        ).format(sql.Identifier(schema, "state_history"))
    )


def _quoted(cursor: Cursor, schema: str, table: str) -> str:
    return sql.Identifier(schema, table).as_string(cursor)


def write_state(
    cursor: Cursor, value: str, *, schema: str, state_id: str, run_id: str | None
) -> None:
    """Write a STATE inside the caller's transaction.

    Args:
        cursor: A cursor of the transaction that writes the rows before the STATE.
        value: JSON text of the value.
        schema: Schema of the state tables.
        state_id: Which state.
        run_id: Which run; without it no history is kept.

    Raises:
        psycopg2.Error: If the database refuses.
    """
    cursor.execute(
        sql.SQL("select value::text from {} where state_id = {} for update").format(
            sql.Identifier(schema, "state"), sql.Literal(state_id)
        )
    )
    stored = cursor.fetchone()
    merged = merge_state(stored[0] if stored else None, value)
    cursor.execute(
        sql.SQL(
            "insert into {} as s (state_id, value, run_id, updated_at)"
            " values ({}, {}::json, {}, clock_timestamp())"
            " on conflict (state_id) do update set value = excluded.value,"
            " run_id = excluded.run_id, updated_at = excluded.updated_at"
        ).format(
            sql.Identifier(schema, "state"),
            sql.Literal(state_id),
            sql.Literal(merged),
            sql.Literal(run_id),
        )
    )
    if run_id is None:
        return
    cursor.execute(
        sql.SQL(
            "insert into {} (state_id, run_id, value, committed_at)"
            " values ({}, {}, {}::json, clock_timestamp())"
            " on conflict (state_id, run_id) do update"
            " set value = excluded.value, committed_at = excluded.committed_at"
        ).format(
            sql.Identifier(schema, "state_history"),
            sql.Literal(state_id),
            sql.Literal(run_id),
            sql.Literal(merged),
        )
    )
