"""A stream whose records travel as ready lines from what reads them to stdout."""

from __future__ import annotations

import decimal
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.mapper import SameRecordTransform

from reading_kit.batching import BatchWriter, can_write
from reading_kit.personal import mark_personal
from reading_kit.record_stream import RecordStream
from reading_kit.state import StreamState
from reading_kit.timestamps import parse_instant
from reading_kit.writing import BlockWriter

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from datetime import datetime

    from singer_sdk.helpers import types
    from singer_sdk.helpers._batch import BatchConfig

    from reading_kit.pages import Page

INCREMENTAL = "INCREMENTAL"


class _Line(msgspec.Struct):
    record: dict[str, Any]
    time_extracted: str


_LINE = msgspec.json.Decoder(_Line, float_hook=decimal.Decimal)


class ReadingStream(RecordStream):
    """A stream of pages.

    A page is written as it is. Only where the SDK has to look into records (stream
    maps, flattening, BATCH, ``--test``) do they become dicts.

    A subclass gives ``read_pages``, and may give ``sample_pages``, ``emitted_schema``
    and ``offered_names``.
    """

    _batches: BatchWriter | None = None

    # What a stream says for itself

    def read_pages(self) -> Iterator[Page]:
        """Give all pages; what runs after a ``yield`` knows the page is written.

        That is the place to note how far the stream has come, and to write the state.
        """
        raise NotImplementedError

    def sample_pages(self, limit_rows: int) -> Iterator[Page]:  # noqa: ARG002
        """Give about ``limit_rows`` records for a connection test."""
        return self.read_pages()

    def offered_names(self) -> set[str]:
        """Give the columns the service has, whether they are read or not."""
        return set(self.schema["properties"])

    def emitted_schema(self) -> dict[str, Any]:
        """Give the schema of the records as they are written."""
        return self.schema_of(self.selected_names())

    # What it may use

    def selected_names(self) -> list[str]:
        """Give the selected columns that there are, in the order of the schema."""
        known = self.effective_schema.get("properties", {})
        return [
            name
            for name in self.schema["properties"]
            if name in known and self.mask["properties", name]
        ]

    def schema_of(self, names: Iterable[str]) -> dict[str, Any]:
        """Give the schema of records with these columns.

        The catalog's schema of a column is kept where it has the type of our values.
        """
        ours = self.schema["properties"]
        given = self.effective_schema.get("properties", {})
        properties = {name: _compatible(given.get(name), ours[name]) for name in names}
        return {
            "type": "object",
            "properties": mark_personal(properties, self.personal_class),
            "required": [name for name in self.primary_keys if name in properties],
        }

    @property
    def is_incremental(self) -> bool:
        """Tell whether the stream reads only what is new."""
        return bool(self.replication_method == INCREMENTAL)

    @property
    def table_version(self) -> int | None:
        """Give the version records of a FULL_TABLE read carry."""
        version: int | None = self._stream_version
        return version

    @table_version.setter
    def table_version(self, version: int | None) -> None:
        self._stream_version = version

    def new_state(
        self, *, floor: datetime | None = None, lookback_s: float = 0
    ) -> StreamState:
        """Give the stream's part of the state; options are those of StreamState."""
        return StreamState(
            self.stream_state,
            stream=self.name,
            write=self.write_state,
            floor=floor,
            lookback_s=lookback_s,
        )

    def warn_about_changes(self) -> None:
        """Log columns the catalog selects that are gone, and those it does not know."""
        if self._input_schema is None:
            return
        there = self.offered_names()
        known = set(self._input_schema.get("properties", {}))
        gone = sorted(name for name in known - there if self.mask["properties", name])
        if gone:
            self.logger.warning("%s: fields are gone: %s", self.name, ", ".join(gone))
        new = sorted(name for name in there - known if not name.startswith("_sdc_"))
        if new:
            self.logger.info("%s: fields are new: %s", self.name, ", ".join(new))

    # How the SDK is met

    @property
    def selected(self) -> bool:
        """Tell whether the stream is read."""
        return bool(self.mask.get((), True))

    @selected.setter
    def selected(self, value: bool | None) -> None:
        """Select the stream or not, as ``--test`` does, and its schema with it."""
        self.metadata.root.selected = value
        self._mask = self.metadata.resolve_selection()
        if value:
            self._tap.mapper.register_raw_stream_schema(
                self.name, self.emitted_schema(), self.primary_keys
            )
            self._stream_maps = None

    def _sync_records(
        self, context: types.Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Write all records, as lines where nothing has to look into them."""
        self._begin()
        is_whole = self.ABORT_AT_RECORD_COUNT is None
        if write_messages and is_whole and self._is_plain():
            self._write_lines()
        else:
            yield from super()._sync_records(context, write_messages=write_messages)
        if write_messages:
            self._activate_version()

    def _sync_batches(
        self, batch_config: BatchConfig, context: types.Context | None = None
    ) -> None:
        """Write files of all records: of lines where nothing has to look into them."""
        if self._is_plain() and can_write(batch_config):
            self._begin()
            self._write_batches(batch_config)
        else:
            super()._sync_batches(batch_config, context)
        self._activate_version()

    def _write_batches(self, batch_config: BatchConfig) -> None:
        batches = BatchWriter(
            batch_config,
            tap=self.tap_name,
            stream=self.name,
            write_message=self._tap.write_message,
        )
        self._batches = batches
        with closing(batches), self.get_record_counter() as counter:
            for page in self.read_pages():
                batches.add(page)
                counter.increment(page.rows)
                page.discard()
            batches.flush()
        self._batches = None
        self.write_state()

    def write_state(self) -> None:
        """Write the state, unless rows it covers wait in a file that is not full."""
        batches = self._batches
        if batches is not None and batches.pending_rows:
            if not batches.is_worth_telling():
                return
            batches.flush()
        super().write_state()

    def _is_plain(self) -> bool:
        """Tell whether records can be written as they are."""
        return all(
            type(step) is SameRecordTransform and not step.flattening_enabled
            for step in self.stream_maps
        )

    def get_records(
        self,
        context: types.Context | None,  # noqa: ARG002
    ) -> Iterable[dict[str, Any]]:
        """Give the records as dicts, numbers exact."""
        limit_rows = self.ABORT_AT_RECORD_COUNT
        pages = (
            self.read_pages() if limit_rows is None else self.sample_pages(limit_rows)
        )
        for page in pages:
            for line in page.lines():
                decoded = _LINE.decode(line)
                self.time_extracted = parse_instant(decoded.time_extracted)
                yield decoded.record
            page.discard()

    def _write_lines(self) -> None:
        writer = self._tap.message_writer
        if not isinstance(writer, BlockWriter):
            msg = "the taps of the kit write through its BlockWriter only"
            raise TypeError(msg)
        with self.get_record_counter() as counter, self.get_sync_timer():
            for page in self.read_pages():
                writer.write_page(page)
                counter.increment(page.rows)
                page.discard()

    def _begin(self) -> None:
        is_versioned = self.config.get("emit_activate_version_messages", True)
        if not self.is_incremental and is_versioned:
            self._stream_version = self._initialized_at

    def _activate_version(self) -> None:
        is_whole = self.ABORT_AT_RECORD_COUNT is None
        if is_whole and self._stream_version is not None:
            self._write_activate_version_message(self._stream_version)


def _compatible(given: dict[str, Any] | None, ours: dict[str, Any]) -> dict[str, Any]:
    if given is None or "type" not in ours:
        return ours
    types = given.get("type")
    named = {types} if isinstance(types, str) else set(types or ())
    own = ours["type"]
    wanted = {own} if isinstance(own, str) else set(own)
    return given if named | {"null"} == wanted | {"null"} else ours
