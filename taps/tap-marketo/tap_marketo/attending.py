"""A thread that looks after the export jobs while rows are read and written."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Attendant:
    """Does one piece of work again and again, with rests between.

    Attributes:
        turn: Held while the work is done; who holds it keeps the work from being done.
    """

    def __init__(self, work: Callable[[], bool], *, rest_s: float) -> None:
        """Prepare the thread; ``start`` starts it.

        Args:
            work: Gives False when there is nothing more to do until ``wake``. It keeps
                its troubles to itself.
            rest_s: Seconds between two times.
        """
        self.turn = threading.Lock()
        self._work = work
        self._rest_s = rest_s
        self._woken = threading.Event()
        self._worked = threading.Event()
        self._is_stopped = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Have the work done at once; the first call starts the thread."""
        self._woken.set()
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name="export jobs", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Have the work done no more; where it is being done it goes on to its end."""
        self._is_stopped = True
        self._woken.set()

    def expect_change(self) -> None:
        """Forget the work done so far, before looking at what it changes."""
        self._worked.clear()

    def wait_for_change(self, longest_s: float) -> None:
        """Wait until the work was done once more since ``expect_change``."""
        self._worked.wait(longest_s)

    def _run(self) -> None:
        while True:
            self._woken.clear()
            with self.turn:
                if self._is_stopped:
                    return
                is_going_on = self._work()
            self._worked.set()
            self._woken.wait(self._rest_s if is_going_on else None)
