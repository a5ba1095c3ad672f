"""Named points at which a test may kill this very process.

`BIZOPS_FAULT=before_commit` dies at the first such point, `before_commit:3` at the
third. Without the variable nothing happens.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Literal

FaultPoint = Literal["after_copy", "before_commit", "after_commit", "before_state"]
VARIABLE = "BIZOPS_FAULT"


class FaultPoints:
    """Counts the points passed, and dies at the one asked for."""

    def __init__(self, wanted: str | None) -> None:
        """Read what is wanted.

        Args:
            wanted: `point` or `point:n`, or nothing.
        """
        self._point, _, count = (wanted or "").partition(":")
        self._count = int(count or 1)
        self._passed: Counter[str] = Counter()

    @classmethod
    def from_environment(cls) -> FaultPoints:
        """Read the variable of this process."""
        return cls(os.environ.get(VARIABLE))

    def reach(self, point: FaultPoint) -> None:
        """Pass a point, or die there by SIGKILL."""
        if point != self._point:
            return
        self._passed[point] += 1
        if self._passed[point] == self._count:
            os.kill(os.getpid(), signal.SIGKILL)
