"""R80: an overwrite is one step; readers see the old rows or the new ones."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from target_runs import Database, as_bytes, record, schema, state

if TYPE_CHECKING:
    from collections.abc import Iterator

OVERWRITE: dict[str, Any] = {"load_method": "overwrite", "batch_size_rows": 50}
KEYS = pytest.mark.parametrize("keys", [["id"], []])


def generation(
    number: int, *, keys: list[str], rows: int = 300, **more: str
) -> list[Any]:
    head = schema(keys=keys, id="integer", v="integer", **more)
    return [head, *[record(id=n, v=number) for n in range(rows)]]


class Reader:
    """Asks for the rows again and again, in the way it was told to."""

    def __init__(self, url: str, isolation: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.set_session(isolation_level=isolation)
        self._stop = threading.Event()
        self.seen: set[tuple[Any, ...]] = set()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while not self._stop.is_set():
            with self._connection, self._connection.cursor() as cursor:
                for _ in range(3):
                    cursor.execute("select count(*), min(v), max(v) from raw.s")
                    self.seen.update(cursor.fetchall())

    def end(self) -> set[tuple[Any, ...]]:
        self._stop.set()
        self._thread.join()
        self._connection.close()
        return self.seen


@pytest.fixture(params=["READ COMMITTED", "REPEATABLE READ"])
def reader(db: Database, request: pytest.FixtureRequest) -> Iterator[Reader]:
    assert db.load(generation(1, keys=["id"]), **OVERWRITE).status == 0
    made = Reader(db.url, request.param)
    yield made
    made.end()


def test_r80_readers_see_the_old_rows_or_the_new_and_are_never_blocked(
    db: Database, reader: Reader
) -> None:
    for number in range(2, 6):
        rows = 300 - number
        lines = generation(number, keys=["id"], rows=rows)
        assert db.load(lines, **OVERWRITE).status == 0
    expected = {(300, 1, 1)} | {(300 - n, n, n) for n in range(2, 6)}
    seen = reader.end()
    assert seen <= expected
    assert len(seen) > 1


@KEYS
def test_r80_what_did_not_come_again_is_gone(db: Database, keys: list[str]) -> None:
    assert db.load(generation(1, keys=keys), **OVERWRITE).status == 0
    db.execute("insert into raw.s (id, v) values (9999, 0)")
    assert db.load(generation(2, keys=keys, rows=7), **OVERWRITE).status == 0
    assert db.rows("s", "id", "v") == [(str(n), "2") for n in range(7)]
    assert db.load([schema(keys=keys, id="integer", v="integer")], **OVERWRITE)
    assert db.count("s") == 0


def test_r80_of_one_key_many_times_the_last_record_wins(db: Database) -> None:
    head = schema(id="integer", v="integer")
    lines = [head, *[record(id=n % 10, v=n) for n in range(300)]]
    for _ in range(2):
        assert db.load(lines, **OVERWRITE).status == 0
        assert [int(v) for (v,) in db.rows("s", "v")] == list(range(290, 300))


@KEYS
@pytest.mark.parametrize("end", ["garbage", "kill"])
def test_r80_a_run_that_fails_leaves_the_old_rows_and_no_state(
    db: Database, keys: list[str], end: str
) -> None:
    settings = {**OVERWRITE, "state_id": "x"}
    old = [*generation(1, keys=keys), state({"n": 1})]
    assert db.load(old, **settings).states == ['{"n": 1}']
    new = [*generation(2, keys=keys, rows=200), state({"n": 2})]
    if end == "garbage":
        outcome = db.run([*new, "garbage"], **settings)
        assert (outcome.status, outcome.states) == (3, [])
        assert staging_tables(db) == []
    else:
        outcome = db.run(
            new, environment={"BIZOPS_FAULT": "after_commit:2"}, **settings
        )
        assert (outcome.status, outcome.states) == (-9, [])
    assert db.execute("select count(*), min(v), max(v) from raw.s") == [(300, 1, 1)]
    assert db.execute("select value from bizops.state") == [({"n": 1},)]
    assert db.run(new, **settings).states == ['{"n": 2}']
    assert db.execute("select count(*), min(v), max(v) from raw.s") == [(200, 2, 2)]
    assert staging_tables(db) == []


def staging_tables(db: Database) -> list[Any]:
    return db.execute("select relname from pg_class where relname like '_bizops_new%'")


def test_r80_s19_grants_comments_views_and_columns_by_hand_stay(
    own_db: Database,
) -> None:
    db = own_db
    assert db.load(generation(1, keys=["id"]), **OVERWRITE).status == 0
    db.execute("create role reader_of_overwrite")
    try:
        db.execute("grant select on raw.s to reader_of_overwrite")
        db.execute("comment on table raw.s is 'kept'")
        db.execute("alter table raw.s add column note text default 'by hand'")
        db.execute("update raw.s set note = 'mine' where id = 3")
        db.execute("create view public.of_s as select id, v from raw.s where v > 1")
        before = db.execute("select oid, relacl from pg_class where relname = 's'")
        wider = generation(2, keys=["id"], w="string", rows=5)
        assert db.load(wider, **OVERWRITE).status == 0
        after = db.execute("select oid, relacl from pg_class where relname = 's'")
        assert after == before
        assert db.execute("select obj_description('raw.s'::regclass)") == [("kept",)]
        assert db.execute("select count(*) from public.of_s") == [(5,)]
        assert db.rows("s", "id", "note")[2:4] == [("2", "by hand"), ("3", "mine")]
    finally:
        db.execute("drop owned by reader_of_overwrite; drop role reader_of_overwrite")


def test_r80_a_schema_that_changes_on_the_way_reaches_the_table_at_the_end(
    db: Database,
) -> None:
    assert db.load(generation(1, keys=["id"]), **OVERWRITE).status == 0
    lines = [*generation(2, keys=["id"], rows=60), record(id=60, v=2.5)]
    lines += [schema(id="integer", v="integer", w="string"), record(id=61, w="x")]
    assert db.load([*lines, "garbage"], **OVERWRITE).status == 3
    assert set(db.types("s")) >= {"id", "v"}
    assert db.types("s")["v"] == "bigint"
    assert db.load(lines, **OVERWRITE).status == 0
    assert db.types("s")["v"] == "numeric"
    assert db.count("s") == 62
    assert dict(db.execute("select id, w from raw.s where id > 58")) == {
        59: None,
        60: None,
        61: "x",
    }


def test_r80_without_metadata_an_overwrite_is_the_same(db: Database) -> None:
    settings = {**OVERWRITE, "add_record_metadata": False}
    for number in (1, 2):
        lines = generation(number, keys=["id"], rows=100 * number)
        assert db.load(lines, **settings).status == 0
    assert db.execute("select count(*), min(v), max(v) from raw.s") == [(200, 2, 2)]


def test_r80_of_two_runs_at_once_one_stops_with_6(db: Database) -> None:
    first = db.start(**{**OVERWRITE, "batch_wait_limit_seconds": 0})
    assert first.stdin
    try:
        lines = [as_bytes(line) + b"\n" for line in generation(1, keys=["id"])]
        first.stdin.writelines(lines)
        first.stdin.flush()
        while not staging_tables(db):
            threading.Event().wait(0.05)
        assert db.load(generation(2, keys=["id"], rows=9), **OVERWRITE).status == 0
        _, err = first.communicate(timeout=30)
        assert first.returncode == 6, err
        assert b"another run" in err
    finally:
        first.kill()
    assert db.execute("select count(*), min(v), max(v) from raw.s") == [(9, 2, 2)]


def test_r80_a_stream_may_not_take_the_staging_tables_name(db: Database) -> None:
    lines = [schema(id="integer"), schema("_bizops_new_s", id="integer")]
    assert db.load(lines, **OVERWRITE).status == 2


def test_r80_hard_deletes_of_the_tap_are_heeded_among_the_new_rows(
    db: Database,
) -> None:
    at = {"type": ["null", "string"], "format": "date-time"}
    lines = [schema(id="integer", _sdc_deleted_at=at)]
    lines += [record(id=n) for n in range(3)]
    lines += [record(id=1, _sdc_deleted_at="2024-01-01T00:00:00Z")]
    assert db.load(lines, hard_delete=True, load_method="overwrite").status == 0
    assert db.rows("s", "id") == [("0",), ("2",)]
