"""States of past runs, and states put in place by people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.ids import StateKey


@dataclass(frozen=True, slots=True)
class PastState:
    """The last state of a run, or one a person set.

    Attributes:
        run_id: The run, or the name of the change.
        value: JSON text.
        committed_at: When.
    """

    run_id: str
    value: str
    committed_at: datetime


def read_history(
    connection: Connection, key: StateKey, *, limit: int
) -> list[PastState]:
    """Return the latest past states, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select run_id, value::text, committed_at from bizops.state_history"
            " where state_id = %s order by committed_at desc, run_id desc limit %s",
            (str(key), limit),
        )
        return [PastState(*row) for row in cursor.fetchall()]


def replace_state(
    connection: Connection, key: StateKey, text: str | None, *, run_id: str
) -> None:
    """Put a state in place as it is, merging nothing; None removes it.

    What was there goes into the history if it is not its latest entry, so that it can
    be rolled back to.

    Args:
        connection: In autocommit mode, on a migrated warehouse.
        key: Whose state.
        text: JSON text of the new state.
        run_id: Name of the change, for the history.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into bizops.state_history (state_id, run_id, value, committed_at)"
            " select state_id, %s, value, clock_timestamp() from bizops.state"
            " where state_id = %s and value::text is distinct from ("
            "select value::text from bizops.state_history as past"
            " where past.state_id = bizops.state.state_id"
            " order by committed_at desc limit 1)",
            (f"{run_id}-before", str(key)),
        )
        if text is None:
            cursor.execute("delete from bizops.state where state_id = %s", (str(key),))
            return
        cursor.execute(
            "insert into bizops.state (state_id, value, run_id, updated_at)"
            " values (%s, %s, %s, clock_timestamp()) on conflict (state_id) do update"
            " set value = excluded.value, run_id = excluded.run_id,"
            " updated_at = excluded.updated_at",
            (str(key), text, run_id),
        )
        cursor.execute(
            "insert into bizops.state_history (state_id, run_id, value, committed_at)"
            " values (%s, %s, %s, clock_timestamp())",
            (str(key), run_id, text),
        )
