"""Behind a pooler each transaction may run in another session (F14)."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from own_server import NEWEST, OwnServer
from pooler import POOLERS, SESSIONS, PgBouncer, RoundRobin
from target_runs import Database, record, schema, state

from target_postgres.server_session import identify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    made = OwnServer(NEWEST)
    made.start()
    yield made
    made.remove()


@pytest.fixture(params=POOLERS)
def behind(
    request: pytest.FixtureRequest, server: OwnServer, tmp_path: Path
) -> Iterator[tuple[Database, RoundRobin | PgBouncer]]:
    pooler = request.param(server)
    url = server.url.replace(f":{server.port}/", f":{pooler.port}/")
    config = {"url": url, "default_target_schema": "raw"}
    yield Database(server.url, tmp_path, config), pooler
    pooler.close()
    server.execute("drop schema if exists raw cascade")
    server.execute("drop schema if exists bizops cascade")


AT = {"type": "string", "format": "date-time"}
NOON, HALF = "2024-01-01T12:00:00", "2024-01-01T00:00:00.5"


@pytest.fixture
def pooled(behind: tuple[Database, RoundRobin | PgBouncer]) -> Database:
    return behind[0]


def test_f14_transactions_go_round_the_sessions(
    behind: tuple[Database, RoundRobin | PgBouncer],
) -> None:
    pooled, pooler = behind
    seen = set()
    connection = psycopg2.connect(pooled.config["url"])
    for _ in range(6):
        with connection, connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            seen.add(cursor.fetchone()[0])
    connection.close()
    assert len(seen) == SESSIONS or not pooler.goes_round


def test_f14_a_poolers_session_is_not_ours_to_end(pooled: Database) -> None:
    with closing(psycopg2.connect(pooled.config["url"])) as connection:
        assert identify(connection) is None


def test_f14_every_transaction_brings_along_what_it_needs(pooled: Database) -> None:
    lines: list[Any] = [
        schema(id="integer", at=AT),
        schema("log", keys=[], v="integer"),
    ]
    for number in range(600):
        lines.append(record(id=number % 70, at=NOON if number % 2 else HALF))
        lines.append(record("log", v=number))
        if number % 150 == 149:
            lines.append(state({"n": number + 1}))
    lines.append(schema(id="string", at=AT, new="boolean"))
    lines += [record(id="x", at=NOON, new=True), state({"n": 601})]
    settings = {"run_id": "r", "batch_size_rows": 40}
    for times in (1, 2):
        outcome = pooled.load(lines, state_id="x", **settings)
        assert outcome.status == 0, outcome.message
        assert pooled.count("s") == 71
        assert pooled.count("log") == 600 * times
        # Our settings hold in every transaction: times are UTC, the run is told.
        assert pooled.execute(
            "select distinct at::text, _bizops_run_id from raw.s order by 1"
        ) == [
            ("2024-01-01 00:00:00.5+00", "r"),
            ("2024-01-01 12:00:00+00", "r"),
        ]
        lines[0] = schema(id="string", at=AT)
    assert pooled.execute("select value from bizops.state") == [({"n": 601},)]


def test_f14_an_overwrite_goes_through_a_pooler(pooled: Database) -> None:
    for count in (50, 20):
        lines = [schema(id="integer"), *[record(id=n) for n in range(count)], state(1)]
        outcome = pooled.load(lines, load_method="overwrite", batch_size_rows=7)
        assert (outcome.status, outcome.states) == (0, ["1"]), outcome.message
        assert pooled.count("s") == count
