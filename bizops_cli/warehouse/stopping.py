"""Stopping the embedded server, and what a killed one left behind."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError, UnreachableError
from bizops_cli.warehouse import postmaster
from bizops_cli.warehouse.file_lock import is_locked
from bizops_cli.warehouse.record import read_record

if TYPE_CHECKING:
    from bizops_cli.warehouse.home import ServerHome

_PAUSE_S = 0.03
_IMMEDIATE_STOP_S = 10.0


def stop_server(home: ServerHome, *, deadline_s: float) -> None:
    """Stop the server if it lives, and whatever a dead one left running.

    The start lock must be held.

    Args:
        home: Its places.
        deadline_s: Until when a fast shutdown may take, on the monotonic clock; then
            it is an immediate one, which the next start recovers from.

    Raises:
        ConfigError: It belongs to another user.
        UnreachableError: It is still there at the end.
    """
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
            end_orphans(home)
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


def end_orphans(home: ServerHome) -> None:
    """End server processes that survived their main process, busy with a query."""
    for pid in postmaster.orphans(home.data):
        postmaster.send(pid, signal.SIGQUIT)
