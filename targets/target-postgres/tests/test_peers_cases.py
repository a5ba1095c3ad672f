"""The cases peers test with, made again, their content compared with an oracle.

The Singer SDK's own files are read from the SDK; those of other targets, whose tests
often end at "does not raise", are told again in our own words and data.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from oracle import check_content
from target_runs import Database, raw_record, record, schema, state

FOLDER = resources.files("singer_sdk.testing.target_test_streams")
REFUSED = {
    "invalid_schema": 3,
    "record_before_schema": 3,
    "record_missing_key_property": 3,
    "schema_no_properties": 0,
}
NAMES = sorted(
    each.name.removesuffix(".singer")
    for each in FOLDER.iterdir()
    if each.name.endswith(".singer")
)


def sdk_lines(name: str) -> list[str]:
    text = (FOLDER / f"{name}.singer").read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("batch_size_rows", [1, 1000])
@pytest.mark.parametrize("name", NAMES)
def test_every_case_of_the_sdk_leaves_what_the_oracle_says(
    db: Database, name: str, batch_size_rows: int
) -> None:
    lines = sdk_lines(name)
    outcome = db.load(lines, batch_size_rows=batch_size_rows)
    assert outcome.status == REFUSED.get(name, 0), outcome.message
    if outcome.status == 0:
        check_content(db, lines)


OBJECT = {"type": ["null", "object"]}
ARRAY = {"type": ["null", "array"]}
ALL = {"type": ["null", "string", "number", "integer", "boolean", "object", "array"]}


def both(db: Database, lines: list[Any], **settings: Any) -> int:
    """Load in one batch, in batches of one and again: the oracle agrees each time."""
    for batch_size_rows in (1000, 1):
        outcome = db.load(lines, batch_size_rows=batch_size_rows, **settings)
        assert outcome.status == 0, outcome.message
        count = check_content(db, lines)
    return count


def test_r52_arrays_of_texts_numbers_and_objects_are_kept(db: Database) -> None:
    head = schema(id="integer", fruits={"type": "array", "items": {"type": "string"}})
    lines = [head, record(id=1, fruits=["apple", "it's", '"q"', "a,b", "{x}"])]
    lines += [record(id=2, fruits=[]), record(id=3, fruits=[None, 1, {"a": [2]}])]
    assert both(db, [*lines, record(id=4, fruits=None), record(id=5)]) == 5


def test_r52_null_and_object_in_a_column_of_every_type(db: Database) -> None:
    lines = [schema(id="integer", event=ALL), record(id=1, event=None)]
    lines += [record(id=2, event={"source": "x", "n": None}), record(id=3, event="s")]
    lines += [record(id=4, event=[1, "a"]), record(id=5, event=False)]
    assert both(db, lines) == 5


def test_r52_a_property_without_a_type_takes_anything(db: Database) -> None:
    lines = [schema(id="integer", value={}, other={"description": "no type"})]
    lines += [record(id=1, value="text", other=1), record(id=2, value={"a": 1.10})]
    assert both(db, [*lines, record(id=3, value=[None], other=True)]) == 3


def test_r57_an_array_column_added_later_is_null_before(db: Database) -> None:
    lines = [schema(id="integer"), record(id=1), schema(id="integer", tags=ARRAY)]
    assert both(db, [*lines, record(id=2, tags=["a"])]) == 2


def test_r57_schema_updates_six_times_keep_the_first_row(db: Database) -> None:
    kinds: dict[str, Any] = {"id": "integer", "a1": "number"}
    later = [("a2", "string"), ("a3", "boolean"), ("a4", OBJECT), ("a5", ARRAY)]
    lines = [schema(**kinds), record(id=1, a1=101)]
    for number, (name, kind) in enumerate(later, 2):
        kinds[name] = kind
        values = {"string": "s", "boolean": True}
        default = {} if kind is OBJECT else [number]
        value = values.get(kind, default) if isinstance(kind, str) else default
        lines += [schema(**kinds), record(id=number, **{name: value})]
    assert both(db, lines) == 5
    assert db.rows("s", "a1", "a2", "a3", "a4", "a5")[-1] == (
        "101",
        None,
        None,
        None,
        None,
    )


def test_r28_keys_beyond_doubles_stay_apart(db: Database) -> None:
    for kind in ("integer", "number"):
        lines = [schema(kind, id=kind, metric="integer")]
        keys = ["99999999999999999", "99999999999999998", "900719925474099100000.1"]
        for number, key in enumerate(keys[: 3 if kind == "number" else 2]):
            lines.append(raw_record(f'{{"id": {key}, "metric": {number}}}', kind))
        assert both(db, lines) == len(lines) - 1


def test_r32_optional_and_missing_values_are_null(db: Database) -> None:
    lines = [schema(id="integer", optional="string", other={"type": "string"})]
    lines += [record(id=1, optional="This is optional"), record(id=2)]
    lines += [record(id=3, optional=None), record(id=4, other="x")]
    lines += [record(id=1, other="again")]
    assert both(db, lines) == 4


@pytest.mark.parametrize(
    "stream", ["order", "table with space and UPPER", "ABC-def.ghi", "select", "Ünï"]
)
def test_r70_reserved_and_odd_table_names_with_hard_delete(
    db: Database, stream: str
) -> None:
    columns = {"user": "string", "group by": "integer", "camelCase": "number"}
    columns |= {"customer-gender": "string", "1st": "boolean", "a$b%s": "string"}
    columns |= {'C\'est "ça"': "string"}
    values = {"user": "u", "group by": 1, "camelCase": 1.5, "customer-gender": "f"}
    values |= {"1st": True, "a$b%s": "x", 'C\'est "ça"': "ç"}
    head = schema(stream, id="integer", **columns)
    rows = [{**record(stream, id=n, **values), "version": 1} for n in range(4)]
    end = {"type": "ACTIVATE_VERSION", "stream": stream, "version": 1}
    lines = [head, *rows, end]
    assert db.load(lines, hard_delete=True).status == 0
    assert check_content(db, lines) == 4
    rows = [{**record(stream, id=n, **values), "version": 2} for n in (1, 9)]
    lines = [head, *rows, {**end, "version": 2}]
    assert db.load(lines, hard_delete=True).status == 0
    assert check_content(db, lines) == 2


def test_r69_camel_case_in_nested_schemas_is_kept(db: Database) -> None:
    inner = {"type": "object", "properties": {"innerValue": {"type": "string"}}}
    lines = [
        schema(
            "CamelStream",
            keys=["Id"],
            Id="string",
            clientName="string",
            outerObject={"type": "object", "properties": {"deepObject": inner}},
        )
    ]
    value = {"deepObject": {"innerValue": "x", "Unknown": [{"aB": 1}]}}
    lines += [record("CamelStream", Id="A", clientName="n", outerObject=value)]
    lines += [record("CamelStream", Id="a", clientName="m", outerObject=None)]
    assert both(db, lines) == 2


def test_r48_r49_long_texts_and_every_script_are_kept(db: Database) -> None:
    texts = [
        "a" * 70_000,
        "日本語 テキスト",
        "עברית العربية",
        "e\u0301 é",
        "🙂👩‍👩‍👧",
        "\ue000",
    ]
    texts += ["\\N", "\\.", "\\x41", "a\tb\nc\rd\be\fg", "'\"`$$", "%s %(a)s {}", ""]
    texts += ["\u0000nul\u0000", "\\u0000 as text", "\u2028\u2029\ufeff", " pad "]
    head = schema(id="integer", text="string", inside=OBJECT, each=ARRAY)
    lines = [head]
    for number, text in enumerate(texts):
        inside = {"k": text, text or "empty": 1}
        lines.append(record(id=number, text=text, inside=inside, each=[text]))
    assert both(db, lines) == len(texts)


def shop(turn: int) -> list[Any]:
    """Three streams, interleaved, some keys again."""
    lines: list[Any] = [
        schema("one", keys=["c_pk"], c_pk="integer", c_varchar="string"),
        schema(
            "two",
            keys=["c_pk"],
            c_pk="integer",
            c_date={"type": ["null", "string"], "format": "date-time"},
        ),
        schema("three", keys=[], c_pk="integer", c_time="string"),
    ]
    for number in range(12):
        key = number % 7
        lines += [
            record("one", c_pk=key, c_varchar=f"{turn} {number}"),
            record("two", c_pk=key, c_date=f"2019-02-{number + 1:02}T02:00:00"),
            record("three", c_pk=key, c_time="04:00:00"),
            state({"turn": turn, "n": number}),
        ]
    return lines


@pytest.mark.parametrize("batch_size_rows", [1, 5, 1000])
def test_r31_three_streams_at_once_are_equal_to_what_was_sent(
    db: Database, batch_size_rows: int
) -> None:
    outcome = db.load(shop(1), batch_size_rows=batch_size_rows)
    assert outcome.state == {"turn": 1, "n": 11}
    assert check_content(db, shop(1)) == 7 + 7 + 12
    db.execute("delete from raw.three")
    assert db.load(shop(2), batch_size_rows=batch_size_rows).status == 0
    assert check_content(db, shop(2)) == 26


def test_r60_a_column_that_changes_its_type_keeps_both_contents(db: Database) -> None:
    lines = [schema(id="integer", at="string", n="integer"), record(id=1, at="x", n=1)]
    time = {"type": "string", "format": "date-time"}
    lines += [schema(id="integer", at=time, n="string")]
    lines += [record(id=2, at="2024-01-01T00:00:00Z", n="two")]
    lines += [schema(id="integer", at="boolean", n="boolean"), record(id=3, at=True)]
    assert both(db, lines) == 3


def test_r02_schemas_without_records_make_their_tables(db: Database) -> None:
    lines = [line for line in shop(1) if line["type"] == "SCHEMA"]
    assert both(db, [*lines, state({"n": 0})]) == 0
    assert [db.count(name) for name in ("one", "two", "three")] == [0, 0, 0]


def test_r24_records_that_break_their_schema_stop_with_3(db: Database) -> None:
    head = schema(id="integer", c_int="integer")
    lines = [head, record(id=1, c_int=1), record(id=2, c_int="no integer")]
    outcome = db.load([*lines, state({"n": 1})], validate_records=True)
    assert (outcome.status, outcome.states) == (3, [])
    assert "field 'c_int', line 3" in outcome.message


@pytest.mark.parametrize("batch_size_rows", [5, 1000])
def test_r74_a_log_of_inserts_updates_and_deletes_in_three_streams(
    db: Database, batch_size_rows: int
) -> None:
    at = {"type": ["null", "string"], "format": "date-time"}
    streams = ("public-city", "public-country", "public2-wearehere")
    lines: list[Any] = [
        schema(name, id="integer", v="string", _sdc_deleted_at=at) for name in streams
    ]
    live: dict[str, dict[int, str]] = {name: {} for name in streams}
    for step in range(120):
        name, key = streams[step % 3], (step * 7) % 11
        if step % 5 == 4:
            gone = record(name, id=key, _sdc_deleted_at="2024-01-01T00:00:00Z")
            lines.append(gone)
            live[name].pop(key, None)
        else:
            lines.append(record(name, id=key, v=f"{step}", _sdc_deleted_at=None))
            live[name][key] = f"{step}"
        if step % 10 == 9:
            lines.append(state({"lsn": step}))
    settings = {"hard_delete": True, "batch_size_rows": batch_size_rows}
    outcome = db.load(lines, **settings)
    assert outcome.state == {"lsn": 119}
    told = [json.loads(each)["lsn"] for each in outcome.states]
    assert told == sorted(told)
    for name in streams:
        assert dict(db.execute(f'select id, v from raw."{name}"')) == live[name]
    for name in streams:
        assert db.load(lines, **settings).status == 0
        assert dict(db.execute(f'select id, v from raw."{name}"')) == live[name]


def test_r37_a_nested_financial_report_is_kept_to_the_digit(db: Database) -> None:
    number = {"type": ["null", "number"]}
    item = {
        "type": "object",
        "properties": {"value": number, "unit": {"type": "string"}},
    }
    statement = {"type": "object", "properties": {"revenues": item, "eps": item}}
    head = schema(
        "financials",
        keys=["ticker", "fiscal_period"],
        ticker="string",
        fiscal_period="string",
        statements={"type": "array", "items": statement},
        total=number,
    )
    value = "394328000000.0000000000000000001"
    inside = f'[{{"revenues": {{"value": {value}, "unit": "USD"}}, "eps": null}}]'
    lines: list[Any] = [head]
    lines += [
        raw_record(
            f'{{"ticker": "AAPL", "fiscal_period": "{period}",'
            f' "statements": {inside}, "total": -{value}}}',
            "financials",
        )
        for period in ("Q1", "Q2", "Q1")
    ]
    assert both(db, lines) == 2
    found = db.execute(
        "select total::text, statements #>> '{0,revenues,value}'"
        " from raw.financials limit 1"
    )
    assert found == [(f"-{value}", value)]


def test_r31_countries_with_lists_of_objects_are_kept(db: Database) -> None:
    languages = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "native": {"type": ["string", "null"]},
            },
        },
    }
    head = schema(
        "countries",
        keys=["code"],
        code="string",
        name="string",
        languages=languages,
        continent=OBJECT,
        phone="string",
    )
    lines = [head]
    for code, name in (("CI", "Côte d'Ivoire"), ("AX", "Åland"), ("CN", "中国")):
        spoken = [{"code": code.lower(), "native": name}, {"code": "x", "native": None}]
        lines.append(
            record(
                "countries",
                code=code,
                name=name,
                languages=spoken,
                continent={"code": "X", "name": name},
                phone="+1,2",
            )
        )
    assert both(db, lines) == 3


def test_r33_ten_levels_of_objects_flatten_into_columns(db: Database) -> None:
    inner: dict[str, Any] = {"type": "string"}
    value: Any = "deep"
    for level in range(10, 0, -1):
        inner = {"type": "object", "properties": {f"l{level}": inner}}
        value = {f"l{level}": value}
    lines = [schema(id="integer", o=inner), record(id=1, o=value), record(id=2)]
    assert db.load(lines, flattening_max_depth=10).status == 0
    column = "o__" + "__".join(f"l{level}" for level in range(1, 11))
    assert db.rows("s", "id", column) == [("1", "deep"), ("2", None)]
    assert db.load(lines, default_target_schema="other").status == 0
    assert db.execute(
        "select o #>> '{l1,l2,l3,l4,l5,l6,l7,l8,l9,l10}' from other.s order by id"
    ) == [("deep",), (None,)]
