"""The folder of a run: record, logs, catalogs, and secrets while it lasts.

A run holds a lock on a file in its folder; the kernel frees it with the process. So a
folder whose lock is free and whose record says `running` is of a killed run.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.files import OWNER_ONLY_DIRECTORY, cannot_write, make_directory
from bizops_cli.runlog.record import read_record, write_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bizops_cli.model import RunRecord

KEPT_RUNS = 200
_LOCK = "lock"
_SECRETS = "secrets"
_DAY_NS = 24 * 3600 * 10**9


@dataclass(slots=True)
class RunFolder:
    """An open run's folder; close it when the run is over.

    Attributes:
        directory: `.bizops/runs/<run id>`.
        lock: Descriptor that holds the lock.
    """

    directory: Path
    lock: int

    @property
    def secrets_directory(self) -> Path:
        """Return the folder for configurations with secrets: mode 0700."""
        directory = self.directory / _SECRETS
        make_directory(directory, mode=OWNER_ONLY_DIRECTORY)
        return directory

    def log_file(self, name: str) -> Path:
        """Return the log of a process."""
        return self.directory / f"{name}.log"

    def close(self) -> None:
        """Remove the secrets and free the lock."""
        shutil.rmtree(self.directory / _SECRETS, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self.lock)


def open_run_folder(runs: Path, run_id: str) -> RunFolder:
    """Make the folder of a new run.

    Args:
        runs: `.bizops/runs`.
        run_id: Name of the run.

    Raises:
        ConfigError: There has been a run of this name.
        BizopsError: It cannot be made.
    """
    directory = runs / run_id
    make_directory(runs)
    try:
        directory.mkdir()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        lock = os.open(directory / _LOCK, flags, 0o600)
    except FileExistsError as error:
        raise ConfigError(
            f"there has been a run {run_id} already",
            "Give another --run-id, or none.",
        ) from error
    except OSError as error:
        raise cannot_write(directory, error) from error
    fcntl.flock(lock, fcntl.LOCK_EX)  # a sweep may hold it for a moment
    return RunFolder(directory, lock)


def sweep(runs: Path, *, kept: int = KEPT_RUNS, days: int | None = None) -> list[str]:
    """Clean up after killed runs and forget old ones; return the killed runs' names.

    Args:
        runs: `.bizops/runs`.
        kept: How many to keep.
        days: How old they may become; the latest stays at any age.
    """
    killed = []
    for directory in list(run_directories(runs)):
        with _unlocked(directory) as is_over:
            if not is_over:
                continue
            shutil.rmtree(directory / _SECRETS, ignore_errors=True)
            if _mark_killed(directory):
                killed.append(directory.name)
    oldest_ns = 0 if days is None else time.time_ns() - days * _DAY_NS
    for place, directory in enumerate(list(run_directories(runs))):
        is_old = _started_ns(directory)[0] < oldest_ns
        if place < kept and not (is_old and place):
            continue
        with _unlocked(directory) as is_over:
            if is_over:
                shutil.rmtree(directory, ignore_errors=True)
    return killed


def run_directories(runs: Path) -> Iterator[Path]:
    """Yield the folders of all runs, the latest first."""
    if runs.is_dir():
        yield from sorted(
            filter(os.path.isdir, runs.iterdir()), key=_started_ns, reverse=True
        )


def _started_ns(directory: Path) -> tuple[int, str]:
    """Return when the run's lock was made; it is never written to."""
    try:
        return (directory / _LOCK).stat().st_mtime_ns, directory.name
    except OSError:
        return 0, directory.name


def is_run_alive(directory: Path) -> bool:
    """Tell whether a process of this machine is at work in a run's folder."""
    if not (directory / _LOCK).exists():
        return False
    with _unlocked(directory) as is_over:
        return not is_over


def read_records(runs: Path, *, limit: int) -> list[RunRecord]:
    """Return the latest runs' records; a damaged or missing one is left out."""
    records: list[RunRecord] = []
    for directory in run_directories(runs):
        with contextlib.suppress(BizopsError):
            record = read_record(directory)
            if record is not None:
                records.append(_as_it_is(record, directory))
        if len(records) >= limit:
            break
    return records


def _as_it_is(record: RunRecord, directory: Path) -> RunRecord:
    if record.status != "running":
        return record
    with _unlocked(directory) as is_over:
        return replace(record, status="killed") if is_over else record


def _mark_killed(directory: Path) -> bool:
    with contextlib.suppress(BizopsError):
        record = read_record(directory)
        if record is not None and record.status == "running":
            message = "bizops was killed before the run's end"
            write_record(directory, replace(record, status="killed", message=message))
            return True
    return False


@contextlib.contextmanager
def _unlocked(directory: Path) -> Iterator[bool]:
    """Tell whether no process holds the run, and keep it so meanwhile."""
    try:
        descriptor = os.open(directory / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
