"""API calls of a tap, from what it logs.

Two forms are known: a line `API calls: 42 by this run`, whose last number is the sum,
and the metrics of Singer SDKs, `METRIC: {"metric": "http_request_count", "value": 3,
...}`, whose values are added up.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_TOTAL = re.compile(r"\bAPI calls: (\d[\d,]*) by this run")
_METRIC = re.compile(r"METRIC: (\{.*\})")
_COUNTER = "http_request_count"


@dataclass(slots=True)
class CallCounter:
    """Adds up what one tap says.

    Attributes:
        total: The sum the tap gave itself; None while it has not.
        counted: The sum of its metrics; None while there was none.
    """

    total: int | None = None
    counted: int | None = None

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
        elif _COUNTER in line:
            match = _METRIC.search(line)
            value = _value(match.group(1)) if match else None
            if value is not None:
                self.counted = (self.counted or 0) + value


def _value(text: str) -> int | None:
    try:
        point = json.loads(text)
    except (ValueError, RecursionError):
        return None
    value = point.get("value") if point.get("metric") == _COUNTER else None
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count else None
