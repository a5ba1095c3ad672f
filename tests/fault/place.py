"""Where a trial loads to, and what is found there: read by plain SQL."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import sql

from tests.fault.workload import KEYED, KEYLESS, KeyedRow, KeylessRow, covered_by

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXPECTED_TABLES = {KEYED, KEYLESS, "things", "state", "state_history"}
_OPEN_SESSIONS = (
    "select pid, state, query from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
    " and application_name = 'target-postgres'"
)
_TEMPORARY_TABLES = (
    "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname ~ '^pg_temp' and c.relkind = 'r'"
)
_TABLES = (
    "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname = %s and c.relkind = 'r' order by 1"
)
_COLUMNS = (
    "select attname from pg_attribute where attrelid = to_regclass(%s)"
    " and attnum > 0 and not attisdropped"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A schema for the rows, and a state.

    Attributes:
        url: libpq URL of the database.
        schema: Schema of the tables.
        state_schema: Schema of the state tables.
        state_id: Which state is the trial's.
    """

    url: str
    schema: str
    state_schema: str
    state_id: str

    def query(
        self, statement: str | sql.Composed, values: Sequence[object] = ()
    ) -> list[tuple[Any, ...]]:
        """Run a statement in a transaction of its own and give its rows."""
        with (
            closing(psycopg2.connect(self.url)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, tuple(values) or None)
            return cursor.fetchall() if cursor.description else []

    def tables(self) -> list[str]:
        """Name the tables of the trial's schema."""
        return [name for (name,) in self.query(_TABLES, [self.schema])]

    def columns(self, table: str) -> set[str]:
        """Name a table's columns; none when it is not there."""
        name = f'"{self.schema}"."{table}"'
        return {column for (column,) in self.query(_COLUMNS, [name])}

    def leftovers(self) -> list[str]:
        """Name what a run should not leave behind."""
        sessions = self.query(_OPEN_SESSIONS)
        temporary = self.query(_TEMPORARY_TABLES)
        found = [f"session {pid} {state}: {query}" for pid, state, query in sessions]
        found += [f"temporary table {name}" for (name,) in temporary]
        strange = set(self.tables()) - _EXPECTED_TABLES
        return found + [f"table {name}" for name in sorted(strange)]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a trial's place holds.

    Attributes:
        covered: Rows of each stream the stored state covers; 0 without one.
        keyed: Rows of the keyed stream.
        keyless: Rows of the keyless stream.
    """

    covered: int
    keyed: tuple[KeyedRow, ...]
    keyless: tuple[KeylessRow, ...]


def read_contents(place: Place) -> Contents:
    """Read state and rows of one instant."""
    columns = place.columns(KEYED)
    keyless_columns = place.columns(KEYLESS)
    has_state = bool(place.query(_COLUMNS, [f'"{place.state_schema}"."state"']))
    with closing(psycopg2.connect(place.url)) as connection:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            states: list[tuple[str]] = []
            if has_state:
                cursor.execute(
                    sql.SQL("select value::text from {} where state_id = %s").format(
                        sql.Identifier(place.state_schema, "state")
                    ),
                    [place.state_id],
                )
                states = cursor.fetchall()
            keyed: list[KeyedRow] = []
            if columns:
                # In the first half of the stream there is no such column yet.
                extra: sql.Composable = sql.SQL("null::text")
                if "extra" in columns:
                    extra = sql.Identifier("extra")
                cursor.execute(
                    sql.SQL("select id, seq, payload, grade::text, {} from {}").format(
                        extra, sql.Identifier(place.schema, KEYED)
                    )
                )
                keyed = [KeyedRow(*row) for row in cursor.fetchall()]
            keyless: list[KeylessRow] = []
            if keyless_columns:
                cursor.execute(
                    sql.SQL("select seq, payload from {}").format(
                        sql.Identifier(place.schema, KEYLESS)
                    )
                )
                keyless = [KeylessRow(*row) for row in cursor.fetchall()]
    covered = covered_by(json.loads(states[0][0])) if states else 0
    return Contents(covered, tuple(keyed), tuple(keyless))
