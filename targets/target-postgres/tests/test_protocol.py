"""Catalogue A: protocol and state."""

from __future__ import annotations

import json
from typing import Any

import pytest
from target_runs import Database, raw_record, record, schema, state


def test_r01_empty_input_needs_no_database(db: Database) -> None:
    outcome = db.run([], url="postgresql://nobody@127.0.0.1:1/none")
    assert (outcome.status, outcome.states) == (0, [])


def test_r02_a_schema_alone_makes_an_empty_table_with_its_key(db: Database) -> None:
    assert db.load([schema(id="integer", name="string")]).status == 0
    assert db.count("s") == 0
    assert db.types("s")["id"] == "bigint"
    keys = db.execute(
        "select count(*) from pg_index where indrelid = 'raw.s'::regclass"
        " and indisprimary"
    )
    assert keys == [(1,)]


def test_r03_a_record_before_its_schema_stops_with_3(db: Database) -> None:
    outcome = db.run([state({}), record("lost", id=1)])
    assert outcome.status == 3
    assert "'lost'" in outcome.message
    assert "line 2" in outcome.message
    assert "Traceback" not in outcome.message


def test_r04_a_schema_without_properties_stops_with_3(db: Database) -> None:
    line = {"type": "SCHEMA", "stream": "s", "schema": {"type": "object"}}
    assert db.load([line]).status == 3


def test_r04_an_empty_properties_object_is_allowed(db: Database) -> None:
    assert db.load([schema(keys=[]), record(), record()]).status == 0
    assert db.count("s") == 2


def test_r05_a_schema_without_key_properties_appends(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [schema(keys=None, id="integer"), record(id=1), record(id=1)]
    assert db.load(lines).status == 0
    assert db.count("s") == 2
    assert "key_properties" in caplog.text


def test_r06_a_key_that_is_no_property_stops_with_3(db: Database) -> None:
    outcome = db.load([schema(keys=["nope"], id="integer")])
    assert outcome.status == 3
    assert "'nope'" in outcome.message


def test_r07_an_unknown_message_type_stops_with_3(db: Database) -> None:
    outcome = db.load([{"type": "GOSSIP"}])
    assert outcome.status == 3
    assert "'GOSSIP'" in outcome.message


def test_r08_blank_lines_carriage_returns_and_a_byte_order_mark_are_taken(
    db: Database,
) -> None:
    lines = [
        b"\xef\xbb\xbf" + json.dumps(schema(id="integer")).encode() + b"\r",
        b"",
        b"  \r",
        json.dumps(record(id=1)).encode() + b"\r",
        json.dumps(record(id=2)).encode() + b"\r",
    ]
    outcome = db.run(lines)
    assert outcome.status == 0, outcome.message
    assert db.rows("s", "id") == [("1",), ("2",)]


@pytest.mark.parametrize("kind", ["string", "object", "integer"])
def test_r09_invalid_utf8_stops_with_3_and_the_offset(db: Database, kind: str) -> None:
    line = b'{"type": "RECORD", "stream": "s", "record": {"id": 1, "v": "\xff"}}'
    outcome = db.load([schema(id="integer", v=kind), line])
    assert outcome.status == 3
    assert f"byte {line.index(0xFF)} of the line" in outcome.message
    assert db.execute("select to_regclass('raw.s')") == [(None,)]


def test_r10_extra_attributes_are_taken_and_time_extracted_is_kept(
    db: Database,
) -> None:
    line = {
        **record(id=1),
        "time_extracted": "2024-05-01T10:00:00+02:00",
        "version": 7,
        "extra": {"a": [1]},
    }
    assert db.load([schema(id="integer"), line]).status == 0
    assert db.rows("s", "_sdc_extracted_at", "_sdc_table_version") == [
        ("2024-05-01 08:00:00+00", "7")
    ]


def test_r11_of_six_states_the_last_is_told_once_all_before_it_is_committed(
    db: Database,
) -> None:
    lines = [schema("a", id="integer"), schema("b", id="integer")]
    for n in range(6):
        lines += [record("a", id=n), record("b", id=n), state({"n": n})]
    outcome = db.load([*lines, record("a", id=99)])
    assert outcome.states == ['{"n": 5}']
    assert (db.count("a"), db.count("b")) == (7, 6)


def test_r12_a_state_never_covers_rows_of_another_stream_not_yet_written(
    db: Database,
) -> None:
    lines = [schema("a", id="integer"), schema("b", id="integer"), record("a", id=1)]
    lines.append(state({"a": 1}))
    lines += [record("b", id=n) for n in range(25)]
    outcome = db.load([*lines, "garbage"], batch_size_rows=10)
    assert outcome.status == 3
    assert outcome.state == {"a": 1}
    assert db.rows("a", "id") == [("1",)]


def test_r14_no_state_in_no_output(db: Database) -> None:
    outcome = db.run([schema(id="integer"), record(id=1)])
    assert (outcome.status, outcome.states) == (0, [])


def test_r15_an_error_before_the_first_flush_says_nothing_on_stdout(
    db: Database,
) -> None:
    outcome = db.run([schema(id="integer"), record(id=1), state({"n": 1}), "{"])
    assert (outcome.status, outcome.states) == (3, [])
    assert "line 4" in outcome.message


def test_r16_states_before_an_error_stay_and_none_comes_after(db: Database) -> None:
    lines = [schema(id="integer")]
    for n in range(30):
        lines += [record(id=n), state({"n": n})]
    outcome = db.load([*lines, record(id=None)], batch_size_rows=10)
    assert outcome.status == 3
    last = outcome.state["n"]
    assert db.count("s") > last >= 9


def test_r17_the_last_of_equal_states_is_told(db: Database) -> None:
    outcome = db.load([schema(id="integer"), *[state({"n": 1})] * 5])
    assert set(outcome.states) == {'{"n": 1}'}


def test_r17_a_state_is_told_to_the_letter(db: Database) -> None:
    value = '{"n":1.10, "big": 123456789012345678901234567890, "t": "\\u00e9\\u0000"}'
    outcome = db.load([f'{{"type": "STATE", "value": {value}}}'])
    assert outcome.states == [value]


def test_r19_a_closed_stdout_ends_with_an_error_after_the_commit(
    db: Database,
) -> None:
    process = db.start()
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    lines = [schema(id="integer"), record(id=1), state({"n": 1})]
    process.stdin.write(b"".join(json.dumps(x).encode() + b"\n" for x in lines))
    process.stdin.close()
    message = process.stderr.read().decode()
    assert process.wait(timeout=30) == 1
    assert "Traceback" not in message
    assert db.rows("s", "id") == [("1",)]


def test_a_half_last_line_stops_with_3_and_writes_nothing_after_the_last_batch(
    db: Database,
) -> None:
    outcome = db.load(
        [schema(id="integer"), record(id=1), state({"n": 1}), '{"type": "RECORD", "st']
    )
    assert (outcome.status, outcome.states) == (3, [])


def test_a_last_line_without_an_end_is_a_line(db: Database) -> None:
    process = db.start()
    lines = [schema(id="integer"), record(id=1)]
    out, _ = process.communicate("\n".join(map(json.dumps, lines)).encode(), timeout=30)
    assert process.returncode == 0
    assert db.count("s") == 1
    assert out == b""


def test_a_line_longer_than_allowed_stops_with_3(db: Database) -> None:
    long_line = raw_record('{"id": 1, "v": "' + "x" * 5000 + '"}')
    lines = [schema(id="integer", v="string"), long_line]
    outcome = db.run(lines, max_line_bytes=4000)
    assert outcome.status == 3
    assert "line 2" in outcome.message


def test_r18_every_line_of_output_is_a_whole_state_and_the_last_one_counts(
    db: Database,
) -> None:
    lines: list[Any] = [schema(id="integer")]
    for n in range(30):
        value = {"bookmarks": {"s": {"n": n, "text": "line\nend\u2028", "x": 1.10}}}
        lines += [record(id=n), state(value)]
    outcome = db.run(lines, batch_size_rows=7)
    assert outcome.status == 0
    told = [json.loads(line)["bookmarks"]["s"]["n"] for line in outcome.states]
    assert len(told) > 1
    assert told == sorted(told)
    assert told[-1] == 29
