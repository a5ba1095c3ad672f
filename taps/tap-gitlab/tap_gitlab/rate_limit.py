"""Keeping within the rate limit that the headers tell.

GitLab tells `RateLimit-Limit`, `-Remaining` and `-Reset` (a Unix time of its own clock)
with each answer. Limits of single endpoints are not among them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from reading_kit.timestamps import parse_http_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reading_kit.clock import Clock

_SHARE_KEPT = 0.05


class RateLimit:
    """Makes all threads wait for the next minute while little of this one is left."""

    def __init__(self, clock: Clock, *, longest_s: float) -> None:
        self._clock = clock
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._free_at_s = 0.0
        self.waits = 0

    def wait(self) -> None:
        """Wait until a request may be sent."""
        rest_s = self._free_at_s - self._clock.monotonic_s()
        if rest_s > 0:
            with self._lock:
                self.waits += 1
            self._clock.sleep(min(rest_s, self._longest_s))

    def note(self, headers: Mapping[str, str]) -> None:
        """Take account of an answer."""
        reset_s = seconds_to_reset(headers)
        limit, left = _number(headers, "Limit"), _number(headers, "Remaining")
        if reset_s is None or not limit or left is None:
            return
        if left < limit * _SHARE_KEPT:
            self._free_at_s = self._clock.monotonic_s() + reset_s


def seconds_to_reset(headers: Mapping[str, str]) -> float | None:
    """Give the seconds until the limit begins anew, by the server's own clock."""
    reset = _number(headers, "Reset")
    if reset is None:
        return None
    try:
        now = parse_http_date(headers.get("Date", "")).timestamp()
    except ValueError:
        return None
    return max(reset - now, 0.0)


def _number(headers: Mapping[str, str], name: str) -> float | None:
    text = headers.get(f"RateLimit-{name}", "").strip()
    return float(text) if text.isdigit() else None
