"""Figures as people read them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

_MISSING = "-"


def format_value(value: Decimal | None, unit: str | None) -> str:
    """Return a metric's value in its unit: `12,345.60 USD`, `34.2 %`, `87 days`."""
    if value is None:
        return _MISSING
    if unit == "ratio":
        return f"{value * 100:,.1f} %"
    if unit == "percent":
        return f"{value:,.1f} %"
    if unit in ("days", "months"):
        return f"{round(value, 1).normalize():,f} {unit}"
    if unit and unit.isalpha() and unit.isupper():
        return f"{value:,.2f} {unit}"
    return " ".join(part for part in (format_number(value), unit) if part)


def format_number(value: Decimal | None) -> str:
    """Return a number with at most two decimals, none if it is whole."""
    if value is None:
        return _MISSING
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


def format_period(
    period_type: str, start: date, *, fiscal_year_start_month: int
) -> str:
    """Return a period's name: `2017-11`, `FY2018-Q4`, `FY2018` or `all`.

    A fiscal year is named after the year it ends in.
    """
    if period_type == "all":
        return "all"
    if period_type == "month":
        return f"{start:%Y-%m}"
    months_in = (start.month - fiscal_year_start_month) % 12
    first_year = start.year - (start.month < fiscal_year_start_month)
    after = date(first_year + 1, fiscal_year_start_month, 1)
    year = f"FY{(after - timedelta(days=1)).year}"
    return year if period_type == "fiscal_year" else f"{year}-Q{months_in // 3 + 1}"


def right_aligned(cells: Iterable[str]) -> list[str]:
    """Return the cells padded on the left to one width."""
    texts = list(cells)
    width = max(map(len, texts), default=0)
    return [text.rjust(width) for text in texts]
