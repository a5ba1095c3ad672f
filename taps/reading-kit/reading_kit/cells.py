"""Columns of text cells that stand for the bytes of their UTF-8.

Each character of such a cell is one byte (as Latin-1 reads it). So Python keeps a byte
per character whatever the language, and text needs neither decoding nor encoding
between what a service sends and what is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reading_kit.line_breaks import escape_in_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How bytes are read as characters, one by one.
CARRIER = "latin-1"
#: Stands between cells that are handled together: a byte no UTF-8 has, and the
#: character that is encoded to it.
BETWEEN, _BETWEEN_TEXT = "\xff", "\udcff"
_UNCONTROLLED = bytes(range(32, 256))
_ESCAPES = {
    code: {9: b"\\t", 10: b"\\n", 13: b"\\r"}.get(code, b"\\u%04x" % code)
    for code in range(32)
}


@dataclass(frozen=True, slots=True)
class CellBlock:
    """A block of rows, by the column.

    Attributes:
        columns: The cells of each column, in the guise this module tells.
        is_escaped: Whether cells are escaped as inside a JSON string.
    """

    columns: Sequence[Sequence[str]]
    is_escaped: bool

    @property
    def rows(self) -> int:
        """Give how many rows there are."""
        return len(self.columns[0]) if self.columns else 0

    def first_row(self) -> tuple[str, ...]:
        """Give the cells of the first row."""
        return tuple(column[0] for column in self.columns)

    def without_first(self) -> CellBlock:
        """Give the block without its first row."""
        return CellBlock([column[1:] for column in self.columns], self.is_escaped)

    def in_order(self, order: Sequence[int]) -> CellBlock:
        """Give the block with its columns in another order."""
        return CellBlock([self.columns[i] for i in order], self.is_escaped)


def from_rows(rows: Sequence[Sequence[str]]) -> CellBlock:
    """Make a block of rows of text."""
    columns = [_carry(cells) for cells in zip(*rows, strict=True)]
    return CellBlock(columns, is_escaped=False)


def _carry(cells: Sequence[str]) -> Sequence[str]:
    if "".join(cells).isascii():
        return cells
    content = _BETWEEN_TEXT.join(cells).encode(errors="surrogateescape")
    return content.decode(CARRIER).split(BETWEEN)


def escape(content: bytes) -> bytes:
    """Escape what JSON strings cannot hold, but for quotes."""
    if b"\\" in content:
        content = content.replace(b"\\", b"\\\\")
    for code in set(content.translate(None, _UNCONTROLLED)):
        content = content.replace(bytes([code]), _ESCAPES[code])
    return escape_in_bytes(content)


def escape_cells(cells: Sequence[str]) -> Sequence[str]:
    """Escape cells as inside a JSON string."""
    content = BETWEEN.join(cells).encode(CARRIER)
    escaped = escape(content)
    if b'"' in escaped:
        escaped = escaped.replace(b'"', b'\\"')
    if escaped is content:
        return cells
    return escaped.decode(CARRIER).split(BETWEEN)


def unescape_cell(cell: str) -> str:
    """Give a cell that is JSON as it was; a line break in it becomes a blank."""
    if "\\" not in cell:
        return cell
    cell = cell.replace("\\\\", BETWEEN).replace('\\"', '"')
    for escaped in ("\\n", "\\r", "\\t"):
        cell = cell.replace(escaped, " ")
    return cell.replace(BETWEEN, "\\")
