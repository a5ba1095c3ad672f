"""Little memory, conflicting runs, short time limits, a clock that jumps (F8-F12)."""

from __future__ import annotations

import resource
import threading
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from target_runs import (
    ROLE_PASSWORD,
    Database,
    as_bytes,
    record,
    schema,
    state,
    url_of,
)

from target_postgres.engine import Engine
from target_postgres.lines import Lines
from target_postgres.settings import read_settings

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

MIB = 1024 * 1024


def limited(db: Database, size_bytes: int, **settings: Any) -> subprocess.Popen[bytes]:
    """Start the command with an address space of so many bytes."""
    process = db.start(
        before_start=lambda: resource.setrlimit(
            resource.RLIMIT_AS, (size_bytes, size_bytes)
        ),
        **settings,
    )
    assert process.stdin
    return process


def feed(process: subprocess.Popen[bytes], lines: Iterator[bytes]) -> None:
    assert process.stdin
    try:
        process.stdin.writelines(lines)
        process.stdin.close()
    except BrokenPipeError:
        pass


def test_f8_a_long_stream_of_wide_rows_needs_little_memory(db: Database) -> None:
    columns = {f"c{n}": "string" for n in range(20)}
    row = as_bytes(record(id=0, **dict.fromkeys(columns, "x" * 40)))

    def lines() -> Iterator[bytes]:
        yield as_bytes(schema(id="integer", **columns)) + b"\n"
        for number in range(150_000):
            yield row.replace(b'"id": 0', b'"id": %d' % number) + b"\n"
        yield b'{"type": "STATE", "value": {"n": 1}}\n'

    process = limited(db, 450 * MIB)
    feed(process, lines())
    assert process.stderr
    assert process.stdout
    err = process.stderr.read()
    assert process.wait(60) == 0, err[-2000:]
    assert process.stdout.read() == b'{"n": 1}\n'
    assert db.count("s") == 150_000


def test_f8_many_streams_need_little_memory(db: Database) -> None:
    def lines() -> Iterator[bytes]:
        for number in range(150):
            yield as_bytes(schema(f"s{number}", id="integer", v="string")) + b"\n"
        for row in range(20):
            for number in range(150):
                yield as_bytes(record(f"s{number}", id=row, v="x")) + b"\n"

    process = limited(db, 450 * MIB, batch_size_rows=2000)
    feed(process, lines())
    assert process.stderr
    assert process.wait(120) == 0, process.stderr.read()[-2000:]
    assert [db.count(f"s{n}") for n in (0, 149)] == [20, 20]


def test_f9_runs_that_upsert_the_same_keys_in_opposite_order_both_end_well(
    db: Database,
) -> None:
    head = schema(id="integer", v="string")
    assert db.load([head, *[record(id=n, v="old") for n in range(300)]]).status == 0
    processes = []
    for name, keys in (("up", range(300)), ("down", range(299, -1, -1))):
        lines: list[Any] = [head]
        for turn in range(10):
            lines += [record(id=n, v=f"{name}{turn}") for n in keys]
            lines.append(state({"n": turn}))
        content = b"".join(as_bytes(line) + b"\n" for line in lines)
        process = db.start(batch_size_rows=300, connect_attempts=9)
        feeding = threading.Thread(target=feed, args=(process, iter([content])))
        feeding.start()
        processes.append((process, feeding))
    for process, feeding in processes:
        feeding.join()
        assert process.stderr
        err = process.stderr.read()
        assert process.wait(60) == 0, err
    assert {v for (v,) in db.execute("select v from raw.s")} <= {"up9", "down9"}
    assert db.count("s") == 300


LINES = [schema(id="integer"), record(id=1), state({"n": 1})]


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("default_transaction_read_only", "on", "read-only transaction [25006]"),
        ("statement_timeout", "50ms", "statement timeout [57014]"),
    ],
)
def test_f10_limits_of_the_database_end_with_4_and_their_own_words(
    own_db: Database, setting: str, value: str, says: str
) -> None:
    assert own_db.load(LINES).status == 0
    own_db.execute(
        "create function public.slow() returns trigger language plpgsql as"
        " $$begin perform pg_sleep(0.2); return new; end$$;"
        " create trigger t before insert on raw.s execute function public.slow()"
    )
    name = own_db.url.rpartition("/")[2]
    own_db.execute(f"alter database {name} set {setting} to '{value}'")
    outcome = own_db.load(LINES)
    assert (outcome.status, outcome.states) == (4, [])
    assert says in outcome.message


def test_f10_a_transaction_may_wait_for_the_tap_whatever_the_database_says(
    own_db: Database,
) -> None:
    name = own_db.url.rpartition("/")[2]
    own_db.execute(f"alter database {name} set idle_in_transaction_session_timeout=300")
    process = own_db.start(state_id="x", batch_size_rows=5)
    assert process.stdin
    lines = [schema(keys=[], v="integer"), *[record(v=n) for n in range(20)]]
    process.stdin.write(b"".join(as_bytes(line) + b"\n" for line in lines))
    process.stdin.flush()
    time.sleep(1.2)
    out, err = process.communicate(as_bytes(state({"n": 1})), timeout=30)
    assert (process.returncode, out) == (0, b'{"n": 1}\n'), err
    assert own_db.count("s") == 20


def test_f10_a_role_without_a_free_connection_ends_with_5(own_db: Database) -> None:
    role = f"single_{own_db.url[-8:]}"
    own_db.execute(
        f"create role {role} login connection limit 1 password '{ROLE_PASSWORD}'"
    )
    try:
        url = url_of(own_db.url, role)
        holder = psycopg2.connect(url)
        outcome = own_db.load(LINES, url=url, user=role, connect_attempts=2)
        holder.close()
        assert (outcome.status, outcome.states) == (5, [])
        assert "too many connections" in outcome.message
    finally:
        own_db.execute(f"drop role {role}")


@pytest.fixture
def jumping_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, the time of day is an hour behind, again and again."""
    true_time_ns, jumps = time.time_ns, count(1)

    def jump() -> None:
        hour_ns = 3600 * 10**9
        back = iter(lambda: true_time_ns() - next(jumps) * hour_ns, None)
        monkeypatch.setattr(time, "time_ns", lambda: next(back))
        monkeypatch.setattr(time, "time", lambda: next(back) / 1e9)

    return jump


def test_f12_the_sequence_rises_and_batches_are_written_though_the_clock_jumps(
    db: Database, jumping_clock: Callable[[], None]
) -> None:
    def lines() -> Iterator[Any]:
        yield schema(keys=[], v="integer")
        for number in range(100):
            if number == 50:
                jumping_clock()
            yield record(v=number)

    outcome = db.load_slowly(lines(), batch_size_rows=10, state_id="x")
    assert outcome.status == 0
    ordered = db.execute("select v from raw.s order by _sdc_sequence")
    assert [v for (v,) in ordered] == list(range(100))


def test_f14_what_else_a_poolers_session_was_used_for_changes_nothing(
    db: Database,
) -> None:
    at = {"type": "string", "format": "date-time"}
    states: list[str] = []
    settings = {**db.config, "run_id": "mine"}
    engine = Engine(read_settings(settings), emit_state=states.append)

    def chunks() -> Iterator[Lines]:
        head = schema(keys=[], v="integer", at=at)
        row = as_bytes(record(v=1, at="2024-01-01T00:00:00"))
        yield Lines.of(1, [as_bytes(head), row])
        engine._flusher.drain()
        engine._flusher.wait()
        connection = engine._session._connection
        assert connection is not None
        connection.cursor().execute(
            "set timezone to 'Asia/Kolkata'; set bizops.run_id to 'other';"
            " set datestyle to 'sql, dmy'; set search_path to public"
        )
        connection.commit()
        yield Lines.of(3, [row])

    engine.run(chunks())
    stored = db.rows("s", "at", "_bizops_run_id")
    assert stored == [("2024-01-01 00:00:00+00", "mine")] * 2
