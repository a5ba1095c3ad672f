"""How many jobs may be under way at once, less when the service says so."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Slots:
    """A count of places that can be lowered while some are taken."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold a place, waiting for one to be free."""
        with self._changed:
            self._changed.wait_for(lambda: self._taken < self.count)
            self._taken += 1
        try:
            yield
        finally:
            with self._changed:
                self._taken -= 1
                self._changed.notify_all()

    def lower(self) -> None:
        """Do with one place less, down to one."""
        with self._changed:
            self.count = max(1, min(self.count, self._taken) - 1)
