"""The API calls of a run, told while it works: whoever runs the tap may then stop it.

The lines are those of Singer SDKs: ``METRIC: {"type":"counter","metric":
"http_request_count","value":12,"tags":{"total":340,"quota":{"used":1200,
"allowed":15000}}}``. Values add up; ``total`` is their sum so far; ``quota`` is there
where the service tells it.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from singer_sdk import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

logger = logging.getLogger(metrics.METRICS_LOGGER_NAME)

INTERVAL_S = 2.0


@dataclass(frozen=True, slots=True)
class CallsMade:
    """What a tap knows of its calls.

    Attributes:
        total: Calls of this run so far.
        quota: What the service tells of a limit: ``used``, ``allowed``, ``remaining``,
            ``used_percent``, whichever it tells.
    """

    total: int
    quota: Mapping[str, float] = field(default_factory=dict)


class CallMeter:
    """Tells calls at most once in an interval, and what is left at the end."""

    def __init__(
        self, read: Callable[[], CallsMade | None], *, interval_s: float = INTERVAL_S
    ) -> None:
        self._read = read
        self._interval_s = interval_s
        self._told = 0

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell calls from a thread of its own while the block runs, and at its end."""
        ended = threading.Event()
        thread = threading.Thread(target=self._tell_until, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.tell()

    def tell(self) -> None:
        """Tell the calls since the last line, if there are any."""
        calls = self._read()
        if calls is None or calls.total <= self._told:
            return
        tags: dict[str, object] = {"total": calls.total}
        if calls.quota:
            tags["quota"] = dict(calls.quota)
        value, self._told = calls.total - self._told, calls.total
        point = metrics.Point("counter", metrics.Metric.HTTP_REQUEST_COUNT, value, tags)
        metrics.log(logger, point)

    def _tell_until(self, ended: threading.Event) -> None:
        while not ended.wait(self._interval_s):
            self.tell()
