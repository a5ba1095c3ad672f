"""The export jobs of a run: made ahead, watched together, their files loaded in order.

One thread looks at the jobs and makes new ones, others load files, so that the service
is at work while rows are written. The list of the jobs is never changed, only replaced;
who asks the service for anything about jobs holds the attendant's turn.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from reading_kit.errors import IncompleteDataError, JobError, TapError
from tap_marketo.attending import Attendant
from tap_marketo.calling import describe_reset
from tap_marketo.errors import BulkQuotaError, FileGoneError
from tap_marketo.jobs import ExportJob, Phase, SavedExport
from tap_marketo.submitting import Submitter
from tap_marketo.watching import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from reading_kit.spool import Workshop
    from tap_marketo.client import MarketoClient
    from tap_marketo.exports import ExportApi, ExportRequest, JobStatus
    from tap_marketo.files import FileLoader
    from tap_marketo.windows import Window

logger = logging.getLogger(__name__)

#: Files loaded before it is their turn; more of them where all are small.
FILES_AHEAD = 2
SMALL_FILES_AHEAD = 16
SMALL_FILES_BYTES = 64_000_000
_SHORTEST_REST_S = 0.05
#: Waiting ends now and then, so that who waits can write what has changed.
_LONGEST_WAIT_S = 1.0
_UNFINISHED = frozenset({Phase.PLANNED, Phase.CREATED, Phase.UNDER_WAY})
#: A job is made anew once with its window, and then in two halves.
_REPEATS_BEFORE_HALVES = 1


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A job's file, ready to be read."""

    request: ExportRequest
    status: JobStatus
    path: Path
    as_of: datetime


class ExportBoard:
    """Keeps the jobs of all bulk streams, in the order they are read."""

    def __init__(
        self,
        client: MarketoClient,
        api: ExportApi,
        loader: FileLoader,
        *,
        workshop: Workshop,
    ) -> None:
        self._client = client
        self._settings = client.settings
        self._loader = loader
        self._workshop = workshop
        self._api = api
        self._submitter = Submitter(client, api)
        self._watcher = Watcher(client, api)
        self._jobs: list[ExportJob] = []
        self._lock = threading.Lock()
        self._attendant = Attendant(
            self._attend, rest_s=max(self._settings.poll_interval_s, _SHORTEST_REST_S)
        )
        self._trouble: Exception | None = None
        self._left: dict[str, list[SavedExport]] = {}

    # Planning

    def plan(
        self,
        group: str,
        requests: Iterable[ExportRequest],
        *,
        saved: Iterable[SavedExport] = (),
    ) -> None:
        """Take on the jobs of a group; exports that are there already are used."""
        known = {(each.fingerprint, each.window): each for each in saved}
        now = self._client.server_time()
        planned: list[ExportJob] = []
        for request in requests:
            job = ExportJob(group, request, as_of=now)
            found = known.pop((request.fingerprint, request.window), None)
            if found is not None:
                logger.info("%s: using export %s", group, found.job_id)
                job.job_id, job.as_of = found.job_id, found.as_of
                job.phase = Phase.UNDER_WAY
                job.enqueued_at_s = self._client.clock.monotonic_s()
            planned.append(job)
        for each in known.values():
            logger.info("%s: export %s is of no use any more", group, each.job_id)
        if planned:
            with self._lock:
                self._jobs = [*self._jobs, *planned]
            self._attendant.wake()

    def saved(self, group: str) -> list[SavedExport]:
        """Give the exports of a group that the next run could use."""
        saved = (job.saved() for job in self._jobs if job.group == group)
        left = self._left.get(group, [])
        return [*left, *(each for each in saved if each is not None)]

    def has(self, group: str, window: Window) -> bool:
        """Tell whether jobs of a window are not read yet."""
        return any(
            job.group == group and job.request.window == window for job in self._jobs
        )

    # Going on

    def _attend(self) -> bool:
        """Look at the jobs and make new ones; troubles are kept for who reads.

        Gives whether there is more to come.
        """
        try:
            self._watcher.look(self._jobs)
            self._settle()
            self._submitter.submit(self._jobs)
            if self._settle():
                self._submitter.submit(self._jobs)
            self._load_ahead(*self._next_jobs())
        except Exception as error:  # noqa: BLE001 - raised where rows are read
            self._trouble = error
        return self._trouble is None and any(
            job.phase in _UNFINISHED for job in self._jobs
        )

    def take(
        self, group: str, *, on_wait: Callable[[], None] = lambda: None
    ) -> Iterator[ExportFile]:
        """Give the files of a group in order; ``release`` removes them, or the next.

        Args:
            group: The group.
            on_wait: Called while there is nothing to do but wait.

        Raises:
            BulkQuotaError: the day's quota is spent before the next job was made.
            FilterUnavailableError: the subscription does not have the date filter.
            TapError: a job or its file failed, or going on makes no sense.
        """
        self._attendant.wake()
        while (job := self._first(group)) is not None:
            if not self._is_ready(job):
                on_wait()
                continue
            if job.known is None or job.path is None:
                raise JobError(f"{group}: a file without its job")
            file = ExportFile(job.request, job.known, job.path, job.as_of)
            yield file
            self.release(file)

    def saved_as(self, file: ExportFile) -> list[SavedExport]:
        """Give what the state may keep of a file's export."""
        saved = (job.saved() for job in self._jobs if job.path == file.path)
        return [each for each in saved if each is not None]

    def release(self, file: ExportFile) -> None:
        """Let go of a file whose rows are written, and of its job."""
        file.path.unlink(missing_ok=True)
        with self._lock:
            self._jobs = [job for job in self._jobs if job.path != file.path]
        self._load_ahead(*self._next_jobs())

    def drop(self, group: str, *, because: TapError | None = None) -> None:
        """Let go of a group's jobs; those that wait in the queue are cancelled.

        Args:
            group: The group.
            because: What went wrong with it; the other exports then go on counting
                as saved. One whose file is wrong does not: the next run makes it anew.
        """
        with self._attendant.turn:
            jobs = [job for job in self._jobs if job.group == group]
            self._cancel(jobs)
            if isinstance(because, IncompleteDataError) and jobs:
                jobs[0].fail(because)
            if because is not None:
                self._left[group] = self.saved(group)
            with self._lock:
                self._jobs = [job for job in self._jobs if job.group != group]

    def stop(self) -> None:
        """Make no more jobs."""
        self._attendant.stop()

    def abandon(self) -> None:
        """Cancel what waits in the queue, whose places others share."""
        self.stop()
        with self._attendant.turn:
            self._cancel(self._jobs)

    # Details

    def _first(self, group: str) -> ExportJob | None:
        return next((job for job in self._jobs if job.group == group), None)

    def _is_ready(self, job: ExportJob) -> bool:
        """Tell whether a job's file is there; waits a while where it is not."""
        self._attendant.expect_change()
        if self._trouble is not None:
            raise self._trouble
        if job.phase is Phase.FAILED and job.error is not None:
            raise job.error
        if job not in self._jobs:
            return False
        self._load_ahead(job)
        if job.loading is not None and job.loading.done():
            return self._is_loaded(job)
        if self._submitter.is_quota_spent and job.phase in {
            Phase.PLANNED,
            Phase.CREATED,
        }:
            raise self._quota_error()
        if job.loading is not None:
            wait([job.loading], timeout=_LONGEST_WAIT_S)
        else:
            self._attendant.wait_for_change(_LONGEST_WAIT_S)
        return False

    def _is_loaded(self, job: ExportJob) -> bool:
        if job.loading is None:
            return False
        try:
            job.loading.result()
        except FileGoneError as error:
            self._repeat(job, error)
            self._attendant.wake()
            return False
        return True

    def _settle(self) -> bool:
        """Make anew what ended badly; gives True where there was any."""
        bad = [
            job
            for job in self._jobs
            if job.error is not None and job.phase is Phase.UNDER_WAY
        ]
        for job in bad:
            error, job.error = job.error, None
            if error is not None:
                self._repeat(job, error)
        return bool(bad)

    def _repeat(self, job: ExportJob, error: TapError) -> None:
        """Make a job anew; if that was tried, make two of it; then give up."""
        logger.warning("%s: %s", job.group, error)
        job.forget()
        if job.repeats < _REPEATS_BEFORE_HALVES:
            job.repeats += 1
            return
        window = job.request.window
        halves = window.halves() if window is not None else None
        if job.repeats > _REPEATS_BEFORE_HALVES or halves is None:
            job.fail(error)
            return
        logger.warning("%s: reading the window in two parts", job.group)
        parts = [
            ExportJob(
                job.group,
                replace(job.request, window=half),
                as_of=job.as_of,
                repeats=job.repeats + 1,
            )
            for half in halves
        ]
        with self._lock:
            place = self._jobs.index(job)
            self._jobs = [*self._jobs[:place], *parts, *self._jobs[place + 1 :]]

    def _next_jobs(self) -> Iterator[ExportJob]:
        """Give the jobs whose files may be loaded before their turn, by their sizes."""
        total_bytes = 0
        for number, job in enumerate(self._jobs[:SMALL_FILES_AHEAD]):
            size_bytes = job.known.size_bytes if job.known is not None else None
            total_bytes += size_bytes or 0
            if number >= FILES_AHEAD and (
                size_bytes is None or total_bytes > SMALL_FILES_BYTES
            ):
                return
            yield job

    def _load_ahead(self, *jobs: ExportJob) -> None:
        with self._lock:
            for job in jobs:
                if job.phase is Phase.FINISHED and job.loading is None and job.known:
                    job.path = self._workshop.new_path()
                    load = partial(
                        self._loader.load, job.request.kind, job.known, job.path
                    )
                    job.loading = self._workshop.submit(load)

    def _quota_error(self) -> BulkQuotaError:
        now = self._client.server_time()
        return BulkQuotaError(
            "the day's quota of export files is spent "
            f"({self._submitter.describe_quota()}; {describe_reset(now)}). The next "
            "run goes on from the state. A smaller max_export_days and fewer selected "
            "fields make smaller files"
        )

    def _cancel(self, jobs: Iterable[ExportJob]) -> None:
        for job in jobs:
            if job.is_cancellable and job.job_id is not None:
                with suppress(TapError):
                    self._api.cancel(job.request.kind, job.job_id)
                job.forget()
