"""Partitions read side by side: everything comes, in order, and memory is bounded."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from reading_kit.errors import TapError
from reading_kit.pages import Page
from tap_gitlab.gathering import End, Gathering
from tap_gitlab.partitions import Chunk
from tap_gitlab.piece_queue import PieceQueue

PAGE = b"x" * 1_000_000


def partitions(count):
    return [SimpleNamespace(number=number) for number in range(count)]


def page_of(chunk):
    return Page(len(chunk.rows), PAGE)


def test_everything_comes_and_each_partition_in_its_order():
    def read(partition):
        for number in range(20):
            yield Chunk([number], str(number))

    gathering = Gathering(read, page_of, workers=4)
    gathering.start(partitions(9))
    found = {number: [] for number in range(9)}
    ends = 0
    for event in gathering.events():
        if isinstance(event, End):
            assert event.error is None
            ends += 1
        else:
            assert event.page.rows == 1
            found[event.partition.number].append(event.chunk.bookmark)
    assert ends == 9
    assert found == {n: [str(m) for m in range(20)] for n in range(9)}


def test_a_partition_that_fails_does_not_stop_the_others():
    def read(partition):
        yield Chunk([1])
        if partition.number == 2:
            raise TapError("broken")

    gathering = Gathering(read, page_of, workers=2)
    gathering.start(partitions(5))
    ends = [event for event in gathering.events() if isinstance(event, End)]
    failed = [str(end.error) for end in ends if end.error]
    assert (len(ends), failed) == (5, ["broken"])


def test_what_nobody_takes_is_not_read_on():
    given = []

    def read(_):
        for number in range(100):
            given.append(number)
            yield Chunk([number])

    gathering = Gathering(read, page_of, workers=1)
    gathering.start(partitions(1))
    time.sleep(0.3)
    assert len(given) <= 12
    gathering.stop()
    before = threading.active_count()
    for _ in range(50):
        if threading.active_count() < before or len(given) < 12:
            break
        time.sleep(0.05)
    assert len(given) <= 12


def test_no_partition_is_no_event():
    gathering = Gathering(lambda _: iter(()), page_of, workers=4)
    gathering.start([])
    assert list(gathering.events()) == []


@pytest.mark.parametrize("size_bytes", [0, 5])
def test_a_queue_that_is_closed_takes_nothing(size_bytes):
    queue = PieceQueue(3)
    assert queue.put("a", size_bytes=5)
    queue.close()
    assert not queue.put("b", size_bytes=size_bytes)
    assert queue.get() == "a"
