"""Time as a port, so that tests decide what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What bizops needs to know about time."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for durations."""

    def sleep(self, duration_s: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for durations."""
        return time.monotonic()

    def sleep(self, duration_s: float) -> None:
        """Wait."""
        time.sleep(duration_s)
