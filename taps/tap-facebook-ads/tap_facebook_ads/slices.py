"""Days cut into slices, what of them is done, and how a slice gets smaller. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ONE_DAY = timedelta(days=1)
HISTORY_MONTHS = 37
BREAKDOWN_REACH_MONTHS = 13
LEVELS = ("account", "campaign", "adset", "ad")


def months_before(day: date, months: int) -> date:
    """Give the same day some months earlier, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = following - ONE_DAY
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), last)


def oldest_day(today: date) -> date:
    """Give the first day insights are asked for: 37 months back, one day spare."""
    return months_before(today, HISTORY_MONTHS) + ONE_DAY


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from ``since`` to ``until``, both inclusive."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """Give the number of days."""
        return (self.until - self.since).days + 1

    @property
    def key(self) -> str:
        """Give the span as the state names it."""
        return f"{self.since}/{self.until}"

    def last_days(self, days: int) -> Span:
        """Give the last of its days."""
        return Span(max(self.since, self.until - (days - 1) * ONE_DAY), self.until)

    def covers(self, other: Span) -> bool:
        """Tell whether all days of another span are in this one."""
        return self.since <= other.since and other.until <= self.until


@dataclass(frozen=True, slots=True)
class Grid:
    """Where slices and periods begin, the same in every run.

    Attributes:
        anchor: A day on which a slice begins.
        period_days: Days of one row (``time_increment``).
        slice_days: Days of one report run, a multiple of the period.
    """

    anchor: date
    period_days: int = 1
    slice_days: int = 7

    def align_down(self, day: date) -> date:
        """Give the first day of the period a day is in."""
        return day - timedelta(days=(day - self.anchor).days % self.period_days)

    def align_up(self, day: date) -> date:
        """Give the first day of a period that is not before a day."""
        down = self.align_down(day)
        return down if down == day else down + timedelta(days=self.period_days)

    def cut(self, span: Span) -> Iterator[Span]:
        """Cut days into slices, at the same days in every run."""
        since = span.since
        while since <= span.until:
            used = (since - self.anchor).days % self.slice_days
            until = since + timedelta(days=self.slice_days - used - 1)
            yield Span(since, min(until, span.until))
            since = until + ONE_DAY


def choose_slice_days(period_days: int, days_per_job: int) -> int:
    """Give the days of one report run: as many whole periods as fit, at least one."""
    return max(days_per_job // period_days, 1) * period_days


@dataclass(frozen=True, slots=True)
class DoneSpan:
    """Days read before earlier ones were.

    Attributes:
        as_of: The day (of the account) they were read.
    """

    span: Span
    as_of: date


@dataclass(frozen=True, slots=True)
class Progress:
    """How far this run has read an account's report.

    Attributes:
        start: First day this run reads.
        before: Bookmark of earlier runs.
        lookback_days: Days before a bookmark that the next run reads again.
        read: What is read since ``start``, or need not be read again.
    """

    start: date
    before: date | None
    lookback_days: int
    read: tuple[DoneSpan, ...] = ()

    def add(self, span: Span, *, as_of: date) -> Progress:
        """Count a slice as read."""
        kept = tuple(item for item in self.read if not span.covers(item.span))
        return replace(self, read=(*kept, DoneSpan(span, as_of)))

    @property
    def frontier(self) -> date:
        """Give the last day such that all days from ``start`` to it are read."""
        day = self.start - ONE_DAY
        for item in sorted(self.read, key=lambda item: item.span):
            if item.span.since <= day + ONE_DAY:
                day = max(day, item.span.until)
        return day

    @property
    def bookmark(self) -> date | None:
        """Give the bookmark: the next run reads on from it, less the lookback.

        It never lets the next run skip a day that this run wanted and did not get.
        """
        frontier = self.frontier
        if self.before is None:
            return frontier if frontier >= self.start else None
        if frontier >= self.before:
            return frontier
        lowest = frontier + timedelta(days=self.lookback_days + 1)
        return min(self.before, lowest)

    @property
    def ahead(self) -> tuple[DoneSpan, ...]:
        """Give what is read beyond the first gap."""
        frontier = self.frontier
        items = [item for item in self.read if item.span.until > frontier]
        return tuple(sorted(items, key=lambda item: item.span))


def start_progress(
    bookmark: date | None,
    done: Sequence[DoneSpan],
    *,
    grid: Grid,
    floor: date,
    lookback_days: int,
) -> Progress:
    """Begin a run where the state says.

    Args:
        bookmark: What earlier runs reached.
        done: What they read beyond it.
        grid: Where slices begin.
        floor: First day wanted at all.
        lookback_days: Days before the bookmark that may have changed.
    """
    start = floor
    if bookmark is not None:
        back = bookmark - timedelta(days=lookback_days)
        start = max(grid.align_down(back), floor)
    # Days read so late after themselves do not change any more.
    final = tuple(
        item
        for item in done
        if item.span.since >= start
        and item.span.until < item.as_of - timedelta(days=lookback_days)
    )
    return Progress(start, bookmark, lookback_days, final)


def plan_slices(progress: Progress, *, grid: Grid, end: date) -> tuple[Span, ...]:
    """Give the slices still to be read up to a day, in order."""
    if progress.start > end:
        return ()
    return tuple(
        part
        for part in grid.cut(Span(progress.start, end))
        if not any(item.span.covers(part) for item in progress.read)
    )


class Rung(enum.Enum):
    """What makes a part of a slice smaller."""

    HALVE = "fewer days"
    OBJECTS = "single objects"
    NONE = "nothing more"


@dataclass(frozen=True, slots=True)
class Part:
    """What one request or report run reads.

    Attributes:
        span: Its days.
        scope_level: Level of the object it is asked of.
        scope_id: That object: ``act_<digits>`` or a plain id.
    """

    span: Span
    scope_level: str
    scope_id: str

    def next_rung(self, *, report_level: str, period_days: int) -> Rung:
        """Tell how to split this part, which is too heavy."""
        if self.span.days > period_days:
            return Rung.HALVE
        is_lowest = LEVELS.index(self.scope_level) >= LEVELS.index(report_level)
        return Rung.NONE if is_lowest else Rung.OBJECTS

    @property
    def lower_level(self) -> str:
        """Give the level below the object's."""
        return LEVELS[LEVELS.index(self.scope_level) + 1]

    def halves(self, *, period_days: int) -> tuple[Part, Part]:
        """Split the days in two, between periods."""
        periods = -(-self.span.days // period_days)
        middle = self.span.since + timedelta(days=periods // 2 * period_days)
        first = Span(self.span.since, middle - ONE_DAY)
        return (
            replace(self, span=first),
            replace(self, span=Span(middle, self.span.until)),
        )

    def for_objects(self, ids: Iterable[str]) -> tuple[Part, ...]:
        """Split into the objects of the level below."""
        level = self.lower_level
        return tuple(Part(self.span, level, each) for each in ids)


def read_spans(raw: object) -> tuple[DoneSpan, ...]:
    """Read ``completed_slices`` of a state; what is not understood is read again."""
    spans = []
    for entry in raw if isinstance(raw, list) else ():
        try:
            since, until = map(date.fromisoformat, (entry["since"], entry["until"]))
            as_of = date.fromisoformat(entry["as_of"])
        except (KeyError, TypeError, ValueError):
            continue
        if since <= until:
            spans.append(DoneSpan(Span(since, until), as_of))
    return tuple(spans)


def write_spans(done: Sequence[DoneSpan]) -> list[Mapping[str, Any]]:
    """Give the state's form of days read ahead."""
    return [
        {
            "since": item.span.since.isoformat(),
            "until": item.span.until.isoformat(),
            "as_of": item.as_of.isoformat(),
        }
        for item in done
    ]
