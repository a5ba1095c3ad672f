"""One export job on its way from a plan to a file."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_marketo.exports import JobState
from tap_marketo.instants import format_instant, parse_instant
from tap_marketo.windows import read_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

    from reading_kit.errors import TapError
    from tap_marketo.exports import ExportRequest, JobStatus
    from tap_marketo.windows import Window


class Phase(enum.Enum):
    """How far the tap has come with a job."""

    PLANNED = "planned"
    CREATED = "created"
    UNDER_WAY = "under way"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(slots=True)
class ExportJob:
    """A job as the tap keeps track of it.

    Attributes:
        group: What takes its file: a stream, or some that share it.
        as_of: The server's time the rows are as of.
        job_id: The service's id, once created.
        known: What the service last told.
        repeats: How often it was made anew.
        enqueued_at_s: When it was queued, by the monotonic clock.
        refused_at_s: Since when the queue has been too full for it.
        is_text_unknown: Whether that refusal was in words nobody knows.
    """

    group: str
    request: ExportRequest
    as_of: datetime
    phase: Phase = Phase.PLANNED
    job_id: str | None = None
    known: JobStatus | None = None
    repeats: int = 0
    enqueued_at_s: float = 0.0
    refused_at_s: float | None = None
    is_text_unknown: bool = False
    path: Path | None = None
    loading: Future[None] | None = None
    error: TapError | None = field(default=None, repr=False)

    def forget(self) -> None:
        """Begin anew, without what the service has of it."""
        self.phase = Phase.PLANNED
        self.job_id = None
        self.known = None
        self.refused_at_s = None
        self.loading = None

    def fail(self, error: TapError) -> None:
        """Give up."""
        self.phase = Phase.FAILED
        self.error = error

    @property
    def is_cancellable(self) -> bool:
        """Tell whether it takes one of the queue's places without running yet."""
        is_waiting = self.known is None or self.known.state in {
            JobState.CREATED,
            JobState.QUEUED,
        }
        is_there = self.phase in {Phase.CREATED, Phase.UNDER_WAY}
        return self.job_id is not None and is_there and is_waiting

    def saved(self) -> SavedExport | None:
        """Give what the state keeps of it; none without an id or after a failure."""
        if self.job_id is None or self.phase is Phase.FAILED:
            return None
        return SavedExport(
            job_id=self.job_id,
            fingerprint=self.request.fingerprint,
            window=self.request.window,
            as_of=self.as_of,
        )


@dataclass(frozen=True, slots=True)
class SavedExport:
    """An export the state remembers, so that the next run need not repeat it."""

    job_id: str
    fingerprint: str
    window: Window | None
    as_of: datetime

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON form."""
        window = self.window
        return {
            "id": self.job_id,
            "start": format_instant(window.start) if window else None,
            "end": format_instant(window.end) if window else None,
            "fields_sha": self.fingerprint,
            "as_of": format_instant(self.as_of),
        }


def read_saved(raw: object) -> SavedExport | None:
    """Read an export of the state; anything not understood counts as none."""
    if not isinstance(raw, dict) or not raw.get("id"):
        return None
    try:
        start, end = raw.get("start"), raw.get("end")
        return SavedExport(
            job_id=str(raw["id"]),
            fingerprint=str(raw["fields_sha"]),
            window=read_window(start, end) if start and end else None,
            as_of=parse_instant(str(raw["as_of"])),
        )
    except (KeyError, ValueError, AttributeError):
        return None


def read_all_saved(raw: Iterable[object]) -> list[SavedExport]:
    """Read the exports of the state that can be understood."""
    return [saved for each in raw if (saved := read_saved(each)) is not None]


def list_saved(stream_state: Mapping[str, Any]) -> list[SavedExport]:
    """Read a stream's own exports: the next one, and those ahead of it."""
    ahead = stream_state.get("exports_ahead")
    more = ahead if isinstance(ahead, list) else []
    return read_all_saved([stream_state.get("export"), *more])
