"""The run: messages in, rows and states out.

One thread reads and encodes; one thread writes. While a flush is being written the
next one is read, never more: a slow database slows the tap down.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from target_postgres.batch import Activation, Flush
from target_postgres.errors import (
    BadInputError,
    ConfigError,
    NoSchemaError,
    OutputClosedError,
    Place,
)
from target_postgres.evolution import check_frozen, reconcile_types
from target_postgres.faults import FaultPoints
from target_postgres.loader import Loader
from target_postgres.messages import (
    Message,
    read_message,
    read_schema_message,
    read_state_value,
    read_version,
    required_stream,
)
from target_postgres.schemas import StreamSchema, TypeOptions, read_schema
from target_postgres.session import Session
from target_postgres.signals import StopSignal
from target_postgres.stream import StreamOptions, StreamWriter
from target_postgres.tables import (
    MetadataOptions,
    TableName,
    design_table,
    name_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from target_postgres.lines import Lines
    from target_postgres.settings import Settings

logger = logging.getLogger("target-postgres")

_SLICE_LINES = 512
_NO_PREFIX = b"\0"
_NANOSECONDS_PER_SEQUENCE = 1000


@dataclass(slots=True)
class _StreamState:
    """What the engine knows of a stream across its schemas."""

    writer: StreamWriter
    schema: StreamSchema
    highest_activated: int | None = None
    waiting_version: int | None = None


class Engine:
    """Reads Singer messages and keeps the database in step with them."""

    def __init__(
        self,
        settings: Settings,
        *,
        emit_state: Callable[[str], None],
        stop: StopSignal | None = None,
    ) -> None:
        """Prepare a run; nothing is opened yet.

        Args:
            settings: The run's settings.
            emit_state: Called with the JSON text of each STATE that is committed.
            stop: Tells when to stop.
        """
        self._settings = settings
        self._emit_state = emit_state
        self._stop = stop or StopSignal()
        self._faults = FaultPoints.from_environment()
        self._first_sequence = time.time_ns() // _NANOSECONDS_PER_SEQUENCE
        self._session = Session(settings, self._faults)
        self._loader = Loader(
            session=self._session,
            settings=settings,
            faults=self._faults,
            first_sequence=self._first_sequence,
        )
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._in_flight: Future[None] | None = None
        self._streams: dict[str, _StreamState] = {}
        self._table_owners: dict[TableName, str] = {}
        self._state: str | None = None
        self._held_since: float | None = None
        self._prefix = _NO_PREFIX
        self._writer: StreamWriter | None = None
        self._warned: set[str] = set()

    def run(self, chunks: Iterable[Lines]) -> None:
        """Read the whole input and write it.

        Args:
            chunks: The input's lines.

        Raises:
            TargetError: If the run cannot go on. What was committed stays, and no
                later state is emitted.
        """
        try:
            if self._settings.state_id is not None:
                self._executor.submit(self._session.open).result()
            self.take(chunks)
            self.finish()
        except BaseException:
            self._let_in_flight_end()
            raise
        finally:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._session.close()

    def take(self, chunks: Iterable[Lines]) -> None:
        """Read some input, writing whenever enough is held."""
        size = min(_SLICE_LINES, self._settings.batch_size_rows)
        for chunk in chunks:
            self._stop.check()
            for start in range(0, len(chunk.lines), size):
                self._take_lines(
                    chunk.lines[start : start + size], chunk.first_number + start
                )
                self._flush_if_due()
                self._stop.check()
            self._flush_if_due()

    def finish(self) -> None:
        """Write what is held and what was put off to the end of the input."""
        activations: dict[str, Activation] = {}
        for name, stream in self._streams.items():
            version = stream.waiting_version
            highest = stream.highest_activated
            if version is not None and (highest is None or version > highest):
                activations[name] = Activation(version, stream.writer.wrote_versions)
        self._flush(activations, is_last=True)
        self._wait()

    def _take_lines(self, lines: list[bytes], number: int) -> None:
        for line in lines:
            writer = self._writer
            if writer is None or not (
                line.startswith(self._prefix) and writer.add(line, number)
            ):
                self._take_message(line, number)
            number += 1
        if self._held_since is None and lines:
            self._held_since = time.monotonic()

    def _take_message(self, line: bytes, number: int) -> None:
        if not line.strip():
            return
        message = read_message(line, number)
        match message.type:
            case "RECORD":
                self._take_record(line, message, number)
            case "SCHEMA":
                self._take_schema(message, number)
            case "STATE":
                self._state = read_state_value(message, number)
            case "ACTIVATE_VERSION":
                self._take_version(message, number)
            case other:
                raise BadInputError(
                    f"messages of type {other!r} are not known here",
                    Place(line=number, stream=message.stream),
                )

    def _take_record(self, line: bytes, message: Message, number: int) -> None:
        name = required_stream(message, number)
        stream = self._streams.get(name)
        if stream is None:
            raise NoSchemaError(
                "a record came before the SCHEMA of its stream",
                Place(line=number, stream=name),
            )
        # The start of the line, up to the record, is a hint for the lines to come.
        end = line.find(b'"record"')
        self._prefix = line[:end] if end > 0 else _NO_PREFIX
        self._writer = stream.writer
        if not stream.writer.add(line, number):
            stream.writer.add_exactly(line, number)

    def _take_schema(self, message: Message, number: int) -> None:
        given = read_schema_message(message, number)
        keys = given.key_properties
        if keys is None:
            self._warn_once(
                f"stream {given.stream!r} names no key_properties: its rows are"
                " appended"
            )
        schema = read_schema(
            given.stream,
            given.schema,
            key_properties=keys or (),
            options=TypeOptions(
                floats_for_numbers=self._settings.number_type != "numeric",
                bytes_for_encoded=self._settings.interpret_content_encoding,
            ),
            line=number,
        )
        if self._settings.load_method == "append-only":
            schema = replace(schema, key_properties=())
        known = self._streams.get(given.stream)
        if known is not None:
            if known.schema == schema:
                return
            if known.writer.row_count:
                self._flush({})
        self._start_stream(schema, known, number)

    def _start_stream(
        self, schema: StreamSchema, known: _StreamState | None, number: int
    ) -> None:
        settings = self._settings
        name = name_table(
            schema.stream,
            default_schema=settings.default_target_schema,
            stream_name_is=settings.stream_name_is,
        )
        owner = self._table_owners.setdefault(name, schema.stream)
        if owner != schema.stream:
            raise ConfigError(
                f"streams {owner!r} and {schema.stream!r} would share table {name}"
            )
        writer = self._compile_stream(schema, name, number)
        if known is None:
            self._streams[schema.stream] = _StreamState(writer, schema)
        else:
            writer.versions_seen |= known.writer.versions_seen
            known.writer, known.schema = writer, schema
        self._prefix, self._writer = _NO_PREFIX, None

    def _compile_stream(
        self, schema: StreamSchema, name: TableName, number: int
    ) -> StreamWriter:
        settings = self._settings
        options = MetadataOptions(
            has_metadata=settings.add_record_metadata,
            has_run_id=settings.run_id is not None,
        )
        table = self._executor.submit(self._loader.read_table, name).result()
        try:
            design, properties = design_table(schema, name, options)
            if settings.schema_changes == "discard" and table is not None:
                kept = tuple(
                    each
                    for column, each in properties.items()
                    if column in table.columns
                )
                narrower = replace(schema, properties=kept)
                design, properties = design_table(narrower, name, options)
        except ValueError as error:
            place = Place(line=number, stream=schema.stream)
            raise BadInputError(str(error), place) from None
        design = replace(design, columns=reconcile_types(design, table))
        if settings.schema_changes == "freeze":
            check_frozen(design, table)
        return StreamWriter(
            schema,
            design,
            properties,
            StreamOptions(
                first_sequence=self._first_sequence,
                run_id=settings.run_id,
                refuses_nul=settings.on_nul == "stop",
                validates_required=settings.validate_records,
                may_widen=settings.schema_changes == "evolve",
                removes_deleted=settings.hard_delete,
            ),
        )

    def _take_version(self, message: Message, number: int) -> None:
        name = required_stream(message, number)
        version = read_version(message, number)
        stream = self._streams.get(name)
        if stream is None:
            raise NoSchemaError(
                "ACTIVATE_VERSION came before the SCHEMA of its stream",
                Place(line=number, stream=name),
            )
        if not self._settings.activate_version:
            self._warn_once("ACTIVATE_VERSION is not heeded: activate_version is off")
            return
        if stream.highest_activated is not None and version <= (
            stream.highest_activated
        ):
            return
        stream.writer.settle()
        if version not in stream.writer.versions_seen:
            # Nothing of this version is there yet: to act now would show readers an
            # empty table. It is done at the end of the input.
            stream.waiting_version = version
            return
        stream.highest_activated = version
        self._flush({name: Activation(version, wrote_versions=True)})

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            logger.warning("%s", text)

    def _flush_if_due(self) -> None:
        if self._held_since is None:
            return
        settings = self._settings
        writers = [stream.writer for stream in self._streams.values()]
        is_due = (
            time.monotonic() - self._held_since >= settings.batch_wait_limit_seconds
            or sum(w.row_count for w in writers) >= settings.batch_size_rows
            or sum(w.size_bytes for w in writers) >= settings.batch_size_bytes
        )
        if is_due:
            self._flush({})

    def _flush(
        self, activations: dict[str, Activation], *, is_last: bool = False
    ) -> None:
        """Hand everything read so far to the writing thread, as one transaction."""
        stale_before = None
        if is_last and self._settings.load_method == "overwrite":
            stale_before = self._first_sequence
        batches = tuple(
            stream.writer.take(
                activation=activations.get(name), stale_before=stale_before
            )
            for name, stream in self._streams.items()
            if not stream.writer.is_idle
            or name in activations
            or stale_before is not None
        )
        flush = Flush(batches, self._state)
        self._state = None
        self._held_since = None
        if not flush.batches and flush.state is None:
            return
        self._wait()
        self._in_flight = self._executor.submit(self._write, flush)

    def _write(self, flush: Flush) -> None:
        if flush.batches or self._settings.state_id is not None:
            self._loader.write(flush)
        if flush.state is not None:
            self._faults.reach("before_state")
            try:
                self._emit_state(flush.state)
            except BrokenPipeError:
                raise OutputClosedError(
                    "standard output was closed: the rows are committed, their state"
                    " could not be told"
                ) from None

    def _wait(self) -> None:
        in_flight, self._in_flight = self._in_flight, None
        if in_flight is not None:
            in_flight.result()

    def _let_in_flight_end(self) -> None:
        """Let the open transaction end, so that its state is still told."""
        in_flight, self._in_flight = self._in_flight, None
        if in_flight is not None:
            error = in_flight.exception()
            if error is not None:
                logger.error("the transaction under way failed too: %s", error)
