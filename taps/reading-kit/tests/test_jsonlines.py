"""JSON objects become RECORD lines, exactly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.jsonlines import (
    LineEncoder,
    NotJsonError,
    decode_json_bytes,
    spool_records,
    to_page,
)

NOW = datetime(2018, 1, 31, 23, 59, 59, tzinfo=UTC)
NUMBERS = st.integers(-(2**60), 2**60) | st.decimals(
    allow_nan=False, allow_infinity=False
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(st.characters(codec="utf-8")), VALUES)))
def test_any_object_arrives_as_it_was_one_to_a_line(records):
    text = LineEncoder("Lead", time_extracted=NOW).encode(records).decode()
    lines = text.splitlines()
    found = [json.loads(line, parse_float=Decimal)["record"] for line in lines]
    assert found == records


def test_a_line_carries_version_and_time():
    encoder = LineEncoder('a "stream"', time_extracted=NOW, version=7)
    assert json.loads(encoder.encode([{"id": 1}])) == {
        "type": "RECORD",
        "stream": 'a "stream"',
        "record": {"id": 1},
        "version": 7,
        "time_extracted": "2018-01-31T23:59:59.000Z",
    }


@pytest.mark.parametrize("text", ["0.10", "1234567890.123456789012", "1E-7", "5"])
def test_numbers_keep_every_digit_from_answer_to_line(text):
    records = decode_json_bytes(b'[{"n":%s}]' % text.encode())
    line = LineEncoder("s", time_extracted=NOW).encode(records)
    assert b'{"n":%s}' % text.encode() in line


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b'"\xff"', b"NaN"])
def test_what_is_not_json_is_refused(body):
    with pytest.raises(NotJsonError):
        decode_json_bytes(body)


def test_the_highest_key_counts_only_up_to_the_limit():
    encoder = LineEncoder("s", time_extracted=NOW, key="at", key_limit="2018-02")
    encoder.encode([{"at": "2018-01"}, {"at": None}, {}, {"at": "2018-03"}])
    assert encoder.max_key == "2018-01"
    encoder.encode([{"at": "2017-01"}])
    assert to_page(encoder, []).max_key == "2018-01"


def test_blocks_of_records_are_kept_in_a_file(tmp_path):
    encoder = LineEncoder("s", time_extracted=NOW)
    blocks = [[{"id": number} for number in range(3)], [], [{"id": 3}]]
    page = spool_records(blocks, encoder, tmp_path / "page")
    assert page.rows == 4
    ids = [json.loads(line)["record"]["id"] for line in page.lines()]
    assert ids == [0, 1, 2, 3]
    page.discard()
    assert not (tmp_path / "page").exists()
