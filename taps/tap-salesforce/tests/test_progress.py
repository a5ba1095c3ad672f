"""How far a bulk job is emitted, in the state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reading_kit.timestamps import format_instant
from tap_salesforce.progress import BulkProgress, read_progress

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
