"""Waiting and chance, behind a Protocol so that tests pass their own."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading


class Clock(Protocol):
    """What a tap needs of time."""

    def monotonic_s(self) -> float:
        """Give seconds since some fixed instant, never going back."""

    def now_s(self) -> float:
        """Give the local wall clock as seconds since the epoch."""

    def sleep(self, duration_s: float) -> None:
        """Wait; ends early when the process is asked to stop."""

    def jitter(self, upper_s: float) -> float:
        """Draw a duration between nothing and ``upper_s``."""


class SystemClock:
    """The real clock; ``stopping`` cuts every wait short."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def monotonic_s(self) -> float:
        """Give seconds since some fixed instant."""
        return time.monotonic()

    def now_s(self) -> float:
        """Give the local wall clock as seconds since the epoch."""
        return time.time()

    def sleep(self, duration_s: float) -> None:
        """Wait ``duration_s`` seconds or until the process stops."""
        self._stopping.wait(duration_s)

    def jitter(self, upper_s: float) -> float:
        """Draw a duration between nothing and ``upper_s``."""
        return random.uniform(0, upper_s)  # noqa: S311 - spreads retries only
