"""When what is held is written, and how it is cut into transactions.

While a flush is being written the next one is read, never more: a slow database slows
the tap down.

A STATE is committed in the transaction of the last rows before it. Rows of streams
without a key that came after the last STATE are not committed with it, because a run
that starts again from that STATE sends them again; if they are too many to hold, they
are written and the transaction is left open until the next STATE.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from target_postgres.batch import Activation, Flush, StreamBatch
from target_postgres.batch_files import remove_files
from target_postgres.errors import OutputClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from target_postgres.faults import FaultPoints
    from target_postgres.loader import Loader
    from target_postgres.registry import StreamRegistry
    from target_postgres.settings import Settings
    from target_postgres.stream import StreamWriter

logger = logging.getLogger("target-postgres")

# A writer with nothing to do is given less than a whole batch.
_IDLE_ROWS = 5000


class Flusher:
    """Hands what the streams hold to the writing thread, transaction by transaction."""

    def __init__(
        self,
        settings: Settings,
        *,
        registry: StreamRegistry,
        loader: Loader,
        executor: Executor,
        emit_state: Callable[[str], None],
        faults: FaultPoints,
    ) -> None:
        """Start with nothing held.

        Args:
            settings: The run's settings.
            registry: The streams, which hold the rows.
            loader: Writes; called in the executor's one thread only.
            executor: The writing thread.
            emit_state: Called with the JSON text of each STATE that is committed.
            faults: Points at which a test may kill the process.
        """
        self._settings = settings
        self._registry = registry
        self._loader = loader
        self._executor = executor
        self._emit_state = emit_state
        self._faults = faults
        self._overwrites = settings.load_method == "overwrite"
        self._in_flight: Future[None] | None = None
        self._state: str | None = None
        self._held_since: float | None = None
        self._has_open_part = False
        self._spent_files: list[Path] = []

    def note_input(self) -> None:
        """Note that something was read, and is held from now on."""
        if self._held_since is None:
            self._held_since = time.monotonic()

    def take_state(self, value: str) -> None:
        """Take the JSON text of a STATE; it is told once all before it is committed.

        Raises:
            TargetError: If a flush fails.
        """
        self._state = value
        if self._overwrites:
            return
        for writer in self._writers():
            writer.mark_state()
        if self._is_large():
            self.flush_covered()

    def spend(self, path: Path) -> None:
        """Have a BATCH file removed once a STATE behind its records is committed."""
        self._spent_files.append(path)

    def _writers(self) -> list[StreamWriter]:
        return [entry.writer for _, entry in self._registry.items()]

    def _is_large(self) -> bool:
        settings = self._settings
        writers = self._writers()
        return (
            sum(writer.row_count for writer in writers) >= settings.batch_size_rows
            or sum(writer.size_bytes for writer in writers) >= settings.batch_size_bytes
        )

    def flush_if_due(self) -> None:
        """Write what is held if it is much, or has been held for long.

        Raises:
            TargetError: If the flush before has failed.
        """
        if self._in_flight is not None and self._in_flight.done():
            # A failure ends the run now, not when the tap has sent another batch.
            self.wait()
        if self._held_since is None:
            return
        age_s = time.monotonic() - self._held_since
        is_old = age_s >= self._settings.batch_wait_limit_seconds
        if self._is_large() or is_old or self._is_enough_for_idle_writer():
            self.flush_covered()
            if self._is_large():
                self._flush_rest()

    def _is_enough_for_idle_writer(self) -> bool:
        if self._in_flight is not None:
            return False
        rows = sum(writer.row_count for writer in self._writers())
        return rows >= min(_IDLE_ROWS, self._settings.batch_size_rows)

    def flush_covered(self) -> None:
        """Write what a run that starts from the last STATE would not repeat.

        Raises:
            TargetError: If a flush fails.
        """
        if self._overwrites:
            self.drain()
            return
        self._submit(
            [
                writer.take(covered_only=True)
                for writer in self._writers()
                if writer.has_covered
            ]
        )

    def _flush_rest(self) -> None:
        """Write the rows after the last STATE too, because they are too many."""
        self.drain()

    def drain(
        self,
        activations: Mapping[str, Activation] | None = None,
        *,
        is_last: bool = False,
    ) -> None:
        """Write everything read so far.

        Args:
            activations: Versions to activate after the rows, by stream.
            is_last: Whether the input has ended.
        """
        activations = activations or {}
        has_uncovered = not self._overwrites and any(
            writer.has_uncovered for writer in self._writers()
        )
        if has_uncovered and self._state is not None:
            self.flush_covered()
        ends_overwrite = is_last and self._overwrites
        batches = [
            entry.writer.take(
                activation=activations.get(name), ends_overwrite=ends_overwrite
            )
            for name, entry in self._registry.items()
            if not entry.writer.is_idle or name in activations or ends_overwrite
        ]
        if has_uncovered and self._settings.state_id is not None:
            self._has_open_part = True
        self._submit(batches, is_last=is_last)

    def _submit(self, batches: list[StreamBatch], *, is_last: bool = False) -> None:
        """Hand a transaction, or a part of one, to the writing thread."""
        # Before an overwrite takes place its rows are in no table: no state holds.
        state = None if self._overwrites and not is_last else self._state
        if state is not None or is_last:
            must_end = self._has_open_part
            self._has_open_part = False
            self._state = None
        else:
            must_end = False
        flush = Flush(
            tuple(batches),
            state,
            commits=not self._has_open_part,
            spent_files=self._take_spent_files(covers=state is not None or is_last),
        )
        self._held_since = None
        if not flush.batches and flush.state is None and not must_end:
            return
        self.wait()
        self._in_flight = self._executor.submit(self._write, flush)

    def _take_spent_files(self, *, covers: bool) -> tuple[Path, ...]:
        if not covers:
            return ()
        spent, self._spent_files = self._spent_files, []
        return tuple(spent)

    def _write(self, flush: Flush) -> None:
        if flush.batches or self._settings.state_id is not None:
            self._loader.write(flush)
        # A run that starts again from the last state may need the later ones.
        remove_files(flush.spent_files)
        if flush.state is not None:
            self._faults.reach("before_state")
            try:
                self._emit_state(flush.state)
            except BrokenPipeError:
                raise OutputClosedError(
                    "standard output was closed: the rows are committed, their state"
                    " could not be told"
                ) from None

    def wait(self) -> None:
        """Wait for the flush under way.

        Raises:
            TargetError: If it fails.
        """
        in_flight, self._in_flight = self._in_flight, None
        if in_flight is not None:
            in_flight.result()

    def let_in_flight_end(self) -> None:
        """Let the open transaction end, so that its state is still told."""
        in_flight, self._in_flight = self._in_flight, None
        if in_flight is not None:
            error = in_flight.exception()
            if error is not None:
                logger.error("the transaction under way failed too: %s", error)
