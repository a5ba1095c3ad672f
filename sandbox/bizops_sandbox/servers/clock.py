"""The clock of a sample server: the sample company's present, not ours."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class VirtualClock:
    """Time of the sample company: `as_of` plus the real seconds since it was set.

    It never leaves the day it was set to: what is read "as of" a day must be stamped
    with that day, however long the server runs.
    """

    def __init__(
        self, as_of: datetime, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self.move(as_of)

    def move(self, as_of: datetime) -> None:
        """Set the present to `as_of` (aware, any zone)."""
        self._start = as_of.astimezone(UTC).replace(microsecond=0)
        self._started_at_s = self._monotonic()

    def now(self) -> datetime:
        """Return the present in UTC, in whole seconds."""
        elapsed_s = int(self._monotonic() - self._started_at_s)
        return min(
            self._start + timedelta(seconds=elapsed_s), end_of_day(self._start.date())
        )


def http_date(instant: datetime) -> str:
    """Write an instant as a Date header: `Wed, 31 Jan 2018 23:59:59 GMT`."""
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def end_of_day(day: date) -> datetime:
    """Return the last second of a day in UTC, which an as-of date stands for."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
