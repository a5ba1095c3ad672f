"""The embedded warehouse: a PostgreSQL of the project's own.

The server outlives the command that starts it. Whether it lives is learnt by
connecting, and by a lock its processes hold; never by a process id.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError, DatabaseRefusedError, UnreachableError
from bizops_cli.warehouse import postmaster
from bizops_cli.warehouse.account import give_to_owner
from bizops_cli.warehouse.address import WarehouseAddress, WarehouseStatus
from bizops_cli.warehouse.binaries import usable_programs
from bizops_cli.warehouse.cluster import (
    check_major_version,
    create_cluster,
    read_password,
    renew_lost_password,
)
from bizops_cli.warehouse.embedded_connection import address_of, try_connect
from bizops_cli.warehouse.facts import read_facts
from bizops_cli.warehouse.file_lock import hold_lock, is_locked, open_lock, try_lock
from bizops_cli.warehouse.home import (
    ServerHome,
    check_access,
    earlier_places,
    find_home,
    make_home,
    prepare_directory,
    start_lock,
    system_directory,
)
from bizops_cli.warehouse.record import ServerRecord, read_record, write_record

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import Popen

__all__ = ["EmbeddedWarehouse", "WarehouseAddress", "WarehouseStatus"]

_LOG = logging.getLogger(__name__)
_PAUSE_S = 0.03
_PORTS_TRIED = 5
_ORPHANS_GRACE_S = 2.0
_IMMEDIATE_STOP_S = 10.0


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
            return _start_or_join(home, deadline_s=deadline_s)

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
            _stop(home, deadline_s=deadline_s)

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
        address, _ = _try_address(home)
        return address


def _start_or_join(home: ServerHome, *, deadline_s: float) -> WarehouseAddress:
    """Start the server, or wait for the one that is coming up, or going down."""
    descriptor = open_lock(home.server_lock)
    give_to_owner(home.server_lock, home.account)
    orphans_end_s = time.monotonic() + _ORPHANS_GRACE_S
    try:
        while not try_lock(descriptor):
            address, reason = _try_address(home)
            if address is not None:
                return address
            if time.monotonic() > deadline_s:
                raise _no_answer(home, reason)
            if time.monotonic() > orphans_end_s:
                _end_orphans(home)
            time.sleep(_PAUSE_S)
        return _start(home, descriptor, deadline_s=deadline_s)
    finally:
        os.close(descriptor)  # the server's processes keep the lock


def _start(
    home: ServerHome, lock_descriptor: int, *, deadline_s: float
) -> WarehouseAddress:
    programs = usable_programs(
        home.account, cache=lambda: system_directory(home.directory)
    )
    if home.data.exists():
        check_major_version(home)
        check_access(home)
        renew_lost_password(home, programs)
    else:
        create_cluster(home, programs)
    postmaster.remove_stale_pid_file(home.data)
    previous = read_record(home)
    port = previous.port if previous else None
    for _ in range(_PORTS_TRIED):
        if previous is not None:  # the lock of its socket, too, names a process id
            postmaster.remove_socket_directory(previous.socket_directory, home.account)
        record = _new_record(home, port=postmaster.free_port(port))
        write_record(home, record)
        process = postmaster.launch(
            home, programs, record, lock_descriptor=lock_descriptor
        )
        if _wait_until_ready(home, record, process, deadline_s=deadline_s):
            return address_of(record, read_password(home))
        if not _port_was_taken(home, record.port):
            break
        port, previous = None, record
    raise _did_not_start(home)


def _new_record(home: ServerHome, *, port: int) -> ServerRecord:
    return ServerRecord(
        port=port,
        socket_directory=postmaster.make_socket_directory(home.account),
        instance=f"bizops-{secrets.token_hex(8)}",
        data_inode=home.data.stat().st_ino,
    )


def _wait_until_ready(
    home: ServerHome, record: ServerRecord, process: Popen[bytes], *, deadline_s: float
) -> bool:
    """Return True when the server answers, False when it has ended."""
    password = read_password(home)
    while True:
        connection, reason = try_connect(record, password)
        if connection is not None:
            connection.close()
            return True
        if process.poll() is not None:
            return False
        if time.monotonic() > deadline_s:
            raise _no_answer(home, reason)
        time.sleep(_PAUSE_S)


def _try_address(home: ServerHome) -> tuple[WarehouseAddress | None, str]:
    record = read_record(home)
    if record is None:
        return None, "it is not known where it listens"
    password = read_password(home)
    connection, reason = try_connect(record, password)
    if connection is None:
        return None, reason
    connection.close()
    return address_of(record, password), ""


def _stop(home: ServerHome, *, deadline_s: float) -> None:
    signalled: set[int] = set()
    last_s = deadline_s + _IMMEDIATE_STOP_S
    while is_locked(home.server_lock):
        now_s = time.monotonic()
        if now_s > last_s:
            raise UnreachableError(
                "the embedded warehouse could not be stopped",
                "Is it running in another container on the same data? Stop it there.",
                {"directory": str(home.data)},
            )
        _end_server(home, signalled, is_late=now_s > deadline_s)
        time.sleep(_PAUSE_S)
    record = read_record(home)
    if record is not None:
        postmaster.remove_socket_directory(record.socket_directory, home.account)


def _end_server(home: ServerHome, signalled: set[int], *, is_late: bool) -> None:
    """Ask for a fast shutdown once; when that took too long, for an immediate one."""
    pid = postmaster.running_postmaster(home.data)
    try:
        if pid is None:
            _end_orphans(home)
        elif is_late:
            postmaster.send(pid, signal.SIGQUIT)
        elif pid not in signalled:
            postmaster.send(pid, signal.SIGINT)
            signalled.add(pid)
    except PermissionError as error:
        raise ConfigError(
            "the embedded warehouse was started by another user",
            "Run bizops as that user.",
            {"directory": str(home.data)},
        ) from error


def _end_orphans(home: ServerHome) -> None:
    """End server processes that survived their main process, busy with a query."""
    for pid in postmaster.orphans(home.data):
        postmaster.send(pid, signal.SIGQUIT)


def _stop_earlier_lives(home: ServerHome) -> None:
    for place in earlier_places(home):
        _LOG.warning("data of a deleted warehouse is still in %s; delete it", place)
        if (place / "data").exists():
            earlier = ServerHome(home.directory, place, home.account)
            _stop(earlier, deadline_s=time.monotonic() + _IMMEDIATE_STOP_S)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _port_was_taken(home: ServerHome, port: int) -> bool:
    lines = postmaster.last_log_lines(home, count=10)
    said_so = any("could not bind" in line for line in lines)
    return said_so or not postmaster.port_is_free(port)


def _did_not_start(home: ServerHome) -> DatabaseRefusedError:
    lines = postmaster.last_log_lines(home)
    is_full = any("No space left on device" in line for line in lines)
    return DatabaseRefusedError(
        "the embedded warehouse did not start",
        "Free some space on the disk and run again."
        if is_full
        else "Read what PostgreSQL said last, below.",
        {"said": " | ".join(lines), "log": str(home.data / "log")},
    )


def _no_answer(home: ServerHome, reason: str) -> UnreachableError:
    return UnreachableError(
        "the embedded warehouse runs but does not answer",
        "It may be recovering after a crash: wait and try again, or read its log.",
        {"reason": reason, "log": str(home.data / "log")},
    )
