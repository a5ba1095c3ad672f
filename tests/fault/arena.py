"""The PostgreSQL of the trials: a server of their own, because it is killed too."""

from __future__ import annotations

import contextlib
import os
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from bizops_cli.warehouse.embedded import EmbeddedWarehouse
from tests.fault.place import Place

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_QUIET_WAIT_S = 10.0
_POLL_S = 0.02


@dataclass(slots=True)
class Arena:
    """A running server, and an empty place in it for each trial.

    Attributes:
        warehouse: The server.
        url: libpq URL of its database for trials.
        directory: A folder for scratch.
    """

    warehouse: EmbeddedWarehouse
    url: str
    directory: Path
    _places: int = 0

    @property
    def data(self) -> Path:
        """Give the server's data folder."""
        directory = self.warehouse.status().directory
        assert directory is not None
        return directory

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Give an empty schema for rows and state, dropped in the end."""
        self._places += 1
        name = f"trial_{self._places}"
        try:
            yield Place(self.url, name, name, f"trial:{self._places}")
        finally:
            self._clear(name)

    def _clear(self, name: str) -> None:
        """Drop a schema; a session that outlived its trial would be in the way."""
        self.execute(
            sql.SQL(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'target-postgres'"
            ).format()
        )
        # One by one: a server has only so many locks for a transaction.
        for table in Place(self.url, name, name, "").tables():
            named = sql.Identifier(name, table)
            self.execute(sql.SQL("drop table {} cascade").format(named))
        self.execute(
            sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name))
        )

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the URL of an empty database, dropped in the end."""
        self._places += 1
        name = f"trial_{self._places}"
        named = sql.Identifier(name)
        self.execute(sql.SQL("create database {}").format(named))
        try:
            yield urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))
        finally:
            self.execute(sql.SQL("drop database {} with (force)").format(named))

    def execute(self, statement: sql.Composed, values: Sequence[object] = ()) -> None:
        """Run a statement outside of transactions."""
        with closing(psycopg2.connect(self.url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, tuple(values) or None)

    def hit_server(self, number: signal.Signals) -> None:
        """Send the server a signal and have it come back: after a crash, if need be.

        SIGKILL is the death of its first process, SIGQUIT its immediate stop, SIGINT
        its fast one.
        """
        pid_file = self.data / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), number)
        deadline_s = time.monotonic() + _QUIET_WAIT_S
        while self.warehouse.status().is_running and time.monotonic() < deadline_s:
            time.sleep(_POLL_S)
        self.warehouse.start()

    def wait_until_quiet(self, place: Place) -> None:
        """Wait until no session of a dead target is left, and nothing else of it.

        Raises:
            AssertionError: If something is there after ten seconds.
        """
        deadline_s = time.monotonic() + _QUIET_WAIT_S
        while found := place.leftovers():
            if time.monotonic() > deadline_s:
                raise AssertionError(f"left behind: {found}")
            time.sleep(_POLL_S)


@contextmanager
def open_arena(directory: Path) -> Iterator[Arena]:
    """Start a server below a folder; it is stopped and deleted in the end."""
    warehouse = EmbeddedWarehouse(directory / "warehouse")
    try:
        server_url = urlunsplit(urlsplit(warehouse.start().url)._replace(query=""))
        url = urlunsplit(urlsplit(server_url)._replace(path="/trials"))
        arena = Arena(warehouse, server_url, directory)
        arena.execute(sql.SQL("create database trials").format())
        # Processes are killed here, never the machine.
        arena.execute(sql.SQL("alter system set fsync to off").format())
        arena.execute(sql.SQL("select pg_reload_conf()").format())
        arena.url = url
        yield arena
    finally:
        with contextlib.suppress(OSError):
            warehouse.remove()
