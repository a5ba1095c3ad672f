"""The bulk extract endpoints: one call each, and what their answers say."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from reading_kit.sending import MalformedAnswerError
from tap_marketo.instants import parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tap_marketo.client import MarketoClient
    from tap_marketo.windows import Window

LEADS = "leads"
ACTIVITIES = "activities"
MEMBERS = "program/members"
KINDS = (LEADS, ACTIVITIES, MEMBERS)


class JobState(enum.Enum):
    """Where a job is, as the service says; in whatever case and spelling."""

    CREATED = "created"
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What a job is to hold.

    Attributes:
        filter_name: Date filter the window stands in; empty for none.
        filters: The other filters.
    """

    kind: str
    fields: tuple[str, ...]
    filter_name: str = ""
    window: Window | None = None
    filters: tuple[tuple[str, Any], ...] = ()

    def body(self) -> dict[str, Any]:
        """Give the body of the create call."""
        chosen = dict(self.filters)
        if self.window is not None and self.filter_name:
            chosen[self.filter_name] = self.window.to_filter()
        return {"format": "CSV", "fields": list(self.fields), "filter": chosen}

    @property
    def fingerprint(self) -> str:
        """Give a hash of all but the window, to find the same export again."""
        parts = [self.kind, list(self.fields), self.filter_name, list(self.filters)]
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What the service tells of a job.

    Attributes:
        checksum: SHA-256 of the file in hexadecimal, if told.
        finished_at: When the file was made.
    """

    job_id: str
    state: JobState
    size_bytes: int | None = None
    rows: int | None = None
    checksum: str | None = None
    finished_at: datetime | None = None
    message: str = ""

    @property
    def is_told_whole(self) -> bool:
        """Tell whether size and checksum of the file are known."""
        return self.size_bytes is not None and self.checksum is not None


def read_status(row: Mapping[str, Any]) -> JobStatus:
    """Read what stands of a job in an answer.

    Raises:
        MalformedAnswerError: it lacks the id, or has a status nobody knows.
    """
    word = str(row.get("status", "")).lower().replace("canceled", "cancelled")
    job_id = row.get("exportId")
    try:
        state = JobState(word)
    except ValueError:
        raise MalformedAnswerError("a job with an unknown status") from None
    if not isinstance(job_id, str) or not job_id:
        raise MalformedAnswerError("a job without exportId")
    checksum = str(row.get("fileChecksum") or "")
    size, rows = row.get("fileSize"), row.get("numberOfRecords")
    return JobStatus(
        job_id=job_id,
        state=state,
        size_bytes=size if isinstance(size, int) else None,
        rows=rows if isinstance(rows, int) else None,
        checksum=checksum.removeprefix("sha256:").lower() or None,
        finished_at=_read_instant(row.get("finishedAt")),
        message=str(row.get("errorMsg") or ""),
    )


def _read_instant(value: object) -> datetime | None:
    try:
        return parse_instant(str(value))
    except ValueError:
        return None


class ExportApi:
    """Creates jobs and asks for them; all methods raise as ``MarketoClient`` does."""

    def __init__(self, client: MarketoClient) -> None:
        self._client = client

    def create(self, request: ExportRequest) -> JobStatus:
        """Create a job; it does nothing before it is enqueued."""
        path = f"/bulk/v1/{request.kind}/export/create.json"
        return self._read_one(self._client.post(path, request.body()).rows)

    def enqueue(self, kind: str, job_id: str) -> JobStatus:
        """Put a job into the queue."""
        return self._read_one(self._client.post(_path(kind, job_id, "enqueue")).rows)

    def status(self, kind: str, job_id: str) -> JobStatus:
        """Ask for one job."""
        return self._read_one(self._client.fetch(_path(kind, job_id, "status")).rows)

    def cancel(self, kind: str, job_id: str) -> None:
        """Take a job out of the queue."""
        self._client.post(_path(kind, job_id, "cancel"))

    def listing(self, kind: str, states: Sequence[str] = ()) -> dict[str, JobStatus]:
        """Give this user's jobs of the last seven days by id, in one call for all."""
        params = {"batchSize": "300"}
        if states:
            params["status"] = ",".join(states)
        found: dict[str, JobStatus] = {}
        while True:
            answer = self._client.fetch(f"/bulk/v1/{kind}/export.json", params)
            for row in answer.rows:
                status = read_status(row)
                found[status.job_id] = status
            if answer.next_token is None or not answer.rows:
                return found
            params = {**params, "nextPageToken": answer.next_token}

    def _read_one(self, rows: Sequence[Any]) -> JobStatus:
        if len(rows) != 1 or not isinstance(rows[0], dict):
            raise MalformedAnswerError("an answer without the job it is about")
        return read_status(rows[0])


def file_path(kind: str, job_id: str) -> str:
    """Give the path of a job's file."""
    return _path(kind, job_id, "file")


def _path(kind: str, job_id: str, verb: str) -> str:
    return f"/bulk/v1/{kind}/export/{job_id}/{verb}.json"
