"""The calls a run makes, and what the service says of its rate limit.

Headers: ``ratelimit-remaining``, and ``ratelimit-reset`` in seconds. The header
``ratelimit-limit`` names several windows and not the one that is meant.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reading_kit.clock import Clock


class Usage:
    """Counts answers, and waits where the service says that nothing is left."""

    def __init__(self, clock: Clock, *, longest_s: float) -> None:
        self._clock = clock
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._local = threading.local()
        self._free_at_s = 0.0
        self._remaining: int | None = None
        self.calls = 0

    def note(self, headers: Mapping[str, str]) -> None:
        """Take account of an answer."""
        remaining = _read_number(headers.get("ratelimit-remaining"))
        reset_s = _read_number(headers.get("ratelimit-reset"))
        # With requests left, it was the limit of requests at once that was reached.
        self._local.reset_s = None if remaining else reset_s
        with self._lock:
            self.calls += 1
            if remaining is None:
                return
            self._remaining = remaining
            if remaining == 0 and reset_s:
                wait_s = min(reset_s, self._longest_s)
                self._free_at_s = self._clock.monotonic_s() + wait_s

    @property
    def last_reset_s(self) -> float | None:
        """Give the seconds until this thread's last answer allows more requests.

        None where it did not tell.
        """
        reset_s: float | None = getattr(self._local, "reset_s", None)
        return reset_s

    @property
    def remaining(self) -> int | None:
        """Give the requests left until the limit, as last told."""
        return self._remaining

    def wait_for_room(self) -> None:
        """Wait while the service allows no request."""
        wait_s = self._free_at_s - self._clock.monotonic_s()
        if wait_s > 0:
            self._clock.sleep(wait_s)

    def __str__(self) -> str:
        told = f"API calls: {self.calls} by this run"
        if self._remaining is None:
            return told
        return f"{told}; {self._remaining} left until the tenant's limit"


def _read_number(text: str | None) -> int | None:
    match = re.match(r"\s*(\d+)", text or "")
    return int(match[1]) if match else None
