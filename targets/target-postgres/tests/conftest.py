"""An empty database for each test, and the target's settings for it."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from psycopg2 import sql

# Under importlib mode a folder of tests is no package: the shared module is found so.
sys.path.insert(0, str(Path(__file__).parent))

from target_runs import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEMAS = r"""
select nspname from pg_namespace
where nspname !~ '^pg_' and nspname <> 'information_schema'
"""


@pytest.fixture(scope="session")
def shared_database(postgres_url: str) -> Iterator[str]:
    """One database for all tests that change nothing but its schemas."""
    name = f"target_{uuid.uuid4().hex[:12]}"
    with_name = sql.Identifier(name)
    _execute(postgres_url, sql.SQL("create database {}").format(with_name))
    yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    drop = sql.SQL("drop database {} with (force)").format(with_name)
    _execute(postgres_url, drop)


@pytest.fixture
def db(shared_database: str, tmp_path: Path) -> Iterator[Database]:
    yield _database(shared_database, tmp_path)
    connection = psycopg2.connect(shared_database)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        cursor.execute(_SCHEMAS)
        for (schema,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("drop schema {} cascade").format(sql.Identifier(schema))
            )
        cursor.execute("create schema public")
        cursor.execute("grant usage, create on schema public to public")
    connection.close()


@pytest.fixture
def own_db(fresh_database: str, tmp_path: Path) -> Database:
    """A database whose own settings a test may change."""
    return _database(fresh_database, tmp_path)


def _database(url: str, directory: Path) -> Database:
    return Database(url, directory, {"url": url, "default_target_schema": "raw"})


def _execute(url: str, statement: sql.Composed) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
