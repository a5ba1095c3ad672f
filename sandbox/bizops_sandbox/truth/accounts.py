"""The company's accounts, plans, web site and team as the CSV inputs tell them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Dimension, Part
from bizops_sandbox.truth.periods import Period, periods_of
from bizops_sandbox.truth.stocks import Reading
from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import add_months, day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from bizops_sandbox.world.events import Event

_MONTHS_OF_BURN = 3


@dataclass(slots=True)
class Books:
    """Closed months, plans, and counts of the web site, in time order."""

    as_of: date
    months: list[log.BooksClosed] = field(default_factory=list)
    targets: dict[tuple[date, str, str], Fraction] = field(default_factory=dict)
    web_days: list[log.WebDayCounted] = field(default_factory=list)
    web_months: list[log.WebMonthCounted] = field(default_factory=list)
    bills: list[log.MarketingBilled] = field(default_factory=list)

    def gross_margin(self) -> Fraction | None:
        """Of all closed months; None without revenue."""
        revenue = sum((Fraction(m.revenue) for m in self.months), Fraction(0))
        cogs = sum((Fraction(m.cogs) for m in self.months), Fraction(0))
        return (revenue - cogs) / revenue if revenue else None


_KINDS = (
    log.BooksClosed,
    log.TargetSet,
    log.WebDayCounted,
    log.WebMonthCounted,
    log.MarketingBilled,
)


def read_books(events: Iterable[Event], as_of: date) -> Books:
    """What the accounts know at the end of a day."""
    books = Books(as_of)
    for event in events_until(events, day_end(as_of), *_KINDS):
        match event:
            case log.BooksClosed():
                books.months.append(event)
            case log.TargetSet():
                key = (event.period_start, event.segment, event.metric)
                books.targets[key] = Fraction(event.value)
            case log.WebDayCounted():
                books.web_days.append(event)
            case log.WebMonthCounted():
                books.web_months.append(event)
            case log.MarketingBilled():
                books.bills.append(event)
            case _:
                pass
    return books


def gross_margin(books: Books) -> Iterator[Part]:
    """Revenue less its cost, by revenue."""
    for month in books.months:
        revenue = Fraction(month.revenue)
        yield Part(
            day=month.month,
            dimensions=(TOTAL,),
            numerator=revenue - Fraction(month.cogs),
            denominator=revenue,
        )


def program_spend_ratio(books: Books) -> Iterator[Part]:
    """Programme spend by all that marketing costs."""
    for month in books.months:
        yield Part(
            day=month.month,
            dimensions=(TOTAL,),
            numerator=Fraction(month.program_spend),
            denominator=Fraction(month.marketing_expense),
        )


def runway_months(books: Books) -> Iterator[Reading]:
    """Cash by what three months burned on average."""
    for end in range(_MONTHS_OF_BURN, len(books.months) + 1):
        last = books.months[end - _MONTHS_OF_BURN : end]
        flows = sum((Fraction(m.operating_cash_flow) for m in last), Fraction(0))
        burn = -flows / _MONTHS_OF_BURN
        yield Reading(
            Period("month", last[-1].month),
            Fraction(last[-1].cash_end),
            burn,
            note="cash_positive" if burn <= 0 else None,
        )


def quarters(books: Books, fiscal_start: int) -> dict[date, list[log.BooksClosed]]:
    """The whole fiscal quarters by their first day."""
    found: dict[date, list[log.BooksClosed]] = {}
    for month in books.months:
        for period in periods_of(month.month, fiscal_start):
            if period.kind == "fiscal_quarter":
                found.setdefault(period.start, []).append(month)
    return {start: months for start, months in found.items() if len(months) == 3}


def _total(months: Sequence[log.BooksClosed], name: str) -> Fraction:
    return sum((Fraction(getattr(month, name)) for month in months), Fraction(0))


def magic_number(books: Books, fiscal_start: int) -> Iterator[Reading]:
    """What a quarter's revenue grew, four times, by what sold it the quarter before."""
    whole = quarters(books, fiscal_start)
    for start, months in whole.items():
        before = whole.get(add_months(start, -3))
        if before is not None:
            grown = _total(months, "revenue") - _total(before, "revenue")
            yield Reading(
                Period("fiscal_quarter", start),
                4 * grown,
                _total(before, "sm_expense"),
            )


def rule_of_40(books: Books, fiscal_start: int) -> Iterator[Reading]:
    """A quarter's growth in a year plus its EBITDA margin, both in percent."""
    whole = quarters(books, fiscal_start)
    for start, months in whole.items():
        before = whole.get(add_months(start, -12))
        now = _total(months, "revenue")
        if before is None:
            continue
        then = _total(before, "revenue")
        if not then or not now:
            note, percent = "no_denominator", Fraction(0)
        else:
            note = None
            percent = 100 * (now / then - 1 + _total(months, "ebitda") / now)
        yield Reading(Period("fiscal_quarter", start), percent, note=note)


def magic_number_bookings(books: Books, iacv: Iterable[Part]) -> Iterator[Reading]:
    """IACV of three months by sales and marketing expense of six."""
    won: dict[date, Fraction] = {}
    for part in iacv:
        month = part.day.replace(day=1)
        won[month] = won.get(month, Fraction(0)) + part.numerator
    for end in range(6, len(books.months) + 1):
        half = books.months[end - 6 : end]
        booked = sum((won.get(m.month, Fraction(0)) for m in half[3:]), Fraction(0))
        yield Reading(
            Period("month", half[-1].month), booked, _total(half, "sm_expense")
        )


def downloads(books: Books) -> Iterator[Part]:
    """Downloads by channel and edition."""
    for day in books.web_days:
        for edition, count in (("ce", day.downloads_ce), ("ee", day.downloads_ee)):
            yield Part(
                day=day.day,
                dimensions=(TOTAL, ("channel", day.channel), ("edition", edition)),
                numerator=Fraction(count),
            )


def trials(books: Books) -> Iterator[Part]:
    """Trials begun on the web site, by channel."""
    for day in books.web_days:
        yield Part(
            day=day.day,
            dimensions=(TOTAL, ("channel", day.channel)),
            numerator=Fraction(day.trials),
        )


def visitors(books: Books) -> Iterator[Reading]:
    """Distinct visitors of each whole month: by channel, and all channels' sum."""
    sums: dict[tuple[date, Dimension], Fraction] = {}
    for month in books.web_months:
        for dimension in (TOTAL, ("channel", month.channel)):
            key = (month.month, dimension)
            sums[key] = sums.get(key, Fraction(0)) + month.visitors
    for (start, dimension), count in sorted(sums.items()):
        yield Reading(Period("month", start), count, dimension=dimension)
