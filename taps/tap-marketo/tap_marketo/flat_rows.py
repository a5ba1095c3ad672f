"""From an export of leads or program members to blocks of RECORD lines."""

from __future__ import annotations

import logging
from itertools import compress
from typing import TYPE_CHECKING

from reading_kit.errors import IncompleteDataError
from reading_kit.pages import Page
from tap_marketo.cells import new_column
from tap_marketo.csvrows import ExportReader, find_places
from tap_marketo.lines import LineBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tap_marketo.board import ExportFile
    from tap_marketo.describing import FieldSpec
    from tap_marketo.lines import Column
    from tap_marketo.values import Misfits

logger = logging.getLogger(__name__)


def check_count(reader: ExportReader, file: ExportFile) -> None:
    """Hold the rows read against the number the service told.

    Raises:
        IncompleteDataError: rows lack; or they are more, and some were mended.
    """
    told = file.status.rows
    if told is None or told == reader.rows:
        return
    message = (
        f"export {file.status.job_id}: {reader.rows} rows where {told} were announced"
    )
    if reader.rows < told or reader.repaired:
        raise IncompleteDataError(message)
    logger.warning("%s; its SHA-256 is the announced one", message)


def read_flat(
    file: ExportFile,
    fields: Sequence[FieldSpec],
    *,
    stream: str,
    keys: Sequence[str],
    misfits: Misfits,
    version: int | None = None,
    since: tuple[str, datetime] | None = None,
) -> Iterator[Page]:
    """Give the records of a file by the block.

    Args:
        file: The export.
        fields: The columns wanted.
        stream: Name of the stream.
        keys: API names of columns that must be there.
        misfits: Where cells that do not fit are counted.
        version: Table version of a FULL_TABLE read.
        since: Column and instant; rows whose column is older are left out.

    Raises:
        IncompleteDataError: the file is not what was asked for.
    """
    with file.path.open("rb") as source:
        reader = ExportReader(source)
        found = _find_columns(reader.header, fields, keys=keys, stream=stream)
        names = [field.name for field, _ in found]
        convert = [
            (new_column(each.kind, place=f"{stream}.{each.name}", misfits=misfits), at)
            for each, at in found
        ]
        builder = LineBuilder(stream, names, time_extracted=file.as_of, version=version)
        for block in reader.blocks():
            columns = list(zip(*block, strict=True))
            texts = [change(columns[place]) for change, place in convert]
            rows = len(block)
            if since is not None:
                texts, rows = _leave_out(texts, names, since, rows=rows)
            if rows:
                yield Page(rows, builder.build(texts, rows=rows))
        check_count(reader, file)


def _find_columns(
    header: Sequence[str],
    fields: Sequence[FieldSpec],
    *,
    keys: Sequence[str],
    stream: str,
) -> list[tuple[FieldSpec, int]]:
    """Give the fields that are in the file, and where; a file may be all empty."""
    places = find_places(header, [each.api_name for each in fields], required=keys)
    found = [
        (field, place)
        for field, place in zip(fields, places, strict=True)
        if place is not None
    ]
    if len(found) < len(fields) and header:
        missing = {field.api_name for field in fields}.difference(header)
        logger.warning("%s: the file lacks %s", stream, ", ".join(sorted(missing)))
    return found


def _leave_out(
    texts: list[Column],
    names: Sequence[str],
    since: tuple[str, datetime],
    *,
    rows: int,
) -> tuple[list[Column], int]:
    """Give the rows that are not too old, and how many they are."""
    name, floor = since
    column = texts[names.index(name)] if name in names else ""
    if isinstance(column, str):
        # There is no such column, or all of it is null.
        return texts, rows
    # Instants in their usual form compare as text; null stays.
    limit = f'"{floor.isoformat()[:19]}Z"'
    chosen = [text >= limit or text == "null" for text in column]
    kept: list[Column] = [
        each if isinstance(each, str) else list(compress(each, chosen))
        for each in texts
    ]
    return kept, sum(chosen)
