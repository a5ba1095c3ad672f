"""The run: messages in, rows and states out.

One thread reads and encodes; one thread writes. While a flush is being written the
next one is read, never more: a slow database slows the tap down.

A STATE is committed in the transaction of the last rows before it. Rows of streams
without a key that came after the last STATE are not committed with it, because a run
that starts again from that STATE sends them again; if they are too many to hold, they
are written and the transaction is left open until the next STATE.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from target_postgres.batch import Activation, Flush, StreamBatch
from target_postgres.errors import BadInputError, OutputClosedError, Place
from target_postgres.faults import FaultPoints
from target_postgres.loader import Loader
from target_postgres.messages import (
    Message,
    read_message,
    read_state_value,
    read_version,
)
from target_postgres.registry import StreamRegistry
from target_postgres.session import Session
from target_postgres.signals import StopSignal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from target_postgres.catalog import TableInfo
    from target_postgres.lines import Lines
    from target_postgres.settings import Settings
    from target_postgres.stream import StreamWriter
    from target_postgres.tables import TableName

logger = logging.getLogger("target-postgres")

_SLICE_LINES = 512
_NO_PREFIX = b"\0"
_NANOSECONDS_PER_SEQUENCE = 1000


class Engine:
    """Reads Singer messages and keeps the database in step with them."""

    def __init__(
        self,
        settings: Settings,
        *,
        emit_state: Callable[[str], None],
        stop: StopSignal | None = None,
    ) -> None:
        """Prepare a run; nothing is opened yet.

        Args:
            settings: The run's settings.
            emit_state: Called with the JSON text of each STATE that is committed.
            stop: Tells when to stop.
        """
        self._settings = settings
        self._emit_state = emit_state
        self._stop = stop or StopSignal()
        self._faults = FaultPoints.from_environment()
        first_sequence = time.time_ns() // _NANOSECONDS_PER_SEQUENCE
        self._session = Session(settings, self._faults)
        self._loader = Loader(
            session=self._session,
            settings=settings,
            faults=self._faults,
            first_sequence=first_sequence,
        )
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._in_flight: Future[None] | None = None
        self._registry = StreamRegistry(
            settings, first_sequence=first_sequence, read_tables=self._read_tables
        )
        self._overwrites = settings.load_method == "overwrite"
        self._state: str | None = None
        self._held_since: float | None = None
        self._has_open_part = False
        self._prefix = _NO_PREFIX
        self._writer: StreamWriter | None = None
        self._warned: set[str] = set()

    def run(self, chunks: Iterable[Lines]) -> None:
        """Read the whole input and write it.

        Args:
            chunks: The input's lines.

        Raises:
            TargetError: If the run cannot go on. What was committed stays, and no
                later state is emitted.
        """
        try:
            if self._settings.state_id is not None:
                self._executor.submit(self._session.open).result()
            self._take(chunks)
            # A signal and the end of the input often come together.
            self._stop.check()
            self._finish()
        except BaseException:
            self._let_in_flight_end()
            self._executor.submit(self._loader.drop_staging).exception()
            raise
        finally:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._session.close()

    def _read_tables(
        self, name: TableName
    ) -> tuple[TableInfo | None, TableInfo | None]:
        return self._executor.submit(self._loader.read_tables, name).result()

    def _take(self, chunks: Iterable[Lines]) -> None:
        size = min(_SLICE_LINES, self._settings.batch_size_rows)
        for chunk in chunks:
            self._stop.check()
            for start in range(0, len(chunk.lines), size):
                self._take_lines(
                    chunk.lines[start : start + size], chunk.first_number + start
                )
                self._flush_if_due()
                self._stop.check()
            self._flush_if_due()

    def _finish(self) -> None:
        """Write what is held and what was put off to the end of the input."""
        activations: dict[str, Activation] = {}
        for name, entry in self._registry.items():
            version, highest = entry.waiting_version, entry.highest_activated
            if version is not None and (highest is None or version > highest):
                activations[name] = Activation(version, entry.writer.wrote_versions)
        self._drain(activations, is_last=True)
        self._wait()

    # Messages

    def _take_lines(self, lines: list[bytes], number: int) -> None:
        for line in lines:
            writer = self._writer
            if writer is None or not (
                line.startswith(self._prefix) and writer.add(line, number)
            ):
                self._take_message(line, number)
            number += 1
        if self._held_since is None and lines:
            self._held_since = time.monotonic()

    def _take_message(self, line: bytes, number: int) -> None:
        if not line.strip():
            return
        message = read_message(line, number)
        match message.type:
            case "RECORD":
                self._take_record(line, message, number)
            case "SCHEMA":
                if self._registry.define(message, number, drain=self._drain):
                    self._prefix, self._writer = _NO_PREFIX, None
            case "STATE":
                self._take_state(read_state_value(message, number))
            case "ACTIVATE_VERSION":
                self._take_version(message, number)
            case other:
                raise BadInputError(
                    f"messages of type {other!r} are not known here",
                    Place(line=number, stream=message.stream),
                )

    def _take_record(self, line: bytes, message: Message, number: int) -> None:
        _, entry = self._registry.find(message, number)
        # The start of the line, up to the record, is a hint for the lines to come.
        end = line.find(b'"record"')
        self._prefix = line[:end] if end > 0 else _NO_PREFIX
        self._writer = entry.writer
        if not entry.writer.add(line, number):
            entry.writer.add_exactly(line, number)

    def _take_state(self, value: str) -> None:
        self._state = value
        if self._overwrites:
            return
        for writer in self._writers():
            writer.mark_state()
        if self._is_large():
            self._flush_covered()

    def _take_version(self, message: Message, number: int) -> None:
        version = read_version(message, number)
        name, entry = self._registry.find(message, number)
        if self._overwrites:
            # Rows of other versions go when the new rows take the table.
            return
        if not self._settings.activate_version:
            self._warn_once("ACTIVATE_VERSION is not heeded: activate_version is off")
            return
        highest = entry.highest_activated
        if highest is not None and version <= highest:
            return
        entry.writer.settle()
        if version not in entry.writer.versions_seen:
            # Nothing of this version is there yet: to act now would show readers an
            # empty table. It is done at the end of the input.
            entry.waiting_version = version
            return
        entry.highest_activated = version
        self._drain({name: Activation(version, wrote_versions=True)})

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            logger.warning("%s", text)

    # Flushing

    def _writers(self) -> list[StreamWriter]:
        return [entry.writer for _, entry in self._registry.items()]

    def _is_large(self) -> bool:
        settings = self._settings
        writers = self._writers()
        return (
            sum(writer.row_count for writer in writers) >= settings.batch_size_rows
            or sum(writer.size_bytes for writer in writers) >= settings.batch_size_bytes
        )

    def _flush_if_due(self) -> None:
        if self._in_flight is not None and self._in_flight.done():
            # A failure ends the run now, not when the tap has sent another batch.
            self._wait()
        if self._held_since is None:
            return
        age_s = time.monotonic() - self._held_since
        if self._is_large() or age_s >= self._settings.batch_wait_limit_seconds:
            self._flush_covered()
            if self._is_large():
                self._flush_rest()

    def _flush_covered(self) -> None:
        """Write what a run that starts from the last STATE would not repeat."""
        if self._overwrites:
            self._drain()
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
        self._drain()

    def _drain(
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
            self._flush_covered()
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
        flush = Flush(tuple(batches), state, commits=not self._has_open_part)
        self._held_since = None
        if not flush.batches and flush.state is None and not must_end:
            return
        self._wait()
        self._in_flight = self._executor.submit(self._write, flush)

    def _write(self, flush: Flush) -> None:
        if flush.batches or self._settings.state_id is not None:
            self._loader.write(flush)
        if flush.state is not None:
            self._faults.reach("before_state")
            try:
                self._emit_state(flush.state)
            except BrokenPipeError:
                raise OutputClosedError(
                    "standard output was closed: the rows are committed, their state"
                    " could not be told"
                ) from None

    def _wait(self) -> None:
        in_flight, self._in_flight = self._in_flight, None
        if in_flight is not None:
            in_flight.result()

    def _let_in_flight_end(self) -> None:
        """Let the open transaction end, so that its state is still told."""
        in_flight, self._in_flight = self._in_flight, None
        if in_flight is not None:
            error = in_flight.exception()
            if error is not None:
                logger.error("the transaction under way failed too: %s", error)
