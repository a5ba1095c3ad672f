"""Reads an export file by the block of rows, whatever stands in its cells.

Rows end at line feeds only: cells may hold U+2028 or U+0085, at which other readers of
lines would break. NUL is left out. A row that is no proper CSV, or has more or fewer
cells than the header, is split leniently; if that does not help, reading fails and
names the place, so that no value slips into another column.
"""

from __future__ import annotations

import csv
import itertools
import logging
import sys
from typing import IO, TYPE_CHECKING

from reading_kit.errors import IncompleteDataError
from tap_marketo.quoting import split_leniently

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

logger = logging.getLogger(__name__)

#: A block ends after so many rows, or bytes where rows are long.
BLOCK_ROWS = 2000
BLOCK_BYTES = 2_000_000
_STEP_ROWS = 100
#: A row that does not end within so many lines is broken.
_MOST_LINES = 500

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

Rows = list[list[str]]


class _Lines:
    """Gives the lines of a file and remembers those of the block under way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.taken: list[str] = []
        self.start_bytes = 0
        self.size_bytes = 0
        self.damaged = 0

    def __iter__(self) -> Iterator[str]:
        for raw in self._file:
            self.size_bytes += len(raw)
            line = self._decode(raw)
            if "\0" in line:
                line = line.replace("\0", "")
            self.taken.append(line)
            yield line

    def begin_block(self) -> None:
        """Forget the lines of the block before."""
        self.start_bytes += self.size_bytes
        self.size_bytes = 0
        self.taken = []

    def _decode(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.damaged += 1
            return raw.decode(errors="replace")


class ExportReader:
    """The rows of one file.

    Attributes:
        header: The names in the first row; empty for a file without any.
        rows: How many rows were read so far.
        repaired: How many of them were no proper CSV.
    """

    def __init__(self, file: IO[bytes], *, json_column: str | None = None) -> None:
        """Read the header.

        Args:
            file: The file, open for reading bytes.
            json_column: Name of a column of JSON, if it is the last one.

        Raises:
            IncompleteDataError: the header cannot be read.
        """
        self._lines = _Lines(file)
        self._source = iter(self._lines)
        self._reader = csv.reader(self._source, strict=True)
        self.rows = 0
        self.repaired = 0
        try:
            self.header = next(filter(None, self._reader), [])
        except csv.Error:
            raise IncompleteDataError("the header of the file is not CSV") from None
        if self.header:
            self.header[0] = self.header[0].removeprefix("\ufeff")
        self._is_last_json = bool(self.header) and self.header[-1] == json_column

    def blocks(self) -> Iterator[Rows]:
        """Give the rows by the block, cells in the order of the header.

        Raises:
            IncompleteDataError: a row cannot be made to fit the header.
        """
        while True:
            self._lines.begin_block()
            try:
                block = self._read_block()
            except csv.Error:
                block = self._repair_block()
            if not self._lines.taken:
                break
            if not set(map(len, block)) <= {0, len(self.header)}:
                block = self._repair_block()
            block = [row for row in block if row]
            self.rows += len(block)
            if block:
                yield block
        if self._lines.damaged:
            logger.warning("%d lines were not UTF-8 text", self._lines.damaged)
        if self.repaired:
            logger.warning("%d rows with unescaped quotes were read", self.repaired)

    def _read_block(self) -> Rows:
        block: Rows = []
        while len(block) < BLOCK_ROWS and self._lines.size_bytes < BLOCK_BYTES:
            step = list(itertools.islice(self._reader, _STEP_ROWS))
            if not step:
                break
            block += step
        return block

    def _repair_block(self) -> Rows:
        """Read the lines of the block again, row by row."""
        block: Rows = []
        place = 0
        while place < len(self._lines.taken):
            row, place = self._read_row(place)
            block.append(row)
        return block

    def _read_row(self, place: int) -> tuple[list[str], int]:
        """Give the row that begins at a line, and the line after it."""
        taken = self._lines.taken
        text = ""
        for end in range(place, place + _MOST_LINES):
            if end >= len(taken) and next(self._source, None) is None:
                break
            text += taken[end]
            row = self._split(text)
            if row is not None:
                return row, end + 1
        before = "".join(taken[:place])
        offset = self._lines.start_bytes + len(before.encode())
        msg = (
            f"the row at about byte {offset} does not fit the header of "
            f"{len(self.header)} columns"
        )
        raise IncompleteDataError(msg)

    def _split(self, text: str) -> list[str] | None:
        """Give the cells of a row; none where it is not whole, or cannot be split."""
        try:
            row = next(csv.reader([text], strict=True), [])
        except csv.Error:
            row = None
        # A quote too many is the trace of another row's broken cell.
        is_even = text.count('"') % 2 == 0
        if row is not None and is_even and len(row) in {0, len(self.header)}:
            return row
        row = split_leniently(
            text, width=len(self.header), is_last_json=self._is_last_json
        )
        if row is None or len(row) != len(self.header):
            return None
        self.repaired += 1
        return row


def read_export(path: Path, *, json_column: str | None = None) -> ExportReader:
    """Open a file for reading; it is closed with the reader."""
    return ExportReader(path.open("rb"), json_column=json_column)


def find_places(
    header: Sequence[str], wanted: Sequence[str], *, required: Sequence[str]
) -> list[int | None]:
    """Give where each wanted column stands in a header, none where it is missing.

    Raises:
        IncompleteDataError: a required one is missing.
    """
    places = {name: place for place, name in enumerate(header)}
    missing = [name for name in required if name not in places]
    if missing and header:
        msg = f"the file lacks the columns {', '.join(missing)}"
        raise IncompleteDataError(msg)
    return [places.get(name) for name in wanted]
