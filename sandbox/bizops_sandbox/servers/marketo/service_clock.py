"""The service's time: the company's present, and seconds that go on within it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bizops_sandbox.servers.clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

# The service's days, and with them its quotas, end at midnight US Central.
_CENTRAL = ZoneInfo("America/Chicago")


class ServiceClock:
    """Two times in one.

    `now` is the company's present, which never leaves the as-of day: what is read is
    stamped with it. `moment` goes on from there as long as the server runs; jobs,
    their files and the daily quotas live by it. `elapsed_s` counts the same seconds
    without jumping when the company is moved: tokens and rate limits live by it.
    """

    def __init__(
        self, as_of: datetime, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._read_at_s = monotonic()
        self._elapsed_s = 0.0
        self.speed = 1.0
        self._company = VirtualClock(as_of, monotonic=monotonic)
        self._moved_to = as_of
        self._moved_at_s = 0.0

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, as fast as `speed` makes them."""
        read_at_s = self._monotonic()
        self._elapsed_s += (read_at_s - self._read_at_s) * self.speed
        self._read_at_s = read_at_s
        return self._elapsed_s

    def now(self) -> datetime:
        """Return the company's present in UTC, in whole seconds."""
        return self._company.now()

    def moment(self, elapsed_s: float | None = None) -> datetime:
        """Return the service's present, or what it is after so many seconds."""
        seconds = self.elapsed_s if elapsed_s is None else elapsed_s
        return self._moved_to + timedelta(seconds=int(seconds - self._moved_at_s))

    def central_day(self, moment: datetime | None = None) -> date:
        """Return the day in US Central time, at which quotas are counted."""
        return (moment or self.moment()).astimezone(_CENTRAL).date()

    def advance(self, seconds: float) -> None:
        """Let seconds pass at once."""
        self._elapsed_s = self.elapsed_s + seconds

    def set_speed(self, speed: float) -> None:
        """Let so many seconds pass in a real one."""
        self._elapsed_s = self.elapsed_s
        self.speed = speed

    def move(self, as_of: datetime) -> None:
        """Put the company's present elsewhere."""
        self._company.move(as_of)
        self._moved_to = as_of
        self._moved_at_s = self.elapsed_s
