"""The org's daily API calls: read from headers, held against the quotas."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reading_kit.errors import QuotaError

if TYPE_CHECKING:
    from collections.abc import Mapping

_API_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class ApiUsage:
    """Calls of all clients in the rolling 24 hours, and how many are allowed."""

    used: int
    allowed: int


def parse_limit_info(header: str) -> ApiUsage | None:
    """Read a ``Sforce-Limit-Info`` header, whatever else stands in it."""
    match = _API_USAGE.search(header)
    return ApiUsage(int(match[1]), int(match[2])) if match else None


def find_quota_breach(
    usage: ApiUsage | None, *, own_calls: int, total_percent: float, run_percent: float
) -> str | None:
    """Tell in words which quota is exceeded, if any."""
    if usage is None or usage.allowed <= 0:
        return None
    if usage.used > usage.allowed * total_percent / 100:
        return (
            f"the org has used {usage.used} of {usage.allowed} daily API calls, "
            f"more than quota_percent_total ({total_percent:g} %)"
        )
    if own_calls > usage.allowed * run_percent / 100:
        return (
            f"this run has made {own_calls} API calls of {usage.allowed} daily ones, "
            f"more than quota_percent_per_run ({run_percent:g} %)"
        )
    return None


def read_bulk_jobs_left(limits: Mapping[str, Any]) -> int | None:
    """Read how many bulk query jobs the org may still create today."""
    entry = limits.get("DailyBulkV2QueryJobs")
    left = entry.get("Remaining") if isinstance(entry, dict) else None
    return left if isinstance(left, int) else None


class QuotaGuard:
    """Counts calls from all threads and says when to stop."""

    def __init__(self, *, total_percent: float, run_percent: float) -> None:
        self._total_percent = total_percent
        self._run_percent = run_percent
        self._lock = threading.Lock()
        self._usage: ApiUsage | None = None
        self._own_calls = 0

    @property
    def own_calls(self) -> int:
        """Give the API calls of this run so far."""
        return self._own_calls

    @property
    def usage(self) -> ApiUsage | None:
        """Give the usage as last reported."""
        return self._usage

    def note(self, limit_info: str) -> None:
        """Take account of one answered call."""
        usage = parse_limit_info(limit_info)
        with self._lock:
            self._own_calls += 1
            self._usage = usage or self._usage

    def check(self) -> None:
        """Stop the run where a quota is exceeded.

        Raises:
            QuotaError: with the numbers.
        """
        breach = find_quota_breach(
            self._usage,
            own_calls=self._own_calls,
            total_percent=self._total_percent,
            run_percent=self._run_percent,
        )
        if breach:
            raise QuotaError(f"stopped: {breach}; the state allows going on later")
