"""Pages of CSV are read whole or not at all."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.converting import BlockConverter, Column, RecordEnvelope
from reading_kit.csvpages import BLOCK_ROWS, read_blocks, spool_page
from reading_kit.errors import IncompleteDataError, SpoolError

NAMES = ["Id", "Name"]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def to_csv(rows, header=NAMES) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([header, *rows] if header else rows)
    return text.getvalue().encode()


def read_rows(chunks, names):
    return [row for block in read_blocks(chunks, names) for row in block]


def spool(rows, path, announced):
    return spool_page([rows], new_converter(), path, announced_rows=announced)


def in_chunks(content: bytes, size: int) -> list[bytes]:
    return [content[i : i + size] for i in range(0, len(content), size)]


@given(st.lists(st.tuples(TEXT, TEXT), max_size=20), st.integers(1, 40))
def test_rows_survive_any_line_break_quote_and_cut_of_chunks(rows, size):
    chunks = in_chunks(to_csv(rows), size)
    assert [tuple(row) for row in read_rows(chunks, NAMES)] == rows


def test_a_page_without_a_header_is_all_data():
    rows = [["1", "a"], ["2", "b"]]
    assert list(read_rows([to_csv(rows, header=None)], NAMES)) == rows


def test_columns_in_another_order_are_put_in_ours():
    content = to_csv([["a", "1"]], header=["NAME", "Id"])
    assert list(read_rows([content], NAMES)) == [["1", "a"]]


def test_nul_bytes_are_left_out():
    assert list(read_rows([b'"1","a\0b"\n'], NAMES)) == [["1", "ab"]]


@pytest.mark.parametrize("content", [b"", b'"Id","Name"\n', b"\n"])
def test_a_page_may_be_empty(content):
    assert list(read_rows([content], NAMES)) == []


@pytest.mark.parametrize(
    "content", [b'"1","cut in a val', b'"1"\n', b'"1","a","b"\n', b'"1","\xff"\n']
)
def test_a_page_that_is_cut_or_of_another_shape_is_refused(content):
    with pytest.raises(IncompleteDataError):
        list(read_rows([content], NAMES))


def test_a_very_long_value_is_read():
    value = "x" * 300_000
    assert list(read_rows([to_csv([["1", value]])], NAMES)) == [["1", value]]


def new_converter() -> BlockConverter:
    fields = tuple(Column(name) for name in NAMES)
    envelope = RecordEnvelope("Lead", "2018-01-31T23:59:59.000Z")
    return BlockConverter(fields, envelope, key=None, key_limit="9")


def test_a_spooled_page_gives_whole_lines(tmp_path):
    rows = [[str(number), "ö" * 200] for number in range(3 * BLOCK_ROWS + 5)]
    page = spool(rows, tmp_path / "p", len(rows))
    assert page.rows == len(rows)
    chunks = list(page.chunks())
    assert len(chunks) > 1
    assert all(chunk.endswith(b"\n") for chunk in chunks)
    lines = b"".join(chunks).splitlines()
    assert [json.loads(line)["record"]["Id"] for line in lines] == [r[0] for r in rows]
    page.discard()
    assert not (tmp_path / "p").exists()


def test_a_full_disk_is_told_from_a_broken_connection():
    with pytest.raises(SpoolError, match="No space left"):
        spool([["1", "a"]], Path("/dev/full"), 1)


@pytest.mark.parametrize("announced", [1, 3])
def test_another_number_of_rows_than_announced_is_refused(tmp_path, announced):
    rows = [["1", "a"], ["2", "b"]]
    with pytest.raises(IncompleteDataError, match="2 rows"):
        spool(rows, tmp_path / "p", announced)


def test_a_byte_order_mark_is_no_part_of_the_header():
    content = b"\xef\xbb\xbf" + to_csv([["1", "Ada"]])
    assert read_rows([content], NAMES) == [["1", "Ada"]]


def test_a_page_that_must_begin_with_its_header_is_refused_without_it():
    content = to_csv([["1", "Ada"]], header=["Id", "Label"])
    assert read_rows([content], NAMES) == [["Id", "Label"], ["1", "Ada"]]
    with pytest.raises(IncompleteDataError, match="not its header"):
        list(read_blocks([content], NAMES, has_header=True))
    assert list(read_blocks([to_csv([])], NAMES, has_header=True)) == []
