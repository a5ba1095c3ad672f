"""The spans of time a run reads. Pure.

A window begins with its start and ends before its end, both at whole seconds, because
that is what Zuora's queries compare by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

#: Windows and pages are not halved below these.
SHORTEST_WINDOW = timedelta(hours=1)
FEWEST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time; ``end`` does not belong to it."""

    start: datetime
    end: datetime

    def halves(self) -> tuple[Window, Window] | None:
        """Give its two halves, unless they would be shorter than an hour."""
        half_s = int((self.end - self.start).total_seconds()) // 2
        if half_s < SHORTEST_WINDOW.total_seconds():
            return None
        middle = self.start + timedelta(seconds=half_s)
        return Window(self.start, middle), Window(middle, self.end)


@dataclass(frozen=True, slots=True)
class Part:
    """What one query reads of an object.

    Attributes:
        window: None for the whole table.
        limit_rows: Rows of a page; none to read all at once. A page that is full is
            followed by the one after its last Id.
        after_id: Where the page begins; empty for the first.
    """

    window: Window | None
    limit_rows: int | None = None
    after_id: str = ""

    def following(self, last_id: str) -> Part:
        """Give the page after a full one."""
        return Part(self.window, self.limit_rows, last_id)

    def smaller(self, *, page_rows: int) -> tuple[Part, ...]:
        """Give parts that together read the same with less work each.

        A page is halved in rows, then a window in time. Nothing is given where both
        are as small as they may be.

        Args:
            page_rows: Rows of a page where this part has no limit yet.
        """
        if self.window is not None and not self.after_id:
            halves = self.window.halves()
            if halves is not None:
                return tuple(Part(half, self.limit_rows) for half in halves)
        rows = page_rows if self.limit_rows is None else self.limit_rows // 2
        if rows < FEWEST_ROWS and self.limit_rows is not None:
            return ()
        return (Part(self.window, rows, self.after_id),)


def find_high_water_mark(
    server_time: datetime, *, safety_lag: timedelta, ceiling: datetime | None = None
) -> datetime:
    """Give the instant up to which this run reads.

    That is the server's time less the lag, or the ceiling where that is earlier.
    """
    mark = server_time.replace(microsecond=0) - safety_lag
    return mark if ceiling is None else min(mark, ceiling.replace(microsecond=0))


def find_start(
    bookmark: datetime | None, *, lookback: timedelta, floor: datetime
) -> datetime:
    """Give the instant to read from; never before the start date."""
    if bookmark is None:
        return floor.replace(microsecond=0)
    return max(bookmark - lookback, floor).replace(microsecond=0)


def slice_windows(
    start: datetime, end: datetime, *, longest: timedelta
) -> list[Window]:
    """Cut a span into windows of equal length, the last one shorter; maybe none."""
    windows = []
    while start < end:
        stop = min(start + longest, end)
        windows.append(Window(start, stop))
        start = stop
    return windows


def plan_parts(
    start: datetime, end: datetime, *, longest: timedelta, page_rows: int
) -> list[Part]:
    """Plan the reading of a span.

    A span of one window is read by one query, as every usual incremental run is; a
    longer one window by window, each by pages of Ids.
    """
    windows = slice_windows(start, end, longest=longest)
    limit_rows = page_rows if len(windows) > 1 else None
    return [Part(window, limit_rows) for window in windows]
