"""How much of its limits the app has used, and when to slow down.

Protocol: every answer has headers of JSON that tell the used share of each limit in
percent; a refusal by a limit tells there when to come back.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reading_kit.clock import Clock

logger = logging.getLogger(__name__)

#: Pause when a limit is nearly used up and no header says how long.
CAUTION_PAUSE_S = 60.0
#: Longest pause before a limit is reached.
CAUTION_PAUSE_MAX_S = 900.0
_PERCENT_KEYS = (
    "call_count",
    "total_time",
    "total_cputime",
    "acc_id_util_pct",
    "app_id_util_pct",
)
_HEADERS = (
    "X-App-Usage",
    "X-Ad-Account-Usage",
    "X-FB-Ads-Insights-Throttle",
    "X-Business-Use-Case-Usage",
)


@dataclass(frozen=True, slots=True)
class Usage:
    """The fullest limit of an answer.

    Attributes:
        percent: Used share of the fullest limit.
        reset_s: Seconds until there is room again, as told; 0 where nothing is.
    """

    percent: float = 0.0
    reset_s: float = 0.0


def read_usage(headers: Mapping[str, str]) -> Usage:
    """Read the usage headers of an answer; what is not understood counts as none."""
    usage = Usage()
    for name in _HEADERS:
        for entry in _entries(headers.get(name, "")):
            percent = max(_number(entry.get(key)) for key in _PERCENT_KEYS)
            minutes = _number(entry.get("estimated_time_to_regain_access"))
            reset_s = _number(entry.get("reset_time_duration"))
            if percent >= usage.percent:
                usage = Usage(percent, max(minutes * 60, reset_s))
            elif minutes:
                usage = Usage(usage.percent, max(usage.reset_s, minutes * 60))
    return usage


def _entries(text: str) -> Iterator[Mapping[str, Any]]:
    """Give the objects of a header: one, or lists of them by the object's id."""
    try:
        value = json.loads(text) if text else None
    except ValueError:
        return
    if not isinstance(value, dict):
        return
    lists = [item for item in value.values() if isinstance(item, list)]
    if not lists:
        yield value
    for listed in lists:
        yield from (entry for entry in listed if isinstance(entry, dict))


def _number(value: object) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else 0.0  # type: ignore[arg-type] # just checked


class ThrottleGuard:
    """Holds all threads back while a limit is nearly or wholly used up."""

    def __init__(
        self, *, clock: Clock, threshold_percent: float, longest_s: float
    ) -> None:
        """Prepare.

        Args:
            clock: Where waiting happens.
            threshold_percent: Above this share requests are spaced out.
            longest_s: No single pause is longer, whatever the service says.
        """
        self._clock = clock
        self._threshold_percent = threshold_percent
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._local = threading.local()
        self._resume_at_s = 0.0
        self._usage = Usage()
        self._highest_percent = 0.0
        self._calls = 0

    @property
    def calls(self) -> int:
        """Give the calls counted so far; each element of a batch is one."""
        return self._calls

    @property
    def highest_percent(self) -> float:
        """Give the highest share of a limit seen in this run."""
        return self._highest_percent

    @property
    def is_high(self) -> bool:
        """Tell whether the last answer was above the threshold."""
        return self._usage.percent > self._threshold_percent

    @property
    def told_reset_s(self) -> float:
        """Give the wait told by the last answer this thread got; 0 where none was."""
        usage: Usage = getattr(self._local, "usage", Usage())
        return usage.reset_s

    def note(self, headers: Mapping[str, str]) -> None:
        """Take account of an answered call."""
        usage = read_usage(headers)
        self._local.usage = usage
        with self._lock:
            self._calls += 1
            self._usage = usage
            self._highest_percent = max(self._highest_percent, usage.percent)
        if usage.percent > self._threshold_percent:
            pause_s = min(usage.reset_s or CAUTION_PAUSE_S, CAUTION_PAUSE_MAX_S)
            self.hold(pause_s, reason=f"{usage.percent:g} % of a limit is used")

    def count_calls(self, number: int) -> None:
        """Count calls that had no answer of their own."""
        with self._lock:
            self._calls += number

    def hold(self, pause_s: float, *, reason: str) -> None:
        """Let no request begin for a while; pauses do not add up."""
        pause_s = min(pause_s, self._longest_s)
        resume_at_s = self._clock.monotonic_s() + pause_s
        with self._lock:
            is_news = resume_at_s > self._resume_at_s + 1
            self._resume_at_s = max(self._resume_at_s, resume_at_s)
        if is_news:
            logger.info("%s: waiting %.0f s", reason, pause_s)

    def wait(self) -> None:
        """Wait until requests may begin again."""
        while True:
            left_s = self._resume_at_s - self._clock.monotonic_s()
            if left_s <= 0:
                return
            self._clock.sleep(left_s)
