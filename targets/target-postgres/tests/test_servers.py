"""Servers that restart, run full, are old, or are set up in unusual ways (F4, F5, F14).

Each has a server of its own, because it changes what belongs to the whole server.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from own_server import NEWEST, OwnServer, installations
from target_runs import Database, as_bytes, raw_record, record, schema, state

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = {"state_id": "x", "run_id": "r", "batch_size_rows": 100}


@pytest.fixture
def server() -> Iterator[OwnServer]:
    made = OwnServer(NEWEST)
    made.start()
    yield made
    made.remove()


def database(server: OwnServer, folder: Path) -> Database:
    config = {"url": server.url, "default_target_schema": "raw"}
    return Database(server.url, folder, config)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_f4_a_server_that_restarts_mid_run_costs_no_row_and_doubles_none(
    server: OwnServer, tmp_path: Path, mode: str
) -> None:
    db = database(server, tmp_path)
    process = db.start(**RUN)
    assert process.stdin
    lines: list[Any] = [schema("log", keys=[], v="integer"), schema(id="integer")]
    for number in range(4000):
        lines += [record("log", v=number), record(id=number % 70)]
        if number % 10 == 9:
            lines.append(state({"n": number + 1}))
    parts = [as_bytes(line) + b"\n" for line in lines]
    third = len(parts) // 3
    process.stdin.writelines(parts[:third])
    process.stdin.flush()
    restarting = threading.Thread(target=server.restart, args=(mode,))
    restarting.start()
    process.stdin.writelines(parts[third : 2 * third])
    process.stdin.flush()
    restarting.join()
    out, err = process.communicate(b"".join(parts[2 * third :]), timeout=60)
    assert process.returncode == 0, err
    assert out.splitlines()[-1] == b'{"n": 4000}'
    assert [v for (v,) in db.execute("select v from raw.log order by v")] == list(
        range(4000)
    )
    assert db.count("s") == 70
    assert db.execute("select value from bizops.state") == [({"n": 4000},)]


def test_f4_a_server_that_is_gone_for_good_ends_with_5(
    server: OwnServer, tmp_path: Path
) -> None:
    db = database(server, tmp_path)
    lines = [schema(id="integer"), record(id=1), state({"n": 1})]
    assert db.load(lines, connect_attempts=1).status == 0
    server.remove()
    outcome = db.load(lines, connect_attempts=2)
    assert (outcome.status, outcome.states) == (5, [])


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 32 MB; only root can make one."""
    folder = Path(tempfile.mkdtemp(prefix="small-disk-", dir="/tmp"))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, b"size=32m") != 0:
        folder.rmdir()
        pytest.skip(f"a small disk needs rights: {os.strerror(ctypes.get_errno())}")
    yield folder
    libc.umount2(bytes(folder), 2)
    folder.rmdir()


def test_f5_a_full_disk_ends_with_4_and_the_run_goes_on_once_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    server = OwnServer(NEWEST)
    space = small_disk / "space"
    space.mkdir()
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(6 * 1024 * 1024))
    info = server.data.stat()
    for folder in (small_disk, space):
        os.chown(folder, info.st_uid, info.st_gid)
    try:
        server.start()
        server.execute(f"create tablespace small location '{space}'")
        server.execute("create database d tablespace small")
        db = database(server, tmp_path)
        db.url = db.config["url"] = server.url.replace("/postgres", "/d")
        head = schema(keys=[], v="integer", text="string")
        rows = [record(v=n) for n in range(2500)]
        for row in rows:
            # Not to be compressed away.
            row["record"]["text"] = secrets.token_urlsafe(10_000)
        lines = [head]
        for number, row in enumerate(rows):
            lines += [row, state({"n": number + 1})] if number % 50 == 49 else [row]
        outcome = db.load(lines, **RUN)
        assert outcome.status == 4
        assert "53100" in outcome.message
        covered = outcome.state["n"]
        assert db.count("s") == covered
        assert 0 < covered < 2500
        ballast.unlink()
        rest = [head, *rows[covered : covered + 100], state({"n": covered + 100})]
        assert db.load(rest, **RUN).status == 0
        assert db.count("s") == covered + 100
    finally:
        server.remove()


def test_f5_what_the_server_says_of_a_full_disk_is_passed_on(db: Database) -> None:
    lines = [schema(id="integer"), record(id=1), state({"n": 1})]
    assert db.load(lines).status == 0
    db.execute(
        "create function public.full() returns trigger language plpgsql as"
        " $$begin raise 'no space' using errcode = '53100'; end$$;"
        " create trigger t before insert on raw.s execute function public.full()"
    )
    outcome = db.load(lines)
    assert (outcome.status, outcome.states) == (4, [])
    assert "no space [53100]" in outcome.message


@pytest.mark.parametrize(
    "programs", installations(), ids=[f"{n}" for n in range(len(installations()))]
)
def test_f14_every_version_at_hand_stores_the_same(
    programs: Path, tmp_path: Path
) -> None:
    server = OwnServer(programs)
    server.configure("timezone = 'Asia/Kolkata'", "datestyle = 'sql, dmy'")
    server.start()
    try:
        check_version(database(server, tmp_path))
    finally:
        server.remove()


def check_version(db: Database) -> None:
    at = {"type": "string", "format": "date-time"}
    head = schema(id="integer", n="number", at=at, o="object", t="string")
    lines: list[Any] = [head, schema("log", keys=[], v="integer")]
    lines += [raw_record('{"id": 1, "n": 1.10, "at": "2024-01-01T00:00:00"}')]
    lines += [raw_record('{"id": 2, "n": NaN, "o": {"a": "\\u0000"}, "t": "é\\n"}')]
    lines += [raw_record('{"id": 3, "n": -Infinity}'), record("log", v=1)]
    assert db.load([*lines, state({"n": 1})], **RUN).states == ['{"n": 1}']
    later = [schema(id="integer", n="string", new="boolean"), record(id=3, new=True)]
    later += [schema("log", keys=[], v="integer"), record("log", v=2.5)]
    process = db.run([*later, state({"n": 2})], **RUN)
    assert process.states == ['{"n": 2}'], process.message
    for _ in range(2):
        swapped = [schema("swapped", id="integer"), record("swapped", id=1)]
        assert db.load(swapped, load_method="overwrite").status == 0
    assert db.rows("s", "id", "n", "at", "o", "t", "new") == [
        ("1", "1.10", "2024-01-01 00:00:00+00", None, None, None),
        ("2", "NaN", None, '{"a": "\ufffd"}', "é\n", None),
        ("3", None, None, None, None, "true"),
    ]
    assert db.rows("log", "v") == [("1",), ("2.5",)]
    assert db.count("swapped") == 1
    assert db.execute("select value from bizops.state") == [({"n": 2},)]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_f14_a_database_that_is_not_utf8_is_refused(
    db: Database, encoding: str
) -> None:
    name = f"other_{encoding.lower()}_{os.getpid()}"
    connection = psycopg2.connect(db.url)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(
        f"create database {name} encoding '{encoding}' template template0"
        " locale_provider libc lc_collate 'C' lc_ctype 'C'"
    )
    try:
        url = f"{db.url.rpartition('/')[0]}/{name}"
        outcome = db.load([schema(id="integer"), record(id=1)], url=url)
        assert outcome.status == 2
        assert f"encoding is {encoding}" in outcome.message
    finally:
        cursor.execute(f"drop database {name}")
        connection.close()
