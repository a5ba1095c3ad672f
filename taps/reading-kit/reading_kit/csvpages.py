"""Pages of CSV: read by the block, counted, and kept on disk as RECORD lines."""

from __future__ import annotations

import csv
import io
import itertools
import sys
from typing import TYPE_CHECKING

from reading_kit.cells import CellBlock, from_rows
from reading_kit.errors import IncompleteDataError
from reading_kit.pages import Page, keep, keeping
from reading_kit.quoted_csv import cut_blocks, split_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from _typeshed import WriteableBuffer

    from reading_kit.converting import BlockConverter

BLOCK_ROWS = 2000
_CHUNK_BYTES = 1 << 18

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


class _ByteStream(io.RawIOBase):
    """Makes a file of an iterator of chunks, leaving NUL bytes out."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk.replace(b"\0", b"")
        size = min(len(view), len(self._rest))
        view[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def read_blocks(
    chunks: Iterable[bytes], names: Sequence[str], *, has_header: bool = False
) -> Iterator[list[list[str]]]:
    """Read the rows of a CSV page by the block, values in the order of ``names``.

    The page may begin with its header, in any order, or at once with data. No lines
    are split before the CSV reader sees them: values may hold any line break.

    Args:
        chunks: The page's bytes; a byte order mark is left out.
        names: The columns wanted.
        has_header: Whether the page must begin with its header.

    Raises:
        IncompleteDataError: the text is cut, not UTF-8, or has other columns.
    """
    reader = csv.reader(_decode(chunks), strict=True)
    try:
        first = next(filter(None, reader), None)
        if first is None:
            return
        order = _find_order(first, names)
        if has_header and order is None:
            msg = f"the page begins with {len(first)} cells that are not its header"
            raise IncompleteDataError(msg)
        rows = itertools.chain([first], reader) if order is None else reader
        yield from _read_rows(rows, order, width=len(names))
    except (csv.Error, UnicodeDecodeError) as error:
        raise _refuse(error) from None


def read_columns(chunks: Iterable[bytes], names: Sequence[str]) -> Iterator[CellBlock]:
    """Read a CSV page as ``read_blocks`` does, by the column.

    It costs a third of that where all cells are in quotes; what is not so is read
    there.

    Raises:
        IncompleteDataError: the text is cut, not UTF-8, or has other columns.
    """
    blocks = cut_blocks(chunks)
    order: Sequence[int] | None = None
    is_begun = False
    try:
        for raw in blocks:
            block = split_block(raw, len(names))
            if block is None:
                rest = itertools.chain([raw], blocks)
                yield from _read_other(rest, names, order, is_begun=is_begun)
                return
            if not is_begun:
                order = _find_order(block.first_row(), names)
                is_begun = True
                if order is not None:
                    block = block.without_first()
            yield block.in_order(order) if order else block
    except UnicodeDecodeError as error:
        raise _refuse(error) from None


def _read_other(
    chunks: Iterable[bytes],
    names: Sequence[str],
    order: Sequence[int] | None,
    *,
    is_begun: bool,
) -> Iterator[CellBlock]:
    """Read what is not in quotes throughout: the whole page, or the rest of one."""
    if not is_begun:
        yield from map(from_rows, read_blocks(chunks, names))
        return
    reader = csv.reader(_decode(chunks), strict=True)
    try:
        yield from map(from_rows, _read_rows(reader, order, width=len(names)))
    except csv.Error as error:
        raise _refuse(error) from None


def _decode(chunks: Iterable[bytes]) -> io.TextIOWrapper:
    buffer = io.BufferedReader(_ByteStream(chunks), _CHUNK_BYTES)
    return io.TextIOWrapper(buffer, "utf-8-sig", newline="")


def _refuse(error: Exception) -> IncompleteDataError:
    return IncompleteDataError(f"the page is cut or not CSV ({type(error).__name__})")


def _read_rows(
    rows: Iterator[list[str]], order: Sequence[int] | None, *, width: int
) -> Iterator[list[list[str]]]:
    while block := list(itertools.islice(rows, BLOCK_ROWS)):
        yield _arrange(block, order, width=width)


def _arrange(
    block: list[list[str]], order: Sequence[int] | None, *, width: int
) -> list[list[str]]:
    """Check that all rows have their width, and put their values in our order."""
    widths = set(map(len, block))
    if 0 in widths:
        block = [row for row in block if row]
    if widths - {0, width}:
        other = (widths - {0, width}).pop()
        msg = f"a row has {other} values where {width} were asked for"
        raise IncompleteDataError(msg)
    return [[row[i] for i in order] for row in block] if order else block


def _find_order(first: Sequence[str], names: Sequence[str]) -> list[int] | None:
    """Give where each name stands in a header: empty where in place, none if data."""
    given = [name.lower() for name in first]
    wanted = [name.lower() for name in names]
    if given == wanted:
        return []
    if sorted(given) == sorted(wanted):
        return [given.index(name) for name in wanted]
    return None


def spool_page(
    blocks: Iterable[CellBlock | Sequence[Sequence[str]]],
    converter: BlockConverter,
    path: Path,
    *,
    announced_rows: int | None,
) -> Page:
    """Convert blocks of rows into a file and check that all announced rows are there.

    Raises:
        IncompleteDataError: more or fewer rows came than announced.
        SpoolError: the disk does not take them.
        ValueFormatError: a value does not have the form of its type.
    """
    count = 0
    first_row = 0
    with keeping(path) as file:
        for block in blocks:
            cells = block if isinstance(block, CellBlock) else from_rows(block)
            if not cells.rows:
                continue
            if not count:
                first_row = hash(cells.first_row())
            keep(file, converter.convert_block(cells))
            count += cells.rows
    if announced_rows is not None and count != announced_rows:
        msg = f"a page brought {count} rows where {announced_rows} were announced"
        raise IncompleteDataError(msg)
    return Page(count, path, converter.max_key, first_row)
