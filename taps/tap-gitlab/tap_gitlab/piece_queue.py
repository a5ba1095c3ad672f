"""A queue between threads that is full by bytes, however long its items are."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK_S = 0.2


class PieceQueue(Generic[T]):
    """Lets who puts wait while more than ``limit_bytes`` lie in it."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._items: deque[tuple[T, int]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._is_closed = False

    def put(self, item: T, *, size_bytes: int) -> bool:
        """Put an item in; gives whether anybody still takes it."""
        with self._changed:
            while self._bytes > self._limit_bytes and not self._is_closed:
                self._changed.wait(_LOOK_S)
            if self._is_closed:
                return False
            self._items.append((item, size_bytes))
            self._bytes += size_bytes
            self._changed.notify_all()
            return True

    def get(self) -> T:
        """Take the next item out, waiting for one."""
        with self._changed:
            while not self._items:
                self._changed.wait()
            item, size_bytes = self._items.popleft()
            self._bytes -= size_bytes
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Let nobody wait any more to put something in."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """Tell whether it takes nothing any more."""
        return self._is_closed
