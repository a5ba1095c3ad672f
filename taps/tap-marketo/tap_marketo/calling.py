"""Keeps calls within what the instance allows: speed, number at once, number a day."""

from __future__ import annotations

import sys
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reading_kit.errors import QuotaError
from tap_marketo.instants import format_instant, next_reset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from reading_kit.clock import Clock

#: The span in which Marketo counts calls.
SPAN_S = 20.0
#: Calls between two looks at the instance's usage.
CALLS_BETWEEN_LOOKS = 250


def plan_wait(sent_at_s: deque[float], *, now_s: float, limit: int) -> float:
    """Give the seconds until one more call is within the limit; forgets old calls.

    Args:
        sent_at_s: When calls were sent, oldest first.
        now_s: The time now, of the same clock.
        limit: Calls allowed in ``SPAN_S`` seconds.
    """
    while sent_at_s and sent_at_s[0] <= now_s - SPAN_S:
        sent_at_s.popleft()
    if len(sent_at_s) < limit:
        return 0.0
    return sent_at_s[-limit] + SPAN_S - now_s


class CallGate:
    """Lets calls of all threads through, not too many in a time and at once."""

    def __init__(self, *, clock: Clock, calls_per_20_s: int, concurrent: int) -> None:
        self._clock = clock
        self._limit = calls_per_20_s
        self._concurrent = concurrent
        self._under_way = 0
        self._sent_at_s: deque[float] = deque()
        self._changed = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """Give how many calls were answered, repeated ones too."""
        return self._count

    def count_answer(self) -> None:
        """Take account of one answer."""
        with self._changed:
            self._count += 1

    @property
    def concurrent(self) -> int:
        """Give how many calls may be under way at once now."""
        return self._concurrent

    def halve(self) -> None:
        """Allow half as many calls at once, as Marketo said they were too many."""
        with self._changed:
            self._concurrent = max(1, self._concurrent // 2)

    def let_all_pass(self) -> None:
        """Wait no more: the run ends, and only cleans up."""
        with self._changed:
            self._limit = self._concurrent = sys.maxsize
            self._changed.notify_all()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Wait for a call's turn; it ends with the block."""
        with self._changed:
            while self._under_way >= self._concurrent:
                self._changed.wait(1.0)
            self._under_way += 1
        try:
            self.wait_for_turn()
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify()

    def wait_for_turn(self) -> None:
        """Wait until one more call is within the limit."""
        while True:
            with self._changed:
                now_s = self._clock.monotonic_s()
                wait_s = plan_wait(self._sent_at_s, now_s=now_s, limit=self._limit)
                if wait_s <= 0:
                    self._sent_at_s.append(now_s)
                    return
            self._clock.sleep(wait_s)


def describe_reset(now: datetime) -> str:
    """Say when Marketo's daily limits start anew, in UTC."""
    return f"resets at 00:00 US Central = {format_instant(next_reset(now))}"


def check_daily_calls(used: int, *, limit: int, now: datetime) -> None:
    """Stop the run where the instance has had its calls of the day.

    Raises:
        QuotaError: with the numbers and the time of the reset.
    """
    if used >= limit:
        msg = (
            f"stopped: the instance has had {used} API calls today from all clients, "
            f"max_daily_calls is {limit}; {describe_reset(now)}; the state allows "
            "going on later"
        )
        raise QuotaError(msg)
