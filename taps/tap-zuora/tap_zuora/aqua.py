"""Batch queries (AQuA): jobs of many queries, results in files.

Format: Zuora's "Aggregate Query API", ``POST /v1/batch-query/`` and below. A refused
job is HTTP 200 with an errorCode and no id. A job may be completed with fewer batches
than it was given: what is missing was not permitted.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from reading_kit.errors import ApiError, CredentialsError, IncompleteDataError
from tap_zuora.client import refuse_json
from tap_zuora.describing import DELETED
from tap_zuora.parsing import spool_result
from tap_zuora.problems import Remedy, find_remedy, is_oversize
from tap_zuora.queries import Failure, JobStatus, Outcome, Result, Submission
from tap_zuora.transport import (
    FileGoneError,
    FileTooLargeError,
    JobGoneError,
    JobRefusedError,
)
from tap_zuora.zoql import write_zoql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import requests

    from reading_kit.pages import Page
    from tap_zuora.client import ZuoraClient
    from tap_zuora.queries import Query

ENDED = frozenset({"completed", "error", "aborted", "cancelled", "failed"})
NAME_LENGTH = 32
_API_VERSION = "91.0"
_NOT_PERMITTED = "90018"
_CHUNK_BYTES = 1 << 16
#: ``incrementalTime`` is read in the data centre's zone: no zone is further behind.
_ZONE_MARGIN = timedelta(hours=14)


class Aqua:
    """Runs queries by AQuA jobs, stateless unless a partner id is set."""

    api = "AQUA"

    def __init__(self, client: ZuoraClient) -> None:
        self._client = client
        self._partner = client.settings.partner_id
        self._paths = list(client.settings.batch_query_paths)
        self._lock = threading.Lock()
        self._sessions = 0
        self.queries_per_job = client.settings.max_queries_per_job

    def submit(self, queries: Sequence[Query]) -> Submission:
        """Start a job; see Transport."""
        body = msgspec.json.encode(self._write_job(queries))
        answer = self._post(body)
        job_id = answer.get("id") if isinstance(answer, dict) else None
        if not job_id:
            raise _read_refusal(answer)
        return Submission(str(job_id), self._client.server_time())

    def look(self, submission: Submission, queries: Sequence[Query]) -> JobStatus:
        """Look at a job; see Transport."""
        path = f"{self._paths[0]}/jobs/{submission.job_id}"
        try:
            answer = self._client.get_json(path)
        except ApiError as error:
            if error.problem.status == 404:
                raise JobGoneError(f"job {submission.job_id} is gone") from None
            raise
        if not isinstance(answer, dict) or "status" not in answer or "id" not in answer:
            raise JobGoneError(f"job {submission.job_id}: {_read_refusal(answer)}")
        word = str(answer["status"]).lower()
        if word not in ENDED:
            return JobStatus(word, is_ended=False)
        outcomes = _read_outcomes(answer, word, submission, queries)
        return JobStatus(word, is_ended=True, outcomes=outcomes)

    def cancel(self, job_id: str) -> None:
        """Cancel a job, if it can be."""
        self._client.delete(f"{self._paths[0]}/jobs/{job_id}")

    def fetch(self, result: Result, number: int, path: Path) -> tuple[Page, str]:
        """Load a file; see Transport."""
        header = _write_header(result.query)

        def consume(response: requests.Response) -> tuple[Page, str]:
            refuse_json(response)
            chunks = response.iter_content(_CHUNK_BYTES)
            return spool_result(chunks, result, header, path)

        try:
            return self._client.exchange(
                "GET", f"/v1/files/{result.files[number]}", consume
            )
        except ApiError as error:
            raise _explain_file(error) from None

    def _post(self, body: bytes) -> Any:  # noqa: ANN401 - JSON
        """Post to the first path there is; the others are dropped."""
        while True:
            path = self._paths[0]
            try:
                return self._client.post_json(f"{path}/", body)
            except ApiError as error:
                if error.problem.status == 403:
                    raise CredentialsError(_explain_forbidden(error)) from None
                if error.problem.status != 404 or len(self._paths) == 1:
                    raise
            with self._lock:
                if self._paths[0] == path:
                    self._paths.pop(0)

    def _write_job(self, queries: Sequence[Query]) -> dict[str, Any]:
        job: dict[str, Any] = {
            "format": "csv",
            "version": "1.0",
            "name": "tap-zuora"[:NAME_LENGTH],
            "encrypted": "none",
            "useQueryLabels": "true",
            "dateTimeUtc": "true",
            "queries": [self._write_query(query) for query in queries],
        }
        return job | self._write_session(queries) if self._partner else job

    def _write_query(self, query: Query) -> dict[str, Any]:
        text = write_zoql(query.stream, query.fields, query.part, key=query.key)
        written: dict[str, Any] = {
            "name": query.name,
            "query": text,
            "type": "zoqlexport",
            "apiVersion": _API_VERSION,
        }
        if query.has_deleted:
            written["deleted"] = {"column": DELETED, "format": "Boolean"}
            if not self._partner:
                written["deleted"]["forceExport"] = True
        return written

    def _write_session(self, queries: Sequence[Query]) -> dict[str, Any]:
        """Make a job stateful, in a session of its own.

        What to read stays our business: a session that remembered would not repeat
        what a failed run did not get. Given a time, a session brings deleted rows.
        """
        with self._lock:
            self._sessions += 1
            number = self._sessions
        started = self._client.server_time()
        session: dict[str, Any] = {
            "version": "1.1",
            "partner": self._partner,
            "project": f"tap-zuora-{started:%Y%m%d%H%M%S}-{number}",
        }
        windows = [query.part.window for query in queries]
        starts = [window.start for window in windows if window is not None]
        if len(starts) == len(windows) and all(q.is_incremental for q in queries):
            since = min(starts) - _ZONE_MARGIN
            session["incrementalTime"] = f"{since:%Y-%m-%d %H:%M:%S}"
        return session


def _read_refusal(answer: object) -> JobRefusedError:
    value: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    code = str(value.get("errorCode") or "")
    return JobRefusedError(code, str(value.get("message") or "no job was made"))


def _read_outcomes(
    answer: Mapping[str, Any],
    word: str,
    submission: Submission,
    queries: Sequence[Query],
) -> dict[str, Outcome]:
    batches = {
        str(batch.get("name")): batch
        for batch in answer.get("batches") or ()
        if isinstance(batch, dict)
    }
    has_result = any(batch.get("status") == "completed" for batch in batches.values())
    is_shared = len({query.stream for query in queries}) > 1 and not has_result
    outcomes: dict[str, Outcome] = {}
    for query in queries:
        batch = batches.get(query.name)
        if batch is not None and batch.get("status") == "completed":
            outcomes[query.name] = _read_result(batch, submission, query)
        elif batch is None and word == "completed":
            message = "the query was passed over: no permission on the object"
            outcomes[query.name] = Failure(query, Remedy.SKIP, _NOT_PERMITTED, message)
        else:
            outcomes[query.name] = _read_failure(batch or {}, word, query, is_shared)
    return outcomes


def _read_result(
    batch: Mapping[str, Any], submission: Submission, query: Query
) -> Outcome:
    files = batch.get("segments") or [batch.get("fileId")]
    if not all(files):
        message = "the batch is completed but names no file"
        return Failure(query, Remedy.NEW_JOB, "", message)
    rows = batch.get("recordCount")
    count = int(rows) if rows is not None else None
    return Result(query, submission, count, tuple(str(name) for name in files))


def _read_failure(
    batch: Mapping[str, Any],
    word: str,
    query: Query,
    is_shared: bool,  # noqa: FBT001
) -> Failure:
    code = str(batch.get("errorCode") or "")
    message = str(batch.get("message") or f"the job ended with status {word}")
    if word == "cancelled":
        # By somebody in Zuora: worth another job, but no smaller one.
        return Failure(query, Remedy.NEW_JOB, code, "the job was cancelled", is_shared)
    if word == "aborted" and not code:
        return Failure(query, Remedy.HALVE, code, message, is_shared)
    return Failure(query, find_remedy(code, message), code, message, is_shared)


def _write_header(query: Query) -> list[str]:
    """Give the header's cells: a field with its object, or as it was asked for."""
    cells = [
        field.source if field.is_joined else f"{query.stream}.{field.source}"
        for field in query.fields
    ]
    return [*cells, DELETED] if query.has_deleted else cells


def _explain_file(error: ApiError) -> Exception:
    if error.problem.status == 404:
        return FileGoneError(f"the result file is gone ({error})")
    if is_oversize(error.problem):
        return FileTooLargeError(f"the result file is too large ({error})")
    if error.problem.status == 403:
        return CredentialsError(
            f"the user may not download results ({error}): its role needs the "
            'permission "Enable DataSource Exports Reporting"'
        )
    return IncompleteDataError(f"the result file cannot be had ({error})")


def _explain_forbidden(error: ApiError) -> str:
    return (
        f"batch queries are not permitted ({error}): the user's role needs API write "
        "access and data-source export"
    )
