"""Connections: safe by default, the same session everywhere, and what errors mean."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import extensions, sql

from target_postgres.errors import (
    ConfigError,
    DatabaseRefusedError,
    TargetError,
    UnreachableError,
)
from target_postgres.tables import RUN_ID_SETTING

if TYPE_CHECKING:
    from collections.abc import Mapping

Connection = extensions.connection
Cursor = extensions.cursor

_DRIVER = re.compile(r"^(postgres(?:ql)?)\+\w+://")
# Found dead within a minute: 30 s idle, then 3 probes 10 s apart.
_KEEPALIVES = {
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_SESSION = {
    # Nothing a table's owner puts in a schema is found by a bare name.
    "search_path": "pg_catalog, pg_temp",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "standard_conforming_strings": "on",
    "client_min_messages": "warning",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    # A transaction may wait for the tap's next STATE.
    "idle_in_transaction_session_timeout": "0",
}
# A batch in its temporary table stays in memory.
_TEMPORARY_BUFFERS = "64MB"
# Worth another try from the start of the transaction.
_RETRIED_STATES = frozenset({"40001", "40P01", "55P03"})
_ONE_ANSWER = "connection to server"
_WRONG_CREDENTIALS = ("28", "3D")


def parse_url(url: str) -> dict[str, str]:
    """Read a libpq URL or a SQLAlchemy one.

    Raises:
        ConfigError: If it is neither; the URL itself is never shown.
    """
    try:
        return {
            key: str(value)
            for key, value in extensions.parse_dsn(_DRIVER.sub(r"\1://", url)).items()
        }
    except psycopg2.ProgrammingError:
        raise ConfigError("setting url is not a PostgreSQL URL") from None


def is_local(host: str | None) -> bool:
    """Tell whether a host can only be this machine."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def libpq_parameters(given: Mapping[str, str]) -> dict[str, str]:
    """Add what makes a connection safe: TLS checked for other machines, keepalives."""
    parameters = {**_KEEPALIVES, **given}
    parameters.setdefault("application_name", "target-postgres")
    if not is_local(parameters.get("hostaddr") or parameters.get("host")):
        parameters.setdefault("sslmode", "verify-full")
    wants_check = parameters.get("sslmode") in {"verify-ca", "verify-full"}
    has_root = (Path.home() / ".postgresql" / "root.crt").exists()
    if wants_check and "sslrootcert" not in parameters and not has_root:
        # libpq allows the system's certificates with verify-full only.
        parameters["sslrootcert"] = "system"
        parameters["sslmode"] = "verify-full"
    return parameters


def session_statement(
    *, lock_timeout_s: int, run_id: str | None, is_local: bool
) -> sql.Composed:
    """Set what every statement here relies on.

    Args:
        lock_timeout_s: Longest wait for a table lock; 0 waits for ever.
        run_id: What the default of `_bizops_run_id` shall give.
        is_local: Whether it holds for the transaction only: behind a pooler the next
            transaction may run in another session of the server.
    """
    settings = {**_SESSION, "lock_timeout": f"{lock_timeout_s}s"}
    if run_id is not None:
        settings[RUN_ID_SETTING] = run_id
    one = sql.SQL("pg_catalog.set_config({}, {}, {})")
    return sql.SQL("select {}").format(
        sql.SQL(", ").join(
            one.format(sql.Literal(name), sql.Literal(value), sql.Literal(is_local))
            for name, value in settings.items()
        )
    )


def connect(given: Mapping[str, str], session: sql.Composed) -> Connection:
    """Open one connection.

    Args:
        given: libpq parameters of the settings.
        session: From `session_statement`, for the session.

    Raises:
        psycopg2.Error: If it cannot be opened; see `explain_connect`.
        ConfigError: If the database's encoding is not UTF8.
    """
    connection = psycopg2.connect(extensions.make_dsn(**libpq_parameters(given)))
    encoding = connection.get_parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        raise ConfigError(
            f"the database's encoding is {encoding}: texts of any language need UTF8"
        )
    connection.set_client_encoding("UTF8")
    with connection.cursor() as cursor:
        cursor.execute(session)
        connection.commit()
        try:
            cursor.execute(
                sql.SQL("set temp_buffers to {}").format(
                    sql.Literal(_TEMPORARY_BUFFERS)
                )
            )
            connection.commit()
        except psycopg2.DataError:
            # A pooler's session that has had temporary tables keeps what it has.
            connection.rollback()
    return connection


def is_lost(error: BaseException, connection: Connection | None) -> bool:
    """Tell whether an error means that the connection is gone or never was."""
    if not isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        return False
    # Without an SQLSTATE it was the client's side that noticed.
    code = error.pgcode
    if connection is None and not code:
        return not _is_refusal(error)
    is_closed = connection is not None and bool(connection.closed)
    return is_closed or not code or code.startswith(("08", "57P0"))


def is_retried(error: BaseException) -> bool:
    """Tell whether the same transaction may succeed when run again."""
    return isinstance(error, psycopg2.Error) and error.pgcode in _RETRIED_STATES


def _is_refusal(error: psycopg2.Error) -> bool:
    """Tell a server that said no to a connection from one that did not answer."""
    code = error.pgcode or ""
    text = str(error)
    return code.startswith(_WRONG_CREDENTIALS) or any(
        words in text
        for words in (
            "password authentication failed",
            "no password supplied",
            "pg_hba.conf",
            "not permitted to log in",
            " alert ",
            "does not exist",
            "certificate",
            "permission denied for database",
            "server does not support SSL",
            "root certificate file",
            "private key file",
            "invalid sslmode",
            "invalid connection option",
        )
    )


def explain_connect(error: psycopg2.Error, given: Mapping[str, str]) -> TargetError:
    """Turn a failed connection into a message with its exit status."""
    where = f"{given.get('host', 'localhost')}:{given.get('port', '5432')}"
    # Of several addresses tried, the last one's answer: often with advice below it.
    answer = str(error).strip().rpartition(_ONE_ANSWER)[2]
    where_and_why = " ".join(answer.split())
    reason = where_and_why.partition("failed: ")[2] or where_and_why
    reason = reason or type(error).__name__
    password = given.get("password")
    if password:
        reason = reason.replace(password, "****")
    if _is_refusal(error):
        return ConfigError(f"PostgreSQL at {where} refused the connection: {reason}")
    return UnreachableError(f"PostgreSQL at {where} cannot be reached: {reason}")


def explain_refusal(error: psycopg2.Error, *, doing: str) -> DatabaseRefusedError:
    """Turn an error of a statement into a message without any value of a row.

    Args:
        error: What the database answered. Its DETAIL holds values and is left out.
        doing: What was being done, for the reader.
    """
    message = (error.diag.message_primary or type(error).__name__).strip()
    code = error.pgcode or "no SQLSTATE"
    hint = ""
    if error.pgcode == "42501":
        hint = "; grant the role the right, or make it the owner"
    if error.pgcode == "0A000" and error.diag.message_detail:
        # "rule _RETURN on view x depends on column y": names, no values.
        hint = f"; {error.diag.message_detail.strip()}"
    return DatabaseRefusedError(f"{doing}: {message} [{code}]{hint}")
