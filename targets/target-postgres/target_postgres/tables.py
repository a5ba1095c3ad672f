"""What a stream's table shall be, and where each column's value comes from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from target_postgres.column_types import BIGINT, JSONB, TEXT, TIMESTAMPTZ, ColumnType
from target_postgres.identifiers import column_names, legal_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_postgres.schemas import Property, StreamSchema

EXTRACTED_AT = "_sdc_extracted_at"
RECEIVED_AT = "_sdc_received_at"
BATCHED_AT = "_sdc_batched_at"
DELETED_AT = "_sdc_deleted_at"
SEQUENCE = "_sdc_sequence"
TABLE_VERSION = "_sdc_table_version"
EXTRA = "_sdc_extra"
RUN_ID = "_bizops_run_id"

# In COPY order: what differs from row to row, then what a whole batch shares.
ROW_METADATA: Mapping[str, ColumnType] = {
    EXTRACTED_AT: TIMESTAMPTZ,
    RECEIVED_AT: TIMESTAMPTZ,
    SEQUENCE: BIGINT,
    TABLE_VERSION: BIGINT,
}
# Defaults of our own columns in tables we make, as PostgreSQL spells them: a batch need
# not send what they say.
BATCHED_AT_DEFAULT = "now()"
RUN_ID_SETTING = "bizops.run_id"
RUN_ID_DEFAULT = f"current_setting('{RUN_ID_SETTING}'::text, true)"
BATCH_METADATA: Mapping[str, ColumnType] = {
    BATCHED_AT: TIMESTAMPTZ,
    DELETED_AT: TIMESTAMPTZ,
}


@dataclass(frozen=True, slots=True)
class TableName:
    """A table's place, as the tap's stream and the settings give it.

    Attributes:
        schema: Legal schema name.
        table: Legal table name.
        full_name: The table's name before it was made legal.
    """

    schema: str
    table: str
    full_name: str

    def __str__(self) -> str:
        """Name the table for a message."""
        return f'"{self.schema}"."{self.table}"'


@dataclass(frozen=True, slots=True)
class TableDesign:
    """The table a stream's rows go to.

    Attributes:
        name: Where it is.
        columns: Type of each column, in COPY order, our own columns included.
        keys: Names of the key columns.
        full_names: Property name of each column whose name had to be changed.
        has_metadata: Whether it has the _sdc_ columns.
        has_run_id: Whether it has `_bizops_run_id`.
        stream: The stream, for messages.
        property_by_column: Property name of each column of the tap, for messages.
    """

    name: TableName
    columns: Mapping[str, ColumnType]
    keys: tuple[str, ...]
    full_names: Mapping[str, str]
    has_metadata: bool
    has_run_id: bool
    stream: str
    property_by_column: Mapping[str, str]

    @property
    def defaults(self) -> Mapping[str, str]:
        """Give the defaults a new table gets."""
        found = {BATCHED_AT: BATCHED_AT_DEFAULT} if self.has_metadata else {}
        return found | ({RUN_ID: RUN_ID_DEFAULT} if self.has_run_id else {})

    def with_type(self, column: str, column_type: ColumnType) -> TableDesign:
        """Give the same table with one column of another type."""
        return replace(self, columns={**self.columns, column: column_type})


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """Which of our own columns a table gets.

    Attributes:
        has_metadata: The _sdc_ columns.
        has_run_id: `_bizops_run_id`.
        has_extra: `_sdc_extra`, for properties outside the schema.
    """

    has_metadata: bool
    has_run_id: bool
    has_extra: bool = False


def name_table(stream: str, *, default_schema: str, stream_name_is: str) -> TableName:
    """Find a stream's table.

    Args:
        stream: The stream's name.
        default_schema: Schema of streams that name none.
        stream_name_is: `table`, or `schema-table` for `schema-table` and
            `database-schema-table`.
    """
    schema, table = default_schema, stream
    if stream_name_is == "schema-table":
        parts = stream.split("-")
        if len(parts) in {2, 3} and all(parts):
            schema, table = parts[-2], parts[-1]
    return TableName(legal_name(schema), legal_name(table), table)


def reserved_columns(options: MetadataOptions) -> frozenset[str]:
    """Name the columns that are ours.

    `_sdc_deleted_at` is not among them: a tap that sends it says when the row was
    deleted at its source.
    """
    own = {*ROW_METADATA, BATCHED_AT} if options.has_metadata else set()
    if options.has_extra:
        own.add(EXTRA)
    return frozenset(own | ({RUN_ID} if options.has_run_id else set()))


def design_table(
    schema: StreamSchema, name: TableName, options: MetadataOptions
) -> tuple[TableDesign, Mapping[str, Property]]:
    """Design a stream's table from its schema alone.

    Returns:
        The design, and the property of each column of the tap in COPY order.

    Raises:
        ValueError: If two properties cannot be told apart.
    """
    full_names = [each.name for each in schema.properties]
    repeated = [name for name, count in Counter(full_names).items() if count > 1]
    if repeated:
        raise ValueError(f"flattening names several properties {repeated[0]!r}")
    names = column_names(full_names, reserved=reserved_columns(options))
    properties = {names[each.name]: each for each in schema.properties}
    columns = {column: each.type for column, each in properties.items()}
    if options.has_metadata and DELETED_AT in columns:
        columns[DELETED_AT] = TIMESTAMPTZ
    if options.has_extra:
        columns[EXTRA] = JSONB
    if options.has_metadata:
        columns |= ROW_METADATA
        for column, column_type in BATCH_METADATA.items():
            columns.setdefault(column, column_type)
    if options.has_run_id:
        columns[RUN_ID] = TEXT
    design = TableDesign(
        name=name,
        columns=columns,
        keys=tuple(names[key] for key in schema.key_properties),
        full_names={c: p.name for c, p in properties.items() if c != p.name},
        has_metadata=options.has_metadata,
        has_run_id=options.has_run_id,
        stream=schema.stream,
        property_by_column={c: p.name for c, p in properties.items()},
    )
    return design, properties
