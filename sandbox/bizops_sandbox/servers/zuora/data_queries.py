"""The Data Query resource, and the object storage its results lie at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bizops_sandbox.projections.zuora_ids import zuora_id
from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.zuora.access import HOST, base_url_of, simulator_of
from bizops_sandbox.servers.zuora.answers import (
    json_answer,
    read_object,
    storage_error,
)
from bizops_sandbox.servers.zuora.batch_requests import is_spared
from bizops_sandbox.servers.zuora.data_jobs import (
    DataJob,
    advance,
    instant_text,
    result_file,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from bizops_sandbox.servers.zuora.simulator import Simulator

_FORMATS = frozenset({"JSON", "CSV", "TSV", "DSV"})
_COMPRESSIONS = frozenset({"NONE", "GZIP", "ZIP"})
_SOURCES = frozenset({"LIVE", "WAREHOUSE"})
_JOB_FAULTS = frozenset({"data_query_failed", "data_query_hang"})
DATA_FILES = "/data-files"


async def submit(request: Request) -> Response:
    """Answer `POST /query/jobs`."""
    simulator = simulator_of(request)
    if not request.headers.get("content-type", "").startswith("application/json"):
        document = {"code": 415, "message": "HTTP 415 Unsupported Media Type"}
        return json_answer(document, status=415)
    body = await read_object(request)
    problem = _problem(body)
    if problem is not None:
        return json_answer({"code": 400, "message": problem}, status=400)
    name = simulator.object_in(str(body["query"]))
    facts = Facts(HOST, "POST", "/query/jobs", name)
    is_full = simulator.data_jobs.running() >= simulator.settings.data_query_jobs
    if is_full or simulator.faults.take({"data_query_limit"}, facts) is not None:
        message = "The number of concurrent queries exceeds the limit"
        return json_answer({"code": 429, "message": message}, status=429)
    fault = simulator.faults.take(_JOB_FAULTS, facts)
    if fault is not None and is_spared(fault, str(body["query"])):
        fault = None
    job = DataJob(
        job_id=simulator.data_jobs.new_id(),
        request=body,
        created_at=simulator.clock.now(),
        object_name=name,
        tables=tuple(simulator.permitted_tables()),
        fault=fault,
    )
    simulator.data_jobs.add(job)
    return json_answer({"data": _document(job)})


async def list_jobs(request: Request) -> Response:
    """Answer `GET /query/jobs`, newest first."""
    query = request.query_params
    page_size = query.get("pageSize", "20")
    most = min(int(page_size), 1_000) if page_size.isdigit() else 20
    jobs = simulator_of(request).data_jobs.listed(query.get("queryStatus"))
    return json_answer({"data": [_document(job) for job in jobs[:most]]})


async def show(request: Request) -> Response:
    """Answer `GET /query/jobs/{id}`; each look gives a fresh link to the result."""
    simulator = simulator_of(request)
    job = simulator.data_jobs.find(str(request.path_params["job_id"]))
    if job is None:
        return _no_such_job()
    await run_in_threadpool(advance, job, simulator)
    document = _document(job)
    if job.status == "completed":
        document["dataFile"] = _link(job, simulator, base_url_of(request))
    return json_answer({"data": document})


async def cancel(request: Request) -> Response:
    """Answer `DELETE /query/jobs/{id}`."""
    job = simulator_of(request).data_jobs.find(str(request.path_params["job_id"]))
    if job is None:
        return _no_such_job()
    if not job.is_ended:
        job.status = "cancelled"
    return json_answer({"data": _document(job)})


async def fetch(request: Request) -> Response:
    """Answer a link to a result, as object storage does: signed, and nothing else."""
    simulator = simulator_of(request)
    if "authorization" in request.headers:
        message = (
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query "
            "parameter, Signature query string parameter or the Authorization "
            "header should be specified"
        )
        return storage_error("InvalidArgument", message, status=400)
    job = simulator.data_jobs.signed(request.query_params.get("X-Amz-Signature", ""))
    name = "" if job is None else job.object_name
    facts = Facts(HOST, "GET", request.url.path, name)
    is_expired = simulator.faults.take({"data_file_expired"}, facts) is not None
    if job is None or is_expired:
        return storage_error("AccessDenied", "Request has expired", status=403)
    body = await run_in_threadpool(result_file, job)
    return Response(body, media_type="binary/octet-stream")


def _problem(body: dict[str, Any]) -> str | None:
    if not body.get("query"):
        return "query is required"
    if str(body.get("outputFormat", "")).upper() not in _FORMATS:
        return f"outputFormat must be one of {', '.join(sorted(_FORMATS))}"
    if str(body.get("compression", "")).upper() not in _COMPRESSIONS:
        return f"compression must be one of {', '.join(sorted(_COMPRESSIONS))}"
    output = body.get("output")
    if not isinstance(output, dict) or str(output.get("target")).upper() != "S3":
        return "output.target must be S3"
    if str(body.get("sourceData", "LIVE")).upper() not in _SOURCES:
        return f"sourceData must be one of {', '.join(sorted(_SOURCES))}"
    return None


def _document(job: DataJob) -> dict[str, Any]:
    created = instant_text(job.created_at)
    document: dict[str, Any] = {
        "id": job.job_id,
        "query": job.request["query"],
        "useIndexJoin": job.request.get("useIndexJoin", False),
        "sourceData": job.request.get("sourceData", "LIVE"),
        "queryStatus": job.status,
        "remainingRetries": 3,
        "retries": 3,
        "updatedOn": created,
        "createdOn": created,
        "createdBy": zuora_id("User", "integration"),
        "createdByUserEmail": "integration@acme.example",
    }
    if job.status == "completed":
        document |= {"outputRows": job.row_count, "processingTime": 1_000}
    if job.error is not None:
        document["errorMessage"] = job.error
    return document


def _link(job: DataJob, simulator: Simulator, base_url: str) -> str:
    life_s = simulator.settings.data_file_s
    signature = simulator.data_jobs.sign(job, life_s)
    form = str(job.request["outputFormat"]).lower()
    ending = {"GZIP": ".gz", "ZIP": ".zip"}.get(str(job.request["compression"]), "")
    query = f"X-Amz-Expires={life_s}&X-Amz-Signature={signature}"
    return f"{base_url}{DATA_FILES}/{job.job_id}.{form}{ending}?{query}"


def _no_such_job() -> Response:
    document = {"code": 404, "message": "Query job not found"}
    return json_answer(document, status=404)
