from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_sandbox.projections.salesforce_org import FieldSpec
from bizops_sandbox.servers.salesforce.formats import (
    csv_header,
    csv_lines,
    double_text,
)
from bizops_sandbox.servers.salesforce.kept_lines import KeptLines
from bizops_sandbox.servers.salesforce.record_ids import record_id, with_check

_CELLS = st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=15)


@given(
    rows=st.lists(st.lists(_CELLS, min_size=3, max_size=3), max_size=10),
    delimiter=st.sampled_from(",\t|;^`"),
    line_ending=st.sampled_from(["\n", "\r\n"]),
)
def test_any_text_comes_back_from_a_csv_page(rows, delimiter, line_ending):
    names = ["A", "B", "C"]
    fields = [FieldSpec(name, "string") for name in names]
    style = {"delimiter": delimiter, "line_ending": line_ending}
    lines = csv_lines(
        fields, [dict(zip(names, row, strict=True)) for row in rows], **style
    )
    text = io.StringIO("".join([csv_header(fields, **style), *lines]), newline="")
    read = list(csv.reader(text, delimiter=delimiter, strict=True))
    assert read[0] == names
    assert read[1:] == [[cell or "" for cell in row] for row in rows]


def test_every_value_is_quoted_and_an_absent_one_is_empty():
    fields = [FieldSpec(kind, kind) for kind in ("string", "int", "boolean", "date")]
    row = {"string": None, "int": 7, "boolean": True, "date": date(2018, 1, 31)}
    assert csv_lines(fields, [row]) == ['"","7","true","2018-01-31"\n']


def test_an_instant_has_milliseconds_and_z():
    rows = [{"at": datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)}, {"at": None}]
    lines = csv_lines([FieldSpec("at", "datetime")], rows)
    assert lines == ['"2018-01-31T23:59:59.000Z"\n', '""\n']


def test_lines_are_written_once_for_each_style_and_anew_when_there_are_too_many():
    fields = [FieldSpec("A", "string")]
    rows = [{"A": str(number)} for number in range(10)]
    kept = KeptLines(most_characters=100)

    def lines(some, delimiter=","):
        return kept.lines(fields, some, delimiter=delimiter, line_ending="\n")

    first = lines(rows[:5])
    again = lines(rows[3::-1])
    assert again == first[3::-1]
    assert all(a is b for a, b in zip(again, first[3::-1], strict=True))
    assert lines(rows) == [f'"{number}"\n' for number in range(10)]
    for _ in range(10):
        assert lines([{"A": "x"}, *rows]) == ['"x"\n', *lines(rows)]
        assert lines(rows, "|") == lines(rows)
    kept.clear()
    assert lines(rows[:1]) == first[:1]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0.0"),
        ("12", "12.0"),
        ("-0.5", "-0.5"),
        ("9999999.99", "9999999.99"),
        ("10000000", "1.0E7"),
        ("-12345678.9", "-1.23456789E7"),
        ("16147805824397", "1.6147805824397E13"),
        ("0.001", "0.001"),
        ("0.00012", "1.2E-4"),
    ],
)
def test_a_number_is_written_as_the_service_writes_doubles(number, text):
    assert double_text(Decimal(number)) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_the_same_double(number):
    written = double_text(Decimal(number))
    assert float(written) == number
    assert json.loads(written) == number


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("001D000000K0fXO", "001D000000K0fXOIAZ"),
        ("a00D0000008pQRA", "a00D0000008pQRAIA2"),
        ("003q000000KvQ1t", "003q000000KvQ1tAAF"),
    ],
)
def test_the_check_characters_are_those_of_real_ids(short, full):
    assert with_check(short) == full


@given(st.lists(st.integers(0, 62**12 - 1), min_size=2, max_size=2, unique=True))
def test_ids_differ_as_their_numbers_do(numbers):
    first, second = (record_id("750", number) for number in numbers)
    assert first != second
    assert (len(first), first[:3]) == (18, "750")
