"""Makes export jobs and puts them into the queue, as far as there is room."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reading_kit.errors import ApiError, JobError, TapError
from reading_kit.running import FATAL
from tap_marketo.errors import FilterUnavailableError
from tap_marketo.exports import KINDS, JobState
from tap_marketo.instants import central_day
from tap_marketo.jobs import Phase
from tap_marketo.judging import INVALID_VALUE, NO_FILTER, Busy, read_busy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_marketo.client import MarketoClient
    from tap_marketo.exports import ExportApi, JobStatus
    from tap_marketo.jobs import ExportJob

logger = logging.getLogger(__name__)

#: How long a refusal in words nobody knows is taken for a full queue.
UNKNOWN_TEXT_S = 600.0


class Submitter:
    """Submits jobs in their order.

    Attributes:
        is_quota_spent: Whether no more jobs are made today.
    """

    def __init__(self, client: MarketoClient, api: ExportApi) -> None:
        self._client = client
        self._settings = client.settings
        self._api = api
        self._sizes_bytes: dict[str, int] | None = None
        self.is_quota_spent = False

    def describe_quota(self) -> str:
        """Say how much of the quota is used, as far as this user's jobs tell."""
        used_mb = self._used_bytes() / 1_000_000
        return (
            f"{used_mb:.1f} MB by this API user today, "
            f"bulk_quota_mb {self._settings.bulk_quota_bytes // 1_000_000}"
        )

    def submit(self, jobs: Iterable[ExportJob]) -> None:
        """Make and queue jobs until as many are under way as are allowed.

        Raises:
            TapError: going on makes no sense for any stream.
        """
        jobs = list(jobs)
        self._note_sizes(jobs)
        room = self._settings.max_queued_jobs
        room -= sum(job.phase is Phase.UNDER_WAY for job in jobs)
        for job in jobs:
            if room <= 0 or self.is_quota_spent:
                return
            if job.phase not in {Phase.PLANNED, Phase.CREATED}:
                continue
            if not self._try(job):
                return
            room -= 1

    def _try(self, job: ExportJob) -> bool:
        """Make and queue a job; gives False when the next one need not be tried."""
        try:
            if job.phase is Phase.PLANNED:
                self._check_budget()
                if self.is_quota_spent:
                    return False
                self._take(job, self._api.create(job.request))
            if job.phase is Phase.CREATED and job.job_id is not None:
                status = self._api.enqueue(job.request.kind, job.job_id)
                self._take(job, status)
                self._begin(job)
        except ApiError as error:
            return self._is_bearable(job, error)
        except FATAL:
            raise
        except TapError as error:
            job.fail(error)
        return True

    def _take(self, job: ExportJob, status: JobStatus) -> None:
        job.job_id, job.known = status.job_id, status
        job.as_of = self._client.server_time()
        if status.state in {JobState.FAILED, JobState.CANCELLED}:
            word = status.state.value
            job.error = JobError(f"export {status.job_id} {word} as it was made")
            self._begin(job)
        else:
            job.phase = Phase.CREATED

    def _begin(self, job: ExportJob) -> None:
        job.phase = Phase.UNDER_WAY
        job.refused_at_s = None
        job.enqueued_at_s = self._client.clock.monotonic_s()

    def _is_bearable(self, job: ExportJob, error: ApiError) -> bool:
        """Draw the consequences of a refusal; gives True where others may do better."""
        match read_busy(error.problem):
            case Busy.ALREADY_QUEUED:
                self._begin(job)
                return True
            case Busy.QUOTA_SPENT:
                logger.warning("%s", error)
                self.is_quota_spent = True
                return False
            case Busy.QUEUE_FULL | Busy.UNKNOWN as busy:
                self._note_refusal(job, error, is_unknown=busy is Busy.UNKNOWN)
                return False
        if error.problem.code == NO_FILTER:
            job.fail(FilterUnavailableError(str(error)))
        elif error.problem.code == INVALID_VALUE:
            fields = ", ".join(job.request.fields)
            job.fail(JobError(f"{error}; fields asked for: {fields}"))
        else:
            job.fail(error)
        return True

    def _note_refusal(
        self, job: ExportJob, error: ApiError, *, is_unknown: bool
    ) -> None:
        now_s = self._client.clock.monotonic_s()
        if job.refused_at_s is None:
            logger.info("%s; waiting for room", error)
            job.refused_at_s = now_s
        longest_s = self._settings.queue_timeout_s
        if is_unknown:
            longest_s = min(longest_s, UNKNOWN_TEXT_S)
        if now_s - job.refused_at_s >= longest_s:
            job.fail(
                JobError(f"no room in the export queue for {longest_s:g} s: {error}")
            )

    # The day's quota

    def _check_budget(self) -> None:
        used_bytes = self._used_bytes()
        if used_bytes >= self._settings.bulk_budget_bytes:
            logger.warning("no further export jobs today: %s", self.describe_quota())
            self.is_quota_spent = True

    def _used_bytes(self) -> int:
        if self._sizes_bytes is None:
            self._sizes_bytes = {}
            for kind in KINDS:
                self._note_listing(kind)
        return sum(self._sizes_bytes.values())

    def _note_listing(self, kind: str) -> None:
        try:
            listing = self._api.listing(kind, [JobState.COMPLETED.value.title()])
        except ApiError as error:
            logger.info("jobs of %s are not told: %s", kind, error)
            return
        for status in listing.values():
            self._note_size(status)

    def _note_sizes(self, jobs: Iterable[ExportJob]) -> None:
        for job in jobs:
            if job.known is not None and self._sizes_bytes is not None:
                self._note_size(job.known)

    def _note_size(self, status: JobStatus) -> None:
        if self._sizes_bytes is None or status.finished_at is None:
            return
        today = central_day(self._client.server_time())
        if status.size_bytes and central_day(status.finished_at) == today:
            self._sizes_bytes[status.job_id] = status.size_bytes
