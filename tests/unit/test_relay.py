"""The relay passes whole lines on, unchanged, at the pace of the slower side."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizops_cli.errors import TapInputError
from bizops_cli.process.relay import relay_lines

if TYPE_CHECKING:
    from collections.abc import Callable


def relay(
    chunks: list[bytes],
    *,
    ended_well: bool = True,
    on_block: Callable[[bytes], object] = len,
    line_limit_bytes: int = 10**6,
) -> bytes:
    source_out, source_in = os.pipe()
    sink_out, sink_in = os.pipe()
    received = bytearray()

    def write() -> None:
        with os.fdopen(source_in, "wb", buffering=0) as stream:
            for chunk in chunks:
                try:
                    stream.write(chunk)
                except BrokenPipeError:
                    return

    def read() -> None:
        with os.fdopen(sink_out, "rb") as stream:
            received.extend(stream.read())

    threads = [threading.Thread(target=write), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    try:
        with os.fdopen(source_out, "rb") as source, os.fdopen(sink_in, "wb") as sink:
            relay_lines(
                source,
                sink,
                on_block=on_block,
                ended_well=lambda: ended_well,
                line_limit_bytes=line_limit_bytes,
            )
    finally:
        for thread in threads:
            thread.join(timeout=10)
    return bytes(received)


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=50), max_size=20), st.booleans())
def test_bytes_arrive_unchanged_in_whole_lines(
    chunks: list[bytes], ended_well: bool
) -> None:
    blocks: list[bytes] = []
    received = relay(chunks, ended_well=ended_well, on_block=blocks.append)

    sent = b"".join(chunks)
    whole, newline, rest = sent.rpartition(b"\n")
    expected = whole + newline
    if rest and ended_well:
        expected += rest + b"\n"
    assert received == expected
    assert b"".join(blocks) == expected
    assert all(block.endswith(b"\n") for block in blocks)


def test_a_long_line_passes_whole() -> None:
    line = b"x" * 3_000_000 + b"\n"
    assert relay([b"a\n", line, b"b\n"], line_limit_bytes=4_000_000) == (
        b"a\n" + line + b"b\n"
    )


def test_a_line_over_the_limit_is_refused() -> None:
    with pytest.raises(TapInputError, match="longer than"):
        relay([b"a\n", b"x" * 900_000], line_limit_bytes=300_000)


def test_a_closed_sink_is_a_broken_pipe() -> None:
    source_out, source_in = os.pipe()
    sink_out, sink_in = os.pipe()
    os.close(sink_out)
    os.write(source_in, b"a\n")
    with (
        os.fdopen(source_out, "rb") as source,
        os.fdopen(sink_in, "wb", buffering=0) as sink,
        pytest.raises(BrokenPipeError),
    ):
        relay_lines(source, sink, on_block=len, ended_well=lambda: True)
    os.close(source_in)
