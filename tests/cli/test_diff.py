"""`warehouse diff`: tables of two environments, each in a database of its own."""

from __future__ import annotations

import json
import uuid
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2 import sql

from bizops_cli.usecases.row_diff import compare_rows, merged_by_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Toy

DEALS = """
create schema marts;
create table marts.fct_deals (
    deal_id text, year integer, amount numeric, note text, loaded_at timestamptz,
    primary key (deal_id, year)
);
insert into marts.fct_deals values
    ('a', 2017, 1.0, null, '2018-01-20T03:00Z'), ('Ä', 2017, 2, '', null),
    ('B', 2017, 3, 'x', '2018-01-20T03:00Z'), ('a-b', 2018, 4, 'y', null),
    ('ab', 2018, 'NaN', 'z', null), ('🂡', 2018, 6, 'z', null);
"""
LOGS = """
create table marts.log (line text, day date);
insert into marts.log values
    ('one', '2018-01-01'), ('one', '2018-01-01'), (null, 'infinity');
"""


def execute(url: str, statement: str | sql.Composable) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture
def prod(toy: Toy, postgres_url: str) -> Iterator[str]:
    """Give the database of a second environment, whose values are written otherwise."""
    name = f"prod_{uuid.uuid4().hex[:12]}"
    database = sql.Identifier(name)
    execute(postgres_url, sql.SQL("create database {}").format(database))
    habits = "set datestyle to 'German'; alter database {} set timezone to 'Asia/Tokyo'"
    execute(
        postgres_url, sql.SQL("alter database {} " + habits).format(*[database] * 2)
    )
    url = urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    toy.document["environments"] = {
        "prod": {"warehouse": {"type": "postgres", "url": "${PROD_URL}"}}
    }
    toy.variables["PROD_URL"] = url
    toy.write()
    yield url
    execute(postgres_url, sql.SQL("drop database {} with (force)").format(database))


@pytest.fixture
def twins(toy: Toy, prod: str) -> Toy:
    """Give a project whose two environments have the same marts."""
    toy.execute(DEALS + LOGS)
    execute(prod, DEALS + LOGS)
    return toy


def diff(toy: Toy, *words: str, status: int = 0) -> dict[str, dict]:
    done = toy.run("warehouse", "diff", "prod", *words, "--json")
    assert done.returncode == status, done.stderr
    found = json.loads(done.stdout)
    assert (found["here"], found["there"]) == ("dev", "prod")
    return {table["table"]: table for table in found["tables"]}


def test_the_same_marts_are_equal_however_the_servers_write_values(
    twins: Toy, prod: str
) -> None:
    execute(prod, "update marts.fct_deals set amount = 1.00 where deal_id = 'a'")
    found = diff(twins)
    assert {name: one["verdict"] for name, one in found.items()} == {
        "marts.fct_deals": "equal",
        "marts.log": "equal",
    }
    deals, log = found.values()
    assert deals["key"] == ["deal_id", "year"]
    assert (deals["rows_here"], deals["rows_there"]) == (6, 6)
    assert deals["by_key"]["changed"] == {"rows": 0, "keys": []}
    assert (log["key"], log["by_key"]) == ([], None)


def test_rows_of_one_side_and_changed_values_are_found_by_key(
    twins: Toy, prod: str
) -> None:
    twins.execute("delete from marts.fct_deals where deal_id = 'Ä'")
    execute(
        prod,
        "delete from marts.fct_deals where deal_id in ('a', '🂡');"
        "update marts.fct_deals set amount = amount + 1, note = null"
        " where deal_id in ('B', 'a-b'); update marts.fct_deals set note = ''"
        " where deal_id = 'ab'",
    )
    rows = diff(twins, "--limit", "1", status=9)["marts.fct_deals"]["by_key"]
    assert rows == {
        "only_here": {"rows": 2, "keys": [{"deal_id": "a", "year": "2017"}]},
        "only_there": {"rows": 1, "keys": [{"deal_id": "Ä", "year": "2017"}]},
        "changed": {"rows": 3, "keys": [{"deal_id": "B", "year": "2017"}]},
        "changed_values": {"note": 3, "amount": 2},
    }
    done = twins.run("warehouse", "diff", "prod", "marts.fct_deals", "--limit", "2")
    assert done.returncode == 9
    for line in (
        "only in dev: deal_id=a, year=2017; deal_id=🂡, year=2018\n",
        "only in prod: deal_id=Ä, year=2017\n",
        "changed: deal_id=B, year=2017; deal_id=a-b, year=2018 and 1 more\n",
        "changed values: note 3, amount 2\n",
    ):
        assert line in done.stdout
    assert "dev and prod differ in 1 of 1 tables" in done.stderr
    assert prod not in done.stdout + done.stderr


def test_columns_that_differ_are_told_and_can_be_ignored(twins: Toy, prod: str) -> None:
    execute(
        prod,
        "alter table marts.fct_deals alter amount type double precision,"
        " drop note, add _sdc_note text; update marts.fct_deals set loaded_at = now()",
    )
    found = diff(twins, "--ignore", "loaded_at", status=9)["marts.fct_deals"]
    assert found["columns"] == [
        {"column": "amount", "here": "numeric", "there": "double precision"},
        {"column": "note", "here": "text", "there": None},
        {"column": "_sdc_note", "here": None, "there": "text"},
    ]
    assert found["by_key"]["changed"]["rows"] == 0
    changed = diff(twins, status=9)["marts.fct_deals"]["by_key"]
    assert changed["changed_values"] == {"loaded_at": 6}
    assert changed["changed"]["rows"] == 6
    patterns = ("_sdc_*", "amount", "note", "*_at")
    diff(twins, *(word for one in patterns for word in ("--ignore", one)))
    done = twins.run("warehouse", "diff", "prod", "--ignore", "loaded_ta")
    assert done.returncode == 2
    assert "Did you mean 'loaded_at'?" in done.stderr


def test_without_a_key_it_counts_how_often_each_row_is_there(
    twins: Toy, prod: str
) -> None:
    execute(
        prod, "update marts.log set line = null, day = 'infinity' where line = 'one'"
    )
    execute(prod, "insert into marts.log select 'one', '2018-01-01'")
    execute(
        prod, "delete from marts.log where ctid = (select min(ctid) from marts.log)"
    )
    found = diff(twins, "marts.log", status=9)["marts.log"]
    assert (found["verdict"], found["by_key"]) == ("differs", None)
    assert found["rows_here"] == found["rows_there"] == 3
    # A key that is ignored is none: the rest of the rows is compared as a whole.
    deals = diff(twins, "marts.fct_deals", "--ignore", "year")["marts.fct_deals"]
    assert (deals["key"], deals["by_key"]) == ([], None)


def test_a_mart_only_one_of_them_has_is_a_difference(twins: Toy, prod: str) -> None:
    execute(prod, "drop table marts.log; create view marts.seen as select 1 as id")
    found = diff(twins, status=9)
    assert [(one["table"], one["verdict"]) for one in found.values()] == [
        ("marts.fct_deals", "equal"),
        ("marts.log", "only here"),
        ("marts.seen", "only there"),
    ]
    done = twins.run("warehouse", "diff", "prod", "marts.log")
    assert done.returncode == 2
    assert "marts.log is in 'dev' and not in 'prod'" in done.stderr


def test_wrong_names_are_answered(toy: Toy, prod: str) -> None:
    del prod
    toy.document["environments"]["same"] = {}
    toy.write()
    for words, message in (
        (["pord"], "Did you mean 'prod'?"),
        (["dev"], "'dev' is the environment that is in force"),
        (["same"], "environments 'dev' and 'same' use the same database"),
        (["prod"], "neither 'dev' nor 'prod' has tables in schema marts"),
        (["prod", "deals"], "'deals' names no schema"),
        (["prod", "bizops.sate"], "neither environment has a table 'bizops.sate'"),
    ):
        done = toy.run("warehouse", "diff", *words)
        assert done.returncode == 2
        assert message in done.stderr


def test_the_environment_something_is_wrong_with_is_named(toy: Toy, prod: str) -> None:
    toy.execute("create schema marts; create table marts.one (id text)")
    password = urlsplit(prod).password
    toy.variables["PROD_URL"] = f"{prod}_gone"
    done = toy.run("warehouse", "diff", "prod")
    assert done.returncode == 2
    assert "environment: prod" in done.stderr
    assert not password or password not in done.stderr
    toy.variables["PROD_URL"] = prod
    execute(prod, "create schema marts")
    for value, status, message in (
        ("1/0", 4, "division by zero"),
        (
            "pg_terminate_backend(pg_backend_pid())",
            5,
            "the connection to the warehouse broke",
        ),
    ):
        execute(prod, f"create or replace view marts.one as select ({value})::text id")
        done = toy.run("warehouse", "diff", "prod")
        assert done.returncode == status
        assert message in done.stderr
        assert "environment: prod" in done.stderr


keyed = st.dictionaries(
    st.tuples(st.text(max_size=3), st.sampled_from(["", "a", "é", "🂡"])),
    st.tuples(st.none() | st.text(max_size=2), st.none() | st.just("x")),
)


@given(here=keyed, there=keyed)
def test_merged_streams_give_each_key_once_with_what_both_have(
    here: dict[tuple[str, str], tuple], there: dict[tuple[str, str], tuple]
) -> None:
    streams = [[key + rows[key] for key in sorted(rows)] for rows in (here, there)]
    pairs = list(merged_by_key(*map(iter, streams), key_size=2))
    assert pairs == [
        tuple(key + rows[key] if key in rows else None for rows in (here, there))
        for key in sorted(here.keys() | there.keys())
    ]
    found = compare_rows(pairs, ("id", "part"), ("one", "two"), limit=2)
    changed = sorted(k for k in here.keys() & there.keys() if here[k] != there[k])
    assert found.only_here.rows == len(here.keys() - there.keys())
    assert found.only_there.rows == len(there.keys() - here.keys())
    assert found.changed.rows == len(changed)
    assert [tuple(key.values()) for key in found.changed.keys] == changed[:2]
    assert sum(found.changed_values.values()) == sum(
        mine != theirs
        for key in changed
        for mine, theirs in zip(here[key], there[key], strict=True)
    )
