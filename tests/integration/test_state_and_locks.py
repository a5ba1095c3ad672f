"""States beside the rows, and locks that die with their holder."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bizops_cli.errors import LockedError
from bizops_cli.ids import StateKey
from bizops_cli.locks.postgres import await_state_lock, hold_run_lock
from bizops_cli.state.postgres import (
    list_states,
    read_entry,
    read_state,
    read_state_text,
    write_state,
)
from bizops_cli.warehouse.refusals import connected
from bizops_cli.warehouse.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from conftest import Machine

KEY = StateKey("acme", "dev", "tap-a")
JOB = {"project": "acme", "environment": "dev", "job": "default"}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
    ),
    max_leaves=6,
)
_streams = st.dictionaries(st.sampled_from(["A", "B", "C", "ü"]), _json, max_size=4)
_states = st.fixed_dictionaries(
    {}, optional={"bookmarks": _streams, "currently_syncing": _json, "version": _json}
)


@pytest.fixture
def connection(fresh_database: str) -> Iterator[Connection]:
    with connected(fresh_database, application_name="run one") as opened:
        migrate(opened)
        yield opened


def test_there_is_no_state_before_the_first_run(connection: Connection) -> None:
    assert read_state(connection, KEY) is None
    assert read_state_text(connection, KEY) is None
    assert list_states(connection) == []


def test_a_state_comes_back_to_the_last_digit(connection: Connection) -> None:
    text = '{"bookmarks":{"A":{"at":1.10,"big":12345678901234567890.5,"e":1e400}}}'
    write_state(connection, KEY, text, run_id="r1")
    write_state(connection, KEY, '{"bookmarks":{"B":{"v":0.30}}}', run_id="r1")
    stored = read_state_text(connection, KEY)
    assert '"at":1.10,"big":12345678901234567890.5,"e":1e400' in stored
    assert '"v":0.30' in stored


def test_streams_not_named_in_a_new_state_keep_their_bookmark(
    connection: Connection,
) -> None:
    old = {"bookmarks": {"A": {"at": 1, "x": 1}, "B": {"at": 2}}, "old": True}
    new = {"bookmarks": {"A": {"at": 9}}, "new": True}
    write_state(connection, KEY, old, run_id="r1")
    write_state(connection, KEY, new, run_id="r2")
    assert read_state(connection, KEY) == {
        "bookmarks": {"A": {"at": 9}, "B": {"at": 2}},
        "new": True,
    }


@given(states=st.lists(_states, min_size=1, max_size=4))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_sequence_of_states_is_kept_by_the_rule(
    connection: Connection, states: list[dict[str, object]]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("truncate bizops.state, bizops.state_history")
    expected: dict[str, object] = {}
    for number, state in enumerate(states):
        write_state(connection, KEY, state, run_id=f"r{number}")
        is_merged = "bookmarks" in expected and "bookmarks" in state
        old = expected.get("bookmarks", {}) if is_merged else {}
        expected = dict(state)
        if is_merged:
            expected["bookmarks"] = {**old, **state["bookmarks"]}
    assert read_state(connection, KEY) == expected


def test_the_history_has_the_last_state_of_each_run(
    connection: Connection, fresh_database: str, machine: Machine
) -> None:
    for run_id, at in (("r1", 1), ("r1", 2), ("r2", 3)):
        write_state(connection, KEY, {"bookmarks": {"A": at}}, run_id=run_id)
    history = machine.query(
        fresh_database,
        "select run_id, value::text::jsonb from bizops.state_history order by run_id",
    )
    assert history == [
        ("r1", {"bookmarks": {"A": 2}}),
        ("r2", {"bookmarks": {"A": 3}}),
    ]
    assert read_entry(connection, KEY).run_id == "r2"


def test_writers_at_the_same_time_lose_no_stream(fresh_database: str) -> None:
    with connected(fresh_database, application_name="test") as connection:
        migrate(connection)
    failures: list[Exception] = []

    def write(stream: str) -> None:
        try:
            with connected(fresh_database, application_name="test") as connection:
                for at in range(20):
                    value = {"bookmarks": {stream: at}}
                    write_state(connection, KEY, value, run_id=stream)
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ABCD"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with connected(fresh_database, application_name="test") as connection:
        state = read_state(connection, KEY)
    assert state == {"bookmarks": dict.fromkeys("ABCD", 19)}


def test_states_are_listed_by_the_start_of_their_id(connection: Connection) -> None:
    for text in ("acme:dev:tap-b", "acme:dev:tap-a", "acme:prod:tap-a", "other:dev:t"):
        write_state(connection, StateKey.parse(text), {}, run_id="r")
    ids = [entry.state_id for entry in list_states(connection, prefix="acme:dev:")]
    assert ids == ["acme:dev:tap-a", "acme:dev:tap-b"]


def test_a_state_must_be_an_object(connection: Connection) -> None:
    for text in ("[]", "3", "{", ""):
        with pytest.raises(ValueError, match="JSON object"):
            write_state(connection, KEY, text, run_id="r")
    assert read_state(connection, KEY) is None


def test_a_second_run_of_the_job_is_refused_at_once_naming_the_first(
    connection: Connection, fresh_database: str
) -> None:
    with (
        hold_run_lock(connection, **JOB),
        connected(fresh_database, application_name="run two") as second,
        pytest.raises(LockedError, match="job default") as raised,
        hold_run_lock(second, **JOB),
    ):
        pytest.fail("two runs at once")
    assert raised.value.context["held by"] == "run one"
    assert raised.value.context["server process"] == connection.info.backend_pid
    assert "since" in raised.value.context


def test_after_a_run_the_next_one_goes(
    connection: Connection, fresh_database: str
) -> None:
    with hold_run_lock(connection, **JOB):
        pass
    with (
        connected(fresh_database, application_name="run two") as second,
        hold_run_lock(second, **JOB),
    ):
        pass


@pytest.mark.parametrize(
    "other", [{"job": "b"}, {"environment": "b"}, {"project": "b"}]
)
def test_other_jobs_environments_and_projects_are_not_held_up(
    other: dict[str, str], connection: Connection, fresh_database: str
) -> None:
    with (
        hold_run_lock(connection, **JOB),
        connected(fresh_database, application_name="run two") as second,
        hold_run_lock(second, **{**JOB, **other}),
    ):
        pass


def test_the_lock_of_a_killed_run_is_free(
    connection: Connection, fresh_database: str
) -> None:
    code = (
        "import sys, json; from bizops_cli.warehouse.connect import connect\n"
        "from bizops_cli.locks.postgres import hold_run_lock\n"
        "connection = connect(sys.argv[1], application_name='killed run')\n"
        "with hold_run_lock(connection, **json.loads(sys.argv[2])):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, fresh_database, json.dumps(JOB)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    with pytest.raises(LockedError), hold_run_lock(connection, **JOB):
        pytest.fail("two runs at once")
    process.kill()
    process.communicate()
    _wait_until_gone(connection, "killed run")
    with hold_run_lock(connection, **JOB):
        pass


def _wait_until_gone(connection: Connection, application_name: str) -> None:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(
                "select pg_sleep(0.01) from pg_stat_activity"
                " where application_name = %s",
                (application_name,),
            )
            if cursor.fetchone() is None:
                return
    pytest.fail("the server did not notice the death of its client")


def test_a_broken_connection_at_the_end_of_a_run_hides_no_error(
    connection: Connection, fresh_database: str, machine: Machine
) -> None:
    def run() -> None:
        with hold_run_lock(connection, **JOB):
            pid = connection.info.backend_pid
            machine.query(fresh_database, "select pg_terminate_backend(%s)", pid)
            raise RuntimeError("of the run")

    with pytest.raises(RuntimeError, match="of the run"):
        run()


def _hold_state_lock(url: str, *, duration_s: float) -> threading.Thread:
    """Do what target-postgres does for its whole life."""
    is_held = threading.Event()

    def hold() -> None:
        with (
            connected(url, application_name="target-postgres") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "select pg_advisory_lock(hashtextextended(%s, 0))",
                (f"bizops.state:{KEY}",),
            )
            is_held.set()
            cursor.execute("select pg_sleep(%s)", (duration_s,))

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(10)
    return thread


def test_the_state_is_read_only_after_an_orphaned_target_has_ended(
    connection: Connection, fresh_database: str
) -> None:
    thread = _hold_state_lock(fresh_database, duration_s=0.7)
    await_state_lock(connection, KEY, timeout_s=10)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory'")
        assert cursor.fetchone() == (0,), "it must not be kept"
    thread.join()


def test_a_target_that_does_not_end_is_named(
    connection: Connection, fresh_database: str
) -> None:
    thread = _hold_state_lock(fresh_database, duration_s=1.5)
    with pytest.raises(LockedError, match="acme:dev:tap-a") as raised:
        await_state_lock(connection, KEY, timeout_s=0.3)
    assert raised.value.context["held by"] == "target-postgres"
    thread.join()
