"""How far a bulk job is emitted, in the state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reading_kit.timestamps import format_instant
from tap_salesforce.progress import (
    REPLACED_ENTRIES,
    BulkProgress,
    BulkState,
    read_progress,
)

INSTANT = datetime(2018, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
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


def test_a_state_of_the_older_tap_is_gone_on_from_and_loses_its_jobs():
    raw = {
        "SystemModstamp": "2018-01-02T03:04:05.678000Z",
        "version": 1,
        "JobID": "750",
        "BatchIDs": ["751"],
        "JobHighestBookmarkSeen": "2018-01-09T00:00:00.000000Z",
    }
    state = BulkState(
        raw,
        stream="Lead",
        write=lambda: None,
        lookback_s=5,
        replaced=REPLACED_ENTRIES,
    )
    assert state.start("SystemModstamp") == INSTANT - timedelta(seconds=5)
    assert state.progress is None
    state.set_bookmark("SystemModstamp", INSTANT)
    assert not set(raw) & set(REPLACED_ENTRIES)
    assert raw["replication_key_value"] == format_instant(INSTANT)
