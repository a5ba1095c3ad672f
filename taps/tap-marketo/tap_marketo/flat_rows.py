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
        places = find_places(
            reader.header, [field.api_name for field in fields], required=keys
        )
        found = [
            (field, place)
            for field, place in zip(fields, places, strict=True)
            if place is not None
        ]
        if len(found) < len(fields) and reader.header:
            missing = {field.api_name for field in fields}.difference(reader.header)
            logger.warning("%s: the file lacks %s", stream, ", ".join(sorted(missing)))
        builder = LineBuilder(
            stream,
            [field.name for field, _ in found],
            time_extracted=file.as_of,
            version=version,
        )
        convert = [
            (
                new_column(
                    field.kind,
                    place=f"{stream}.{field.name}",
                    misfits=misfits,
                ),
                place,
            )
            for field, place in found
        ]
        for block in reader.blocks():
            columns = list(zip(*block, strict=True))
            texts = [change(columns[place]) for change, place in convert]
            if since is not None:
                texts = _leave_out(texts, [field.name for field, _ in found], since)
            if texts and texts[0]:
                yield Page(len(texts[0]), builder.build(texts))
        check_count(reader, file)


def _leave_out(
    texts: list[Sequence[str]], names: Sequence[str], since: tuple[str, datetime]
) -> list[Sequence[str]]:
    name, floor = since
    if name not in names:
        return texts
    # Instants in their usual form compare as text; null stays.
    limit = f'"{floor.isoformat()[:19]}Z"'
    column = texts[names.index(name)]
    chosen = [text >= limit or text == "null" for text in column]
    return [list(compress(each, chosen)) for each in texts]
