"""Catalogue C: values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from target_runs import Database, raw_record, record, schema

DATE_TIME = {"type": ["null", "string"], "format": "date-time"}
DATE = {"type": ["null", "string"], "format": "date"}
TIME = {"type": ["null", "string"], "format": "time"}
UUID = {"type": ["null", "string"], "format": "uuid"}


def store(db: Database, kind: Any, *json_texts: str, **settings: Any) -> list[Any]:
    """Load one value a row, and read them back as text."""
    lines = [schema(id="integer", v=kind)]
    lines += [raw_record(f'{{"id": {n}, "v": {t}}}') for n, t in enumerate(json_texts)]
    outcome = db.load(lines, **settings)
    assert outcome.status == 0, outcome.message
    return [v for _, v in sorted(db.rows("s", "id", "v"), key=lambda row: int(row[0]))]


def refuse(db: Database, kind: Any, json_text: str, **settings: Any) -> int:
    """Load one value that must not go in; the message names where, not what."""
    lines = [schema(id="integer", v=kind), raw_record(f'{{"id": 1, "v": {json_text}}}')]
    outcome = db.load(lines, **settings)
    assert outcome.status != 0
    assert "'v'" in outcome.message
    assert "line 2" in outcome.message
    value = json_text.strip('"')
    assert len(value) < 5 or value not in outcome.message
    assert db.execute("select to_regclass('raw.s')") == [(None,)]
    return outcome.status


def test_r34_nul_in_text_becomes_the_replacement_character(db: Database) -> None:
    texts = [r'"a\u0000b"', r'"a\\u0000b"', r'"\u0000"', '"plain"']
    assert store(db, "string", *texts) == ["a\ufffdb", r"a\u0000b", "\ufffd", "plain"]


def test_r35_nul_in_json_becomes_the_replacement_character(db: Database) -> None:
    texts = [
        r'{"k\u0000": "a\u0000b"}',
        r'{"k": "a\\u0000b"}',
        r'["\\\u0000", "\\\\u0000"]',
    ]
    stored = [json.loads(v) for v in store(db, "object", *texts)]
    assert stored == [
        {"k\ufffd": "a\ufffdb"},
        {"k": r"a\u0000b"},
        ["\\\ufffd", r"\\u0000"],
    ]


@pytest.mark.parametrize("kind", ["string", "object"])
def test_r34_nul_stops_when_asked_to(db: Database, kind: str) -> None:
    assert refuse(db, kind, r'"a\u0000b"', on_nul="stop") == 3


def test_r36_nan_and_infinity_are_stored_in_a_number_column(db: Database) -> None:
    texts = ["NaN", "Infinity", "-Infinity", "1.5", "null"]
    assert store(db, "number", *texts) == [
        "NaN",
        "Infinity",
        "-Infinity",
        "1.5",
        None,
    ]
    assert db.types("s")["v"] == "numeric"


def test_r36_nan_inside_json_stops(db: Database) -> None:
    assert refuse(db, "object", '{"a": [NaN]}') == 3


@pytest.mark.parametrize("with_special", [False, True])
def test_r37_thirty_digits_are_kept_whichever_way_they_go(
    db: Database, *, with_special: bool
) -> None:
    texts = [
        "123456789012345678901234567890",
        "0.123456789012345678901234567890",
        "-123456789012345.678901234567890",
        "1.10",
        "1E+3",
        "1e-7",
    ]
    stored = store(db, "number", *texts, *(["NaN"] if with_special else []))
    assert stored[:6] == [*texts[:4], "1000", "0.0000001"]


def test_r37_decimals_inside_json_are_kept(db: Database) -> None:
    text = '{"n": [123456789012345678901234567890.123456789, 1.10]}'
    assert store(db, "object", text) == [text]
    nan = [schema("t", keys=[], o="object", n="number")]
    nan.append(raw_record(f'{{"o": {text}, "n": NaN}}', "t"))
    assert db.load(nan).status == 0
    assert db.rows("t", "o") == [(text,)]


def decimal(precision: int, scale: int) -> dict[str, Any]:
    form = {"type": ["null", "string"], "format": "x-singer.decimal"}
    return {**form, "precision": precision, "scale": scale}


def test_r38_a_declared_decimal_is_kept_to_its_last_place(db: Database) -> None:
    texts = [
        '"12345678901234567890123456789.123456789"',
        '"1"',
        "2.5",
        '"1.5000000000"',
    ]
    assert store(db, decimal(38, 9), *texts) == [
        "12345678901234567890123456789.123456789",
        "1.000000000",
        "2.500000000",
        "1.500000000",
    ]
    assert db.types("s")["v"] == "numeric(38,9)"


@pytest.mark.parametrize(
    "text",
    [
        '"1.0123456789"',
        '"123456789012345678901234567890"',
        '"abc"',
        '"null"',
        '""',
        "true",
        "1.0123456789",
        '"NaN "',
    ],
)
def test_r38_a_decimal_that_does_not_fit_stops(db: Database, text: str) -> None:
    assert refuse(db, decimal(38, 9), text) == 3


def test_r39_two_to_the_63_makes_an_integer_column_numeric(db: Database) -> None:
    texts = ["1", "9223372036854775807", "-9223372036854775808", "9223372036854775808"]
    assert store(db, "integer", *texts) == texts
    assert db.types("s")["v"] == "numeric"


def test_r39_small_integers_widen_as_values_need(db: Database) -> None:
    small = {"type": "integer", "minimum": 0, "exclusiveMaximum": 32768}
    assert store(db, small, "1", "32767") == ["1", "32767"]
    assert db.types("s")["v"] == "smallint"
    assert store(db, small, "1", "32768") == ["1", "32768"]
    assert db.types("s")["v"] == "bigint"


def test_r40_an_integer_with_a_point_is_never_cut(db: Database) -> None:
    assert store(db, "integer", "7.0", "-0", "7e2") == ["7", "0", "700"]
    assert db.types("s")["v"] == "bigint"
    assert store(db, "integer", "7.0", "7.5") == ["7", "7.5", "700"]
    assert db.types("s")["v"] == "numeric"


def test_r41_a_large_exponent_is_exact(db: Database) -> None:
    assert store(db, "number", "1e400", "1e-400") == [
        "1" + "0" * 400,
        "0." + "0" * 399 + "1",
    ]


@pytest.mark.parametrize("text", ["1e200000", "1e-20000", "-1E+131072"])
def test_r41_a_number_beyond_numeric_stops(db: Database, text: str) -> None:
    assert refuse(db, "number", text) == 3


def test_r42_the_ends_of_the_calendar_are_kept(db: Database) -> None:
    texts = ['"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999999Z"', '"0001-01-01"']
    assert store(db, DATE_TIME, *texts) == [
        "0001-01-01 00:00:00+00",
        "9999-12-31 23:59:59.999999+00",
        "0001-01-01 00:00:00+00",
    ]
    lines = [schema("d", keys=[], d=DATE), record("d", d="0001-01-01")]
    assert db.load([*lines, record("d", d="9999-12-31")]).status == 0
    assert db.rows("d", "d") == [("0001-01-01",), ("9999-12-31",)]


def test_r43_years_beyond_four_digits_and_before_christ_are_kept(db: Database) -> None:
    assert store(db, DATE_TIME, '"10000-01-01T00:00:00Z"', '"0044-03-15 BC"') == [
        "10000-01-01 00:00:00+00",
        "0044-03-15 00:00:00+00 BC",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '"0000-00-00"',
        '"0000-00-00T00:00:00Z"',
        '"2024-02-30T00:00:00Z"',
        '"2024-13-01"',
        '"now"',
        '"today"',
        '"infinity"',
        '"epoch"',
        '""',
        '"01/02/2024"',
        "20240101",
        "true",
        '{"a": 1}',
        '"2024-01-01T00:00:00 Europe/Berlin"',
        '"2024-01-01T00:00:00.1234567Z"',
    ],
)
@pytest.mark.parametrize("kind", [DATE_TIME, DATE])
def test_r44_what_is_no_time_stops(db: Database, kind: Any, text: str) -> None:
    assert refuse(db, kind, text) == 3


def test_r45_offsets_are_heeded_whatever_the_servers_zone(own_db: Database) -> None:
    db = own_db
    name = db.url.rsplit("/", 1)[1]
    db.execute(f"alter database \"{name}\" set timezone to 'Asia/Kolkata'")
    texts = [
        '"2024-01-01T00:00:00+05:00"',
        '"2023-12-31T19:00:00Z"',
        '"2023-12-31T19:00:00"',
        '"2023-12-31 19:00:00.0000000+0000"',
        '"2023-12-31t19:00:00z"',
    ]
    assert set(store(db, DATE_TIME, *texts)) == {"2023-12-31 19:00:00+00"}
    assert db.load([schema(id="integer", v=DATE_TIME)]).status == 0
    for n, text in enumerate(texts):
        line = raw_record(f'{{"id": {n}, "v": {text}}}')
        assert db.load([schema(id="integer", v=DATE_TIME), line]).status == 0
    assert {v for _, v in db.rows("s", "id", "v")} == {"2023-12-31 19:00:00+00"}


def test_r46_a_date_is_a_date(db: Database) -> None:
    assert store(db, DATE, '"2024-02-29"', "null") == ["2024-02-29", None]
    assert db.types("s")["v"] == "date"


def test_r46_a_time_in_a_date_column_widens_it(db: Database) -> None:
    assert store(db, DATE, '"2024-02-29"', '"2024-02-29T12:00:00Z"') == [
        "2024-02-29 00:00:00+00",
        "2024-02-29 12:00:00+00",
    ]


def test_r47_times_are_what_postgresql_makes_of_them(db: Database) -> None:
    texts = ['"24:00:00"', '"23:59:60"', '"12:30"', '"01:02:03.5"']
    assert store(db, TIME, *texts) == ["24:00:00", "24:00:00", "12:30:00", "01:02:03.5"]
    assert db.types("s")["v"] == "time without time zone"
    assert store(db, TIME, '"12:30:00+02:00"')[0] == "12:30:00+02"
    assert db.types("s")["v"] == "time with time zone"


def test_r48_long_texts_are_kept(db: Database) -> None:
    texts = ["x" * 100_000, "süß\t" * 2_500_000]
    assert store(db, "string", *[json.dumps(t) for t in texts]) == texts


def test_r49_every_script_is_kept_byte_for_byte(db: Database) -> None:
    texts = [
        "مرحبا بالعالم",
        "世界こんにちは",
        "e\u0301\u0323",
        "🦄👩\u200d👩\u200d👧",
        "\ue000\U0010ffff",
        "\u2028\u2029\u0085\ufeff",
        "back\\slash \\N \\. tab\t nl\n cr\r vt\v ff\f \x01\x1f\x7f",
        "",
        " ",
        "\\N",
        "'\"`$$;--",
    ]
    expected = list(texts)
    assert store(db, "string", *[json.dumps(t) for t in texts]) == expected
    lines = [schema("t", id="integer", v="string")]
    lines += [record("t", id=n, v=t) for n, t in enumerate(texts)]
    assert db.load(lines).status == 0
    assert [v for _, v in sorted(db.rows("t", "id", "v"), key=lambda r: int(r[0]))] == (
        expected
    )


@pytest.mark.parametrize("kind", ["string", "object"])
@pytest.mark.parametrize("text", [r'"\ud800"', r'"a\udc00b"', r'"\ud800x"'])
def test_half_a_surrogate_pair_stops(db: Database, kind: str, text: str) -> None:
    lines = [schema(id="integer", v=kind), raw_record(f'{{"id": 1, "v": {text}}}')]
    assert db.load(lines).status == 3


def test_r50_of_a_repeated_object_key_the_last_counts(db: Database) -> None:
    assert store(db, "object", '{"a": 1, "a": 2}') == ['{"a": 2}']
    line = raw_record('{"id": 0, "v": {}, "v": {"b": 1}}')
    assert db.load([schema(id="integer", v="object"), line]).status == 0
    assert db.rows("s", "v") == [('{"b": 1}',)]


def test_r50_depth_500_is_stored(db: Database) -> None:
    text = "[" * 500 + "]" * 500
    assert store(db, "array", text) == [text]
    nan = [schema("t", keys=[], o="array", n="number")]
    nan.append(raw_record(f'{{"o": {text}, "n": NaN}}', "t"))
    assert db.load(nan).status == 0
    assert db.rows("t", "o") == [(text,)]


@pytest.mark.parametrize("depth", [1500, 20000, 200_000])
def test_r50_depth_20000_stops_with_3(db: Database, depth: int) -> None:
    line = raw_record('{"id": 1, "v": ' + "[" * depth + "]" * depth + "}")
    outcome = db.load([schema(id="integer", v="array"), line])
    assert outcome.status == 3
    assert "line 2" in outcome.message


def test_r51_an_object_of_10000_keys_is_stored(db: Database) -> None:
    value = {f"key {n}": n for n in range(10_000)}
    assert json.loads(store(db, "object", json.dumps(value))[0]) == value


def test_r52_every_json_type_at_once_is_jsonb(db: Database) -> None:
    kind = {"type": ["null", "string", "number", "boolean", "object", "array"]}
    texts = ['"a"', "1.50", "true", '{"a": 1}', "[1, null]", "null"]
    assert store(db, kind, *texts) == [*texts[:5], None]
    assert db.types("s")["v"] == "jsonb"


def test_r53_content_encoding_is_text_unless_interpreted(db: Database) -> None:
    kind = {"type": "string", "contentEncoding": "base16"}
    assert store(db, kind, '"48656c6c6f"') == ["48656c6c6f"]
    db.execute("drop table raw.s")
    on = {"interpret_content_encoding": True}
    assert store(db, kind, '"48656c6c6f"', **on) == ["\\x48656c6c6f"]
    db.execute("drop table raw.s")
    kind64 = {"type": "string", "contentEncoding": "base64"}
    assert store(db, kind64, '"SGVsbG8="', **on) == ["\\x48656c6c6f"]
    db.execute("drop table raw.s")
    assert refuse(db, kind, '"48656c6c6"', **on) == 3
    assert refuse(db, kind64, '"SGVsbG8"', **on) == 3


@pytest.mark.parametrize("text", ['"true"', "1", "0", '"t"', "[true]"])
def test_r54_only_true_and_false_are_booleans(db: Database, text: str) -> None:
    assert refuse(db, "boolean", text) == 3


def test_r54_a_union_of_scalars_is_text(db: Database) -> None:
    kind = {"type": ["boolean", "string", "integer"]}
    assert store(db, kind, "true", '"true"', "1", '"a\\tb"') == [
        "true",
        "true",
        "1",
        "a\tb",
    ]


@pytest.mark.parametrize("kind", ["integer", "number"])
@pytest.mark.parametrize("text", ['"12"', "true", "[1]", '{"a": 1}'])
def test_a_number_column_takes_numbers_only(db: Database, kind: str, text: str) -> None:
    assert refuse(db, kind, text) == 3


def test_a_text_column_takes_any_scalar_and_no_object(db: Database) -> None:
    assert store(db, "string", '"a"', "1.50", "true", "null") == [
        "a",
        "1.50",
        "true",
        None,
    ]
    db.execute("drop table raw.s")
    assert refuse(db, "string", '{"a": 1}') == 3


def test_r55_a_uuid_is_the_same_in_every_spelling(db: Database) -> None:
    low = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    bare = low.replace("-", "")
    texts = [low, low.upper(), f"{{{low}}}", bare]
    assert store(db, UUID, *[f'"{t}"' for t in texts]) == [low] * 4
    assert db.types("s")["v"] == "uuid"
    assert store(db, UUID, f'"{low}"', '"not a uuid"')[:2] == [low, "not a uuid"]
    assert db.types("s")["v"] == "text"


def test_r56_a_declared_type_is_taken(db: Database) -> None:
    line = schema(
        id={"type": "integer", "x-sql-datatype": "smallint"},
        b={"type": "string", "x-sql-datatype": "BIGINT"},
        n={"type": "number", "x-sql-datatype": "numeric(10, 2)"},
        j={"type": "string", "x-sql-datatype": "jsonb"},
    )
    outcome = db.load([line, record(id=1, b="12", n=1.25, j="text")])
    assert outcome.status == 0
    assert {k: db.types("s")[k] for k in "idbnj" if k in db.types("s")} | {
        "id": db.types("s")["id"]
    } == {"id": "smallint", "b": "bigint", "n": "numeric(10,2)", "j": "jsonb"}
    assert db.rows("s", "id", "b", "n", "j") == [("1", "12", "1.25", '"text"')]
    outcome = db.load([line, record(id=2, b="12", n=1.255, j="text")])
    assert outcome.status == 3


@pytest.mark.parametrize(
    "declared", ["int; drop table x", "money", "text[]", "numeric(1,2); --", ""]
)
def test_r56_a_type_that_is_not_on_the_list_stops_with_2(
    db: Database, declared: str
) -> None:
    db.execute("create table public.x ()")
    line = schema(id="integer", v={"type": "string", "x-sql-datatype": declared})
    outcome = db.load([line, record(id=1, v="a")])
    assert outcome.status == 2
    assert "'v'" in outcome.message
    assert db.execute("select to_regclass('public.x')::text, to_regclass('raw.s')") == [
        ("x", None)
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "bigint"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "numeric"),
        ({"anyOf": [{"type": "object"}, {"type": "string"}]}, "jsonb"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "text"),
        ({"allOf": [{"type": "boolean"}]}, "boolean"),
        (
            {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
            "timestamp with time zone",
        ),
        ({"anyOf": [DATE_TIME, {"type": ["string", "null"]}]}, "text"),
        ({}, "jsonb"),
        ({"enum": ["a", "b"]}, "jsonb"),
        ({"$ref": "#/definitions/money"}, "numeric"),
        ({"type": "string", "maxLength": 3}, "text"),
        ({"type": "string", "format": "duration"}, "text"),
        ({"type": "integer", "minimum": -100, "maximum": 2**31 - 1}, "integer"),
        ({"type": "integer", "minimum": 0}, "bigint"),
        ({"type": "number", "multipleOf": 0.01}, "numeric"),
        ({"type": ["null", "array"], "items": {"type": "string"}}, "jsonb"),
    ],
)
def test_the_type_table(db: Database, kind: Any, expected: str) -> None:
    line = schema(id="integer", v=kind)
    line["schema"]["definitions"] = {"money": {"type": "number"}}
    assert db.load([line, record(id=1)]).status == 0
    assert db.types("s")["v"] == expected


def test_number_may_be_configured_as_double_precision(db: Database) -> None:
    assert store(db, "number", "1.5", number_type="double precision") == ["1.5"]
    assert db.types("s")["v"] == "double precision"
