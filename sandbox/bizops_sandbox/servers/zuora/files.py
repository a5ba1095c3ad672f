"""The result files of jobs: kept for three days, written as a fault asks."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.servers.zuora.formats import csv_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bizops_sandbox.servers.faults import Fault

    Lines = list[list[str]]

_LIFE = timedelta(days=3)
_MOST_FILES = 2_000
_INSTANT = re.compile(rb"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)")
_TRICKY = 'He said "yes, please",\nand left; done'


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file of results: CSV text and how it is packed (csv, gzip, zip)."""

    file_id: str
    object_name: str
    content: bytes
    packing: str
    written_at: datetime


class Files:
    """The files there are, oldest first; bounded so that a long run stays small."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, ResultFile] = OrderedDict()
        self._count = 0

    def put(
        self, object_name: str, content: bytes, *, packing: str, now: datetime
    ) -> str:
        """Keep a file and return its id."""
        self._count += 1
        file_id = zuora_id("File", str(self._count))
        self._files[file_id] = ResultFile(file_id, object_name, content, packing, now)
        while len(self._files) > _MOST_FILES:
            self._files.popitem(last=False)
        return file_id

    def find(self, file_id: str, now: datetime) -> ResultFile | None:
        """Return a file unless it is unknown or was purged after three days."""
        file = self._files.get(file_id)
        if file is None or now - file.written_at > _LIFE:
            return None
        return file


def packed(content: bytes, packing: str) -> bytes:
    """Pack the text of a file as its format says."""
    if packing == "gzip":
        return gzip.compress(content, compresslevel=1, mtime=0)
    if packing == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            entry = zipfile.ZipInfo("result.csv", (2018, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
        return out.getvalue()
    return content


def spoiled(content: bytes, fault: Fault) -> bytes:
    """Write a file's text as a fault makes it."""
    name, parameters = fault.kind.name, fault.parameters
    if name == "byte_order_mark":
        return b"\xef\xbb\xbf" + content
    if name == "fractional_seconds":
        return _INSTANT.sub(rb"\1T\2.123", content)
    if name == "spaced_datetimes":
        return _INSTANT.sub(rb"\1 \2", content)
    change = _LINE_CHANGES.get(name)
    if change is None:
        return content
    lines = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    return csv_bytes(
        change(lines, int(parameters.get("rows", parameters.get("row", 1))))
    )


def _drop_rows(lines: Lines, count: int) -> Lines:
    return [lines[0], *lines[1 : max(len(lines) - count, 1)]]


def _double_rows(lines: Lines, count: int) -> Lines:
    return [*lines[: 1 + count], *lines[1:]]


def _cut_row(lines: Lines, number: int) -> Lines:
    return [line[:-1] if place == number else line for place, line in enumerate(lines)]


def _add_nul(lines: Lines, _: int) -> Lines:
    first = [f"\0{cell}\0" if cell else cell for cell in lines[1]] if lines[1:] else []
    return [lines[0], first, *lines[2:]] if first else lines


def _add_tricky_cell(lines: Lines, _: int) -> Lines:
    """Put the text where some text is, or where there is no cell with a value."""
    if len(lines) < 2:
        return lines
    names = ("name", "notes", "description", "comments", "comment")
    header = [cell.rpartition(".")[2].lower() for cell in lines[0]]
    place = next((header.index(name) for name in names if name in header), None)
    if place is None:
        return lines
    first = [*lines[1][:place], _TRICKY, *lines[1][place + 1 :]]
    return [lines[0], first, *lines[2:]]


def _lower_header(lines: Lines, _: int) -> Lines:
    return [[cell.lower() for cell in lines[0]], *lines[1:]]


_LINE_CHANGES: dict[str, Callable[[Lines, int], Lines]] = {
    "rows_missing": _drop_rows,
    "rows_duplicated": _double_rows,
    "ragged_row": _cut_row,
    "nul_bytes": _add_nul,
    "tricky_cell": _add_tricky_cell,
    "header_case": _lower_header,
}
