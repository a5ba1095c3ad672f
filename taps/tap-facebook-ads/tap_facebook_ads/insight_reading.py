"""Reads one report of all accounts: runs at work at once, rows in the order of days."""

from __future__ import annotations

import concurrent.futures
import functools
import logging
from typing import TYPE_CHECKING

from reading_kit.errors import IncompleteDataError, JobError, TapError
from tap_facebook_ads.insight_rows import InsightRows, RunLostError
from tap_facebook_ads.insight_work import AccountWork, Task, is_reach_left_out
from tap_facebook_ads.listing import TooMuchDataError
from tap_facebook_ads.problems import Cause, GraphError, classify
from tap_facebook_ads.report_runs import ReportRuns, RunLook, RunStatus
from tap_facebook_ads.reports import REACH_FIELDS
from tap_facebook_ads.resting import LOOK_TOGETHER_S, plan_next_look, rest
from tap_facebook_ads.slices import ONE_DAY, Part, Rung, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reading_kit.pages import Page
    from reading_kit.spool import Workshop
    from tap_facebook_ads.client import GraphClient
    from tap_facebook_ads.reports import Report

logger = logging.getLogger(__name__)

#: Runs started for one part, before it is split or given up.
RUNS_PER_PART = 2
#: Runs started for one part whose runs are lost.
RUNS_LOST = 4
#: Accounts read at once.
MOST_ACCOUNTS = 4
#: Small reports are done at once, large ones take minutes.
FIRST_LOOK_S = 0.3
LOOK_GROWTH = 1.5
#: Looks at a run that is not found (yet), and the pause between them.
RACES = 5
RACE_PAUSE_S = 2.0
NOT_STARTED_S = 600.0
#: A service that names one field after the other as missing is not well.
_MOST_FIELD_TRIES = 60


class InsightReader:
    """Reads a report; what it gives is written before it goes on."""

    def __init__(
        self,
        report: Report,
        works: Sequence[AccountWork],
        *,
        client: GraphClient,
        workshop: Workshop,
        rows: InsightRows,
        write_state: Callable[[], None],
    ) -> None:
        """Prepare reading.

        Args:
            report: What to read.
            works: The accounts, with what is to be read of each.
            client: Whom to ask.
            workshop: Threads that load rows.
            rows: Loads and writes rows.
            write_state: Writes the state out.
        """
        self._report = report
        self._works = works
        self._client = client
        self._settings = client.settings
        self._clock = client.clock
        self._workshop = workshop
        self._runs = ReportRuns(client)
        self._rows = rows
        self._write_state = write_state
        self._troubles: list[TapError] = []

    def pages(self) -> Iterator[Page]:
        """Give all pages; what runs after a ``yield`` knows the page is written.

        Raises:
            IncompleteDataError: some days cannot be had; the others are written.
            TapError: the report cannot be read at all.
        """
        is_announced = False
        try:
            while not all(work.is_over for work in self._works):
                self._start_tasks()
                if not is_announced:
                    # A run that is killed now leaves its report runs to the next one.
                    is_announced = True
                    self._wait_for_submissions()
                    self._note_states()
                self._take_submissions()
                self._look_at_runs()
                self._collect()
                for work in self._works:
                    yield from self._write_slices(work)
                rest(self._tasks, self._clock)
        finally:
            self._cancel()
        if self._troubles:
            raise self._summarize()

    @property
    def _tasks(self) -> list[Task]:
        return [task for work in self._works for task in work.tasks]

    # Asking

    def _most_tasks(self) -> int:
        most = self._settings.max_concurrent_jobs
        return max(most // 2, 1) if self._client.guard.is_high else most

    def _start_tasks(self) -> None:
        open_works = [work for work in self._works if not work.is_over]
        for work in open_works[:MOST_ACCOUNTS]:
            while task := work.next_task(most_tasks=self._most_tasks()):
                self._start(work, task)

    def _start(self, work: AccountWork, task: Task) -> None:
        task.begun_s = task.next_look_s = self._clock.monotonic_s()
        if task.run_id is not None:
            logger.info("taking report run %s up again", task.run_id)
            work.tasks.append(task)
            return
        task.begun_at = self._client.server_time()
        work.tasks.append(task)
        task.tries += 1
        if self._is_read_at_once(task.part):
            self._load(task, functools.partial(self._rows.load_part, task.part))
            return
        task.submission = self._workshop.submit(
            functools.partial(
                self._runs.submit, task.part, self._params(work, task.part)
            )
        )

    def _wait_for_submissions(self) -> None:
        """Wait until the runs being started have ids, and take them."""
        begun = [task.submission for task in self._tasks]
        concurrent.futures.wait([each for each in begun if each is not None])
        self._take_submissions()

    def _take_submissions(self) -> None:
        """Take the ids of runs that have started."""
        for work in self._works:
            for task in list(work.tasks):
                submission = task.submission
                if submission is None or not submission.done():
                    continue
                task.submission = None
                try:
                    task.run_id = submission.result()
                except GraphError as error:
                    self._answer_refusal(work, task, error)
                else:
                    self._plan_look(task)

    def _is_read_at_once(self, part: Part) -> bool:
        mode = self._settings.insights_mode
        is_tiny = part.span.days <= self._report.period_days
        return mode == "sync" or (mode == "auto" and is_tiny)

    def _params(self, work: AccountWork, part: Part) -> dict[str, str]:
        is_old = is_reach_left_out(self._report, part.span, work.today)
        return self._rows.params(part, without=REACH_FIELDS if is_old else frozenset())

    def _load(self, task: Task, load: Callable[..., Page]) -> None:
        task.future = self._workshop.submit(
            functools.partial(load, time_extracted=task.begun_at)
        )

    # Looking

    def _plan_look(self, task: Task) -> None:
        pause_s = FIRST_LOOK_S * LOOK_GROWTH**task.looks
        self._look_in(task, pause_s)

    def _look_in(self, task: Task, pause_s: float) -> None:
        pause_s = min(pause_s, self._settings.poll_interval_max_s)
        task.next_look_s = self._clock.monotonic_s() + pause_s

    def _look_at_runs(self) -> None:
        now_s = self._clock.monotonic_s()
        waiting = {
            task.run_id: (work, task)
            for work in self._works
            for task in work.tasks
            if task.run_id and task.future is None
        }
        look_s = plan_next_look(self._tasks)
        if look_s is None or look_s > now_s:
            return
        due = {
            run_id: (work, task)
            for run_id, (work, task) in waiting.items()
            if task.next_look_s <= now_s + LOOK_TOGETHER_S
        }
        for run_id, look in self._runs.look(list(due)).items():
            work, task = due[run_id]
            if task in work.tasks:
                self._answer_look(work, task, look)

    def _answer_look(self, work: AccountWork, task: Task, look: RunLook) -> None:
        task.looks += 1
        match look.status:
            case RunStatus.COMPLETED:
                load = functools.partial(self._rows.load_run, str(task.run_id))
                self._load(task, load)
            case RunStatus.FAILED | RunStatus.SKIPPED:
                self._answer_failure(work, task, look)
            case RunStatus.MISSING:
                self._answer_missing(work, task)
            case _:
                self._answer_waiting(work, task, look)

    def _answer_failure(self, work: AccountWork, task: Task, look: RunLook) -> None:
        problem = look.problem
        cause = None if problem is None else classify(problem)
        words = f"report run {task.run_id} {look.status.value}"
        words = words if problem is None else f"{words}: {problem}"
        if cause is Cause.TOKEN and problem is not None:
            raise self._client.explain(GraphError(problem))
        if cause is Cause.REDUCE or task.tries >= RUNS_PER_PART:
            self._split(work, task, words)
        else:
            logger.info("%s; starting another", words)
            work.restart(task)

    def _answer_missing(self, work: AccountWork, task: Task) -> None:
        """Protocol: a run may not be found just after it was made."""
        task.races += 1
        if task.races <= RACES:
            self._look_in(task, RACE_PAUSE_S)
            return
        self._answer_loss(work, task, JobError(f"report run {task.run_id} is gone"))

    def _answer_loss(self, work: AccountWork, task: Task, error: TapError) -> None:
        if task.tries >= RUNS_LOST:
            self._give_up(work, task, str(error))
            return
        logger.info("%s; starting another", error)
        work.restart(task)

    def _answer_waiting(self, work: AccountWork, task: Task, look: RunLook) -> None:
        age_s = self._clock.monotonic_s() - task.begun_s
        is_late_start = (
            look.status is RunStatus.WAITING
            and age_s > min(NOT_STARTED_S, self._settings.job_timeout_s)
            and task.tries < RUNS_PER_PART
        )
        if is_late_start:
            logger.info("report run %s does not start; another one", task.run_id)
            work.restart(task)
        elif age_s > self._settings.job_timeout_s:
            minutes = self._settings.job_timeout_s / 60
            words = f"report run {task.run_id}: insights_job_timeout ({minutes:g} min)"
            self._split(work, task, words)
        else:
            self._plan_look(task)

    # Collecting

    def _collect(self) -> None:
        for work in self._works:
            for task in [each for each in work.tasks if each.future is not None]:
                if task.future is not None and task.future.done():
                    self._take(work, task, task.future)

    def _take(
        self,
        work: AccountWork,
        task: Task,
        future: concurrent.futures.Future[Page],
    ) -> None:
        try:
            page = future.result()
        except RunLostError as error:
            self._answer_loss(work, task, error)
        except TooMuchDataError as error:
            self._split(work, task, str(error))
        except GraphError as error:
            self._answer_refusal(work, task, error)
        else:
            if task not in work.tasks:
                page.discard()
            else:
                work.finish(task, page)

    def _answer_refusal(self, work: AccountWork, task: Task, error: GraphError) -> None:
        match error.cause:
            case Cause.REDUCE:
                self._split(work, task, str(error))
            case Cause.OLD_RANGE:
                self._cut_first_period(work, task, error)
            case Cause.FIELD:
                if task.tries > _MOST_FIELD_TRIES:
                    raise error
                self._rows.drop_field(error)
                work.restart(task)
            case Cause.NOT_LINKED:
                logger.warning("%s left out: %s", task.part.span.key, error)
                work.finish(task, None)
            case Cause.PERMISSION:
                msg = (
                    f"account {work.account.id}: the token needs the permission "
                    f"ads_read: {error}"
                )
                raise TapError(msg) from None
            case Cause.PARAMETER if "filter" in str(error).lower():
                msg = f"{error}; include_deleted: false asks without a filter"
                raise TapError(msg) from None
            case _:
                raise error

    def _cut_first_period(
        self, work: AccountWork, task: Task, error: GraphError
    ) -> None:
        """The service's history begins later than thought: at most some days."""
        span = task.part.span
        since = span.since + self._report.period_days * ONE_DAY
        logger.warning("%s: %s is too long ago: %s", work.account.id, span.since, error)
        if since > span.until:
            work.finish(task, None)
            return
        part = Part(Span(since, span.until), task.part.scope_level, task.part.scope_id)
        work.replace(task, (part,))

    # Splitting

    def _split(self, work: AccountWork, task: Task, words: str) -> None:
        part, report = task.part, self._report
        rung = part.next_rung(report_level=report.level, period_days=report.period_days)
        match rung:
            case Rung.HALVE:
                parts: tuple[Part, ...] = part.halves(period_days=report.period_days)
            case Rung.OBJECTS:
                parts = part.for_objects(self._rows.list_ids(part))
            case _:
                self._give_up(work, task, words)
                return
        logger.info(
            "%s %s of %s: %s; reading %d smaller parts",
            report.stream,
            part.span.key,
            part.scope_id,
            words,
            len(parts),
        )
        work.replace(task, parts)

    def _give_up(self, work: AccountWork, task: Task, words: str) -> None:
        part = task.part
        msg = (
            f"account {work.account.id}, {part.span.key}, {part.scope_level} "
            f"{part.scope_id}: {words}; fields {','.join(self._rows.asked_fields)}"
        )
        trouble = IncompleteDataError(msg)
        logger.error("%s: %s", self._report.stream, trouble)
        work.give_up(task, trouble)

    # Writing

    def _write_slices(self, work: AccountWork) -> Iterator[Page]:
        for each in work.take_over():
            if each.trouble is not None:
                self._troubles.append(each.trouble)
                continue
            yield from each.pages
            work.note_written(each.span)
            self._write_state()

    def _note_states(self) -> None:
        for work in self._works:
            work.note_state()
        if any(work.tasks for work in self._works):
            self._write_state()

    def _summarize(self) -> IncompleteDataError:
        first, count = self._troubles[0], len(self._troubles)
        more = f" (and {count - 1} more)" if count > 1 else ""
        return IncompleteDataError(f"{first}{more}; the next run reads them again")

    # Ending

    def _cancel(self) -> None:
        for work in self._works:
            for task in work.tasks:
                task.cancel()
            for each in work.slices:
                each.discard()
