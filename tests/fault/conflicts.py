"""F9: locks of others, and two that write the same rows."""

from __future__ import annotations

import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql

from tests.fault.trial import TrialError, check_ended
from tests.fault.workload import KEYED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.fault.trial import Trial


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
