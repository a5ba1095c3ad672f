"""F4 and F5: the server restarts, ends sessions, or has no room left."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from psycopg2 import sql

from tests.fault.trial import Trial, TrialError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DISK_BYTES = 40 * 2**20
_ROOM_BYTES = 3 * 2**20
_FULL = "53100"


def restart_server(trial: Trial) -> str:
    """Stop the server, fast or at once, and start it again; the target goes on."""
    number = trial.chance.choice((signal.SIGINT, signal.SIGQUIT))
    running = trial.start()
    lines = list(trial.workload.lines())
    part = trial.chance.randrange(len(lines))
    running.feed(lines[:part], ends=False)
    time.sleep(trial.chance.uniform(0, 0.2))
    restarting = threading.Thread(target=trial.arena.hit_server, args=(number,))
    restarting.start()
    running.wait_until_fed()
    running.feed(lines[part:])
    restarting.join()
    trial.check_interrupted(running.wait(), 0, 5)
    trial.finish()
    return "restarted fast" if number == signal.SIGINT else "restarted at once"


def end_sessions(trial: Trial) -> str:
    """End the target's session again and again, as an administrator may."""
    running = trial.start()
    lines = list(trial.workload.lines())
    piece = len(lines) // 4
    for start in range(0, len(lines), piece):
        running.feed(lines[start : start + piece], ends=False)
        running.wait_until_fed()
        time.sleep(trial.chance.uniform(0, 0.1))
        trial.place.query(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'target-postgres'"
        )
    running.end_input()
    trial.check_interrupted(running.wait(), 0, 5)
    trial.finish()
    return "sessions ended"


def fill_disk(trial: Trial) -> str:
    """Fill the disk under the database, then make room.

    Raises:
        UnavailableError: If this user may not make a small disk.
    """
    with _small_disk() as disk, _database_on(trial, disk) as url:
        ballast = disk / "ballast"
        statistics = os.statvfs(disk)
        size_bytes = statistics.f_bavail * statistics.f_frsize - _ROOM_BYTES
        ballast.write_bytes(bytes(size_bytes))
        small = Trial(
            trial.arena,
            replace(trial.place, url=url),
            replace(trial.workload, rows=20_000),
            trial.chance,
        )
        outcome = small.run()
        small.check_interrupted(outcome, 4)
        if _FULL not in outcome.log:
            raise TrialError(f"the disk is not named: {outcome.log[-500:]}")
        ballast.unlink()
        small.finish()
    return "disk full"


@contextmanager
def _small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="small-disk-"))
    libc = ctypes.CDLL(None, use_errno=True)
    size = f"size={_DISK_BYTES}".encode()
    if libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, size) != 0:
        folder.rmdir()
        reason = os.strerror(ctypes.get_errno())
        raise UnavailableError(f"a small disk needs the right to mount: {reason}")
    try:
        yield folder
    finally:
        libc.umount2(bytes(folder), 2)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database_on(trial: Trial, disk: Path) -> Iterator[str]:
    owner = trial.arena.data.stat()
    space = disk / "space"
    space.mkdir()
    for folder in (disk, space):
        os.chown(folder, owner.st_uid, owner.st_gid)
    execute, place = trial.arena.execute, sql.Literal(str(space))
    execute(sql.SQL("create tablespace small location {}").format(place))
    execute(sql.SQL("create database small tablespace small").format())
    try:
        yield urlunsplit(urlsplit(trial.place.url)._replace(path="/small"))
    finally:
        execute(sql.SQL("drop database small with (force)").format())
        execute(sql.SQL("drop tablespace small").format())
