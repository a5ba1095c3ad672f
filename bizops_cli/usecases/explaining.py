"""Why a figure is another than it was: its change split into parts that add up to it.

The parts come from figures that were built for the purpose, each with one thing more
that has changed (`Stages`). What one thing changed is the difference it makes when it
is added to those before it, in this order: corrected records, the models' code, the
passing of time, and records that are new. Pure arithmetic; nothing is read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_cli.warehouse.readings import Figure, Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bizops_cli.warehouse.readings import Figures

ZERO = Decimal(0)
_MONTHS = {"month": 1, "fiscal_quarter": 3, "fiscal_year": 12}
_NONE = Figure(None, None, None)


@dataclass(frozen=True, slots=True)
class Stages:
    """The figures of one metric, built with ever more of what has changed.

    Attributes:
        reported: As they were kept at the end of the earlier run.
        restated: By that run's code, of the records that were there then, as these are
            now, on that run's day. None if its code is not kept.
        recoded: The same by today's code.
        aged: The same on today's day.
        now: As they are: with the records that have come since.
    """

    reported: Figures
    restated: Figures | None
    recoded: Figures
    aged: Figures
    now: Figures


@dataclass(frozen=True, slots=True)
class Split:
    """A figure's change; the parts add up to it.

    Attributes:
        key: Which figure.
        before: The value that was reported; None if there was none.
        after: The value now.
        change: Difference; a missing value counts as zero.
        new: From records made since, in a time that was not over yet.
        late: From records made since, for a period or month that was over.
        restated: From records that were there and have been changed or deleted.
        code: From changed models, seeds or variables.
        time: From the day alone: ages, spending spread over days, terms that end.
        is_code_apart: Whether `code` could be told from `restated`; else it is in that.
    """

    key: Key
    before: Decimal | None
    after: Decimal | None
    change: Decimal
    new: Decimal
    late: Decimal
    restated: Decimal
    code: Decimal
    time: Decimal
    is_code_apart: bool


def split_change(stages: Stages, key: Key, *, as_of: date) -> Split:
    """Split one figure's change.

    Args:
        stages: All figures of the metric.
        key: Which one.
        as_of: The earlier run's day.
    """
    before, after = _value(stages.reported, key), _value(stages.now, key)
    recoded, aged = _value(stages.recoded, key), _value(stages.aged, key)
    corrected = stages.recoded if stages.restated is None else stages.restated
    first = _value(corrected, key)
    rest = after - aged
    late = rest if _is_over(key, as_of) else _late(stages, key, as_of)
    return Split(
        key=key,
        before=stages.reported.get(key, _NONE).value,
        after=stages.now.get(key, _NONE).value,
        change=after - before,
        new=rest - late,
        late=late,
        restated=first - before,
        code=recoded - first,
        time=aged - recoded,
        is_code_apart=stages.restated is not None,
    )


def _late(stages: Stages, key: Key, as_of: date) -> Decimal:
    """Return what late records changed in a period that goes on.

    It is told by the months in it that were over; of a figure that is not made of its
    months' parts nothing is told.
    """
    months = _months_of(key, {*stages.aged, *stages.now})
    if not _add_up(stages, key, months):
        return ZERO
    over = [month for month in months if _is_over(month, as_of)]
    upper = _sum(stages.now, over, _upper) - _sum(stages.aged, over, _upper)
    if _is_sum(stages, key, months):
        return upper
    lower = _sum(stages.now, over, _lower) - _sum(stages.aged, over, _lower)
    denominator = _lower(stages.aged, key) + lower
    if not denominator:
        return ZERO
    ratio = (_upper(stages.aged, key) + upper) / denominator
    return ratio - _value(stages.aged, key)


def _months_of(key: Key, known: Iterable[Key]) -> list[Key]:
    end = _end(key)
    return [
        month
        for month in known
        if month.period_type == "month"
        and month.dimension_type == key.dimension_type
        and month.dimension_id == key.dimension_id
        and key.period_start <= month.period_start
        and (end is None or month.period_start < end)
    ]


def _add_up(stages: Stages, key: Key, months: list[Key]) -> bool:
    """Tell whether a figure is made of its months' parts: a sum or a ratio of sums.

    A median is not, nor is a reading at the end of a period.
    """
    for figures in (stages.aged, stages.now):
        figure = figures.get(key, _NONE)
        if not _near(_sum(figures, months, _upper), _upper(figures, key)):
            return False
        is_ratio = _near(_sum(figures, months, _lower), _lower(figures, key))
        if not (is_ratio or _is_sum(stages, key, months)):
            return False
        if figure.value is not None and figure.denominator:
            quotient = (figure.numerator or ZERO) / figure.denominator
            if not _near(quotient, figure.value):
                return False
    return True


def _is_sum(stages: Stages, key: Key, months: list[Key]) -> bool:
    """Tell whether every denominator is 1."""
    return all(
        figures[each].denominator == 1
        for figures in (stages.aged, stages.now)
        for each in (key, *months)
        if each in figures
    )


def _is_over(key: Key, day: date) -> bool:
    end = _end(key)
    return end is not None and end <= day + timedelta(days=1)


def _end(key: Key) -> date | None:
    """Return the day after a period's last; None for all time."""
    if key.period_type == "week":
        return key.period_start + timedelta(days=7)
    if key.period_type == "day":
        return key.period_start + timedelta(days=1)
    months = _MONTHS.get(key.period_type)
    if months is None:
        return None
    number = key.period_start.year * 12 + key.period_start.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= Decimal("1e-6") * max(Decimal(1), abs(one))


def _sum(
    figures: Figures, keys: list[Key], part: Callable[[Figures, Key], Decimal]
) -> Decimal:
    return sum((part(figures, key) for key in keys), ZERO)


def _value(figures: Figures, key: Key) -> Decimal:
    return figures.get(key, _NONE).value or ZERO


def _upper(figures: Figures, key: Key) -> Decimal:
    return figures.get(key, _NONE).numerator or ZERO


def _lower(figures: Figures, key: Key) -> Decimal:
    return figures.get(key, _NONE).denominator or ZERO
