"""Runs one job to its end, repaired where the service refuses a part of it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from reading_kit.errors import TapError, UnreachableError
from reading_kit.retrying import Pause, plan_pause
from tap_zuora.problems import Remedy, find_missing_field, find_remedy
from tap_zuora.queries import Failure, fail_all
from tap_zuora.slots import Slots
from tap_zuora.transport import JobGoneError, JobRefusedError, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reading_kit.clock import Clock
    from tap_zuora.queries import JobStatus, Outcome, Query, Submission
    from tap_zuora.settings import Settings

    OnSubmit = Callable[[Submission, Sequence[Query]], None]

logger = logging.getLogger(__name__)

MOST_JOB_TRIES = 5
MOST_SLOT_WAITS = 20
_SLOT_PAUSE_S = 30.0
#: Small jobs end in seconds, so a job is looked at soon and then less and less often.
_FIRST_PAUSE_S = 0.5
_POLL_GROWTH = 1.5
#: Stateless jobs of this tenant may not ask for deleted rows.
_NO_FORCED_DELETES = "90012"
_SYNTAX = "90005"


class StoppedError(TapError):
    """The run ends; nobody waits for this job any more."""


class JobRunner:
    """Submits jobs and waits for them, from several threads.

    Attributes:
        under_way: Ids of the jobs submitted and not known to have ended.
    """

    def __init__(
        self, transport: Transport, *, settings: Settings, clock: Clock
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._clock = clock
        self._slots = Slots(settings.max_concurrent_jobs)
        self._lock = threading.Lock()
        self._is_stopped = False
        self.under_way: set[str] = set()

    def run(self, queries: Sequence[Query], on_submit: OnSubmit) -> dict[str, Outcome]:
        """Run queries in one job, or in several where one is not taken on.

        Args:
            queries: As many as a job takes.
            on_submit: Is told each job, from this thread, before it is waited for.

        Raises:
            TapError: the service cannot be asked, or refuses for good.
        """
        with self._slots.hold():
            return self._run(list(queries), on_submit)

    def wait(
        self, submission: Submission, queries: Sequence[Query]
    ) -> dict[str, Outcome]:
        """Wait for a job, here or from an earlier run.

        A job that is gone, or has no end in time, fails all its queries.
        """
        with self._lock:
            self.under_way.add(submission.job_id)
        if self._is_stopped:
            self._transport.cancel(submission.job_id)
        try:
            return self._poll(submission, queries)
        except JobGoneError as error:
            return fail_all(queries, Remedy.NEW_JOB, "", str(error))
        finally:
            with self._lock:
                self.under_way.discard(submission.job_id)

    def stop(self) -> None:
        """Wait for nothing more, and cancel what is under way."""
        self._is_stopped = True
        with self._lock:
            jobs = sorted(self.under_way)
        for job_id in jobs:
            try:
                self._transport.cancel(job_id)
            except TapError as error:
                logger.warning("job %s could not be cancelled: %s", job_id, error)

    def _run(self, queries: list[Query], on_submit: OnSubmit) -> dict[str, Outcome]:
        """Run queries; those that may do better in a new job get some."""
        outcomes: dict[str, Outcome] = {}
        for tries in range(MOST_JOB_TRIES + 1):
            outcomes |= self._run_once(queries, on_submit)
            failed = [
                outcome.query.maker.again(outcome.query)
                for outcome in outcomes.values()
                if isinstance(outcome, Failure) and outcome.remedy is Remedy.NEW_JOB
            ]
            if not failed or tries == MOST_JOB_TRIES:
                break
            queries = failed
            message = next(str(o) for o in outcomes.values() if isinstance(o, Failure))
            logger.warning("%d queries failed (%s); again", len(failed), message)
            self._rest(self._plan_pause(tries + 1))
        return outcomes

    def _run_once(
        self, queries: list[Query], on_submit: OnSubmit
    ) -> dict[str, Outcome]:
        """Run one job, repaired as long as it is not taken on."""
        refusals = _Refusals(self._settings.retry_delay_max_s)
        while True:
            self._check_stopped()
            try:
                submission = self._transport.submit(queries)
            except JobRefusedError as refusal:
                remedy = find_remedy(refusal.code, refusal.message)
                if remedy in {Remedy.WAIT, Remedy.NEW_JOB}:
                    if remedy is Remedy.WAIT:
                        self._slots.lower()
                    self._rest(refusals.plan(remedy, refusal))
                    continue
                repaired = self._repair(queries, remedy, refusal)
                if repaired is None:
                    return self._divide(queries, remedy, refusal, on_submit)
                queries = repaired
                continue
            on_submit(submission, queries)
            return self.wait(submission, queries)

    def _plan_pause(self, failures: int) -> Pause:
        longest_s = self._settings.retry_delay_max_s
        return plan_pause(failures=failures, retry_after_s=None, longest_s=longest_s)

    def _rest(self, pause: Pause) -> None:
        self._clock.sleep(pause.delay_s + self._clock.jitter(pause.jitter_s))

    def _repair(
        self, queries: list[Query], remedy: Remedy, refusal: JobRefusedError
    ) -> list[Query] | None:
        """Give the queries without what was refused, where that is known."""
        if remedy is Remedy.NO_DELETED and (
            refusal.code == _NO_FORCED_DELETES or len(_streams(queries)) == 1
        ):
            return _drop_deleted(queries, refusal)
        named = find_missing_field(refusal.message)
        if remedy is not Remedy.DROP_FIELD or named is None:
            return None
        return self._drop_field(queries, named, refusal)

    def _drop_field(
        self, queries: list[Query], named: str, refusal: JobRefusedError
    ) -> list[Query] | None:
        """Drop a field from the stream whose query the refusal quotes.

        Where it quotes none, the streams are told apart by dividing the job.
        """
        quoted = {
            query.stream
            for query in queries
            if f"from {query.stream} " in f"{refusal.message} ".replace(")", " ")
        }
        if len(quoted) != 1:
            if len(_streams(queries)) > 1:
                return None
            quoted = _streams(queries)
        (stream,) = quoted
        maker = next(query.maker for query in queries if query.stream == stream)
        if not maker.drop_field(named):
            return None
        logger.warning("%s.%s is not there; reading without it", stream, named)
        return [query.maker.again(query) for query in queries]

    def _divide(
        self,
        queries: list[Query],
        remedy: Remedy,
        refusal: JobRefusedError,
        on_submit: OnSubmit,
    ) -> dict[str, Outcome]:
        """Run the streams of a refused job in two jobs, down to the one to blame."""
        streams = list(dict.fromkeys(query.stream for query in queries))
        is_for_all = remedy is Remedy.FATAL and refusal.code != _SYNTAX
        if len(streams) == 1 or is_for_all:
            return fail_all(queries, remedy, refusal.code, refusal.message)
        logger.info("job not taken on: %s; dividing it", refusal)
        first = set(streams[: len(streams) // 2])
        halves = (
            [query for query in queries if query.stream in first],
            [query for query in queries if query.stream not in first],
        )
        return self._run(halves[0], on_submit) | self._run(halves[1], on_submit)

    def _poll(
        self, submission: Submission, queries: Sequence[Query]
    ) -> dict[str, Outcome]:
        settings = self._settings
        pause_s = min(_FIRST_PAUSE_S, settings.poll_interval_s)
        ends_at_s = self._clock.monotonic_s() + settings.job_timeout_s
        while True:
            status = self._look(submission, queries)
            if status.is_ended:
                return status.outcomes
            if self._clock.monotonic_s() >= ends_at_s:
                self._transport.cancel(submission.job_id)
                message = f"no end of job {submission.job_id} in time ({status.word})"
                return fail_all(queries, Remedy.HALVE, "", message)
            self._clock.sleep(pause_s)
            pause_s = min(pause_s * _POLL_GROWTH, settings.poll_interval_max_s)

    def _look(self, submission: Submission, queries: Sequence[Query]) -> JobStatus:
        self._check_stopped()
        return self._transport.look(submission, queries)

    def _check_stopped(self) -> None:
        if self._is_stopped:
            raise StoppedError("the run has ended")


class _Refusals:
    """How often one job was refused, and for how long to wait each time."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._tries = 0
        self._waits = 0

    def plan(self, remedy: Remedy, refusal: JobRefusedError) -> Pause:
        """Give the pause before the same job is tried again.

        Raises:
            UnreachableError: it was tried often enough.
        """
        is_wait = remedy is Remedy.WAIT
        self._waits += is_wait
        self._tries += not is_wait
        if self._waits > MOST_SLOT_WAITS or self._tries > MOST_JOB_TRIES:
            raise UnreachableError(f"a job is not taken on, after all tries: {refusal}")
        logger.warning("a job is not taken on: %s; trying again", refusal)
        if is_wait:
            delay_s = min(_SLOT_PAUSE_S, self._longest_s)
            return Pause(delay_s, delay_s / 3)
        return plan_pause(
            failures=self._tries, retry_after_s=None, longest_s=self._longest_s
        )


def _streams(queries: Sequence[Query]) -> set[str]:
    return {query.stream for query in queries}


def _drop_deleted(queries: list[Query], refusal: JobRefusedError) -> list[Query] | None:
    asking = {query.maker for query in queries if query.has_deleted}
    if not asking:
        return None
    names = ", ".join(sorted(maker.stream for maker in asking))
    logger.warning("%s: deleted rows cannot be read (%s)", names, refusal)
    for maker in asking:
        maker.drop_deleted(is_lasting=refusal.code != _NO_FORCED_DELETES)
    return [query.maker.again(query) for query in queries]
