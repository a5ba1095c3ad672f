"""The batch-query resource: jobs made, looked at, cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.zuora.access import facts_of_job, simulator_of
from bizops_sandbox.servers.zuora.answers import (
    INVALID_VALUE,
    Refused,
    json_answer,
    malformed,
    not_found,
    read_object,
    reasons_answer,
    sorry_answer,
)
from bizops_sandbox.servers.zuora.batch_answers import (
    MESSAGES,
    JobRefused,
    job_document,
    refused_job,
)
from bizops_sandbox.servers.zuora.batch_jobs import advance
from bizops_sandbox.servers.zuora.batch_requests import NAME_LENGTH, make_job

if TYPE_CHECKING:
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.zuora.batch_jobs import Job
    from bizops_sandbox.servers.zuora.simulator import Simulator

_PACKINGS = frozenset({"csv", "gzip", "zip"})
_NO_JOB = {"status": "error"}


async def submit(request: Request) -> Response:
    """Answer `POST /v1/batch-query/`."""
    simulator = simulator_of(request)
    _check_path(request, simulator)
    document = await read_object(request)
    _check_envelope(document)
    try:
        _take_refusal(simulator, document)
        job = await run_in_threadpool(make_job, document, simulator)
    except JobRefused as refused:
        return refused_job(document, refused)
    simulator.batch_jobs.add(job)
    return json_answer(job_document(job))


async def show(request: Request) -> Response:
    """Answer `GET /v1/batch-query/jobs/{id}`; each look lets the job go on."""
    simulator = simulator_of(request)
    _check_path(request, simulator)
    job = _find(request, simulator)
    if job is None or _is_vanished(job):
        return _no_such_job("90002")
    await run_in_threadpool(advance, job, simulator)
    return json_answer(job_document(job))


async def cancel(request: Request) -> Response:
    """Answer `DELETE /v1/batch-query/jobs/{id}`."""
    simulator = simulator_of(request)
    _check_path(request, simulator)
    job = _find(request, simulator)
    if job is None:
        return _no_such_job("90003")
    fault = simulator.faults.take({"delete_fails"}, facts_of_job(job, "DELETE"))
    if fault is not None:
        return sorry_answer(int(fault.parameters["status"]))
    if job.is_ended:
        return _no_such_job("90003", status=200)
    job.status = "cancelled"
    return json_answer(job_document(job))


def _find(request: Request, simulator: Simulator) -> Job | None:
    return simulator.batch_jobs.find(str(request.path_params["job_id"]))


def _is_vanished(job: Job) -> bool:
    fault = job.fault
    if fault is None or fault.kind.name != "job_vanished":
        return False
    return job.polls >= int(fault.parameters["after_polls"])


def _check_path(request: Request, simulator: Simulator) -> None:
    """Some data centres have batch-query at one of its two paths only."""
    paths = simulator.settings.batch_paths
    is_old = "/apps/api/" in request.url.path
    if paths != "both" and is_old is not (paths == "apps"):
        raise Refused(not_found(request.url.path))


def _check_envelope(document: dict[str, Any]) -> None:
    if str(document.get("format") or "csv").lower() not in _PACKINGS:
        raise Refused(malformed())
    if len(str(document.get("name") or "")) > NAME_LENGTH:
        message = f"'name' must not be longer than {NAME_LENGTH} characters"
        raise Refused(reasons_answer(INVALID_VALUE, message))


def _take_refusal(simulator: Simulator, document: dict[str, Any]) -> None:
    """Let an armed fault refuse the job.

    Raises:
        JobRefused: when one does.
    """
    texts = [str(q.get("query", "")) for q in document.get("queries") or [{}] if q]
    facts = Facts(
        "rest", "POST", "/v1/batch-query/", simulator.object_in(" ".join(texts))
    )
    fault = simulator.faults.take({"job_refused"}, facts)
    if fault is not None:
        raise JobRefused(str(fault.parameters["error_code"]))


def _no_such_job(code: str, *, status: int = 404) -> Response:
    document = {"errorCode": code, "message": MESSAGES[code], **_NO_JOB}
    return json_answer(document, status=status)
