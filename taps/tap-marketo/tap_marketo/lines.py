"""Puts columns of JSON texts together to RECORD lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reading_kit.line_breaks import escape_in_bytes
from reading_kit.timestamps import format_instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    #: The texts of a column's rows, or the one text they all have.
    Column = str | Sequence[str]


class LineBuilder:
    """Writes the lines of one stream's records, which all have the same columns."""

    def __init__(
        self,
        stream: str,
        names: Sequence[str],
        *,
        time_extracted: datetime,
        version: int | None = None,
    ) -> None:
        """Prepare what stands before, between and after the values.

        Args:
            stream: Name of the stream.
            names: Names of the columns.
            time_extracted: The server's time the records are as of.
            version: Table version of a FULL_TABLE read.
        """
        heads = [f"{json.dumps(name)}:" for name in names]
        start = f'{{"type":"RECORD","stream":{json.dumps(stream)},"record":{{'
        version_part = "" if version is None else f',"version":{version}'
        stamp = format_instant(time_extracted)
        self._constants = [start + head for head in heads[:1]]
        self._constants += [f",{head}" for head in heads[1:]]
        self._end = f'}}{version_part},"time_extracted":"{stamp}"}}\n'

    def build(self, columns: Sequence[Column], *, rows: int) -> bytes:
        """Give the lines of some rows, their values by column as JSON."""
        line: list[str] = []
        values: list[Sequence[str]] = []
        before = ""
        for constant, column in zip(self._constants, columns, strict=True):
            before += constant
            if isinstance(column, str):
                before += column
                continue
            line += (before, "")
            values.append(column)
            before = ""
        line.append(before + self._end)
        pieces = line * rows
        for index, texts in enumerate(values):
            pieces[2 * index + 1 :: len(line)] = texts
        return escape_in_bytes("".join(pieces).encode())
