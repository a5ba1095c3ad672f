"""The run: messages in, rows and states out.

One thread reads and encodes (here); one thread writes (`flushing`).
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from target_postgres.batch import Activation
from target_postgres.batch_reading import BatchReader
from target_postgres.errors import BadInputError, Place
from target_postgres.faults import FaultPoints
from target_postgres.flushing import Flusher
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
    from collections.abc import Callable, Iterable

    from target_postgres.catalog import TableInfo
    from target_postgres.lines import Lines
    from target_postgres.settings import Settings
    from target_postgres.stream import StreamWriter
    from target_postgres.tables import TableName

logger = logging.getLogger("target-postgres")

_SLICE_LINES = 512
_SMALLEST_WHOLE_BYTES = 16 * 1024
_MOST_PASSED = 16
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
        self.settings = settings
        self._stop = stop or StopSignal()
        self._overwrites = settings.load_method == "overwrite"
        faults = FaultPoints.from_environment()
        first_sequence = time.time_ns() // _NANOSECONDS_PER_SEQUENCE
        self._session = Session(settings, faults)
        self._registry = StreamRegistry(
            settings, first_sequence=first_sequence, read_tables=self._read_tables
        )
        self._numbers = self._registry.numbers
        self._loader = Loader(
            session=self._session,
            settings=settings,
            faults=faults,
            first_sequence=first_sequence,
            numbers=self._numbers,
        )
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._flusher = Flusher(
            settings,
            registry=self._registry,
            loader=self._loader,
            executor=self._executor,
            emit_state=emit_state,
            faults=faults,
        )
        self._batches = BatchReader(
            settings, numbers=self._numbers, flusher=self._flusher, stop=self._stop
        )
        self._prefix = _NO_PREFIX
        self._writer: StreamWriter | None = None
        self._whole_chunks_to_pass = self._passed_last_time = 0
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
            if self.settings.state_id is not None:
                self._executor.submit(self._session.open).result()
            self._take(chunks)
            # A signal and the end of the input often come together.
            self._stop.check()
            self._finish()
        except BaseException:
            self._flusher.let_in_flight_end()
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
        for chunk in chunks:
            self._stop.check()
            self._take_chunk(chunk)
            self._flusher.flush_if_due()

    def _take_chunk(self, chunk: Lines) -> None:
        if chunk.count:
            self._flusher.note_input()
        if self._take_whole(chunk):
            return
        size = min(_SLICE_LINES, self.settings.batch_size_rows)
        lines = chunk.split()
        for start in range(0, len(lines), size):
            self._take_lines(lines[start : start + size], chunk.first_number + start)
            self._flusher.flush_if_due()
            self._stop.check()

    def _take_whole(self, chunk: Lines) -> bool:
        """Take a chunk at once if all its lines are records of the same stream."""
        writer = self._writer
        if (
            writer is None
            or not 0 < chunk.count <= self.settings.batch_size_rows
            or len(chunk.content) < _SMALLEST_WHOLE_BYTES
            or not chunk.content.startswith(self._prefix)
        ):
            return False
        if self._whole_chunks_to_pass > 0:
            self._whole_chunks_to_pass -= 1
            return False
        number = self._numbers.of_line(chunk.first_number)
        if writer.add_lines(chunk.content, number, chunk.count):
            self._passed_last_time = 0
            return True
        # Streams are mixed here, or states frequent: try again, but not at once.
        self._passed_last_time = min(2 * self._passed_last_time + 1, _MOST_PASSED)
        self._whole_chunks_to_pass = self._passed_last_time
        return False

    def _finish(self) -> None:
        """Write what is held and what was put off to the end of the input."""
        if self._is_cut_short():
            # Nothing of an open part is committed, no version activated, no table
            # overwritten.
            self._flusher.flush_covered()
            self._flusher.wait()
            self._executor.submit(self._loader.drop_staging).result()
            return
        activations: dict[str, Activation] = {}
        for name, entry in self._registry.items():
            version, highest = entry.waiting_version, entry.highest_activated
            if version is not None and (highest is None or version > highest):
                activations[name] = Activation(version, entry.writer.wrote_versions)
        self._flusher.drain(activations, is_last=True)
        self._flusher.wait()

    def _is_cut_short(self) -> bool:
        file = self.settings.cut_short_file
        return file is not None and Path(file).exists()

    # Messages

    def _take_lines(self, lines: list[bytes], number: int) -> None:
        self._flusher.note_input()
        record_number = self._numbers.of_line
        for line in lines:
            writer = self._writer
            if writer is None or not (
                line.startswith(self._prefix)
                and writer.add(line, record_number(number))
            ):
                self._take_message(line, number)
            number += 1

    def _take_message(self, line: bytes, number: int) -> None:
        if not line.strip():
            return
        message = read_message(line, number)
        match message.type:
            case "RECORD":
                self._take_record(line, message, number)
            case "SCHEMA":
                if self._registry.define(message, number, drain=self._flusher.drain):
                    self._prefix, self._writer = _NO_PREFIX, None
            case "BATCH":
                _, entry = self._registry.find(message, number)
                self._batches.take(message, number, entry.writer)
            case "STATE":
                self._flusher.take_state(read_state_value(message, number))
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
        record_number = self._numbers.of_line(number)
        if not entry.writer.add(line, record_number):
            entry.writer.add_exactly(line, record_number)

    def _take_version(self, message: Message, number: int) -> None:
        version = read_version(message, number)
        name, entry = self._registry.find(message, number)
        if self._overwrites:
            # Rows of other versions go when the new rows take the table.
            return
        if not self.settings.activate_version:
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
        self._flusher.drain({name: Activation(version, wrote_versions=True)})

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            logger.warning("%s", text)
