"""Calls counted: by day, user and error, and in the last twenty seconds."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

RATE_SPAN_S = 20


class Usage:
    """What the instance's calls add up to."""

    def __init__(self) -> None:
        self._calls: dict[date, Counter[str]] = {}
        self._errors: dict[date, Counter[str]] = {}
        self._recent_s: deque[float] = deque()

    def is_too_fast(self, at_s: float, limit: int) -> bool:
        """Say whether one more call now would break the rate limit."""
        while self._recent_s and self._recent_s[0] <= at_s - RATE_SPAN_S:
            self._recent_s.popleft()
        return len(self._recent_s) >= limit

    def count(self, day: date, user_id: str, at_s: float) -> None:
        """Count an accepted call."""
        self._calls.setdefault(day, Counter())[user_id] += 1
        self._recent_s.append(at_s)

    def count_error(self, day: date, code: str) -> None:
        """Count an answer that says `success: false`."""
        self._errors.setdefault(day, Counter())[code] += 1

    def calls(self, day: date) -> Counter[str]:
        """Return the calls of a day by user."""
        return self._calls.get(day, Counter())

    def errors(self, day: date) -> Counter[str]:
        """Return the errors of a day by code."""
        return self._errors.get(day, Counter())
