"""Result files: CSV to pages of RECORD lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading_kit.converting import BlockConverter, Column, RecordEnvelope
from reading_kit.csvpages import read_blocks, spool_page
from reading_kit.timestamps import format_instant
from tap_zuora.describing import DELETED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from reading_kit.pages import Page
    from tap_zuora.queries import Result


class _LastRow:
    """Passes blocks of rows on and remembers the last row."""

    def __init__(self, blocks: Iterator[list[list[str]]]) -> None:
        self._blocks = blocks
        self.row: Sequence[str] = ()

    def __iter__(self) -> Iterator[list[list[str]]]:
        for block in self._blocks:
            if block:
                self.row = block[-1]
            yield block


def spool_result(
    chunks: Iterable[bytes], result: Result, header: Sequence[str], path: Path
) -> tuple[Page, str]:
    """Write a file's rows as RECORD lines to a path.

    Args:
        chunks: The CSV text.
        result: What the file belongs to.
        header: The cells of the header, in the order of the query's fields.
        path: Where the lines go.

    Returns:
        The page, and the Id of the last row.

    Raises:
        IncompleteDataError: the text is cut or has other columns.
        ValueFormatError: a value does not have the form of its type.
    """
    query = result.query
    columns = [Column(field.name, field.kind) for field in query.fields]
    if query.has_deleted:
        columns.append(Column(DELETED, "boolean"))
    taken_at = format_instant(result.submission.taken_at)
    converter = BlockConverter(
        columns,
        RecordEnvelope(query.stream, taken_at, query.maker.version),
        key=None,
        key_limit=taken_at,
        deleted_at=_find_deleted_at(result),
    )
    rows = _LastRow(read_blocks(chunks, header, has_header=True))
    page = spool_page(rows, converter, path, announced_rows=None)
    place = [field.name for field in query.fields].index("Id")
    return page, rows.row[place] if rows.row else ""


def _find_deleted_at(result: Result) -> tuple[str, str] | None:
    """Give the columns that make ``_sdc_deleted_at``: the flag, and the last change."""
    query = result.query
    stamp = next((f for f in query.fields if f.name == query.maker.stamp), None)
    if not query.has_deleted or stamp is None or stamp.kind != "datetime":
        return None
    return DELETED, stamp.name
