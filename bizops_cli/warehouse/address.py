"""Where a warehouse answers, and how it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class WarehouseAddress:
    """How to reach a database; it prints itself without the password.

    Attributes:
        url: libpq URL with everything in it, the password too.
        host: Host name, IP address or directory of the socket.
        port: TCP port, or number of the socket.
        user: Role to log in as.
        password: Its password; empty when none is needed.
        database: Name of the database.
        socket_directory: Where the embedded server's socket lies; None for others.
    """

    url: str = field(repr=False)
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    socket_directory: Path | None = None


@dataclass(frozen=True, slots=True)
class WarehouseStatus:
    """What is known of a warehouse.

    Attributes:
        is_running: Whether the server answers.
        directory: Where its data lies; None for a server of the user's own.
        address: How to reach it; None when it does not run.
        server_version: For example `18.1`; None when it does not run.
        size_bytes: Size of the database; None when it does not run.
    """

    is_running: bool
    directory: Path | None
    address: WarehouseAddress | None = None
    server_version: str | None = None
    size_bytes: int | None = None
