"""Reading several partitions at once, and giving what they bring as it comes.

Each partition is read by one thread, in its own order; what they bring goes through one
queue of so many bytes, so that memory does not grow when nobody takes them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tap_gitlab.piece_queue import PieceQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from reading_kit.pages import Page
    from tap_gitlab.partitions import Chunk, Partition

_WAITING_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a partition, ready to be written; ``chunk`` is without them."""

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
    run in threads, which wait while nobody takes what they bring.
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
        self._queue: PieceQueue[Piece | End | None] = PieceQueue(_WAITING_BYTES)
        self._lock = threading.Lock()
        self._running = 0

    def start(self, partitions: Sequence[Partition]) -> None:
        """Begin reading, at most ``workers`` partitions at once."""
        waiting = iter(partitions)
        self._running = min(self._workers, len(partitions))
        for number in range(self._running):
            threading.Thread(
                target=self._work,
                args=(waiting,),
                name=f"partition-{number}",
                daemon=True,
            ).start()

    def events(self) -> Generator[Piece | End, None, None]:
        """Give everything the partitions bring, as it comes.

        Leaving the iteration stops the threads at their next piece.
        """
        try:
            while self._running:
                found = self._queue.get()
                if found is None:
                    self._running -= 1
                else:
                    yield found
        finally:
            self.stop()

    def stop(self) -> None:
        """Let the threads end at their next piece."""
        self._queue.close()

    def _work(self, waiting: Iterable[Partition]) -> None:
        source = iter(waiting)
        while not self._queue.is_closed:
            with self._lock:
                partition = next(source, None)
            if partition is None:
                break
            self._put(End(partition, self._read_whole(partition)))
        self._put(None)

    def _read_whole(self, partition: Partition) -> BaseException | None:
        try:
            for chunk in self._read(partition):
                # The rows themselves are not kept while their lines wait.
                piece = Piece(
                    partition, self._make_page(chunk), replace(chunk, rows=())
                )
                if not self._put(piece):
                    return None
        except BaseException as error:  # noqa: BLE001 - told to who takes the pieces
            return error
        return None

    def _put(self, found: Piece | End | None) -> bool:
        size_bytes = 0
        if isinstance(found, Piece) and isinstance(found.page.content, bytes):
            size_bytes = len(found.page.content)
        return self._queue.put(found, size_bytes=size_bytes)
