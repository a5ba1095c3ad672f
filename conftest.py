"""Fixtures every room's tests share: one real PostgreSQL, a fresh database each."""

from __future__ import annotations

import os
import signal
import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from psycopg2 import sql

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_configure() -> None:
    """Heed signals that whoever started the tests had ignored.

    A shell starts background jobs with SIGINT ignored, nohup with SIGHUP; programs
    started by tests would inherit that and could not be interrupted.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a running PostgreSQL whose role may create databases."""
    given = os.environ.get("BIZOPS_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    from bizops_cli.warehouse.embedded import EmbeddedWarehouse

    warehouse = EmbeddedWarehouse(tmp_path_factory.mktemp("warehouse"))
    try:
        # Without its query, so that tests may put users and databases into it.
        url = urlunsplit(urlsplit(warehouse.start().url)._replace(query=""))
        # Tests kill processes, never the machine: nothing has to reach the disk.
        _execute(url, sql.SQL("alter system set fsync to off"))
        _execute(url, sql.SQL("alter system set full_page_writes to off"))
        _execute(url, sql.SQL("select pg_reload_conf()"))
        yield url
    finally:
        warehouse.remove()


@pytest.fixture
def fresh_database(postgres_url: str) -> Iterator[str]:
    """Give the URL of a new empty database, dropped after the test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    _execute(postgres_url, sql.SQL("create database {}").format(sql.Identifier(name)))
    yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    _execute(
        postgres_url,
        sql.SQL("drop database {} with (force)").format(sql.Identifier(name)),
    )


def _execute(url: str, statement: sql.Composable) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
