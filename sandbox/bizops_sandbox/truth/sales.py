"""The sales metrics: value won, win rates, deal size, pipeline, durations."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import Part, TimedSubject
from bizops_sandbox.truth.survival import Subject, whole_days

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from bizops_sandbox.truth.opportunities import CountedDeal

_ONE, ZERO = Fraction(1), Fraction(0)


def iacv(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """Incremental annual value of the won ones, refunds included."""
    for counted in deals:
        if counted.is_won:
            yield Part(
                day=counted.deal.close_date,
                dimensions=counted.dimensions(),
                numerator=counted.iacv,
            )


def iacv_net(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """The same, less what lost renewals take away."""
    yield from iacv(deals)
    for counted in deals:
        if counted.is_lost and counted.order_type == "renewal":
            yield Part(
                day=counted.deal.close_date,
                dimensions=counted.dimensions(),
                numerator=-Fraction(counted.deal.renewal_acv or 0),
            )


def decided(deals: Sequence[CountedDeal]) -> Iterator[CountedDeal]:
    """The won and the lost ones but refunds."""
    for counted in deals:
        if counted.order_type != "refund" and (counted.is_won or counted.is_lost):
            yield counted


def win_rate(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """Won by won and lost."""
    for counted in decided(deals):
        yield Part(
            day=counted.deal.close_date,
            dimensions=counted.dimensions(),
            numerator=_ONE if counted.is_won else Fraction(0),
            denominator=_ONE,
        )


def win_rate_by_value(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """The same by annual value: of the lost ones, the amount they were lost at."""
    for counted in decided(deals):
        if counted.is_won:
            won = value = max(counted.iacv, Fraction(0))
        else:
            won, value = Fraction(0), Fraction(counted.deal.amount or 0)
        yield Part(
            day=counted.deal.close_date,
            dimensions=counted.dimensions(),
            numerator=won,
            denominator=value,
        )


def average_deal_size(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """Annual value by order, of orders that add value."""
    for counted in deals:
        if counted.is_won and counted.iacv > 0:
            yield Part(
                day=counted.deal.close_date,
                dimensions=counted.dimensions(),
                numerator=counted.iacv,
                denominator=_ONE,
            )


def pipeline_created(deals: Sequence[CountedDeal]) -> Iterator[Part]:
    """Expected annual value of what sales accepted."""
    for counted in deals:
        if counted.accepted_on is not None and counted.order_type != "refund":
            yield Part(
                day=counted.accepted_on,
                dimensions=counted.dimensions(),
                numerator=counted.accepted_amount,
            )


def _timed(
    counted: CountedDeal, start: date, as_of: date, *, is_event: bool
) -> TimedSubject | None:
    """The deal as a subject; None when its end lies before its start."""
    end = counted.deal.close_date if is_event else as_of
    days = whole_days((end - start).days)
    if days is None:
        return None
    return TimedSubject(
        day=start,
        dimensions=counted.time_dimensions(),
        subject=Subject(days=days, is_event=is_event),
    )


def time_to_close(deals: Sequence[CountedDeal], as_of: date) -> Iterator[TimedSubject]:
    """Days from creation to the order."""
    for counted in deals:
        start = counted.deal.created_at.date()
        timed = _timed(counted, start, as_of, is_event=counted.is_won)
        if timed and counted.order_type != "refund":
            yield timed


def time_to_close_from_acceptance(
    deals: Sequence[CountedDeal], as_of: date
) -> Iterator[TimedSubject]:
    """Days from acceptance to the order."""
    for counted in deals:
        if counted.accepted_on is None or counted.order_type == "refund":
            continue
        timed = _timed(counted, counted.accepted_on, as_of, is_event=counted.is_won)
        if timed:
            yield timed


def time_to_loss(deals: Sequence[CountedDeal], as_of: date) -> Iterator[TimedSubject]:
    """Days from creation to the loss."""
    for counted in deals:
        start = counted.deal.created_at.date()
        timed = _timed(counted, start, as_of, is_event=counted.is_lost)
        if timed and counted.order_type != "refund":
            yield timed
