"""What is known of a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg2.extensions import connection as Connection  # noqa: N812


def read_facts(connection: Connection) -> tuple[str, int]:
    """Return the server's version, e.g. `18.1`, and the database's size in bytes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select split_part(current_setting('server_version'), ' ', 1),"
            " pg_database_size(current_database())"
        )
        version, size_bytes = cursor.fetchone() or ("", 0)
    return str(version), int(size_bytes)


def read_clock(connection: Connection) -> datetime:
    """Return what time it is for the server."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        (now,) = cursor.fetchone() or (None,)
    clock: datetime = now
    return clock
