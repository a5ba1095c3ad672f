"""Starting the embedded server, whatever state its last life left behind."""

from __future__ import annotations

import os
import secrets
import time
from typing import TYPE_CHECKING

from bizops_cli.errors import DatabaseRefusedError, UnreachableError
from bizops_cli.warehouse import postmaster
from bizops_cli.warehouse.account import give_to_owner
from bizops_cli.warehouse.binaries import usable_programs
from bizops_cli.warehouse.cluster import (
    check_major_version,
    create_cluster,
    read_password,
    renew_lost_password,
)
from bizops_cli.warehouse.embedded_connection import (
    address_of,
    try_address,
    try_connect,
)
from bizops_cli.warehouse.file_lock import open_lock, try_lock
from bizops_cli.warehouse.home import check_access, system_directory
from bizops_cli.warehouse.record import ServerRecord, read_record, write_record
from bizops_cli.warehouse.stopping import end_orphans

if TYPE_CHECKING:
    from subprocess import Popen

    from bizops_cli.warehouse.address import WarehouseAddress
    from bizops_cli.warehouse.home import ServerHome

_PAUSE_S = 0.03
_PORTS_TRIED = 5
_ORPHANS_GRACE_S = 2.0


def start_or_join(home: ServerHome, *, deadline_s: float) -> WarehouseAddress:
    """Start the server, or wait for the one that is coming up, or going down.

    The start lock must be held.

    Args:
        home: Its places.
        deadline_s: Until when to wait, on the monotonic clock.

    Raises:
        ConfigError: The data or the user cannot be used.
        DatabaseRefusedError: PostgreSQL did not start, or the disk is full.
        UnreachableError: It did not answer in time.
    """
    descriptor = open_lock(home.server_lock)
    give_to_owner(home.server_lock, home.account)
    orphans_end_s = time.monotonic() + _ORPHANS_GRACE_S
    try:
        while not try_lock(descriptor):
            address, reason = try_address(home)
            if address is not None:
                return address
            if time.monotonic() > deadline_s:
                raise _no_answer(home, reason)
            if time.monotonic() > orphans_end_s:
                end_orphans(home)
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
