"""Finding the warehouse and connecting to it."""

from __future__ import annotations

import random
import re
import time
from typing import TYPE_CHECKING, Any, NoReturn

from bizops_cli.errors import ConfigError, UnreachableError
from bizops_cli.redact import redact
from bizops_cli.warehouse.dsn import parse_address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import WarehouseSettings
    from bizops_cli.warehouse.address import WarehouseAddress

OLDEST_SERVER = 13
_TRIES = 5
_FIRST_PAUSE_S = 0.2
_SHORTEST_TIMEOUT_S = 2  # libpq counts whole seconds and takes 1 for 2
_PASSING = re.compile(
    r"connection refused|timeout expired|timed out|could not translate host name"
    r"|no route to host|network is unreachable|host is down|connection reset"
    r"|server closed the connection unexpectedly|no such file or directory"
    r"|is starting up|is shutting down|in recovery mode|not yet accepting"
    r"|too many (?:clients|connections)|connection slots are reserved"
    r"|ssl syscall error|could not receive data",
    re.IGNORECASE,
)
_SETTINGS: Mapping[str, Any] = {
    # A cut network is noticed within a minute instead of hours.
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "client_encoding": "UTF8",
}


def resolve_warehouse(
    settings: WarehouseSettings, *, directory: Path, start: bool = True
) -> WarehouseAddress:
    """Return how to reach the project's warehouse.

    Args:
        settings: The project's choice.
        directory: Where the embedded one lives, e.g. `.bizops/warehouse`.
        start: Whether to start the embedded one when it does not run.

    Raises:
        ConfigError: The URL is wrong, or the embedded warehouse cannot be used.
        DatabaseRefusedError: The embedded warehouse did not start.
        UnreachableError: The embedded warehouse does not run or does not answer.
    """
    if settings.type == "postgres":
        if settings.url is None:
            raise ConfigError(
                "the warehouse is of type postgres and has no url",
                "Add url to warehouse in bizops.yml, or set BIZOPS_WAREHOUSE_URL.",
            )
        return parse_address(settings.url.reveal())
    from bizops_cli.warehouse.embedded import EmbeddedWarehouse

    warehouse = EmbeddedWarehouse(directory)
    if start:
        return warehouse.start()
    address = warehouse.status().address
    if address is None:
        raise UnreachableError(
            "the embedded warehouse does not run", "Start it: bizops warehouse start."
        )
    return address


def connect(url: str, *, application_name: str, timeout_s: float = 10) -> Connection:
    """Open an autocommit connection with nothing but pg_catalog on its search path.

    Use `with connection:` for a transaction.

    Args:
        url: libpq URL.
        application_name: What the server's administrator sees.
        timeout_s: How long to try altogether.

    Raises:
        UnreachableError: Nobody answered, or the server is not ready, in all tries.
        ConfigError: The server answered and does not let us in (password, database,
            certificate), is older than 13, or is not in UTF-8.
    """
    connection = _connect_in_tries(url, application_name, timeout_s=timeout_s)
    try:
        _set_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_in_tries(
    url: str, application_name: str, *, timeout_s: float
) -> Connection:
    import psycopg2

    deadline_s = time.monotonic() + timeout_s
    pause_s = _FIRST_PAUSE_S
    for tries_left in range(_TRIES - 1, -1, -1):
        left_s = max(deadline_s - time.monotonic(), _SHORTEST_TIMEOUT_S)
        try:
            connection: Connection = psycopg2.connect(
                url,
                application_name=application_name,
                connect_timeout=int(left_s),
                **_SETTINGS,
            )
            return connection
        except psycopg2.OperationalError as error:
            message = str(error)
        is_over = time.monotonic() + pause_s > deadline_s or not tries_left
        if is_over or not _PASSING.search(message):
            _raise_for(message, url)
        time.sleep(pause_s * random.uniform(0.75, 1.25))  # noqa: S311 - jitter
        pause_s *= 2
    raise AssertionError("the last try returns or raises")


def _raise_for(message: str, url: str) -> NoReturn:
    from psycopg2.extensions import parse_dsn

    reason, parts = _reason(message), parse_dsn(url)
    server = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
    if _PASSING.search(message):
        raise UnreachableError(
            f"the warehouse does not answer at {server}: {reason}",
            "Is the server up, and are host and port right? Then run again.",
        )
    raise ConfigError(
        f"the warehouse at {server} does not let us in: {reason}", _next_step(message)
    )


def _reason(message: str) -> str:
    """Return what went wrong without the address, which is told before."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    found = re.findall(r"failed: (.*)", message)
    reason = found[-1] if found else (lines or ["no reason given"])[0]
    return redact(re.sub(r"^FATAL:\s+", "", reason))


def _next_step(message: str) -> str:
    lowered = message.lower()
    if "certificate" in lowered or "ssl" in lowered:
        return (
            "Name the file with the server's authority in the URL "
            "(?sslrootcert=/path/ca.pem), or give up the check of its name with "
            "?sslmode=require."
        )
    return (
        "Correct user, password and database in the warehouse's URL: `warehouse:` of "
        "bizops.yml, or BIZOPS_WAREHOUSE_URL."
    )


def _set_up(connection: Connection) -> None:
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "set search_path to pg_catalog; set timezone to 'UTC';"
            " select current_setting('server_encoding')"
        )
        (encoding,) = cursor.fetchone() or ("?",)
    major = connection.server_version // 10_000
    if major < OLDEST_SERVER:
        raise ConfigError(
            f"the warehouse is PostgreSQL {major}; at least {OLDEST_SERVER} is needed",
            "Use a newer server.",
        )
    if encoding != "UTF8":
        raise ConfigError(
            f"the warehouse's database is in encoding {encoding}, not UTF8",
            "Make a database for bizops: create database NAME encoding 'UTF8' "
            "template template0.",
        )
