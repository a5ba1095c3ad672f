"""How often may be asked: the limit told in headers, and those of single endpoints."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MINUTE_S = 60
# Of GitLab.com: path, requests, seconds.
_ENDPOINTS = (
    (re.compile(r"^/api/v4/projects$"), 2_000, 600),
    (re.compile(r"^/api/v4/groups$"), 200, 60),
    (re.compile(r"^/api/v4/groups/[^/]+$"), 400, 60),
    (re.compile(r"^/api/v4/groups/[^/]+/projects$"), 600, 60),
    (re.compile(r"^/api/v4/projects/[^/]+$"), 400, 60),
    (re.compile(r"^/api/v4/users/[^/]+$"), 300, 600),
    (re.compile(r"^/api/v4/projects/[^/]+/jobs$"), 600, 60),
)


@dataclass(slots=True)
class _Window:
    started_at_s: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a caller has used of a minute, and when the next begins."""

    limit: int
    used: int
    reset_after_s: int

    @property
    def remaining(self) -> int:
        """Requests left in the minute."""
        return max(self.limit - self.used, 0)

    @property
    def is_over(self) -> bool:
        """Whether this request is one too many."""
        return self.used > self.limit


class Budget:
    """Counts requests by caller in windows of real time."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._windows: dict[tuple[str, str], _Window] = {}

    def clear(self) -> None:
        """Forget what was counted."""
        self._windows.clear()

    def spend(self, caller: str, *, limit: int) -> Standing:
        """Count a request of a caller."""
        return self._spend((caller, ""), limit, _MINUTE_S)

    def spend_endpoint(self, caller: str, path: str, *, percent: int) -> Standing:
        """Count a request against the limit of its endpoint, if it has one."""
        for pattern, limit, window_s in _ENDPOINTS:
            if pattern.match(path):
                key = caller, pattern.pattern
                return self._spend(key, limit * percent // 100, window_s)
        return Standing(1, 0, 0)

    def _spend(self, key: tuple[str, str], limit: int, window_s: int) -> Standing:
        now_s = self._monotonic()
        window = self._windows.get(key)
        if window is None or now_s - window.started_at_s >= window_s:
            window = self._windows[key] = _Window(now_s)
        window.used += 1
        left_s = int(window.started_at_s + window_s - now_s) + 1
        return Standing(limit, window.used, left_s)
