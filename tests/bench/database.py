"""The PostgreSQL of the comparison: one server, a database of the bench's own."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from tests.bench.programs.program import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg2.extensions import connection as Connection  # noqa: N812

_NAME = "bizops_bench"


def database_at(url: str) -> Database:
    """Take a libpq URL apart, for programs that want it in pieces."""
    parts = urlsplit(url)
    return Database(
        url=url,
        host=parts.hostname or "localhost",
        port=parts.port or 5432,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        name=parts.path.lstrip("/"),
    )


@contextmanager
def bench_database(url: str | None, cache: Path) -> Iterator[Database]:
    """Give an empty database, dropped in the end.

    Args:
        url: A server whose role may create databases; None starts one of our own,
            as `bizops` does, and removes it in the end.
        cache: Where our own keeps its data meanwhile.
    """
    if url is not None:
        yield from _empty_database(url)
        return
    from bizops_cli.warehouse.embedded import EmbeddedWarehouse

    warehouse = EmbeddedWarehouse(cache / "warehouse")
    try:
        yield from _empty_database(warehouse.start().url)
    finally:
        warehouse.remove()


def _empty_database(server_url: str) -> Iterator[Database]:
    name = sql.Identifier(_NAME)
    drop = sql.SQL("drop database if exists {} with (force)").format(name)
    create = sql.SQL("create database {}").format(name)
    utc = sql.SQL("alter database {} set timezone to 'UTC'").format(name)
    with closing(connect(server_url)) as connection, connection.cursor() as cursor:
        for statement in (drop, create, utc):
            cursor.execute(statement)
    try:
        yield database_at(urlunsplit(urlsplit(server_url)._replace(path=f"/{_NAME}")))
    finally:
        with closing(connect(server_url)) as connection:
            connection.cursor().execute(drop)


def connect(url: str) -> Connection:
    """Connect, each statement a transaction of its own."""
    connection: Connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def make_schema(connection: Connection, schema: str) -> None:
    """Make an empty schema."""
    drop_schema(connection, schema)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))


def drop_schema(connection: Connection, schema: str) -> None:
    """Drop a schema with all in it, and what a program staged beside it."""
    with connection.cursor() as cursor:
        for name in (schema, f"{schema}_staging"):
            cursor.execute(
                sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name))
            )


def settle(connection: Connection) -> None:
    """Let the server finish earlier writes, so that they slow nobody's later ones."""
    with connection.cursor() as cursor:
        cursor.execute("checkpoint")
