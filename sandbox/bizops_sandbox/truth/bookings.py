"""Bookings against ARR: why what was won in a month is not what ARR moved in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.truth.cells import TOTAL, Part
from bizops_sandbox.world.moments import add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from bizops_sandbox.truth.arr import Charge
    from bizops_sandbox.truth.contracts import Billing, Term
    from bizops_sandbox.truth.facts import Facts
    from bizops_sandbox.truth.opportunities import CountedDeal

ITEMS = ("timing", "valuation", "unbooked")
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Effect:
    """A change of ARR on a day; `opportunity_key` is empty when no order made it."""

    opportunity_key: str
    day: date
    amount: Fraction


@dataclass(slots=True)
class Reconciled:
    """A month's bookings, what parts them from the change of ARR, and that change."""

    booked: Fraction = _ZERO
    timing: Fraction = _ZERO
    valuation: Fraction = _ZERO
    unbooked: Fraction = _ZERO
    arr_change: Fraction = _ZERO


@dataclass(slots=True)
class _Booking:
    close_month: date
    amount: Fraction
    effects: list[Effect] = field(default_factory=list)

    @property
    def service_month(self) -> date:
        """The month of the last effect; that of the closing when there is none."""
        days = [effect.day for effect in self.effects]
        return month_start(max(days)) if days else self.close_month


def booked_value(counted: CountedDeal) -> Fraction | None:
    """What an opportunity books: IACV won, or the renewal ACV lost; None while open."""
    if counted.is_won:
        return counted.iacv
    if counted.is_lost and counted.order_type == "renewal":
        return -Fraction(counted.deal.renewal_acv or 0)
    return None


def _endings(
    billing: Billing, facts: Facts, deals: Sequence[CountedDeal]
) -> dict[str, str]:
    """The opportunity that ended each term for good: a refund or a lost renewal."""
    found: dict[str, str] = {}
    open_terms: dict[str, list[Term]] = {}
    for term in billing.terms.values():
        if term.renewed_by is None:
            open_terms.setdefault(term.organization_key, []).append(term)
    for counted in deals:
        is_refund = counted.is_won and counted.order_type == "refund"
        is_lost = counted.is_lost and counted.order_type == "renewal"
        account = facts.accounts.get(counted.deal.account_key)
        if account is None or not (is_refund or is_lost):
            continue
        close = counted.deal.close_date
        fitting = [
            term
            for term in open_terms.get(account.organization_key, ())
            if term.is_cancelled is is_refund and term.key not in found
        ]
        if fitting:
            nearest = min(fitting, key=lambda t: (abs((t.end - close).days), t.key))
            found[nearest.key] = counted.deal.key
    return found


def effects(
    billing: Billing, facts: Facts, deals: Sequence[CountedDeal]
) -> Iterator[Effect]:
    """Every start and end of a charge, by the opportunity that made it happen."""
    endings = _endings(billing, facts, deals)
    for term in billing.terms.values():
        charges = [c for c in billing.book.charges[term.key] if c.start < c.end]
        for number, charge in enumerate(charges):
            yield Effect(charge.opportunity_key, charge.start, Fraction(charge.annual))
            following = charges[number + 1 : number + 2]
            ended_by = _ended_by(billing, term, following, endings)
            yield Effect(ended_by, charge.end, -Fraction(charge.annual))


def _ended_by(
    billing: Billing,
    term: Term,
    following: Sequence[Charge],
    endings: Mapping[str, str],
) -> str:
    if following:
        return following[0].opportunity_key
    if term.renewed_by is not None:
        return billing.terms[term.renewed_by].opportunity_key
    return endings.get(term.key, "")


def reconcile(
    billing: Billing, facts: Facts, deals: Sequence[CountedDeal], first: date
) -> dict[date, Reconciled]:
    """The ended months: booked + timing + valuation + unbooked = change of ARR.

    A booking is recognised in the month of its last effect on ARR (service month).
    timing: what is recognised in the month less what was booked in it; valuation: what
    opportunities changed in ARR less what is recognised of them (prices in another
    currency, gaps between terms); unbooked: changes that no opportunity made.
    """
    months: dict[date, Reconciled] = {}
    month = month_start(first)
    while add_months(month, 1) <= _next_day(billing.as_of):
        months[month] = Reconciled()
        month = add_months(month, 1)
    bookings: dict[str, _Booking] = {}
    for counted in deals:
        value = booked_value(counted)
        if value is not None:
            close_month = month_start(counted.deal.close_date)
            bookings[counted.deal.key] = _Booking(close_month, value)
    for effect in effects(billing, facts, deals):
        booking = bookings.get(effect.opportunity_key)
        if booking is not None:
            booking.effects.append(effect)
        row = months.get(month_start(effect.day))
        if row is not None:
            row.arr_change += effect.amount
            row.unbooked += effect.amount if booking is None else _ZERO
            row.valuation += _ZERO if booking is None else effect.amount
    for booking in bookings.values():
        _recognise(booking, months)
    return months


def _recognise(booking: _Booking, months: Mapping[date, Reconciled]) -> None:
    if (row := months.get(booking.close_month)) is not None:
        row.booked += booking.amount
        row.timing -= booking.amount
    if (row := months.get(booking.service_month)) is not None:
        row.timing += booking.amount
        row.valuation -= booking.amount


def _next_day(day: date) -> date:
    return day.fromordinal(day.toordinal() + 1)


def item_parts(months: Mapping[date, Reconciled], item: str) -> Iterator[Part]:
    """One reconciling item, month by month."""
    for month, row in months.items():
        amount = getattr(row, item)
        if amount:
            yield Part(month, (TOTAL,), amount)
