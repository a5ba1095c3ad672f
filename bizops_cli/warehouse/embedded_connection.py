"""Connecting to the embedded server: the only proof that it lives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from bizops_cli.errors import ConfigError
from bizops_cli.warehouse.address import WarehouseAddress
from bizops_cli.warehouse.cluster import DATABASE, ROLE, read_password
from bizops_cli.warehouse.record import read_record

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.warehouse.home import ServerHome
    from bizops_cli.warehouse.record import ServerRecord

HOST = "127.0.0.1"
_CONNECT_TIMEOUT_S = 3


def address_of(record: ServerRecord, password: str) -> WarehouseAddress:
    """Return how to reach the server a record describes."""
    secret = quote(password, safe="")
    return WarehouseAddress(
        url=f"postgresql://{ROLE}:{secret}@{HOST}:{record.port}/{DATABASE}"
        "?sslmode=disable",
        host=HOST,
        port=record.port,
        user=ROLE,
        password=password,
        database=DATABASE,
        socket_directory=Path(record.socket_directory),
    )


def try_connect(record: ServerRecord, password: str) -> tuple[Connection | None, str]:
    """Connect once.

    Returns:
        An autocommit connection and an empty text, or None and the reason.

    Raises:
        ConfigError: The server does not take the password that is kept for it.
    """
    import psycopg2

    try:
        connection = psycopg2.connect(
            host=HOST,
            port=record.port,
            user=ROLE,
            password=password,
            dbname=DATABASE,
            sslmode="disable",
            gssencmode="disable",
            options="",
            connect_timeout=_CONNECT_TIMEOUT_S,
            application_name="bizops warehouse",
        )
    except psycopg2.OperationalError as error:
        if "password authentication failed" in str(error):
            raise _wrong_password() from None
        return None, str(error).strip().splitlines()[-1]
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("show cluster_name")
        (instance,) = cursor.fetchone() or ("",)
    if instance == record.instance:
        return connection, ""
    connection.close()
    return None, f"another server listens on port {record.port}"


def try_address(home: ServerHome) -> tuple[WarehouseAddress | None, str]:
    """Connect once to the server of a home, and close again.

    Returns:
        How to reach it and an empty text, or None and the reason.

    Raises:
        ConfigError: The server does not take the password that is kept for it.
    """
    record = read_record(home)
    if record is None:
        return None, "it is not known where it listens"
    password = read_password(home)
    connection, reason = try_connect(record, password)
    if connection is None:
        return None, reason
    connection.close()
    return address_of(record, password), ""


def _wrong_password() -> ConfigError:
    return ConfigError(
        "the embedded warehouse does not accept the password kept for it",
        "Somebody changed the password of role bizops. Stop the warehouse and delete "
        "its file `password`: the next start sets a new one.",
    )
