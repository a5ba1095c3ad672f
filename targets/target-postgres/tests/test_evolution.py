"""Catalogue D: schema evolution and names."""

from __future__ import annotations

from typing import Any

import pytest
from target_runs import (
    ROLE_PASSWORD,
    Database,
    raw_record,
    record,
    schema,
    state,
    url_of,
)

from target_postgres.identifiers import legal_name


def test_r57_a_column_added_mid_stream_is_null_before(db: Database) -> None:
    lines = [schema(id="integer"), record(id=1), record(id=2)]
    lines += [schema(id="integer", v="string"), record(id=3, v="x"), record(id=2)]
    assert db.load(lines).status == 0
    assert db.rows("s", "id", "v") == [("1", None), ("2", None), ("3", "x")]


def test_r57_a_column_added_between_runs_keeps_old_rows(db: Database) -> None:
    assert db.load([schema(id="integer"), record(id=1)]).status == 0
    lines = [schema(id="integer", a="object", b="number"), record(id=2, a={}, b=1.5)]
    assert db.load(lines).status == 0
    assert db.rows("s", "id", "a", "b") == [("1", None, None), ("2", "{}", "1.5")]


def test_r58_the_same_schema_again_writes_nothing_early(db: Database) -> None:
    head = schema(id="integer", v="string")
    lines: list[Any] = []
    for n in range(20):
        lines += [head, record(id=n, v="x"), state({"n": n})]
    outcome = db.load(lines)
    assert outcome.states == ['{"n": 19}']
    # One table, made by one transaction: no DDL touched it again.
    assert db.execute(
        "select count(distinct xmin::text) from pg_attribute"
        " where attrelid = 'raw.s'::regclass and attnum > 0"
    ) == [(1,)]
    assert db.execute("select count(distinct xmin::text) from raw.s") == [(1,)]


def test_r59_int_then_number_keeps_7_25(db: Database) -> None:
    lines = [schema(id="integer", v="integer"), record(id=1, v=7)]
    lines += [schema(id="integer", v="number"), record(id=2, v=7.25)]
    assert db.load(lines).status == 0
    assert db.rows("s", "id", "v") == [("1", "7"), ("2", "7.25")]
    assert db.types("s")["v"] == "numeric"


def test_r60_integer_then_string_then_integer_is_one_text_column(db: Database) -> None:
    lines = [schema(id="integer", v="integer"), record(id=1, v=7)]
    lines += [schema(id="integer", v="string"), record(id=2, v="x")]
    lines += [schema(id="integer", v="integer"), record(id=3, v=9)]
    assert db.load(lines).status == 0
    assert db.load(lines[-2:]).status == 0
    assert db.rows("s", "id", "v") == [("1", "7"), ("2", "x"), ("3", "9")]
    assert db.types("s")["v"] == "text"


@pytest.mark.parametrize(
    ("old", "first", "new", "second", "stored", "column_type"),
    [
        ("boolean", "true", "string", '"x"', ["true", "x"], "text"),
        ("number", "1.50", "string", '"x"', ["1.50", "x"], "text"),
        ("string", '"a"', "object", '{"b": 1}', ['"a"', '{"b": 1}'], "jsonb"),
        ("integer", "5", "array", "[1]", ["5", "[1]"], "jsonb"),
        ("object", '{"b": 1}', "string", '"x"', ['{"b": 1}', '"x"'], "jsonb"),
        ("number", "1.5", "integer", "2", ["1.5", "2"], "numeric"),
        (
            {"type": "string", "format": "date"},
            '"2024-02-29"',
            {"type": "string", "format": "date-time"},
            '"2024-03-01T01:00:00+01:00"',
            ["2024-02-29 00:00:00+00", "2024-03-01 00:00:00+00"],
            "timestamp with time zone",
        ),
        (
            {"type": "string", "format": "date-time"},
            '"2024-03-01T01:00:00.5+01:00"',
            "string",
            '"x"',
            ["2024-03-01T00:00:00.5+00:00", "x"],
            "text",
        ),
        (
            {
                "type": "string",
                "format": "x-singer.decimal",
                "precision": 5,
                "scale": 2,
            },
            '"123.45"',
            {
                "type": "string",
                "format": "x-singer.decimal",
                "precision": 6,
                "scale": 4,
            },
            '"1.2345"',
            ["123.4500", "1.2345"],
            "numeric(7,4)",
        ),
        (
            {"type": "string", "format": "uuid"},
            '"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"',
            "string",
            '"x"',
            ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "x"],
            "text",
        ),
    ],
)
@pytest.mark.parametrize("in_one_run", [True, False])
def test_a_type_only_ever_widens_and_old_rows_keep_their_values(
    db: Database,
    old: Any,
    first: str,
    new: Any,
    second: str,
    stored: list[str],
    column_type: str,
    *,
    in_one_run: bool,
) -> None:
    one = [schema(id="integer", v=old), raw_record(f'{{"id": 1, "v": {first}}}')]
    two = [schema(id="integer", v=new), raw_record(f'{{"id": 2, "v": {second}}}')]
    runs = [one + two] if in_one_run else [one, two]
    for lines in runs:
        outcome = db.load(lines)
        assert outcome.status == 0, outcome.message
    assert [v for _, v in db.rows("s", "id", "v")] == stored
    assert db.types("s")["v"] == column_type


def test_a_column_of_floats_becomes_numeric_without_losing_digits(db: Database) -> None:
    db.execute("create schema raw")
    db.execute("create table raw.s (id bigint primary key, v double precision)")
    db.execute("insert into raw.s values (1, 0.1::float8 + 0.2::float8)")
    line = raw_record('{"id": 2, "v": 0.12345678901234567890}')
    assert db.load([schema(id="integer", v="number"), line]).status == 0
    assert [v for _, v in db.rows("s", "id", "v")] == [
        "0.30000000000000004",
        "0.12345678901234567890",
    ]


def test_a_timestamp_without_zone_becomes_one_with_in_utc(db: Database) -> None:
    db.execute("create schema raw")
    db.execute("create table raw.s (id bigint primary key, v timestamp)")
    db.execute("insert into raw.s values (1, '2024-01-01 12:00')")
    head = schema(id="integer", v={"type": "string", "format": "date-time"})
    assert db.load([head, record(id=2, v="2024-01-01T12:00:00+02:00")]).status == 0
    assert db.rows("s", "id", "v") == [
        ("1", "2024-01-01 12:00:00+00"),
        ("2", "2024-01-01 10:00:00+00"),
    ]


def test_r61_a_column_the_tap_drops_stays_and_may_come_back(db: Database) -> None:
    both, one = schema(id="integer", v="string"), schema(id="integer")
    lines = [both, record(id=1, v="a"), one, record(id=2), both, record(id=3, v="c")]
    assert db.load(lines).status == 0
    assert db.rows("s", "id", "v") == [("1", "a"), ("2", None), ("3", "c")]


def test_r62_the_newer_record_wins_over_a_schema_change(db: Database) -> None:
    lines = [schema(id="integer", v="string"), record(id=1, v="old")]
    lines += [
        schema(id="integer", v="string", w="string"),
        record(id=1, v="new", w="w"),
    ]
    assert db.load(lines).status == 0
    assert db.rows("s", "id", "v", "w") == [("1", "new", "w")]
    lines = [*lines[2:], *lines[:2]]
    assert db.load(lines).status == 0
    assert db.rows("s", "id", "v", "w") == [("1", "old", "w")]


def test_r63_a_key_that_grows_is_rebuilt(db: Database) -> None:
    narrow = schema(keys=["a"], a="integer", b="integer")
    wide = schema(keys=["a", "b"], a="integer", b="integer")
    assert db.load([narrow, record(a=1, b=1), record(a=2, b=1)]).status == 0
    assert db.load([wide, record(a=1, b=2), record(a=1, b=1)]).status == 0
    assert db.rows("s", "a", "b") == [("1", "1"), ("1", "2"), ("2", "1")]


def test_r63_a_key_the_data_does_not_allow_stops_with_4(db: Database) -> None:
    wide = schema(keys=["a", "b"], a="integer", b="integer")
    narrow = schema(keys=["a"], a="integer", b="integer")
    assert db.load([wide, record(a=1, b=1), record(a=1, b=2)]).status == 0
    assert db.load([narrow, record(a=1, b=3)]).status == 4
    assert db.rows("s", "a", "b") == [("1", "1"), ("1", "2")]


def test_r64_a_key_that_vanishes_stops_with_4(db: Database) -> None:
    assert db.load([schema(id="integer"), record(id=1)]).status == 0
    outcome = db.load([schema(keys=[], id="integer"), record(id=1)])
    assert outcome.status == 4
    assert db.count("s") == 1


def test_r65_a_table_made_by_hand_keeps_its_columns_and_gets_a_key(
    db: Database,
) -> None:
    db.execute("create schema raw")
    db.execute(
        "create table raw.s (no serial primary key, id bigint, made text default 'me')"
    )
    db.execute("insert into raw.s (id) values (1), (2)")
    assert db.load([schema(id="integer", v="string"), record(id=2, v="x")]).status == 0
    assert db.load([schema(id="integer", v="string"), record(id=3, v="y")]).status == 0
    assert db.rows("s", "id", "v", "made") == [
        ("1", None, "me"),
        ("2", "x", "me"),
        ("3", "y", "me"),
    ]


def test_r65_our_own_columns_may_have_been_made_by_hand_too(db: Database) -> None:
    db.execute(
        "create schema raw; create table raw.s (id bigint primary key,"
        " _sdc_deleted_at timestamp(0) default now(), _sdc_batched_at varchar(40),"
        " _bizops_run_id char(10) default 'nobody')"
    )
    for run in ("a", "b"):
        lines = [schema(id="integer"), record(id=1), record(id=2)]
        assert db.load(lines, run_id=run).status == 0
        assert db.rows("s", "id", "_sdc_deleted_at", "_bizops_run_id") == [
            ("1", None, f"{run:10}".rstrip()),
            ("2", None, f"{run:10}".rstrip()),
        ]
    assert db.execute("select count(*) from raw.s where _sdc_batched_at > '2'") == [
        (2,)
    ]


def test_what_defaults_say_is_what_a_batch_would_have_said(db: Database) -> None:
    head = schema(keys=[], id="integer")
    for run in ("first 'run' \t\\", "second"):
        assert db.load([head, record(id=1)], run_id=run).status == 0
    assert db.load([head, record(id=2)]).status == 0
    assert db.execute("select _bizops_run_id from raw.s order by _sdc_sequence") == [
        ("first 'run' \t\\",),
        ("second",),
        (None,),
    ]
    recent = "_sdc_batched_at between now() - interval '1 minute' and now()"
    assert db.execute(f"select bool_and({recent}) from raw.s") == [(True,)]


def test_r65_a_table_with_repeated_keys_stops_with_4(db: Database) -> None:
    db.execute("create schema raw")
    db.execute("create table raw.s (id bigint)")
    db.execute("insert into raw.s values (1), (1)")
    outcome = db.load([schema(id="integer"), record(id=1)])
    assert outcome.status == 4
    assert db.count("s") == 2


def test_r66_a_table_of_another_role_stops_with_4_and_a_hint(db: Database) -> None:
    role = f"role_{db.url.rsplit('_', 1)[1]}"
    db.execute("create schema raw")
    db.execute("create table raw.s (id bigint primary key)")
    db.execute(f"create role \"{role}\" login password '{ROLE_PASSWORD}'")
    try:
        db.execute(f'grant usage, create on schema raw to "{role}"')
        url = url_of(db.url, role)
        outcome = db.load([schema(id="integer"), record(id=1)], url=url)
        assert outcome.status == 4
        assert "grant" in outcome.message
    finally:
        db.execute(f'revoke all on schema raw from "{role}"')
        db.execute(f'drop role "{role}"')


def test_r67_long_names_equal_to_byte_63_are_two_stable_columns(db: Database) -> None:
    long = "x" * 66
    names = [f"{long}left", f"{long}right", "é" * 40, "€" * 30]
    for n in range(2):
        values = {name: f"{name[-1]}{n}" for name in names}
        head = schema(id="integer", **dict.fromkeys(names, "string"))
        assert db.load([head, record(id=n, **values)]).status == 0
    columns = [legal_name(name) for name in names]
    assert len(set(columns)) == 4
    assert all(len(column.encode()) <= 63 for column in columns)
    assert db.rows("s", "id", *columns) == [
        (str(n), *[f"{name[-1]}{n}" for name in names]) for n in range(2)
    ]
    comments = db.execute(
        "select col_description('raw.s'::regclass, attnum) from pg_attribute"
        " where attrelid = 'raw.s'::regclass and attnum > 0"
    )
    assert {text for (text,) in comments if text} == set(names)
    assert dict(db.execute("select full_name, column_name from raw._bizops_names")) == (
        dict(zip(names, columns, strict=True))
    )


def test_r68_63_bytes_fit_and_64_are_shortened(db: Database) -> None:
    fits, long = "a" * 63, "a" * 64
    head = schema(id="integer", **{fits: "string", long: "string"})
    assert db.load([head, record(id=1, **{fits: "1", long: "2"})]).status == 0
    assert db.rows("s", fits, legal_name(long)) == [("1", "2")]


def test_r69_names_that_differ_in_case_are_two_columns(db: Database) -> None:
    head = schema(id="integer", Name="string", name="string")
    assert db.load([head, record(id=1, Name="A", name="b")]).status == 0
    assert db.rows("s", "Name", "name") == [("A", "b")]


ODD_NAMES = [
    "select",
    "user",
    "two words",
    'quo"te',
    "apo'strophe",
    "semi;colon--",
    "%s%(a)s{}",
    "back\\slash",
    "new\nline\ttab",
    "1st",
    "🦄",
    "",
    " ",
    "ctid",
    "xmin",
    "tableoid",
    "_sdc_batched_at",
    "_sdc_sequence",
    "nul\0name",
    "a-b.c",
    '"); drop table public.canary; --',
]


def test_r70_s1_any_name_is_a_column_and_none_is_sql(db: Database) -> None:
    db.execute("create table public.canary (id int)")
    head = schema(id="integer", **dict.fromkeys(ODD_NAMES, "string"))
    values = {name: f"v{n}" for n, name in enumerate(ODD_NAMES)}
    for n in range(2):
        outcome = db.load([head, record(id=n, **values)])
        assert outcome.status == 0, outcome.message
    reserved = frozenset({"ctid", "xmin", "tableoid"})
    ours = frozenset({"_sdc_batched_at", "_sdc_sequence"})
    columns = [legal_name(name, reserved=reserved | ours) for name in ODD_NAMES]
    assert db.rows("s", *columns) == [tuple(values.values())] * 2
    wider = schema(id="integer", **dict.fromkeys(ODD_NAMES, "object"))
    assert db.load([wider, record(id=5)]).status == 0
    assert db.execute("select to_regclass('public.canary')::text") == [("canary",)]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_r70_s1_any_name_is_a_stream_and_a_key(db: Database, name: str) -> None:
    db.execute("create table public.canary (id int)")
    head = schema(name, keys=[name], **{name: "string"})
    lines = [head, record(name, **{name: "k"}), record(name, **{name: "k"})]
    lines.append({"type": "ACTIVATE_VERSION", "stream": name, "version": 1})
    for settings in ({}, {"hard_delete": True}):
        outcome = db.load(lines, **settings)
        assert outcome.status == 0, outcome.message
    assert db.count(legal_name(name).replace('"', '""')) == 1
    assert db.execute("select to_regclass('public.canary')::text") == [("canary",)]


@pytest.mark.parametrize("name", ['ra"w', "a;b", "x" * 80, "%s"])
def test_s1_any_name_is_a_schema(db: Database, name: str) -> None:
    lines = [schema(id="integer"), record(id=1), state({"a": 1})]
    settings = {"default_target_schema": name, "state_schema": f"state{name}"}
    outcome = db.load(lines, state_id="x'y", run_id="r'1\t", **settings)
    assert outcome.status == 0, outcome.message
    assert db.execute(
        "select count(*) from pg_namespace where nspname = %s", legal_name(name)
    ) == [(1,)]


def test_r71_upper_case_streams_alter_and_activate(db: Database) -> None:
    lines = [schema("ALL", id="integer"), {**record("ALL", id=1), "version": 1}]
    lines += [schema("ALL", id="integer", V="string")]
    lines += [{**record("ALL", id=2, V="x"), "version": 2}]
    lines += [{"type": "ACTIVATE_VERSION", "stream": "ALL", "version": 2}]
    assert db.load(lines, hard_delete=True).status == 0
    assert db.rows("ALL", "id", "V") == [("2", "x")]


def test_r72_a_stream_name_may_hold_the_schema_when_configured(db: Database) -> None:
    lines = [schema("db-sales-orders", id="integer"), record("db-sales-orders", id=1)]
    assert db.load(lines, stream_name_is="schema-table").status == 0
    assert db.execute("select id from sales.orders") == [(1,)]
    assert db.load(lines).status == 0
    assert db.count("db-sales-orders") == 1


def test_r72_two_streams_never_share_a_table(db: Database) -> None:
    lines = [schema("a-x-t", id="integer"), schema("b-x-t", id="integer")]
    outcome = db.load(lines, stream_name_is="schema-table")
    assert outcome.status == 2
    assert "'a-x-t'" in outcome.message
    assert "'b-x-t'" in outcome.message


def test_r73_frozen_tables_do_not_change(db: Database) -> None:
    frozen = {"schema_changes": "freeze"}
    head = schema(id="integer", v="integer")
    assert db.load([head, record(id=1, v=1)], **frozen).status == 0
    assert db.load([head, record(id=2, v=2)], **frozen).status == 0
    before = db.types("s")
    wider = schema(id="integer", v="integer", w="string")
    outcome = db.load([wider, record(id=3, v=3, w="x")], **frozen)
    assert outcome.status == 4
    assert "w" in outcome.message
    assert db.load([head, record(id=3, v=7.5)], **frozen).status == 4
    assert db.types("s") == before
    assert db.count("s") == 2


def test_discarded_properties_leave_the_table_as_it_is(db: Database) -> None:
    assert db.load([schema(id="integer", v="integer"), record(id=1, v=1)]).status == 0
    before = db.types("s")
    lines = [schema(id="integer", v="integer", w="string"), record(id=2, v=2, w="x")]
    assert db.load(lines, schema_changes="discard").status == 0
    assert db.types("s") == before
    assert db.rows("s", "id", "v") == [("1", "1"), ("2", "2")]


def test_a_view_is_not_a_table(db: Database) -> None:
    db.execute("create schema raw")
    db.execute("create view raw.s as select 1 as id")
    outcome = db.load([schema(id="integer"), record(id=1)])
    assert outcome.status == 4
    assert "not a table" in outcome.message


def test_more_columns_than_a_table_has_stop_with_4(db: Database) -> None:
    head = schema(id="integer", **{f"c{n}": "string" for n in range(1700)})
    outcome = db.load([head, record(id=1)])
    assert outcome.status == 4
    assert "1600" in outcome.message


def test_a_view_on_a_column_that_must_widen_is_named(db: Database) -> None:
    head = schema(id="integer", v="integer")
    assert db.load([head, record(id=1, v=1)]).status == 0
    db.execute("create view public.report_of_v as select v from raw.s")
    outcome = db.load([head, record(id=2, v=2.5)])
    assert outcome.status == 4
    assert "report_of_v" in outcome.message
    assert db.rows("s", "id", "v") == [("1", "1")]
