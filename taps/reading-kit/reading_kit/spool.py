"""Threads that load pages ahead, and the folder the pages lie in meanwhile."""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_CLEANUPS = 100
_CLEANUP_PAUSE_S = 0.02

T = TypeVar("T")
S = TypeVar("S")


class Workshop:
    """At most ``workers`` threads, and a private folder that goes with them.

    Threads and folder bear ``name``, the tap's.
    """

    def __init__(self, workers: int, *, name: str) -> None:
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._folder = tempfile.TemporaryDirectory(
            prefix=f"{name}-", ignore_cleanup_errors=True
        )
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def new_path(self) -> Path:
        """Give a path no other page uses."""
        with self._lock:
            return Path(self._folder.name) / f"page-{next(self._numbers)}"

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have a thread do some work."""
        return self._pool.submit(work)

    def map_ahead(
        self,
        work: Callable[[S], T],
        items: Sequence[S],
        *,
        begun: Sequence[Future[T]] = (),
    ) -> Iterator[T]:
        """Give the results in order, with at most ``workers`` of them waiting.

        Args:
            work: What to do with each item.
            items: The items.
            begun: Work on the first items that threads do already.
        """
        futures = list(begun)
        try:
            for item in items[len(futures) :]:
                futures.append(self._pool.submit(work, item))
                if len(futures) >= self._workers:
                    yield futures.pop(0).result()
            while futures:
                yield futures.pop(0).result()
        finally:
            for future in futures:
                future.cancel()

    def close(self, *, is_waiting: bool) -> None:
        """Remove the folder, after all work is done or without waiting for any."""
        self._pool.shutdown(wait=is_waiting, cancel_futures=not is_waiting)
        for _ in range(_CLEANUPS):
            # A thread nobody waits for may put another page into the folder meanwhile.
            self._folder.cleanup()
            if not Path(self._folder.name).exists():
                return
            time.sleep(_CLEANUP_PAUSE_S)
