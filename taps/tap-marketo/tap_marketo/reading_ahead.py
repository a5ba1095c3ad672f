"""Reads pages in a thread of its own, before it is their turn to be written."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """Gives the items of an iterator that runs in a thread meanwhile.

    What the iterator raises is raised to who takes the items.
    """

    def __init__(self, items: Iterator[T], *, most: int, name: str) -> None:
        """Begin.

        Args:
            items: What is read.
            most: Items that wait to be taken at most; then reading waits.
            name: Of the thread.
        """
        self._items = items
        self._ready: queue.Queue[T | _End] = queue.Queue(most)
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        error: Exception | None = None
        try:
            for item in self._items:
                self._ready.put(item)
        except Exception as found:  # noqa: BLE001 - raised to who takes the items
            error = found
        self._ready.put(_End(error))

    def __iter__(self) -> Iterator[T]:
        """Give the items in order."""
        while True:
            item = self._ready.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item


class _End:
    def __init__(self, error: Exception | None) -> None:
        self.error = error
