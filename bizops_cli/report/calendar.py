"""The periods a report can show, named by the fiscal year."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

from bizops_cli.formatting import format_period
from bizops_cli.report.document import Period, PeriodType

if TYPE_CHECKING:
    from collections.abc import Iterable

_MONTHS = {"month": 1, "fiscal_quarter": 3, "fiscal_year": 12}
_ORDER = {"all": 0, "fiscal_year": 1, "fiscal_quarter": 2, "month": 3}


def make_periods(
    starts: Iterable[tuple[str, date]],
    *,
    as_of: date | None,
    fiscal_year_start_month: int,
) -> tuple[Period, ...]:
    """Return the periods figures are of: all time, years, quarters, months.

    Periods that begin after the as-of date (deals promised for the future) are left
    out.

    Args:
        starts: Period type and first day of each figure, repeated as may be.
        as_of: The day all ages count to.
        fiscal_year_start_month: 1 to 12.
    """
    found = {
        (kind, start)
        for kind, start in starts
        if kind == "all" or (as_of is not None and start <= as_of)
    } | {("all", date(1970, 1, 1))}
    periods = [
        _period(cast("PeriodType", kind), start, as_of, fiscal_year_start_month)
        for kind, start in sorted(found, key=lambda item: (_ORDER[item[0]], item[1]))
    ]
    return tuple(_linked(periods))


def default_period(periods: tuple[Period, ...]) -> str:
    """Return the fiscal year of the latest quarter that is over; else all time.

    So a year just begun does not hide the one that has just ended.
    """
    quarters = [p for p in periods if p.type == "fiscal_quarter" and p.is_over]
    if not quarters:
        return "all"
    latest = quarters[-1].start
    years = [p for p in periods if p.type == "fiscal_year" and p.start <= latest]
    return years[-1].key if years else "all"


def _period(
    kind: PeriodType, start: date, as_of: date | None, fiscal_start: int
) -> Period:
    key = format_period(kind, start, fiscal_year_start_month=fiscal_start)
    if kind == "all":
        return Period("all", "all", start, None, "All time", is_over=False)
    end = _months_on(start, _MONTHS[kind]) - timedelta(days=1)
    label = f"{start:%b %Y}" if kind == "month" else key.replace("-", " ")
    is_over = as_of is not None and end <= as_of
    return Period(key, kind, start, end, label, is_over=is_over)


def _linked(periods: list[Period]) -> Iterable[Period]:
    """Yield the periods, each knowing the one that ended the day before it began."""
    by_end = {(p.type, p.end): p.key for p in periods if p.end is not None}
    for period in periods:
        before = by_end.get((period.type, period.start - timedelta(days=1)))
        yield dataclasses.replace(period, previous=before)


def _months_on(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
