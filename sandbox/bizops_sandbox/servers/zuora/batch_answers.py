"""The documents of the batch-query resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.zuora.answers import json_answer

if TYPE_CHECKING:
    from starlette.responses import Response

    from bizops_sandbox.servers.zuora.batch_jobs import Batch, Job

MESSAGES = {
    "90002": "Invalid Job Id.",
    "90003": "Invalid Job Id for job cancellation.",
    "90004": "Invalid number of queries allowed. A maximum of 50 queries are supported "
    "in an AQuA request.",
    "90005": "There is a syntax error in one of the queries in the AQuA input.",
    "90006": "Internal Storage Error.",
    "90007": "The query execution has been aborted.",
    "90008": "Internal Database Connection Error.",
    "90009": "User is not authorized.",
    "90010": "Internal Server Error.",
    "90012": "Stateless AQuA does not support deleted columns.",
    "90014": "notifyURL must be less than 5000 characters in length.",
    "90015": "The incremental timestamp is invalid.",
    "90016": "There are no queries included in the AQuA version 1.0 request.",
    "90017": "Objects included in the queries do not support the querying of deleted "
    "records. Remove Deleted section in the JSON request and retry the request.",
    "90018": "The API user does not have permission to one or more objects in the "
    "queries. These queries are ignored.",
    "90019": "Partner ID is not recognized.",
    "90022": "Internal error. If you receive this error, you should retry the query.",
    "90027": "The query exceeded maximum processing time.",
    "90028": "The total number of concurrent jobs has exceeded the limit allowed by "
    "the system.",
    "90029": "The job was marked as Error as it exceeded maximum time limit in "
    "Processing status.",
}


class JobRefused(Exception):  # noqa: N818
    """A job that is not accepted: its errorCode and message."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message or MESSAGES.get(code, MESSAGES["90010"])


def refused_job(request: dict[str, Any], refused: JobRefused) -> Response:
    """Answer HTTP 200 with an errorCode and no id."""
    queries = request.get("queries")
    batches = [
        _refused_batch(query)
        for query in (queries if isinstance(queries, list) else [])
        if isinstance(query, dict)
    ]
    return json_answer(
        {
            "errorCode": refused.code,
            "message": refused.message,
            "batches": batches,
            "status": "error",
            **_common(request),
        }
    )


def _refused_batch(query: dict[str, Any]) -> dict[str, Any]:
    return {
        "localizedStatus": "pending",
        "recordCount": 0,
        "batchType": query.get("type", "zoqlexport"),
        "apiVersion": str(query.get("apiVersion", "91.0")),
        "full": True,
        "status": "pending",
        "name": query.get("name"),
        "query": query.get("query"),
    }


def job_document(job: Job) -> dict[str, Any]:
    """A job as the resource shows it."""
    document: dict[str, Any] = {
        "batches": [_batch_document(batch, job) for batch in job.batches],
        "id": job.job_id,
        "status": job.status,
        "startTime": job.started_at.strftime("%Y-%m-%d %H:%M:%S"),
        **_common(job.request),
    }
    if job.is_stateful:
        document |= {
            "partner": job.request["partner"],
            "project": job.request["project"],
        }
        if "incrementalTime" in job.request:
            document["incrementalTime"] = job.request["incrementalTime"]
    return document


def _common(request: dict[str, Any]) -> dict[str, Any]:
    return {
        "encrypted": str(request.get("encrypted", "none")),
        "format": str(request.get("format") or "csv").upper(),
        "name": request.get("name"),
        "offset": request.get("offset", 0),
        "sourceData": str(request.get("sourceData", "LIVE")),
        "useLastCompletedJobQueries": False,
        "version": str(request.get("version", "1.0")),
    }


def _batch_document(batch: Batch, job: Job) -> dict[str, Any]:
    status = _batch_status(batch, job)
    document: dict[str, Any] = {
        "apiVersion": batch.api_version,
        "batchId": batch.batch_id,
        "batchType": batch.batch_type,
        "full": batch.since is None,
        "localizedStatus": status,
        "name": batch.name,
        "query": batch.query,
        "recordCount": batch.record_count,
        "status": status,
    }
    if batch.error is not None:
        document |= {"errorCode": batch.error[0], "message": batch.error[1]}
    elif status == "completed":
        document["message"] = ""
        if len(batch.file_ids) == 1:
            document["fileId"] = batch.file_ids[0]
        else:
            document["segments"] = batch.file_ids
    if batch.deleted is not None:
        kind = "Boolean" if batch.deleted.is_boolean else "Numeric"
        document["deleted"] = {"column": batch.deleted.name, "format": kind}
    return document


def _batch_status(batch: Batch, job: Job) -> str:
    if batch.error is not None:
        return "aborted" if job.status in {"aborted", "error"} else job.status
    if batch.file_ids:
        return "completed"
    return "pending" if job.status in {"submitted", "pending"} else job.status
