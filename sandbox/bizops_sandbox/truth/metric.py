"""A metric of the catalogue, and the ways its rows are made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import (
    TOTAL,
    MetricRow,
    Part,
    median_rows,
    ratio_rows,
    sum_rows,
)
from bizops_sandbox.truth.stocks import Reading, stock_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bizops_sandbox.truth.cells import TimedSubject
    from bizops_sandbox.truth.known import Known

    Rows = Callable[[str, Known], list[MetricRow]]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric; `needs` are the sources without which there is none of it."""

    code: str
    needs: tuple[str, ...]
    rows: Rows

    def compute(self, known: Known) -> list[MetricRow]:
        """Its rows, each naming the sources."""
        sources = ",".join(sorted(self.needs))
        return [replace(r, sources=sources) for r in self.rows(self.code, known)]


def sums(parts: Callable[[Known], Iterable[Part]], *, is_weekly: bool = False) -> Rows:
    """Rows of a sum, with the weeks when asked for."""

    def rows(code: str, known: Known) -> list[MetricRow]:
        found = parts(known)
        return sum_rows(
            code, found, known.as_of, known.fiscal_start, is_weekly=is_weekly
        )

    return rows


def ratios(parts: Callable[[Known], Iterable[Part]], *, least: int = 0) -> Rows:
    """Rows of a ratio; no value below `least`."""

    def rows(code: str, known: Known) -> list[MetricRow]:
        found = parts(known)
        return ratio_rows(code, found, known.as_of, known.fiscal_start, least=least)

    return rows


def medians(subjects: Callable[[Known], Iterable[TimedSubject]]) -> Rows:
    """Rows of a Kaplan-Meier median."""

    def rows(code: str, known: Known) -> list[MetricRow]:
        return median_rows(code, subjects(known), known.as_of, known.fiscal_start)

    return rows


def stocks(
    readings: Callable[[Known], Iterable[Reading]], *, latest: str | None = "month"
) -> Rows:
    """Rows of readings at a time; `latest` as in `stock_rows`."""

    def rows(code: str, known: Known) -> list[MetricRow]:
        return stock_rows(code, readings(known), known.as_of, latest=latest)

    return rows


def upside_down(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts below the line of another ratio."""
    for part in parts:
        yield replace(part, numerator=Fraction(0), denominator=part.numerator)


def total_only(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts without any dimension but the total."""
    for part in parts:
        yield replace(part, dimensions=(TOTAL,))


def expense(name: str) -> Callable[[Known], Iterator[Part]]:
    """An amount of the closed months by its name in the accounts."""

    def parts(known: Known) -> Iterator[Part]:
        for month in known.books.months:
            amount = Fraction(getattr(month, name))
            yield Part(month.month, (TOTAL,), amount)

    return parts
