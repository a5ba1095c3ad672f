"""The streams of a run: which schema each has now, and which table it owns."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from target_postgres.encoder import StreamOptions
from target_postgres.errors import BadInputError, ConfigError, NoSchemaError, Place
from target_postgres.evolution import check_frozen, reconcile_types
from target_postgres.messages import Message, read_schema_message, required_stream
from target_postgres.name_map import TABLE as NAMES_TABLE
from target_postgres.numbering import RowNumbers
from target_postgres.rejects import TABLE as REJECTS_TABLE
from target_postgres.schemas import StreamSchema, TypeOptions, read_schema
from target_postgres.staging import staging_name
from target_postgres.stream import StreamWriter
from target_postgres.tables import (
    MetadataOptions,
    TableName,
    design_table,
    name_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_postgres.catalog import TableInfo
    from target_postgres.settings import Settings

logger = logging.getLogger("target-postgres")


@dataclass(slots=True)
class StreamEntry:
    """What is known of a stream across its schemas.

    Attributes:
        schema: Its schema now.
        writer: Holds its rows under that schema.
        highest_activated: The highest version activated in this run.
        waiting_version: A version whose activation waits for the end of the input.
    """

    schema: StreamSchema
    writer: StreamWriter
    highest_activated: int | None = None
    waiting_version: int | None = None


class StreamRegistry:
    """Turns SCHEMA messages into writers."""

    def __init__(
        self,
        settings: Settings,
        *,
        first_sequence: int,
        read_tables: Callable[[TableName], tuple[TableInfo | None, TableInfo | None]],
    ) -> None:
        """Start without streams.

        Args:
            settings: The run's settings.
            first_sequence: `_sdc_sequence` of a row is this plus its line number.
            read_tables: Looks at a table, and at its staging table if this run has
                one, as they are after all that was written.
        """
        self._settings = settings
        self._read_tables = read_tables
        self._entries: dict[str, StreamEntry] = {}
        self._owners: dict[TableName, str] = {}
        self._type_options = TypeOptions(
            floats_for_numbers=settings.number_type != "numeric",
            bytes_for_encoded=settings.interpret_content_encoding,
            flatten_depth=settings.flattening_max_depth,
            flatten_separator=settings.flattening_separator,
        )
        self._metadata = MetadataOptions(
            has_metadata=settings.add_record_metadata,
            has_run_id=settings.run_id is not None,
            has_extra=settings.extra_properties == "capture",
        )
        self.numbers = RowNumbers()
        self._stream_options = StreamOptions(
            first_sequence=first_sequence,
            run_id=settings.run_id,
            refuses_nul=settings.on_nul == "stop",
            validates_required=settings.validate_records,
            may_widen=settings.schema_changes == "evolve",
            removes_deleted=settings.hard_delete,
            sets_aside=settings.on_bad_record == "quarantine",
            captures_extra=settings.extra_properties == "capture",
            numbers=self.numbers,
        )

    def items(self) -> list[tuple[str, StreamEntry]]:
        """List the streams in the order of their first SCHEMA."""
        return list(self._entries.items())

    def find(self, message: Message, number: int) -> tuple[str, StreamEntry]:
        """Find the stream a message speaks of.

        Raises:
            NoSchemaError: If no SCHEMA came before.
        """
        name = required_stream(message, number)
        entry = self._entries.get(name)
        if entry is None:
            raise NoSchemaError(
                f"{message.type} came before the SCHEMA of its stream",
                Place(line=number, stream=name),
            )
        return name, entry

    def define(
        self, message: Message, number: int, *, drain: Callable[[], None]
    ) -> bool:
        """Take a SCHEMA message.

        Args:
            message: The message.
            number: Its line number.
            drain: Called before a stream that holds rows gets another schema.

        Returns:
            Whether the stream has a new writer now.

        Raises:
            BadInputError: If the message is wrong.
            ConfigError: If two streams would share a table.
            DatabaseRefusedError: If the table cannot become what is needed.
        """
        schema = self._read(message, number)
        known = self._entries.get(schema.stream)
        if known is not None:
            if known.schema == schema:
                return False
            if known.writer.row_count:
                drain()
        writer = self._compile(schema, self._own_table(schema.stream), number)
        if known is None:
            self._entries[schema.stream] = StreamEntry(schema, writer)
        else:
            writer.versions_seen.update(known.writer.versions_seen)
            known.schema, known.writer = schema, writer
        return True

    def _read(self, message: Message, number: int) -> StreamSchema:
        given = read_schema_message(message, number)
        if given.key_properties is None and given.stream not in self._entries:
            logger.warning(
                "stream %r names no key_properties: its rows are appended",
                given.stream,
            )
        schema = read_schema(
            given.stream,
            given.schema,
            key_properties=given.key_properties or (),
            options=self._type_options,
            line=number,
        )
        if self._settings.load_method == "append-only":
            return replace(schema, key_properties=())
        return schema

    def _own_table(self, stream: str) -> TableName:
        name = name_table(
            stream,
            default_schema=self._settings.default_target_schema,
            stream_name_is=self._settings.stream_name_is,
        )
        if name.table in (NAMES_TABLE, REJECTS_TABLE):
            raise ConfigError(f"stream {stream!r} would take {name}, which is our own")
        taken = [name]
        if self._settings.load_method == "overwrite":
            taken.append(staging_name(name))
        for each in taken:
            owner = self._owners.setdefault(each, stream)
            if owner != stream:
                raise ConfigError(
                    f"streams {owner!r} and {stream!r} would share {each}"
                )
        return name

    def _compile(
        self, schema: StreamSchema, name: TableName, number: int
    ) -> StreamWriter:
        table, staged = self._read_tables(name)
        try:
            design, properties = design_table(schema, name, self._metadata)
            if self._settings.schema_changes == "discard" and table is not None:
                kept = tuple(
                    each
                    for column, each in properties.items()
                    if column in table.columns
                )
                schema = replace(schema, properties=kept)
                design, properties = design_table(schema, name, self._metadata)
        except ValueError as error:
            place = Place(line=number, stream=schema.stream)
            raise BadInputError(str(error), place) from None
        for existing in (table, staged):
            design = replace(design, columns=reconcile_types(design, existing))
        if self._settings.schema_changes == "freeze":
            check_frozen(design, table)
        return StreamWriter(schema, design, properties, self._stream_options)
