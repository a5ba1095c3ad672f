"""The quick way through CSV gives what the standard library's reader gives."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit import quoted_csv
from reading_kit.converting import BlockConverter, Column, RecordEnvelope
from reading_kit.csvpages import read_blocks, read_columns
from reading_kit.errors import IncompleteDataError

NAMES = ("Id", "Text", "Amount", "Address")
COLUMNS = (
    Column("Id"),
    Column("Text"),
    Column("Amount", "number", 2),
    Column("Address", "json"),
)
HARD = st.text(
    st.sampled_from(' a,"\\\n\r\t\x01\x1f\x7f\x85\xa0é€\u2028\u2029😀'), max_size=12
)
TEXT = HARD | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
JSON = st.dictionaries(TEXT, TEXT, max_size=2).map(json.dumps)
ROWS = st.lists(
    st.tuples(TEXT, TEXT, st.sampled_from(["", "1.50", "-7"]), st.just("") | JSON),
    max_size=6,
)


def to_csv(rows, *, quoting=csv.QUOTE_ALL, end="\n", header=NAMES) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=end)
    writer.writerows([header, *rows] if header else rows)
    return text.getvalue().encode()


def in_chunks(content: bytes, size: int) -> list[bytes]:
    return [content[i : i + size] for i in range(0, len(content), size)]


def convert(blocks, names=NAMES) -> list[dict]:
    by_name = {column.name: column for column in COLUMNS}
    converter = BlockConverter(
        [by_name[name] for name in names],
        RecordEnvelope("Lead", "2018-01-31T23:59:59.000Z"),
        key=None,
        key_limit="9",
    )
    lines = b"".join(
        converter.convert(block)
        if isinstance(block, list)
        else converter.convert_block(block)
        for block in blocks
    )
    assert len(lines.decode().splitlines()) == lines.count(b"\n")
    return [json.loads(line)["record"] for line in lines.splitlines()]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(quoted_csv, "BLOCK_BYTES", 40)


@given(
    rows=ROWS,
    size=st.integers(1, 90),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
    has_header=st.booleans(),
)
def test_both_ways_give_the_same_records(rows, size, quoting, end, has_header):
    header = NAMES if has_header else None
    if quoting == csv.QUOTE_MINIMAL:
        # Python's writer leaves these without quotes, which its reader refuses.
        rows = [tuple(cell.replace("\r", "") for cell in row) for row in rows]
    content = to_csv(rows, quoting=quoting, end=end, header=header)
    quick = convert(read_columns(in_chunks(content, size), NAMES))
    assert quick == convert(read_blocks(in_chunks(content, size), NAMES))
    assert [record["Text"] for record in quick] == [row[1] or None for row in rows]
    expected = [json.loads(row[3]) if row[3] else None for row in rows]
    assert [record["Address"] for record in quick] == expected


@given(rows=ROWS, size=st.integers(1, 90))
def test_columns_in_another_order_are_put_in_ours(rows, size):
    content = to_csv(rows, header=[name.upper() for name in NAMES])
    other = ("Amount", "Text", "Address", "Id")
    records = convert(read_columns(in_chunks(content, size), other), other)
    assert [list(record) for record in records] == [list(other)] * len(rows)
    assert [record["Id"] for record in records] == [row[0] or None for row in rows]


@given(
    content=st.text(st.sampled_from('"a,\n\r\\'), max_size=40), size=st.integers(1, 9)
)
def test_whatever_comes_is_read_alike_or_refused_alike(content, size):
    def outcome(read):
        try:
            return convert(
                read(in_chunks(content.encode(), size), ("Id", "Text")), ("Id", "Text")
            )
        except IncompleteDataError:
            return "refused"

    assert outcome(read_columns) == outcome(read_blocks)


def test_quoted_text_takes_the_quick_way_and_other_text_does_not():
    rows = [['say "hi"', "", "1", ""]] * 3
    block = quoted_csv.split_block(to_csv(rows, header=None), 4)
    assert block is not None
    assert block.rows == 3
    assert block.first_row() == ('say \\"hi\\"', "", "1", "")
    plain = to_csv(rows, header=None, quoting=csv.QUOTE_MINIMAL)
    assert quoted_csv.split_block(plain, 4) is None


def test_a_style_that_changes_within_a_page_is_followed():
    rows = [[str(number), "text", "1", ""] for number in range(40)]
    content = to_csv(rows[:20]) + to_csv(
        rows[20:], header=None, quoting=csv.QUOTE_MINIMAL
    )
    records = convert(read_columns(in_chunks(content, 30), NAMES))
    assert [record["Id"] for record in records] == [row[0] for row in rows]


@pytest.mark.parametrize(
    "content",
    [
        b'"1","cut in a val',
        b'"1","a","1"\n',
        b'"1","a","1","","b"\n',
        b'"1","\xff","1",""\n',
        b'"1","a","1",""\n"2",',
    ],
)
def test_a_page_that_is_cut_or_of_another_shape_is_refused(content):
    with pytest.raises(IncompleteDataError):
        list(read_columns([content], NAMES))


def test_a_row_longer_than_a_block_is_read():
    rows = [["1", "x\n" * 50_000, "1", ""], ["2", "y", "", ""]]
    content = to_csv(rows)
    records = convert(read_columns(in_chunks(content, 1000), NAMES))
    assert records[0]["Text"] == rows[0][1]
    assert records[1]["Text"] == "y"
