"""Bulk API 2.0: making query jobs, watching them, fetching their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.salesforce.access import (
    missing,
    simulator_of,
    version_of,
)
from bizops_sandbox.servers.salesforce.answers import (
    Refused,
    json_answer,
    read_json,
)
from bizops_sandbox.servers.salesforce.fault_kinds import JOB_FAULTS, names
from bizops_sandbox.servers.salesforce.formats import COMPOUND_TYPES
from bizops_sandbox.servers.salesforce.query_jobs import (
    DELIMITERS,
    ENDED,
    LINE_ENDINGS,
    QueryJob,
    key_range,
)
from bizops_sandbox.servers.salesforce.rest_queries import select

if TYPE_CHECKING:
    from starlette.requests import Request

    from bizops_sandbox.servers.faults import Fault
    from bizops_sandbox.servers.salesforce.selection import Selection
    from bizops_sandbox.servers.salesforce.simulator import Simulator

# Bulk 2.0 queries came with API version 47.0.
FIRST_VERSION = 47
_LISTED_JOBS = 1_000


async def create_job(request: Request) -> Response:
    """Answer `POST /jobs/query`."""
    version, simulator = version_of(request, since=FIRST_VERSION), simulator_of(request)
    asked = await read_json(request)
    if not isinstance(asked, dict):
        raise Refused(400, "JSON_PARSER_ERROR", "the body must be an object")
    operation = asked.get("operation")
    if operation not in ("query", "queryAll"):
        raise Refused(400, "INVALIDJOB", f"Invalid operation: {operation}")
    delimiter = _choice(asked, "columnDelimiter", "COMMA", tuple(DELIMITERS))
    line_ending = _choice(asked, "lineEnding", "LF", tuple(LINE_ENDINGS))
    _choice(asked, "contentType", "CSV", ("CSV",))
    selection = select(simulator, str(asked.get("query") or ""))
    facts = Facts("instance", "POST", request.url.path, selection.table.name)
    _refuse_unfit(simulator, selection, facts)
    job = QueryJob(
        id=simulator.jobs.next_id(),
        operation=operation,
        selection=selection,
        version=version,
        created_at=simulator.clock.now(),
        created_by_id=simulator.user_id,
        polls_left=simulator.settings.job_polls,
        column_delimiter=delimiter,
        line_ending=line_ending,
        fate=_take_fate(simulator, selection, facts),
    )
    if not job.is_chunkable:
        job.polls_left = 2 * job.polls_left + 1
    simulator.jobs.add(job)
    return json_answer(job.document())


async def list_jobs(request: Request) -> Response:
    """Answer `GET /jobs/query`: the jobs there are, newest first."""
    version_of(request, since=FIRST_VERSION)
    jobs = list(simulator_of(request).jobs)[::-1]
    records = [
        {
            **job.document(),
            "jobType": "V2Query",
            "isPkChunkingSupported": job.is_chunkable,
        }
        for job in jobs[:_LISTED_JOBS]
    ]
    return json_answer({"done": True, "records": records, "nextRecordsUrl": None})


async def show_job(request: Request) -> Response:
    """Answer `GET /jobs/query/{id}`; each look lets the job advance."""
    version_of(request, since=FIRST_VERSION)
    job = job_of(request)
    job.poll()
    if job.has_vanished:
        raise missing()
    return json_answer(job.progress())


async def abort_job(request: Request) -> Response:
    """Answer `PATCH /jobs/query/{id}` with `{"state": "Aborted"}`."""
    version_of(request, since=FIRST_VERSION)
    job = job_of(request)
    asked = await read_json(request)
    if not isinstance(asked, dict) or asked.get("state") != "Aborted":
        raise Refused(400, "INVALIDJOBSTATE", "A job's state can only become Aborted")
    if job.state in ENDED:
        raise Refused(400, "INVALIDJOBSTATE", f"Job is already {job.state}")
    job.state = "Aborted"
    return json_answer(job.document())


async def delete_job(request: Request) -> Response:
    """Answer `DELETE /jobs/query/{id}`; only an ended job can be deleted."""
    version_of(request, since=FIRST_VERSION)
    simulator, job = simulator_of(request), job_of(request)
    facts = Facts("instance", "DELETE", request.url.path, job.object_name)
    fault = simulator.faults.take({"delete_fails"}, facts)
    if fault is not None:
        raise Refused(
            int(fault.parameters["status"]), "UNKNOWN_EXCEPTION", "An unexpected error"
        )
    if job.state not in ENDED:
        raise Refused(400, "INVALIDJOBSTATE", f"Job is {job.state}, abort it first")
    simulator.jobs.remove(job)
    return Response(status_code=204)


def job_of(request: Request) -> QueryJob:
    """Return the job in a request's path.

    Raises:
        Refused: 404 when there is none (any more).
    """
    job = simulator_of(request).jobs.find(str(request.path_params["job_id"]))
    if job is None:
        raise missing()
    return job


def _choice(
    asked: dict[str, Any], key: str, default: str, allowed: tuple[str, ...]
) -> str:
    value = asked.get(key, default)
    if value not in allowed:
        raise Refused(400, "INVALIDJOB", f"Invalid {key}: {value}")
    return str(value)


def _refuse_unfit(simulator: Simulator, selection: Selection, facts: Facts) -> None:
    """Refuse what REST would take and Bulk does not."""
    statement = selection.statement
    if simulator.faults.take({"bulk_unsupported"}, facts) is not None:
        raise Refused(
            400,
            "INVALIDENTITY",
            f"Entity '{selection.table.name}' is not supported by the Bulk API.",
        )
    has_limit_fault = simulator.faults.take({"job_limit"}, facts) is not None
    most = simulator.settings.daily_bulk_jobs
    if has_limit_fault or simulator.jobs.created >= most:
        raise Refused(
            400,
            "LIMIT_EXCEEDED",
            f"Max bulk v2 query jobs ({most}) per 24 hrs has been reached",
        )
    if any(field.type in COMPOUND_TYPES for field in selection.fields):
        raise Refused(
            400,
            "FUNCTIONALITY_NOT_ENABLED",
            "Selecting compound data not supported in Bulk Query",
        )
    if statement.is_count or statement.offset:
        feature = "COUNT" if statement.is_count else "OFFSET"
        raise Refused(
            400, "FUNCTIONALITY_NOT_ENABLED", f"{feature} not supported in Bulk Query"
        )


def _take_fate(
    simulator: Simulator, selection: Selection, facts: Facts
) -> Fault | None:
    fault = simulator.faults.take(names(JOB_FAULTS), facts)
    if fault is None or fault.kind.name != "job_failed":
        return fault
    spanned = key_range(selection)
    days = int(fault.parameters["unless_days"])
    if spanned is not None and spanned.total_seconds() < days * 86_400:
        return None
    return fault
