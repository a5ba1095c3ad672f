"""What a movement of ARR is made of: seats, prices, tiers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.arr import ArrMonth, Book, arr_months
from bizops_sandbox.truth.cells import TOTAL, Part
from bizops_sandbox.world.moments import add_months

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from bizops_sandbox.truth.contracts import Billing

EFFECTS = ("seat", "price", "tier")


@dataclass(frozen=True, slots=True)
class Position:
    """What an organisation has on a day; `product` is that of its highest tier."""

    arr: Fraction
    seats: int
    product: str


_NONE = Position(Fraction(0), 0, "")


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a difference of ARR, which they sum to."""

    seat: Fraction
    price: Fraction
    tier: Fraction


@dataclass(frozen=True, slots=True)
class SplitMonth:
    """One organisation's movement of a month, split."""

    month: ArrMonth
    split: Split
    before: Position
    after: Position


def split(before: Position, after: Position, ranks: Mapping[str, int]) -> Split:
    """Split a difference: seats at the old price first, the rest by price or tier.

    The rest is the tier's when the highest tier is another one, else the price's.
    What begins or ends is seats alone.
    """
    delta = after.arr - before.arr
    zero = Fraction(0)
    if not before.seats or not after.seats:
        return Split(delta, zero, zero)
    seat = (after.seats - before.seats) * before.arr / before.seats
    if ranks[before.product] != ranks[after.product]:
        return Split(seat, zero, delta - seat)
    return Split(seat, delta - seat, zero)


def positions_on(
    book: Book, day: date, ranks: Mapping[str, int]
) -> dict[str, Position]:
    """What each organisation has on a day; those with nothing are left out."""
    found: dict[str, Position] = {}
    for charges in book.charges.values():
        for charge in charges:
            if not charge.start <= day < charge.end:
                continue
            old = found.get(charge.organization_key, _NONE)
            is_higher = ranks[charge.product] > ranks.get(old.product, -1)
            found[charge.organization_key] = Position(
                old.arr + Fraction(charge.annual),
                old.seats + charge.seats,
                charge.product if is_higher else old.product,
            )
    return found


def split_months(
    book: Book, first: date, as_of: date, ranks: Mapping[str, int]
) -> Iterator[SplitMonth]:
    """Every movement of every organisation, split, month by month."""
    before: dict[str, Position] = {}
    after: dict[str, Position] = {}
    shown: date | None = None
    for row in arr_months(book, first, as_of):
        if row.month != shown:
            last = add_months(row.month, 1) - timedelta(days=1)
            is_next = shown is not None and add_months(shown, 1) == row.month
            before = after if is_next else {}
            after, shown = positions_on(book, last, ranks), row.month
        old = before.get(row.organization_key, _NONE)
        new = after.get(row.organization_key, _NONE)
        yield SplitMonth(row, split(old, new, ranks), old, new)


def effect_parts(
    billing: Billing, first: date, ranks: Mapping[str, int], effect: str
) -> Iterator[Part]:
    """One effect (`seat`, `price` or `tier`) of all movements, by month."""
    for row in split_months(billing.book, first, billing.as_of, ranks):
        amount = getattr(row.split, effect)
        if amount:
            segment = billing.segments[row.month.organization_key]
            dimensions = (TOTAL, ("segment", segment))
            yield Part(row.month.month, dimensions, amount)
