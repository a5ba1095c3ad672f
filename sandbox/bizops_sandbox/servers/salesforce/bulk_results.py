"""Result pages of a query job: one after the other by locator, or several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from bizops_sandbox.servers.compressing import compressed
from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.salesforce.access import simulator_of, version_of
from bizops_sandbox.servers.salesforce.answers import (
    Refused,
    csv_answer,
    json_answer,
)
from bizops_sandbox.servers.salesforce.bulk import FIRST_VERSION, job_of
from bizops_sandbox.servers.salesforce.fault_kinds import PAGE_FAULTS, names
from bizops_sandbox.servers.salesforce.formats import csv_header
from bizops_sandbox.servers.salesforce.query_jobs import DELIMITERS, LINE_ENDINGS

if TYPE_CHECKING:
    from starlette.requests import Request

    from bizops_sandbox.servers.salesforce.query_jobs import QueryJob
    from bizops_sandbox.servers.salesforce.simulator import Simulator

# Parallel result pages came with API version 58.0, five to an answer.
FIRST_PARALLEL_VERSION = 58
_PAGES_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class _Page:
    """Rows `start` to `end` (exclusive) of a job's result; `number` counts from 1."""

    start: int
    end: int
    number: int


async def fetch_results(request: Request) -> Response:
    """Answer `GET /jobs/query/{id}/results?locator=..&maxRecords=..`."""
    job = _complete_job(request, since=FIRST_VERSION)
    if not _accepts_csv(request):
        return Response(status_code=406)
    page = _asked_page(request, job)
    facts = Facts("instance", "GET", request.url.path, job.object_name, page.number)
    fault = simulator_of(request).faults.take(names(PAGE_FAULTS), facts)
    name = "" if fault is None else fault.kind.name
    body = _write_page(simulator_of(request), job, page, fault=name)
    headers = {"Sforce-NumberOfRecords": str(page.end - page.start)}
    if name != "locator_missing":
        is_last = page.end >= len(job.rows())
        following = "null" if is_last else job.locator(page.end)
        headers["Sforce-Locator"] = "" if name == "locator_empty" else following
    return compressed(csv_answer(body, headers), request)


async def list_result_pages(request: Request) -> Response:
    """Answer `GET /jobs/query/{id}/resultPages`: up to five locators at once."""
    job = _complete_job(request, since=FIRST_PARALLEL_VERSION)
    start = _offset(request, job)
    step, total = simulator_of(request).settings.page_rows, len(job.rows())
    end = start + _PAGES_AT_ONCE * step
    base = f"/services/data/v{job.version}/jobs/query/{job.id}"
    starts = range(start, max(1, min(end, total)), step)
    answer: dict[str, object] = {
        "resultPages": [
            {"resultUrl": f"{base}/results?locator={job.locator(first)}"}
            for first in starts
        ],
        "done": end >= total,
    }
    if end < total:
        answer["nextRecordsUrl"] = f"{base}/resultPages?locator={job.locator(end)}"
    return json_answer(answer)


def _complete_job(request: Request, *, since: int) -> QueryJob:
    version, job = version_of(request, since=since), job_of(request)
    if version != job.version:
        raise Refused(
            409,
            "API_ERROR",
            f"The job was created with API version {job.version}, not {version}",
        )
    if job.state in {"Failed", "Aborted"}:
        raise Refused(400, "INVALIDJOBSTATE", f"Job {job.id} is {job.state}")
    if job.state != "JobComplete":
        raise Refused(400, "JOB_NOT_COMPLETE", f"Job {job.id} is {job.state}")
    return job


def _asked_page(request: Request, job: QueryJob) -> _Page:
    most = simulator_of(request).settings.page_rows
    text = request.query_params.get("maxRecords")
    if text is not None and not (text.isdecimal() and int(text) > 0):
        raise Refused(400, "INVALID_REQUEST", f"Invalid maxRecords: {text}")
    step = most if text is None else min(most, int(text))
    start = _offset(request, job)
    return _Page(start, min(start + step, len(job.rows())), start // step + 1)


def _offset(request: Request, job: QueryJob) -> int:
    locator = request.query_params.get("locator")
    if locator is None:
        return 0
    offset = job.offset(locator)
    if offset is None or offset > len(job.rows()):
        raise Refused(404, "NOT_FOUND", "The requested locator does not exist")
    return offset


def _accepts_csv(request: Request) -> bool:
    accepted = request.headers.get("accept", "").lower()
    return any(kind in accepted for kind in ("text/csv", "text/*", "*/*"))


def _write_page(
    simulator: Simulator, job: QueryJob, page: _Page, *, fault: str
) -> bytes:
    rows = job.rows()[page.start : page.end]
    if fault == "page_short":
        rows = rows[:-1]
    elif fault == "page_duplicated":
        size = page.end - page.start
        start = page.start - size if page.start >= size else page.end
        rows = job.rows()[start : start + size]
    fields = job.selection.fields
    delimiter = DELIMITERS[job.column_delimiter]
    ending = LINE_ENDINGS[job.line_ending]
    lines = simulator.kept_lines.lines(
        fields, rows, delimiter=delimiter, line_ending=ending
    )
    header = csv_header(fields, delimiter=delimiter, line_ending=ending)
    return "".join([header if fault != "header_missing" else "", *lines]).encode()
