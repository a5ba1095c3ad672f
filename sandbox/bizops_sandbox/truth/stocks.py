"""Rows of metrics that are read at a time instead of summed: ARR, runway, headcount."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Dimension, MetricRow, no_data
from bizops_sandbox.truth.periods import ALL, Period

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of a period (or of now, for the period of all days).

    `note` explains a value that there is none of.
    """

    period: Period
    numerator: Fraction
    denominator: Fraction = Fraction(1)
    dimension: Dimension = TOTAL
    note: str | None = None


def _row(code: str, reading: Reading, as_of: date) -> MetricRow:
    last = reading.period.last_day()
    note = reading.note or ("no_denominator" if not reading.denominator else None)
    return MetricRow(
        metric_code=code,
        period=reading.period,
        dimension=reading.dimension,
        numerator=reading.numerator,
        denominator=reading.denominator,
        value=None if note else reading.numerator / reading.denominator,
        is_mature=last is not None and last <= as_of,
        quality_note=note,
    )


def stock_rows(
    code: str, readings: Iterable[Reading], as_of: date, *, latest: str | None = None
) -> list[MetricRow]:
    """One row a reading.

    Args:
        code: The metric.
        readings: In time order within each dimension and type of period.
        as_of: The day.
        latest: The type of period whose last reading stands for all days; None when
            the readings hold one of all days themselves.
    """
    given = list(readings)
    if latest is not None:
        last: dict[Dimension, Reading] = {}
        for reading in given:
            if reading.period.kind == latest:
                last[reading.dimension] = reading
        given += (
            Reading(ALL, r.numerator, r.denominator, dimension, r.note)
            for dimension, r in last.items()
        )
    return [_row(code, reading, as_of) for reading in given] or [no_data(code)]
