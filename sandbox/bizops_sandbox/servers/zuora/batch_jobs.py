"""Jobs of the batch-query resource (AQuA): how they go on, what they result in."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bizops_sandbox.projections.zuora_fields import label_of
from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.projections.zuora_tenant import DELETED_AT
from bizops_sandbox.servers.zuora.formats import CsvStyle, csv_bytes, csv_rows
from bizops_sandbox.servers.zuora.query_text import filtered_fields
from bizops_sandbox.servers.zuora.selection import is_living

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bizops_sandbox.projections.zuora_tenant import Row
    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.zuora.selection import Selection
    from bizops_sandbox.servers.zuora.simulator import Simulator

_MOST_JOBS = 5_000
_INDEXED = frozenset(
    {"createddate", "updateddate", "accountnumber", "invoicenumber", "name", "status"}
)
ENDED = frozenset({"completed", "error", "aborted", "cancelled"})


@dataclass(frozen=True, slots=True)
class DeletedColumn:
    """The column that tells deleted rows, when one was asked for."""

    name: str
    is_boolean: bool

    def text(self, row: Row) -> str:
        """The cell of a row."""
        is_deleted = row[DELETED_AT] is not None
        if self.is_boolean:
            return "true" if is_deleted else "false"
        return "1" if is_deleted else "0"


@dataclass(slots=True)
class Batch:
    """One query of a job. `since` limits it to later changes (stateful mode)."""

    batch_id: str
    name: str | None
    query: str
    batch_type: str
    api_version: str
    selection: Selection | None = None
    deleted: DeletedColumn | None = None
    shows_deleted: bool = False
    since: datetime | None = None
    is_ignored: bool = False
    faults: dict[str, Fault] = field(default_factory=dict)
    record_count: int = 0
    file_ids: list[str] = field(default_factory=list)
    error: tuple[str, str] | None = None

    @property
    def is_slow(self) -> bool:
        """Whether the query filters by a field that has no index."""
        if self.selection is None:
            return False
        fields = filtered_fields(self.selection.statement.where)
        names = {field.rpartition(".")[2].lower() for field in fields}
        return any(name not in _INDEXED and not name.endswith("id") for name in names)

    @property
    def object_name(self) -> str:
        """The object the query is about."""
        return "" if self.selection is None else self.selection.scope.table.name


@dataclass(slots=True)
class Job:
    """A job: `request` is the document it was made by."""

    job_id: str
    request: dict[str, Any]
    is_stateful: bool
    batches: list[Batch]
    started_at: datetime
    fault: Fault | None = None
    polls: int = 0
    status: str = "submitted"

    @property
    def is_ended(self) -> bool:
        """Whether the job goes on no more."""
        return self.status in ENDED


class BatchJobs:
    """The jobs made, oldest first, and where each stateful session stands."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self.sessions: dict[tuple[str, str, str], datetime] = {}
        self._ids = 0

    def new_id(self, kind: str) -> str:
        """Make the next id of a job or a batch."""
        self._ids += 1
        return zuora_id(kind, str(self._ids))

    def add(self, job: Job) -> None:
        """Keep a job."""
        self._jobs[job.job_id] = job
        while len(self._jobs) > _MOST_JOBS:
            self._jobs.popitem(last=False)

    def find(self, job_id: str) -> Job | None:
        """Return a job, unless it is unknown."""
        return self._jobs.get(job_id)

    def running(self, *, stateful: bool) -> int:
        """How many jobs of a mode have not ended."""
        return sum(
            not job.is_ended and job.is_stateful is stateful
            for job in self._jobs.values()
        )


def advance(job: Job, simulator: Simulator) -> None:
    """Let a job go on by one look at it."""
    if job.is_ended:
        return
    job.polls += 1
    phase_polls = simulator.settings.job_polls
    is_slow = any(batch.is_slow for batch in job.batches)
    factor = simulator.settings.slow_filter_factor if is_slow else 1
    if job.polls <= phase_polls:
        job.status = "pending"
    elif job.polls <= (1 + factor) * phase_polls or _fault_of(job) == "job_hang":
        job.status = "executing"
    else:
        _end(job, simulator)


def _fault_of(job: Job) -> str:
    return "" if job.fault is None else job.fault.kind.name


def _end(job: Job, simulator: Simulator) -> None:
    fault = _fault_of(job)
    if fault == "job_error" and job.fault is not None:
        error = (job.fault.parameters["error_code"], job.fault.parameters["message"])
        _fail(job, "error", error)
        return
    if fault in {"job_aborted", "job_cancelled"}:
        error = ("90007", "The query execution has been aborted.")
        _fail(job, fault.removeprefix("job_"), error)
        return
    job.batches = [batch for batch in job.batches if not batch.is_ignored]
    for batch in job.batches:
        _run(job, batch, simulator)
    failed = [batch for batch in job.batches if batch.error is not None]
    job.status = "error" if failed else "completed"
    if job.is_stateful and not failed:
        for batch in job.batches:
            simulator.batch_jobs.sessions[session_key(job, batch)] = job.started_at


def _fail(job: Job, status: str, error: tuple[str, str]) -> None:
    job.status = status
    for batch in job.batches:
        batch.error = error


def session_key(job: Job, batch: Batch) -> tuple[str, str, str]:
    """What a stateful session remembers: partner, project, name of the query."""
    partner, project = job.request.get("partner"), job.request.get("project")
    return str(partner), str(project), batch.name or batch.query


def _run(job: Job, batch: Batch, simulator: Simulator) -> None:
    """Run one query and write its file, or its files."""
    if "batch_failed" in batch.faults:
        parameters = batch.faults["batch_failed"].parameters
        batch.error = (parameters["error_code"], parameters["message"])
    if batch.selection is not None and not batch.selection.cells:
        message = "java.lang.RuntimeException: You must specify a select."
        batch.error = ("90007", message)
    if batch.error is not None or batch.selection is None:
        return
    rows = batch.selection.rows(_rows(batch))
    off = batch.faults.get("record_count_off")
    batch.record_count = len(rows) + (int(off.parameters["by"]) if off else 0)
    size = simulator.settings.segment_rows
    is_segmented = size > 0 and job.is_stateful and batch.since is None
    packing = str(job.request.get("format") or "csv").lower()
    for part in _parts(rows, size if is_segmented else 0):
        content = _content(job, batch, part, simulator)
        batch.file_ids.append(
            simulator.files.put(
                batch.object_name, content, packing=packing, now=simulator.clock.now()
            )
        )


def _rows(batch: Batch) -> Iterator[Row]:
    assert batch.selection is not None  # noqa: S101
    since = batch.since
    for row in batch.selection.scope.table.rows:
        if not batch.shows_deleted and not is_living(row):
            continue
        stamp = row.get("UpdatedDate")
        is_old = since is not None and isinstance(stamp, datetime) and stamp < since
        if not is_old:
            yield row


def _parts(rows: list[Row], size: int) -> Iterator[list[Row]]:
    if size == 0 or not rows:
        yield rows
        return
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _content(
    job: Job, batch: Batch, rows: Sequence[Row], simulator: Simulator
) -> bytes:
    assert batch.selection is not None  # noqa: S101
    zone = "UTC" if is_true(job.request.get("dateTimeUtc")) else None
    style = CsvStyle(
        zone=zone or simulator.settings.tenant_zone,
        null=str(job.request.get("nullReplacement") or ""),
    )
    lines = csv_rows(batch.selection.cells, rows, style)
    if not is_true(job.request.get("useQueryLabels")):
        lines[0] = [_label(header, batch) for header in lines[0]]
    if batch.deleted is not None:
        lines[0].append(batch.deleted.name)
        for line, row in zip(lines[1:], rows, strict=True):
            line.append(batch.deleted.text(row))
    return csv_bytes(lines)


def _label(header: str, batch: Batch) -> str:
    """The header people read, `Account: Account Number`."""
    owner, _, name = header.rpartition(".")
    return f"{label_of(owner or batch.object_name)}: {label_of(name)}"


def is_true(value: object) -> bool:
    """Read a flag, which clients send as text or as a boolean."""
    return str(value).lower() == "true"
