"""Sums by period and dimension, and the rows of metrics.csv made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.periods import ALL, Period, periods_of, week_of
from bizops_sandbox.truth.survival import HORIZON_DAYS, Subject, median_of_converters

if TYPE_CHECKING:
    from collections.abc import Iterable

TOTAL = ("total", "all")
_DIGITS = Decimal("1e-10")

Dimension = tuple[str, str]
Place = tuple[Period, Dimension]


@dataclass(frozen=True, slots=True)
class Part:
    """What one fact adds to a metric: on its day, in its dimensions."""

    day: date
    dimensions: tuple[Dimension, ...]
    numerator: Fraction
    denominator: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class TimedSubject:
    """A subject of a duration metric, in the cohort of its day."""

    day: date
    dimensions: tuple[Dimension, ...]
    subject: Subject


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One row of metrics.csv, the same columns as the metric table of the marts."""

    metric_code: str
    period: Period
    dimension: Dimension
    numerator: Fraction
    denominator: Fraction
    value: Fraction | None
    is_mature: bool
    quality_note: str | None
    sources: str = "salesforce"


@dataclass(slots=True)
class _Cell:
    numerator: Fraction = field(default_factory=Fraction)
    denominator: Fraction = field(default_factory=Fraction)


def _is_mature(period: Period, as_of: date, *, wait_days: int = 0) -> bool:
    last = period.last_day()
    return last is not None and last + timedelta(days=wait_days) <= as_of


def _add(cells: dict[Place, _Cell], place: Place, part: _Cell | Part) -> None:
    cell = cells.get(place)
    if cell is None:
        cell = cells[place] = _Cell()
    # Most parts have nothing on one side, and adding fractions is slow.
    if part.numerator:
        cell.numerator += part.numerator
    if part.denominator:
        cell.denominator += part.denominator


def _cells(
    parts: Iterable[Part], fiscal_start: int, *, is_weekly: bool = False
) -> dict[Place, _Cell]:
    """Sums by month (and week) first, the longer periods from the months."""
    months: dict[Place, _Cell] = {}
    cells: dict[Place, _Cell] = {}
    for part in parts:
        month = Period("month", part.day.replace(day=1))
        for dimension in part.dimensions:
            _add(months, (month, dimension), part)
            if is_weekly:
                _add(cells, (week_of(part.day), dimension), part)
    for (month, dimension), cell in months.items():
        for period in periods_of(month.start, fiscal_start):
            _add(cells, (period, dimension), cell)
    return cells


def sum_rows(
    code: str,
    parts: Iterable[Part],
    as_of: date,
    fiscal_start: int,
    *,
    is_weekly: bool = False,
) -> list[MetricRow]:
    """Rows of a sum: the denominator is 1; with the weeks, too, when asked for."""
    cells = _cells(parts, fiscal_start, is_weekly=is_weekly)
    rows = [
        MetricRow(
            metric_code=code,
            period=period,
            dimension=dimension,
            numerator=cell.numerator,
            denominator=Fraction(1),
            value=cell.numerator,
            is_mature=_is_mature(period, as_of),
            quality_note=None,
        )
        for (period, dimension), cell in cells.items()
    ]
    return rows or [no_data(code, denominator=1, value=Fraction(0))]


def ratio_rows(
    code: str,
    parts: Iterable[Part],
    as_of: date,
    fiscal_start: int,
    *,
    least: int = 0,
) -> list[MetricRow]:
    """Rows of a ratio: no value without a denominator above 0, or one below `least`."""
    cells = _cells(parts, fiscal_start)
    rows = []
    for (period, dimension), cell in cells.items():
        has_value = cell.denominator > 0 and cell.denominator >= least
        note = "suppressed" if cell.denominator > 0 else "no_denominator"
        rows.append(
            MetricRow(
                metric_code=code,
                period=period,
                dimension=dimension,
                numerator=cell.numerator,
                denominator=cell.denominator,
                value=cell.numerator / cell.denominator if has_value else None,
                is_mature=_is_mature(period, as_of),
                quality_note=None if has_value else note,
            )
        )
    return rows or [no_data(code)]


def median_rows(
    code: str, subjects: Iterable[TimedSubject], as_of: date, fiscal_start: int
) -> list[MetricRow]:
    """Rows of a Kaplan-Meier median: events, subjects, days."""
    cohorts: dict[Place, list[Subject]] = {}
    for timed in subjects:
        for period in periods_of(timed.day, fiscal_start):
            for dimension in timed.dimensions:
                cohorts.setdefault((period, dimension), []).append(timed.subject)
    rows = []
    for (period, dimension), cohort in cohorts.items():
        result = median_of_converters(cohort)
        rows.append(
            MetricRow(
                metric_code=code,
                period=period,
                dimension=dimension,
                numerator=Fraction(result.events),
                denominator=Fraction(result.subjects),
                value=result.median_days,
                is_mature=_is_mature(period, as_of, wait_days=HORIZON_DAYS),
                quality_note="too_few" if result.median_days is None else None,
            )
        )
    return rows or [no_data(code)]


def no_data(
    code: str, *, denominator: int = 0, value: Fraction | None = None
) -> MetricRow:
    """The row that stands for a metric to which nothing contributes."""
    return MetricRow(
        metric_code=code,
        period=ALL,
        dimension=TOTAL,
        numerator=Fraction(0),
        denominator=Fraction(denominator),
        value=value,
        is_mature=False,
        quality_note="no_data",
    )


def decimal_text(value: Fraction | None) -> str:
    """A fraction with up to ten digits after the point; nothing for no value."""
    if value is None:
        return ""
    rounded = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_DIGITS)
    text = f"{rounded:f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
