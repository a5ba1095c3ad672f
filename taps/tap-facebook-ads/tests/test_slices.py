"""Days into slices: none is lost, none is read twice, no bookmark skips one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_facebook_ads.slices import (
    DoneSpan,
    Grid,
    Part,
    Progress,
    Rung,
    Span,
    choose_slice_days,
    months_before,
    oldest_day,
    plan_slices,
    read_spans,
    start_progress,
    write_spans,
)

DAY = timedelta(days=1)
days = st.dates(date(2015, 1, 1), date(2026, 12, 31))
grids = st.builds(
    lambda anchor, period, per_job: Grid(
        anchor, period, choose_slice_days(period, per_job)
    ),
    days,
    st.integers(1, 90),
    st.integers(1, 90),
)
spans = st.builds(lambda day, n: Span(day, day + n * DAY), days, st.integers(0, 400))


def days_of(parts):
    return [part.since + n * DAY for part in parts for n in range(part.days)]


@given(grids, spans)
def test_slices_hold_each_day_once_and_in_order(grid, span):
    assert days_of(grid.cut(span)) == days_of([span])


@given(grids, spans, st.integers(0, 30))
def test_slices_begin_at_the_same_days_in_every_run(grid, span, later):
    first = set(grid.cut(span))
    moved = Span(span.since + later * DAY, span.until + later * DAY)
    inner = [part for part in grid.cut(moved) if part.until < span.until]
    assert set(inner[1:]) <= first


@given(grids, spans)
def test_periods_are_never_cut(grid, span):
    aligned = Span(grid.align_up(span.since), span.until)
    if aligned.since <= aligned.until:
        for part in grid.cut(aligned):
            assert (part.since - grid.anchor).days % grid.period_days == 0


@given(spans.filter(lambda span: span.days > 1), st.integers(1, 30))
def test_halves_hold_each_day_once(span, period):
    part = Part(span, "account", "act_1")
    if part.next_rung(report_level="ad", period_days=period) is Rung.HALVE:
        halves = part.halves(period_days=period)
        assert days_of([half.span for half in halves]) == days_of([span])
        assert (halves[1].span.since - span.since).days % period == 0


@given(
    st.integers(0, 60),
    st.integers(0, 40),
    st.integers(1, 14),
    st.sets(st.integers(0, 12)),
    st.one_of(st.none(), st.integers(0, 60)),
)
def test_no_day_wanted_is_ever_skipped(history, lookback, size, failing, before):
    """Some slices fail in a first run; the next one reads all that is not final."""
    floor = date(2020, 1, 1)
    today = floor + history * DAY
    grid = Grid(floor, 1, size)
    bookmark = None if before is None or before > history else floor + before * DAY
    progress = start_progress(
        bookmark, (), grid=grid, floor=floor, lookback_days=lookback
    )
    plan = plan_slices(progress, grid=grid, end=today)
    read = set()
    for number, part in enumerate(plan):
        if number not in failing:
            progress = progress.add(part, as_of=today)
            read |= set(days_of([part]))
    tomorrow = today + DAY
    done = read_spans(write_spans(progress.ahead))
    after = start_progress(
        progress.bookmark, done, grid=grid, floor=floor, lookback_days=lookback
    )
    again = set(days_of(plan_slices(after, grid=grid, end=tomorrow)))
    wanted = set(days_of(plan)) - read
    assert wanted <= again
    # Days that may still change are read again, those read ahead too.
    oldest = today - lookback * DAY
    assert {day for day in read if day >= oldest} <= again
    assert tomorrow in again


def test_a_run_without_trouble_moves_the_bookmark_to_its_last_day():
    grid = Grid(date(2020, 1, 1))
    progress = start_progress(
        date(2020, 3, 1), (), grid=grid, floor=date(2020, 1, 1), lookback_days=28
    )
    assert progress.start == date(2020, 2, 2)
    for part in plan_slices(progress, grid=grid, end=date(2020, 3, 10)):
        progress = progress.add(part, as_of=date(2020, 3, 10))
    assert progress.bookmark == date(2020, 3, 10)
    assert progress.ahead == ()


def test_the_bookmark_does_not_go_back_while_days_are_read_again():
    progress = Progress(date(2020, 2, 2), date(2020, 3, 1), 28)
    assert progress.bookmark == date(2020, 3, 1)
    week = Span(date(2020, 2, 2), date(2020, 2, 8))
    assert progress.add(week, as_of=date(2020, 3, 9)).bookmark == date(2020, 3, 1)


def test_a_gap_keeps_the_next_run_from_skipping_it():
    progress = Progress(date(2020, 2, 2), date(2020, 3, 1), 28)
    later = Span(date(2020, 2, 9), date(2020, 3, 9))
    progress = progress.add(later, as_of=date(2020, 3, 9))
    assert progress.bookmark == date(2020, 3, 1)
    assert progress.ahead == (DoneSpan(later, date(2020, 3, 9)),)


def test_ladder_goes_from_days_to_objects_and_ends():
    day = Span(date(2020, 1, 1), date(2020, 1, 1))
    account = Part(day, "account", "act_1")
    assert account.next_rung(report_level="ad", period_days=1) is Rung.OBJECTS
    assert account.next_rung(report_level="account", period_days=1) is Rung.NONE
    campaigns = account.for_objects(["5", "6"])
    assert [part.scope_level for part in campaigns] == ["campaign", "campaign"]
    assert campaigns[0].next_rung(report_level="campaign", period_days=1) is Rung.NONE
    ad = campaigns[0].for_objects(["7"])[0].for_objects(["8"])[0]
    assert ad == Part(day, "ad", "8")
    assert ad.next_rung(report_level="ad", period_days=1) is Rung.NONE


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2018, 1, 31), 37, date(2014, 12, 31)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2024, 12, 5), 12, date(2023, 12, 5)),
        (date(2024, 1, 30), 2, date(2023, 11, 30)),
    ],
)
def test_months_before(day, months, wanted):
    assert months_before(day, months) == wanted


def test_history_has_a_day_to_spare():
    assert oldest_day(date(2018, 1, 31)) == date(2015, 1, 1)


@pytest.mark.parametrize(
    "raw",
    [None, 5, ["x"], [{"since": "2020-01-01"}], [{"since": 1, "until": 2, "as_of": 3}]],
)
def test_spans_not_understood_are_read_again(raw):
    assert read_spans(raw) == ()
