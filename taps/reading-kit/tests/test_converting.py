"""Columns of CSV cells become JSON, exactly."""

from __future__ import annotations

import json
import logging
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.converting import BlockConverter, Column, RecordEnvelope
from reading_kit.errors import ValueFormatError

LIMIT = "9999-12-31T00:00:00.000Z"


def convert(kind: str, *cells: str, scale: int = 0) -> list:
    field = Column("Value__c", kind, scale)
    return [record["Value__c"] for record in records((field,), *[(c,) for c in cells])]


def records(fields, *rows, **given) -> list[dict]:
    lines = new_converter(fields, **given).convert(rows).decode().split("\n")
    assert lines.pop() == ""
    return [json.loads(line, parse_float=Decimal)["record"] for line in lines]


def new_converter(fields, *, version=None, key=None, limit=LIMIT, deleted_at=None):
    envelope = RecordEnvelope("Lead", "2018-01-31T23:59:59.000Z", version)
    return BlockConverter(
        fields, envelope, key=key, key_limit=limit, deleted_at=deleted_at
    )


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=20))
def test_any_text_arrives_as_it_was_and_empty_is_null(values):
    assert convert("string", *values) == [value or None for value in values]


@given(st.lists(st.sampled_from("a\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"), max_size=9))
def test_a_record_is_one_line_for_every_kind_of_reader(letters):
    field = Column("Value__c", "string")
    text = new_converter((field,)).convert([("".join(letters),)]).decode()
    assert len(text.splitlines()) == len(text.encode().splitlines()) == 1


@given(
    st.text(st.characters(codec="utf-8")),
    st.sampled_from(['":"",', ':"",', ':""}', '"",""', ':""', '\\":"",', "%s", "%%"]),
    st.text(st.characters(codec="utf-8")),
)
def test_text_that_looks_like_the_line_around_it_is_left_alone(before, middle, after):
    fields = tuple(Column(name) for name in ("A", "B", "C"))
    row = (before + middle, middle, middle + after)
    assert records(fields, row) == [dict(zip("ABC", row, strict=True))]


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4).filter(
        lambda value: abs(value) < Decimal(10) ** 30
    )
)
def test_a_number_keeps_every_digit(value):
    assert convert("number", f"{value:f}") == [value]


@given(st.integers(-(10**30), 10**30), st.integers(-20, 20))
def test_an_exponent_is_written_out_without_loss(digits, exponent):
    text = f"{digits}E{exponent}"
    (value,) = convert("number", text, scale=0)
    assert Decimal(value) == Decimal(text)


def test_a_big_amount_in_scientific_form_keeps_its_digits():
    assert convert("number", "1.6147805824397E13", scale=2) == [16147805824397]


@pytest.mark.parametrize(
    ("text", "scale", "expected"),
    [
        ("0.30000000000000004", 2, "0.30"),
        ("12345678.120000001", 2, "12345678.12"),
        ("12.345", 2, "12.345"),
        ("33.333333", 2, "33.333333"),
        ("1234567890123456.78", 2, "1234567890123456.78"),
        ("0.30000000000000004", 0, "0.30000000000000004"),
    ],
)
def test_only_the_noise_of_a_binary_float_is_rounded(text, scale, expected):
    assert convert("number", text, scale=scale) == [Decimal(expected)]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_becomes_null_with_a_warning(text, caplog):
    with caplog.at_level(logging.WARNING):
        assert convert("number", "1", text) == [1, None]
    assert "Lead.Value__c" in caplog.text


@pytest.mark.parametrize("kind", ["number", "integer", "boolean"])
def test_a_value_of_another_form_stops_the_stream_without_being_shown(kind):
    with pytest.raises(ValueFormatError, match=r"Lead\.Value__c") as caught:
        convert(kind, "s3cret")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12", 12), ("12.0", 12), ("0.0", 0), ("1.2E3", 1200), ("-7", -7), ("", None)],
)
def test_an_integer_may_come_with_a_point(text, expected):
    (value,) = convert("integer", text)
    assert value == expected
    assert not isinstance(value, Decimal)


def test_an_integer_field_with_fractions_keeps_them_and_warns(caplog):
    with caplog.at_level(logging.WARNING):
        assert convert("integer", "12.5", "13.5") == [Decimal("12.5"), Decimal("13.5")]
    assert caplog.text.count("fractions") == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-09-24T03:26:07.000+0000", "2024-09-24T03:26:07.000Z"),
        ("2024-09-24T03:26:07.000Z", "2024-09-24T03:26:07.000Z"),
        ("2024-09-24T05:26:07+02:00", "2024-09-24T03:26:07.000Z"),
        ("2024-09-24T03:26:07+0000", "2024-09-24T03:26:07.000Z"),
        ("2024-09-24T03:26:07Z", "2024-09-24T03:26:07.000Z"),
        ("2024-09-24 03:26:07+0000", "2024-09-24T03:26:07.000Z"),
        ("0201-01-01T00:00:00.000Z", "0201-01-01T00:00:00.000Z"),
        ("", None),
    ],
)
def test_instants_have_one_form(text, expected):
    assert convert("datetime", text) == [expected]


def test_a_column_of_instants_without_milliseconds_may_have_gaps_and_other_forms():
    whole, ours = "2024-09-24T03:26:07+0000", "2024-09-24T03:26:07.000Z"
    assert convert("datetime", whole, "", whole) == [ours, None, ours]
    assert convert("datetime", "", "2024-09-24T05:26:07+02:00", whole) == [
        None,
        ours,
        ours,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", "2024-02-29"),
        ("201-05-03", "0201-05-03"),
        ("2024-02-29T00:00:00+0000", "2024-02-29"),
        ("9999-12-31 00:00:00.000Z", "9999-12-31"),
        ("2024-02-29T00:00:00.000-08:00", "2024-02-29"),
        ("", None),
    ],
)
def test_dates_have_one_form(text, expected):
    assert convert("date", text) == [expected]


@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_a_malformed_date_becomes_null_with_a_warning(kind, caplog):
    with caplog.at_level(logging.WARNING):
        assert convert(kind, "soon") == [None]
    assert "Lead.Value__c" in caplog.text


def test_a_compound_value_stays_an_object():
    cell = '{"city":"Utrecht","latitude":52.0907}'
    (value,) = convert("json", cell)
    assert value == {"city": "Utrecht", "latitude": Decimal("52.0907")}


def test_the_highest_key_counts_only_up_to_the_limit():
    field = Column("SystemModstamp", "datetime")
    converter = new_converter(
        (field,), key="SystemModstamp", limit="2018-01-02T00:00:00.000Z"
    )
    converter.convert([("2018-01-01T00:00:00.000Z",), ("2018-01-09T00:00:00.000Z",)])
    assert converter.max_key == "2018-01-01T00:00:00.000Z"
    converter.convert([("2017-01-01T00:00:00.000Z",)])
    assert converter.max_key == "2018-01-01T00:00:00.000Z"


def test_a_deleted_row_carries_the_instant_of_its_deletion():
    fields = (
        Column("IsDeleted", "boolean"),
        Column("SystemModstamp", "datetime"),
    )
    stamp = "2018-01-01T00:00:00.000Z"
    rows = [("true", stamp), ("false", stamp)]
    found = records(fields, *rows, deleted_at=("IsDeleted", "SystemModstamp"))
    assert [row["_sdc_deleted_at"] for row in found] == [stamp, None]


def test_a_record_line_carries_version_and_time():
    field = Column("Id", "string")
    line = json.loads(new_converter((field,), version=7).convert([("a",)]))
    assert line == {
        "type": "RECORD",
        "stream": "Lead",
        "record": {"Id": "a"},
        "version": 7,
        "time_extracted": "2018-01-31T23:59:59.000Z",
    }


def test_booleans_may_be_written_in_capitals():
    assert convert("boolean", "TRUE", "False", "", "true") == [True, False, None, True]
