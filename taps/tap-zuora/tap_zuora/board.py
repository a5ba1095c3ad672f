"""Jobs run and files loaded ahead of the streams whose turn has not come yet."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reading_kit.errors import TapError
from tap_zuora.queries import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tap_zuora.jobs import JobRunner
    from tap_zuora.loading import Loaded, Loader
    from tap_zuora.queries import Failure, Outcome, Query, Submission

    OnSubmit = Callable[[Submission, Sequence[Query]], None]

logger = logging.getLogger(__name__)

#: Results loaded and not yet written; more of them where all are small.
MOST_LOADED = 4
MOST_SMALL = 16
MOST_SMALL_ROWS = 100_000


@dataclass(slots=True)
class _Job:
    """A job that is planned or at work."""

    queries: list[Query]
    submission: Submission | None = None
    outcomes: Future[dict[str, Outcome]] | None = None
    told: list[tuple[Submission, Sequence[Query]]] = field(default_factory=list)
    is_known: threading.Event = field(default_factory=threading.Event)
    passed_on: int = 0


class Board:
    """Keeps jobs under way and a few results loaded, in the order of the streams.

    It is used by the main thread only; the work is done in threads.
    """

    def __init__(
        self,
        runner: JobRunner,
        loader: Loader,
        *,
        queries_per_job: int,
        jobs_at_once: int,
        on_submit: OnSubmit,
    ) -> None:
        self._runner = runner
        self._loader = loader
        self._queries_per_job = queries_per_job
        self._jobs_at_once = jobs_at_once
        self._on_submit = on_submit
        self._pool = ThreadPoolExecutor(jobs_at_once, thread_name_prefix="job")
        self._waiting: deque[_Job] = deque()
        self._working: list[_Job] = []
        self._jobs: dict[str, _Job] = {}
        self._loads: dict[str, Future[Loaded]] = {}
        self._rows: dict[str, int] = {}

    def plan(self, queries: Sequence[Query]) -> None:
        """Take on queries in the order they will be asked for.

        Queries that look for what changed and those of a backfill do not share jobs.
        """
        for _, group in itertools.groupby(queries, key=lambda q: q.is_incremental):
            listed = list(group)
            for start in range(0, len(listed), self._queries_per_job):
                part = listed[start : start + self._queries_per_job]
                self._waiting.append(self._new_job(part))
        self._advance()

    def plan_first(self, queries: Sequence[Query]) -> None:
        """Take on queries that are asked for before all others."""
        jobs = [
            self._new_job(list(queries[start : start + self._queries_per_job]))
            for start in range(0, len(queries), self._queries_per_job)
        ]
        self._waiting.extendleft(reversed(jobs))
        self._advance()

    def adopt(self, submission: Submission, queries: Sequence[Query]) -> None:
        """Take on a job of an earlier run."""
        job = self._new_job(list(queries))
        job.submission = submission
        self._waiting.append(job)
        self._advance()

    def knows(self, query: Query) -> bool:
        """Tell whether a query was taken on."""
        return query.name in self._jobs

    def take(self, query: Query) -> Loaded | Failure:
        """Wait for a query's rows and give them, or what went wrong with its job.

        Raises:
            TapError: the rows cannot be had, or the job could not be run.
        """
        job = self._jobs[query.name]
        self._advance(until=job)
        outcomes = self._wait(job)
        del self._jobs[query.name]
        outcome = outcomes.get(query.name)
        if outcome is None:
            raise TapError(f"{query.stream}: no outcome of query {query.name}")
        if not isinstance(outcome, Result):
            return outcome
        self._prefetch(outcome)
        self._rows.pop(query.name, None)
        loaded = self._loads.pop(query.name).result()
        self._advance()
        return loaded

    def submission_of(self, query: Query) -> Submission | None:
        """Give the job of a query, if it is at work already."""
        job = self._jobs.get(query.name)
        if job is None:
            return None
        for submission, queries in job.told:
            if any(told.name == query.name for told in queries):
                return submission
        return job.submission

    def finish(self, stream: str) -> None:
        """Forget what is left of a stream."""
        for name, job in list(self._jobs.items()):
            if any(q.name == name and q.stream == stream for q in job.queries):
                del self._jobs[name]
                self._loads.pop(name, None)
                self._rows.pop(name, None)
        self._waiting = deque(
            job
            for job in self._waiting
            if any(query.stream != stream for query in job.queries)
        )

    def stop(self) -> None:
        """Run no more jobs, and cancel those under way."""
        self._waiting.clear()
        self._runner.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _new_job(self, queries: list[Query]) -> _Job:
        job = _Job(queries)
        self._jobs.update({query.name: job for query in queries})
        return job

    def _advance(self, *, until: _Job | None = None) -> None:
        """Start waiting jobs while there is room for them."""
        self._working = [
            job
            for job in self._working
            if job.outcomes is not None and not job.outcomes.done()
        ]
        while self._waiting and (
            len(self._working) < self._jobs_at_once or until in self._waiting
        ):
            job = self._waiting.popleft()
            job.outcomes = self._pool.submit(self._work, job)
            self._working.append(job)

    def _work(self, job: _Job) -> dict[str, Outcome]:
        """Run a job; in a thread."""
        try:
            if job.submission is not None:
                return self._runner.wait(job.submission, job.queries)
            return self._runner.run(job.queries, lambda *told: self._hear(job, *told))
        finally:
            job.is_known.set()

    def _hear(
        self, job: _Job, submission: Submission, queries: Sequence[Query]
    ) -> None:
        job.told.append((submission, queries))
        job.is_known.set()

    def _wait(self, job: _Job) -> dict[str, Outcome]:
        if job.outcomes is None:
            raise TapError("a job was asked for that has not begun")
        job.is_known.wait()
        self._pass_on(job)
        outcomes = job.outcomes.result()
        self._pass_on(job)
        return outcomes

    def _pass_on(self, job: _Job) -> None:
        """Tell of the jobs made since the last time."""
        told = job.told[job.passed_on :]
        job.passed_on += len(told)
        for submission, queries in told:
            self._on_submit(submission, queries)

    def _prefetch(self, wanted: Result) -> None:
        """Load the wanted result, and next ones as far as there is room."""
        self._load(wanted)
        for result in self._list_ready():
            if not self._has_room(result):
                break
            self._load(result)

    def _has_room(self, result: Result) -> bool:
        """Tell whether one more result may lie on the disk."""
        count = len(self._loads)
        rows = sum(self._rows.values()) + _count_rows(result)
        return count < MOST_LOADED or (count < MOST_SMALL and rows <= MOST_SMALL_ROWS)

    def _load(self, result: Result) -> None:
        name = result.query.name
        if name not in self._loads:
            self._rows[name] = _count_rows(result)
            self._loads[name] = self._loader.start(result)

    def _list_ready(self) -> Iterable[Result]:
        for name, job in self._jobs.items():
            future = job.outcomes
            if future is None or not future.done() or future.exception() is not None:
                continue
            outcome = future.result().get(name)
            if isinstance(outcome, Result):
                yield outcome


def _count_rows(result: Result) -> int:
    """Give the rows of a result; where they are not told it counts as large."""
    return MOST_SMALL_ROWS if result.rows is None else result.rows
