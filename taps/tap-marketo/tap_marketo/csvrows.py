"""Reads an export file by the block of rows, whatever stands in its cells.

Rows end at line feeds only: cells may hold U+2028 or U+0085, at which other readers of
lines would break. NUL is left out. A row that is no proper CSV, or has more or fewer
cells than the header, is split leniently; if that does not help, reading fails and
names the place, so that no value slips into another column.
"""

from __future__ import annotations

import csv
import logging
import sys
from typing import IO, TYPE_CHECKING

from reading_kit.errors import IncompleteDataError
from tap_marketo.quoting import split_leniently

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

logger = logging.getLogger(__name__)

#: A block ends with the row in which it gets so many bytes.
BLOCK_BYTES = 500_000
#: Where quotes do not close, a block ends all the same.
_MOST_BLOCK_LINES = 50_000
#: A row that does not end within so many lines is broken.
_MOST_LINES = 500

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

_LINE_ENDS = "\r\n"
Rows = list[list[str]]


def parse_lines(lines: Sequence[str]) -> Rows:
    """Give the rows of some lines; those without quotes need no CSV reader.

    Raises:
        csv.Error: quotes are not as CSV wants them.
    """
    has_quotes = ['"' in line for line in lines]
    if all(has_quotes):
        return list(csv.reader(lines, strict=True))
    rows: Rows = []
    pending: list[str] = []
    is_open = False
    for line, is_quoted in zip(lines, has_quotes, strict=True):
        if is_open or is_quoted:
            pending.append(line)
            is_open ^= line.count('"') % 2 == 1
            continue
        if pending:
            rows += csv.reader(pending, strict=True)
            pending = []
        plain = line.rstrip(_LINE_ENDS)
        rows.append(plain.split(",") if plain else [])
    rows += csv.reader(pending, strict=True)
    return rows


class _Lines:
    """Gives the lines of a file by the block, and single ones a row still needs."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.taken: list[str] = []
        self.start_bytes = 0
        self.size_bytes = 0
        self.damaged = 0

    def next_block(self) -> list[str]:
        """Give the lines of the next block; its last row is whole where all is well."""
        self.start_bytes += self.size_bytes
        raw = self._file.readlines(BLOCK_BYTES)
        content = b"".join(raw)
        is_open = content.count(b'"') % 2 == 1
        while (
            is_open and len(raw) < _MOST_BLOCK_LINES and (line := self._file.readline())
        ):
            raw.append(line)
            content += line
            is_open ^= line.count(b'"') % 2 == 1
        self.size_bytes = len(content)
        if b"\0" in content:
            raw = [line.replace(b"\0", b"") for line in raw]
        try:
            self.taken = list(map(bytes.decode, raw))
        except UnicodeDecodeError:
            self.taken = [self._decode(line) for line in raw]
        return self.taken

    def take_more(self) -> bool:
        """Add one more line to the block; gives False where there is none."""
        line = self._file.readline()
        self.size_bytes += len(line)
        if line:
            self.taken.append(self._decode(line.replace(b"\0", b"")))
        return bool(line)

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
        self.rows = 0
        self.repaired = 0
        first = file.readline().decode(errors="replace").removeprefix("\ufeff")
        self._lines.start_bytes = len(first.encode())
        try:
            self.header = next(csv.reader([first], strict=True), [])
        except csv.Error:
            raise IncompleteDataError("the header of the file is not CSV") from None
        self._is_last_json = bool(self.header) and self.header[-1] == json_column

    def blocks(self) -> Iterator[Rows]:
        """Give the rows by the block, cells in the order of the header.

        Raises:
            IncompleteDataError: a row cannot be made to fit the header.
        """
        while lines := self._lines.next_block():
            try:
                block = parse_lines(lines)
            except csv.Error:
                block = self._repair_block()
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
            if end >= len(taken) and not self._lines.take_more():
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
