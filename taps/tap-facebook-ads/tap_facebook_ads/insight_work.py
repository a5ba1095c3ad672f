"""What is under way while a report is read: slices, their parts, accounts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from reading_kit.timestamps import format_instant, parse_instant
from tap_facebook_ads.slices import (
    BREAKDOWN_REACH_MONTHS,
    Grid,
    Part,
    Progress,
    Span,
    choose_slice_days,
    months_before,
    oldest_day,
    plan_slices,
    read_spans,
    start_progress,
    write_spans,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Future
    from datetime import date, datetime

    from reading_kit.errors import TapError
    from reading_kit.pages import Page
    from tap_facebook_ads.accounts import AdAccount
    from tap_facebook_ads.partitions import Partition
    from tap_facebook_ads.reports import Report
    from tap_facebook_ads.settings import Settings

#: Older runs are not taken up again.
RUN_LIFE = timedelta(hours=24)
_PENDING, _DONE, _HASH = "pending_runs", "completed_slices", "report_hash"


@dataclass(slots=True)
class Task:
    """One part of a slice at work.

    Attributes:
        begun_at: The server's time when its rows were asked for.
        begun_s: The same on the local clock that never goes back.
        next_look_s: When the run is looked at next.
        looks: Times it was looked at.
        races: Times it was not found.
        tries: Runs started for it.
        submission: The start of its run, under way.
        future: The loading of its rows, under way or done.
    """

    part: Part
    slice: Slice
    run_id: str | None = None
    begun_at: datetime | None = None
    begun_s: float = 0.0
    next_look_s: float = 0.0
    looks: int = 0
    races: int = 0
    tries: int = 0
    submission: Future[str] | None = None
    future: Future[Page] | None = None

    @property
    def is_run_done(self) -> bool:
        """Tell whether its run is done, so that only its rows are still to come."""
        return self.run_id is not None and self.future is not None

    @property
    def under_way(self) -> Future[str] | Future[Page] | None:
        """Give what a thread does for it, if anything."""
        return self.future or self.submission

    def cancel(self) -> None:
        """Let no thread begin anything for it any more."""
        for each in (self.submission, self.future):
            if each is not None:
                each.cancel()


@dataclass(slots=True)
class Slice:
    """Some days of an account, complete when no task of it is open."""

    span: Span
    open_tasks: int = 1
    pages: list[Page] = field(default_factory=list)
    trouble: TapError | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether it is complete or given up."""
        return self.trouble is not None or self.open_tasks == 0

    def discard(self) -> None:
        """Remove what was kept of it."""
        for page in self.pages:
            page.discard()
        self.pages.clear()


@dataclass(slots=True)
class AccountWork:
    """One account's share of a report.

    Attributes:
        today: The account's day at the server's time.
        slices: Slices not written yet, in order.
        ready: Parts to be asked for, in order.
        tasks: Parts at work.
    """

    account: AdAccount
    partition: Partition
    report: Report
    progress: Progress
    grid: Grid
    today: date
    slices: deque[Slice]
    ready: deque[Task]
    tasks: list[Task] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing is left to do."""
        return not self.slices

    def next_task(self, *, most_tasks: int) -> Task | None:
        """Give the next part to ask for, none while enough are at work.

        Runs that are done do not count: the next ones work while rows are loaded.
        Slices far beyond the first one not written would only fill the disk.
        """
        window_end = min(2 * most_tasks, len(self.slices)) - 1
        while self.ready and self.ready[0].slice.trouble is not None:
            self.ready.popleft()
        at_work = sum(not task.is_run_done for task in self.tasks)
        if not self.ready or at_work >= most_tasks:
            return None
        if self.ready[0].slice.span.since > self.slices[window_end].span.since:
            return None
        return self.ready.popleft()

    def finish(self, task: Task, page: Page | None) -> None:
        """Count a part as read."""
        if page is not None:
            task.slice.pages.append(page)
        task.slice.open_tasks -= 1
        self._drop(task)

    def give_up(self, task: Task, trouble: TapError) -> None:
        """Give the part's slice up; the others go on."""
        task.slice.trouble = trouble
        task.slice.discard()
        for each in [each for each in self.tasks if each.slice is task.slice]:
            self._drop(each)

    def restart(self, task: Task) -> None:
        """Ask for a part again, with another run."""
        task.run_id, task.submission, task.future = None, None, None
        task.looks = task.races = 0
        self._drop(task)
        self.ready.appendleft(task)

    def replace(self, task: Task, parts: tuple[Part, ...]) -> None:
        """Ask for smaller parts in the place of one."""
        self._drop(task)
        task.slice.open_tasks += len(parts) - 1
        for part in reversed(parts):
            self.ready.appendleft(Task(part, task.slice))

    def take_over(self) -> Iterator[Slice]:
        """Give the slices that are over at the front, which are written next."""
        while self.slices and self.slices[0].is_over:
            yield self.slices.popleft()

    def _drop(self, task: Task) -> None:
        if task in self.tasks:
            self.tasks.remove(task)

    # State

    def note_written(self, span: Span) -> None:
        """Note a slice as written, in the state."""
        self.progress = self.progress.add(span, as_of=self.today)
        self.note_state()

    def note_state(self) -> None:
        """Bring the account's entry of the state up to date."""
        raw, bookmark = self.partition.raw, self.progress.bookmark
        self.partition.set_value(None if bookmark is None else bookmark.isoformat())
        raw[_HASH] = self.report.fingerprint
        _put(raw, _DONE, write_spans(self.progress.ahead))
        pending = {
            task.part.span.key: {
                "report_run_id": task.run_id,
                "created": format_instant(task.begun_at),
            }
            for task in self.tasks
            if task.run_id and task.begun_at and task.part.span == task.slice.span
        }
        _put(raw, _PENDING, pending)


def _put(raw: dict[str, Any], name: str, value: Any) -> None:  # noqa: ANN401 - JSON
    if value:
        raw[name] = value
    else:
        raw.pop(name, None)


def plan_account(
    account: AdAccount,
    partition: Partition,
    report: Report,
    *,
    settings: Settings,
    now: datetime,
) -> AccountWork:
    """Plan what a run reads of an account.

    Raises:
        SettingsError: the bookmark is no date.
    """
    today = account.day_of(now)
    grid = Grid(
        anchor=settings.start_date,
        period_days=report.period_days,
        slice_days=choose_slice_days(report.period_days, settings.days_per_job),
    )
    floor = grid.align_up(max(settings.start_date, oldest_day(today)))
    progress = start_progress(
        partition.day(),
        read_spans(partition.raw.get(_DONE)),
        grid=grid,
        floor=floor,
        lookback_days=report.lookback_days,
    )
    end = today if settings.end_date is None else min(settings.end_date, today)
    slices = deque(Slice(span) for span in plan_slices(progress, grid=grid, end=end))
    pending = _read_pending(partition.raw.get(_PENDING), now)
    ready = deque(
        Task(
            Part(each.span, "account", account.node),
            each,
            run_id=pending.get(each.span.key, (None, None))[0],
            begun_at=pending.get(each.span.key, (None, None))[1],
        )
        for each in slices
    )
    return AccountWork(account, partition, report, progress, grid, today, slices, ready)


def forget_other_report(partition: Partition, report: Report) -> bool:
    """Forget what was read of a report of another definition; tell whether it was."""
    known = partition.raw.get(_HASH)
    if known is None or known == report.fingerprint:
        return False
    forget_all(partition)
    return True


def forget_all(partition: Partition) -> None:
    """Forget what was read of an account."""
    partition.set_value(None)
    for name in (_PENDING, _DONE, _HASH):
        partition.raw.pop(name, None)


def _read_pending(raw: object, now: datetime) -> Mapping[str, tuple[str, datetime]]:
    """Read runs of an interrupted run that may still be taken up."""
    found: dict[str, tuple[str, datetime]] = {}
    for key, entry in raw.items() if isinstance(raw, dict) else ():
        try:
            created = parse_instant(entry["created"])
            run_id = str(entry["report_run_id"])
        except (KeyError, TypeError, ValueError):
            continue
        if timedelta(0) <= now - created < RUN_LIFE:
            found[str(key)] = (run_id, created)
    return found


def is_reach_left_out(report: Report, span: Span, today: date) -> bool:
    """Tell whether the service leaves reach out: by breakdown, 13 months ago."""
    return bool(report.breakdowns) and span.since < months_before(
        today, BREAKDOWN_REACH_MONTHS
    )
