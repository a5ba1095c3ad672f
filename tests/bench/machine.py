"""Where numbers come from: without it they mean nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.database import connect

if TYPE_CHECKING:
    from tests.bench.programs.program import Database

_SETTINGS = ("server_version", "fsync", "synchronous_commit", "shared_buffers")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the numbers were measured on.

    Attributes:
        date: UTC day.
        cores: Processors this process may use.
        processor: What the processor calls itself.
        python: Version of the interpreter, also of the programs' environments.
        postgres: Version and settings of the server; None when none was used.
        commit: Commit of the checkout, with a plus when files differ from it.
        load: Load average of the last minute before the start.
    """

    date: str
    cores: int
    processor: str
    python: str
    postgres: str | None
    commit: str
    load: float

    def __str__(self) -> str:
        """Say it in one line."""
        parts = [
            self.date,
            f"commit {self.commit}",
            f"{self.cores} cores ({self.processor})",
            f"load before {self.load:.2f}",
            f"Python {self.python}",
            *([f"PostgreSQL {self.postgres}"] if self.postgres else []),
        ]
        return ", ".join(parts)


def describe_machine(database: Database | None = None) -> Machine:
    """Look at the machine, the checkout and the server, if one is used."""
    return Machine(
        date=datetime.now(UTC).date().isoformat(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0,
        processor=_processor(),
        python=platform.python_version(),
        postgres=None if database is None else _postgres(database),
        commit=_commit(),
        load=os.getloadavg()[0],
    )


def _postgres(database: Database) -> str:
    values = []
    with closing(connect(database.url)) as connection, connection.cursor() as cursor:
        for name in _SETTINGS:
            cursor.execute("select current_setting(%s)", (name,))
            (value,) = cursor.fetchone() or ("",)
            values.append(value)
    version, *rest = values
    told = ", ".join(f"{n} {v}" for n, v in zip(_SETTINGS[1:], rest, strict=True))
    return f"{version.split()[0]} ({told})"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    checkout = Path(__file__).parents[2]

    def git(*arguments: str) -> str:
        ended = subprocess.run(
            ["git", "-C", checkout, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            text=True,
        )
        return ended.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+" if changed else "")
