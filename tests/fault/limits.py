"""F8 to F10: little memory, locks of others, short time limits, few connections."""

from __future__ import annotations

import resource
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

from tests.fault.running import start_target
from tests.fault.trial import TrialError, check_ended
from tests.fault.workload import KEYED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.fault.trial import Trial

_MIB = 2**20
_ADDRESS_SPACE_BYTES = 450 * _MIB
_MOST_HELD_BYTES = 250 * _MIB
_PASSWORD = "trial"


def load_many_rows(trial: Trial, *, rows: int) -> str:
    """Load a long stream in little memory."""
    trial.workload = replace(trial.workload, rows=rows, keys=rows // 4)
    return _load_in_little_memory(trial, trial.workload.lines())


def load_many_streams(trial: Trial, *, streams: int) -> str:
    """Load many small streams in little memory."""

    def lines() -> Iterator[bytes]:
        for number in range(streams):
            yield (
                b'{"type":"SCHEMA","stream":"s%d","key_properties":["id"],"schema":'
                b'{"properties":{"id":{"type":"integer"}}}}\n' % number
            )
        for row in range(20):
            for number in range(streams):
                record = b'{"type":"RECORD","stream":"s%d","record":{"id":%d}}\n'
                yield record % (number, row)

    told = _load_in_little_memory(trial, lines())
    tables = [name for name in trial.place.tables() if name.startswith("s")]
    rows = sum(_count(trial, name) for name in tables if name[1:].isdigit())
    if rows != 20 * streams:
        raise TrialError(f"{rows} rows of {20 * streams}")
    return told


def load_long_line(trial: Trial, *, size_bytes: int) -> str:
    """Load one line of many megabytes."""

    def lines() -> Iterator[bytes]:
        yield (
            b'{"type":"SCHEMA","stream":"s1","key_properties":[],"schema":'
            b'{"properties":{"t":{"type":"string"}}}}\n'
        )
        yield b'{"type":"RECORD","stream":"s1","record":{"t":"'
        piece = b"x" * _MIB
        for _ in range(size_bytes // _MIB):
            yield piece
        yield b'"}}\n'

    told = _load_in_little_memory(trial, lines(), bound=10 * size_bytes)
    if _count(trial, "s1") != 1:
        raise TrialError("the line is not there")
    return told


def _count(trial: Trial, table: str) -> int:
    statement = sql.SQL("select count(*) from {}")
    name = sql.Identifier(trial.place.schema, table)
    return int(trial.place.query(statement.format(name))[0][0])


def _load_in_little_memory(
    trial: Trial, lines: Iterable[bytes], *, bound: int = 0
) -> str:
    space = max(_ADDRESS_SPACE_BYTES, bound)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (space, space))

    running = start_target(
        trial.place,
        trial.arena.directory,
        settings=trial.settings | {"batch_size_rows": 20_000},
        before_start=limit,
    )
    running.feed(lines, ends=False)
    running.wait_until_fed()
    held = _peak_bytes(running.process.pid)
    running.end_input()
    check_ended(running.wait(timeout_s=1800), 0)
    if held > max(_MOST_HELD_BYTES, bound):
        raise TrialError(f"{held / _MIB:.0f} MiB were held")
    return f"peak below {-(-held // (50 * _MIB)) * 50} MiB"


def _peak_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def wait_for_lock(trial: Trial) -> str:
    """Hold the table for a while: the target waits."""
    done = _load_a_third(trial)
    with _locked(trial, KEYED):
        running = trial.start()
        running.feed(trial.workload.lines(done))
        time.sleep(trial.chance.uniform(0.3, 1.5))
    trial.check_interrupted(running.wait(), 0)
    return "lock waited for"


def give_up_lock(trial: Trial) -> str:
    """Hold the table for too long: the target stops with 4, and says why."""
    done = _load_a_third(trial)
    with _locked(trial, KEYED):
        running = trial.start(lock_timeout_seconds=1, connect_attempts=1)
        running.feed(trial.workload.lines(done))
        outcome = running.wait()
    trial.check_interrupted(outcome, 4)
    if "lock timeout" not in outcome.log:
        raise TrialError(outcome.log)
    trial.finish()
    return "lock given up"


def _load_a_third(trial: Trial) -> int:
    done = trial.workload.rows // 3
    done -= done % trial.workload.state_every
    running = trial.start()
    running.feed(trial.workload.lines(end=done))
    check_ended(running.wait(), 0)
    return done


@contextmanager
def _locked(trial: Trial, table: str) -> Iterator[None]:
    with closing(psycopg2.connect(trial.place.url)) as connection:
        statement = sql.SQL("lock table {} in access exclusive mode")
        name = sql.Identifier(trial.place.schema, table)
        connection.cursor().execute(statement.format(name))
        yield


def upsert_against_each_other(trial: Trial) -> str:
    """Two runs upsert the same keys in opposite order: both end well, each key once."""
    head = (
        b'{"type":"SCHEMA","stream":"things","key_properties":["id"],"schema":'
        b'{"properties":{"id":{"type":"integer"},"t":{"type":"string"}}}}\n'
    )

    def lines(name: bytes, keys: Iterable[int]) -> list[bytes]:
        record = b'{"type":"RECORD","stream":"things","record":{"id":%d,"t":"%s%d"}}\n'
        made = [record % (key, name, turn) for turn in range(10) for key in keys]
        return [head, *made]

    runs = []
    for name, keys in ((b"up", range(300)), (b"down", range(299, -1, -1))):
        state_id = f"{trial.place.state_id}:{name.decode()}"
        running = trial.start(
            state_id=state_id, batch_size_rows=300, connect_attempts=9
        )
        running.feed(lines(name, keys))
        runs.append(running)
    for running in runs:
        check_ended(running.wait(), 0)
    table = sql.Identifier(trial.place.schema, "things")
    rows = trial.place.query(sql.SQL("select id, t from {}").format(table))
    if sorted(key for key, _ in rows) != list(range(300)):
        raise TrialError(f"{len(rows)} rows of 300 keys")
    if not {text for _, text in rows} <= {"up9", "down9"}:
        raise TrialError("an earlier record of a run has won")
    return "opposite order"


def rebuild_meanwhile(trial: Trial) -> str:
    """Views come and go and an index is built on the table while it is loaded."""
    stop = threading.Event()
    failures: list[str] = []
    table = sql.Identifier(trial.place.schema, KEYED)
    view = sql.Identifier(trial.place.schema, "v")
    statements = (
        "create or replace view {view} as select id, seq from {table}",
        "create index concurrently if not exists i on {table} (seq)",
        "drop view if exists {view}",
        "drop index concurrently if exists {index}",
    )
    names = {"view": view, "table": table}
    names["index"] = sql.Identifier(trial.place.schema, "i")

    def rebuild() -> None:
        with closing(psycopg2.connect(trial.place.url)) as connection:
            connection.autocommit = True
            while not stop.is_set():
                for statement in statements:
                    try:
                        connection.cursor().execute(sql.SQL(statement).format(**names))
                    except (
                        psycopg2.errors.UndefinedTable,
                        psycopg2.errors.InvalidSchemaName,
                    ):
                        # The target has not made it yet.
                        time.sleep(0.01)
                    except psycopg2.errors.DeadlockDetected:
                        # The server chose this side to give way.
                        pass
                    except psycopg2.Error as error:
                        failures.append(str(error))
                        return

    rebuilding = threading.Thread(target=rebuild)
    rebuilding.start()
    try:
        outcome = trial.run(connect_attempts=9)
    finally:
        stop.set()
        rebuilding.join()
    trial.check_interrupted(outcome, 0)
    if failures:
        raise TrialError(f"the other side failed: {failures[0]}")
    return "rebuilt meanwhile"


def limit_role(trial: Trial) -> str:
    """Run as a role with a limit that bites; then finish without."""
    name, setting, status, words = trial.chance.choice(
        (
            ("read only", "default_transaction_read_only to on", 4, "read-only"),
            ("statement timeout", "statement_timeout to 1", 4, "statement timeout"),
            ("one connection", "", 5, "too many connections"),
        )
    )
    role = sql.Identifier(f"role_{trial.place.schema}")
    database = sql.Identifier(urlsplit(trial.place.url).path[1:])
    execute = trial.arena.execute
    execute(
        sql.SQL("create role {} login connection limit 1 password {}").format(
            role, sql.Literal(_PASSWORD)
        )
    )
    execute(sql.SQL("grant create on database {} to {}").format(database, role))
    if setting:
        execute(sql.SQL(f"alter role {{}} set {setting}").format(role))
    parts = urlsplit(trial.place.url)
    server = parts.netloc.rpartition("@")[2]
    url = parts._replace(
        netloc=f"role_{trial.place.schema}:{_PASSWORD}@{server}"
    ).geturl()
    try:
        holder = None if setting else psycopg2.connect(url)
        outcome = trial.run(url=url, connect_attempts=2)
        if holder is not None:
            holder.close()
        trial.check_interrupted(outcome, status)
        if words not in outcome.log:
            raise TrialError(outcome.log)
    finally:
        execute(sql.SQL("drop owned by {} cascade").format(role))
        execute(sql.SQL("drop role {}").format(role))
    trial.finish()
    return name


def wait_for_tap_within_transaction(trial: Trial) -> str:
    """Leave a transaction open while the tap thinks, whatever the database says."""
    database = sql.Identifier(urlsplit(trial.place.url).path[1:])
    alter = "alter database {} set idle_in_transaction_session_timeout to 200"
    trial.workload = replace(trial.workload, state_every=trial.workload.rows)
    trial.arena.execute(sql.SQL(alter).format(database))
    try:
        lines = list(trial.workload.lines())
        running = trial.start()
        running.feed(lines[:-10], ends=False)
        running.wait_until_fed()
        time.sleep(0.8)
        running.feed(lines[-10:])
        trial.check_interrupted(running.wait(), 0)
    finally:
        reset = "alter database {} reset idle_in_transaction_session_timeout"
        trial.arena.execute(sql.SQL(reset).format(database))
    return "tap waited for"
