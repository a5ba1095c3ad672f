"""Reading several partitions at once, and giving what they bring as it comes.

Each partition is read by one thread, in its own order; what they bring goes through one
short queue, so that memory does not grow when nobody takes it.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reading_kit.pages import Page
    from tap_gitlab.partitions import Chunk, Partition

_PIECES_WAITING = 16
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a partition, ready to be written."""

    partition: Partition
    page: Page
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class End:
    """A partition has been read, or has failed."""

    partition: Partition
    error: BaseException | None = None


class Gathering:
    """One stream's partitions being read.

    ``read`` gives the chunks of a partition, ``make_page`` the lines of a chunk; both
    run in threads. Leaving the iteration stops the threads at their next piece.
    """

    def __init__(
        self,
        read: Callable[[Partition], Iterator[Chunk]],
        make_page: Callable[[Chunk], Page],
        *,
        workers: int,
    ) -> None:
        self._read = read
        self._make_page = make_page
        self._workers = workers
        self._queue: queue.Queue[Piece | End | None] = queue.Queue(_PIECES_WAITING)
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def run(self, partitions: Sequence[Partition]) -> Iterator[Piece | End]:
        """Give everything the partitions bring, as it comes."""
        waiting = iter(partitions)
        count = min(self._workers, len(partitions))
        threads = [
            threading.Thread(
                target=self._work, args=(waiting,), name=f"partition-{n}", daemon=True
            )
            for n in range(count)
        ]
        try:
            for thread in threads:
                thread.start()
            while count:
                found = self._queue.get()
                if found is None:
                    count -= 1
                else:
                    yield found
        finally:
            self._stopping.set()

    def _work(self, waiting: Iterable[Partition]) -> None:
        source = iter(waiting)
        while not self._stopping.is_set():
            with self._lock:
                partition = next(source, None)
            if partition is None:
                break
            self._put(End(partition, self._read_whole(partition)))
        self._put(None)

    def _read_whole(self, partition: Partition) -> BaseException | None:
        try:
            for chunk in self._read(partition):
                if not self._put(Piece(partition, self._make_page(chunk), chunk)):
                    return None
        except BaseException as error:  # noqa: BLE001 - told to who takes the pieces
            return error
        return None

    def _put(self, found: Piece | End | None) -> bool:
        while not self._stopping.is_set():
            try:
                self._queue.put(found, timeout=_LOOK_S)
            except queue.Full:
                continue
            return True
        return False
