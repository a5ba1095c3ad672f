"""Query jobs of the Bulk API 2.0: their life, their rows, their locators."""

from __future__ import annotations

import base64
import binascii
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.salesforce.formats import rest_datetime
from bizops_sandbox.servers.salesforce.record_ids import record_id
from bizops_sandbox.servers.salesforce.soql import Both, Comparison

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bizops_sandbox.projections.salesforce_org import Row
    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.salesforce.selection import Selection

DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
ENDED = frozenset({"Aborted", "JobComplete", "Failed"})


@dataclass(slots=True)
class QueryJob:
    """One job; `polls_left` counts down to its end, `fate` is a fault it will meet."""

    id: str
    operation: str
    selection: Selection
    version: str
    created_at: datetime
    created_by_id: str
    polls_left: int
    column_delimiter: str = "COMMA"
    line_ending: str = "LF"
    fate: Fault | None = None
    state: str = "UploadComplete"
    polls: int = 0
    error_message: str | None = None
    _rows: list[Row] | None = field(default=None, repr=False)

    @property
    def object_name(self) -> str:
        """The sObject it reads."""
        return self.selection.table.name

    @property
    def is_chunkable(self) -> bool:
        """Say whether the service may split it by key: no ORDER BY, no LIMIT."""
        statement = self.selection.statement
        return not statement.order_by and statement.limit is None

    def poll(self) -> None:
        """Let the job advance by one poll."""
        self.polls += 1
        if self.state in ENDED:
            return
        if self.polls_left > 0 or self._has_fate("job_stuck"):
            self.polls_left -= 1
            self.state = "InProgress"
        elif self._has_fate("job_failed"):
            self.state = "Failed"
            self.error_message = str(self._parameter("error_message"))
        elif self._has_fate("job_aborted"):
            self.state = "Aborted"
        else:
            self.state = "JobComplete"

    @property
    def has_vanished(self) -> bool:
        """Say whether the service has lost it."""
        return self._has_fate("job_vanished") and self.polls >= int(
            self._parameter("after_polls")
        )

    def rows(self) -> Sequence[Row]:
        """Return the result, unordered as the service's: shuffled by the job's id."""
        if self._rows is None:
            found = self.selection.rows(include_deleted=self.operation == "queryAll")
            if self.is_chunkable:
                random.Random(self.id).shuffle(found)  # noqa: S311
            self._rows = found
        return self._rows

    def locator(self, offset: int) -> str:
        """Return the opaque locator of the page that begins at a row (from 0)."""
        text = f"{self.id[9:15]}.{offset}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def offset(self, locator: str) -> int | None:
        """Return the row a locator of this job stands for; None for any other text."""
        try:
            padded = locator + "=" * (-len(locator) % 4)
            text = base64.urlsafe_b64decode(padded).decode("ascii")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        owner, _, number = text.partition(".")
        if owner != self.id[9:15] or not number.isdecimal():
            return None
        return int(number)

    def document(self) -> dict[str, Any]:
        """Return what the service tells of a job when it is created."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object_name,
            "createdById": self.created_by_id,
            "createdDate": rest_datetime(self.created_at),
            "systemModstamp": rest_datetime(self.created_at),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.column_delimiter,
        }

    def progress(self) -> dict[str, Any]:
        """Return what the service tells of a job when it is polled."""
        is_complete = self.state == "JobComplete"
        told = {
            **self.document(),
            "jobType": "V2Query",
            "numberRecordsProcessed": len(self.rows()) if is_complete else 0,
            "retries": 15 if self.state == "Failed" else 0,
            "totalProcessingTime": 100 * self.polls,
            "isPkChunkingSupported": self.is_chunkable,
        }
        if self.error_message is not None:
            told["errorMessage"] = self.error_message
        return told

    def _has_fate(self, name: str) -> bool:
        return self.fate is not None and self.fate.kind.name == name

    def _parameter(self, name: str) -> Any:  # noqa: ANN401
        return None if self.fate is None else self.fate.parameters[name]


class QueryJobs:
    """All jobs of the org by id."""

    def __init__(self) -> None:
        self._jobs: dict[str, QueryJob] = {}
        self.created = 0

    def next_id(self) -> str:
        """Return the id of the next job, counted up."""
        self.created += 1
        return record_id("750", 10**9 + self.created)

    def add(self, job: QueryJob) -> None:
        """Keep a new job."""
        self._jobs[job.id] = job

    def find(self, job_id: str) -> QueryJob | None:
        """Return a job by its id of 15 or 18 characters, unless it has vanished."""
        job = self._jobs.get(job_id)
        if job is None:
            job = next(
                (job for key, job in self._jobs.items() if key[:15] == job_id), None
            )
        return None if job is None or job.has_vanished else job

    def remove(self, job: QueryJob) -> None:
        """Delete a job and its result."""
        self._jobs.pop(job.id, None)

    def __iter__(self) -> Iterator[QueryJob]:
        return iter([job for job in self._jobs.values() if not job.has_vanished])


def key_range(selection: Selection) -> timedelta | None:
    """Return how much time a job's WHERE spans; None when it is not bounded below.

    Only the form `key >= t AND key < u` counts; without an upper bound the range is
    endless too.
    """
    where = selection.statement.where
    parts = where.parts if isinstance(where, Both) else (where,)
    lower: datetime | None = None
    upper: datetime | None = None
    for part in parts:
        if not isinstance(part, Comparison) or not isinstance(part.value, datetime):
            continue
        if part.operator.startswith(">"):
            lower = part.value
        elif part.operator.startswith("<"):
            upper = part.value
    return None if lower is None or upper is None else upper - lower
