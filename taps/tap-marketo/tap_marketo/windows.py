"""Cuts a span of time into the windows of export jobs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tap_marketo.instants import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

#: A window is not halved below this.
SHORTEST = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, both ends in it; neighbours share their boundary second."""

    start: datetime
    end: datetime

    def to_filter(self) -> dict[str, str]:
        """Give the form export filters have."""
        return {
            "startAt": format_instant(self.start),
            "endAt": format_instant(self.end),
        }

    def halves(self) -> tuple[Window, Window] | None:
        """Give two windows of half the length, none where it is too short."""
        if self.end - self.start < SHORTEST:
            return None
        seconds = int((self.end - self.start).total_seconds()) // 2
        middle = self.start + timedelta(seconds=seconds)
        return Window(self.start, middle), Window(middle, self.end)


def read_window(start: str, end: str) -> Window:
    """Read a window as states and requests write it.

    Raises:
        ValueError: an end is not an instant.
    """
    return Window(parse_instant(start), parse_instant(end))


def cut_windows(
    start: datetime,
    end: datetime,
    *,
    longest: timedelta,
    known: Iterable[Window] = (),
) -> Iterator[Window]:
    """Give the windows from ``start`` to ``end``, oldest first; none if it is later.

    Args:
        start: Where the first window begins.
        end: Where the last one ends.
        longest: Length of a window at most.
        known: Windows of exports that exist. A window ends where one of them begins,
            and that one is then taken as it is, so that its file can be used.
    """
    by_start = {window.start: window for window in known}
    while start < end:
        window = by_start.get(start)
        if window is None or not start < window.end <= end:
            following = (each for each in by_start if start < each < end)
            window = Window(start, min(start + longest, end, *following))
        yield window
        start = window.end


def start_of_reading(
    bookmark: datetime | None, *, floor: datetime, lookback: timedelta
) -> datetime:
    """Give the instant to read from: the bookmark less the lookback, or the floor."""
    return floor if bookmark is None else max(bookmark - lookback, floor)
