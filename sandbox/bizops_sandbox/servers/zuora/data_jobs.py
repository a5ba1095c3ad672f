"""Jobs of Data Query: SQL, a file at the object storage, a signed link to it."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bizops_sandbox.servers.zuora.files import packed
from bizops_sandbox.servers.zuora.formats import (
    CsvStyle,
    csv_bytes,
    csv_rows,
    json_lines,
)
from bizops_sandbox.servers.zuora.query_text import DATA_QUERY, QueryError, parse
from bizops_sandbox.servers.zuora.scopes import sql_cells, sql_scope, sql_table_name
from bizops_sandbox.servers.zuora.selection import Cell, bind, is_living

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bizops_sandbox.projections.zuora_tenant import ObjectTable, Row
    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.zuora.query_text import Statement
    from bizops_sandbox.servers.zuora.simulator import Simulator

_MOST_JOBS = 1_000
_DELIMITERS = {"CSV": ",", "TSV": "\t"}
_SQL_TYPES = {
    "boolean": "boolean",
    "integer": "bigint",
    "decimal": "decimal(22,9)",
    "number": "decimal(22,9)",
    "date": "date",
    "datetime": "timestamp with time zone",
    "timestamp": "timestamp with time zone",
}


@dataclass(slots=True)
class DataJob:
    """A job; `content` is the unpacked result once it is completed."""

    job_id: str
    request: dict[str, Any]
    created_at: datetime
    object_name: str
    tables: tuple[ObjectTable, ...]
    fault: Fault | None = None
    status: str = "accepted"
    polls: int = 0
    content: bytes = b""
    row_count: int = 0
    error: str | None = None

    @property
    def is_ended(self) -> bool:
        """Whether the job goes on no more."""
        return self.status in {"completed", "failed", "cancelled"}


class DataJobs:
    """The jobs made, and the links given to their results."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._jobs: OrderedDict[str, DataJob] = OrderedDict()
        self._links: dict[str, tuple[str, float]] = {}
        self._monotonic = monotonic

    def new_id(self) -> str:
        """Make the next id, a UUID."""
        return str(UUID(int=0x5948ABDE_B875_4D06_AD07_000000000000 + len(self._jobs)))

    def add(self, job: DataJob) -> None:
        """Keep a job."""
        self._jobs[job.job_id] = job
        while len(self._jobs) > _MOST_JOBS:
            self._jobs.popitem(last=False)

    def find(self, job_id: str) -> DataJob | None:
        """Return a job, unless it is unknown."""
        return self._jobs.get(job_id)

    def listed(self, status: str | None) -> list[DataJob]:
        """Return the jobs, newest first, perhaps only those of a status."""
        jobs = reversed(self._jobs.values())
        return [job for job in jobs if status in {None, job.status}]

    def running(self) -> int:
        """How many jobs have not ended."""
        return sum(not job.is_ended for job in self._jobs.values())

    def sign(self, job: DataJob, life_s: float) -> str:
        """Make a fresh signature for a job's result."""
        signature = secrets.token_hex(16)
        self._links[signature] = (job.job_id, self._monotonic() + life_s)
        return signature

    def signed(self, signature: str) -> DataJob | None:
        """Return the job a signature is good for now."""
        job_id, ends_at_s = self._links.get(signature, ("", 0.0))
        return self.find(job_id) if self._monotonic() < ends_at_s else None


def advance(job: DataJob, simulator: Simulator) -> None:
    """Let a job go on by one look at it."""
    if job.is_ended:
        return
    job.polls += 1
    is_hanging = job.fault is not None and job.fault.kind.name == "data_query_hang"
    if job.polls <= simulator.settings.job_polls:
        job.status = "accepted"
    elif job.polls <= 2 * simulator.settings.job_polls or is_hanging:
        job.status = "in_progress"
    else:
        _end(job, simulator)


def _end(job: DataJob, simulator: Simulator) -> None:
    if job.fault is not None and job.fault.kind.name == "data_query_failed":
        job.status, job.error = "failed", str(job.fault.parameters["message"])
        return
    try:
        cells, rows = _run(job, simulator)
    except QueryError as error:
        job.status, job.error = "failed", str(error)
        return
    job.row_count = len(rows)
    job.content = _written(job, cells, rows, simulator)
    job.status = "completed"


def result_file(job: DataJob) -> bytes:
    """The result as it lies at the object storage."""
    compression = str(job.request.get("compression", "NONE")).lower()
    return packed(job.content, compression)


def _run(job: DataJob, simulator: Simulator) -> tuple[tuple[Cell, ...], Sequence[Row]]:
    statement = parse(str(job.request["query"]), DATA_QUERY)
    if statement.kind == "tables":
        names = sorted(sql_table_name(table) for table in job.tables)
        return (_text_cell("Table"),), [{"Table": name} for name in names]
    table = _table(job, statement.object_name)
    if statement.kind == "describe":
        return _described(table)
    return _selected(job, statement, table, simulator)


def _table(job: DataJob, name: str) -> ObjectTable:
    wanted = name.lower()
    for table in job.tables:
        if sql_table_name(table) == wanted:
            return table
    raise QueryError(f"Table 'zuora.default.{wanted}' does not exist")


def _described(table: ObjectTable) -> tuple[tuple[Cell, ...], Sequence[Row]]:
    header = ("Column", "Type", "Extra", "Comment")
    rows = [
        {
            "Column": name,
            "Type": _SQL_TYPES.get(cell.type, "varchar"),
            "Extra": "",
            "Comment": "",
        }
        for name, cell in sql_cells(table).items()
    ]
    return tuple(_text_cell(name) for name in header), rows


def _text_cell(name: str) -> Cell:
    return Cell(name, "text", lambda row: row[name])


def _selected(
    job: DataJob, statement: Statement, table: ObjectTable, simulator: Simulator
) -> tuple[tuple[Cell, ...], Sequence[Row]]:
    selection = bind(statement, sql_scope(table, simulator.settings))
    shows_both = any(column.field.lower() == "deleted" for column in statement.columns)
    wants_deleted = job.request.get("readDeleted") is True
    seen = [
        row for row in table.rows if shows_both or is_living(row) is not wants_deleted
    ]
    rows = selection.rows(seen)
    most = simulator.settings.output_rows
    if job.request.get("sourceData", "LIVE") == "LIVE" and len(rows) > most:
        raise QueryError(f"Query exceeded the maximum number of output rows: {most}")
    if statement.is_count:
        return (_text_cell("_col0"),), [{"_col0": str(len(rows))}]
    return selection.cells, rows


def _written(
    job: DataJob, cells: Sequence[Cell], rows: Sequence[Row], simulator: Simulator
) -> bytes:
    style = CsvStyle(
        zone=simulator.settings.tenant_zone, has_colon=True, milliseconds=True
    )
    form = str(job.request["outputFormat"]).upper()
    if form == "JSON":
        return json_lines(cells, rows, style)
    delimiter = _DELIMITERS.get(form) or str(job.request.get("columnSeparator", "|"))
    return csv_bytes(csv_rows(cells, rows, style), delimiter=delimiter)


def instant_text(instant: datetime) -> str:
    """Write an instant as the job resource does."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")
