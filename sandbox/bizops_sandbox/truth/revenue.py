"""The recurring revenue: what there is, what moves it, what is renewed and paid."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from bizops_sandbox.truth.arr import arr_months, arr_on
from bizops_sandbox.truth.cells import TOTAL, Dimension, Part, TimedSubject
from bizops_sandbox.truth.periods import ALL, Period, periods_of
from bizops_sandbox.truth.stocks import Reading
from bizops_sandbox.truth.survival import Subject, whole_days
from bizops_sandbox.world.moments import add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from decimal import Decimal

    from bizops_sandbox.truth.contracts import Billing, Term

GRACE_DAYS = 60
MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")


def ended_periods(first: date, as_of: date, fiscal_start: int) -> list[Period]:
    """The months, fiscal quarters and years that have ended, in time order."""
    periods: dict[Period, None] = {}
    month = month_start(first)
    while month <= as_of:
        for period in periods_of(month, fiscal_start):
            last = period.last_day()
            if last is not None and last <= as_of:
                periods[period] = None
        month = add_months(month, 1)
    return list(periods)


def _by_dimension(billing: Billing, day: date) -> dict[Dimension, Decimal]:
    """ARR of a day by total, segment and product."""
    sums: dict[Dimension, Decimal] = {}
    for charges in billing.book.charges.values():
        for charge in charges:
            if charge.start <= day < charge.end:
                segment = billing.segments[charge.organization_key]
                for dimension in (
                    TOTAL,
                    ("segment", segment),
                    ("product", charge.product),
                ):
                    sums[dimension] = sums.get(dimension, 0) + charge.annual
    return sums


def arr(billing: Billing, first: date, fiscal_start: int) -> Iterator[Reading]:
    """ARR on the last day of each ended period, and now."""
    for period in (*ended_periods(first, billing.as_of, fiscal_start), ALL):
        day = period.last_day() or billing.as_of
        for dimension, amount in sorted(_by_dimension(billing, day).items()):
            yield Reading(period, Fraction(amount), dimension=dimension)


def arr_movement(billing: Billing, first: date, movement: str) -> Iterator[Part]:
    """What one kind of movement changed, in the month it shows."""
    for row in arr_months(billing.book, first, billing.as_of):
        if row.movement == movement:
            segment = billing.segments[row.organization_key]
            yield Part(
                day=row.month,
                dimensions=(TOTAL, ("segment", segment)),
                numerator=Fraction(row.arr_after - row.arr_before),
            )


def retention(billing: Billing, first: date, *, is_gross: bool) -> Iterator[Reading]:
    """ARR of those who had some a year ago; gross counts nobody more than then."""
    periods = [p for p in ended_periods(first, billing.as_of, 1) if p.kind == "month"]
    for period in (*periods, ALL):
        day = period.last_day() or billing.as_of
        then_day = add_months(day + timedelta(days=1), -12) - timedelta(days=1)
        if then_day < first:
            continue
        then, now = arr_on(billing.book, then_day), arr_on(billing.book, day)
        if not then:
            continue
        kept = sum(
            min(now.get(key, 0), old) if is_gross else now.get(key, 0)
            for key, old in then.items()
        )
        yield Reading(period, Fraction(kept), Fraction(sum(then.values())))


def _is_due(term: Term, as_of: date) -> bool:
    """Ended, and either renewed or past the time in which it still may be."""
    if term.is_cancelled or term.end > as_of:
        return False
    return term.renewed_by is not None or (
        term.end + timedelta(days=GRACE_DAYS) <= as_of
    )


def due_terms(billing: Billing) -> Iterator[Term]:
    """The terms of which is known whether they were renewed."""
    return (term for term in billing.terms.values() if _is_due(term, billing.as_of))


def renewals(billing: Billing, kind: str) -> Iterator[Part]:
    """Terms that were due, by the day they ended: `kind` gross, net or logo."""
    for term in due_terms(billing):
        last = billing.last_charge(term)
        up = Fraction(last.annual)
        renewed = Fraction(0)
        if term.renewed_by is not None:
            following = billing.terms[term.renewed_by]
            renewed = Fraction(billing.first_charge(following).annual)
        if kind == "logo":
            up, renewed = Fraction(1), Fraction(int(term.renewed_by is not None))
        elif kind == "gross":
            renewed = min(renewed, up)
        segment = billing.segments[term.organization_key]
        yield Part(
            day=term.end,
            dimensions=(TOTAL, ("segment", segment), ("product", last.product)),
            numerator=renewed,
            denominator=up,
        )


def tier_rises(billing: Billing, ranks: dict[str, int]) -> Iterator[Part]:
    """Rises to a higher product; the denominator is what they add to ARR."""
    for term in billing.terms.values():
        charges = list(billing.book.charges[term.key])
        if term.previous_key is not None:
            charges.insert(0, billing.book.charges[term.previous_key][-1])
        for before, after in pairwise(charges):
            risen = ranks[after.product] > ranks[before.product]
            if risen and after.start <= billing.as_of:
                change = f"{before.product}>{after.product}"
                yield Part(
                    day=after.start,
                    dimensions=(TOTAL, ("tier_change", change)),
                    numerator=Fraction(1),
                    denominator=Fraction(after.annual - before.annual),
                )


def days_to_cash(billing: Billing, *, from_order: bool) -> Iterator[Part]:
    """Days to payment times amount, and amount, by the day of the payment."""
    for invoice in billing.invoices.values():
        start = invoice.order_on if from_order else invoice.invoice_date
        if start is None or invoice.paid_on is None:
            continue
        if not invoice.is_settled_without_cash:
            amount = Fraction(invoice.amount)
            yield Part(
                day=invoice.paid_on,
                dimensions=(TOTAL,),
                numerator=amount * (invoice.paid_on - start).days,
                denominator=amount,
            )


def cash_subjects(billing: Billing, *, from_order: bool) -> Iterator[TimedSubject]:
    """Days to payment of each invoice; unpaid ones are waited for until now."""
    for invoice in billing.invoices.values():
        start = invoice.order_on if from_order else invoice.invoice_date
        if start is None or invoice.is_settled_without_cash:
            continue
        end = invoice.paid_on or billing.as_of
        days = whole_days((end - start).days)
        if days is not None:
            subject = Subject(days=days, is_event=invoice.paid_on is not None)
            yield TimedSubject(day=start, dimensions=(TOTAL,), subject=subject)
