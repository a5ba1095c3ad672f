"""The server's side of a connection: found dead, ended, asked what became of us.

When the line between breaks without a word, the server does not know. Its session goes
on holding the state's lock and whatever its transaction had locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg2 import errors, sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_postgres.connection import Connection, Cursor

# As on our side: found dead within a minute.
_KEEPALIVES = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "60000",
}


@dataclass(frozen=True, slots=True)
class ServerSession:
    """A session of the server.

    Attributes:
        pid: Id of its process.
        started_at: When it began, as the server spells it: ids come again.
    """

    pid: int
    started_at: str


def watch_client(connection: Connection) -> None:
    """Have the server look whether we are still there.

    Raises:
        psycopg2.Error: If the database refuses.
    """
    with connection.cursor() as cursor:
        settings = [
            sql.SQL("pg_catalog.set_config({}, {}, false)").format(
                sql.Literal(name), sql.Literal(value)
            )
            for name, value in _KEEPALIVES.items()
        ]
        cursor.execute(sql.SQL("select {}").format(sql.SQL(", ").join(settings)))
    connection.commit()


def identify(connection: Connection) -> ServerSession | None:
    """Tell which session serves a connection.

    Returns:
        None behind a pooler: its sessions serve others too, and are not ours to end.

    Raises:
        psycopg2.Error: If the database refuses.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pid, backend_start::text from pg_catalog.pg_stat_activity"
            " where pid = pg_catalog.pg_backend_pid()"
        )
        row = cursor.fetchone()
    connection.commit()
    if row is None or row[1] is None or row[0] != connection.info.backend_pid:
        return None
    return ServerSession(*row)


def end_session(connection: Connection, former: ServerSession) -> None:
    """End the session of a connection that was lost, if it is still there.

    Its transaction is rolled back; a COMMIT under way takes place or does not, as a
    whole.

    Args:
        connection: The new connection, of the same role.
        former: The session of the lost one.

    Raises:
        psycopg2.Error: If the database refuses.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_catalog.pg_terminate_backend(pid)"
            " from pg_catalog.pg_stat_activity"
            " where pid = %s and backend_start = %s::timestamptz",
            (former.pid, former.started_at),
        )
    connection.commit()


def transaction_outcome(
    connection: Connection,
    transaction_id: str,
    *,
    is_there: Callable[[Cursor], bool],
) -> bool | None:
    """Tell whether a transaction was committed, if the server knows yet.

    Args:
        connection: A new connection.
        transaction_id: Its full id.
        is_there: Looks whether what it wrote is there.

    Raises:
        psycopg2.Error: If the database refuses.
    """
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "select pg_catalog.pg_xact_status(%s::text::xid8)", (transaction_id,)
            )
        except errors.InvalidParameterValue:
            # "in the future": the server has crashed, and forgotten even its number.
            connection.rollback()
            return False
        row = cursor.fetchone()
        outcome = row[0] if row else None
        was_committed = outcome == "committed" and is_there(cursor)
    connection.rollback()
    return was_committed if outcome in {"committed", "aborted"} else None
