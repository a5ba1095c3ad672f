"""Looks at the export jobs under way: one call for all of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading_kit.errors import ApiError, JobError
from tap_marketo.errors import FileGoneError
from tap_marketo.exports import JobState
from tap_marketo.jobs import Phase
from tap_marketo.judging import GONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_marketo.client import MarketoClient
    from tap_marketo.exports import ExportApi, JobStatus
    from tap_marketo.jobs import ExportJob


class Watcher:
    """Notes what became of jobs; an ``error`` set on one asks for another attempt."""

    def __init__(self, client: MarketoClient, api: ExportApi) -> None:
        self._client = client
        self._settings = client.settings
        self._api = api

    def look(self, jobs: Iterable[ExportJob]) -> None:
        """Ask for all jobs under way.

        Raises:
            TapError: as ``MarketoClient`` does.
        """
        under_way = [
            job for job in jobs if job.phase is Phase.UNDER_WAY and job.error is None
        ]
        for kind in sorted({job.request.kind for job in under_way}):
            of_kind = [job for job in under_way if job.request.kind == kind]
            try:
                self._look_at_all(kind, of_kind)
            except ApiError as error:
                for job in of_kind:
                    job.fail(error)

    def _look_at_all(self, kind: str, jobs: list[ExportJob]) -> None:
        listing = self._api.listing(kind) if len(jobs) > 1 else {}
        for job in jobs:
            self._look_at(job, listing.get(job.job_id or ""))

    def _look_at(self, job: ExportJob, told: JobStatus | None) -> None:
        status = told or self._ask(job)
        if status is None:
            job.error = FileGoneError(f"export {job.job_id} is not known (any more)")
            return
        if status.state is JobState.COMPLETED and not status.is_told_whole:
            status = self._ask(job) or status
        job.known = status
        if status.state is JobState.COMPLETED:
            job.phase = Phase.FINISHED
        elif status.state in {JobState.FAILED, JobState.CANCELLED}:
            reason = f": {status.message}" if status.message else ""
            job.error = JobError(f"export {job.job_id} {status.state.value}{reason}")
        elif status.state is JobState.CREATED:
            # A run before this one did not come to queue it.
            job.phase = Phase.CREATED
        elif self._is_late(job):
            self._give_up(job)

    def _ask(self, job: ExportJob) -> JobStatus | None:
        try:
            return self._api.status(job.request.kind, job.job_id or "")
        except ApiError as error:
            if error.problem.code == GONE or error.problem.status == 404:
                return None
            raise

    def _is_late(self, job: ExportJob) -> bool:
        waited_s = self._client.clock.monotonic_s() - job.enqueued_at_s
        return waited_s >= self._settings.job_timeout_s

    def _give_up(self, job: ExportJob) -> None:
        limit_s = self._settings.job_timeout_s
        message = f"export {job.job_id} is not done after job_timeout ({limit_s:g} s)"
        try:
            self._api.cancel(job.request.kind, job.job_id or "")
        except ApiError:
            message += " and cannot be cancelled"
        job.fail(JobError(message))
