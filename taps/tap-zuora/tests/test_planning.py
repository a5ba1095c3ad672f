"""What a run reads follows from state, settings and the server's time."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading_kit.timestamps import format_instant
from tap_zuora.bookmarks import Progress, read_progress
from tap_zuora.describing import FieldSpec
from tap_zuora.planning import plan_reading
from tap_zuora.queries import QueryMaker
from tap_zuora.settings import normalize, parse_settings
from tap_zuora.windows import Part, Window

NOW = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FIELDS = (
    FieldSpec("Id", "string", "Id"),
    FieldSpec("UpdatedDate", "datetime", "UpdatedDate"),
    FieldSpec("Name", "string", "Name"),
)


def make_maker(stream="Account"):
    return QueryMaker(stream, FIELDS, key="UpdatedDate", api="AQUA", has_deleted=True)


def plan(state, *, stream="Account", bookmark=None, key="UpdatedDate", **changes):
    config = {"client_id": "i", "client_secret": "s", "start_date": "2024-01-01"}
    return plan_reading(
        make_maker(stream),
        state,
        key=key,
        bookmark=bookmark,
        now=NOW,
        settings=parse_settings(normalize({**config, **changes})),
    )


def span(reading):
    windows = [query.part.window for query in reading.queries]
    return windows[0].start, windows[-1].end


def test_a_first_read_begins_at_the_start_date_by_windows_and_pages():
    reading = plan({})
    assert span(reading) == (
        datetime(2024, 1, 1, tzinfo=UTC),
        NOW - 2 * timedelta(hours=1),
    )
    assert len(reading.queries) == 2
    assert {query.part.limit_rows for query in reading.queries} == {250_000}
    assert not reading.maker.is_incremental


def test_a_backfill_may_end_before_the_present():
    reading = plan({}, end_date="2024-03-01")
    assert span(reading)[1] == datetime(2024, 3, 1, tzinfo=UTC)
    assert plan({}, bookmark=NOW - DAY, end_date="2024-03-01").queries == ()
    assert span(plan({}, end_date="2030-01-01"))[1] == NOW - timedelta(hours=2)


def test_a_later_read_begins_a_lookback_before_the_bookmark():
    bookmark = NOW - 3 * DAY
    reading = plan({}, bookmark=bookmark)
    assert span(reading) == (bookmark - DAY, NOW - 2 * timedelta(hours=1))
    (query,) = reading.queries
    assert query.part.limit_rows is None
    assert query.is_incremental


@pytest.mark.parametrize(
    ("state", "days"),
    [
        ({}, 14),
        ({"late_resynced_at": format_instant(NOW - 8 * DAY)}, 14),
        ({"late_resynced_at": format_instant(NOW - 6 * DAY)}, 1),
        ({"late_resynced_at": "once"}, 14),
        ({"late_resynced_at": format_instant(NOW + DAY)}, 14),
    ],
)
def test_late_objects_are_read_further_back_once_a_week(state, days):
    reading = plan(state, stream="InvoiceItem", bookmark=NOW - DAY)
    assert span(reading)[0] == NOW - DAY - days * DAY
    assert reading.is_late_resync is (days == 14)


def test_nothing_is_asked_for_when_nothing_can_be_new():
    reading = plan({}, bookmark=NOW + 5 * DAY)
    assert reading.queries == ()
    assert plan({}, start_date="2024-06-01T11:00:00Z").queries == ()


def test_a_long_pause_is_told_because_deletions_may_be_missed(caplog):
    with caplog.at_level(logging.WARNING):
        plan({}, bookmark=NOW - 29 * DAY)
        assert not caplog.text
        plan({}, bookmark=NOW - 31 * DAY)
    assert "more than 30 days ago" in caplog.text


def make_progress(**changes):
    given = {
        "job_id": "j1",
        "batch": "Account-1",
        "part": Part(Window(NOW - 9 * DAY, NOW - 8 * DAY), 100, "8ad0"),
        "submitted_at": NOW - timedelta(hours=59),
        "high_water_mark": NOW - 8 * DAY,
        "schema_hash": make_maker().schema_hash,
    }
    return Progress(**{**given, **changes})


def test_an_interrupted_query_is_gone_on_with_and_what_is_newer_besides():
    progress = make_progress()
    reading = plan({"in_progress": progress.to_dict()}, bookmark=NOW - 9 * DAY)
    assert reading.adopted == progress
    first, *rest = reading.queries
    assert (first.name, first.part) == ("Account-1", progress.part)
    assert rest[0].part.window.start == NOW - 9 * DAY
    assert len({query.name for query in reading.queries}) == len(reading.queries)


@pytest.mark.parametrize(
    "changes",
    [
        {"submitted_at": NOW - timedelta(hours=61)},
        {"schema_hash": "another"},
        {"part": Part(None, 100, "8ad0")},
    ],
)
def test_another_query_or_an_old_one_is_dropped(changes):
    state = {"in_progress": make_progress(**changes).to_dict()}
    assert plan(state, bookmark=NOW - 9 * DAY).adopted is None


def test_a_whole_table_is_read_by_pages_and_goes_on_with_its_version():
    (query,) = plan({}, key=None).queries
    assert query.part == Part(None, 250_000)
    progress = make_progress(part=Part(None, 100, "8ad0"), version=17)
    reading = plan({"in_progress": progress.to_dict()}, key=None)
    assert [query.part for query in reading.queries] == [progress.part]
    assert reading.maker.version == 17


seconds = st.integers(0, 10**8).map(lambda count: NOW - timedelta(seconds=count))


@given(
    start=seconds,
    end=seconds,
    limit=st.none() | st.integers(1, 10**6),
    last_id=st.text(max_size=32),
    version=st.none() | st.integers(0, 10**12),
    is_whole=st.booleans(),
)
def test_progress_is_read_as_it_was_written(
    start, end, limit, last_id, version, is_whole
):
    window = None if is_whole else Window(start, end)
    progress = make_progress(part=Part(window, limit, last_id), version=version)
    assert read_progress({"in_progress": progress.to_dict()}) == progress


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_progress_that_is_not_understood_counts_as_none(value):
    assert read_progress({"in_progress": value}) is None
    broken = {**make_progress().to_dict(), "slice": value or [1]}
    assert read_progress({"in_progress": broken}) is None
