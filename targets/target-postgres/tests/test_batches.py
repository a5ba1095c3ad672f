"""BATCH messages: the records of files, in place of the message."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from target_runs import Database, as_bytes, record, run_command, schema, state

TAP = Path(__file__).parent / "batch_tap.py"
AT = "2024-05-01T10:00:00Z"


def write_file(path: Path, records: list[Any], *, compression: str = "gzip") -> str:
    lines = [each if isinstance(each, bytes) else as_bytes(each) for each in records]
    content = b"".join(line + b"\n" for line in lines)
    path.write_bytes(gzip.compress(content) if compression == "gzip" else content)
    return path.as_uri()


def batch(*urls: str, compression: str | None = "gzip", **more: Any) -> dict[str, Any]:
    encoding = {"format": "jsonl", "compression": compression}
    message = {"type": "BATCH", "stream": "s", "encoding": encoding, "manifest": urls}
    return {**message, **more}


HEAD = schema(id="integer", v="string")
KEYLESS = schema(keys=[], v="integer")


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_the_records_of_a_file_are_written_like_records(
    db: Database, tmp_path: Path, compression: str
) -> None:
    records: list[Any] = [{"id": n, "v": f"a\tb\\{n}"} for n in range(5000)]
    records += [b"", {"id": 7, "v": "last"}]
    url = write_file(tmp_path / "b 1.jsonl", records, compression=compression)
    message = batch(url, compression=compression, time_extracted=AT, version=3)
    lines = [HEAD, record(id=1, v="first"), message, record(id=2, v="after")]
    outcome = db.load([*lines, state({"n": 1})], batch_size_rows=700)
    assert outcome.states == ['{"n": 1}']
    assert db.count("s") == 5000
    found = dict(db.execute("select id, v from raw.s where id < 4 or id = 7"))
    assert found == {0: "a\tb\\0", 1: "a\tb\\1", 2: "after", 3: "a\tb\\3", 7: "last"}
    assert db.execute(
        "select distinct _sdc_extracted_at::text, _sdc_table_version from raw.s"
        " where id > 2"
    ) == [("2024-05-01 10:00:00+00", 3)]
    sequences = db.execute(
        "select count(distinct _sdc_sequence), bool_and(_sdc_sequence > before)"
        " from (select id, _sdc_sequence, lag(_sdc_sequence, 1, 0::bigint)"
        " over (order by id) as before from raw.s where id > 7) as s"
    )
    assert sequences == [(4992, True)]


def test_order_holds_across_records_files_schemas_and_states(
    db: Database, tmp_path: Path
) -> None:
    first = write_file(tmp_path / "1", [{"id": 1, "v": "b"}])
    second = write_file(tmp_path / "2", [{"id": 1, "v": "c"}, {"id": 2, "v": "c"}])
    third = write_file(tmp_path / "3", [{"id": 2, "v": 2.5, "w": True}])
    lines = [HEAD, record(id=1, v="a"), batch(first, second), record(id=1, v="d")]
    lines += [schema(id="integer", v="number", w="boolean"), batch(third)]
    assert db.load([*lines, state({"n": 1})]).state == {"n": 1}
    assert db.rows("s", "id", "v", "w") == [("1", "d", None), ("2", "2.5", "true")]


@pytest.mark.parametrize("point", ["after_copy", "before_commit", "after_commit"])
def test_killed_between_files_rows_and_state_agree(
    db: Database, tmp_path: Path, point: str
) -> None:
    lines: list[Any] = [KEYLESS]
    for number in range(6):
        values = range(number * 100, number * 100 + 100)
        url = write_file(tmp_path / str(number), [{"v": v} for v in values])
        lines += [batch(url), state({"n": number + 1})]
    settings = {"state_id": "x", "batch_size_rows": 150}
    environment = {"BIZOPS_FAULT": f"{point}:2"}
    assert db.run(lines, environment=environment, **settings).status == -9
    stored = [v for (v,) in db.execute("select v from raw.s order by v")]
    covered = db.execute("select value from bizops.state")[0][0]["n"]
    assert stored == list(range(100 * covered))
    rest = [KEYLESS, *lines[1 + 2 * covered :]]
    assert db.run(rest, **settings).state == {"n": 6}
    assert [v for (v,) in db.execute("select v from raw.s order by v")] == list(
        range(600)
    )


@pytest.mark.parametrize(
    ("asks", "settings", "stays"),
    [
        (False, {}, True),
        (True, {}, False),
        (False, {"remove_batch_files": True}, False),
    ],
)
def test_files_are_removed_only_when_asked_and_once_a_state_covers_them(
    db: Database, tmp_path: Path, asks: bool, settings: dict[str, Any], stays: bool
) -> None:
    paths = [tmp_path / str(number) for number in range(3)]
    urls = [write_file(path, [{"id": 1, "v": "x"}]) for path in paths]
    messages = [batch(url, remove_files=asks) for url in urls]
    lines = [HEAD, messages[0], state({"n": 1}), messages[1]]
    assert db.load([*lines, "garbage"], batch_size_rows=1, **settings).status == 3
    assert [path.exists() for path in paths] == [stays, True, True]
    assert db.load([HEAD, messages[1], messages[2]], **settings).status == 0
    assert [path.exists() for path in paths] == [stays, stays, stays]


def damaged(path: Path) -> str:
    path.write_bytes(path.read_bytes()[:-20])
    return path.as_uri()


@pytest.mark.parametrize("case", ["missing", "truncated", "not gzip", "folder"])
def test_a_file_that_cannot_be_read_whole_stops_with_3_and_its_name(
    db: Database, tmp_path: Path, case: str
) -> None:
    path = tmp_path / "the-file.jsonl.gz"
    if case == "folder":
        path.mkdir()
    elif case != "missing":
        records = [{"id": n, "v": "x" * 50} for n in range(3000)]
        compression = "none" if case == "not gzip" else "gzip"
        write_file(path, records, compression=compression)
        if case == "truncated":
            damaged(path)
    lines = [HEAD, state({"n": 1}), batch(path.as_uri()), state({"n": 2})]
    outcome = db.run(lines, batch_size_rows=100)
    assert outcome.status == 3
    assert str(path) in outcome.message
    assert "Traceback" not in outcome.message
    assert '{"n": 2}' not in outcome.states


def test_a_wrong_record_names_the_file_and_its_line(
    db: Database, tmp_path: Path
) -> None:
    good = [{"id": n, "v": "x"} for n in range(3)]
    url = write_file(tmp_path / "part-7.gz", [*good, {"id": "secret value"}])
    outcome = db.load([HEAD, record(id=9), batch(url)])
    assert outcome.status == 3
    assert "field 'id', file part-7.gz, line 4" in outcome.message
    assert "secret" not in outcome.message
    outcome = db.load([HEAD, batch(write_file(tmp_path / "b", [b"not json"]))])
    assert "file b, line 1" in outcome.message
    shape = schema(id="integer", v={"type": "string", "format": "date-time"})
    late = write_file(tmp_path / "c", [{"id": 1, "v": "2024-02-30"}])
    outcome = db.load([shape, record(id=5), batch(late), record(id=6)])
    assert outcome.status == 3
    assert "file c, line 1" in outcome.message


def test_lines_after_a_file_keep_their_own_numbers(
    db: Database, tmp_path: Path
) -> None:
    url = write_file(tmp_path / "a", [{"id": n} for n in range(50)])
    outcome = db.load([HEAD, batch(url), record(id=1), record(id="x")])
    assert "field 'id', line 4" in outcome.message


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (batch("s3://bucket/a.jsonl.gz"), "file: URLs only"),
        (batch("relative.jsonl"), "file: URLs only"),
        (batch("file://elsewhere/a.jsonl"), "file: URLs only"),
        (batch("file:///a", encoding={"format": "parquet"}), "'parquet'"),
        (batch("file:///a", compression="zstd"), "'zstd'"),
        ({"type": "BATCH", "stream": "s"}, "without encoding or manifest"),
        (batch("file:///a", manifest="file:///a"), "not understood"),
        (batch(time_extracted="yesterday"), "time_extracted"),
        (batch(version="x"), "version is not a whole number"),
        (batch(stream="other"), "before the SCHEMA"),
    ],
)
def test_a_batch_that_is_not_understood_stops_with_3(
    db: Database, message: dict[str, Any], says: str
) -> None:
    outcome = db.load([HEAD, message])
    assert outcome.status == 3
    assert says in outcome.message


def test_wrong_records_of_a_file_may_be_set_aside(db: Database, tmp_path: Path) -> None:
    records = [{"id": 1, "v": "a"}, {"id": "wrong"}, {"id": None}, {"id": 2, "v": "b"}]
    url = write_file(tmp_path / "a", records)
    assert db.load([HEAD, batch(url)], on_bad_record="quarantine").status == 0
    assert db.rows("s", "id", "v") == [("1", "a"), ("2", "b")]
    assert db.execute("select line, field from raw._bizops_rejects order by line") == [
        (2, "id"),
        (3, "id"),
    ]


def test_about_declares_batches(db: Database) -> None:
    about = json.loads(run_command("--about", "--format=json").stdout)
    assert "batch" in about["capabilities"]
    assert "remove_batch_files" in about["settings"]["properties"]


def test_a_tap_on_the_singer_sdk_that_sends_batches_is_loaded(
    db: Database, tmp_path: Path
) -> None:
    files = tmp_path / "batches"
    files.mkdir()
    encoding = {"format": "jsonl", "compression": "gzip"}
    config = {
        "rows": 25,
        "batch_config": {
            "encoding": encoding,
            "storage": {"root": files.as_uri(), "prefix": "t-"},
            "batch_size": 10,
        },
    }
    path = tmp_path / "tap.json"
    path.write_text(json.dumps(config))
    tapped = subprocess.run(
        [sys.executable, str(TAP), "--config", str(path)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert tapped.stdout.count(b'"BATCH"') == 3
    outcome = db.run(tapped.stdout.splitlines(), remove_batch_files=True)
    assert outcome.status == 0, outcome.message
    assert outcome.state["bookmarks"]["things"]
    assert db.count("things") == 25
    assert db.execute(
        "select name, amount::text, at::text, tags, place from raw.things"
        " where id in (3, 4) order by id"
    ) == [
        ("Zoë\t3\\", "0.75", "2023-12-31 19:00:00+00", ["a", "b"], {"city": "Łódź"}),
        ("Zoë\t4\\", "1.0", "2023-12-31 19:00:00+00", ["a", "b"], None),
    ]
    assert list(files.iterdir()) == []
