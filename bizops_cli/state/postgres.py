"""States in the warehouse, beside the rows they speak of.

target-postgres writes the same tables in the transaction that commits the rows. A
state is JSON text and comes back as it was written, to the last digit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.singer.states import merged_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from psycopg2.extensions import connection as Connection  # noqa: N812
    from psycopg2.extensions import cursor as Cursor  # noqa: N812

    from bizops_cli.ids import StateKey


@dataclass(frozen=True, slots=True)
class StateEntry:
    """A pipeline's state as it is stored.

    Attributes:
        state_id: Printed `StateKey`.
        value: JSON text.
        run_id: Run that wrote it; None when no run did.
        updated_at: When.
    """

    state_id: str
    value: str
    run_id: str | None
    updated_at: datetime


def read_state_text(connection: Connection, key: StateKey) -> str | None:
    """Return the stored JSON text, exactly; None when there is no state yet."""
    entry = read_entry(connection, key)
    return entry.value if entry else None


def read_state(connection: Connection, key: StateKey) -> dict[str, object] | None:
    """Return the stored state for looking into it; None when there is none yet."""
    text = read_state_text(connection, key)
    if text is None:
        return None
    value: dict[str, object] = json.loads(text)
    return value


def read_entry(connection: Connection, key: StateKey) -> StateEntry | None:
    """Return the stored state with when and by which run it was written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select state_id, value::text, run_id, updated_at from bizops.state"
            " where state_id = %s",
            (str(key),),
        )
        row = cursor.fetchone()
    return StateEntry(*row) if row else None


def list_states(connection: Connection, *, prefix: str = "") -> list[StateEntry]:
    """Return the states whose id starts with a text, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select state_id, value::text, run_id, updated_at from bizops.state"
            " where starts_with(state_id, %s) order by state_id",
            (prefix,),
        )
        return [StateEntry(*row) for row in cursor.fetchall()]


def write_state(
    connection: Connection,
    key: StateKey,
    value: Mapping[str, object] | str,
    *,
    run_id: str,
) -> None:
    """Merge a state into the stored one and commit, with the run's place in history.

    Args:
        connection: In autocommit mode, on a migrated warehouse.
        key: Whose state.
        value: A state; as JSON text it is stored without a change to any number.
        run_id: The run that brought it; its last state stays in the history.

    Raises:
        ValueError: The text is no JSON object.
    """
    text = value if isinstance(value, str) else json.dumps(value)
    with connection, connection.cursor() as cursor:
        merged = _upsert(cursor, str(key), merged_text(None, text), run_id)
        cursor.execute(
            "insert into bizops.state_history (state_id, run_id, value, committed_at)"
            " values (%s, %s, %s, clock_timestamp())"
            " on conflict (state_id, run_id) do update"
            " set value = excluded.value, committed_at = excluded.committed_at",
            (str(key), run_id, merged),
        )


def _upsert(cursor: Cursor, state_id: str, text: str, run_id: str) -> str:
    cursor.execute(
        "insert into bizops.state (state_id, value, run_id, updated_at)"
        " values (%s, %s, %s, clock_timestamp()) on conflict do nothing",
        (state_id, text, run_id),
    )
    if cursor.rowcount:
        return text
    cursor.execute(
        "select value::text from bizops.state where state_id = %s for update",
        (state_id,),
    )
    (stored,) = cursor.fetchone() or (None,)
    merged = merged_text(stored, text)
    cursor.execute(
        "update bizops.state set value = %s, run_id = %s,"
        " updated_at = clock_timestamp() where state_id = %s",
        (merged, run_id, state_id),
    )
    return merged
