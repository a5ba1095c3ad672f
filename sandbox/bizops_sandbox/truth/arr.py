"""Annual recurring revenue by month and its movements, from the contracts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.world import events as log
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import add_months, day_end
from bizops_sandbox.world.money import billed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bizops_sandbox.world.events import Event

_HOME = Decimal(1)


@dataclass(slots=True)
class Charge:
    """A recurring charge in force from `start` to `end` (exclusive), USD a year.

    `opportunity_key` is the order that made it.
    """

    organization_key: str
    start: date
    end: date
    annual: Decimal
    product: str = ""
    seats: int = 0
    opportunity_key: str = ""


@dataclass(slots=True)
class Book:
    """All charges: the last of each subscription is the one in force."""

    charges: dict[str, list[Charge]] = field(default_factory=dict)

    def amend(self, key: str, day: date, changed: Charge) -> None:
        """From this day until the subscription's end it is worth something else."""
        last = self.charges[key][-1]
        changed.start, changed.end = max(day, last.start), last.end
        last.end = changed.start
        self.charges[key].append(changed)


@dataclass(frozen=True, slots=True)
class ArrMonth:
    """One organisation's ARR on the last day of a month (named by its first day)."""

    month: date
    organization_key: str
    movement: str
    arr_before: Decimal
    arr_after: Decimal


@dataclass(slots=True)
class Rates:
    """USD for one unit of what each organisation is billed in.

    Args:
        plan_rates: By currency code; without any, amounts stay as the log has them.
    """

    plan_rates: Mapping[str, Decimal] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)

    def note(self, event: Event) -> None:
        """Keep the organisation's currency."""
        if isinstance(event, log.OrganizationKnown):
            self.currencies[event.organization_key] = event.currency

    def usd(self, organization_key: str, amount: Decimal) -> Decimal:
        """An amount of the log as billed (in cents), told in USD again."""
        currency = self.currencies.get(organization_key, "USD")
        rate = self.plan_rates.get(currency, _HOME)
        return billed(amount, rate) * rate


CHARGE_KINDS = (
    log.OrganizationKnown,
    log.SubscriptionStarted,
    log.ChargeAmended,
    log.SubscriptionCancelled,
)


def read_book(
    events: Iterable[Event],
    as_of: date,
    *,
    plan_rates: Mapping[str, Decimal] | None = None,
) -> Book:
    """The charges as known at the end of a day.

    Args:
        events: The log, in time order.
        as_of: The day.
        plan_rates: USD for one unit by currency: each seat's price is rounded to
            cents of it, as it is billed. Without them it stays in USD.
    """
    book, rates = Book(), Rates(plan_rates or {})
    owners: dict[str, str] = {}
    for event in events_until(events, day_end(as_of), *CHARGE_KINDS):
        rates.note(event)
        match event:
            case log.SubscriptionStarted():
                owner = owners[event.subscription_key] = event.organization_key
                charge = _charge(event, owner, rates)
                charge.start, charge.end = event.term_start, event.term_end
                book.charges[event.subscription_key] = [charge]
            case log.ChargeAmended():
                charge = _charge(event, owners[event.subscription_key], rates)
                book.amend(event.subscription_key, event.effective_on, charge)
            case log.SubscriptionCancelled():
                for charge in book.charges[event.subscription_key]:
                    charge.end = min(charge.end, event.effective_on)
            case _:
                pass
    return book


def _charge(
    event: log.SubscriptionStarted | log.ChargeAmended, owner: str, rates: Rates
) -> Charge:
    """What is charged from now on; its days are still to be set."""
    return Charge(
        organization_key=owner,
        start=date.min,
        end=date.max,
        annual=event.seats * rates.usd(owner, event.unit_price),
        product=event.product,
        seats=event.seats,
        opportunity_key=event.opportunity_key,
    )


def arr_on(book: Book, day: date) -> dict[str, Decimal]:
    """ARR by organisation at a day; those without are left out."""
    total: dict[str, Decimal] = {}
    for charges in book.charges.values():
        for charge in charges:
            if charge.start <= day < charge.end:
                key = charge.organization_key
                total[key] = total.get(key, Decimal(0)) + charge.annual
    return total


def _movement(before: Decimal, after: Decimal, *, was_customer: bool) -> str:
    if not before:
        return "reactivation" if was_customer else "new"
    if not after:
        return "churn"
    if after == before:
        return "none"
    return "expansion" if after > before else "contraction"


def arr_months(book: Book, first_month: date, as_of: date) -> Iterator[ArrMonth]:
    """Every month of every organisation with ARR, and the one in which it ends."""
    month, before = first_month, dict[str, Decimal]()
    customers: dict[str, bool] = {}
    while add_months(month, 1) - timedelta(days=1) <= as_of:
        after = arr_on(book, add_months(month, 1) - timedelta(days=1))
        for key in sorted({*before, *after}):
            old, new = before.get(key, Decimal(0)), after.get(key, Decimal(0))
            movement = _movement(old, new, was_customer=customers.get(key, False))
            customers[key] = True
            yield ArrMonth(month, key, movement, old, new)
        before, month = after, add_months(month, 1)
