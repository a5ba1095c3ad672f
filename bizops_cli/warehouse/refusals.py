"""What the database says no to, as errors of bizops."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from bizops_cli.errors import BizopsError, DatabaseRefusedError, UnreachableError
from bizops_cli.redact import redact
from bizops_cli.warehouse.connect import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg2
    from psycopg2.extensions import connection as Connection  # noqa: N812

_NEXT_STEPS = {
    "42501": "Give the warehouse's role the right it lacks, or use another role.",
    "53100": "The server's disk is full: free some space and run again.",
    "25006": "The server is read only (a standby?): use the primary.",
    "57014": "The statement was cancelled on the server; run again.",
}
_CONNECTION_CLASSES = ("08", "57P")


@contextmanager
def connected(
    url: str, *, application_name: str, timeout_s: float = 10
) -> Iterator[Connection]:
    """Connect for the length of the block; see `connect.connect`.

    Raises:
        ConfigError: We are not let in.
        UnreachableError: Nobody answers, or the connection broke.
        DatabaseRefusedError: The server refused a statement in the block.
    """
    connection = connect(url, application_name=application_name, timeout_s=timeout_s)
    with closing(connection), translated_errors():
        yield connection


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn psycopg2's errors in the block into ours.

    Raises:
        UnreachableError: The connection broke.
        DatabaseRefusedError: The server refused a statement.
    """
    import psycopg2

    try:
        yield
    except psycopg2.Error as error:
        raise _translated(error) from error


def _translated(error: psycopg2.Error) -> BizopsError:
    import psycopg2

    code = error.pgcode or ""
    is_connection_error = isinstance(
        error, psycopg2.OperationalError | psycopg2.InterfaceError
    ) and (not code or code.startswith(_CONNECTION_CLASSES))
    # Only the first line: the others quote statements and values of rows.
    first_line = (str(error).strip().splitlines() or ["no reason given"])[0]
    said = redact((error.diag.message_primary or first_line).strip())
    if is_connection_error:
        return UnreachableError(
            f"the connection to the warehouse broke: {said}", "Run again."
        )
    return DatabaseRefusedError(
        f"the warehouse refused: {said}",
        _NEXT_STEPS.get(code, ""),
        {"SQLSTATE": code} if code else {},
    )
