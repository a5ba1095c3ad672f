"""Catalogue B: rows and keys."""

from __future__ import annotations

from hashlib import sha256

import pytest
from target_runs import Database, raw_record, record, schema, state


@pytest.mark.parametrize("batch_size_rows", [1, 3, 1000])
def test_r20_r21_of_one_key_many_times_the_last_record_wins(
    db: Database, batch_size_rows: int
) -> None:
    lines = [schema(id="integer", v="integer")]
    lines += [record(id=n % 2, v=n) for n in range(10)]
    assert db.load(lines, batch_size_rows=batch_size_rows).status == 0
    assert db.rows("s", "id", "v") == [("0", "8"), ("1", "9")]


def test_r20_the_last_wins_when_the_key_is_a_number_written_in_two_ways(
    db: Database,
) -> None:
    lines = [schema(id="number", v="integer")]
    texts = ["1", "1.0", "10e-1", "2", "1.00", "2.0"]
    lines += [raw_record(f'{{"id": {t}, "v": {n}}}') for n, t in enumerate(texts)]
    assert db.load(lines).status == 0
    assert db.execute("select v from raw.s order by id") == [(4,), (5,)]


@pytest.mark.parametrize("is_filled", [False, True])
def test_r20_the_last_wins_when_the_key_is_a_time_in_two_zones(
    db: Database, *, is_filled: bool
) -> None:
    at = {"type": "string", "format": "date-time"}
    lines = [schema(keys=["at"], at=at, v="integer")]
    if is_filled:
        db.load([*lines, record(at="2020-01-01T00:00:00Z", v=-1)])
    lines += [
        record(at="2024-01-01T00:00:00Z", v=1),
        record(at="2024-01-01T05:00:00+05:00", v=2),
    ]
    assert db.load(lines).status == 0
    assert ("2024-01-01 00:00:00+00", "2") in db.rows("s", "at", "v")
    assert db.count("s") == 1 + is_filled


def test_r20_the_last_wins_for_uuid_and_json_keys_written_in_two_ways(
    db: Database,
) -> None:
    key = {"type": "string", "format": "uuid"}
    lines = [schema(keys=["k", "j"], k=key, j="object", v="integer")]
    low = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    lines += [
        record(k=low, j={"a": 1, "b": 2}, v=1),
        record(k=low.upper(), j={"b": 2, "a": 1}, v=2),
    ]
    assert db.load(lines).status == 0
    assert db.rows("s", "k", "v") == [(low, "2")]


def test_r22_a_missing_key_stops_with_3(db: Database) -> None:
    outcome = db.run([schema(id="integer", v="string"), record(v="secret-value")])
    assert outcome.status == 3
    assert "'id'" in outcome.message
    assert "line 2" in outcome.message
    assert "secret-value" not in outcome.message


@pytest.mark.parametrize("kind", ["integer", "string", "number", "object", "boolean"])
def test_r23_a_null_key_stops_with_3(db: Database, kind: str) -> None:
    outcome = db.load([schema(id=kind), record(id=None)])
    assert outcome.status == 3
    assert "key property is null" in outcome.message


def test_r24_a_required_property_may_be_missing_unless_records_are_validated(
    db: Database,
) -> None:
    line = schema(id="integer", v="string")
    line["schema"]["required"] = ["v"]
    assert db.load([line, record(id=1)]).status == 0
    assert db.rows("s", "id", "v") == [("1", None)]
    outcome = db.load([line, record(id=2)], validate_records=True)
    assert outcome.status == 3
    assert "'v'" in outcome.message


def test_r25_without_a_key_every_run_appends(db: Database) -> None:
    lines = [schema(keys=[], v="integer"), record(v=1), record(v=1), record(v=2)]
    for _ in range(2):
        assert db.load(lines).status == 0
    assert [v for (v,) in db.rows("s", "v")] == ["1"] * 4 + ["2"] * 2


def test_r26_a_composite_key_updates_one_row(db: Database) -> None:
    head = schema(
        keys=["a", "b", "c"], a="string", b="integer", c="boolean", v="string"
    )
    lines = [record(a="x", b=b, c=c, v="old") for b in (1, 2) for c in (True, False)]
    assert db.load([head, *lines]).status == 0
    assert db.load([head, record(a="x", b=2, c=True, v="new")]).status == 0
    assert db.rows("s", "v", "b", "c") == [
        ("new", "2", "true"),
        ("old", "1", "false"),
        ("old", "1", "true"),
        ("old", "2", "false"),
    ]


def test_keys_that_read_the_same_when_joined_are_two_rows(db: Database) -> None:
    head = schema(keys=["a", "b"], a="string", b="string")
    lines = [record(a="a,b", b="c"), record(a="a", b="b,c"), record(a="a\tb", b="c")]
    assert db.load([head, *lines]).status == 0
    assert db.count("s") == 3


def test_r27_a_rerun_of_the_same_stream_changes_nothing(db: Database) -> None:
    lines = [schema(id="integer", v="string", n="number", o="object")]
    lines += [record(id=n % 7, v=f"v{n}", n=n / 4, o={"n": n}) for n in range(20)]
    columns = ("id", "v", "n", "o", "_sdc_deleted_at", "_sdc_extracted_at")
    assert db.load(lines).status == 0
    first = db.rows("s", *columns)
    assert db.load(lines).status == 0
    assert db.rows("s", *columns) == first
    assert len(first) == 7


def test_r28_a_large_number_is_a_key(db: Database) -> None:
    lines = [schema(id="number"), raw_record('{"id": 99999999999999999999.5}')]
    for _ in range(2):
        assert db.load(lines).status == 0
    assert db.rows("s", "id") == [("99999999999999999999.5",)]


def test_r29_a_key_too_long_for_an_index_stops_with_4(db: Database) -> None:
    # Digits of hashes: an index compresses what repeats.
    key = "".join(sha256(str(n).encode()).hexdigest() for n in range(150))
    lines = [schema(id="string", v="integer"), record(id="a", v=1), record(id=key, v=2)]
    outcome = db.load(lines)
    assert outcome.status == 4
    assert "'s'" in outcome.message
    assert db.execute("select to_regclass('raw.s')") == [(None,)]


def test_r30_trailing_spaces_and_unicode_forms_are_other_keys(db: Database) -> None:
    keys = ["a", "a ", "\u00e9", "e\u0301", "A"]
    lines = [schema(id="string"), *[record(id=key) for key in keys]]
    for _ in range(2):
        assert db.load(lines).status == 0
    assert {key for (key,) in db.rows("s", "id")} == set(keys)


def test_r31_users_and_locations_upsert(db: Database) -> None:
    users, places = schema("u", id="string", n="string"), schema("p", id="string")
    first = [users, places]
    first += [record("u", id=f"u{i}", n=f"name {i}") for i in range(5)]
    first += [record("p", id=f"p{i}") for i in range(3)]
    second = [users, places, record("u", id="u1", n="new"), record("u", id="u9", n="9")]
    second += [record("p", id="p1"), state({"done": True})]
    assert db.load(first).status == 0
    assert db.load(second).state == {"done": True}
    assert db.rows("u", "id", "n") == [
        ("u0", "name 0"),
        ("u1", "new"),
        ("u2", "name 2"),
        ("u3", "name 3"),
        ("u4", "name 4"),
        ("u9", "9"),
    ]
    assert db.count("p") == 3


def test_r32_a_property_left_out_later_becomes_null(db: Database) -> None:
    lines = [schema(id="integer", v="string"), record(id=1, v="x"), record(id=1)]
    assert db.load(lines).status == 0
    assert db.rows("s", "id", "v") == [("1", None)]


def test_r33_a_property_outside_the_schema_is_left_out_with_one_warning(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [schema(id="integer"), *[record(id=n, extra=n) for n in range(5)]]
    assert db.load(lines).status == 0
    assert db.count("s") == 5
    assert "extra" not in db.types("s")
    assert caplog.text.count("'extra'") == 1


def test_many_streams_interleaved_line_by_line_all_arrive(db: Database) -> None:
    names = [f"s{i}" for i in range(30)]
    lines = [schema(name, id="integer", v="string") for name in names]
    lines += [record(name, id=n, v=name) for n in range(20) for name in names]
    assert db.load(lines, batch_size_rows=50).status == 0
    for name in names:
        assert db.count(name) == 20


def test_interleaved_streams_with_equal_line_starts_do_not_mix(db: Database) -> None:
    lines = [schema("a", id="integer"), schema("b", id="integer")]
    for n in range(600):
        name = "a" if n % 3 else "b"
        lines.append(
            f'{{"type": "RECORD", "record": {{"id": {n}}}, "stream": "{name}"}}'
        )
    assert db.load(lines).status == 0
    assert (db.count("a"), db.count("b")) == (400, 200)


def test_the_sequence_rises_with_each_row_and_run(db: Database) -> None:
    head = schema(keys=[], v="integer")
    for run in range(2):
        lines = [record(v=run * 500 + n) for n in range(500)]
        assert db.load([head, *lines]).status == 0
    values = db.execute("select v from raw.s order by _sdc_sequence")
    assert [v for (v,) in values] == list(range(1000))
