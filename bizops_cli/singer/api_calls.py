"""What a tap says of itself while it works: API calls, streams it has finished.

Two forms are known: a line `API calls: 42 by this run`, whose last number is the sum,
and the metrics of Singer SDKs, `METRIC: {"metric": "http_request_count", "value": 3,
...}`, whose values are added up. Its tag `quota` may tell what the service itself says
of a limit that all its clients share. A metric `sync_duration` with status `succeeded`
tells that a stream has been read to its end.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TOTAL = re.compile(r"\bAPI calls: (\d[\d,]*) by this run")
_METRIC = re.compile(r"METRIC: (\{.*\})")
_CALLS, _SYNC = "http_request_count", "sync_duration"


@dataclass(slots=True)
class CallCounter:
    """Adds up what one tap says.

    Attributes:
        total: The sum the tap gave itself; None while it has not.
        counted: The sum of its metrics; None while there was none.
        finished: Streams it has read to their end, parts of streams left out.
        quota_percent: How much of its limit the service says is used, by whomever; None
            if it does not say.
    """

    total: int | None = None
    counted: int | None = None
    finished: set[str] = field(default_factory=set)
    quota_percent: float | None = None

    @property
    def calls(self) -> int | None:
        """Return the API calls so far; None if the tap does not say."""
        return self.counted if self.total is None else self.total

    def read(self, line: str) -> None:
        """Take a line of the tap's log."""
        if "API calls: " in line:
            match = _TOTAL.search(line)
            if match:
                self.total = int(match.group(1).replace(",", ""))
        elif _CALLS in line or _SYNC in line:
            match = _METRIC.search(line)
            self._read_point(_point(match.group(1)) if match else {})

    def _read_point(self, point: dict[str, Any]) -> None:
        value, tags = point.get("value"), point.get("tags")
        if point.get("metric") == _CALLS and _is_count(value):
            self.counted = (self.counted or 0) + int(value or 0)
            if isinstance(tags, dict) and isinstance(tags.get("quota"), dict):
                self.quota_percent = _percent(tags["quota"])
        if point.get("metric") != _SYNC or not isinstance(tags, dict):
            return
        is_whole = tags.get("status") == "succeeded" and not tags.get("context")
        if is_whole and isinstance(tags.get("stream"), str):
            self.finished.add(tags["stream"])


def _point(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _percent(quota: dict[str, Any]) -> float | None:
    """Return the part of a limit that is used; None of words that do not tell it."""
    numbers = {
        name: float(value)
        for name, value in quota.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    if "used_percent" in numbers:
        return numbers["used_percent"]
    allowed = numbers.get("allowed")
    used = numbers.get("used")
    if used is None and allowed is not None and "remaining" in numbers:
        used = allowed - numbers["remaining"]
    return 100 * used / allowed if used is not None and allowed else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
