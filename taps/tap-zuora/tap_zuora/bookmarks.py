"""A stream's part of the state: its bookmark, and the query being read. Pure.

Bookmarks of the public Zuora taps (``{"UpdatedDate": …}``, ``{"UpdatedDate": …,
"file_ids": […]}``) are read too; what they hold besides goes with the first new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from reading_kit.timestamps import format_instant, parse_instant
from tap_zuora.windows import Part, Window

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

IN_PROGRESS = "in_progress"
LATE_RESYNC = "late_resynced_at"
WITHOUT_DELETED = "without_deleted"
#: Result files are purged after three days; an older job is not asked for.
LONGEST_RESUME = timedelta(hours=60)
#: Zuora keeps deleted rows about so long.
DELETED_KEPT = timedelta(days=30)
#: What the public taps keep beside a bookmark; a new one removes it.
OF_OTHER_TAPS = ("version", "file_ids", "current_window")


@dataclass(frozen=True, slots=True)
class Progress:
    """The query a stream is being read from.

    Attributes:
        job_id: The job that runs it.
        batch: The query's name in the job.
        submitted_at: The server's time when the job was made.
        high_water_mark: Up to where the whole read goes.
        schema_hash: Of what the query asks for.
        file_ids: The result, once it is known.
        version: Table version of the rows, for FULL_TABLE reads.
    """

    job_id: str
    batch: str
    part: Part
    submitted_at: datetime
    high_water_mark: datetime
    schema_hash: str
    file_ids: tuple[str, ...] = ()
    version: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON form."""
        window = self.part.window
        return {
            "job_id": self.job_id,
            "batch": self.batch,
            "file_ids": list(self.file_ids),
            "hwm": format_instant(self.high_water_mark),
            "slice": None
            if window is None
            else [format_instant(window.start), format_instant(window.end)],
            "last_id": self.part.after_id,
            "limit": self.part.limit_rows,
            "submitted_at": format_instant(self.submitted_at),
            "schema_hash": self.schema_hash,
            "version": self.version,
        }

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the job's files should still be there."""
        return now - self.submitted_at < LONGEST_RESUME


def read_progress(stream_state: Mapping[str, Any]) -> Progress | None:
    """Read the query of an interrupted run; anything not understood counts as none."""
    raw = stream_state.get(IN_PROGRESS)
    if not isinstance(raw, dict):
        return None
    try:
        return Progress(
            job_id=str(raw["job_id"]),
            batch=str(raw["batch"]),
            part=_read_part(raw),
            submitted_at=parse_instant(raw["submitted_at"]),
            high_water_mark=parse_instant(raw["hwm"]),
            schema_hash=str(raw["schema_hash"]),
            file_ids=tuple(str(name) for name in raw.get("file_ids") or ()),
            version=None if raw.get("version") is None else int(raw["version"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _read_part(raw: Mapping[str, Any]) -> Part:
    limit = raw.get("limit")
    return Part(
        window=None
        if raw.get("slice") is None
        else Window(*map(parse_instant, raw["slice"])),
        limit_rows=None if limit is None else int(limit),
        after_id=str(raw.get("last_id") or ""),
    )


def is_resync_due(
    stream_state: Mapping[str, Any], *, now: datetime, interval: timedelta
) -> bool:
    """Tell whether late rows are to be looked for with the longer lookback.

    A moment that cannot be read, or lies ahead of the server's time, counts as none.
    """
    try:
        last = parse_instant(str(stream_state[LATE_RESYNC]))
    except (KeyError, ValueError):
        return True
    return last > now or now - last >= interval
