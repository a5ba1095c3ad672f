"""Files that are never half there, and files only their owner can read."""

from __future__ import annotations

import errno
import os
import secrets
from typing import TYPE_CHECKING

from bizops_cli.errors import BizopsError, ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_OF_RIGHTS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR})
OWNER_ONLY = 0o600
OWNER_ONLY_DIRECTORY = 0o700


def write_atomically(file: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace a file's content as a whole, durably; on failure the old one stays.

    Raises:
        BizopsError: The disk is full or the folder cannot be written.
    """
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        try:
            _write_new(temporary, data, mode)
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_directory(file.parent)
    except OSError as error:
        raise cannot_write(file, error) from error


def write_secret_file(file: Path, data: bytes) -> None:
    """Create a file only its owner can read.

    Raises:
        BizopsError: It is there already (be it a link), or cannot be written.
    """
    try:
        _write_new(file, data, OWNER_ONLY)
    except OSError as error:
        raise cannot_write(file, error) from error


def make_directory(directory: Path, *, mode: int | None = None) -> None:
    """Make a folder and those above it; the last one gets the mode, if there is one.

    Raises:
        BizopsError: It cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if mode is not None:
            directory.chmod(mode)
    except OSError as error:
        raise cannot_write(directory, error) from error


def cannot_write(file: Path, error: OSError) -> BizopsError:
    """Return the error that tells of a file that could not be written."""
    message = f"{file} cannot be written: {error.strerror or error}"
    if error.errno in _OF_RIGHTS:
        return ConfigError(
            message,
            "Give this user the right to write there, then run again; what was there "
            "before is unharmed.",
        )
    return BizopsError(
        message,
        "Free some space on the disk, then run again; what was there before is "
        "unharmed.",
    )


def _write_new(file: Path, data: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(file, flags, mode)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, mode)
        stream.write(data)
        stream.flush()
        os.fsync(descriptor)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
