"""Pages read ahead come whole and in order, or with what went wrong."""

from __future__ import annotations

import threading

import pytest

from reading_kit.errors import JobError
from tap_marketo.reading_ahead import ReadAhead


def test_items_come_in_order_however_few_may_wait():
    assert list(ReadAhead(iter(range(100)), most=1, name="t")) == list(range(100))


def test_items_are_read_before_they_are_asked_for():
    is_begun = threading.Event()

    def read():
        is_begun.set()
        yield 1

    ahead = ReadAhead(read(), most=1, name="t")
    assert is_begun.wait(30)
    assert list(ahead) == [1]


def test_what_goes_wrong_is_raised_after_what_came_before():
    def read():
        yield 1
        raise JobError("gone")

    items = iter(ReadAhead(read(), most=4, name="t"))
    assert next(items) == 1
    with pytest.raises(JobError, match="gone"):
        next(items)
