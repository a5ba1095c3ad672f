"""Messages are counted right in every wire form and however they are cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.errors import TapInputError
from bizops_cli.singer.counting import MessageCounter

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)


@st.composite
def messages(draw) -> dict:
    kind = draw(st.sampled_from(["RECORD", "RECORD", "RECORD", "SCHEMA", "STATE"]))
    if kind == "STATE":
        return {"type": kind, "value": {"bookmarks": {draw(TEXTS): draw(TEXTS)}}}
    stream = draw(st.sampled_from(["a", "b", '"type": "STATE"', "ü\\n"]) | NAMES)
    body = (
        {"record": {draw(TEXTS): draw(TEXTS)}} if kind == "RECORD" else {"schema": {}}
    )
    return {"type": kind, "stream": stream, **body}


@st.composite
def lines(draw) -> bytes:
    message = draw(messages())
    if draw(st.booleans()) and draw(st.booleans()):
        message = dict(reversed(message.items()))
    text = json.dumps(
        message,
        separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")])),
        ensure_ascii=draw(st.booleans()),
    )
    return text.encode()


@given(st.lists(lines(), max_size=30), st.data())
def test_counts_equal_those_of_parsing_every_line(wire: list[bytes], data) -> None:
    counter = MessageCounter("tap-x")
    rest = list(wire)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        block, rest = rest[:size], rest[size:]
        counter.feed(b"\n".join(block) + b"\n", at_s=1.0)

    parsed = [json.loads(line) for line in wire]
    rows: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for message, line in zip(parsed, wire, strict=True):
        if message["type"] != "STATE":
            name = message["stream"]
            rows[name] = rows.get(name, 0) + (message["type"] == "RECORD")
            sizes[name] = sizes.get(name, 0) + len(line) + 1
    assert {name: c.rows for name, c in counter.streams.items()} == rows
    assert {name: c.size_bytes for name, c in counter.streams.items()} == sizes
    assert counter.states == sum(m["type"] == "STATE" for m in parsed)
    assert counter.lines == len(wire)
    assert counter.size_bytes == sum(len(line) + 1 for line in wire)


def test_blank_lines_carriage_returns_and_a_bom_are_accepted() -> None:
    counter = MessageCounter("tap-x")
    record = b'{"type": "RECORD", "stream": "a", "record": {}}'
    counter.feed(b"\xef\xbb\xbf" + record + b"\r\n\n   \n" + record + b"\n", at_s=0)
    assert counter.rows == 2
    assert counter.lines == 4


def test_nan_is_json_for_python_and_so_for_us() -> None:
    counter = MessageCounter("tap-x")
    counter.feed(b'{"record": {"x": NaN}, "stream": "a", "type": "RECORD"}\n', at_s=0)
    assert counter.rows == 1


@pytest.mark.parametrize(
    "line",
    [
        b"INFO starting",
        b"[]",
        b"null",
        b'{"type": "RECORD"}',
        b'{"type": "RECORD", "record": {}}',
        b'{"stream": "a"}',
        b'{"type": 1, "stream": "a"}',
        b'{"type": "SCHEMA", "schema": {}',
        b"\xff\xfe",
        b'{"type": "RECORD", "stream": "\\q"}',
        b"[" * 100_000,
    ],
)
def test_anything_else_is_refused_with_its_line_number(line: bytes) -> None:
    counter = MessageCounter("tap-x")
    good = b'{"type": "RECORD", "stream": "a", "record": {}}\n'
    with pytest.raises(TapInputError) as caught:
        counter.feed(good * 3 + line + b"\n" + good, at_s=0)
    assert "tap-x" in caught.value.message
    assert "line 4 of its output" in caught.value.message
    assert counter.rows == 3


def test_seconds_run_from_the_first_to_the_last_message() -> None:
    counter = MessageCounter("tap-x")
    record = b'{"type":"RECORD","stream":"a","record":{}}\n'
    for at_s in (10.0, 11.0, 14.5):
        counter.feed(record, at_s=at_s)
    assert counter.streams["a"].duration_s == 4.5
