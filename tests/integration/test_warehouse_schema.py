"""Tables of schema bizops: made once, by whoever comes first, with few rights."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bizops_cli.errors import ConfigError, DatabaseRefusedError
from bizops_cli.ids import StateKey
from bizops_cli.locks.postgres import await_state_lock, hold_run_lock
from bizops_cli.model import ModelRun, RunRecord, StreamRun, TapRun
from bizops_cli.state.postgres import list_states, read_state, write_state
from bizops_cli.warehouse.refusals import connected
from bizops_cli.warehouse.runs import list_runs, record_run
from bizops_cli.warehouse.schema import MIGRATIONS, migrate, schemas_with_tables

if TYPE_CHECKING:
    from conftest import LimitedRole, Machine

_MIGRATE = (
    "import sys; from bizops_cli.warehouse.refusals import connected\n"
    "from bizops_cli.warehouse.schema import migrate\n"
    "with connected(sys.argv[1], application_name='test') as connection:\n"
    "    print(flush=True); sys.stdin.readline(); migrate(connection)"
)
RUN = RunRecord(
    run_id="20260131T020000Z-4f2a9c",
    project="acme",
    environment="dev",
    job="default",
    status="running",
    started_at=datetime(2026, 1, 31, 2, tzinfo=UTC),
    bizops_version="0.1.0",
)
TAP = TapRun(
    tap="tap-a",
    target="target-postgres",
    status="succeeded",
    rows=3,
    size_bytes=120,
    states=2,
    duration_s=1.5,
    tap_exit_status=0,
    target_exit_status=0,
)
STREAM = StreamRun(
    tap="tap-a",
    stream="Account",
    rows=3,
    size_bytes=120,
    duration_s=1.5,
    bookmark_before='{"at": 1.10}',
    bookmark_after='{"at": 1.20}',
)
MODEL = ModelRun(
    unique_id="model.bizops.m",
    resource_type="model",
    status="success",
    duration_s=0.25,
    rows_affected=7,
)


def test_processes_that_migrate_at_the_same_instant_all_succeed(
    fresh_database: str, machine: Machine
) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _MIGRATE, fresh_database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(5)
    ]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 5, errors
    versions = machine.query(
        fresh_database, "select version from bizops.migrations order by 1"
    )
    assert versions == [(number + 1,) for number in range(len(MIGRATIONS))]


def test_a_second_migration_changes_nothing(fresh_database: str) -> None:
    with connected(fresh_database, application_name="test") as connection:
        migrate(connection)
        write_state(connection, StateKey("p", "dev", "tap-a"), {"a": 1}, run_id="r")
        migrate(connection)
        assert len(list_states(connection)) == 1


def test_tables_a_target_made_before_are_taken_over(
    fresh_database: str, machine: Machine
) -> None:
    machine.query(fresh_database, "create schema bizops")
    machine.query(
        fresh_database,
        "create table bizops.state (state_id text primary key, value json not null,"
        " run_id text, updated_at timestamptz not null)",
    )
    machine.query(
        fresh_database,
        "insert into bizops.state values ('p:dev:tap-a', '{\"a\": 1}', 'r', now())",
    )
    with connected(fresh_database, application_name="test") as connection:
        migrate(connection)
        assert read_state(connection, StateKey("p", "dev", "tap-a")) == {"a": 1}


def test_a_warehouse_of_a_newer_bizops_is_not_touched(
    fresh_database: str, machine: Machine
) -> None:
    with connected(fresh_database, application_name="test") as connection:
        migrate(connection)
        machine.query(
            fresh_database, "insert into bizops.migrations values (99, 'new', now())"
        )
        with pytest.raises(ConfigError, match="newer bizops"):
            migrate(connection)


def test_connect_and_create_on_the_database_are_rights_enough(
    limited_role: LimitedRole,
) -> None:
    key = StateKey("p", "dev", "tap-a")
    with connected(limited_role.url, application_name="test") as connection:
        migrate(connection)
        with hold_run_lock(connection, project="p", environment="dev", job="default"):
            await_state_lock(connection, key)
            record_run(connection, RUN)
            write_state(connection, key, {"bookmarks": {}}, run_id=RUN.run_id)
        assert list_runs(connection, limit=5) == [RUN]
        assert read_state(connection, key) == {"bookmarks": {}}


def test_without_the_right_to_create_the_grant_is_named(
    reading_role: LimitedRole,
) -> None:
    with (
        connected(reading_role.url, application_name="test") as connection,
        pytest.raises(DatabaseRefusedError, match="may not create") as raised,
    ):
        migrate(connection)
    assert "grant create on database" in raised.value.next_step


def test_a_schema_made_by_the_administrator_needs_no_right_on_the_database(
    reading_role: LimitedRole, fresh_database: str, machine: Machine
) -> None:
    machine.query(
        fresh_database, f"create schema bizops authorization {reading_role.name}"
    )
    with connected(reading_role.url, application_name="test") as connection:
        migrate(connection)
        record_run(connection, RUN)


def test_a_run_is_read_as_it_was_recorded(fresh_database: str) -> None:
    done = replace(
        RUN,
        status="failed",
        finished_at=datetime(2026, 1, 31, 3, tzinfo=UTC),
        exit_status=4,
        message="the warehouse refused: disk full",
        taps=(TAP, replace(TAP, tap="tap-b", status="failed", target_exit_status=None)),
        streams=(STREAM, replace(STREAM, stream="Lead", bookmark_before=None)),
        models=(MODEL, replace(MODEL, unique_id="test.bizops.t", rows_affected=None)),
    )
    with connected(fresh_database, application_name="test") as connection:
        migrate(connection)
        record_run(connection, RUN)
        record_run(connection, replace(done, streams=(), models=()))
        record_run(connection, done)
        assert list_runs(connection, limit=5) == [done]


def test_runs_come_newest_first_and_no_more_than_asked_for(
    fresh_database: str,
) -> None:
    with connected(fresh_database, application_name="test") as connection:
        migrate(connection)
        for day in (2, 3, 1):
            started_at = datetime(2026, 1, day, tzinfo=UTC)
            record_run(
                connection, replace(RUN, run_id=f"r{day}", started_at=started_at)
            )
        found = list_runs(connection, limit=2)
    assert [run.run_id for run in found] == ["r3", "r2"]


def test_only_schemas_with_a_table_count_as_loaded(
    fresh_database: str, machine: Machine
) -> None:
    for statement in (
        "create schema raw_empty",
        "create schema raw_a",
        'create table raw_a."Account" (id int)',
        "create schema raw_view",
        "create view raw_view.v as select 1 as one",
    ):
        machine.query(fresh_database, statement)
    wanted = ["raw_missing", "raw_a", "raw_empty", "raw_view"]
    with connected(fresh_database, application_name="test") as connection:
        assert schemas_with_tables(connection, wanted) == ["raw_a"]
