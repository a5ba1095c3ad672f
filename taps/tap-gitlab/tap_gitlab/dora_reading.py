"""Reading DORA metrics by day (Ultimate)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tap_gitlab.partitions import Chunk
from tap_gitlab.rows import read_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_gitlab.partitions import Partition
    from tap_gitlab.reading import Reading
    from tap_gitlab.rows import Row

METRICS = (
    "deployment_frequency",
    "lead_time_for_changes",
    "time_to_restore_service",
    "change_failure_rate",
)
TIER = "production"
_PIECE_DAYS = 90
_LOOKBACK = timedelta(days=7)
_WITHOUT_START = timedelta(days=3 * 365)


def plan_pieces(first: date, last: date) -> list[tuple[date, date]]:
    """Cut a range of days into pieces of at most 90 days, both ends included."""
    pieces = []
    while first <= last:
        end = min(first + timedelta(days=_PIECE_DAYS - 1), last)
        pieces.append((first, end))
        first = end + timedelta(days=1)
    return pieces


def read_dora(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read the four metrics; the value of a day may still change for a week."""
    last = reading.cutoff.date()
    for start, end in plan_pieces(_first_day(reading, partition).date(), last):
        rows: list[Row] = []
        for metric in METRICS:
            rows += _ask(reading, partition, metric, start=start, end=end)
        yield Chunk(rows, f"{end.isoformat()}T00:00:00.000Z")


def _first_day(reading: Reading, partition: Partition) -> datetime:
    start = reading.start_of(partition, lookback=_LOOKBACK)
    if start is not None:
        return start
    created_at = None if partition.project is None else partition.project.created_at
    return created_at or reading.cutoff - _WITHOUT_START


def _ask(
    reading: Reading, partition: Partition, metric: str, *, start: date, end: date
) -> list[Row]:
    place = partition.project or partition.group
    added = {
        "level": "group" if partition.project is None else "project",
        "id": None if place is None else place.id,
        "metric": metric,
        "environment_tier": TIER,
    }
    params = {
        "metric": metric,
        "interval": "daily",
        "environment_tiers[]": TIER,
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
    }

    def parse(body: bytes) -> list[Row]:
        return reading.rows.make(read_list(body), added)

    path = f"{partition.base}{reading.spec.path}"
    return partition.client.get(path, parse, params).value
