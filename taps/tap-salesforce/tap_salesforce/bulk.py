"""Bulk API 2.0 query jobs: created, awaited, listed, downloaded, deleted."""

from __future__ import annotations

import logging
import threading
import time
import urllib.parse
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reading_kit.csvpages import read_columns, spool_page
from reading_kit.errors import (
    ApiError,
    ApiProblem,
    IncompleteDataError,
    JobError,
    TapError,
)
from reading_kit.unpacking import iter_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import requests

    from reading_kit.converting import BlockConverter
    from reading_kit.pages import Page
    from tap_salesforce.client import SalesforceClient

logger = logging.getLogger(__name__)

_FIRST_POLL_S = 0.1
_POLL_FACTOR = 2
#: States in which a job needs nothing any more.
_ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
#: How long the end of a run may take for aborting jobs.
LONGEST_FAREWELL_S = 5.0
#: Times a page is loaded again when it is not whole.
PAGE_RETRIES = 3
_CSV_HEADERS = {"Accept": "text/csv, */*"}


class JobAbortedError(JobError):
    """Somebody aborted the job."""


class JobVanishedError(JobError):
    """Salesforce does not know the job (any more)."""


class JobFailedError(JobError):
    """The job failed on the server.

    Attributes:
        problem: The job's own error message.
    """

    def __init__(self, job_id: str, message: str) -> None:
        super().__init__(f"bulk job {job_id} failed: {' '.join(message.split())}")
        code = message.partition(":")[0].strip()
        self.problem = ApiProblem(200, code, message)


@dataclass(frozen=True, slots=True)
class JobStatus:
    """State of a job; ``rows`` is none until it is complete."""

    state: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Download:
    """A page on disk and the locator of the one after it, if any."""

    page: Page
    next_locator: str | None


class RunningJobs:
    """The jobs of this run that have not ended, as far as it knows; for all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[str] = set()

    def add(self, job_id: str) -> None:
        """Take note of a job that was started."""
        with self._lock:
            self._ids.add(job_id)

    def remove(self, job_id: str) -> None:
        """Take note of a job that has ended."""
        with self._lock:
            self._ids.discard(job_id)

    def take_all(self) -> list[str]:
        """Give the jobs that run and forget them."""
        with self._lock:
            job_ids = sorted(self._ids)
            self._ids.clear()
            return job_ids


class BulkApi:
    """The job endpoints of one org."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._settings = client.settings
        self._base = f"{client.settings.data_path}/jobs/query"
        self._running = RunningJobs()
        self._complete: dict[str, JobStatus] = {}

    def create(self, query: str) -> str:
        """Start a job and give its id."""
        with_deleted = self._settings.are_deleted_included
        answer = self._client.post_json(
            self._base,
            {
                "operation": "queryAll" if with_deleted else "query",
                "query": query,
                "contentType": "CSV",
                "columnDelimiter": "COMMA",
                "lineEnding": "LF",
            },
        )
        if not isinstance(answer, dict) or not answer.get("id"):
            msg = "Salesforce gave no job id"
            raise TapError(msg)
        job_id = str(answer["id"])
        self._running.add(job_id)
        return job_id

    def status(self, job_id: str) -> JobStatus:
        """Ask for the state of a job.

        Raises:
            JobVanishedError: the job is not known.
        """
        try:
            answer = self._client.get_json(f"{self._base}/{job_id}")
        except ApiError as error:
            if error.problem.status == 404:
                msg = f"bulk job {job_id} is gone"
                raise JobVanishedError(msg) from None
            raise
        state = str(answer.get("state"))
        if state in _ENDED:
            self._running.remove(job_id)
        if state == "Failed":
            raise JobFailedError(job_id, str(answer.get("errorMessage") or "no reason"))
        if state == "Aborted":
            msg = f"bulk job {job_id} was aborted by an administrator"
            raise JobAbortedError(msg)
        rows = answer.get("numberRecordsProcessed")
        is_complete = state == "JobComplete"
        return JobStatus(state, int(rows) if is_complete and rows is not None else None)

    def wait(self, job_id: str) -> JobStatus:
        """Poll until the job is complete.

        Raises:
            JobError: it failed, was aborted, is gone or took too long.
        """
        if known := self._complete.pop(job_id, None):
            return known
        for status in self._polls(job_id):
            if status.state == "JobComplete":
                return status
        self.abort(job_id)
        msg = f"bulk job {job_id} took more than job_timeout, aborted"
        raise JobError(msg)

    def wait_ahead(self, job_id: str, *, is_wanted: Callable[[], bool]) -> bool:
        """Poll a job before its turn, until it is complete or ``is_wanted`` says no.

        Gives whether it is complete. Trouble is left to ``wait``, which meets it again.
        """
        with suppress(TapError):
            for status in self._polls(job_id):
                if status.state == "JobComplete":
                    self._complete[job_id] = status
                if status.state in _ENDED or not is_wanted():
                    return status.state == "JobComplete" and is_wanted()
        return False

    def _polls(self, job_id: str) -> Iterator[JobStatus]:
        """Give the state of a job again and again, less and less often."""
        clock = self._client.clock
        started_s = clock.monotonic_s()
        pause_s = _FIRST_POLL_S
        while True:
            yield self.status(job_id)
            if clock.monotonic_s() - started_s > self._settings.job_timeout_s:
                return
            longest_s = min(pause_s, self._settings.poll_interval_max_s)
            clock.sleep(longest_s * 0.8 + clock.jitter(longest_s * 0.4))
            pause_s *= _POLL_FACTOR

    def list_pages(self, job_id: str) -> list[str] | None:
        """Give the locators of all pages, or none where they come one by one only.

        Protocol: ``resultPages`` lists up to five at a time, from API 58.0 on.
        """
        if float(self._settings.api_version) < 58:
            return None
        locators: list[str] = []
        path: str | None = f"{self._base}/{job_id}/resultPages"
        while path:
            try:
                answer = self._client.get_json(path)
            except ApiError as error:
                if not locators and error.problem.status in {400, 404, 405}:
                    logger.info("no list of result pages: %s", error)
                    return None
                raise
            locators += [_read_locator(page) for page in answer.get("resultPages", [])]
            following = answer.get("nextRecordsUrl") or answer.get("nextRecordUrl")
            path = None if answer.get("done") else following
        return locators

    def download(
        self,
        job_id: str,
        locator: str,
        *,
        names: Sequence[str],
        new_converter: Callable[[], BlockConverter],
        path: Path,
        has_row_limit: bool,
    ) -> Download:
        """Load one page to a file; a page that is not whole is loaded again.

        Raises:
            IncompleteDataError: it was not whole four times.
        """
        query = {"locator": locator} if locator else {}
        if has_row_limit:
            query["maxRecords"] = str(self._settings.bulk_max_records)
        target = f"{self._base}/{job_id}/results?{urllib.parse.urlencode(query)}"

        def consume(response: requests.Response) -> Download:
            blocks = read_columns(iter_body(response), names)
            page = spool_page(
                blocks,
                new_converter(),
                path,
                announced_rows=_read_row_count(response),
            )
            return Download(page, _read_next_locator(response))

        return self._load_whole(target, consume)

    def _load_whole(
        self, target: str, consume: Callable[[requests.Response], Download]
    ) -> Download:
        for attempt in range(PAGE_RETRIES + 1):
            try:
                return self._client.exchange(
                    "GET", target, consume, headers=_CSV_HEADERS
                )
            except IncompleteDataError as error:
                if attempt == PAGE_RETRIES:
                    raise
                logger.warning("%s; loading the page again", error)
        raise AssertionError

    def abort(self, job_id: str) -> None:
        """Ask for the end of a job; a failure is only logged."""
        self._tidy(
            job_id,
            lambda path: self._client.post_json(
                path, {"state": "Aborted"}, method="PATCH"
            ),
        )

    def abort_running(self) -> None:
        """Abort what still runs on the server; waits some seconds at most."""
        job_ids = self._running.take_all()
        if not job_ids:
            return
        logger.info("aborting %d bulk jobs that still run", len(job_ids))
        threads = [
            threading.Thread(target=self.abort, args=(job_id,), daemon=True)
            for job_id in job_ids
        ]
        for thread in threads:
            thread.start()
        deadline_s = time.monotonic() + LONGEST_FAREWELL_S
        for thread in threads:
            thread.join(max(deadline_s - time.monotonic(), 0))

    def delete(self, job_id: str) -> None:
        """Remove a job; a failure is only logged."""
        self._tidy(job_id, self._client.delete)

    def _tidy(self, job_id: str, act: Callable[[str], Any]) -> None:
        try:
            act(f"{self._base}/{job_id}")
        except TapError as error:
            logger.info("bulk job %s was not tidied up: %s", job_id, error)


def _read_locator(result_page: dict[str, Any]) -> str:
    url = urllib.parse.urlsplit(str(result_page.get("resultUrl", "")))
    return next(iter(urllib.parse.parse_qs(url.query).get("locator", [])), "")


def _read_row_count(response: requests.Response) -> int | None:
    if response.status_code == 204:
        msg = "no page yet (HTTP 204)"
        raise IncompleteDataError(msg)
    text = response.headers.get("Sforce-NumberOfRecords", "")
    return int(text) if text.isdigit() else None


def _read_next_locator(response: requests.Response) -> str | None:
    """Protocol: the last page carries the text ``null``; empty and absent count too."""
    text = response.headers.get("Sforce-Locator", "").strip()
    return None if text in {"", "null"} else text
