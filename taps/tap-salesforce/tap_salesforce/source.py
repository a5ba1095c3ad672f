"""What one stream reads, and where it notes how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_salesforce.bookmarks import (
    BulkProgress,
    advance_bookmark,
    read_bookmark,
    read_progress,
    write_bookmark,
)
from tap_salesforce.converting import BlockConverter, RecordEnvelope
from tap_salesforce.errors import SettingsError
from tap_salesforce.soql import Window, build_query
from tap_salesforce.timestamps import format_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tap_salesforce.describing import FieldSpec
    from tap_salesforce.settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """The rows and columns of one read.

    Attributes:
        fields: The columns, in the order they are asked for.
        key: Replication key, none to read the whole table.
        has_id: Whether rows are told apart by Id.
        version: Table version of a FULL_TABLE read.
    """

    name: str
    fields: tuple[FieldSpec, ...]
    key: str | None
    has_id: bool
    is_deleted_at_emitted: bool
    version: int | None = None

    @property
    def names(self) -> list[str]:
        """Give the names of the columns."""
        return [field.name for field in self.fields]

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
            self.fields,
            RecordEnvelope(
                self.name,
                format_instant(cutoff),
                self.version if version is None else version,
            ),
            key=self.key,
            key_limit=format_instant(cutoff),
            is_deleted_at_emitted=self.is_deleted_at_emitted,
        )

    def without(self, field_name: str) -> Source:
        """Give the same source without one column."""
        kept = tuple(field for field in self.fields if field.name != field_name)
        return Source(
            self.name,
            kept,
            self.key,
            self.has_id,
            self.is_deleted_at_emitted,
            self.version,
        )


class StreamState:
    """A stream's part of the state, written out when something is safe."""

    def __init__(
        self,
        raw: dict[str, Any],
        *,
        stream: str,
        settings: Settings,
        write: Callable[[], None],
    ) -> None:
        self._raw = raw
        self._stream = stream
        self._settings = settings
        self.write = write

    @property
    def progress(self) -> BulkProgress | None:
        """Give the progress of an interrupted bulk job, if any."""
        return read_progress(self._raw)

    def keep_progress(self, progress: BulkProgress) -> None:
        """Note how far a bulk job is emitted."""
        self._raw["bulk"] = progress.to_dict()

    def drop_progress(self) -> None:
        """Forget the bulk job."""
        self._raw.pop("bulk", None)

    def bookmark(self, key: str) -> datetime | None:
        """Give the bookmark.

        Raises:
            SettingsError: the state holds something that is not an instant.
        """
        try:
            return read_bookmark(self._raw, key)
        except ValueError as error:
            msg = f"state: the bookmark of {self._stream} cannot be read: {error}"
            raise SettingsError(msg) from None

    def start(self, key: str) -> datetime | None:
        """Give the instant to read from: the bookmark less the lookback, or the start.

        Nothing before the setting ``start_date`` is read.
        """
        bookmark = self.bookmark(key)
        floor = self._settings.start_date
        if bookmark is None:
            return floor
        start = bookmark - timedelta(seconds=self._settings.lookback_s)
        return start if floor is None else max(start, floor)

    def advance(self, key: str | None, *, max_key: str, cutoff: datetime) -> None:
        """Move the bookmark to the highest key emitted, or to ``start_date``."""
        if key is None:
            return
        old = self.bookmark(key) or self._settings.start_date
        new = advance_bookmark(old, max_key=max_key, cutoff=cutoff)
        if new is not None:
            write_bookmark(self._raw, key, new)
