"""The time of the server, as its answers tell it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from reading_kit.timestamps import parse_http_date

if TYPE_CHECKING:
    from datetime import datetime

    import requests


class ServerClock:
    """Remembers the ``Date`` of the newest answer, from any thread.

    It is not moved on by the local clock, so it is never later than the server's own
    time: what it bounds can be read again without a gap.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: datetime | None = None

    @property
    def newest(self) -> datetime | None:
        """Give the time of the newest answer; none before the first."""
        return self._newest

    def note(self, response: requests.Response) -> None:
        """Take account of an answer; one without a valid date changes nothing."""
        try:
            date = parse_http_date(response.headers.get("Date", ""))
        except ValueError:
            return
        with self._lock:
            self._newest = date
