"""SIGINT, SIGTERM and SIGHUP: the first asks for an end, the second takes it."""

from __future__ import annotations

import contextlib
import signal
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class SignalWatch:
    """What signals have come, and what they do now.

    Attributes:
        on_first: Called by the first signal; None raises KeyboardInterrupt in the
            main thread, which suits everything that can simply be left.
        on_second: Called by each further signal.
        number: The first signal's number; None while none has come.
        count: How many have come.
    """

    on_first: Callable[[], None] | None = None
    on_second: Callable[[], None] | None = None
    number: int | None = None
    count: int = 0

    def receive(self, number: int, frame: FrameType | None = None) -> None:
        """Take a signal."""
        del frame
        self.count += 1
        if self.number is None:
            self.number = number
        action = self.on_first if self.count == 1 else self.on_second
        if action is None:
            raise KeyboardInterrupt
        action()


@contextlib.contextmanager
def terminate_after(
    timeout_s: float | None, *, on_timeout: Callable[[], None]
) -> Iterator[None]:
    """Send the main thread SIGTERM when the block takes longer than this.

    Args:
        timeout_s: Seconds; None waits for ever.
        on_timeout: Called just before.
    """
    if timeout_s is None:
        yield
        return
    main_thread = threading.main_thread().ident

    def end() -> None:
        on_timeout()
        if main_thread is not None:
            signal.pthread_kill(main_thread, signal.SIGTERM)

    timer = threading.Timer(timeout_s, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextlib.contextmanager
def watch_signals(watch: SignalWatch) -> Iterator[None]:
    """Give signals to the watch; put the former handlers back afterwards.

    Outside the main thread, where Python cannot, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.getsignal(number) for number in _WATCHED}
    ignored = {n for n, handler in former.items() if handler is signal.SIG_IGN}
    for number in _WATCHED:
        if number not in ignored:  # such as SIGHUP under nohup
            signal.signal(number, watch.receive)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
