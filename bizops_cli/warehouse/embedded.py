"""The embedded warehouse: a PostgreSQL of the project's own.

The server outlives the command that starts it. Whether it lives is learnt by
connecting, and by a lock its processes hold; never by a process id.
"""

from __future__ import annotations

import logging
import shutil
import time
from contextlib import closing
from typing import TYPE_CHECKING

from bizops_cli.warehouse.account import give_to_owner
from bizops_cli.warehouse.address import WarehouseAddress, WarehouseStatus
from bizops_cli.warehouse.cluster import read_password
from bizops_cli.warehouse.embedded_connection import (
    address_of,
    try_address,
    try_connect,
)
from bizops_cli.warehouse.facts import read_facts
from bizops_cli.warehouse.file_lock import hold_lock, is_locked
from bizops_cli.warehouse.home import (
    ServerHome,
    earlier_places,
    find_home,
    make_home,
    prepare_directory,
    start_lock,
)
from bizops_cli.warehouse.record import read_record
from bizops_cli.warehouse.starting import start_or_join
from bizops_cli.warehouse.stopping import stop_server

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EmbeddedWarehouse", "WarehouseAddress", "WarehouseStatus"]

_LOG = logging.getLogger(__name__)
_FORGOTTEN_STOP_S = 10.0


class EmbeddedWarehouse:
    """The PostgreSQL server of one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()

    def start(self, *, timeout_s: float = 60.0) -> WarehouseAddress:
        """Make sure the server runs, and return how to reach it.

        Any number of commands may do this at the same instant. The server goes on
        when the command ends.

        Args:
            timeout_s: How long to wait for the server or another command.

        Raises:
            ConfigError: The directory, the data or the user cannot be used.
            DatabaseRefusedError: PostgreSQL did not start, or the disk is full.
            UnreachableError: It did not answer in time.
        """
        deadline_s = time.monotonic() + timeout_s
        address = self._address_if_running()
        if address is not None:
            return address
        prepare_directory(self._directory)
        with hold_lock(start_lock(self._directory), deadline_s=deadline_s):
            home = find_home(self._directory) or make_home(self._directory)
            give_to_owner(start_lock(self._directory), home.account)
            _stop_earlier_lives(home)
            return start_or_join(home, deadline_s=deadline_s)

    def stop(self, *, timeout_s: float = 30.0) -> None:
        """Stop the server, if it runs: open transactions are rolled back.

        Raises:
            ConfigError: The server belongs to another user.
            UnreachableError: It is still there at the end.
        """
        home = find_home(self._directory)
        if home is None:
            return
        deadline_s = time.monotonic() + timeout_s
        with hold_lock(start_lock(self._directory), deadline_s=deadline_s):
            stop_server(home, deadline_s=deadline_s)

    def status(self) -> WarehouseStatus:
        """Return what is known of the server, without starting it."""
        home = find_home(self._directory)
        directory = home.data if home else self._directory
        stopped = WarehouseStatus(is_running=False, directory=directory)
        if home is None or not is_locked(home.server_lock):
            return stopped
        record = read_record(home)
        if record is None:
            return stopped
        connection, _ = try_connect(record, read_password(home))
        if connection is None:
            return stopped
        with closing(connection):
            version, size_bytes = read_facts(connection)
        return WarehouseStatus(
            is_running=True,
            directory=home.data,
            address=address_of(record, read_password(home)),
            server_version=version,
            size_bytes=size_bytes,
        )

    def remove(self) -> None:
        """Stop the server and delete all its data."""
        self.stop()
        home = find_home(self._directory)
        if home is None:
            return
        for name in ("data", "password", "server.json", "startup.log", "server.lock"):
            _delete(home.place / name)
        if home.place != home.directory:
            _delete(home.place)
            _delete(home.directory / "location")

    def _address_if_running(self) -> WarehouseAddress | None:
        home = find_home(self._directory)
        if home is None or not is_locked(home.server_lock):
            return None
        address, _ = try_address(home)
        return address


def _stop_earlier_lives(home: ServerHome) -> None:
    for place in earlier_places(home):
        _LOG.warning("data of a deleted warehouse is still in %s; delete it", place)
        if (place / "data").exists():
            earlier = ServerHome(home.directory, place, home.account)
            stop_server(earlier, deadline_s=time.monotonic() + _FORGOTTEN_STOP_S)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
