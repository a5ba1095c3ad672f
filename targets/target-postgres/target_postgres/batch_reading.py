"""BATCH messages: the records of their files, as if they stood in the input."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from target_postgres import copy_files
from target_postgres.batch_files import check_encoding, local_path, read_batch_lines
from target_postgres.errors import Place
from target_postgres.lines import Lines
from target_postgres.messages import Message, read_batch_message
from target_postgres.records import Outside

if TYPE_CHECKING:
    from pathlib import Path

    from target_postgres.flushing import Flusher
    from target_postgres.messages import BatchMessage
    from target_postgres.numbering import RowNumbers
    from target_postgres.settings import Settings
    from target_postgres.signals import StopSignal
    from target_postgres.stream import StreamWriter

_SLICE_LINES = 512


class BatchReader:
    """Reads the files of BATCH messages into the writers of their streams."""

    def __init__(
        self,
        settings: Settings,
        *,
        numbers: RowNumbers,
        flusher: Flusher,
        stop: StopSignal,
    ) -> None:
        """Keep what is needed.

        Args:
            settings: The run's settings.
            numbers: Where each record stands.
            flusher: Writes what the writers hold.
            stop: Tells when to stop.
        """
        self._settings = settings
        self._numbers = numbers
        self._flusher = flusher
        self._stop = stop

    def take(self, message: Message, line: int, writer: StreamWriter) -> None:
        """Take the records of a message's files.

        Args:
            message: A BATCH message.
            line: Its line number.
            writer: Its stream's writer.

        Raises:
            TargetError: If a file or a record is wrong, or a flush fails.
        """
        batch = read_batch_message(message, line)
        place = Place(line=line, stream=message.stream)
        check_encoding(batch.encoding, place)
        paths = [local_path(url, place) for url in batch.manifest]
        outside = writer.check_outside(
            Outside(batch.time_extracted, batch.version), place
        )
        for path in paths:
            first_number = self._numbers.enter_file(path.name, line=line)
            writer.enter_batch(outside)
            row_count = self._take_file(
                path, batch, place, writer=writer, number=first_number
            )
            writer.leave_batch()
            self._numbers.leave_file(line=line, row_count=row_count)
            if batch.remove_files or self._settings.remove_batch_files:
                self._flusher.spend(path)

    def _take_file(
        self,
        path: Path,
        batch: BatchMessage,
        place: Place,
        *,
        writer: StreamWriter,
        number: int,
    ) -> int:
        """Take a file's records; return how many lines it has."""
        is_copy = batch.encoding.format == copy_files.FORMAT
        count = 0
        for chunk in read_batch_lines(
            path, batch.encoding, place, max_line_bytes=self._settings.max_line_bytes
        ):
            self._stop.check()
            self._flusher.note_input()
            lines = chunk
            if is_copy and count == 0:
                header, lines = chunk.without_first()
                at = replace(place, line=1, file=path.name)
                writer.enter_copy_file(header, at)
            first = number + count + chunk.count - lines.count
            if is_copy:
                self._take_rows(writer, lines, first)
            else:
                self._take_records(writer, lines, first)
            count += chunk.count
            self._flusher.flush_if_due()
        return count

    def _take_records(self, writer: StreamWriter, chunk: Lines, number: int) -> None:
        if chunk.count <= self._settings.batch_size_rows and writer.add_lines(
            chunk.content, number, chunk.count
        ):
            return
        for index, line in enumerate(chunk.split()):
            if line.strip() and not writer.add(line, number + index):
                writer.add_exactly(line, number + index)
            if index % _SLICE_LINES == 0:
                self._flusher.flush_if_due()

    def _take_rows(self, writer: StreamWriter, chunk: Lines, number: int) -> None:
        if chunk.count <= self._settings.batch_size_rows:
            writer.add_rows(chunk, number)
            return
        size = self._settings.batch_size_rows
        lines = chunk.split()
        for start in range(0, len(lines), size):
            piece = Lines.of(chunk.first_number + start, lines[start : start + size])
            writer.add_rows(piece, number + start)
            self._flusher.flush_if_due()
