"""What a customer is worth."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import Part
from bizops_sandbox.truth.costs import first_wins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from bizops_sandbox.truth.cells import Dimension
    from bizops_sandbox.truth.opportunities import CountedDeal

MOST_YEARS = 10


@dataclass(frozen=True, slots=True)
class FirstOrder:
    """A new customer's first order; `opportunity_key` is the first of several."""

    customer: str
    opportunity_key: str
    day: date
    segment: str
    iacv: Fraction


def first_orders(deals: Sequence[CountedDeal]) -> list[FirstOrder]:
    """The first order of each customer; several of one day count together."""
    first = first_wins(deals)
    orders: dict[str, FirstOrder] = {}
    for counted in deals:
        customer = counted.customer
        if customer is None or not (counted.is_won and counted.iacv > 0):
            continue
        if counted.deal.close_date != first[customer]:
            continue
        before = orders.get(customer)
        orders[customer] = FirstOrder(
            customer=customer,
            opportunity_key=before.opportunity_key if before else counted.deal.key,
            day=first[customer],
            segment=before.segment if before else counted.segment,
            iacv=counted.iacv + (before.iacv if before else 0),
        )
    return list(orders.values())


def retention_years(renewed: Fraction, due: Fraction) -> Fraction | None:
    """One by the share of terms that were not renewed, at most ten; None before any."""
    if not due:
        return None
    lost = 1 - renewed / due
    return Fraction(MOST_YEARS) if not lost else min(1 / lost, Fraction(MOST_YEARS))


def ltv(
    orders: Sequence[FirstOrder],
    origins: Mapping[str, tuple[Dimension, ...]],
    margin: Fraction,
    years: Fraction,
) -> Iterator[Part]:
    """First-order IACV times margin times years, by new customers.

    By segment, and by the channel and campaign that touched the customer first.
    """
    for order in orders:
        yield Part(
            order.day,
            (*origins[order.customer], ("segment", order.segment)),
            order.iacv * margin * years,
            Fraction(1),
        )
