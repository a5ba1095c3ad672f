"""The tenant's limits: requests a minute, an hour, a day, and at once."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bizops_sandbox.servers.zuora.settings import Settings

_WINDOWS_S = (60, 3_600, 86_400)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands with the rate limit.

    `remaining` and `reset_s` are those of the window with the least left.
    """

    is_over: bool
    limits: tuple[int, ...]
    remaining: int
    reset_s: int

    def headers(self) -> Mapping[str, str]:
        """The three headers every answer carries."""
        tightest = min(self.limits[1:], default=self.limits[0])
        windows = ",".join(
            f"{limit};w={window_s}"
            for limit, window_s in zip(self.limits, _WINDOWS_S, strict=True)
        )
        return {
            "ratelimit-limit": f"{tightest}, {windows}",
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset_s),
        }


@dataclass(slots=True)
class Limits:
    """Counts requests in fixed windows of real time."""

    monotonic: Callable[[], float] = time.monotonic
    _counts: dict[int, tuple[int, int]] = field(default_factory=dict)

    def count(self, settings: Settings, *, pretended: int = 0) -> Standing:
        """Count one request; `pretended` requests of the hour count as well."""
        limits = (
            settings.requests_per_minute,
            settings.requests_per_hour,
            settings.requests_per_day,
        )
        now_s = self.monotonic()
        left: list[tuple[int, int]] = []
        for window_s, limit in zip(_WINDOWS_S, limits, strict=True):
            used = self._step(window_s, now_s)
            used += pretended if window_s != _WINDOWS_S[0] else 0
            reset_s = window_s - int(now_s % window_s)
            left.append((limit - used, reset_s))
        remaining, reset_s = min(left)
        return Standing(remaining < 0, limits, max(remaining, 0), reset_s)

    def _step(self, window_s: int, now_s: float) -> int:
        number = int(now_s // window_s)
        last_number, used = self._counts.get(window_s, (number, 0))
        used = used + 1 if last_number == number else 1
        self._counts[window_s] = (number, used)
        return used
