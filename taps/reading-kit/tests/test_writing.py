"""Lines reach every kind of standard output whole and in order."""

from __future__ import annotations

import io
import os
import sys
import threading

import pytest

from reading_kit.errors import ReaderGoneError
from reading_kit.pages import Page
from reading_kit.writing import BlockWriter

FIRST = b'{"first":1}\n'
LINES = b"".join(b'{"n":%d}\n' % number for number in range(300_000))


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page"
    path.write_bytes(LINES)
    return Page(300_000, path)


def write(monkeypatch, output, page) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, write_through=True))
    writer = BlockWriter()
    writer.write_block(FIRST)
    writer.write_page(page)
    writer.write_page(Page(1, FIRST))
    writer.flush()
    assert not writer.is_writing


@pytest.mark.parametrize("mode", ["wb", "ab"])
def test_a_page_is_copied_into_a_file(monkeypatch, tmp_path, page, mode):
    with (tmp_path / "out").open(mode) as output:
        write(monkeypatch, output, page)
        monkeypatch.undo()
    assert (tmp_path / "out").read_bytes() == FIRST + LINES + FIRST


def test_a_page_is_copied_into_a_pipe(monkeypatch, page):
    reading, writing = os.pipe()
    found: list[bytes] = []

    def read() -> None:
        with open(reading, "rb") as pipe:  # noqa: PTH123 - a descriptor
            found.append(pipe.read())

    reader = threading.Thread(target=read)
    reader.start()
    with open(writing, "wb") as pipe:  # noqa: PTH123
        write(monkeypatch, pipe, page)
        monkeypatch.undo()
    reader.join()
    assert found == [FIRST + LINES + FIRST]


def test_a_page_is_written_where_nothing_can_be_copied(monkeypatch, page):
    output = io.BytesIO()
    write(monkeypatch, output, page)
    assert output.getvalue() == FIRST + LINES + FIRST


def test_a_reader_that_goes_away_is_told_as_such(monkeypatch, page):
    reading, writing = os.pipe()
    os.close(reading)
    with (
        open(writing, "wb", buffering=0) as pipe,  # noqa: PTH123
        pytest.raises(ReaderGoneError),
    ):
        write(monkeypatch, pipe, page)
    monkeypatch.undo()


def test_a_waiting_signal_is_let_through_after_a_page(monkeypatch, tmp_path, page):
    with (tmp_path / "out").open("wb") as output:
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output))
        writer = BlockWriter()
        calls: list[bool] = []
        writer.after_write = lambda: calls.append(writer.is_writing)
        writer.write_page(page)
        monkeypatch.undo()
    assert calls
    assert not any(calls)
