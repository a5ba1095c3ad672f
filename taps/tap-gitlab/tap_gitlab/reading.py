"""What every reader of a stream is given."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from reading_kit.timestamps import format_instant, parse_instant
from tap_gitlab.page_source import PageSource
from tap_gitlab.place_columns import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from reading_kit.spool import Workshop
    from tap_gitlab.partitions import Partition
    from tap_gitlab.places import Places
    from tap_gitlab.rows import Row, RowReader
    from tap_gitlab.settings import Settings
    from tap_gitlab.stream_spec import StreamSpec
    from tap_gitlab.usage_store import PingStore

logger = logging.getLogger(__name__)

#: Activity is told up to an hour late; whoever skips by it keeps this margin.
IDLE_MARGIN = timedelta(days=1)
#: Name under which a partition keeps when it was last read to its end.
READ_UNTIL = "read_until"


@dataclass(slots=True)
class Findings:
    """What was found out about instances during a run."""

    without_keyset: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_new(self, what: str) -> bool:
        """Tell whether something is told for the first time."""
        with self.lock:
            is_new = what not in self.told
            self.told.add(what)
            return is_new


@dataclass(frozen=True, slots=True)
class Reading:
    """One stream being read.

    Attributes:
        rows: Reads the chosen columns.
        cutoff: The site's time when the run began, or the end of a backfill: nothing
            later is read.
    """

    spec: StreamSpec
    rows: RowReader
    settings: Settings
    places: Callable[[], Places]
    cutoff: datetime
    workshop: Workshop
    pings: PingStore
    findings: Findings

    def start_of(
        self, partition: Partition, *, lookback: timedelta | None = None
    ) -> datetime | None:
        """Give from when on a partition is read; none from its beginning on."""
        floor = self.settings.start
        if partition.bookmark is None:
            return floor
        back = self.settings.lookback if lookback is None else lookback
        start = partition.bookmark - back
        return start if floor is None else max(start, floor)

    def source(
        self,
        partition: Partition,
        reader: RowReader | None = None,
        *,
        is_replaceable: bool = False,
    ) -> PageSource:
        """Give what fetches pages of a partition's lists."""
        rows = reader or self.rows

        def parse(body: bytes) -> list[Row]:
            found = rows.read(body, partition.added)
            if rows is self.rows and found:
                self._tell_new_fields(body)
            return found

        return PageSource(
            partition.client,
            parse,
            page_rows=self.settings.page_rows,
            is_replaceable=is_replaceable,
        )

    def _tell_new_fields(self, body: bytes) -> None:
        """Log the fields of a stream that are no columns, once."""
        if not self.findings.is_new(f"fields of {self.spec.name}"):
            return
        known = SECRETS.union(column.name for column in self.spec.columns)
        new = self.rows.new_fields(body, known)
        if new:
            logger.info("%s: fields are not read: %s", self.spec.name, ", ".join(new))

    def is_idle(self, partition: Partition) -> bool:
        """Tell whether nothing happened in a project since it was read whole."""
        project, read = partition.project, partition.notes.get(READ_UNTIL)
        if project is None or project.active_at is None or not isinstance(read, str):
            return False
        return project.active_at < parse_instant(read) - IDLE_MARGIN


def as_text(moment: datetime | None) -> str | None:
    """Give an instant as keys and parameters have it."""
    return None if moment is None else format_instant(moment)
