"""Windows and pages cover everything once, however they are cut."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tap_zuora.windows import (
    Part,
    Window,
    find_high_water_mark,
    find_start,
    plan_parts,
    slice_windows,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
instants = st.integers(-(10**8), 10**9).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(start=instants, end=instants, days=st.integers(1, 4000))
def test_slices_lie_end_to_end_from_start_to_end(start, end, days):
    longest = timedelta(days=days)
    windows = slice_windows(start, end, longest=longest)
    if start >= end:
        assert windows == []
        return
    assert windows[0].start == start
    assert windows[-1].end == end
    assert all(a.end == b.start for a, b in itertools.pairwise(windows))
    assert all(timedelta(0) < w.end - w.start <= longest for w in windows)


@given(start=instants, seconds=st.integers(1, 10**9))
def test_halves_lie_end_to_end_and_are_not_shorter_than_an_hour(start, seconds):
    window = Window(start, start + timedelta(seconds=seconds))
    halves = window.halves()
    if halves is None:
        assert seconds < 2 * 3600
        return
    assert (halves[0].start, halves[1].end) == (window.start, window.end)
    assert halves[0].end == halves[1].start
    assert min(h.end - h.start for h in halves) >= timedelta(hours=1)


@given(
    seconds=st.integers(1, 10**8),
    limit=st.none() | st.integers(1, 10**6),
    after=st.sampled_from(["", "8ad0"]),
)
def test_making_a_part_smaller_ends_and_never_loses_where_it_begins(
    seconds, limit, after
):
    part = Part(Window(START, START + timedelta(seconds=seconds)), limit, after)
    steps = 0
    while smaller := part.smaller(page_rows=250_000):
        assert smaller[0].after_id == after
        assert smaller[0].window is not None
        assert smaller[0].window.start == START
        assert smaller[-1].window is not None
        assert smaller[-1].window.end == part.window.end
        part = smaller[0]
        steps += 1
    assert steps < 60


def test_a_part_as_small_as_may_be_is_not_made_smaller():
    hour = Window(START, START + timedelta(hours=1))
    assert Part(hour).smaller(page_rows=250_000) == (Part(hour, 250_000),)
    assert Part(hour, 2_000).smaller(page_rows=9) == (Part(hour, 1_000),)
    assert Part(hour, 1_000).smaller(page_rows=9) == ()
    assert Part(None, 1_999).smaller(page_rows=9) == ()


def test_a_span_of_one_window_is_read_at_once_and_a_longer_one_by_pages():
    day = timedelta(days=1)
    one = plan_parts(START, START + day, longest=day, page_rows=10)
    assert one == [Part(Window(START, START + day))]
    two = plan_parts(START, START + 1.5 * day, longest=day, page_rows=10)
    assert [part.limit_rows for part in two] == [10, 10]
    assert plan_parts(START, START, longest=day, page_rows=10) == []


def test_the_mark_is_the_servers_time_in_whole_seconds_less_the_lag():
    time = datetime(2024, 5, 1, 12, 0, 0, 999_999, tzinfo=UTC)
    mark = find_high_water_mark(time, safety_lag=timedelta(hours=2))
    assert mark == datetime(2024, 5, 1, 10, tzinfo=UTC)


def test_reading_starts_a_lookback_before_the_bookmark_and_not_before_the_floor():
    day = timedelta(days=1)
    assert find_start(None, lookback=day, floor=START) == START
    assert find_start(START + 9 * day, lookback=day, floor=START) == START + 8 * day
    assert find_start(START, lookback=day, floor=START) == START
