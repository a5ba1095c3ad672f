"""Locks on files, which the kernel releases when the last holder has died.

Two files are locked. `start.lock` is held by a command while it starts or stops the
server. `server.lock` is held by the server itself: its processes inherit the open
file, so that the lock is free exactly when none of them lives any more. No process
id is trusted anywhere.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAUSE_S = 0.02


def open_lock(path: Path) -> int:
    """Open a lock file, made when missing, and return its descriptor.

    Raises:
        ConfigError: The file belongs to another user.
    """
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise ConfigError(
            f"the embedded warehouse in {path.parent} belongs to another user",
            "Run bizops as the user who started it first.",
        ) from error


def try_lock(descriptor: int) -> bool:
    """Lock the open file and return whether that worked.

    Raises:
        ConfigError: The file system has no locks.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
            raise
        raise ConfigError(
            "the file system of the project has no file locks",
            "Move the project to a local disk, or use a PostgreSQL of yours: "
            "warehouse: {type: postgres, url: ...}.",
        ) from error
    return True


def is_locked(path: Path) -> bool:
    """Tell whether any process holds the lock; a missing file is not locked."""
    if not path.exists():
        return False
    descriptor = open_lock(path)
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def hold_lock(path: Path, *, deadline_s: float) -> Iterator[None]:
    """Hold the lock of a file while the block runs.

    Args:
        path: The lock file.
        deadline_s: Until when to wait, on the monotonic clock.

    Raises:
        UnreachableError: Another process still holds it at the deadline.
    """
    descriptor = open_lock(path)
    try:
        while not try_lock(descriptor):
            if time.monotonic() > deadline_s:
                raise UnreachableError(
                    "another command is still starting or stopping the warehouse",
                    "Wait for it and try again.",
                    {"lock": str(path)},
                )
            time.sleep(_PAUSE_S)
        yield
    finally:
        os.close(descriptor)
