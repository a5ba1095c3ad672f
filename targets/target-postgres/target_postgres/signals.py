"""Signals: the first one stops reading, the second one or the end of grace aborts."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

from target_postgres.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_STOPPING = (signal.SIGTERM, signal.SIGINT)


class StopSignal:
    """Remembers that the run shall stop.

    Without `install` it never does.
    """

    def __init__(self) -> None:
        """Start as not stopped."""
        self._number: int | None = None
        self._wakeup_reader: int | None = None
        self._wakeup_writer: int | None = None
        self._on_stop: Callable[[int], None] = lambda _number: None

    @property
    def wakeup(self) -> int | None:
        """Give a descriptor that becomes readable once the run shall stop."""
        return self._wakeup_reader

    def install(self, *, grace_s: float) -> None:
        """Take over SIGTERM and SIGINT; for the main thread of a process.

        Args:
            grace_s: Longest time from the first signal to the end of the process.
        """
        self._wakeup_reader, self._wakeup_writer = os.pipe()

        def start_grace(number: int) -> None:
            timer = threading.Timer(grace_s, os._exit, [128 + number])
            timer.daemon = True
            timer.start()

        self._on_stop = start_grace
        for number in _STOPPING:
            signal.signal(number, self._receive)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._number is not None:
            # The second time: at once. The server rolls back what is open.
            os._exit(128 + number)
        self._number = number
        if self._wakeup_writer is not None:
            os.write(self._wakeup_writer, b"!")
        self._on_stop(number)

    def check(self) -> None:
        """Leave the run if it shall stop.

        Raises:
            StoppedError: If a signal was received.
        """
        if self._number is not None:
            raise StoppedError(self._number)
