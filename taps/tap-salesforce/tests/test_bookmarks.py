"""The state of a stream, in our form and in those of other taps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_salesforce.bookmarks import (
    BulkProgress,
    advance_bookmark,
    read_bookmark,
    read_progress,
    write_bookmark,
)
from tap_salesforce.timestamps import format_instant, parse_instant

KEY = "SystemModstamp"
INSTANT = datetime(2018, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
INSTANTS = st.datetimes(
    datetime(1700, 1, 1),  # noqa: DTZ001 - hypothesis wants them naive
    datetime(9000, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.parametrize(
    "state",
    [
        {KEY: "2018-01-02T03:04:05.678Z"},
        {KEY: "2018-01-02T03:04:05.678000+0000", "version": 1, "JobID": "750"},
        {KEY: "2018-01-02T04:04:05.678+01:00", "BatchIDs": ["751"]},
        {"replication_key": KEY, "replication_key_value": "2018-01-02T03:04:05.678Z"},
        {"replication_key_value": "2018-01-02 03:04:05.678"},
    ],
)
def test_bookmarks_of_other_taps_are_read(state):
    assert read_bookmark(state, KEY) == INSTANT


def test_a_bookmark_of_another_key_is_not_ours():
    state = {"replication_key": "CreatedDate", "replication_key_value": "2018-01-01"}
    assert read_bookmark(state, KEY) is None


@pytest.mark.parametrize("value", ["soon", 5, ["2018-01-01"]])
def test_a_bookmark_that_is_no_instant_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        read_bookmark({KEY: value}, KEY)


def test_a_new_bookmark_replaces_what_older_taps_kept():
    state = {KEY: "2017-01-01", "version": 1, "JobID": "750", "other": 1}
    write_bookmark(state, KEY, INSTANT)
    assert state == {
        "other": 1,
        "replication_key": KEY,
        "replication_key_value": "2018-01-02T03:04:05.678Z",
    }


@given(INSTANTS)
def test_an_instant_written_is_the_instant_read(instant):
    whole = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert parse_instant(format_instant(instant)) == whole


@given(st.none() | INSTANTS, INSTANTS, INSTANTS)
def test_a_bookmark_never_goes_back_nor_past_the_cutoff(old, highest, cutoff):
    new = advance_bookmark(old, max_key=format_instant(highest), cutoff=cutoff)
    assert new is not None
    assert new <= max(cutoff, old or cutoff)
    assert old is None or new >= old


def test_no_rows_keep_the_bookmark():
    assert advance_bookmark(INSTANT, max_key="", cutoff=INSTANT) == INSTANT
    assert advance_bookmark(None, max_key="", cutoff=INSTANT) is None


PROGRESS = BulkProgress(
    job_id="750",
    query_sha256="abc",
    cutoff=format_instant(INSTANT + timedelta(hours=1)),
    pages=("", "MTA"),
    next_page=1,
    max_key=format_instant(INSTANT),
    rows=10,
    version=4,
)


def test_progress_written_is_the_progress_read():
    assert read_progress({"bulk": PROGRESS.to_dict()}) == PROGRESS


@pytest.mark.parametrize(
    "change",
    [
        {"job_id": ...},
        {"cutoff": "soon"},
        {"cutoff": None},
        {"next_page": 3},
        {"next_page": "x"},
        {"pages": 5},
    ],
)
def test_progress_that_is_not_understood_counts_as_none(change):
    raw = {**PROGRESS.to_dict(), **change}
    raw = {name: value for name, value in raw.items() if value is not ...}
    assert read_progress({"bulk": raw}) is None
    assert read_progress({"bulk": "x"}) is None
    assert read_progress({}) is None
