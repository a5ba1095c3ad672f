"""Real servers, real processes, and other users, for the tests of the adapters."""

from __future__ import annotations

import codecs
import os
import pickle
import pwd
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from psycopg2 import sql

from bizops_cli.warehouse.embedded import EmbeddedWarehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bizops_cli.warehouse.address import WarehouseAddress

_Result = TypeVar("_Result")

_START = (
    "import sys; from pathlib import Path;"
    "from bizops_cli.warehouse.embedded import EmbeddedWarehouse;"
    "print(EmbeddedWarehouse(Path(sys.argv[1])).start().url, flush=True)"
)
"""A program that starts the warehouse of a folder and prints its URL."""


@pytest.fixture
def warehouses() -> Iterator[Callable[[Path], EmbeddedWarehouse]]:
    """Give embedded warehouses of folders, removed after the test."""
    made: list[EmbeddedWarehouse] = []

    def make(directory: Path) -> EmbeddedWarehouse:
        made.append(EmbeddedWarehouse(directory))
        return made[-1]

    yield make
    for warehouse in made:
        warehouse.remove()


@pytest.fixture
def warehouse(
    tmp_path: Path, warehouses: Callable[[Path], EmbeddedWarehouse]
) -> EmbeddedWarehouse:
    """Give an embedded warehouse that has not been started yet."""
    return warehouses(tmp_path / "project" / ".bizops" / "warehouse")


class Machine:
    """What tests do to the machine the server runs on."""

    def query(
        self, url: str, statement: str, *parameters: object
    ) -> list[tuple[object, ...]]:
        """Run a statement and give its rows."""
        connection = psycopg2.connect(url)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def data_of(self, address: WarehouseAddress) -> Path:
        """Give the folder a server keeps its data in."""
        return Path(str(self.query(address.url, "show data_directory")[0][0]))

    def postmaster_of(self, address: WarehouseAddress) -> int:
        """Give the process id of a server."""
        pid_file = self.data_of(address) / "postmaster.pid"
        return int(pid_file.read_text().split()[0])

    def processes_of(self, address: WarehouseAddress) -> list[int]:
        """Give the process ids of a server and its children."""
        postmaster = self.postmaster_of(address)
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
        )
        rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
        return [pid for pid, parent in rows if postmaster in (pid, parent)]

    def kill(self, pid: int) -> None:
        """End a process as a power cut would."""
        os.kill(pid, signal.SIGKILL)

    def start_in_process(
        self, directory: Path, **environ: str
    ) -> subprocess.Popen[str]:
        """Start the warehouse of a folder from a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", _START, str(directory)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environ},
        )

    def as_user(self, name: str, function: Callable[[], _Result]) -> _Result:
        """Run a function in a child process that belongs to another user."""
        account = pwd.getpwnam(name)
        for encoding in ("ascii", "idna", "utf-8"):  # it may not read Python's files
            codecs.lookup(encoding)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setgid(account.pw_gid)
                os.setuid(account.pw_uid)
                with os.fdopen(writer, "wb") as stream:
                    pickle.dump(_outcome(function), stream)
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as stream:
            payload = stream.read()
        os.waitpid(child, 0)
        assert payload, "the child died without an answer"
        result, error = pickle.loads(payload)  # noqa: S301 - from our own child
        if error is not None:
            raise error
        return result


def _outcome(function: Callable[[], _Result]) -> tuple[_Result | None, object]:
    try:
        return function(), None
    except Exception as error:  # noqa: BLE001 - carried to the parent
        return None, error


@pytest.fixture
def machine() -> Machine:
    """Give what tests do to the machine."""
    return Machine()


@pytest.fixture
def as_root() -> None:
    """Leave out a test that speaks of root's own case."""
    if os.geteuid() != 0:
        pytest.skip("only root hands the server to another user")


@dataclass(frozen=True, slots=True)
class LimitedRole:
    """A role with nothing but CONNECT and CREATE on one database."""

    name: str
    password: str
    url: str


@pytest.fixture
def limited_role(fresh_database: str) -> Iterator[LimitedRole]:
    """Give a role that may only connect to a fresh database and create schemas."""
    role = _make_role(fresh_database, rights="connect, create")
    yield role
    _drop_role(fresh_database, role.name)


@pytest.fixture
def reading_role(fresh_database: str) -> Iterator[LimitedRole]:
    """Give a role that may connect to a fresh database and nothing else."""
    role = _make_role(fresh_database, rights="connect")
    yield role
    _drop_role(fresh_database, role.name)


def _make_role(url: str, *, rights: str) -> LimitedRole:
    name = f"role_{uuid.uuid4().hex[:12]}"
    password = f"pw-{uuid.uuid4().hex}:@/{{{{ x }}}}%"
    parts = urlsplit(url)
    database = parts.path.removeprefix("/")
    _execute(
        url,
        sql.SQL("create role {} login password {} nosuperuser nocreatedb").format(
            sql.Identifier(name), sql.Literal(password)
        ),
    )
    for statement in (
        f"revoke all on database {database} from public",
        "revoke all on schema public from public",
        f"grant {rights} on database {database} to {name}",
    ):
        _execute(url, sql.SQL(statement))
    quoted = "".join(f"%{ord(c):02X}" for c in password)
    netloc = f"{name}:{quoted}@{parts.hostname}:{parts.port}"
    return LimitedRole(name, password, urlunsplit(parts._replace(netloc=netloc)))


def _drop_role(url: str, name: str) -> None:
    for statement in ("drop owned by {} cascade", "drop role {}"):
        _execute(url, sql.SQL(statement).format(sql.Identifier(name)))


def _execute(url: str, statement: sql.Composable) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
