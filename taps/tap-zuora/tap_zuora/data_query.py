"""Data Query: one SQL query a job, its result behind a signed link.

Format: Zuora's "Data Query API", ``POST /query/jobs`` and below. The link is not
signed by us: an Authorization header would be refused there. It expires; looking at
the job gives a fresh one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from reading_kit.downloading import download, open_chunks
from reading_kit.errors import ApiError, CredentialsError, IncompleteDataError
from reading_kit.sending import Call
from tap_zuora.describing import DELETED
from tap_zuora.parsing import spool_result
from tap_zuora.problems import Remedy, find_missing_field, find_remedy
from tap_zuora.queries import Failure, JobStatus, Outcome, Result, Submission
from tap_zuora.transport import FileGoneError, JobGoneError, JobRefusedError
from tap_zuora.zoql import write_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reading_kit.pages import Page
    from tap_zuora.client import ZuoraClient
    from tap_zuora.queries import Query

ENDED = frozenset({"completed", "failed", "cancelled"})
_LINK_TRIES = 3


class DataQuery:
    """Runs queries by Data Query jobs."""

    api = "DATA_QUERY"
    queries_per_job = 1

    def __init__(self, client: ZuoraClient) -> None:
        self._client = client

    def submit(self, queries: Sequence[Query]) -> Submission:
        """Start a job; see Transport."""
        body = msgspec.json.encode(self._write_job(queries[0]))
        try:
            answer = self._client.post_json("/query/jobs", body)
        except ApiError as error:
            problem = error.problem
            if problem.status == 403:
                msg = f"Data Query is not permitted ({error})"
                raise CredentialsError(msg) from None
            raise JobRefusedError(problem.code, problem.message) from None
        job_id = _read_data(answer).get("id")
        if not job_id:
            raise JobRefusedError("", "no job was made")
        return Submission(str(job_id), self._client.server_time())

    def look(self, submission: Submission, queries: Sequence[Query]) -> JobStatus:
        """Look at a job; see Transport."""
        data = self._look(submission.job_id)
        word = str(data.get("queryStatus", "")).lower()
        if word not in ENDED:
            return JobStatus(word, is_ended=False)
        outcomes = {q.name: _read_outcome(data, word, submission, q) for q in queries}
        return JobStatus(word, is_ended=True, outcomes=outcomes)

    def cancel(self, job_id: str) -> None:
        """Cancel a job, if it can be."""
        self._client.delete(f"/query/jobs/{job_id}")

    def fetch(self, result: Result, number: int, path: Path) -> tuple[Page, str]:
        """Load a file; see Transport."""
        packed = path.with_name(f"{path.name}.gz")
        self._download(result.submission.job_id, result.files[number], packed)
        try:
            return spool_result(
                open_chunks(packed), result, _write_header(result.query), path
            )
        finally:
            packed.unlink(missing_ok=True)

    def _download(self, job_id: str, link: str, path: Path) -> None:
        for _ in range(_LINK_TRIES):
            call = Call("GET", link)
            try:
                download(self._client.sender, call, path, clock=self._client.clock)
            except ApiError as error:
                if error.problem.status not in {400, 403, 404}:
                    raise IncompleteDataError(str(error)) from None
            else:
                return
            link = str(self._look(job_id).get("dataFile") or link)
        raise FileGoneError(f"the result of job {job_id} cannot be had by its link")

    def _look(self, job_id: str) -> Mapping[str, Any]:
        try:
            return _read_data(self._client.get_json(f"/query/jobs/{job_id}"))
        except ApiError as error:
            if error.problem.status == 404:
                raise JobGoneError(f"job {job_id} is gone") from None
            raise

    def _write_job(self, query: Query) -> dict[str, Any]:
        is_warehouse = self._client.settings.is_warehouse
        text = write_sql(
            query.stream,
            query.fields,
            query.part,
            key=query.key,
            has_deleted=query.has_deleted,
        )
        return {
            "query": text,
            "outputFormat": "CSV",
            "compression": "GZIP",
            "output": {"target": "S3"},
            "sourceData": "WAREHOUSE" if is_warehouse else "LIVE",
            "useIndexJoin": False,
        }


def _read_data(answer: object) -> Mapping[str, Any]:
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else {}


def _read_outcome(
    data: Mapping[str, Any], word: str, submission: Submission, query: Query
) -> Outcome:
    if word == "cancelled":
        return Failure(query, Remedy.NEW_JOB, "", "the job was cancelled")
    if word == "failed":
        message = str(data.get("errorMessage") or "the query failed")
        remedy = find_remedy("", message)
        if (find_missing_field(message) or "").lower() == DELETED.lower():
            remedy = Remedy.NO_DELETED
        return Failure(query, remedy, "", message)
    link, rows = data.get("dataFile"), data.get("outputRows")
    if not link:
        return Failure(query, Remedy.NEW_JOB, "", "the job is completed without a file")
    count = int(rows) if rows is not None else None
    return Result(query, submission, count, (str(link),))


def _write_header(query: Query) -> list[str]:
    """Give the header's cells: the properties' names in lower case."""
    cells = [field.name.lower() for field in query.fields]
    return [*cells, DELETED.lower()] if query.has_deleted else cells
