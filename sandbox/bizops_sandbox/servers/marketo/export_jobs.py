"""Export jobs of all kinds and the one queue they share."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.marketo.formats import plain_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.marketo.simulator import Simulator

FILE_LIFE = timedelta(days=7)
STATUS_LIFE = timedelta(days=30)
CANCELLED = "Cancelled"
ENDED = frozenset({"Completed", "Failed", CANCELLED})


@dataclass(slots=True)
class ExportFile:
    """A finished file: its bytes and how many records are in them."""

    content: bytes
    record_count: int

    @property
    def checksum(self) -> str:
        """The SHA-256 of the bytes in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True)
class ExportJob:
    """One job; `write` makes its file when it completes.

    `fate` is the fault that was decided for it when it was created.
    """

    id: str
    kind: str
    user_id: str
    format: str
    created_at: datetime
    write: Callable[[], ExportFile]
    fate: Fault | None = None
    status: str = "Created"
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error_message: str | None = None
    file: ExportFile | None = None

    def has_fate(self, name: str) -> bool:
        """Say whether this fault was decided for the job."""
        return self.fate is not None and self.fate.kind.name == name

    def document(self, cancelled_word: str) -> dict[str, Any]:
        """Return what the service tells of the job."""
        told: dict[str, Any] = {
            "exportId": self.id,
            "format": self.format,
            "status": cancelled_word if self.status == CANCELLED else self.status,
        }
        stamps = {
            "createdAt": self.created_at,
            "queuedAt": self.queued_at,
            "startedAt": self.started_at,
            "finishedAt": self.finished_at,
        }
        for name, moment in stamps.items():
            if moment is not None:
                told[name] = plain_datetime(moment)
        if self.status == "Completed" and self.file is not None:
            checksum = "0" * 64 if self.has_fate("checksum_wrong") else None
            told["numberOfRecords"] = self.file.record_count
            told["fileSize"] = len(self.file.content)
            told["fileChecksum"] = f"sha256:{checksum or self.file.checksum}"
        if self.error_message is not None:
            told["errorMsg"] = self.error_message
        return told


@dataclass(slots=True)
class ExportQueue:
    """All jobs in the order of their creation, and the ticks they advance by."""

    _jobs: dict[str, ExportJob] = field(default_factory=dict)
    _waiting: list[ExportJob] = field(default_factory=list)
    _running: list[ExportJob] = field(default_factory=list)
    _tick_at_s: float | None = None
    created: int = 0

    def add(self, job: ExportJob) -> None:
        """Keep a new job."""
        self.created += 1
        self._jobs[job.id] = job

    def find(self, kind: str, job_id: str, user_id: str) -> ExportJob | None:
        """Return a job of this kind, if this user made it."""
        job = self._jobs.get(job_id)
        if job is None or (job.kind, job.user_id) != (kind, user_id):
            return None
        return job

    def __iter__(self) -> Iterator[ExportJob]:
        return iter(list(self._jobs.values()))

    @property
    def queued_count(self) -> int:
        """How many jobs wait or run."""
        return len(self._waiting) + len(self._running)

    def enqueue(self, job: ExportJob, simulator: Simulator) -> None:
        """Put a job into the queue; it starts at the next tick at the earliest."""
        if not self.queued_count:
            self._tick_at_s = simulator.clock.elapsed_s
        job.status, job.queued_at = "Queued", simulator.clock.moment()
        self._waiting.append(job)

    def cancel(self, job: ExportJob, moment: datetime) -> None:
        """Take a job out of the queue."""
        self._drop(job)
        job.status, job.finished_at = CANCELLED, moment

    def advance(self, simulator: Simulator) -> None:
        """Catch up with the clock: a job moves on by one status at each tick."""
        step_s = max(simulator.settings.status_step_s, 0.001)
        now_s = simulator.clock.elapsed_s
        while self.queued_count and self._tick_at_s is not None:
            if self._tick_at_s + step_s > now_s:
                return
            self._tick_at_s += step_s
            is_stuck = not self._waiting and all(
                job.has_fate("job_stuck") for job in self._running
            )
            if is_stuck:
                return
            self._tick(simulator, simulator.clock.moment(self._tick_at_s))

    def bytes_used(self, simulator: Simulator, day: date) -> int:
        """Return the size of all files that were finished on a day."""
        return sum(
            len(job.file.content)
            for job in self._jobs.values()
            if job.file is not None
            and job.finished_at is not None
            and simulator.clock.central_day(job.finished_at) == day
        )

    def _tick(self, simulator: Simulator, moment: datetime) -> None:
        for job in list(self._running):
            if not job.has_fate("job_stuck"):
                self._drop(job)
                _finish(job, moment)
        free = simulator.settings.running_jobs - len(self._running)
        for job in self._waiting[:free]:
            self._waiting.remove(job)
            self._running.append(job)
            job.status, job.started_at = "Processing", moment

    def _drop(self, job: ExportJob) -> None:
        for jobs in (self._waiting, self._running):
            if job in jobs:
                jobs.remove(job)


def new_job_id() -> str:
    """Return the id of a new job."""
    return str(uuid.uuid4())


def _finish(job: ExportJob, moment: datetime) -> None:
    job.finished_at = moment
    if job.fate is not None and job.has_fate("job_failed"):
        job.status = "Failed"
        job.error_message = str(job.fate.parameters["error_message"])
    elif job.has_fate("job_cancelled"):
        job.status = CANCELLED
    else:
        job.status, job.file = "Completed", job.write()
