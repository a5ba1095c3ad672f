"""BATCH files of COPY text hold what the same records as lines would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from copy_writer import Digits, copy_batch, write_copy_file, write_lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from target_runs import Database, raw_record, record, run_command, schema, state

from target_postgres.copy_columns import UnfitBlockError
from target_postgres.copy_files import CopyFile

if TYPE_CHECKING:
    from pathlib import Path

AT = "2024-05-01T10:00:00Z"
PROPERTIES: dict[str, dict[str, Any]] = {
    "id": {"type": "integer"},
    "text": {"type": ["null", "string"]},
    "whole": {"type": ["null", "integer"]},
    "small": {"type": ["null", "integer"], "minimum": 0, "maximum": 100},
    "number": {"type": ["null", "number"]},
    "exact": {
        "type": ["null", "string"],
        "format": "x-singer.decimal",
        "precision": 12,
        "scale": 2,
    },
    "yes": {"type": ["null", "boolean"]},
    "day": {"type": ["null", "string"], "format": "date"},
    "at": {"type": ["null", "string"], "format": "date-time"},
    "clock": {"type": ["null", "string"], "format": "time"},
    "uuid": {"type": ["null", "string"], "format": "uuid"},
    "json": {"type": ["null", "object", "array", "string"]},
    "mixed": {"type": ["null", "string", "integer", "boolean"]},
}
NAMES = list(PROPERTIES)
HEAD = schema(**PROPERTIES)
STORED = [*NAMES, "_sdc_extracted_at", "_sdc_table_version"]


def as_lines(records: list[dict[str, Any]]) -> list[Any]:
    """The same records as RECORD messages, numbers with the digits given."""
    lines = []
    for each in records:
        fields = [
            f"{json.dumps(name)}:"
            f" {value if isinstance(value, Digits) else json.dumps(value)}"
            for name, value in each.items()
        ]
        message = raw_record("{" + ", ".join(fields) + "}")
        lines.append(f'{message[:-1]}, "time_extracted": "{AT}", "version": 3}}')
    return lines


def load_both(
    db: Database, path: Path, records: list[dict[str, Any]], **options: Any
) -> tuple[Any, Any]:
    """Load records as lines and as a file; give status, types and rows of both."""
    outcomes = []
    url = write_copy_file(path, records, PROPERTIES, names=options.pop("names", None))
    file = copy_batch(url, time_extracted=AT, version=3)
    for lines in (as_lines(records), [file]):
        db.execute("drop schema if exists raw cascade")
        outcome = db.load([HEAD, *lines, state({"n": 1})], **options)
        stored: Any = None
        if outcome.status == 0:
            stored = (db.types("s"), db.rows("s", *STORED))
        outcomes.append((outcome.status, outcome.states, stored))
    return outcomes[0], outcomes[1]


VALUES: list[tuple[str, Any]] = [
    ("text", ""),
    ("text", "a\tb\nc\rd\\e\\N\\.\x08"),
    ("text", "\\N"),
    ("text", "null"),
    ("text", "NUL\0NUL"),
    ("text", "zażółć 🙂 \u2028"),
    ("text", "\ufeffmark"),
    ("text", "\ud800"),
    ("text", 7),
    ("text", Digits("1.10")),
    ("whole", 2**63 - 1),
    ("whole", 2**63),
    ("whole", Digits("7.0")),
    ("whole", Digits("7.5")),
    ("whole", Digits("-0")),
    ("whole", "7"),
    ("whole", "x"),
    ("whole", True),
    ("small", 32768),
    ("small", -5),
    ("number", Digits("12345678901234567890.123456789012345678901")),
    ("number", Digits("1e400")),
    ("number", Digits("1e-30")),
    ("number", Digits("1e200000")),
    ("number", Digits("NaN")),
    ("number", Digits("-Infinity")),
    ("number", "1_000"),
    ("number", "0x1F"),
    ("exact", "1234567890.12"),
    ("exact", "1.100"),
    ("exact", "1.125"),
    ("exact", "12345678901.1"),
    ("exact", ""),
    ("yes", True),
    ("yes", "t"),
    ("yes", 1),
    ("day", "2024-02-29"),
    ("day", "2024-02-30"),
    ("day", "2024-02-29T10:00:00Z"),
    ("day", "today"),
    ("at", "2024-01-01T00:00:00+05:00"),
    ("at", "0001-01-01T00:00:00Z"),
    ("at", "2024-01-01T00:00:00.1234567Z"),
    ("at", "2024-01-01T00:00:00.1234560Z"),
    ("at", "infinity"),
    ("at", "now"),
    ("at", "yesterday"),
    ("clock", "10:00:00"),
    ("clock", "10:00:00+02"),
    ("clock", "24:00:01"),
    ("uuid", "6F9619FF-8B86-D011-B42D-00C04FC964FF"),
    ("uuid", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
    ("uuid", "none"),
    ("json", {"a": [1, None, {"b": "x\ty\\"}]}),
    ("json", "text"),
    ("json", ""),
    ("json", {"nul": "\0", "not": "\\u0000"}),
    ("json", [Ellipsis]),
    ("mixed", "text"),
    ("mixed", 12),
    ("mixed", False),
]


@pytest.mark.parametrize(
    ("name", "value"), [pair for pair in VALUES if pair[1] != [Ellipsis]], ids=repr
)
def test_a_value_becomes_what_it_becomes_from_a_line(
    db: Database, tmp_path: Path, name: str, value: Any
) -> None:
    usual = {"id": 1, "text": "x", "exact": "1.5", "json": {"a": 1}}
    records = [usual, {"id": 2, name: value}, {"id": 3}]
    from_lines, from_file = load_both(db, tmp_path / "f", records)
    if (name, value) == ("whole", "7") and not isinstance(value, Digits):
        # Only JSON tells the text "7" from the number 7.
        assert (from_lines[0], from_file[0]) == (3, 0)
        return
    assert from_file == from_lines


BARE = st.fixed_dictionaries(
    {"id": st.integers(0, 9)},
    optional={
        "text": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
        "whole": st.none() | st.integers(-(2**70), 2**70),
        "small": st.none() | st.integers(-5, 40000),
        "number": st.none()
        | st.decimals(allow_nan=False, allow_infinity=False, places=9).map(
            lambda value: Digits(format(value, "f"))
        ),
        "exact": st.none() | st.decimals(-999, 999, places=2).map(str),
        "yes": st.none() | st.booleans(),
        "day": st.none() | st.dates().map(str),
        "at": st.none() | st.datetimes().map(lambda value: value.isoformat()),
        "json": st.none()
        | st.recursive(
            st.text(max_size=4) | st.integers() | st.booleans(),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.text(max_size=3), inner, max_size=2)
            ),
            max_leaves=4,
        ).filter(lambda value: isinstance(value, str | list | dict)),
        "mixed": st.none() | st.text(max_size=5) | st.integers() | st.booleans(),
    },
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(records=st.lists(BARE, min_size=1, max_size=12), chance=st.randoms())
def test_any_records_become_what_they_become_from_lines(
    db: Database, tmp_path: Path, records: list[dict[str, Any]], chance: Any
) -> None:
    names = NAMES.copy()
    chance.shuffle(names)
    from_lines, from_file = load_both(db, tmp_path / "f", records, names=names)
    assert from_file == from_lines


def test_sound_rows_go_the_fast_way(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    encode_block = CopyFile.encode_block

    def watched(self: CopyFile, content: bytes, numbers: Any) -> Any:
        try:
            encoded = encode_block(self, content, numbers)
        except UnfitBlockError:
            taken.append(0)
            raise
        taken.append(len(encoded.texts))
        return encoded

    monkeypatch.setattr(CopyFile, "encode_block", watched)
    records = [
        {
            "id": number,
            "text": f"a\t{number}\\",
            "whole": number,
            "small": number % 100,
            "number": Digits(f"{number}.50"),
            "exact": f"{number}.5",
            "yes": number % 2 == 0,
            "day": "2024-01-01",
            "at": "2024-01-01T00:00:00.123Z",
            "clock": "10:00:00",
            "uuid": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "json": {"a": "\t"},
            "mixed": number if number % 3 else "x",
        }
        for number in range(3000)
    ]
    url = write_copy_file(tmp_path / "f", records, PROPERTIES)
    lines = [HEAD, copy_batch(url), copy_batch(url), state({"n": 1})]
    assert db.load(lines, state_id="x", run_id="r").status == 0
    assert sum(taken) == 6000
    assert 0 not in taken
    assert db.count("s") == 3000
    rising = db.execute(
        "select bool_and(_sdc_sequence > before) from (select _sdc_sequence,"
        " lag(_sdc_sequence, 1, 0::bigint) over (order by id) as before from raw.s) s"
    )
    assert rising == [(True,)]


SMALL = {"id": {"type": "integer"}, "v": {"type": ["null", "string"]}}
SMALL_HEAD = schema(**SMALL)


def test_order_holds_across_lines_and_files(db: Database, tmp_path: Path) -> None:
    first = write_copy_file(tmp_path / "1", [{"id": 1, "v": "b"}], SMALL)
    second = [{"id": 1, "v": "c"}, {"id": 2, "v": "c"}, {"id": 2, "v": "d"}]
    url = write_copy_file(tmp_path / "2", second, SMALL, names=["v", "id"])
    lines = [SMALL_HEAD, record(id=1, v="a"), copy_batch(first, url), record(id=1)]
    assert db.load([*lines, state({"n": 1})]).state == {"n": 1}
    assert db.rows("s", "id", "v") == [("1", None), ("2", "d")]


def test_a_file_may_lack_columns_and_a_stream_a_key(
    db: Database, tmp_path: Path
) -> None:
    records = [{"v": "x"}, {"v": ""}, {"v": None}]
    url = write_copy_file(tmp_path / "f", records, SMALL, names=["v"])
    keyless = schema(keys=[], **SMALL)
    assert db.load([keyless, copy_batch(url, url)], batch_size_rows=2).status == 0
    assert db.rows("s", "id", "v") == [
        (None, v) for v in (None, None, "", "", "x", "x")
    ]


@pytest.mark.parametrize("settings", [{}, {"extra_properties": "capture"}])
@pytest.mark.parametrize("add_record_metadata", [True, False])
def test_other_columns_of_ours_are_filled_as_from_lines(
    db: Database, tmp_path: Path, settings: dict[str, Any], add_record_metadata: bool
) -> None:
    if not add_record_metadata:
        settings = {**settings, "add_record_metadata": False, "activate_version": False}
    url = write_copy_file(tmp_path / "f", [{"id": 1, "v": "x"}], SMALL)
    assert db.load([SMALL_HEAD, copy_batch(url)], **settings).status == 0
    assert db.rows("s", "id", "v") == [("1", "x")]


def test_objects_of_a_file_are_flattened(db: Database, tmp_path: Path) -> None:
    place = {"type": "object", "properties": {"city": {"type": "string"}}}
    properties = {"id": {"type": "integer"}, "place": place}
    records = [{"id": 1, "place": {"city": "Łódź"}}, {"id": 2}]
    url = write_copy_file(tmp_path / "f", records, {**properties})
    lines = [schema(**properties), copy_batch(url)]
    outcome = db.load(lines, flattening_enabled=True)
    assert outcome.status == 0, outcome.message
    assert db.rows("s", "id", "place__city") == [("1", "Łódź"), ("2", None)]


def test_a_deletion_time_in_a_file_removes_the_key(
    db: Database, tmp_path: Path
) -> None:
    properties = {**SMALL, "_sdc_deleted_at": {"type": ["null", "string"]}}
    properties["_sdc_deleted_at"]["format"] = "date-time"
    records = [{"id": 1}, {"id": 2}, {"id": 1, "_sdc_deleted_at": AT}]
    url = write_copy_file(tmp_path / "f", records, properties)
    lines = [schema(**properties), copy_batch(url)]
    assert db.load(lines, hard_delete=True).status == 0
    assert db.rows("s", "id") == [("2",)]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([b"id\tw"], "field 'w', file f, line 1"),
        ([b"id\tid"], "named twice"),
        ([b"\xff\tv"], "not UTF-8"),
        ([b"id\tv", b"1"], "1 fields, not the 2 of the first line"),
        ([b"id\tv", b"1\tx", b"2\tx\ty"], "file f, line 3"),
        ([b"id\tv", b"1\tx", b""], "file f, line 3"),
        ([b"id\tv", b"1\ta\\b"], "an escape that pgcopy files do not have"),
        ([b"id\tv", b"1\ta\\Nb"], "an escape that pgcopy files do not have"),
        ([b"id\tv", b"1\ta\\"], "an escape that pgcopy files do not have"),
        ([b"id\tv", b"\\."], "file f, line 2"),
        ([b"id\tv", b"1\t\xff"], "invalid UTF-8 at byte 2"),
        ([b"id\tv", b"\\N\tsecret"], "key property is null"),
        ([b"id\tv", b"1\tok", b"secret\tx"], "field 'id', file f, line 3"),
    ],
)
def test_what_is_no_such_file_stops_with_3_and_its_place(
    db: Database, tmp_path: Path, lines: list[bytes], says: str
) -> None:
    url = write_lines(tmp_path / "f", lines, compression="none")
    outcome = db.load([SMALL_HEAD, copy_batch(url, compression="none"), state(1)])
    assert (outcome.status, outcome.states) == (3, [])
    assert says in outcome.message
    assert "secret" not in outcome.message


def test_a_file_that_ends_within_a_line_stops_with_3_and_its_name(
    db: Database, tmp_path: Path
) -> None:
    path = tmp_path / "cut"
    path.write_bytes(b"id\tv\n1\twhole\n2\tcut sho")
    message = copy_batch(path.as_uri(), compression="none")
    outcome = db.load([SMALL_HEAD, message, state(1)])
    assert (outcome.status, outcome.states) == (3, [])
    assert f"{path} ends within a line" in outcome.message


def test_a_null_of_json_is_null_however_it_is_padded(
    db: Database, tmp_path: Path
) -> None:
    lines = [b"id\to", b"1\t null ", b'2\t{"a": null}', b"3\tnull"]
    url = write_lines(tmp_path / "f", lines, compression="none")
    head = schema(id="integer", o="object")
    assert db.load([head, copy_batch(url, compression="none")]).status == 0
    assert db.rows("s", "id", "o") == [
        ("1", None),
        ("2", '{"a": null}'),
        ("3", None),
    ]


def test_a_key_has_one_spelling(db: Database, tmp_path: Path) -> None:
    lines = [b"id\tv", b"7\ta", b"007\tb"]
    url = write_lines(tmp_path / "f", lines, compression="none")
    outcome = db.load([SMALL_HEAD, copy_batch(url, compression="none")])
    assert outcome.status == 0, outcome.message
    assert db.rows("s", "id", "v") == [("7", "b")]


def test_wrong_rows_of_a_file_may_be_set_aside(db: Database, tmp_path: Path) -> None:
    records: list[Any] = [{"id": 1}, {"id": "wrong"}, {"id": None}, {"id": 2}]
    url = write_copy_file(tmp_path / "f", records, SMALL)
    assert (
        db.load([SMALL_HEAD, copy_batch(url)], on_bad_record="quarantine").status == 0
    )
    assert db.rows("s", "id") == [("1",), ("2",)]
    found = db.execute("select line, field from raw._bizops_rejects order by line")
    assert found == [(3, "id"), (4, "id")]


def test_an_empty_file_and_one_of_names_alone_hold_nothing(
    db: Database, tmp_path: Path
) -> None:
    empty = write_lines(tmp_path / "e", [], compression="gzip")
    names = write_lines(tmp_path / "n", [b"id\tv"], compression="gzip")
    outcome = db.load([SMALL_HEAD, copy_batch(empty, names), state(1)])
    assert (outcome.status, db.count("s")) == (0, 0)


@pytest.mark.parametrize("point", ["after_copy", "before_commit", "after_commit"])
def test_killed_between_files_rows_and_state_agree(
    db: Database, tmp_path: Path, point: str
) -> None:
    head = schema(keys=[], **SMALL)
    lines: list[Any] = []
    for number in range(6):
        ids = range(number * 100, number * 100 + 100)
        records = [{"id": each, "v": "\t"} for each in ids]
        url = write_copy_file(tmp_path / str(number), records, SMALL)
        lines += [copy_batch(url), state({"n": number + 1})]
    settings = {"state_id": "x", "batch_size_rows": 150}
    killed = db.run(
        [head, *lines], environment={"BIZOPS_FAULT": f"{point}:2"}, **settings
    )
    assert killed.status == -9
    covered = db.execute("select value from bizops.state")[0][0]["n"]
    assert db.count("s") == 100 * covered
    assert db.run([head, *lines[2 * covered :]], **settings).state == {"n": 6}
    stored = db.execute("select id from raw.s order by id")
    assert [number for (number,) in stored] == list(range(600))


def test_about_declares_the_form(db: Database) -> None:
    about = json.loads(run_command("--about", "--format=json").stdout)
    assert "batch-pgcopy" in about["capabilities"]
