"""What campaigns and channels earn for what they cost."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import Part, ratio_rows, sum_rows
from bizops_sandbox.truth.metric import upside_down

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from bizops_sandbox.truth.cells import Dimension, MetricRow
    from bizops_sandbox.truth.value import FirstOrder

FEW_CUSTOMERS_BELOW = 5
_NONE = Fraction(0)


def worth_by_spend(worth: Iterable[Part], spend: Iterable[Part]) -> Iterator[Part]:
    """What new customers are worth, by the spend of the same period and place.

    Segments are left out: no spend is told by segment.
    """
    for part in worth:
        dimensions = tuple(d for d in part.dimensions if d[0] != "segment")
        yield Part(part.day, dimensions, part.numerator)
    yield from upside_down(spend)


def profit_by_spend(worth: Iterable[Part], spend: Iterable[Part]) -> Iterator[Part]:
    """The same, less the spend."""
    for part in worth_by_spend(worth, spend):
        yield replace(part, numerator=part.numerator - part.denominator)


def spend_by_monthly_margin(
    orders: Iterable[FirstOrder],
    origins: Mapping[str, tuple[Dimension, ...]],
    margin: Fraction,
    spend: Iterable[Part],
) -> Iterator[Part]:
    """Spend by what a month of the first orders leaves: the months until it is back."""
    yield from spend
    for order in orders:
        monthly = order.iacv * margin / 12
        yield Part(order.day, origins[order.customer], _NONE, monthly)


def worth_by_cost(worth: Iterable[Part], costs: Iterable[Part]) -> Iterator[Part]:
    """What new customers are worth, by what they cost, both by segment too."""
    for part in worth:
        yield replace(part, denominator=_NONE)
    yield from upside_down(costs)


def earning_rows(
    code: str,
    parts: Iterable[Part],
    as_of: date,
    fiscal_start: int,
    *,
    customers: Iterable[Part] | None = None,
    is_bounded: bool = False,
    without: str = "no_cost",
) -> list[MetricRow]:
    """Rows of a ratio to a cost, with what to mind of them.

    Args:
        code: The metric.
        parts: Of the ratio.
        as_of: The day.
        fiscal_start: The month in which fiscal years begin.
        customers: The new customers that values rest on, as parts with the numerator 1:
            fewer than five are noted. None where values rest on something else.
        is_bounded: Whether customers stay for the most years that are reckoned with.
        without: The note where there is nothing to divide by.
    """
    counts = {}
    for row in sum_rows("customers", customers or (), as_of, fiscal_start):
        counts[row.period, row.dimension] = row.numerator

    def note(row: MetricRow) -> str | None:
        if row.quality_note == "no_denominator":
            return without
        if row.value is None or customers is None:
            return row.quality_note
        if counts.get((row.period, row.dimension), _NONE) < FEW_CUSTOMERS_BELOW:
            return "few_customers"
        return "bounded_lifetime" if is_bounded else None

    rows = ratio_rows(code, parts, as_of, fiscal_start)
    return [replace(row, quality_note=note(row)) for row in rows]
