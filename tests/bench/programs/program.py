"""What a program under comparison is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bench.files import Form, WorkloadFiles
    from tests.bench.measuring import Command
    from tests.bench.workload import Edition, Workload

Role = Literal["limit", "ours", "peer"]
Mode = Literal["load", "upsert"]
MODES: dict[Mode, Edition] = {"load": 1, "upsert": 2}


@dataclass(frozen=True, slots=True)
class Database:
    """Where to load to.

    Attributes:
        url: libpq URL with the password in it.
        host: Host name or address.
        port: TCP port.
        user: Role.
        password: Its password; empty when none is needed.
        name: Name of the database.
    """

    url: str
    host: str
    port: int
    user: str
    password: str
    name: str


@dataclass(frozen=True, slots=True)
class LoadJob:
    """One load by one program.

    Attributes:
        workload: What is loaded.
        files: The edition to load, on disk.
        mode: Load into no table yet, or upsert over all the same keys.
        database: Where to.
        schema: Schema of the tables; exists, and is the program's own.
        programs: Folder with the programs of its environment.
        directory: An empty folder for configuration and scratch.
    """

    workload: Workload
    files: WorkloadFiles
    mode: Mode
    database: Database
    schema: str
    programs: Path
    directory: Path


@dataclass(frozen=True, slots=True)
class Program:
    """A program under comparison.

    Attributes:
        name: What the command line calls it.
        title: What the table calls it: name, input, settings that matter.
        role: PostgreSQL's own limit, ours, or a peer.
        requirements: What uv installs for it; nothing for what is here already.
        distribution: Whose version to tell; empty for none.
        form: The files it reads.
        command: Makes the command of a load.
        is_default: Whether it takes part when no program is named.
    """

    name: str
    title: str
    role: Role
    requirements: tuple[str, ...]
    distribution: str
    form: Form
    command: Callable[[LoadJob], Command]
    is_default: bool = True
