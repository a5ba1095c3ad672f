"""The role of the dashboards reads marts, and nothing else, also after a build."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
import pytest
from psycopg2 import errors, sql

from bizops_cli.warehouse.connect import connect
from bizops_cli.warehouse.display_access import (
    ensure_database,
    let_read,
    make_views,
    metadata_database,
    other_login,
    read_display_facts,
    reader_role,
)
from bizops_cli.warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg2.extensions import connection as Connection  # noqa: N812

PASSWORD = "a password of the tests"


@pytest.fixture
def owner(fresh_database: str) -> Iterator[Connection]:
    with closing(connect(fresh_database, application_name="test")) as connection:
        with connection.cursor() as cursor:
            cursor.execute("select current_database()")
            (database,) = cursor.fetchone() or ("",)
            cursor.execute(
                "create schema marts; create table marts.known as select 1 as a;"
                "create schema staging; create table staging.people as select 'x' as e"
            )
        yield connection
        role = sql.Identifier(reader_role(database))
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("drop owned by {0}; drop role {0}").format(role))


@pytest.fixture
def reader_url(owner: Connection, fresh_database: str) -> str:
    migrate(owner)
    make_views(owner)
    role = reader_role(owner.info.dbname)
    let_read(owner, role, PASSWORD)
    return other_login(fresh_database, user=role, password=PASSWORD)


def _ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_it_reads_marts_and_the_views_of_runs(reader_url: str) -> None:
    assert _ask(reader_url, "select a from marts.known") == [(1,)]
    assert _ask(reader_url, "select count(*) from bizops_display.runs") == [(0,)]
    assert _ask(reader_url, "select count(*) from bizops_display.last_build") == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from staging.people",
        "select * from bizops.runs",
        "select * from bizops.state",
        "select * from pg_catalog.pg_authid",
    ],
)
def test_it_reads_nothing_else(reader_url: str, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        _ask(reader_url, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into marts.known values (2) returning 1",
        "create table marts.mine as select 1; select 1",
        "set default_transaction_read_only = off; delete from marts.known returning 1",
    ],
)
def test_it_writes_nothing(reader_url: str, statement: str) -> None:
    with pytest.raises((errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)):
        _ask(reader_url, statement)


def test_it_reads_tables_a_later_build_makes(
    reader_url: str, owner: Connection
) -> None:
    with owner.cursor() as cursor:
        cursor.execute(
            "drop table marts.known; create table marts.fresh as select 2 as b"
        )
    assert _ask(reader_url, "select b from marts.fresh") == [(2,)]


def test_doing_it_again_changes_the_password_and_no_more(
    reader_url: str, owner: Connection, fresh_database: str
) -> None:
    make_views(owner)
    let_read(owner, reader_role(owner.info.dbname), "another one of the tests")
    renewed = other_login(
        fresh_database,
        user=reader_role(owner.info.dbname),
        password="another one of the tests",
    )
    assert _ask(renewed, "select a from marts.known") == [(1,)]


def test_a_warehouse_without_runs_has_no_views_and_the_facts_say_so(
    owner: Connection,
) -> None:
    make_views(owner)
    facts = read_display_facts(owner)
    let_read(owner, reader_role(owner.info.dbname), PASSWORD)
    assert facts.definitions == ()
    assert facts.figures == frozenset()
    assert facts.relations == {"marts.known"}


def test_the_metadata_database_is_made_once_and_closed_to_the_reader(
    reader_url: str, owner: Connection
) -> None:
    name = metadata_database(owner.info.dbname)
    try:
        assert ensure_database(owner, name)
        assert not ensure_database(owner, name)
        address = reader_url.rpartition("/")[0] + f"/{name}"
        with pytest.raises(psycopg2.OperationalError, match="permission denied"):
            _ask(address, "select 1")
    finally:
        with owner.cursor() as cursor:
            cursor.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))
