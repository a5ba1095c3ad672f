"""What one stream reads of its object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reading_kit.converting import BlockConverter, Column, ColumnKind, RecordEnvelope
from reading_kit.timestamps import format_instant
from tap_salesforce.soql import Window, build_query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tap_salesforce.describing import FieldKind, FieldSpec

#: How the cells of a field are read; compound values come as JSON.
_COLUMN_KINDS: dict[FieldKind, ColumnKind] = {
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "address": "json",
    "location": "json",
    "binary": "string",
}
#: The flag and the instant that make _sdc_deleted_at.
_DELETED_AT = ("IsDeleted", "SystemModstamp")


@dataclass(frozen=True, slots=True)
class Source:
    """The rows and columns of one read.

    Attributes:
        fields: The columns, in the order they are asked for.
        key: Replication key, none to read the whole table.
        has_id: Whether rows are told apart by Id.
        version: Table version of a FULL_TABLE read.
        end: Rows whose key is not before it are left to later runs, if there is one.
    """

    name: str
    fields: tuple[FieldSpec, ...]
    key: str | None
    has_id: bool
    is_deleted_at_emitted: bool
    version: int | None = None
    end: datetime | None = None

    @property
    def names(self) -> list[str]:
        """Give the names of the columns."""
        return [field.name for field in self.fields]

    def window(self, start: datetime | None, *, now: datetime) -> Window:
        """Give the window of a read that begins now, by the server's time."""
        end = now if self.key is None or self.end is None else min(self.end, now)
        return Window(self.key, start, end)

    def query(
        self,
        window: Window,
        *,
        conditions: Sequence[str] = (),
        order_by: Sequence[str] = (),
        limit_rows: int | None = None,
    ) -> str:
        """Write the query for a window."""
        return build_query(
            fields=self.names,
            object_name=self.name,
            conditions=[*window.conditions(), *conditions],
            order_by=order_by,
            limit_rows=limit_rows,
        )

    def new_converter(
        self, *, cutoff: datetime, version: int | None = None
    ) -> BlockConverter:
        """Give a converter for rows read as of ``cutoff``, the server's time."""
        return BlockConverter(
            [
                Column(field.name, _COLUMN_KINDS[field.kind], field.scale)
                for field in self.fields
            ],
            RecordEnvelope(
                self.name,
                format_instant(cutoff),
                self.version if version is None else version,
            ),
            key=self.key,
            key_limit=format_instant(cutoff),
            deleted_at=_DELETED_AT if self.is_deleted_at_emitted else None,
        )
