"""A stream: its files are read whole when one has changed, and replace the table."""

from __future__ import annotations

import hashlib
import itertools
import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib.catalog import Metadata

from reading_kit.jsonlines import LineEncoder, spool_records, to_page
from reading_kit.stream import ReadingStream
from reading_kit.timestamps import format_instant
from tap_csv.converting import RowConverter
from tap_csv.layout import FILE, LINE, Column, LayoutError, build_schema, match_header
from tap_csv.rows import FileError, find_fingerprint, read_header, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.singerlib import MetadataMapping

    from reading_kit.pages import Page
    from reading_kit.personal import PersonalClass
    from tap_csv.finding import Source, SourceFile
    from tap_csv.tap import TapCsv

#: Raised by one in what rows become, so that unchanged files are read again.
_READER_VERSION = 1


@dataclass(frozen=True, slots=True)
class _Version:
    """What was read: the files' contents, and all that decides what rows become."""

    files: dict[str, str]
    read_as: str


class CsvStream(ReadingStream):
    """One stream, of one file or of several that hold the same columns."""

    def __init__(self, tap: TapCsv, source: Source, columns: list[Column]) -> None:
        self._csv = tap
        self.source = source
        keys = source.layout.keys or (FILE, LINE)
        super().__init__(tap, schema=build_schema(columns, keys), name=source.name)
        self.primary_keys = keys
        self.forced_replication_method = "FULL_TABLE"
        self._is_unchanged = False
        self._read: _Version | None = None

    @property
    def metadata(self) -> MetadataMapping:
        """Give the selection metadata: the key cannot be left out."""
        mapping = super().metadata
        for name in self.primary_keys:
            mapping["properties", name].inclusion = Metadata.InclusionType.AUTOMATIC
        return mapping

    def personal_class(self, name: str) -> PersonalClass | None:
        """Tell what a column says about a person, if anything."""
        column = self.source.layout.columns.get(name)
        return None if column is None else column.personal

    def read_pages(self) -> Iterator[Page]:
        """Read all files if one has changed; nothing is given before all are read.

        Raises:
            TapError: a file cannot be read, or holds bad cells.
        """
        found = self._find_version()
        kept = self.new_state()
        if (kept.get("files"), kept.get("read_as")) == (found.files, found.read_as):
            self.logger.info("%s: unchanged since it was read last", self.name)
            self.table_version = None
            return
        seen: set[int] = set()
        pages = [self._spool(file, seen) for file in self.source.files]
        yield from pages
        self._read = found

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:
        """Give the first rows of the first file."""
        file = self.source.files[0]
        with closing(read_rows(file)) as rows:
            few = itertools.islice(rows, limit_rows + 1)
            for block in self._convert(file, few, set()):
                yield to_page(self._new_encoder(file), block)

    def _activate_version(self) -> None:
        """Replace the table, and only then say that the files are read."""
        super()._activate_version()
        if self._read is not None and self.ABORT_AT_RECORD_COUNT is None:
            state = self.new_state()
            state.put("files", self._read.files)
            state.put("read_as", self._read.read_as)
            state.write()

    def _find_version(self) -> _Version:
        files = {file.label: find_fingerprint(file) for file in self.source.files}
        facts = [
            _READER_VERSION,
            [repr(file.dialect) for file in self.source.files],
            self.schema_of(self.selected_names()),
            list(self.primary_keys),
        ]
        text = json.dumps(facts, sort_keys=True).encode()
        return _Version(files, hashlib.sha256(text).hexdigest())

    def _spool(self, file: SourceFile, seen: set[int]) -> Page:
        with closing(read_rows(file)) as rows:
            blocks = self._convert(file, rows, seen)
            encoder = self._new_encoder(file)
            return spool_records(blocks, encoder, self._csv.workshop.new_path())

    def _new_encoder(self, file: SourceFile) -> LineEncoder:
        return LineEncoder(
            self.name,
            time_extracted=_changed_at(file),
            version=self.table_version,
        )

    def _convert(
        self, file: SourceFile, rows: Iterator[tuple[int, list[str]]], seen: set[int]
    ) -> Iterator[list[dict[str, Any]]]:
        """Give the records of a file whose first row is its header."""
        header = next(rows, None)
        if header is None:
            msg = f"{file.label} has no header; nothing of {self.name} was changed"
            raise FileError(msg)
        columns = match_header(header[1], self.source.layout, path=file.label)
        converter = RowConverter(
            columns,
            self.primary_keys,
            label=file.label,
            changed_at=format_instant(_changed_at(file)),
            selected=set(self.selected_names()),
        )
        yield from converter.convert(rows, seen)


def find_columns(source: Source) -> list[Column] | None:
    """Give the columns of all files of a stream; None if no file has any.

    A file that cannot be read has those that are known of it, perhaps none: what is
    wrong with it is told when it is read.
    """
    found: dict[str, Column] = {}
    is_known = False
    for file in source.files:
        try:
            header = read_header(file)
            columns = match_header(header, source.layout, path=file.label)
            is_known |= bool(columns)
        except (FileError, LayoutError):
            columns = list(source.layout.columns.values())
            is_known = True
        found |= {column.name: found.get(column.name, column) for column in columns}
    return list(found.values()) if is_known else None


def _changed_at(file: SourceFile) -> datetime:
    """Give when a file was written last; never later than now."""
    written = datetime.fromtimestamp(file.path.stat().st_mtime, UTC)
    return min(written, datetime.now(UTC))
